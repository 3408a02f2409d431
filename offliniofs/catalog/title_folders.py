"""A folder of the library into which files come, and the title it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError

FOLDER = Statement(
    """SELECT d.kind, d.season, d.folder_name, t.id, t.kind, t.title, t.year
    FROM content d CROSS JOIN content t ON t.id = d.title_id
    WHERE d.id = ? AND d.deleted_ns IS NULL AND d.folder_name IS NOT NULL"""
)
STEP_UP = Statement("SELECT parent_id, folder_name FROM content WHERE id = ?")

_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class TitleFolder:
    """A title's folder, or one below it. ``below``: the names from there on; empty for the title's own."""

    content_id: int
    kind: ContentKind
    season: int | None
    name: str
    title_id: int
    title_kind: ContentKind
    title: str
    year: int | None
    below: tuple[str, ...]


def folder_of(database: Database, folder_id: int) -> TitleFolder:
    """The folder of that id. Raises ``NotFoundError`` for what is gone or holds no files of a title."""
    row = database.row(FOLDER, (folder_id,))
    if row is None:
        raise NotFoundError(f"There is no folder {folder_id} for files in the library; it may have been removed.")
    kind, season, name, title_id, title_kind, title, year = row
    below = below_title(database, folder_id, title_id)
    return TitleFolder(
        folder_id, ContentKind(kind), season, name, title_id, ContentKind(title_kind), title, year, below
    )


def below_title(database: Database, folder_id: int, title_id: int) -> tuple[str, ...]:
    """The names of the folders from a title's folder, without it, to one below it."""
    names: list[str] = []
    above: int | None = folder_id
    while above is not None and above != title_id and len(names) < _DEEPEST:
        row = database.row(STEP_UP, (above,))
        if row is None:
            break
        above = row[0]
        names.append(str(row[1]))
    return tuple(reversed(names))
