"""What a blob store is: the values it deals in and the one interface every store and decorator fulfils.

A store keeps whole files under the BLAKE3 digest of their bytes. Storing has two steps, so that many small files can
share the cost of being made durable: ``stage`` writes and hashes one source (from any number of threads), ``commit``
makes a list of staged files durable and visible. Only what ``commit`` has returned may be named by a catalogue row.

Everything here blocks and belongs in a worker thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from offliniofs.domain.content import PlacementMode
from offliniofs.domain.ids import Digest

Progress: TypeAlias = Callable[[int], None]
"""Called with the number of bytes done since the last call (0 now and then). What it raises cancels the work."""


class Method(StrEnum):
    """How the bytes of a source really came into the store. A mode is what was asked; this is what was done."""

    REFLINK = "reflink"
    COPY = "copy"
    HARDLINK = "hardlink"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to take in. The path is bytes, because names that are not UTF-8 exist."""

    path: bytes

    @classmethod
    def at(cls, path: str | bytes | os.PathLike[str]) -> Source:
        """The source at any kind of path."""
        return cls(os.fsencode(path))

    def __str__(self) -> str:
        return os.fsdecode(self.path).encode(errors="backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Origin:
    """Which file a blob was taken from, exactly: enough to know later whether the path still holds that file."""

    source: Source
    device: int
    inode: int
    size: int
    """Bytes."""
    mtime_ns: int
    """Nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A source that is written and hashed, but neither durable nor visible. Commit it or abandon it."""

    digest: Digest
    size: int
    """Bytes."""
    method: Method
    origin: Origin
    temporary: str | None
    """The store's own name for the waiting file; None when the blob was found to be stored already."""
    durable: bool = False
    """Whether the content has been synced on its own."""
    replaces: bool = False
    """The blob in place is damaged: this one shall take its place."""
    generation: int = 0
    """How many write failures the store had seen when the staging began."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob that is in place and durable."""

    digest: Digest
    size: int
    """Bytes."""
    method: Method
    """How the bytes came in; when ``existed``, how they would have."""
    existed: bool
    """The same content was stored already: nothing was added."""
    origin: Origin
    replaced: bool = False
    """What was in place was damaged, and these bytes took its place."""


@dataclass(frozen=True, slots=True)
class BlobStat:
    """Facts about one stored blob, from its inode. Sizes in bytes, times in nanoseconds since the epoch."""

    size: int
    allocated: int
    """Bytes of disk it takes; less than ``size`` for a sparse blob. Extents shared by a reflink count in full."""
    links: int
    """Names the inode has: over 1 means it is shared with a file outside the store."""
    device: int
    inode: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Space:
    """Room on the filesystem of the store, as statvfs(3) tells it."""

    total: int
    """Bytes."""
    free: int
    """Bytes, with those that only root may use."""
    available: int
    """Bytes this process may still use."""
    files: int
    """Inodes; 0 where the filesystem has no such limit."""
    files_free: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What clean-up removed."""

    files: int
    size: int
    """Bytes."""


class BlobStore(Protocol):
    """A durable content-addressed store. Safe to use from several threads at once.

    Every method may raise ``StoreError`` when the storage below fails.
    """

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
        """Takes in the bytes of ``source`` under a temporary name and hashes what was stored.

        - ``auto`` clones where the filesystem can and copies otherwise; ``Staged.method`` says which.
        - ``copy`` always gives the blob blocks of its own.
        - ``reflink`` and ``hardlink`` do just that or raise ``ModeUnsupportedError``. A hard-linked blob *is* the
          original's inode: its mode, owner and times stay as they are, and whoever changes the original in place
          breaks the blob (``verify`` finds that out).
        - ``move`` brings the bytes in the cheapest way; the original stays until ``discard_source`` is called.

        ``maybe_stored`` says that the content is likely to be here already (a blob of this size is known): a large
        source is then hashed before anything is written. Content found stored is not written again in any case.

        A blob in place that has not the right size is damaged; with ``verify_stored`` so is one whose bytes, read from
        the disk, do not hash to its name. ``commit`` then puts the staged copy in its place (``Stored.replaced``).

        Raises ``SourceError`` for what cannot be read or is no regular file, ``SourceChangedError`` when it changed
        meanwhile or has not ``expected_size`` bytes, ``StoreFullError`` when there is no room; nothing is left behind.
        """
        ...

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """Makes all of them durable and visible, in the order given.

        When this raises, none of them may be relied on: those not yet in place are abandoned, and a blob that came
        into place is an orphan at worst.
        """
        ...

    def abandon(self, staged: Staged) -> None:
        """Drops what was staged and not committed. Harmless after a commit."""
        ...

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
        """Stages and commits one source."""
        ...

    def discard_source(self, stored: Stored) -> None:
        """Removes the original of a ``move``, once the catalogue row that names the blob is committed.

        The path must still hold the very file that was stored, unchanged (else ``SourceChangedError``), and the blob
        must verify (else ``BlobCorruptError`` or ``BlobMissingError``); otherwise the original stays. An original
        that is gone already is no error.
        """
        ...

    def open(self, digest: Digest) -> int:
        """A new read-only descriptor, owned by the caller. Raises ``BlobMissingError``."""
        ...

    def stat(self, digest: Digest) -> BlobStat:
        """Facts about a blob. Raises ``BlobMissingError``."""
        ...

    def contains(self, digest: Digest) -> bool:
        """Whether the blob is in place."""
        ...

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """Hashes the whole blob. Raises ``BlobCorruptError`` or ``BlobMissingError``.

        ``from_disk`` drops the cached pages first, so that it is the disk that is read and not the page cache.
        """
        ...

    def remove(self, digest: Digest) -> None:
        """Removes a blob, durably. Its rows must be gone, durably, before. Raises ``BlobMissingError``."""
        ...

    def iterate(self) -> Iterator[Digest]:
        """Every blob in place, in ascending order. What comes or goes meanwhile may or may not be seen."""
        ...

    def clean_temporary(self) -> Cleaned:
        """Removes what dead processes left unfinished; what a live process has staged stays."""
        ...

    def free_space(self) -> Space:
        """Room where the store lives."""
        ...

    def path_of(self, digest: Digest) -> str:
        """The absolute path of the blob, for a reflink out of the store or a rescue. Raises ``BlobMissingError``."""
        ...

    def close(self) -> None:
        """Gives back what the store holds open. Staged files are abandoned."""
        ...
