"""Bringing back what lies in the trash, and removing it for good."""

from __future__ import annotations

from offliniofs.catalog.free_names import free_entry_name, free_name, free_shelf_name, free_title_name
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums, rows_above
from offliniofs.catalog.trash import ADD_ENTRY, BELOW, ENTRY_NAME_TAKEN, FORGET_ENTRY, VIEW
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Purged, Restored, Retention

ENTRY = Statement("SELECT content_id, file_id, name, deleted_ns FROM trash WHERE id = ?")
PARENT_OF = Statement("SELECT parent_id FROM content WHERE id = ?")
FOLDER_OF = Statement("SELECT folder_id FROM files WHERE id = ?")
CONTENT_OF = Statement(
    """SELECT id, parent_id, shelf, folder_name, title_name, title_id FROM content INDEXED BY content_trash
    WHERE trash_id = ? ORDER BY id"""
)
FILES_OF = Statement(
    """SELECT id, content_id, folder_id, title_id, name, size FROM files INDEXED BY files_trash
    WHERE trash_id = ? ORDER BY id"""
)
TRASHED_CONTENT = Statement(
    """SELECT id, parent_id, shelf, folder_name, title_name, title_id, trash_id FROM content
    WHERE id = ? AND trash_id IS NOT NULL"""
)
TRASHED_FILE = Statement(
    "SELECT id, content_id, folder_id, title_id, name, size, trash_id FROM files WHERE id = ? AND trash_id IS NOT NULL"
)
ENTRY_TIMES = Statement("SELECT expires_ns, step FROM trash WHERE id = ?")
ITEMS = Statement(
    """SELECT c.id, c.parent_id, c.shelf, c.folder_name, c.title_name, c.title_id
    FROM content c INDEXED BY content_trash CROSS JOIN content p ON p.id = c.parent_id
    WHERE c.trash_id = ? AND c.folder_name IS NULL AND p.trash_id IS NULL"""
)
TOPS = Statement(
    """SELECT c.id, c.folder_name FROM content c INDEXED BY content_trash CROSS JOIN content p ON p.id = c.parent_id
    WHERE c.trash_id = ? AND p.trash_id IS NULL ORDER BY c.id"""
)
TAKE_CONTENT = Statement(
    f"{BELOW} UPDATE content SET trash_id = ?3 WHERE trash_id = ?2 AND id IN (SELECT id FROM below)", scans=("below",)
)
TAKE_FILES = Statement(
    f"{BELOW} UPDATE files SET trash_id = ?3 WHERE trash_id = ?2 AND folder_id IN (SELECT id FROM below)",
    scans=("below",),
)
LEFT_FILES = Statement("SELECT id, name FROM files INDEXED BY files_trash WHERE trash_id = ? ORDER BY id")
TAKE_FILE = Statement("UPDATE files SET trash_id = ? WHERE id = ?")
FREE_CONTENT = Statement(
    "UPDATE content SET deleted_ns = NULL, trash_id = NULL, folder_name = ?, title_name = ? WHERE id = ?"
)
FREE_FILE = Statement("UPDATE files SET deleted_ns = NULL, trash_id = NULL, name = ? WHERE id = ?")
PATH_STEP = Statement("SELECT parent_id, shelf, folder_name FROM content WHERE id = ?")
EXPIRED = Statement("SELECT id FROM trash INDEXED BY trash_expiry WHERE expires_ns <= ? ORDER BY expires_ns LIMIT ?")
BLOBS_BELOW = Statement(
    f"""{BELOW} SELECT f.blob_id, count(*) FROM below CROSS JOIN files f ON f.content_id = below.id
    GROUP BY f.blob_id""",
    scans=("below",),
)
BLOB_OF = Statement("SELECT blob_id, 1 FROM files WHERE id = ?")
ENTRIES_BELOW = Statement(
    f"""{BELOW} SELECT t.name FROM below CROSS JOIN trash t ON t.content_id = below.id
    UNION ALL SELECT t.name FROM below CROSS JOIN files f ON f.content_id = below.id
    CROSS JOIN trash t ON t.file_id = f.id""",
    scans=("below",),
)
DELETE_CONTENT = Statement("DELETE FROM content WHERE id = ?")
DELETE_FILE = Statement("DELETE FROM files WHERE id = ?")
UNNAMED_BLOB = Statement(
    """SELECT digest, size FROM blobs WHERE id = ?1
    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.blob_id = ?1)"""
)
AWAIT_REMOVAL = Statement("INSERT OR REPLACE INTO blob_removals (digest, purged_ns) VALUES (?, ?)")
DELETE_BLOB = Statement("DELETE FROM blobs WHERE id = ?")


