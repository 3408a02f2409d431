"""A catalogue in dictionaries, that answers the listing questions of ``catalog.reader`` in the slow and obvious way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from offliniofs.domain.content import TITLE_KINDS, ContentKind, FileRole
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import DirectoryRow, Facet, FacetRow, FacetValue, FileRow, Selection, Shelf


@dataclass
class Folder:
    """A content row that is shown as a directory."""

    content_id: ContentId
    kind: ContentKind
    name: str
    parent: ContentId | None = None
    shelf: Shelf | None = None
    title_name: str = ""
    year: int | None = None
    genres: frozenset[int] = frozenset()
    collections: frozenset[int] = frozenset()
    favourite: bool = False
    viewed: bool = False


@dataclass
class MemoryCatalogue:
    """Rows by their id. ``height`` has the picture height of files that have one."""

    folders: dict[ContentId, Folder] = field(default_factory=dict)
    files: dict[FileId, FileRow] = field(default_factory=dict)
    height: dict[FileId, int] = field(default_factory=dict)
    genres: dict[int, str] = field(default_factory=dict)
    collections: dict[int, str] = field(default_factory=dict)
    saved: dict[int, tuple[str, str]] = field(default_factory=dict)
    recent: list[tuple[int, str]] = field(default_factory=list)
    trash: dict[int, tuple[str, ContentId]] = field(default_factory=dict)
    """Deleted folders: name, and which."""
    trashed: dict[ContentId, Folder] = field(default_factory=dict)
    trashed_files: dict[FileId, FileRow] = field(default_factory=dict)
    suggestions: dict[str, str] = field(default_factory=dict)
    unnamed: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Folders that wait for their name: place and name."""
    last_id: int = 0

    # --- filling ------------------------------------------------------------------------------------------------------

    def add_folder(
        self, kind: ContentKind, name: str, parent: ContentId | None = None, shelf: Shelf | None = None
    ) -> Folder:
        """A directory on a shelf or below another; a title has its own name in views."""
        self.last_id += 1
        folder = Folder(ContentId(self.last_id), kind, name, parent, shelf, name if kind in TITLE_KINDS else "")
        self.folders[folder.content_id] = folder
        return folder

    def add_file(
        self, folder: Folder, name: str, role: FileRole = FileRole.MEDIA, height: int | None = None
    ) -> FileRow:
        """A file in a directory."""
        self.last_id += 1
        title = folder
        while title.kind not in TITLE_KINDS and title.parent is not None:
            title = self.folders[title.parent]
        row = FileRow(
            *(FileId(self.last_id), folder.content_id, title.content_id, role, name, 1000 + self.last_id, 5, 6),
            *(Digest(bytes(32)), 1),
        )
        self.files[row.file_id] = row
        if height is not None:
            self.height[row.file_id] = height
        return row

    def delete(self, folder: Folder) -> None:
        """Moves a folder that holds only files into the trash."""
        self.last_id += 1
        self.trash[self.last_id] = (folder.title_name, folder.content_id)
        self.trashed[folder.content_id] = self.folders.pop(folder.content_id)
        for row in [row for row in self.files.values() if row.folder_id == folder.content_id]:
            self.trashed_files[row.file_id] = self.files.pop(row.file_id)

    # --- listing questions --------------------------------------------------------------------------------------------

    def shelf_page(self, shelf: Shelf, after: int, limit: int) -> list[DirectoryRow]:
        """Rows of a shelf."""
        return self._directories(lambda folder: folder.shelf is shelf, after, limit)

    def children_page(
        self, content_id: ContentId, after: int, limit: int, height: int | None = None
    ) -> list[DirectoryRow]:
        """Directories in a directory; with ``height`` those that hold such a file."""
        return self._directories(
            lambda folder: folder.parent == content_id and (height is None or self._holds(folder, height)), after, limit
        )

    def files_page(self, folder_id: ContentId, after: int, limit: int, height: int | None = None) -> list[FileRow]:
        """Files in a directory; with ``height`` no media files of another one."""
        rows = (row for key, row in sorted(self.files.items()) if key > after and row.folder_id == folder_id)
        return [row for row in rows if height is None or self.height.get(row.file_id, height) == height][:limit]

    def directory(self, content_id: ContentId) -> DirectoryRow | None:
        """A directory."""
        folder = self.folders.get(content_id)
        return None if folder is None else _row(folder, folder.name)

    def titles_page(self, selection: Selection, after: int, limit: int) -> list[DirectoryRow]:
        """Titles that meet all conditions."""
        rows = [_row(title, title.title_name) for title in self.titles(selection) if title.content_id > after]
        return rows[:limit]

    def facet_page(self, facet: Facet, selection: Selection, after: int, limit: int) -> list[FacetRow]:
        """Values that some title of the selection has."""
        names = self._values(facet)
        rows = [FacetRow(FacetValue(facet, key), names[key], 7) for key in sorted(names) if key > after]
        empty = facet in {Facet.COLLECTION, Facet.SAVED} and not selection
        return [row for row in rows if empty or any(self.titles((*selection, row.value)))][:limit]

    def facet_named(self, facet: Facet, name: str) -> FacetRow | None:
        """The value of that name."""
        return next((row for row in self.facet_page(facet, (), 0, 1 << 30) if row.name == name), None)

    def titles(self, selection: Selection) -> Iterator[Folder]:
        """Titles that meet all conditions, in the order of their ids."""
        for _, folder in sorted(self.folders.items()):
            if folder.kind in TITLE_KINDS and all(self._meets(folder, value) for value in selection):
                yield folder

    def _directories(self, shown: Callable[[Folder], bool], after: int, limit: int) -> list[DirectoryRow]:
        rows = [
            _row(folder, folder.name) for key, folder in sorted(self.folders.items()) if key > after and shown(folder)
        ]
        return rows[:limit]

    def _values(self, facet: Facet) -> dict[int, str]:
        match facet:
            case Facet.GENRE:
                return self.genres
            case Facet.COLLECTION:
                return self.collections
            case Facet.SAVED:
                return {key: name for key, (name, _) in self.saved.items()}
            case Facet.YEAR:
                return {title.year: str(title.year) for title in self.titles(()) if title.year is not None}
            case _:
                return {height: f"{height}p" for height in self.height.values()}

    def _holds(self, folder: Folder, height: int) -> bool:
        return any(self.height.get(row.file_id) == height for row in self._files_below(folder.content_id))

    def _files_below(self, content_id: ContentId) -> Iterator[FileRow]:
        for row in self.files.values():
            above: ContentId | None = row.folder_id
            while above is not None:
                if above == content_id:
                    yield row
                above = self.folders[above].parent

    def _meets(self, title: Folder, value: FacetValue) -> bool:
        match value.facet:
            case Facet.GENRE:
                return value.key in title.genres
            case Facet.COLLECTION:
                return value.key in title.collections
            case Facet.YEAR:
                return value.key == title.year
            case Facet.QUALITY:
                return isinstance(value.key, int) and self._holds(title, value.key)
            case Facet.UNWATCHED:
                return not title.viewed
            case Facet.FAVOURITES:
                return title.favourite
            case Facet.SEARCH:
                return _found(title, str(value.key))
            case Facet.SAVED:
                return (
                    isinstance(value.key, int) and value.key in self.saved and _found(title, self.saved[value.key][1])
                )
            case _:
                return True


def _found(title: Folder, query: str) -> bool:
    words: Iterable[str] = query.casefold().split()
    return all(word in title.title_name.casefold() for word in words)


def _row(folder: Folder, name: str) -> DirectoryRow:
    return DirectoryRow(folder.content_id, folder.kind, name, 4)
