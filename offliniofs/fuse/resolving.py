"""Names and inode numbers become attributes: the tree's lookup and attribute plans, carried out on the catalogue.

What takes microseconds (one row by its key or name) is read on the event loop; searches, and texts that must be
rendered, go to a worker thread. Nothing here writes.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable

import pyfuse3

from offliniofs.catalog.reader import Reader
from offliniofs.domain.access import FolderAccess
from offliniofs.domain.content import TITLE_KINDS
from offliniofs.domain.errors import CatalogError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import DirectoryRow, Facet, FacetRow, FileRow, Selection, Shelf, UnnamedRow
from offliniofs.fuse.alike import name_meant
from offliniofs.fuse.attributes import FLEETING_SECONDS, NO_RULES, AttributeMaker
from offliniofs.fuse.documents import Documents
from offliniofs.fuse.errors import refused
from offliniofs.fuse.services import Catalogue, Suggest
from offliniofs.fuse.trash_view import TrashView
from offliniofs.tree.inodes import FILE_BASE, MAX_CONTENT_ID, Static, UnnamedNode, decode, unnamed_base
from offliniofs.tree.nfo import generated_nfos, has_generated_nfos
from offliniofs.tree.plans import (
    NFOS,
    ConstantFile,
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
    FolderAttributes,
    LookupPlan,
    Present,
    Refusal,
    Refused,
    RenderedFile,
    SuggestionLink,
)
from offliniofs.tree.searches import suggestion_name, suggestion_target
from offliniofs.tree.text import folded
from offliniofs.tree.tree import Tree
from offliniofs.tree.unnamed import (
    FindAboveUnnamed,
    FindInUnnamed,
    FindUnnamed,
    in_context,
    inode_of,
    is_unnamed,
    place_at,
)
from offliniofs.tree.views import LIBRARY_KEY

_SEARCHING = frozenset({Facet.SEARCH, Facet.SAVED, Facet.RECENT})
_WAY_TO_HEALTH = frozenset({int(Static.ROOT), int(Static.STATE)})
_PAGE = 1000


def names_slowly(selection: Selection) -> bool:
    """Whether finding one name among a selection's titles first needs the whole selection."""
    return any(value.facet in _SEARCHING for value in selection)


def shown_files(reader: Reader, folder_id: int, height: int | None) -> list[FileRow]:
    """Every file of a folder."""
    found: list[FileRow] = []
    while True:
        after = found[-1].file_id if found else 0
        page = reader.files_page(ContentId(folder_id), after, _PAGE, height)
        found += page
        if len(page) < _PAGE:
            return found


