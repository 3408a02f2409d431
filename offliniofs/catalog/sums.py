"""Counts, sizes and qualities of the files at or below each row, added up over one change."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.catalog.connection import Database
from offliniofs.catalog.file_rows import FileFacts
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.content import FileRole

ADD_SUMS = Statement(
    """UPDATE content SET media_count = media_count + ?, file_count = file_count + ?, total_size = total_size + ?,
    quality_rank = max(quality_rank, ?) WHERE id = ?"""
)
ADD_RESOLUTION = Statement(
    """INSERT OR IGNORE INTO content_resolutions (resolution, content_id)
    SELECT ?, c.id FROM content c WHERE c.id = ? AND c.folder_name IS NOT NULL AND c.kind <> 'artist'"""
)
_BELOW = """WITH RECURSIVE below (id) AS (
    VALUES (?1) UNION SELECT c.id FROM below CROSS JOIN content c ON c.parent_id = below.id)"""
SET_SUMS = Statement(
    f"""{_BELOW} UPDATE content SET (media_count, file_count, total_size, quality_rank) = (
        SELECT count(*) FILTER (WHERE f.role = 'media'), count(*), coalesce(sum(f.size), 0),
        coalesce(max(f.quality_rank) FILTER (WHERE f.role = 'media'), 0)
        FROM below CROSS JOIN files f ON f.content_id = below.id WHERE f.deleted_ns IS NULL) WHERE id = ?1""",
    scans=("below",),
)
TAKE_SUMS = Statement(
    """UPDATE content SET media_count = media_count - ?, file_count = file_count - 1, total_size = total_size - ?
    WHERE id = ?"""
)
# from the newest row on: who deletes a folder begins with the oldest
ALIKE_BELOW = Statement(
    """WITH RECURSIVE below (id) AS (
        VALUES (?1) UNION SELECT c.id FROM below CROSS JOIN content c ON c.parent_id = below.id ORDER BY 1 DESC)
    SELECT 1 FROM below CROSS JOIN files f ON f.content_id = below.id
    WHERE f.deleted_ns IS NULL AND f.role = 'media' AND f.resolution IS ?2 AND f.quality_rank = ?3 LIMIT 1""",
    scans=("below",),
)
IS_FOLDER = Statement("SELECT 1 FROM content WHERE id = ? AND folder_name IS NOT NULL")
ABOVE = Statement(
    """WITH RECURSIVE above (id) AS (VALUES (?) UNION SELECT c.parent_id FROM above CROSS JOIN content c
    ON c.id = above.id WHERE c.parent_id IS NOT NULL) SELECT id FROM above""",
    scans=("above",),
)
CLEAR_RESOLUTIONS = Statement("DELETE FROM content_resolutions WHERE content_id = ?")
SET_RESOLUTIONS = Statement(
    f"""{_BELOW} INSERT INTO content_resolutions (resolution, content_id)
    SELECT DISTINCT f.resolution, ?1 FROM below CROSS JOIN files f ON f.content_id = below.id
    WHERE f.deleted_ns IS NULL AND f.role = 'media' AND f.resolution IS NOT NULL
    AND EXISTS (SELECT 1 FROM content c WHERE c.id = ?1 AND c.folder_name IS NOT NULL AND c.kind <> 'artist')""",
    scans=("below",),
)


def rows_above(database: Database, content_id: int) -> tuple[int, ...]:
    """A row of the contents and all that it stands below, the nearest first."""
    return tuple(row[0] for row in database.rows(ABOVE, (content_id,)))


@dataclass(slots=True)
class _Sum:
    media: int = 0
    files: int = 0
    size: int = 0
    rank: int = 0


class Sums:
    """What the new files of one change add to the rows above them."""

    __slots__ = ("_files", "_recount", "_resolutions", "_rows", "_size", "_unit")

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._rows: dict[int, _Sum] = {}
        self._resolutions: dict[tuple[str, int], int] = {}
        self._recount: set[int] = set()
        self._files = 0
        self._size = 0

    def add(self, above: tuple[int, ...], title_id: int, role: FileRole, size: int, facts: FileFacts) -> None:
        """A file came to ``above[0]``, which stands below the others."""
        self._files += 1
        self._size += size
        is_media = role is FileRole.MEDIA
        for content_id in above:
            row = self._rows.get(content_id)
            if row is None:
                row = self._rows[content_id] = _Sum()
            row.files += 1
            row.size += size
            if is_media:
                row.media += 1
                row.rank = max(row.rank, facts.quality_rank)
                if facts.resolution is not None:
                    self._resolutions[facts.resolution, content_id] = title_id

    def changed(self, content_id: int) -> None:
        """A file of a row changed, came or went: the row and all above it, as it stands now, are to be counted anew."""
        self._recount.update(rows_above(self._unit.database, content_id))

    def removed(
        self, above: tuple[int, ...], title_id: int, role: FileRole, size: int, resolution: str | None, rank: int
    ) -> None:
        """A file of ``above[0]`` went; it must be gone already.

        Where another one like it stands, nothing has to be counted: what goes file by file would otherwise take the
        square of their number.
        """
        is_media = role is FileRole.MEDIA
        for content_id in above:
            self._unit.database.rows(TAKE_SUMS, (int(is_media), size, content_id))
            if is_media and not self._unit.database.row(ALIKE_BELOW, (content_id, resolution, rank)):
                self._recount.add(content_id)
                if self._unit.database.row(IS_FOLDER, (content_id,)):
                    self._unit.relink(title_id)

    def recounts(self, content_id: int) -> bool:
        """Whether a row is to be counted anew: its qualities may be others then."""
        return content_id in self._recount

    def write(self) -> None:
        """Brings the rows up to date."""
        database = self._unit.database
        rows = [(row.media, row.files, row.size, row.rank, content_id) for content_id, row in self._rows.items()]
        database.many(ADD_SUMS, rows)
        for (resolution, content_id), title_id in self._resolutions.items():
            if database.changed(ADD_RESOLUTION, (resolution, content_id)):
                self._unit.relink(title_id)
        for content_id in sorted(self._recount):
            for statement in (SET_SUMS, CLEAR_RESOLUTIONS, SET_RESOLUTIONS):
                database.rows(statement, (content_id,))
        if self._files:
            self._unit.add_totals("files", self._files, self._size)
