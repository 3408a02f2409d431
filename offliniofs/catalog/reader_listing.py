"""The canonical tree: shelves, the directories below them and their files.

All pages are by key: rows with an id greater than ``after``, in order of id, ``limit`` at most. With ``height``
(pixels) only what belongs to that picture size is seen: media files of it, what goes with them or with the title, and
the directories that hold such a file. Folders without any media file (extras, artwork) always show.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import DirectoryRow, FileRow, Shelf, UnnamedRow

KINDS: Mapping[str, ContentKind] = MappingProxyType({kind.value: kind for kind in ContentKind})
ROLES: Mapping[str, FileRole] = MappingProxyType({role.value: role for role in FileRole})

_DIRECTORY = "c.id, c.kind, c.folder_name, c.modified_ns"
_CHILD_OF_HEIGHT = (
    "(EXISTS (SELECT 1 FROM content_resolutions r WHERE r.resolution = {0} AND r.content_id = c.id)"
    " OR (c.kind = 'folder' AND EXISTS (SELECT 1 FROM content m WHERE m.id = c.id AND m.media_count = 0)))"
)
_FILE = """f.id, f.folder_id, f.title_id, f.role, f.name, f.size, f.mtime_ns, f.added_ns, b.digest, f.link_count,
    f.mode, f.uid, f.gid FROM files f{0} CROSS JOIN blobs b ON b.id = f.blob_id"""
_FILE_OF_HEIGHT = "(f.resolution = {0} OR (f.resolution IS NULL AND f.role <> 'media'))"

SHELF_PAGE = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_shelf_listing
    WHERE c.shelf = ? AND c.id > ? AND c.deleted_ns IS NULL AND c.listed = 1 ORDER BY c.id LIMIT ?""")
SHELF_NAMED = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_shelf_lookup
    WHERE c.shelf = ? AND c.folder_name = ? AND c.deleted_ns IS NULL AND c.listed = 1""")
CHILDREN_PAGE = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_child_listing
    WHERE c.parent_id = ? AND c.id > ? AND c.folder_name IS NOT NULL AND c.deleted_ns IS NULL ORDER BY c.id LIMIT ?""")
CHILDREN_PAGE_OF_HEIGHT = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_child_listing
    WHERE c.parent_id = ?1 AND c.id > ?2 AND c.folder_name IS NOT NULL AND c.deleted_ns IS NULL
    AND {_CHILD_OF_HEIGHT.format("?4")} ORDER BY c.id LIMIT ?3""")
CHILD_NAMED = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_child_name
    WHERE c.parent_id = ? AND c.folder_name = ? AND c.deleted_ns IS NULL""")
CHILD_NAMED_OF_HEIGHT = Statement(f"""SELECT {_DIRECTORY} FROM content c INDEXED BY content_child_name
    WHERE c.parent_id = ?1 AND c.folder_name = ?2 AND c.deleted_ns IS NULL AND {_CHILD_OF_HEIGHT.format("?3")}""")
DIRECTORY = Statement(f"""SELECT {_DIRECTORY} FROM content c
    WHERE c.id = ? AND c.folder_name IS NOT NULL AND c.deleted_ns IS NULL""")
PARENT = Statement("SELECT parent_id, shelf FROM content WHERE id = ? AND deleted_ns IS NULL")
FILES_PAGE = Statement(f"""SELECT {_FILE.format(" INDEXED BY files_listing")}
    WHERE f.folder_id = ? AND f.id > ? AND f.deleted_ns IS NULL ORDER BY f.id LIMIT ?""")
FILES_PAGE_OF_HEIGHT = Statement(f"""SELECT {_FILE.format(" INDEXED BY files_listing")}
    WHERE f.folder_id = ?1 AND f.id > ?2 AND f.deleted_ns IS NULL AND {_FILE_OF_HEIGHT.format("?4")}
    ORDER BY f.id LIMIT ?3""")
FILE_NAMED = Statement(f"""SELECT {_FILE.format(" INDEXED BY files_name")}
    WHERE f.folder_id = ? AND f.name = ? AND f.deleted_ns IS NULL""")
FILE_NAMED_OF_HEIGHT = Statement(f"""SELECT {_FILE.format(" INDEXED BY files_name")}
    WHERE f.folder_id = ?1 AND f.name = ?2 AND f.deleted_ns IS NULL AND {_FILE_OF_HEIGHT.format("?3")}""")
FILE = Statement(f"SELECT {_FILE.format('')} WHERE f.id = ? AND f.deleted_ns IS NULL")
UNNAMED_AT = Statement("""SELECT id, place, name, made_ns, became FROM unnamed_folders
    INDEXED BY unnamed_folders_waiting WHERE place = ? AND became IS NULL ORDER BY id LIMIT 1000""")
