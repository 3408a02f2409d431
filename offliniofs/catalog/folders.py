"""Folders that people make below titles: seasons, extras, subtitles, whatever they like in other titles."""

from __future__ import annotations

from offliniofs.catalog.placing import ENTRY_NAMED
from offliniofs.catalog.renaming import Renaming
from offliniofs.catalog.shelving import CHILD_FOLDERS, SEASON, Place, Shelving
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums, rows_above
from offliniofs.catalog.title_folders import TitleFolder, folder_of
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.unit_of_work import FORGET_KEPT, UnitOfWork
from offliniofs.catalog.uniting import MOVE_CONTENT, OWN_CONTENT, OWN_FILES
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Shelf
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

EMPTY = Statement(
    """SELECT c.parent_id, c.folder_name, c.title_id FROM content c
    WHERE c.id = ?1 AND c.kind IN ('season', 'folder', 'artist') AND c.deleted_ns IS NULL
    AND NOT EXISTS (SELECT 1 FROM files f INDEXED BY files_content WHERE f.content_id = ?1)
    AND NOT EXISTS (SELECT 1 FROM content b INDEXED BY content_parent WHERE b.parent_id = ?1)"""
)
FILES_IN = Statement("SELECT 1 FROM files INDEXED BY files_title WHERE title_id = ? AND folder_id = ? LIMIT 1")
"""Also of those in the trash: they would go for good with their folder."""
MOVED = Statement(
    """SELECT c.kind, c.season, c.parent_id, c.folder_name, c.title_id, t.kind FROM content c
    CROSS JOIN content t ON t.id = c.title_id
    WHERE c.id = ? AND c.kind IN ('season', 'folder') AND c.deleted_ns IS NULL"""
)
DELETE = Statement("DELETE FROM content WHERE id = ?")
_DEEPEST = 16


class Folders:
    """Makes and removes folders in one change."""

    __slots__ = ("_database", "_naming", "_retention", "_sums", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._retention = retention
        self._sums = Sums(unit)

    def make(self, parent_id: int, name: str, season: int | None) -> ContentId:
        """Makes a folder in a title's folder, or in one below it; that of a season where its number is given.

        Raises ``UsageError`` when there is such a folder already, perhaps under another name.
        """
        above = folder_of(self._database, parent_id)
        taken = self._taken(parent_id, above.title_id, name, season)
        if taken is not None:
            raise UsageError(f"There is one in {above.name!r} already: {taken!r}.")
        if len(above.below) >= _DEEPEST:
            raise UsageError(f"Folders can be nested {_DEEPEST} deep below a title, no deeper.")
        self._unit.touch(above.title_id, text=False)
        kind = ContentKind.FOLDER if season is None else ContentKind.SEASON
        place = Shelving(self._unit, self._naming).make_directory(
            Place(parent_id, "", above.name), above.title_id, kind, name, season
        )
        self._unit.audit("make folder", f"content:{place.content_id}", after={"name": name})
        return ContentId(place.content_id)

    def move(self, content_id: int, parent_id: int, name: str, season: int | None) -> None:
        """Moves a folder with all that is in it. ``season``: what the new name says.

        Raises ``UsageError`` for what would be something else there, or is there already.
        """
        row = self._database.row(MOVED, (content_id,))
        if row is None:
            raise NotFoundError(f"There is no folder {content_id} in the library any more.")
        _, _, old_parent, folder, title_id, _ = row
        into = folder_of(self._database, parent_id)
        other = into.title_id != title_id
        self._require_sense(content_id, row, into, (name, season))
        for touched in sorted({title_id, into.title_id}):
            self._unit.touch(touched)
        self._unit.audit("move folder", f"content:{content_id}", {"name": folder}, {"name": name, "into": parent_id})
        names = Renaming(self._unit, self._naming)
        before = names.names(title_id)
        self._sums.changed(content_id)
        self._database.rows(MOVE_CONTENT, (parent_id, into.title_id, name, content_id))
        if other:
            for statement in (OWN_FILES, OWN_CONTENT):
                self._database.rows(statement, (content_id, into.title_id))
        self._unit.entry("content", "removed", content_id, old_parent, folder)
        self._unit.entry("content", "added", content_id, parent_id, name)
        self._sums.changed(content_id)
        self._sums.write()
        for touched in {title_id, into.title_id}:
            self._unit.relink(touched)
        if other:
            names.follow_files(into.title_id, before)
        self._unit.content_changed(into.title_id)

    def _require_sense(self, content_id: int, row: Row, into: TitleFolder, called: tuple[str, int | None]) -> None:
        """Raises ``UsageError`` when the folder cannot stand there under that name."""
        _, number, _, folder, title_id, title_kind = row
        name, season = called
        other = into.title_id != title_id
        if season != number:
            raise UsageError(f"{folder!r} cannot become {name!r}: move its files, each becomes what its name says.")
        if other and ContentKind.OTHER.value == title_kind != into.title_kind.value:
            raise UsageError(f"{folder!r} holds no extras; move its files, each becomes what its name says.")
        if content_id in rows_above(self._database, into.content_id):
            raise UsageError(f"{folder!r} cannot be moved into itself.")
        taken = self._taken(into.content_id, into.title_id, name, season if other else None, but=content_id)
        if taken is not None:
            raise UsageError(f"There is one in {into.name!r} already: {taken!r}.")

    def remove(self, content_id: int) -> None:
        """Removes a folder without files: one that never had any for good, any other one to the trash."""
        row = self._database.row(EMPTY, (content_id,))
        if row is None or self._database.row(FILES_IN, (row[2], content_id)) is not None:
            Trash(self._unit, self._naming, self._retention).content(content_id)
            return
        parent_id, name, title_id = row
        self._unit.audit("remove folder", f"content:{content_id}", before={"name": name})
        if parent_id is None:  # an artist without albums
            if self._database.changed(FORGET_KEPT, (f"artist:{content_id}",)):
                self._unit.kept_changed(f"artist:{content_id}", kept=False)
            self._unit.view_entry(f"shelf:{Shelf.MUSIC.value}", "removed", content_id, name)
        else:
            self._unit.touch(title_id, text=False)
            self._unit.entry("content", "removed", content_id, parent_id, name)
        self._database.rows(DELETE, (content_id,))

    def _taken(
        self, parent_id: int, title_id: int, name: str, season: int | None, *, but: int | None = None
    ) -> str | None:
        """The name of what stands in the way; of a folder that is moved, not itself."""
        if self._database.row(ENTRY_NAMED, (parent_id, name)) is not None:
            return name
        if season is not None:
            row = self._database.row(SEASON, (title_id, season))
            return None if row is None else str(row[1])
        rows = self._database.rows(CHILD_FOLDERS, (parent_id,))
        alike = (str(found) for key, found in rows if key != but and found.casefold() == name.casefold())
        return next(alike, None)