class Resolver:
    """Answers lookup, getattr and readlink."""

    def __init__(
        self, tree: Tree, catalogue: Catalogue, make: AttributeMaker, documents: Documents, suggest: Suggest
    ) -> None:
        self._tree = tree
        self._catalogue = catalogue
        self._make = make
        self._suggest = suggest
        self._library_changed_ns = 0
        self.documents = documents
        self.trash = TrashView(catalogue, make)
        self._rules_seen, self._rules = -1, True
        self.any_case = False
        """Whether a name that is not there leads to one that differs in case alone."""
        self.inbox: Callable[[], Awaitable[pyfuse3.EntryAttributes]] | None = None
        """Says what the inbox is, where there is one."""

    # --- by name ------------------------------------------------------------------------------------------------------

    async def lookup(self, folder_inode: int, name: bytes) -> pyfuse3.EntryAttributes:
        """What ``name`` is in a folder. Raises FUSEError."""
        try:
            return await self.find(folder_inode, self._tree.lookup(folder_inode, name))
        except pyfuse3.FUSEError as error:
            entry = self.unnamed(error, folder_inode, name)
            if entry is None and error.errno == errno.ENOENT and self.any_case:
                entry = await self._in_another_case(folder_inode, name)
            if entry is None:
                raise
            return entry

    def unnamed(self, error: pyfuse3.FUSEError, folder_inode: int, name: bytes) -> pyfuse3.EntryAttributes | None:
        """The folder without a name that a name leads to which the library does not know (``error``), in any case."""
        if error.errno != errno.ENOENT or not is_unnamed(text := name.decode("utf-8", "replace")):
            return None
        found, wanted = place_at(folder_inode), folded(text)
        rows = [] if found is None else self._catalogue.reader.unnamed_in(found[0])
        row = next((row for row in rows if folded(row.name) == wanted), None)
        if row is None or found is None:
            return None
        entry = self._make.folder(unnamed_base(found[1]) | row.number, row.made_ns)
        if row.name != text:  # the kernel is told of the name alone that it was made under
            entry.entry_timeout = FLEETING_SECONDS
        return entry

    async def _in_another_case(self, folder_inode: int, name: bytes) -> pyfuse3.EntryAttributes | None:
        """What a name that differs in case alone is, where that is allowed to count."""
        plan = self._tree.lookup(folder_inode, name)
        meant = self._tree.fixed_name_meant(folder_inode, name)
        meant = meant or await self._catalogue.ask(lambda reader: name_meant(reader, plan))
        if meant is None:
            return None
        entry = await self.find(folder_inode, self._tree.lookup(folder_inode, meant.encode()))
        entry.entry_timeout = FLEETING_SECONDS
        return entry

    def shelf_title(self, plan: FindShelfTitle) -> pyfuse3.EntryAttributes:
        """A title on its shelf. Raises FUSEError."""
        row = self._catalogue.reader.shelf_named(plan.shelf, plan.name)
        if row is None:
            raise refused(Refusal.NOT_FOUND)
        return self._folder(plan.base, row)

    def _folder(self, base: int, row: DirectoryRow) -> pyfuse3.EntryAttributes:
        return self._make.folder(base | row.content_id, row.modified_ns, access=self.access(row.content_id))

    def has_rules(self) -> bool:
        """Whether any folder has an owner or mode of its own; known until something changes."""
        if self._rules_seen != self.documents.generation:
            self._rules_seen, self._rules = self.documents.generation, self._catalogue.reader.has_access_rules()
        return self._rules

    def access(self, content_id: ContentId) -> FolderAccess:
        """The rules of a folder's own. Most libraries have none, and each look-up would pay for asking."""
        return self._catalogue.reader.access_of(content_id) if self.has_rules() else NO_RULES

    def _file(self, inode: int, row: FileRow, folder_inode: int = 0) -> pyfuse3.EntryAttributes:
        """What is for one group stays so in the trash, and for whoever has it by its number alone."""
        entry = self._make.file(inode, row, folder_inode)
        self._make.restrict(entry, self.access(row.title_id))
        return entry

    async def find(self, folder_inode: int, plan: LookupPlan) -> pyfuse3.EntryAttributes:
        """What the tree's plan for a name in a folder leads to. Raises FUSEError."""
        match plan:
            case FindShelfTitle():
                return self.shelf_title(plan)
            case FindInFolder():
                return await self._in_folder(folder_inode, plan)
            case FindTitle():
                return await self._title(plan)
            case FindFacetValue():
                return await self._facet_value(plan)
            case FindTrashed() | FindInTrashed():
                return await self.trash.lookup(plan)
            case FindParent():
                return await self.attributes(self._parent(plan))
            case FindInUnnamed() | FindAboveUnnamed():
                return await self._at_unnamed(plan)
            case Present(inode):
                return await self.attributes(inode)
            case Refused(refusal):
                raise refused(refusal)

    async def _in_folder(self, folder_inode: int, plan: FindInFolder) -> pyfuse3.EntryAttributes:
        reader, folder_id = self._catalogue.reader, ContentId(plan.folder_id)
        file = reader.file_named(folder_id, plan.name, plan.height)
        if file is not None:
            return self._file(FILE_BASE | file.file_id, file, folder_inode)
        row = reader.child_named(folder_id, plan.name, plan.height)
        if row is not None:
            return self._folder(plan.base, row)
        folder = reader.directory(folder_id) if plan.may_be_generated else None
        if folder is not None and has_generated_nfos(folder.kind):
            kind = folder.kind
            entries = await self._catalogue.ask(
                lambda pooled: generated_nfos(kind, plan.folder_id, shown_files(pooled, plan.folder_id, plan.height))
            )
            for entry in entries:
                if entry.name == plan.name:
                    return await self.attributes(entry.inode)
        raise refused(Refusal.NOT_FOUND)

    async def _title(self, plan: FindTitle) -> pyfuse3.EntryAttributes:
        if names_slowly(plan.selection):
            row = await self._catalogue.ask(lambda reader: reader.title_named(plan.selection, plan.name))
        else:
            row = self._catalogue.reader.title_named(plan.selection, plan.name)
        if row is not None:
            return self._folder(plan.base, row)
        match plan.otherwise:
            case Present(inode):
                return await self.attributes(inode)
            case Refused(refusal):
                raise refused(refusal)
            case FindSuggestion(selection, query, name, inode):
                suggestion = await self._catalogue.ask(lambda reader: self.better_query(reader, selection, query))
                if suggestion is None or suggestion_name(suggestion) != name:
                    raise refused(Refusal.NOT_FOUND)
                return self.link(inode, suggestion)

    async def _facet_value(self, plan: FindFacetValue) -> pyfuse3.EntryAttributes:
        reader = self._catalogue.reader
        row = reader.facet_named(plan.facet, plan.name)
        if row is None and plan.facet is Facet.GENRE:
            row = self._genre_meant_by(plan.name)
        inode = None if row is None else self._tree.value_inode(plan.view, row.value)
        if row is None or inode is None:
            raise refused(Refusal.NOT_FOUND)
        entry = self._make.folder(inode, row.changed_ns)
        if row.name != plan.name:
            entry.entry_timeout = 0  # a listing shows it under its own name
        return entry

    def _genre_meant_by(self, name: str) -> FacetRow | None:
        """``mkdir Sci-Fi`` makes *Science Fiction*; whoever made it goes on under the name it was told."""
        from offliniofs.detect.genres import known_genre  # not needed for the first answer

        normal = known_genre(name)
        return None if normal is None else self._catalogue.reader.facet_named(Facet.GENRE, normal)

    def named(self, inode: int) -> int:
        """What a folder that waited for its name is by now, for clients that have it open, or believe a moment longer
        that it stands under the name; any other inode itself."""
        node = decode(inode)
        row = self._catalogue.reader.unnamed(node.number) if isinstance(node, UnnamedNode) else None
        if row is None or row.became is None or not isinstance(node, UnnamedNode):
            return inode
        return in_context(row.became, node.context)

    async def _unnamed_folder(self, inode: int, number: int) -> pyfuse3.EntryAttributes:
        named = self.named(inode)
        if named != inode:
            return await self.attributes(named)
        return self._make.folder(inode, self._unnamed_row(number).made_ns)

    async def _at_unnamed(self, plan: FindInUnnamed | FindAboveUnnamed) -> pyfuse3.EntryAttributes:
        if isinstance(plan, FindAboveUnnamed):
            return await self.attributes(self._above_unnamed(plan))
        row = self._unnamed_row(plan.number)
        # Who walks a path is made to look the folder up again by a stale one, and finds what it has become.
        raise refused(Refusal.NOT_FOUND if row.became is None else Refusal.STALE)

    def _above_unnamed(self, plan: FindAboveUnnamed) -> int:
        return inode_of(self._unnamed_row(plan.number).place, plan.context)

    def _unnamed_row(self, number: int) -> UnnamedRow:
        row = self._catalogue.reader.unnamed(number)
        if row is None:
            raise refused(Refusal.STALE)
        return row

    def _parent(self, plan: FindParent) -> int:
        above = self._catalogue.reader.parent_of(ContentId(plan.content_id))
        if above is None:
            raise refused(Refusal.STALE)
        if isinstance(above, Shelf):
            return plan.top if plan.top is not None else self._tree.shelf_inode(above)
        is_title = plan.top is not None and self._is_title(plan.content_id)
        return plan.top if is_title and plan.top is not None else plan.base | above

    def _is_title(self, content_id: int) -> bool:
        """An album stands below its artist in ``music/``, but directly in the folder of a view."""
        row = self._catalogue.reader.directory(ContentId(content_id))
        return row is not None and row.kind in TITLE_KINDS

    def parent_inode(self, folder_inode: int) -> int:
        """The number behind ``..`` of a folder. Raises FUSEError."""
        match self._tree.parent(folder_inode):
            case FindParent() as plan:
                return self._parent(plan)
            case FindAboveUnnamed() as plan:
                return self._above_unnamed(plan)
            case Present(inode):
                return inode
            case _:
                raise refused(Refusal.STALE)

    # --- by number ----------------------------------------------------------------------------------------------------

    async def attributes(self, inode: int) -> pyfuse3.EntryAttributes:
        """What an inode number is. Raises FUSEError."""
        if inode == Static.INBOX and self.inbox is not None:
            return await self.inbox()
        match self._tree.attributes(inode):
            case FindFile(_, file_id):
                return self._file(inode, self.file(file_id))
            case FindDirectory() | FindTrashedDirectory() as plan:
                return self._directory(plan)
            case FolderAttributes() as plan:
                return self._view_folder(plan)
            case FindUnnamed(_, number):
                return await self._unnamed_folder(inode, number)
            case ConstantFile(_, content):
                return self._make.text(inode, len(content), 0)
            case RenderedFile() as plan:
                text = await self.documents.text(plan)
                return self._make.text(inode, len(text.content), text.changed_ns, writable=plan.document in NFOS)
            case SuggestionLink():
                return self.link(inode, await self._suggestion(inode))
            case Refused(refusal):
                raise refused(refusal)

    def _directory(self, plan: FindDirectory | FindTrashedDirectory) -> pyfuse3.EntryAttributes:
        if isinstance(plan, FindTrashedDirectory):
            return self.trash.attributes(plan)
        row = self._catalogue.reader.directory(ContentId(plan.content_id))
        if row is None:
            raise refused(Refusal.STALE)
        return self._folder(plan.inode & ~MAX_CONTENT_ID, row)

    def file(self, file_id: int) -> FileRow:
        """A file's row. Raises FUSEError when it is gone."""
        reader = self._catalogue.reader
        row = reader.file(FileId(file_id)) or reader.stored_file(FileId(file_id))
        if row is None:
            raise refused(Refusal.STALE)
        return row

    def _view_folder(self, plan: FolderAttributes) -> pyfuse3.EntryAttributes:
        reader = self._catalogue.reader
        if plan.value is not None and reader.facet_value(plan.value) is None:
            raise refused(Refusal.STALE)
        return self._make.folder(plan.inode, self._changed_ns(plan), writable=plan.writable)

    def _changed_ns(self, plan: FolderAttributes) -> int:
        """When a view changed. The way to ``health.txt`` stays open when the catalogue cannot be asked."""
        try:
            changed_ns = self._catalogue.reader.view_changed_ns(plan.change_key)
        except CatalogError:
            if plan.inode not in _WAY_TO_HEALTH:
                raise
            return self._library_changed_ns
        if plan.inode in _WAY_TO_HEALTH:
            self._library_changed_ns = changed_ns
        return changed_ns

    def link(self, inode: int, suggestion: str) -> pyfuse3.EntryAttributes:
        """The link to a better query."""
        changed_ns = self._catalogue.reader.view_changed_ns(LIBRARY_KEY)
        return self._make.link(inode, suggestion_target(suggestion), changed_ns)

    async def link_target(self, inode: int) -> bytes:
        """Where a link leads. Raises FUSEError."""
        return suggestion_target(await self._suggestion(inode))

    async def _suggestion(self, inode: int) -> str:
        match self._tree.attributes(inode):
            case SuggestionLink(_, query):
                suggestion = await self._catalogue.ask(lambda reader: self._suggest(reader, query))
                if suggestion is None:
                    raise refused(Refusal.STALE)
                return suggestion
            case Refused(refusal):
                raise refused(refusal)
            case _:
                raise refused(Refusal.INVALID)

    def better_query(self, reader: Reader, selection: Selection, query: str) -> str | None:
        """What may have been meant, where ``query`` finds nothing. For worker threads."""
        return None if reader.titles_page(selection, 0, 1) else self._suggest(reader, query)
