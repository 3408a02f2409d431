"""Rows of blobs come and go: an arrival makes one, and bytes that nothing names any more leave the store.

Both happen in IMMEDIATE transactions, so an arrival either finds the bytes that it counted on still there and keeps
them, or is told that they went.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.arrival import StoredBlob
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobMissingError
from offliniofs.domain.ids import Digest

FIND_BLOB = Statement("SELECT id FROM blobs WHERE digest = ?")
ADD_BLOB = Statement("INSERT INTO blobs (digest, size, placed_by, stored_ns, verified_ns) VALUES (?, ?, ?, ?, ?)")
REMOVAL = Statement("SELECT removed_ns FROM blob_removals WHERE digest = ?")
FORGET_REMOVAL = Statement("DELETE FROM blob_removals WHERE digest = ?")
WAITING = Statement(
    """SELECT digest FROM blob_removals INDEXED BY blob_removals_waiting
    WHERE removed_ns IS NULL AND digest > ? ORDER BY digest LIMIT 1"""
)
REMOVED = Statement("UPDATE blob_removals SET removed_ns = ? WHERE digest = ?")
FORGET_OLD = Statement("DELETE FROM blob_removals WHERE removed_ns < ?")

REMEMBERED_NS = 600 * 1_000_000_000
"""How long a removal is remembered: longer than an import takes from finding bytes stored to filing them."""


def blob_of(unit: UnitOfWork, blob: StoredBlob) -> tuple[int, bool]:
    """The row of an arrival's blob, and whether it was made now.

    Raises ``BlobMissingError`` when the arrival counted on bytes that were removed a moment ago.
    """
    row = unit.database.row(FIND_BLOB, (blob.digest,))
    if row is not None:
        return int(row[0]), False
    removal = unit.database.row(REMOVAL, (blob.digest,))
    if removal is not None:
        removed_ns = removal[0]
        if blob.existed and removed_ns is not None and unit.now_ns - removed_ns < REMEMBERED_NS:
            raise BlobMissingError(
                f"{blob.digest.hex()} was removed for good while it was imported again; import it once more."
            )
        unit.database.rows(FORGET_REMOVAL, (blob.digest,))
    mode = PlacementMode.COPY if blob.placed_by is PlacementMode.AUTO else blob.placed_by
    return unit.database.insert(ADD_BLOB, (blob.digest, blob.size, mode.value, unit.now_ns, unit.now_ns)), True


def release_next(unit: UnitOfWork, after: bytes, remove: Callable[[Digest], None]) -> Digest | None:
    """Removes the next blob that waits for it; which one. What was imported again meanwhile stays."""
    row = unit.database.row(WAITING, (after,))
    if row is None:
        unit.database.rows(FORGET_OLD, (unit.now_ns - REMEMBERED_NS,))
        return None
    digest = Digest(row[0])
    if unit.database.row(FIND_BLOB, (digest,)) is not None:
        unit.database.rows(FORGET_REMOVAL, (digest,))
        return digest
    with contextlib.suppress(BlobMissingError):  # it went, and the program ended before it could say so
        remove(digest)
    unit.database.rows(REMOVED, (unit.now_ns, digest))
    return digest
