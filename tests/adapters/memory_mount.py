"""A mount without a kernel: carries the tree's plans out on a :class:`MemoryCatalogue`."""

from __future__ import annotations

from collections.abc import Iterator

from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import FileRow
from offliniofs.tree.inodes import Static, file_inode, unnamed_base
from offliniofs.tree.nfo import generated_nfos
from offliniofs.tree.plans import (
    AttributePlan,
    ChildRows,
    Entry,
    FacetRows,
    FileRows,
    FindDirectory,
    FindFacetValue,
    FindFile,
    FindInFolder,
    FindInTrashed,
    FindParent,
    FindShelfTitle,
    FindSuggestion,
    FindTitle,
    FindTrashed,
    FindTrashedDirectory,
    FixedEntries,
    FolderAttributes,
    ListingPlan,
    LookupPlan,
    NfoEntries,
    Present,
    Refusal,
    Refused,
    SearchEntries,
    Section,
    ShelfRows,
    SuggestionEntry,
    SuggestionLink,
    TitleRows,
    TrashedChildRows,
    TrashedFileRows,
    TrashRows,
    resume,
)
from offliniofs.tree.searches import suggestion_name, suggestion_target
from offliniofs.tree.tree import Tree
from offliniofs.tree.unnamed import FindAboveUnnamed, FindInUnnamed, FindUnnamed, UnnamedRows, inode_of, place_at
from tests.adapters.memory_catalogue import MemoryCatalogue

ROOT = int(Static.ROOT)
_ALL = 1 << 30


