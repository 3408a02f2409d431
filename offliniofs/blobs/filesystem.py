"""The store on a local filesystem.

How things lie there is in ``layout``, how bytes come in is in ``staging``, how they become durable in ``batch``.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence

from offliniofs.blobs import discard
from offliniofs.blobs.batch import Committer
from offliniofs.blobs.calls import LinuxCalls, StoreCalls
from offliniofs.blobs.failures import short, store_error, store_errors
from offliniofs.blobs.layout import (
    BLOBS,
    StoreIdentity,
    digests_below,
    initialise,
    leaf_of,
    open_directory,
    read_identity,
    relative_path,
    require_private,
)
from offliniofs.blobs.protocol import BlobStat, Cleaned, Progress, Source, Space, Staged, Stored
from offliniofs.blobs.session import clean_dead
from offliniofs.blobs.staging import Care, Staging, space_at
from offliniofs.blobs.transfer import hash_descriptor, silent
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError
from offliniofs.domain.ids import Digest

__all__ = ["DEFAULT_RESERVE", "FilesystemStore", "StoreIdentity", "initialise", "open_store", "read_identity"]

DEFAULT_RESERVE = 64 << 20
"""Bytes that a copy leaves free, so that the catalogue beside the blobs can still be written."""


def open_store(
    path: str | os.PathLike[str], *, reserve: int = DEFAULT_RESERVE, calls: StoreCalls | None = None
) -> FilesystemStore:
    """Opens the store in the folder ``path``. Raises ``StoreError`` when it is none, or not ours alone.

    ``reserve``: bytes that a copy must leave free. ``calls``: for tests, the system calls to use.
    """
    identity = read_identity(path)
    root = os.path.join(os.path.abspath(path), BLOBS)
    with store_errors(f"opening {root}"):
        blobs = open_directory(root)
    try:
        require_private(root, blobs)
    except BaseException:
        os.close(blobs)
        raise
    return FilesystemStore(root, blobs, identity, reserve, calls or LinuxCalls())


class FilesystemStore:
    """A ``BlobStore`` in a folder. Use ``open_store``.

    The first ``stage`` of a process makes its temporary folder and removes those of dead processes.
    """

    def __init__(self, root: str, blobs: int, identity: StoreIdentity, reserve: int, calls: StoreCalls) -> None:
        self.root = root
        """Absolute path of ``blobs/``."""
        self.identity = identity
        self._blobs = blobs
        self._calls = calls
        self._committer = Committer(blobs, calls)
        self._lock = threading.Lock()
        self._staging = Staging(root, blobs, reserve, self._committer, calls)

    def __enter__(self) -> FilesystemStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Storing

    def stage(
        self,
        source: Source,
        mode: PlacementMode = PlacementMode.AUTO,
        *,
        expected_size: int | None = None,
        maybe_stored: bool = False,
        verify_stored: bool = False,
        progress: Progress | None = None,
    ) -> Staged:
        """See ``BlobStore.stage``."""
        return self._staging.stage(
            source, mode, Care(maybe_stored, verify_stored), expected_size=expected_size, progress=progress or silent
        )

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """See ``BlobStore.commit``."""
        return self._committer.commit(staged, self._staging.session().descriptor) if staged else []

    def abandon(self, staged: Staged) -> None:
        """See ``BlobStore.abandon``."""
        self._committer.abandon([staged], self._staging.session().descriptor)

    def add(
        self,
        source: Source,
        mode: PlacementMode = PlacementMode.AUTO,
        *,
        expected_size: int | None = None,
        maybe_stored: bool = False,
        verify_stored: bool = False,
        progress: Progress | None = None,
    ) -> Stored:
        """See ``BlobStore.add``."""
        staged = self.stage(
            source,
            mode,
            expected_size=expected_size,
            maybe_stored=maybe_stored,
            verify_stored=verify_stored,
            progress=progress,
        )
        return self.commit([staged])[0]

    def discard_source(self, stored: Stored) -> None:
        """See ``BlobStore.discard_source``. A blob that was linked becomes read-only once it has no other name."""
        discard.discard_source(self, stored, self.root)

    # Reading

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        path = relative_path(digest)
        with self._missing_or_failed(digest, "opening"):
            try:
                return os.open(path, flags | os.O_NOATIME, dir_fd=self._blobs)
            except PermissionError:
                return os.open(path, flags, dir_fd=self._blobs)  # a linked blob may belong to somebody else

    def stat(self, digest: Digest) -> BlobStat:
        """See ``BlobStore.stat``."""
        with self._missing_or_failed(digest, "examining"):
            status = os.stat(relative_path(digest), dir_fd=self._blobs, follow_symlinks=False)
        return BlobStat(
            size=status.st_size,
            allocated=status.st_blocks * 512,
            links=status.st_nlink,
            device=status.st_dev,
            inode=status.st_ino,
            mtime_ns=status.st_mtime_ns,
        )

    def contains(self, digest: Digest) -> bool:
        """See ``BlobStore.contains``."""
        try:
            self.stat(digest)
        except BlobMissingError:
            return False
        return True

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """See ``BlobStore.verify``."""
        descriptor = self.open(digest)
        try:
            if from_disk:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            found = hash_descriptor(descriptor, progress or silent)
        except OSError as error:
            raise BlobCorruptError(
                f"{short(digest)} cannot be read: {error.strerror}; restore it from a backup or import the file again"
            ) from error
        finally:
            os.close(descriptor)
        if found != digest:
            raise BlobCorruptError(
                f"{short(digest)} holds other bytes than were stored; restore it from a backup or import the file again"
            )

    def remove(self, digest: Digest) -> None:
        """See ``BlobStore.remove``."""
        with self._missing_or_failed(digest, "removing"):
            self._calls.unlink(relative_path(digest), self._blobs)
            self._committer.settle_removal(leaf_of(digest))

    def iterate(self) -> Iterator[Digest]:
        """See ``BlobStore.iterate``."""
        with store_errors(f"listing {self.root}"):
            yield from digests_below(self._blobs)

    def path_of(self, digest: Digest) -> str:
        """See ``BlobStore.path_of``."""
        self.stat(digest)
        return os.path.join(self.root, relative_path(digest))

    # Housekeeping

    def clean_temporary(self) -> Cleaned:
        """See ``BlobStore.clean_temporary``."""
        with store_errors(f"cleaning {self.root}"):
            return clean_dead(self._blobs)

    def free_space(self) -> Space:
        """See ``BlobStore.free_space``."""
        with store_errors(f"asking for the room in {self.root}"):
            return space_at(self._blobs)

    def close(self) -> None:
        """See ``BlobStore.close``. A second time is harmless."""
        with self._lock:
            if self._blobs < 0:
                return
            self._staging.close()
            os.close(self._blobs)
            self._blobs = -1

    @contextlib.contextmanager
    def _missing_or_failed(self, digest: Digest, doing: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise BlobMissingError(
                f"{short(digest)} is not in {self.root}; restore it from a backup or import the file again"
            ) from error
        except OSError as error:
            raise store_error(error, f"{doing} {short(digest)}") from error
