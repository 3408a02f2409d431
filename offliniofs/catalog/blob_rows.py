"""The blobs that rows name, in the order of their digests: for comparing with what the store really holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.domain.ids import Digest

_PAGE = 1000

BLOBS_AFTER = Statement("SELECT digest, size, state FROM blobs WHERE digest > ? ORDER BY digest LIMIT ?")


class BlobRow(NamedTuple):
    """One row of ``blobs``. Size in bytes."""

    digest: Digest
    size: int
    state: str


def blob_rows(database: Database) -> Iterator[BlobRow]:
    """Every row, by ascending digest. Paged, so a row that comes or goes meanwhile may or may not be seen."""
    after = b""
    while page := database.rows(BLOBS_AFTER, (after, _PAGE)):
        for digest, size, state in page:
            yield BlobRow(Digest(digest), size, state)
        after = page[-1][0]