class Restoring:
    """Restores and purges in one change."""

    __slots__ = ("_database", "_naming", "_retention", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._retention = retention

    def restore(self, trash_id: int) -> Restored:
        """Brings an entry back to where it was; under another name where its own was taken meanwhile."""
        content_id, file_id, name, _ = self._entry(trash_id)
        above = self._database.rows(FOLDER_OF if content_id is None else PARENT_OF, (content_id or file_id,))[0][0]
        self._free_above(above)
        rows = self._database.rows(CONTENT_OF, (trash_id,))
        files = self._database.rows(FILES_OF, (trash_id,))
        for title_id in sorted(({row[5] for row in rows} | {row[3] for row in files}) - {None}):
            self._unit.touch(title_id)
        for row in rows:
            self._free_directory(row, root=row[0] == content_id)
        for row in files:
            self._free_file(row, root=row[0] == file_id)
        self._forget(trash_id, name)
        self._unit.add_totals("files", len(files), sum(row[5] for row in files))
        self._recount(rows, files)
        path = self._path(content_id, file_id)
        self._unit.audit("restore", f"trash:{trash_id}", {"name": name}, {"path": path})
        return Restored(
            ContentId(content_id) if content_id is not None else None,
            FileId(file_id) if file_id is not None else None,
            path,
        )

    def revive(self, file_id: int, sums: Sums) -> None:
        """Brings back one file alone, whatever else lies in its entry, with the directories it stands in."""
        _, content_id, folder_id, title_id, _, size, _ = self._database.rows(TRASHED_FILE, (file_id,))[0]
        self._unit.touch(title_id)
        for above in (folder_id, content_id):
            self._free_above(above)
        # the entry may have been split a moment ago
        *row, trash_id = self._database.rows(TRASHED_FILE, (file_id,))[0]
        self._free_file(tuple(row), root=True)
        entry = self._database.row(ENTRY, (trash_id,))
        if entry is not None and entry[1] == file_id:
            self._forget(trash_id, entry[2])
        self._unit.add_totals("files", 1, size)
        sums.changed(content_id)
        self._unit.relink(title_id)

    def purge(self, trash_id: int) -> Purged:
        """Removes an entry for good: its rows, and the rows of blobs that nothing else names."""
        content_id, file_id, name, deleted_ns = self._entry(trash_id)
        if self._unit.now_ns < self._retention.removable_ns(deleted_ns):
            raise UsageError(
                f"{name!r} stays in the trash for {self._retention.least_days} days at least; trash_min_days says so."
            )
        if content_id is not None:
            blobs = self._database.rows(BLOBS_BELOW, (content_id,))
            names = [row[0] for row in self._database.rows(ENTRIES_BELOW, (content_id,))]
            self._database.rows(DELETE_CONTENT, (content_id,))
        else:
            blobs, names = self._database.rows(BLOB_OF, (file_id,)), [name]
            self._database.rows(DELETE_FILE, (file_id,))
        for gone in names:
            self._unit.view_entry(VIEW, "removed", None, gone)
        digests = self._forget_blobs([row[0] for row in blobs])
        files = sum(row[1] for row in blobs)
        self._unit.audit(
            "purge", f"trash:{trash_id}", {"name": name, "files": files, "blobs": len(digests)}, alone=True
        )
        return Purged(len(names), files, digests)

    def purge_expired(self, limit: int) -> Purged:
        """Purges at most ``limit`` entries whose time is over."""
        found = [row[0] for row in self._database.rows(EXPIRED, (self._unit.now_ns, limit))]
        entries = files = 0
        digests: list[Digest] = []
        for trash_id in found:
            if self._database.row(ENTRY, (trash_id,)) is None:
                continue  # it lay in a directory that went a moment ago
            purged = self.purge(trash_id)
            entries, files = entries + purged.entries, files + purged.files
            digests += purged.digests
        return Purged(entries, files, tuple(digests))

    def _free_above(self, content_id: int | None) -> None:
        """Brings a row and those above it back, and nothing of what else lies in their entries."""
        if content_id is None:
            return
        chain = rows_above(self._database, content_id)
        rows = [row for above in reversed(chain) for row in self._database.rows(TRASHED_CONTENT, (above,))]
        for *row, _ in rows:
            if row[5] is not None:
                self._unit.touch(row[5])
            self._free_directory(tuple(row), root=row[3] is not None)
        for trash_id in dict.fromkeys(row[6] for row in rows):
            self._split(trash_id)
        if rows:
            self._recount([row[:6] for row in rows], [])

    def _split(self, trash_id: int) -> None:
        """What remains in an entry whose own directory came back becomes entries of its own."""
        content_id, _, name, deleted_ns = self._entry(trash_id)
        if self._database.row(TRASHED_CONTENT, (content_id,)) is not None:
            return
        expires_ns, step = self._database.rows(ENTRY_TIMES, (trash_id,))[0]
        items = self._database.rows(ITEMS, (trash_id,))
        for item in items:
            self._free_directory(item, root=False)
        for inner_id, folder in self._database.rows(TOPS, (trash_id,)):
            inner = self._add_entry(inner_id, None, f"{name} - {folder}", (deleted_ns, expires_ns, step))
            for statement in (TAKE_FILES, TAKE_CONTENT):
                self._database.rows(statement, (inner_id, trash_id, inner))
        for file_id, file_name in self._database.rows(LEFT_FILES, (trash_id,)):
            inner = self._add_entry(None, file_id, file_name, (deleted_ns, expires_ns, step))
            self._database.rows(TAKE_FILE, (inner, file_id))
        self._recount(items, [])
        self._forget(trash_id, name)

    def _add_entry(self, content_id: int | None, file_id: int | None, wanted: str, times: Row) -> int:
        name = free_name(self._naming, wanted, lambda tried: bool(self._database.row(ENTRY_NAME_TAKEN, (tried,))))
        self._unit.view_entry(VIEW, "added", None, name)
        return self._database.insert(ADD_ENTRY, (content_id, file_id, name, *times))

    def _forget(self, trash_id: int, name: str) -> None:
        self._database.rows(FORGET_ENTRY, (trash_id,))
        self._unit.view_entry(VIEW, "removed", None, name)

    def _entry(self, trash_id: int) -> Row:
        row = self._database.row(ENTRY, (trash_id,))
        if row is None:
            raise NotFoundError(f"There is no entry {trash_id} in the trash; it was restored or removed for good.")
        return row

    def _free_directory(self, row: Row, *, root: bool) -> None:
        content_id, parent_id, shelf, folder, title_name, _ = row
        database, naming = self._database, self._naming
        if folder is not None:
            folder = (
                free_shelf_name(database, naming, shelf, folder)
                if parent_id is None
                else free_entry_name(database, naming, parent_id, folder)
            )
        if title_name is not None:
            title_name = free_title_name(database, naming, title_name)
        database.rows(FREE_CONTENT, (folder, title_name, content_id))
        if root and parent_id is None:
            self._unit.view_entry(f"shelf:{shelf}", "added", content_id, folder)
        elif root:
            self._unit.entry("content", "added", content_id, parent_id, folder)

    def _free_file(self, row: Row, *, root: bool) -> None:
        file_id, _, folder_id, _, name, _ = row
        name = free_entry_name(self._database, self._naming, folder_id, name)
        self._database.rows(FREE_FILE, (name, file_id))
        if root:
            self._unit.entry("file", "added", file_id, folder_id, name)

    def _recount(self, rows: list[Row], files: list[Row]) -> None:
        sums = Sums(self._unit)
        for content_id in dict.fromkeys([row[0] for row in rows] + [row[1] for row in files]):
            sums.changed(content_id)
        sums.write()
        for title_id in {row[5] for row in rows} | {row[3] for row in files}:
            if title_id is not None:
                self._unit.relink(title_id)

    def _path(self, content_id: int | None, file_id: int | None) -> str:
        names: list[str] = []
        above = content_id
        if file_id is not None:
            above, name = self._database.rows(PLACE_OF_FILE, (file_id,))[0]
            names.append(name)
        while above is not None:
            above, shelf, folder = self._database.rows(PATH_STEP, (above,))[0]
            names += [part for part in (folder, shelf) if part is not None]
        return "/".join(reversed(names))

    def _forget_blobs(self, blob_ids: list[int]) -> tuple[Digest, ...]:
        digests: list[Digest] = []
        for blob_id in blob_ids:
            row = self._database.row(UNNAMED_BLOB, (blob_id,))
            if row is not None:
                self._database.rows(DELETE_BLOB, (blob_id,))
                self._database.rows(AWAIT_REMOVAL, (row[0], self._unit.now_ns))
                self._unit.add_totals("blobs", -1, -row[1])
                digests.append(Digest(row[0]))
        return tuple(digests)


PLACE_OF_FILE = Statement("SELECT folder_id, name FROM files WHERE id = ?")
