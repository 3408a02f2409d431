"""What lies in the trash: its entries, and the directories and files in them. Pages are by key, as everywhere."""

from __future__ import annotations

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.reader_listing import KINDS, ROLES
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import DirectoryRow, FileRow
from offliniofs.domain.trash import TrashRow

_ENTRY = """t.id, t.name, t.content_id, t.file_id, t.deleted_ns, t.expires_ns,
    (SELECT count(*) FROM files f INDEXED BY files_trash WHERE f.trash_id = t.id),
    (SELECT coalesce(sum(f.size), 0) FROM files f INDEXED BY files_trash WHERE f.trash_id = t.id) FROM trash t"""
_FILE = """f.id, f.folder_id, f.title_id, f.role, f.name, f.size, f.mtime_ns, f.added_ns, b.digest, f.link_count,
    f.mode, f.uid, f.gid FROM files f{0} CROSS JOIN blobs b ON b.id = f.blob_id"""
_DIRECTORY = "c.id, c.kind, c.folder_name, c.modified_ns FROM content c"

PAGE = Statement(f"SELECT {_ENTRY} WHERE t.id > ? ORDER BY t.id LIMIT ?")
NAMED = Statement(f"SELECT {_ENTRY} WHERE t.name = ?")
BY_ID = Statement(f"SELECT {_ENTRY} WHERE t.id = ?")
ENTRY_OF_CONTENT = Statement("SELECT trash_id FROM content WHERE id = ? AND trash_id IS NOT NULL")
ENTRY_OF_FILE = Statement("SELECT trash_id FROM files WHERE id = ? AND trash_id IS NOT NULL")
DIRECTORY = Statement(f"SELECT {_DIRECTORY} WHERE c.id = ? AND c.trash_id IS NOT NULL AND c.folder_name IS NOT NULL")
CHILDREN = Statement(
    f"""SELECT {_DIRECTORY} INDEXED BY content_trash WHERE c.trash_id = ? AND c.parent_id = ? AND c.id > ?
    AND c.folder_name IS NOT NULL ORDER BY c.id LIMIT ?"""
)
CHILD_NAMED = Statement(
    f"""SELECT {_DIRECTORY} INDEXED BY content_trash WHERE c.trash_id = ? AND c.parent_id = ? AND c.folder_name = ?
    ORDER BY c.id LIMIT 1"""
)
FILES = Statement(
    f"""SELECT {_FILE.format(" INDEXED BY files_trash")} WHERE f.trash_id = ? AND f.folder_id = ? AND f.id > ?
    ORDER BY f.id LIMIT ?"""
)
FILE_NAMED = Statement(
    f"""SELECT {_FILE.format(" INDEXED BY files_trash")} WHERE f.trash_id = ? AND f.folder_id = ? AND f.name = ?
    ORDER BY f.id LIMIT 1"""
)
STORED_FILE = Statement(f"SELECT {_FILE.format('')} WHERE f.id = ?")


class TrashReader(ReaderBase):
    """Questions about the trash. A file that lies in it keeps its id and its bytes until it is removed for good."""

    __slots__ = ()

    def trash_page(self, after: int, limit: int) -> list[TrashRow]:
        """Entries, in the order in which they were deleted."""
        return [_entry(row) for row in self._database.rows(PAGE, (after, limit))]

    def trash_named(self, name: str) -> TrashRow | None:
        """The entry of that name."""
        row = self._database.row(NAMED, (name,))
        return _entry(row) if row else None

    def trash_entry(self, trash_id: int) -> TrashRow | None:
        """An entry by its id."""
        row = self._database.row(BY_ID, (trash_id,))
        return _entry(row) if row else None

    def trash_of_content(self, content_id: ContentId) -> int | None:
        """The entry a directory lies in; ``None`` for one that is in the library, or gone."""
        row = self._database.row(ENTRY_OF_CONTENT, (content_id,))
        return int(row[0]) if row else None

    def trash_of_file(self, file_id: FileId) -> int | None:
        """The entry a file lies in; ``None`` for one that is in the library, or gone."""
        row = self._database.row(ENTRY_OF_FILE, (file_id,))
        return int(row[0]) if row else None

    def trashed_directory(self, content_id: ContentId) -> DirectoryRow | None:
        """A directory that lies in the trash, under the name it had."""
        row = self._database.row(DIRECTORY, (content_id,))
        return _directory(row) if row else None

    def trashed_children(self, trash_id: int, content_id: ContentId, after: int, limit: int) -> list[DirectoryRow]:
        """Directories inside a directory of an entry."""
        return [_directory(row) for row in self._database.rows(CHILDREN, (trash_id, content_id, after, limit))]

    def trashed_child_named(self, trash_id: int, content_id: ContentId, name: str) -> DirectoryRow | None:
        """The directory of that name inside a directory of an entry."""
        row = self._database.row(CHILD_NAMED, (trash_id, content_id, name))
        return _directory(row) if row else None

    def trashed_files(self, trash_id: int, folder_id: ContentId, after: int, limit: int) -> list[FileRow]:
        """Files inside a directory of an entry."""
        return [_file(row) for row in self._database.rows(FILES, (trash_id, folder_id, after, limit))]

    def trashed_file_named(self, trash_id: int, folder_id: ContentId, name: str) -> FileRow | None:
        """The file of that name inside a directory of an entry."""
        row = self._database.row(FILE_NAMED, (trash_id, folder_id, name))
        return _file(row) if row else None

    def stored_file(self, file_id: FileId) -> FileRow | None:
        """A file wherever it is, in the library or in the trash: whoever has it open reads on."""
        row = self._database.row(STORED_FILE, (file_id,))
        return _file(row) if row else None


def _entry(row: Row) -> TrashRow:
    return TrashRow(*row)


def _directory(row: Row) -> DirectoryRow:
    content_id, kind, name, modified_ns = row
    return DirectoryRow(ContentId(content_id), KINDS[kind], name, modified_ns)


def _file(row: Row) -> FileRow:
    file_id, folder, title, role, *rest = row
    return FileRow(file_id, folder, title, ROLES[role], *rest)
