"""The fourth stage: takes the bytes of described files into the store, hashed but not yet durable.

Small files travel in parcels, so that handing work to a thread is paid once for many; a large file is a parcel alone.
A media file and its sidecars stay together, the media file first: a sidecar is taken only when its media file was.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from offliniofs.blobs.protocol import BlobStore, Source, Staged
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    BlobCorruptError,
    BlobMissingError,
    ModeUnsupportedError,
    SourceChangedError,
    SourceError,
)
from offliniofs.ingest.describe import Described
from offliniofs.ingest.discover import Gathering
from offliniofs.ingest.problem import Problem

PARCEL_FILES = 16
PARCEL_BYTES = 8 << 20
_NEVER = frozenset({errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY})
"""link(2), ioctl_ficlone(2): not between these filesystems, whatever the file."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files of one gathering that one thread stages one after the other."""

    gathering: Gathering
    files: tuple[Described, ...]


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A described file whose bytes wait in the store."""

    gathering: Gathering
    described: Described
    staged: Staged


@dataclass(frozen=True, slots=True)
class StagedParcel:
    """What became of a parcel."""

    files: tuple[StagedFile, ...]
    problems: tuple[Problem, ...]
    changed: tuple[bytes, ...]
    """Files to try again at the end: they changed while they were read, or wait for one that did."""
    given_up_bytes: int
    """Bytes of the files that were not taken, as far as they were not read."""


class StagingStopped(Exception):  # noqa: N818 - no failure: how a stopped import leaves a file in the middle
    """Raised inside a thread when the import is to end."""


def parcels(gathering: Gathering, files: Iterable[Described]) -> Iterator[Parcel]:
    """Packs files, media before their sidecars, into parcels."""
    pending: list[Described] = []
    size = 0
    for file in files:
        full = len(pending) >= PARCEL_FILES or size + file.source.size > PARCEL_BYTES
        if pending and full and file.sidecar_of is None:
            yield Parcel(gathering, tuple(pending))
            pending, size = [], 0
        pending.append(file)
        size += file.source.size
    if pending:
        yield Parcel(gathering, tuple(pending))


class Stager:
    """Stages parcels. Methods block and belong in worker threads; several may run at once."""

    def __init__(
        self,
        store: BlobStore,
        mode: PlacementMode,
        read: Callable[[int], None],
        stop_asked: Callable[[], bool],
        *,
        verify: bool = False,
    ) -> None:
        """``read`` is told of bytes as they are read; ``stop_asked`` is asked often whether to leave off.

        ``verify``: hash the blobs of files that are stored already.
        """
        self._verify = verify
        self._store = store
        self._mode = mode
        self._read = read
        self._stop_asked = stop_asked
        self._succeeded = False

    def stage(self, parcel: Parcel) -> StagedParcel:
        """Stages what can be staged. When it is asked to stop it returns what is done and leaves out the rest.

        Raises ``ModeUnsupportedError`` when the mode cannot work between these filesystems at all, and ``StoreError``
        for a store that is full or failing; then nothing of the parcel stays staged.
        """
        work = _ParcelWork(parcel)
        try:
            for file in parcel.files:
                self._stage_one(file, work)
        except StagingStopped:
            pass
        except BaseException:
            for done in work.staged:
                self._store.abandon(done.staged)
            raise
        return StagedParcel(tuple(work.staged), tuple(work.problems), tuple(work.changed), work.given_up_bytes)

    def _stage_one(self, file: Described, work: _ParcelWork) -> None:
        if self._stop_asked():
            raise StagingStopped
        if work.waits_for_missing(file):
            return
        meter = _Meter(self._read, self._stop_asked)
        try:
            staged = self._store.stage(
                Source(file.source.path),
                self._mode,
                expected_size=file.source.size,
                maybe_stored=self._verify,
                verify_stored=self._verify,
                progress=meter,
            )
            if not _same_file(file, staged):
                self._store.abandon(staged)
                raise SourceChangedError("it was replaced or changed while it was imported; import it again")
        except SourceChangedError:
            work.changed.append(file.source.path)
        except (SourceError, BlobCorruptError, BlobMissingError) as error:
            work.fail(file, str(error))
        except ModeUnsupportedError as error:
            if self._is_hopeless(error):
                raise
            work.fail(file, str(error))
        else:
            self._succeeded = True
            work.staged.append(StagedFile(work.parcel.gathering, file, staged))
            self._read(file.source.size - meter.count)
            return
        work.given_up_bytes += file.source.size - meter.count

    def _is_hopeless(self, error: ModeUnsupportedError) -> bool:
        """Whether the mode fails because of the filesystems and so for every file, not because of this one."""
        cause = error.__cause__
        return not self._succeeded and isinstance(cause, OSError) and cause.errno in _NEVER


class _ParcelWork:
    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.staged: list[StagedFile] = []
        self.problems: list[Problem] = []
        self.changed: list[bytes] = []
        self.given_up_bytes = 0
        self._failed: set[bytes] = set()

    def fail(self, file: Described, message: str) -> None:
        self._failed.add(file.source.path)
        self.problems.append(Problem(file.source.path, message))

    def waits_for_missing(self, file: Described) -> bool:
        """Whether this is the sidecar of a file that was not taken; it then shares that one's fate."""
        if file.sidecar_of in self.changed:
            self.changed.append(file.source.path)
        elif file.sidecar_of in self._failed:
            self.fail(file, "goes with a file that could not be taken")
        else:
            return False
        self.given_up_bytes += file.source.size
        return True


class _Meter:
    """Counts what was read of one file, and ends the reading when the import stops."""

    def __init__(self, read: Callable[[int], None], stop_asked: Callable[[], bool]) -> None:
        self._read = read
        self._stop_asked = stop_asked
        self.count = 0

    def __call__(self, count: int) -> None:
        self.count += count
        self._read(count)
        if self._stop_asked():
            raise StagingStopped


def _same_file(file: Described, staged: Staged) -> bool:
    """Whether what was staged is what was found and described. (ctime may differ: a hard link changes it.)"""
    origin, source = staged.origin, file.source
    return (origin.device, origin.inode, origin.mtime_ns) == (source.device, source.inode, source.mtime_ns)
