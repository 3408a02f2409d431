"""``fsck``: the catalogue against itself, and against what the store really holds. Nothing is repaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from offliniofs.app.library import OpenLibrary
from offliniofs.blobs.protocol import BlobStore
from offliniofs.catalog.blob_rows import BlobRow, blob_rows
from offliniofs.catalog.integrity import Finding, check_integrity
from offliniofs.domain.errors import BlobMissingError
from offliniofs.domain.ids import Digest


@dataclass(frozen=True, slots=True)
class Consistency:
    """What is wrong. ``orphans`` are blobs that no row names: a crash leaves them, they do no harm."""

    findings: tuple[Finding, ...]
    orphans: tuple[Digest, ...]
    blobs: int

    @property
    def sound(self) -> bool:
        """Whether every row names what is there."""
        return not self.findings


def check_library(library: OpenLibrary) -> Consistency:
    """Checks everything but the bytes inside the blobs. Takes seconds for a million titles.

    Raises ``CatalogCorruptError`` when the catalogue cannot be read at all.
    """
    findings = check_integrity(library.layout.catalogue)
    orphans: list[Digest] = []
    blobs = 0
    for digest, row in _side_by_side(library.blobs.iterate(), blob_rows(library.reader.database)):
        blobs += 1
        if row is None:
            orphans.append(digest)
        else:
            findings += _blob_findings(library.blobs, row)
    return Consistency(tuple(findings), tuple(orphans), blobs)


def _side_by_side(stored: Iterator[Digest], rows: Iterator[BlobRow]) -> Iterator[tuple[Digest, BlobRow | None]]:
    """Joins two ascending sequences: each row once, and each stored blob that no row names."""
    blob = next(stored, None)
    for row in rows:
        while blob is not None and blob < row.digest:
            yield blob, None
            blob = next(stored, None)
        if blob == row.digest:
            blob = next(stored, None)
        yield row.digest, row
    while blob is not None:
        yield blob, None
        blob = next(stored, None)


def _blob_findings(store: BlobStore, row: BlobRow) -> Iterator[Finding]:
    name = f"blob {row.digest.hex()}"
    try:
        size = store.stat(row.digest).size
    except BlobMissingError:
        yield Finding("dangling", name, "the catalogue names it, the store does not have it")
        return
    if size != row.size:
        yield Finding("size", name, f"has {size} bytes, the catalogue says {row.size}")
    if row.state != "present":
        yield Finding("state", name, f"is marked {row.state}")
