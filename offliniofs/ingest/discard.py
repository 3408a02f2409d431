"""The last stage, in mode ``move`` alone: removes originals whose copy is durable, verified and filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.blobs.protocol import BlobStore
from offliniofs.domain.errors import SourceError, StoreError
from offliniofs.ingest.commit import DurableFile
from offliniofs.ingest.problem import Problem


@dataclass(frozen=True, slots=True)
class Discarded:
    """How many originals were removed, and which had to stay."""

    removed: int
    problems: tuple[Problem, ...]


def discard_sources(store: BlobStore, files: Sequence[DurableFile]) -> Discarded:
    """Removes each original. One that changed, or whose blob does not verify, stays and is reported. Blocks."""
    removed = 0
    problems = []
    for file in files:
        try:
            store.discard_source(file.stored)
            removed += 1
        except (SourceError, StoreError) as error:
            problems.append(Problem(file.arrival.source.path, f"is stored, but the original stays: {error}"))
    return Discarded(removed, tuple(problems))