class RefusalError(Exception):
    """The tree or the catalogue says no."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class MemoryMount:
    """The calls of a file system, by inode."""

    def __init__(self, catalogue: MemoryCatalogue, tree: Tree | None = None) -> None:
        self.catalogue = catalogue
        self.tree = tree or Tree()

    # --- calls --------------------------------------------------------------------------------------------------------

    def lookup(self, inode: int, name: str | bytes) -> int:
        """The inode behind a name. Raises RefusalError."""
        plan = self.tree.lookup(inode, name.encode() if isinstance(name, str) else name)
        found = self._find(plan) or self._find_unnamed(inode, name)
        if found is None:
            raise RefusalError(Refusal.NOT_FOUND)
        return found

    def resolve(self, path: str) -> int:
        """The inode at a path below the root. Raises RefusalError."""
        inode = ROOT
        for name in path.split("/"):
            inode = self.lookup(inode, name)
        return inode

    def readdir(self, inode: int, offset: int, limit: int) -> list[Entry]:
        """At most ``limit`` entries after the cookie ``offset``. Raises RefusalError."""
        plan = self.tree.listing(inode)
        if isinstance(plan, Refused):
            raise RefusalError(plan.refusal)
        entries: list[Entry] = []
        first, after = resume(offset)
        for index in range(first, len(plan.sections)):
            entries += self._section(plan, index, after if index == first else 0, limit - len(entries))
            if len(entries) >= limit:
                break
        return entries

    def entries(self, inode: int, page: int = 3) -> Iterator[Entry]:
        """Everything a folder lists, read in pages."""
        offset = 0
        while part := self.readdir(inode, offset, page):
            yield from part
            offset = part[-1].cookie

    def names(self, path: str = "") -> list[str]:
        """The names at a path."""
        return [entry.name for entry in self.entries(self.resolve(path) if path else ROOT)]

    def attributes(self, inode: int) -> AttributePlan:
        """What there is to know of an inode. Raises RefusalError if that is nothing."""
        plan = self.tree.attributes(inode)
        gone = (
            (isinstance(plan, FindDirectory) and self.catalogue.directory(plan.content_id) is None)
            or (isinstance(plan, FindTrashedDirectory) and plan.content_id not in self.catalogue.trashed)
            or (
                isinstance(plan, FindFile)
                and plan.file_id not in {**self.catalogue.files, **self.catalogue.trashed_files}
            )
            or (isinstance(plan, FindUnnamed) and plan.number not in self.catalogue.unnamed)
            or (isinstance(plan, SuggestionLink) and plan.query not in self.catalogue.suggestions)
        )
        if isinstance(plan, Refused) or gone:
            raise RefusalError(plan.refusal if isinstance(plan, Refused) else Refusal.STALE)
        return plan

    def is_directory(self, inode: int) -> bool:
        """Whether it has entries."""
        return isinstance(self.attributes(inode), FolderAttributes | FindDirectory | FindTrashedDirectory | FindUnnamed)

    def readlink(self, inode: int) -> bytes:
        """Where a link leads."""
        plan = self.attributes(inode)
        if not isinstance(plan, SuggestionLink):
            raise RefusalError(Refusal.INVALID)
        return suggestion_target(self.catalogue.suggestions[plan.query])

    def walk(self, inode: int = ROOT, path: str = "") -> Iterator[tuple[str, int, int]]:
        """Everything below a folder: path, inode of the folder it stands in, its own."""
        for entry in self.entries(inode):
            below = f"{path}/{entry.name}" if path else entry.name
            yield below, inode, entry.inode
            if self.is_directory(entry.inode):
                yield from self.walk(entry.inode, below)

    # --- plans --------------------------------------------------------------------------------------------------------

    def _find(self, plan: LookupPlan | FindSuggestion) -> int | None:
        match plan:
            case Present(inode):
                return inode
            case Refused(refusal):
                raise RefusalError(refusal)
            case FindShelfTitle(shelf, name, base):
                shelf_row = next((r for r in self.catalogue.shelf_page(shelf, 0, _ALL) if r.name == name), None)
                return None if shelf_row is None else base | shelf_row.content_id
            case FindTitle(selection, name, base, otherwise):
                row = next((r for r in self.catalogue.titles_page(selection, 0, _ALL) if r.name == name), None)
                return self._find(otherwise) if row is None else base | row.content_id
            case FindFacetValue(facet, name, view):
                value = self.catalogue.facet_named(facet, name)
                return None if value is None else self.tree.value_inode(view, value.value)
            case FindSuggestion(selection, query, name, inode):
                return (
                    inode
                    if self._suggestion(query, bool(self.catalogue.titles_page(selection, 0, 1))) == name
                    else None
                )
            case FindInFolder():
                return self._find_in_folder(plan)
            case FindTrashed() | FindInTrashed():
                return self._find_trashed(plan)
            case FindParent() | FindAboveUnnamed() | FindInUnnamed():
                return self._find_parent(plan)

    def _find_unnamed(self, folder: int, name: str | bytes) -> int | None:
        text, found = name if isinstance(name, str) else name.decode("utf-8", "replace"), place_at(folder)
        rows = self.catalogue.unnamed.items() if found is not None else ()
        base = unnamed_base(found[1]) if found is not None else 0
        return next((base | number for number, row in rows if found is not None and row == (found[0], text)), None)

    def _find_in_folder(self, plan: FindInFolder) -> int | None:
        for child in self.catalogue.children_page(plan.folder_id, 0, _ALL, plan.height):
            if child.name == plan.name:
                return plan.base | child.content_id
        files = self._files(plan.folder_id, plan.height)
        for row in files:
            if row.name == plan.name:
                return file_inode(row.file_id)
        if not plan.may_be_generated:
            return None
        nfos = generated_nfos(self.catalogue.folders[plan.folder_id].kind, plan.folder_id, files)
        return next((entry.inode for entry in nfos if entry.name == plan.name), None)

    def _find_trashed(self, plan: FindTrashed | FindInTrashed) -> int | None:
        if isinstance(plan, FindTrashed):
            return next((plan.base | key for name, key in self.catalogue.trash.values() if name == plan.name), None)
        files = (row for row in self.catalogue.trashed_files.values() if row.folder_id == plan.folder_id)
        return next((file_inode(row.file_id) for row in files if row.name == plan.name), None)

    def _find_parent(self, plan: FindParent | FindAboveUnnamed | FindInUnnamed) -> int | None:
        if isinstance(plan, FindInUnnamed):
            return None
        if isinstance(plan, FindAboveUnnamed):
            return inode_of(self.catalogue.unnamed[plan.number][0], plan.context)
        folder = self.catalogue.folders[plan.content_id]
        if plan.top is not None and folder.title_name:
            return plan.top
        if folder.parent is not None:
            return plan.base | folder.parent
        return None if folder.shelf is None else self.tree.shelf_inode(folder.shelf)

    def _section(self, plan: ListingPlan, index: int, after: int, limit: int) -> list[Entry]:
        section: Section = plan.sections[index]
        match section:
            case ShelfRows(cookie, shelf, base):
                rows = self.catalogue.shelf_page(shelf, after, limit)
                return [Entry(cookie | row.content_id, row.name, base | row.content_id) for row in rows]
            case TitleRows(cookie, selection, base):
                rows = self.catalogue.titles_page(selection, after, limit)
                return [Entry(cookie | row.content_id, row.name, base | row.content_id) for row in rows]
            case ChildRows(cookie, content_id, height, base):
                rows = self.catalogue.children_page(content_id, after, limit, height)
                return [Entry(cookie | row.content_id, row.name, base | row.content_id) for row in rows]
            case FileRows(cookie, folder_id, height, base):
                files = self.catalogue.files_page(folder_id, after, limit, height)
                return [Entry(cookie | row.file_id, row.name, base | row.file_id) for row in files]
            case TrashRows(cookie, base):
                entries = [Entry(cookie | key, name, base | row) for key, (name, row) in self.catalogue.trash.items()]
                return [entry for entry in entries if entry.cookie > cookie | after][:limit]
            case TrashedFileRows(cookie, folder_id):
                rows_of = [row for row in self.catalogue.trashed_files.values() if row.folder_id == folder_id]
                listed = [Entry(cookie | row.file_id, row.name, file_inode(row.file_id)) for row in rows_of]
                return [entry for entry in listed if entry.cookie > cookie | after][:limit]
            case TrashedChildRows():
                return []
            case UnnamedRows(cookie, place, base):
                waiting = [(key, name) for key, (where, name) in self.catalogue.unnamed.items() if where == place]
                return [Entry(cookie | key, name, base | key) for key, name in waiting if key > after][:limit]
            case _:
                whole = self._whole_section(plan, index)
                return [entry for entry in whole if entry.cookie > (section.cookie | after)][:limit]

    def _whole_section(self, plan: ListingPlan, index: int) -> list[Entry]:
        section = plan.sections[index]
        match section:
            case FixedEntries(_, entries):
                return list(entries)
            case FacetRows():
                return self._facet_entries(section)
            case NfoEntries(cookie, folder_id, height):
                kind = self.catalogue.folders[folder_id].kind
                return generated_nfos(kind, folder_id, self._files(folder_id, height), cookie)
            case SearchEntries(cookie):
                saved = [(key, query) for key, (_, query) in self.catalogue.saved.items()]
                return self.tree.search_entries(saved, self.catalogue.recent, cookie)
            case SuggestionEntry(cookie, query, inode):
                name = self._suggestion(query, bool(self._section(plan, index - 1, 0, 1)))
                return [] if name is None else [Entry(cookie | 1, name, inode)]
            case _:
                raise AssertionError(f"a section of rows: {section}")

    def _facet_entries(self, section: FacetRows) -> list[Entry]:
        entries: list[Entry] = []
        for row in self.catalogue.facet_page(section.facet, section.view.selection, 0, _ALL):
            inode = self.tree.value_inode(section.view, row.value)
            if inode is not None and isinstance(row.value.key, int):
                entries.append(Entry(section.cookie | row.value.key, row.name, inode))
        return entries

    def _suggestion(self, query: str, found: bool) -> str | None:
        suggestion = None if found else self.catalogue.suggestions.get(query)
        return None if suggestion is None else suggestion_name(suggestion)

    def _files(self, folder_id: ContentId, height: int | None) -> list[FileRow]:
        return self.catalogue.files_page(folder_id, 0, _ALL, height)
