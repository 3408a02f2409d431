"""Deleting: what goes is marked with an entry of the trash, keeps its rows and ids, and is hidden everywhere."""

from __future__ import annotations

from offliniofs.catalog.free_names import free_name
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums, rows_above
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

VIEW = "trash"
"""The key of ``.trash/`` in ``view_times`` and in the change log."""

BELOW = """WITH RECURSIVE below (id) AS (
    VALUES (?1) UNION
    SELECT c.id FROM below CROSS JOIN content c INDEXED BY content_parent ON c.parent_id = below.id)"""
LIVE_DIRECTORY = Statement(
    """SELECT c.kind, c.parent_id, c.title_id, c.shelf, c.folder_name, c.title_name, t.folder_name, p.deleted_ns
    FROM content c LEFT JOIN content t ON t.id = c.title_id LEFT JOIN content p ON p.id = c.parent_id
    WHERE c.id = ? AND c.deleted_ns IS NULL"""
)
LIVE_FILE = Statement(
    """SELECT content_id, folder_id, title_id, name, size, role, resolution, quality_rank
    FROM files WHERE id = ? AND deleted_ns IS NULL"""
)
IS_FOLDER_OF_THINGS = Statement("SELECT 1 FROM content WHERE id = ? AND kind = 'other'")
TITLES_BELOW = Statement(
    f"""{BELOW} SELECT DISTINCT c.title_id FROM below CROSS JOIN content c ON c.id = below.id
    WHERE c.title_id IS NOT NULL""",
    scans=("below",),
)
LIVE_FILES_BELOW = Statement(
    f"""{BELOW} SELECT count(*), coalesce(sum(f.size), 0) FROM below
    CROSS JOIN files f INDEXED BY files_listing ON f.folder_id = below.id AND f.deleted_ns IS NULL""",
    scans=("below",),
)
ADD_ENTRY = Statement(
    "INSERT INTO trash (content_id, file_id, name, deleted_ns, expires_ns, step) VALUES (?, ?, ?, ?, ?, ?)"
)
ENTRY_NAME_TAKEN = Statement("SELECT 1 FROM trash WHERE name = ?")
MARK_CONTENT = Statement(
    f"""{BELOW} UPDATE content SET deleted_ns = ?2, trash_id = ?3, media_count = 0, file_count = 0, total_size = 0,
    quality_rank = 0
    WHERE id IN (SELECT id FROM below) AND deleted_ns IS NULL""",
    scans=("below",),
)
CLEAR_RESOLUTIONS = Statement(
    f"{BELOW} DELETE FROM content_resolutions WHERE content_id IN (SELECT id FROM below)", scans=("below",)
)
MARK_FILES = Statement(
    f"""{BELOW} UPDATE files SET deleted_ns = ?2, trash_id = ?3
    WHERE folder_id IN (SELECT id FROM below) AND deleted_ns IS NULL""",
    scans=("below",),
)
MARK_FILE = Statement("UPDATE files SET deleted_ns = ?, trash_id = ? WHERE id = ?")
LIES_WITHIN = Statement(
    f"""{BELOW} SELECT t.id, t.name FROM trash t INDEXED BY trash_step LEFT JOIN files f ON f.id = t.file_id
    WHERE t.step = ?2 AND t.id <> ?3 AND coalesce(t.content_id, f.folder_id) IN (SELECT id FROM below)""",
    scans=("below",),
)
ABSORB_CONTENT = Statement("UPDATE content SET trash_id = ?2 WHERE trash_id = ?1")
ABSORB_FILES = Statement("UPDATE files SET trash_id = ?2 WHERE trash_id = ?1")
FORGET_ENTRY = Statement("DELETE FROM trash WHERE id = ?")
FILE_COUNT = Statement("SELECT file_count FROM content WHERE id = ?")


