"""The fifth stage: makes staged files durable, many at a time.

While one group is being made durable the next gathers behind it, so that a group is as large as the disk is slow; and
each waits a moment for company, since a sync and a transaction cost the same for one file as for a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.blobs.protocol import BlobStore, Stored
from offliniofs.domain.arrival import Arrival, StoredBlob
from offliniofs.domain.content import PlacementMode
from offliniofs.ingest.stage import StagedFile

GROUP_FILES = 256
"""Files that are enough for a group."""
GROUP_SECONDS = 0.2
"""How long a group waits for more files; the stages before it go on meanwhile."""


@dataclass(frozen=True, slots=True)
class DurableFile:
    """A file whose blob is durable: it may be filed."""

    file: StagedFile
    stored: Stored
    arrival: Arrival


def commit_group(store: BlobStore, mode: PlacementMode, group: Sequence[StagedFile]) -> list[DurableFile]:
    """Makes a group durable. Blocks. Raises ``StoreError``; then no file of the group may be filed."""
    stored = store.commit([file.staged for file in group])
    return [_durable(file, blob, mode) for file, blob in zip(group, stored, strict=True)]


def _durable(file: StagedFile, stored: Stored, mode: PlacementMode) -> DurableFile:
    placed_by = PlacementMode.MOVE if mode is PlacementMode.MOVE else PlacementMode(stored.method.value)
    blob = StoredBlob(stored.digest, stored.size, placed_by, stored.existed)
    return DurableFile(file, stored, file.described.arrival(blob))
