"""Opening a source without being fooled by it: only regular files, and none that changes while it is read."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from offliniofs.blobs.protocol import Origin, Source
from offliniofs.domain.errors import SourceChangedError, SourceError

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_KINDS = (
    (stat.S_ISLNK, "a symbolic link; import what it points to"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISCHR, "a character device"),
)


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A regular file open for reading, and its inode as it was when it was opened."""

    source: Source
    descriptor: int
    status: os.stat_result

    @property
    def size(self) -> int:
        """Bytes."""
        return self.status.st_size

    @property
    def sparse(self) -> bool:
        """Whether it takes less disk than it has bytes."""
        return self.status.st_blocks * 512 < self.status.st_size

    def in_memory(self) -> bool:
        """Whether the page cache holds the middle of the file, which hardly anybody reads who reads not all of it."""
        try:
            return bool(os.preadv(self.descriptor, [bytearray(1)], self.size // 2, os.RWF_NOWAIT))
        except OSError:
            return False  # EAGAIN: it would have to be read first; EOPNOTSUPP: no telling

    def origin(self) -> Origin:
        """The identity of the file for ``discard_source``."""
        status = self.status
        return Origin(self.source, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    def refreshed(self) -> OpenSource:
        """The same with the inode of now. A link that the store adds changes ``ctime``, and nothing else may differ."""
        status = os.fstat(self.descriptor)
        if (status.st_size, status.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns):
            raise self.changed()
        return OpenSource(self.source, self.descriptor, status)

    def require_unchanged(self) -> None:
        """Raises ``SourceChangedError`` unless size, mtime and ctime are what they were."""
        now, then = os.fstat(self.descriptor), self.status
        if (now.st_size, now.st_mtime_ns, now.st_ctime_ns) != (then.st_size, then.st_mtime_ns, then.st_ctime_ns):
            raise self.changed()

    def changed(self) -> SourceChangedError:
        """The error that says so."""
        return SourceChangedError(f"{self.source} changed while it was read; import it again when it is complete")


@contextlib.contextmanager
def opened(source: Source, expected_size: int | None = None) -> Iterator[OpenSource]:
    """Opens a regular file, without following a link, blocking on a pipe or (where allowed) touching its atime.

    Raises ``SourceError`` when it is something else or cannot be read, ``SourceChangedError`` when it has not
    ``expected_size`` bytes.
    """
    try:
        _require_regular(source, os.lstat(source.path))  # before the open: opening a device or a pipe has effects
        descriptor = _open(source.path)
    except (OSError, ValueError) as error:
        raise unreadable(source, error) from error
    try:
        status = os.fstat(descriptor)
        _require_regular(source, status)
        if expected_size is not None and status.st_size != expected_size:
            raise SourceChangedError(
                f"{source} has {status.st_size} bytes now and had {expected_size} when it was found; import it again"
            )
        yield OpenSource(source, descriptor, status)
    finally:
        os.close(descriptor)


def unreadable(source: Source, error: Exception) -> SourceError:
    """The error for a source that the system would not let us read."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return SourceError(f"{source} cannot be read: {reason}")


def _open(path: bytes) -> int:
    try:
        return os.open(path, _FLAGS | os.O_NOATIME)
    except PermissionError:
        return os.open(path, _FLAGS)  # O_NOATIME is for the owner only, open(2)


def _require_regular(source: Source, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = next((text for test, text in _KINDS if test(status.st_mode)), "not a regular file")
    raise SourceError(f"{source} is {kind}; only regular files can be stored")
