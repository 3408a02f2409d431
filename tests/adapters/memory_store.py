"""A store in memory, for tests and trials. Each blob is a memfd_create(2) file: descriptors and paths are real."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from offliniofs.blobs import discard
from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.failures import short
from offliniofs.blobs.protocol import BlobStat, Cleaned, Method, Progress, Source, Space, Staged, Stored
from offliniofs.blobs.source import OpenSource, opened
from offliniofs.blobs.transfer import copy, hash_descriptor, silent
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, ModeUnsupportedError, StoreFullError
from offliniofs.domain.ids import Digest
from offliniofs.domain.sizes import human_size

DEFAULT_CAPACITY = 1 << 30
"""Bytes."""
_COPIES = frozenset({PlacementMode.AUTO, PlacementMode.COPY, PlacementMode.MOVE})


class MemoryStore:
    """A ``BlobStore`` that lives as long as the object, and takes one descriptor a blob."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        """``capacity``: bytes it holds, staged files included."""
        self._capacity = capacity
        self._lock = threading.Lock()
        self._calls = LinuxCalls()
        self._blobs: dict[Digest, int] = {}
        self._waiting: dict[str, int] = {}
        self._used = 0

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
        """See ``BlobStore.stage``. Whether ``maybe_stored`` makes no difference here."""
        if mode not in _COPIES:
            raise ModeUnsupportedError(f"{source} cannot be stored in memory as a {mode}; choose another mode")
        with opened(source, expected_size) as file:
            staged = self._take(file, progress or silent)
        if not self.contains(staged.digest):
            return staged
        if self._is_damaged(staged, thoroughly=verify_stored):
            return replace(staged, replaces=True)
        self.abandon(staged)
        return replace(staged, temporary=None)

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """See ``BlobStore.commit``."""
        try:
            return [self._place(one) for one in staged]
        except BaseException:
            for one in staged:
                self.abandon(one)
            raise

    def abandon(self, staged: Staged) -> None:
        """See ``BlobStore.abandon``."""
        with self._lock:
            descriptor = self._waiting.pop(staged.temporary or "", None)
        if descriptor is not None:
            os.close(descriptor)
            self._release(staged.size)

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
        """See ``BlobStore.discard_source``."""
        discard.discard_source(self, stored, f"/proc/{os.getpid()}/fd")

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``."""
        return os.open(self.path_of(digest), os.O_RDONLY | os.O_CLOEXEC)

    def stat(self, digest: Digest) -> BlobStat:
        """See ``BlobStore.stat``."""
        status = os.fstat(self._descriptor(digest))
        return BlobStat(
            size=status.st_size,
            allocated=status.st_blocks * 512,
            links=1,
            device=status.st_dev,
            inode=status.st_ino,
            mtime_ns=status.st_mtime_ns,
        )

    def contains(self, digest: Digest) -> bool:
        """See ``BlobStore.contains``."""
        with self._lock:
            return digest in self._blobs

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """See ``BlobStore.verify``."""
        if hash_descriptor(self._descriptor(digest), progress or silent) != digest:
            raise BlobCorruptError(f"{short(digest)} holds other bytes than were stored; import the file again")

    def remove(self, digest: Digest) -> None:
        """See ``BlobStore.remove``."""
        size = self.stat(digest).size
        with self._lock:
            descriptor = self._blobs.pop(digest)
        os.close(descriptor)
        self._release(size)

    def iterate(self) -> Iterator[Digest]:
        """See ``BlobStore.iterate``."""
        with self._lock:
            digests = sorted(self._blobs)
        yield from digests

    def clean_temporary(self) -> Cleaned:
        """See ``BlobStore.clean_temporary``. Memory of dead processes needs no cleaning."""
        return Cleaned(0, 0)

    def free_space(self) -> Space:
        """See ``BlobStore.free_space``."""
        with self._lock:
            free = self._capacity - self._used
        return Space(total=self._capacity, free=free, available=free, files=0, files_free=0)

    def path_of(self, digest: Digest) -> str:
        """See ``BlobStore.path_of``."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor(digest)}"

    def close(self) -> None:
        """See ``BlobStore.close``. The blobs are gone then."""
        with self._lock:
            descriptors = [*self._blobs.values(), *self._waiting.values()]
            self._blobs.clear()
            self._waiting.clear()
            self._used = 0
        for descriptor in descriptors:
            os.close(descriptor)

    def _take(self, file: OpenSource, progress: Progress) -> Staged:
        self._reserve(file.size)
        descriptor = os.memfd_create("blob", os.MFD_CLOEXEC)
        try:
            digest = copy(file, descriptor, self._calls, progress)
            file.require_unchanged()
        except BaseException:
            os.close(descriptor)
            self._release(file.size)
            raise
        name = str(descriptor)
        with self._lock:
            self._waiting[name] = descriptor
        return Staged(digest, file.size, Method.COPY, file.origin(), name)

    def _place(self, one: Staged) -> Stored:
        with self._lock:
            if one.temporary is None and one.digest not in self._blobs:
                raise BlobMissingError(f"{short(one.digest)} was removed while it was imported; import it again")
            old = self._blobs.get(one.digest)
            existed = old is not None and not one.replaces
            if not existed:
                self._blobs[one.digest] = self._waiting.pop(str(one.temporary))
        if existed:
            self.abandon(one)
        elif old is not None:
            self._release(one.size)
            os.close(old)
        return Stored(one.digest, one.size, one.method, existed, one.origin, replaced=one.replaces and old is not None)

    def _is_damaged(self, one: Staged, *, thoroughly: bool) -> bool:
        descriptor = self._descriptor(one.digest)
        if os.fstat(descriptor).st_size != one.size:
            return True
        return thoroughly and hash_descriptor(descriptor) != one.digest

    def _descriptor(self, digest: Digest) -> int:
        with self._lock:
            try:
                return self._blobs[digest]
            except KeyError:
                raise BlobMissingError(f"{short(digest)} is not in memory; import the file again") from None

    def _reserve(self, size: int) -> None:
        with self._lock:
            if self._used + size > self._capacity:
                raise StoreFullError(f"no room for {human_size(size)} in memory; make the store larger")
            self._used += size

    def _release(self, size: int) -> None:
        with self._lock:
            self._used -= size