UNNAMED = Statement("SELECT id, place, name, made_ns, became FROM unnamed_folders WHERE id = ?")


def directories(rows: list[Row]) -> list[DirectoryRow]:
    """Rows of id, kind, name and modification time, typed."""
    kinds = KINDS
    return [DirectoryRow(content_id, kinds[kind], name, modified_ns) for content_id, kind, name, modified_ns in rows]


def first_directory(rows: list[Row]) -> DirectoryRow | None:
    """The one row of an answer, typed."""
    if not rows:
        return None
    content_id, kind, name, modified_ns = rows[0]
    return DirectoryRow(content_id, KINDS[kind], name, modified_ns)


def _files(rows: list[Row]) -> list[FileRow]:
    roles = ROLES
    return [
        FileRow(file_id, folder, title, roles[role], name, size, mtime, added, digest, links, mode, uid, gid)
        for file_id, folder, title, role, name, size, mtime, added, digest, links, mode, uid, gid in rows
    ]


def _first_file(rows: list[Row]) -> FileRow | None:
    return _files(rows)[0] if rows else None


def resolution_name(height: int) -> str:
    """The name of a picture height: ``1080p``."""
    return f"{height}p"


class ListingReader(ReaderBase):
    """Directories and files of the canonical tree; see the module for pages and heights."""

    __slots__ = ()

    def shelf_page(self, shelf: Shelf, after: int, limit: int) -> list[DirectoryRow]:
        """Titles (in ``music``: artists) on a shelf."""
        return directories(self._database.rows(SHELF_PAGE, (shelf.value, after, limit)))

    def shelf_named(self, shelf: Shelf, name: str) -> DirectoryRow | None:
        """The directory of that name on a shelf."""
        return first_directory(self._database.rows(SHELF_NAMED, (shelf, name)))

    def children_page(
        self, content_id: ContentId, after: int, limit: int, height: int | None = None
    ) -> list[DirectoryRow]:
        """Directories inside a directory: seasons, albums, extras."""
        if height is None:
            return directories(self._database.rows(CHILDREN_PAGE, (content_id, after, limit)))
        bindings = (content_id, after, limit, resolution_name(height))
        return directories(self._database.rows(CHILDREN_PAGE_OF_HEIGHT, bindings))

    def child_named(self, content_id: ContentId, name: str, height: int | None = None) -> DirectoryRow | None:
        """The directory of that name inside a directory."""
        if height is None:
            return first_directory(self._database.rows(CHILD_NAMED, (content_id, name)))
        return first_directory(self._database.rows(CHILD_NAMED_OF_HEIGHT, (content_id, name, resolution_name(height))))

    def files_page(self, folder_id: ContentId, after: int, limit: int, height: int | None = None) -> list[FileRow]:
        """Files inside a directory."""
        if height is None:
            return _files(self._database.rows(FILES_PAGE, (folder_id, after, limit)))
        return _files(self._database.rows(FILES_PAGE_OF_HEIGHT, (folder_id, after, limit, resolution_name(height))))

    def file_named(self, folder_id: ContentId, name: str, height: int | None = None) -> FileRow | None:
        """The file of that name inside a directory."""
        if height is None:
            return _first_file(self._database.rows(FILE_NAMED, (folder_id, name)))
        return _first_file(self._database.rows(FILE_NAMED_OF_HEIGHT, (folder_id, name, resolution_name(height))))

    def directory(self, content_id: ContentId) -> DirectoryRow | None:
        """A directory by its id, under its name in the canonical tree; ``None`` for what is none, or is gone."""
        return first_directory(self._database.rows(DIRECTORY, (content_id,)))

    def file(self, file_id: FileId) -> FileRow | None:
        """A file by its id."""
        return _first_file(self._database.rows(FILE, (file_id,)))

    def parent_of(self, content_id: ContentId) -> ContentId | Shelf | None:
        """The directory a content row stands in, or its shelf; ``None`` for what is gone."""
        found = self._database.row(PARENT, (content_id,))
        if found is None:
            return None
        return ContentId(found[0]) if found[0] is not None else Shelf(found[1])

    def unnamed_in(self, place: str) -> list[UnnamedRow]:
        """Folders that wait for their name in one place, the oldest first."""
        return [UnnamedRow(*row) for row in self._database.rows(UNNAMED_AT, (place,))]

    def unnamed(self, number: int) -> UnnamedRow | None:
        """One by its number, also when it has got its name; ``None`` when it is gone."""
        row = self._database.row(UNNAMED, (number,))
        return None if row is None else UnnamedRow(*row)
