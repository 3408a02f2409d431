"""Bringing back what lies in the trash, and removing it for good."""

from __future__ import annotations

from offliniofs.catalog.free_names import free_entry_name, free_shelf_name, free_title_name
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.trash import ABOVE, BELOW, FORGET_ENTRY, VIEW
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Purged, Restored, Retention

ENTRY = Statement("SELECT content_id, file_id, name, deleted_ns FROM trash WHERE id = ?")
HOLDER = Statement(
    """SELECT t.id, t.name FROM content c CROSS JOIN trash t ON t.id = c.trash_id
    WHERE c.id = (SELECT coalesce((SELECT parent_id FROM content WHERE id = ?1),
    (SELECT folder_id FROM files WHERE id = ?2)))"""
)
HAS_FILES = Statement("SELECT 1 FROM files INDEXED BY files_trash WHERE trash_id = ? LIMIT 1")
CONTENT_OF = Statement(
    """SELECT id, parent_id, shelf, folder_name, title_name, title_id FROM content INDEXED BY content_trash
    WHERE trash_id = ? ORDER BY id"""
)
FILES_OF = Statement(
    """SELECT id, content_id, folder_id, title_id, name, size FROM files INDEXED BY files_trash
    WHERE trash_id = ? ORDER BY id"""
)
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
        holder = self._database.row(HOLDER, (content_id, file_id))
        if holder is not None:
            if self._database.row(HAS_FILES, (holder[0],)) is not None:
                raise UsageError(f"{name!r} was in {holder[1]!r}, which is in the trash too; restore that first.")
            self.restore(holder[0])
        rows = self._database.rows(CONTENT_OF, (trash_id,))
        files = self._database.rows(FILES_OF, (trash_id,))
        for title_id in sorted({row[5] for row in rows} | {row[3] for row in files} - {None}):
            if title_id is not None:
                self._unit.touch(title_id)
        for row in rows:
            self._free_directory(row, root=row[0] == content_id)
        for row in files:
            self._free_file(row, root=row[0] == file_id)
        self._database.rows(FORGET_ENTRY, (trash_id,))
        self._unit.view_entry(VIEW, "removed", None, name)
        self._unit.add_totals("files", len(files), sum(row[5] for row in files))
        self._recount(rows, files)
        path = self._path(content_id, file_id)
        self._unit.audit("restore", f"trash:{trash_id}", {"name": name}, {"path": path})
        return Restored(
            ContentId(content_id) if content_id is not None else None,
            FileId(file_id) if file_id is not None else None,
            path,
        )

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
            sums.changed(tuple(row[0] for row in self._database.rows(ABOVE, (content_id,))))
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
                self._unit.add_totals("blobs", -1, -row[1])
                digests.append(Digest(row[0]))
        return tuple(digests)


PLACE_OF_FILE = Statement("SELECT folder_id, name FROM files WHERE id = ?")
