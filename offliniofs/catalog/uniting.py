"""Two titles that are one: the files of the first come into the second, as if they had been imported there."""

from __future__ import annotations

from offliniofs.catalog.free_names import free_entry_name
from offliniofs.catalog.renaming import Renaming
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

TITLE = Statement(
    "SELECT kind, folder_name FROM content WHERE id = ? AND title_name IS NOT NULL AND deleted_ns IS NULL"
)
FILES = Statement(
    """SELECT f.id, f.name, f.content_id, f.role, EXISTS (SELECT 1 FROM files o INDEXED BY files_blob
        WHERE o.blob_id = f.blob_id AND o.title_id = ?2 AND o.deleted_ns IS NULL
        AND (o.role = 'media' OR o.name = f.name))
    FROM files f INDEXED BY files_listing WHERE f.folder_id = ?1 AND f.deleted_ns IS NULL ORDER BY f.id"""
)
SAME_ITEM = Statement(
    """SELECT o.id FROM content o INDEXED BY content_title JOIN content c ON c.id = ?1
    WHERE o.title_id = ?2 AND o.kind = c.kind AND o.season IS c.season AND o.episode IS c.episode
    AND o.last_episode IS c.last_episode AND o.disc IS c.disc AND o.track IS c.track
    AND (o.episode IS NOT NULL OR o.sort_title = c.sort_title) AND o.deleted_ns IS NULL LIMIT 1"""
)
CHILDREN = Statement(
    """SELECT id, kind, season, folder_name FROM content INDEXED BY content_child_listing
    WHERE parent_id = ? AND folder_name IS NOT NULL AND deleted_ns IS NULL"""
)
SEASON = Statement(
    """SELECT id FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'season' AND season = ? AND deleted_ns IS NULL"""
)
FOLDER = Statement(
    """SELECT id FROM content INDEXED BY content_child_name
    WHERE parent_id = ? AND folder_name = ? AND deleted_ns IS NULL"""
)
MOVE_CONTENT = Statement("UPDATE content SET parent_id = ?, title_id = ?, folder_name = ? WHERE id = ?")
MOVE_FILE = Statement("UPDATE files SET folder_id = ?, content_id = ?, title_id = ?, name = ? WHERE id = ?")
OWN_CONTENT = Statement(
    """WITH RECURSIVE below (id) AS (VALUES (?1) UNION
    SELECT c.id FROM below CROSS JOIN content c INDEXED BY content_parent ON c.parent_id = below.id)
    UPDATE content SET title_id = ?2 WHERE id IN (SELECT id FROM below)""",
    scans=("below",),
)
OWN_FILES = Statement(
    """WITH RECURSIVE below (id) AS (VALUES (?1) UNION
    SELECT c.id FROM below CROSS JOIN content c INDEXED BY content_parent ON c.parent_id = below.id)
    UPDATE files SET title_id = ?2 WHERE content_id IN (SELECT id FROM below)""",
    scans=("below",),
)
TAKE_TAGS = Statement(
    """INSERT OR IGNORE INTO content_tags (tag_id, content_id)
    SELECT tag_id, ?2 FROM content_tags WHERE content_id = ?1"""
)
TAKE_COLLECTIONS = Statement(
    """INSERT OR IGNORE INTO collection_content (collection_id, content_id, position)
    SELECT collection_id, ?2, position FROM collection_content WHERE content_id = ?1"""
)
TAKE_GENRES = Statement(
    """INSERT INTO content_genres (genre_id, content_id, position)
    SELECT genre_id, ?2, position FROM content_genres WHERE content_id = ?1
    AND NOT EXISTS (SELECT 1 FROM content_genres g WHERE g.content_id = ?2)"""
)
TAKE_ALIASES = Statement(
    """INSERT OR IGNORE INTO content_aliases (kind, sort_title, content_id, year)
    SELECT kind, sort_title, ?2, year FROM content WHERE id = ?1"""
)


class Uniting:
    """Unites titles in one change."""

    __slots__ = ("_database", "_into", "_naming", "_retention", "_sums", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._retention = retention
        self._sums = Sums(unit)
        self._into = 0

    def unite(self, content_id: int, into_id: int) -> None:
        """Moves everything of a title into another one of its kind; what that has already goes to the trash with it."""
        kind, name = self._title(content_id)
        other_kind, other_name = self._title(into_id)
        if content_id == into_id or kind != other_kind:
            raise UsageError(f"{name!r} and {other_name!r} cannot be united: only two titles of one kind can.")
        self._into = into_id
        for title_id in (content_id, into_id):
            self._unit.touch(title_id)
        names = Renaming(self._unit, self._naming)
        self._unit.audit("unite", f"content:{content_id}", {"name": name}, {"into": into_id, "name": other_name})
        before = names.names(content_id)
        self._folder(content_id, into_id)
        for statement in (TAKE_TAGS, TAKE_COLLECTIONS, TAKE_GENRES, TAKE_ALIASES):
            self._database.rows(statement, (content_id, into_id))
        for changed in (content_id, into_id):
            self._sums.changed(changed)
        self._sums.write()
        for title_id in (content_id, into_id):
            self._unit.relink(title_id)
        names.follow_files(into_id, before)
        Trash(self._unit, self._naming, self._retention).content(content_id)
        self._unit.content_changed(into_id)

    def _folder(self, old: int, new: int) -> None:
        """Moves what lies in one directory into another."""
        for row in self._database.rows(FILES, (old, self._into)):
            if not row[4]:
                self._file(row, old, new)
        for child_id, kind, season, folder in self._database.rows(CHILDREN, (old,)):
            if kind == ContentKind.SEASON.value:
                same = self._database.row(SEASON, (self._into, season))
            else:
                same = self._database.row(FOLDER, (new, folder))
            if same is not None:
                self._folder(child_id, same[0])
            else:
                self._directory(child_id, folder, old, new)

    def _file(self, row: Row, old: int, new: int) -> None:
        file_id, name, content_id, _, _ = row
        item = self._item(content_id, old, new)
        wanted = free_entry_name(self._database, self._naming, new, name)
        self._database.rows(MOVE_FILE, (new, item, self._into, wanted, file_id))
        self._unit.entry("file", "removed", file_id, old, name)
        self._unit.entry("file", "added", file_id, new, wanted)
        for changed in (content_id, item):
            self._sums.changed(changed)

    def _item(self, content_id: int, old: int, new: int) -> int:
        """The same episode or track of the other title; one that it has not comes along."""
        if content_id == old:
            return new
        same = self._database.row(SAME_ITEM, (content_id, self._into))
        if same is not None:
            return int(same[0])
        self._sums.changed(content_id)
        self._database.rows(MOVE_CONTENT, (new, self._into, None, content_id))
        return content_id

    def _directory(self, child_id: int, folder: str, old: int, new: int) -> None:
        wanted = free_entry_name(self._database, self._naming, new, folder)
        self._database.rows(MOVE_CONTENT, (new, self._into, wanted, child_id))
        for statement in (OWN_FILES, OWN_CONTENT):
            self._database.rows(statement, (child_id, self._into))
        self._unit.entry("content", "removed", child_id, old, folder)
        self._unit.entry("content", "added", child_id, new, wanted)
        for changed in (old, new):
            self._sums.changed(changed)

    def _title(self, content_id: int) -> Row:
        row = self._database.row(TITLE, (content_id,))
        if row is None:
            raise NotFoundError(
                f"There is no title {content_id} in the library; 'offliniofs list' prints those there are."
            )
        return row
