"""What follows from rows that were changed as such: directory entries, sums, link counts, search texts.

An undo sets rows back without knowing what the change was; this finds out what the mount and the sums have to hear.
"""

from __future__ import annotations

from collections.abc import Sequence

from offliniofs.catalog.access import access_changed, age_rule_changed
from offliniofs.catalog.row_changes import RowChange, Value
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.trash import VIEW
from offliniofs.catalog.unit_of_work import UnitOfWork

TITLE_OF = Statement("SELECT title_id FROM content WHERE id = ?")
TITLE_OF_FILE = Statement("SELECT title_id FROM files WHERE id = ?")
CONTENT_NOW = Statement("SELECT parent_id, shelf, folder_name, deleted_ns FROM content WHERE id = ?")
FILE_NOW = Statement("SELECT folder_id, name, deleted_ns, content_id, size FROM files WHERE id = ?")
COLLECTION_TITLES = Statement("SELECT content_id FROM collection_content WHERE collection_id = ?")
GENRE_TITLES = Statement("SELECT content_id FROM content_genres WHERE genre_id = ?")
LIVE = Statement("SELECT 1 FROM content WHERE id = ? AND deleted_ns IS NULL AND title_name IS NOT NULL")
ADD_STATISTICS = Statement(
    """INSERT OR IGNORE INTO content_statistics (content_id)
    SELECT id FROM content WHERE id = ? AND title_name IS NOT NULL"""
)

_OF_CONTENT = "content_id"
_Place = tuple[int | None, str | None, str]
"""Parent, shelf and name of a directory that shows."""


class Following:
    """Consequences of one set of row changes: :meth:`prepare` before they are made, :meth:`follow` after."""

    __slots__ = ("_changes", "_database", "_directories", "_files", "_sums", "_titles", "_unit")

    def __init__(self, unit: UnitOfWork, changes: Sequence[RowChange]) -> None:
        self._unit = unit
        self._database = unit.database
        self._changes = changes
        self._titles: set[int] = set()
        self._sums = Sums(unit)
        self._directories: dict[int, _Place | None] = {}
        self._files: dict[int, tuple[int, str, int, int] | None] = {}

    def prepare(self) -> None:
        """Remembers what shows now, and tells the change which titles it is about."""
        self._find_titles()
        for title_id in sorted(self._titles):
            self._unit.touch(title_id)
        for change in self._changes:
            if change.table == "content":
                self._directories[_key(change)] = self._place(_key(change))
                self._sums.changed(_key(change))  # an episode may be about to leave its season
            elif change.table == "files":
                self._files[_key(change)] = self._standing(_key(change))

    def follow(self) -> None:
        """Says what shows differently now, and counts anew."""
        known = set(self._titles)
        self._find_titles()
        for title_id in sorted(self._titles - known):
            self._unit.touch(title_id)
        for content_id, before in self._directories.items():
            self._database.rows(ADD_STATISTICS, (content_id,))
            after = self._place(content_id)
            self._directory(content_id, before, after)
            if after is not None and after[0] is None:
                self._unit.artist_changed(content_id)
            self._sums.changed(content_id)
            if before is not None and before[0] is not None:
                self._sums.changed(before[0])
        for file_id, standing in self._files.items():
            self._file(file_id, standing)
        self._sums.write()
        for title_id in self._titles:
            self._unit.relink(title_id)
            self._unit.content_changed(title_id)
        for change in self._changes:
            self._view(change)

    def _find_titles(self) -> None:
        for change in self._changes:
            if change.table == "content":
                self._titles.update(_numbers(*change.value("title_id")))
                self._titles.update(row[0] for row in self._database.rows(TITLE_OF, (_key(change),)) if row[0])
            elif change.table == "files":
                self._titles.update(_numbers(*change.value("title_id")))
                self._titles.update(row[0] for row in self._database.rows(TITLE_OF_FILE, (_key(change),)))
            elif change.table == "file_evidence":
                self._titles.update(row[0] for row in self._database.rows(TITLE_OF_FILE, (change.key["file_id"],)))
            elif _OF_CONTENT in change.key:
                content_id = change.key[_OF_CONTENT]
                self._titles.update(row[0] for row in self._database.rows(TITLE_OF, (content_id,)) if row[0])

    def _place(self, content_id: int) -> _Place | None:
        row = self._database.row(CONTENT_NOW, (content_id,))
        if row is None or row[2] is None or row[3] is not None:
            return None
        return row[0], row[1], row[2]

    def _standing(self, file_id: int) -> tuple[int, str, int, int] | None:
        row = self._database.row(FILE_NOW, (file_id,))
        return (row[0], row[1], row[3], row[4]) if row is not None and row[2] is None else None

    def _directory(self, content_id: int, before: _Place | None, after: _Place | None) -> None:
        if before == after:
            return
        for action, place in (("removed", before), ("added", after)):
            if place is None:
                continue
            parent_id, shelf, name = place
            if parent_id is None:
                self._unit.view_entry(f"shelf:{shelf}", action, content_id, name)
            else:
                self._unit.entry("content", action, content_id, parent_id, name)

    def _file(self, file_id: int, before: tuple[int, str, int, int] | None) -> None:
        after = self._standing(file_id)
        for sign, standing in ((-1, before), (1, after)):
            if standing is not None:
                self._unit.add_totals("files", sign, sign * standing[3])
                self._sums.changed(standing[2])
        if before is not None and after is not None and before[:2] == after[:2]:
            self._unit.entry("file", "changed", file_id, after[0], after[1])
            return
        for action, standing in (("removed", before), ("added", after)):
            if standing is not None:
                self._unit.entry("file", action, file_id, standing[0], standing[1])

    def _view(self, change: RowChange) -> None:
        before, after = change.before or {}, change.after or {}
        match change.table:
            case "trash":
                self._named(VIEW, before.get("name"), after.get("name"))
            case "collections":
                self._named("facet:collections", before.get("folder_name"), after.get("folder_name"))
                self._retext(COLLECTION_TITLES, _key(change))
            case "saved_searches":
                self._named("saved", before.get("name"), after.get("name"))
                if change.before is not None and change.after is not None:
                    self._unit.view_entry(f"saved:{_key(change)}", "changed", None, None)
            case "genres" if change.before is not None and change.after is not None:
                self._named("facet:by-genre", before.get("folder_name"), after.get("folder_name"))
                self._retext(GENRE_TITLES, _key(change))
            case "content_access":
                access_changed(self._unit, _key(change))
            case "age_rules":
                age_rule_changed(self._unit, _key(change))
            case "kept_folders":
                self._unit.kept_changed(str(change.key["view"]), kept=change.after is not None)
            case _:
                pass

    def _named(self, view: str, before: Value, after: Value) -> None:
        for action, name in (("removed", before), ("added", after)):
            if isinstance(name, str):
                self._unit.view_entry(view, action, None, name)

    def _retext(self, titles: Statement, key: int) -> None:
        for (title_id,) in self._database.rows(titles, (key,)):
            if title_id not in self._titles and self._database.row(LIVE, (title_id,)) is not None:
                self._unit.retext(title_id)


def _key(change: RowChange) -> int:
    (value,) = change.key.values()
    return value if isinstance(value, int) else 0


def _numbers(*values: Value) -> set[int]:
    return {value for value in values if isinstance(value, int)}
