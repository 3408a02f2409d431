"""The pieces of the full-text index, and putting them together.

Every change adds a small piece to the index, and a search looks every word up in each of them. FTS5 puts pieces of like
size together while it writes, some at a time; a large import leaves a dozen behind. ``merge`` goes on with that
(https://www.sqlite.org/fts5.html#the_merge_command). As with a binary counter a page is written anew as often as the
library doubles, and once more when what lies beside the largest piece has grown to a share of it.
"""

from __future__ import annotations

from typing import Final

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement

_SMALL_SHARE: Final = 8
"""All is put into one piece when what is beside the largest is more than one part in so many."""
_WORKED: Final = 2
"""Rows that the command changes at least when it found something to do."""

PIECES: Final = Statement(
    """WITH RECURSIVE found (piece) AS (
        SELECT (SELECT min(segid) FROM search_index_idx)
        UNION ALL
        SELECT (SELECT min(segid) FROM search_index_idx WHERE segid > piece) FROM found WHERE piece IS NOT NULL
    ) SELECT (SELECT pgno >> 1 FROM search_index_idx WHERE segid = piece ORDER BY term DESC LIMIT 1)
    FROM found WHERE piece IS NOT NULL""",
    scans=("found",),
)
MERGE: Final = Statement("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)")


def sizes_of_pieces(database: Database) -> list[int]:
    """About how many pages each piece of the index has: the last page on which a word begins."""
    return [int(pages) for (pages,) in database.rows(PIECES)]


def merge_pieces(database: Database, pages: int) -> bool:
    """Puts pieces together and writes about so many pages; a word that most titles have is never left half.

    Returns whether anything was done: if so, there may be more to do.
    """
    return _merged(database, pages) or (_uneven(sizes_of_pieces(database)) and _merged(database, -pages))


def _merged(database: Database, pages: int) -> bool:
    """Negative pages begin with putting everything into one piece, whatever the sizes; others go on with it."""
    before = database.total_changes()
    database.rows(MERGE, (pages,))
    return database.total_changes() - before >= _WORKED


def _uneven(sizes: list[int]) -> bool:
    return len(sizes) > 1 and (sum(sizes) - max(sizes)) * _SMALL_SHARE > sum(sizes)
