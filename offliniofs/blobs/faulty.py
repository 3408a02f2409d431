"""Failures on demand: a store, or the system calls below one, that fail at a named point, the same way every time.

A ``Schedule`` counts how often each point is reached. ``FaultyCalls`` puts it under a filesystem store, where a point
is a system call; ``FaultyStore`` around any store, where a point is a method. Tests prove with them that whatever
fails, and wherever a process dies, nothing stored is lost and nothing half-written is seen.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from offliniofs.blobs.calls import Buffer, StoreCalls
from offliniofs.blobs.failures import store_error
from offliniofs.blobs.forwarding import ForwardingStore
from offliniofs.blobs.protocol import BlobStore, Progress, Source, Staged, Stored
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.ids import Digest

ANY = "*"
"""The point that is reached whenever any other is."""


class Failure(Enum):
    """What goes wrong."""

    NO_SPACE = auto()
    """ENOSPC."""
    INPUT_OUTPUT = auto()
    """EIO."""
    SHORT_WRITE = auto()
    """Half of what should be written is; at other points nothing happens."""
    CRASH = auto()
    """The process dies by SIGKILL, on the spot."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``failure`` at the ``occurrence``-th time (from 1) that ``point`` is reached; at every time when that is 0."""

    point: str
    failure: Failure
    occurrence: int = 1


class Faults(Protocol):
    """Decides what happens at a point."""

    def strike(self, point: str) -> bool:
        """Called before the thing is done. Raises ``OSError`` to fail it; returns whether to do it by half."""
        ...


class Schedule:
    """A fixed plan of faults. Thread-safe."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self._reached: Counter[str] = Counter()

    def reached(self, point: str = ANY) -> int:
        """How often a point was reached."""
        with self._lock:
            return self._reached[point]

    def strike(self, point: str) -> bool:
        """See ``Faults.strike``."""
        with self._lock:
            self._reached[point] += 1
            self._reached[ANY] += 1
            due = {fault.failure for fault in self._faults if self._is_due(fault, point)}
        if Failure.CRASH in due:
            os.kill(os.getpid(), signal.SIGKILL)
        if Failure.NO_SPACE in due:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if Failure.INPUT_OUTPUT in due:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return Failure.SHORT_WRITE in due

    def _is_due(self, fault: Fault, point: str) -> bool:
        return fault.point in (point, ANY) and fault.occurrence in (0, self._reached[fault.point])


class FaultyCalls:
    """``StoreCalls`` that fail by plan. A point is the name of a method."""

    def __init__(self, inner: StoreCalls, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def create(self, name: str, directory: int) -> int:
        """See ``StoreCalls.create``."""
        self._faults.strike("create")
        return self._inner.create(name, directory)

    def write(self, descriptor: int, data: Buffer, offset: int) -> int:
        """See ``StoreCalls.write``."""
        if self._faults.strike("write"):
            data = data[: (len(data) + 1) // 2]
        return self._inner.write(descriptor, data, offset)

    def truncate(self, descriptor: int, size: int) -> None:
        """See ``StoreCalls.truncate``."""
        self._faults.strike("truncate")
        self._inner.truncate(descriptor, size)

    def reserve(self, descriptor: int, size: int) -> None:
        """See ``StoreCalls.reserve``."""
        self._faults.strike("reserve")
        self._inner.reserve(descriptor, size)

    def set_direct(self, descriptor: int, direct: bool) -> bool:
        """See ``StoreCalls.set_direct``. Failing it means that the filesystem refuses."""
        try:
            self._faults.strike("set_direct")
        except OSError:
            return False
        return self._inner.set_direct(descriptor, direct)

    def start_writeback(self, descriptor: int, offset: int, length: int) -> None:
        """See ``StoreCalls.start_writeback``."""
        self._faults.strike("start_writeback")
        self._inner.start_writeback(descriptor, offset, length)

    def fsync(self, descriptor: int) -> None:
        """See ``StoreCalls.fsync``."""
        self._faults.strike("fsync")
        self._inner.fsync(descriptor)

    def syncfs(self, descriptor: int) -> None:
        """See ``StoreCalls.syncfs``."""
        self._faults.strike("syncfs")
        self._inner.syncfs(descriptor)

    def clone(self, descriptor: int, source: int) -> None:
        """See ``StoreCalls.clone``."""
        self._faults.strike("clone")
        self._inner.clone(descriptor, source)

    def link(self, source: int, name: str, directory: int) -> None:
        """See ``StoreCalls.link``."""
        self._faults.strike("link")
        self._inner.link(source, name, directory)

    def publish(self, name: str, directory: int, target: str, target_directory: int) -> None:
        """See ``StoreCalls.publish``."""
        self._faults.strike("publish")
        self._inner.publish(name, directory, target, target_directory)

    def replace(self, name: str, directory: int, target: str, target_directory: int) -> None:
        """See ``StoreCalls.replace``."""
        self._faults.strike("replace")
        self._inner.replace(name, directory, target, target_directory)

    def mkdir(self, name: str, directory: int) -> None:
        """See ``StoreCalls.mkdir``."""
        self._faults.strike("mkdir")
        self._inner.mkdir(name, directory)

    def unlink(self, name: str, directory: int) -> None:
        """See ``StoreCalls.unlink``."""
        self._faults.strike("unlink")
        self._inner.unlink(name, directory)


class FaultyStore(ForwardingStore):
    """A store whose own methods fail by plan, with the errors that a real disk would bring about.

    Points: ``stage``, ``commit``, ``discard_source``, ``open``, ``verify``, ``remove``.
    """

    def __init__(self, inner: BlobStore, faults: Faults) -> None:
        super().__init__(inner)
        self._faults = faults

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
        self._reach("stage")
        return super().stage(
            source,
            mode,
            expected_size=expected_size,
            maybe_stored=maybe_stored,
            verify_stored=verify_stored,
            progress=progress,
        )

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """See ``BlobStore.commit``. A failure abandons what was staged, as a real one does."""
        try:
            self._reach("commit")
        except BaseException:
            for one in staged:
                self.abandon(one)
            raise
        return super().commit(staged)

    def discard_source(self, stored: Stored) -> None:
        """See ``BlobStore.discard_source``."""
        self._reach("discard_source")
        super().discard_source(stored)

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``."""
        self._reach("open")
        return super().open(digest)

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """See ``BlobStore.verify``."""
        self._reach("verify")
        super().verify(digest, from_disk=from_disk, progress=progress)

    def remove(self, digest: Digest) -> None:
        """See ``BlobStore.remove``."""
        self._reach("remove")
        super().remove(digest)

    def _reach(self, point: str) -> None:
        try:
            self._faults.strike(point)
        except OSError as error:
            raise store_error(error, f"at {point}") from error