class Trash:
    """Deletions in one change."""

    __slots__ = ("_database", "_naming", "_retention", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._retention = retention

    def content(self, content_id: int) -> int:
        """Moves a directory with all that is in it into the trash; the entry's id.

        What the same step deleted from it before, as ``rm -r`` does, comes to lie in the same entry.
        """
        row = self._database.row(LIVE_DIRECTORY, (content_id,))
        if row is None:
            raise NotFoundError(f"There is no entry {content_id} in the library; it may have been removed already.")
        kind, parent_id, title_id, shelf, folder, _, _, _ = row
        if folder is None:
            raise UsageError(f"A {ContentKind(kind).value} is no folder; remove its files.")
        for (title,) in self._database.rows(TITLES_BELOW, (content_id,)):
            self._unit.touch(title)
        count, size = self._database.rows(LIVE_FILES_BELOW, (content_id,))[0]
        self._unit.audit("remove", f"content:{content_id}", before={"name": folder, "files": count, "bytes": size})
        trash_id = self._entry(content_id, None, _entry_name(row))
        now_ns = self._unit.now_ns
        for statement in (MARK_FILES, MARK_CONTENT):
            self._database.rows(statement, (content_id, now_ns, trash_id))
        self._database.rows(CLEAR_RESOLUTIONS, (content_id,))
        self._absorb(content_id, trash_id)
        self._unit.add_totals("files", -count, -size)
        if parent_id is None:
            self._unit.view_entry(f"shelf:{shelf}", "removed", content_id, folder)
        else:
            self._unit.entry("content", "removed", content_id, parent_id, folder)
            if count:
                self._recount(parent_id, title_id)
        return trash_id

    def file(self, file_id: int, *, prune: bool = False, text_later: bool = False) -> int:
        """Moves a file into the trash; the entry's id. ``prune``: with its title, when it was the last one there.
        ``text_later``: its name may be taken out of what the title is found by in another change.
        """
        row = self._database.row(LIVE_FILE, (file_id,))
        if row is None:
            raise NotFoundError(f"There is no file {file_id} in the library; it may have been removed already.")
        content_id, folder_id, title_id, name, size, role_name, resolution, rank = row
        role = FileRole(role_name)
        self._unit.touch(title_id, text=False)
        self._unit.audit("remove", f"file:{file_id}", before={"name": name, "bytes": size})
        trash_id = self._entry(None, file_id, name)
        self._database.rows(MARK_FILE, (self._unit.now_ns, trash_id, file_id))
        self._unit.add_totals("files", -1, -size)
        self._unit.entry("file", "removed", file_id, folder_id, name)
        sums = Sums(self._unit)
        sums.removed(rows_above(self._database, content_id), title_id, role, size, resolution, rank)
        if role is FileRole.MEDIA or self._database.row(IS_FOLDER_OF_THINGS, (title_id,)) is not None:
            if text_later and not sums.recounts(title_id):
                self._unit.retext_later(title_id)
            else:
                self._unit.touch(title_id)
        sums.write()
        if prune and not self._database.value(FILE_COUNT, (title_id,)):
            return self.content(title_id)
        return trash_id

    def _entry(self, content_id: int | None, file_id: int | None, wanted: str) -> int:
        name = free_name(self._naming, wanted, lambda tried: bool(self._database.row(ENTRY_NAME_TAKEN, (tried,))))
        now_ns, step = self._unit.now_ns, self._unit.step
        trash_id = self._database.insert(
            ADD_ENTRY, (content_id, file_id, name, now_ns, self._retention.expiry_ns(now_ns), step)
        )
        self._unit.view_entry(VIEW, "added", None, name)
        return trash_id

    def _absorb(self, content_id: int, trash_id: int) -> None:
        for inner_id, name in self._database.rows(LIES_WITHIN, (content_id, self._unit.step, trash_id)):
            for statement in (ABSORB_CONTENT, ABSORB_FILES):
                self._database.rows(statement, (inner_id, trash_id))
            self._database.rows(FORGET_ENTRY, (inner_id,))
            self._unit.view_entry(VIEW, "removed", None, name)

    def _recount(self, content_id: int, title_id: int | None) -> None:
        sums = Sums(self._unit)
        sums.changed(content_id)
        sums.write()
        if title_id is not None:
            self._unit.relink(title_id)


def _entry_name(row: Row) -> str:
    """A title's name in the views, which is the artist's too; below a title, its folder's with the title's."""
    _, _, _, _, folder, title_name, title_folder, _ = row
    if title_name is not None or title_folder is None:
        return str(title_name or folder)
    return f"{title_folder} - {folder}"
