"""What every decorator of a store has in common: it passes on what it does not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from offliniofs.blobs.protocol import BlobStat, BlobStore, Cleaned, Progress, Source, Space, Staged, Stored
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.ids import Digest


class ForwardingStore:
    """A ``BlobStore`` that is another one."""

    def __init__(self, inner: BlobStore) -> None:
        self._inner = inner

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
        return self._inner.stage(
            source,
            mode,
            expected_size=expected_size,
            maybe_stored=maybe_stored,
            verify_stored=verify_stored,
            progress=progress,
        )

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """See ``BlobStore.commit``."""
        return self._inner.commit(staged)

    def abandon(self, staged: Staged) -> None:
        """See ``BlobStore.abandon``."""
        self._inner.abandon(staged)

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
        """See ``BlobStore.add``. Made of this store's own two steps, so that what decorates them is not passed by."""
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
        self._inner.discard_source(stored)

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``."""
        return self._inner.open(digest)

    def stat(self, digest: Digest) -> BlobStat:
        """See ``BlobStore.stat``."""
        return self._inner.stat(digest)

    def contains(self, digest: Digest) -> bool:
        """See ``BlobStore.contains``."""
        return self._inner.contains(digest)

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """See ``BlobStore.verify``."""
        self._inner.verify(digest, from_disk=from_disk, progress=progress)

    def remove(self, digest: Digest) -> None:
        """See ``BlobStore.remove``."""
        self._inner.remove(digest)

    def iterate(self) -> Iterator[Digest]:
        """See ``BlobStore.iterate``."""
        return self._inner.iterate()

    def clean_temporary(self) -> Cleaned:
        """See ``BlobStore.clean_temporary``."""
        return self._inner.clean_temporary()

    def free_space(self) -> Space:
        """See ``BlobStore.free_space``."""
        return self._inner.free_space()

    def path_of(self, digest: Digest) -> str:
        """See ``BlobStore.path_of``."""
        return self._inner.path_of(digest)

    def close(self) -> None:
        """See ``BlobStore.close``."""
        self._inner.close()
