"""Folders listed with attributes: the tree's listing plans, page by page, straight into the kernel's buffer.

A request is answered with as many entries as its buffer takes, from one ordered query a page. One attribute object is
used for all rows of a section, and only what differs is set. Where the listing goes on is in the cookie of its last
entry (see ``tree/plans.py``), so nothing is kept between two requests and rows may come and go meanwhile. Cookies 1 and
2 are ``.`` and ``..``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Generic, TypeVar

import pyfuse3

from offliniofs.catalog.reader import Reader
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import DirectoryRow, Facet, FacetRow, FileRow, Selection, UnnamedRow
from offliniofs.fuse.attributes import NO_RULES, AttributeMaker
from offliniofs.fuse.errors import refused
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.resolving import Resolver, shown_files
from offliniofs.fuse.services import Catalogue
from offliniofs.fuse.trash_view import TrashSection
from offliniofs.tree.inodes import FILE_BASE
from offliniofs.tree.nfo import generated_nfos, has_generated_nfos
from offliniofs.tree.plans import (
    ChildRows,
    Entry,
    FacetRows,
    FileRows,
    FixedEntries,
    NfoEntries,
    Refused,
    RenderedFile,
    SearchEntries,
    Section,
    ShelfRows,
    SuggestionEntry,
    TitleRows,
    TrashedChildRows,
    TrashedFileRows,
    TrashRows,
    resume,
)
from offliniofs.tree.searches import suggestion_name
from offliniofs.tree.tree import Tree
from offliniofs.tree.unnamed import UnnamedRows

_Row = TypeVar("_Row", DirectoryRow, FileRow, FacetRow)

_LOOP_PAGE = 96
"""Rows of one query on the loop: half of what a buffer of 32 KiB takes, so that little is read in vain."""
_THREAD_PAGE = 512
"""Rows of one query in a worker thread: more than any buffer takes, because the way there costs more."""
_RECENT_SEARCHES = 100
"""Searches entered lately that ``search/`` lists."""
_SELF, _PARENT = 1, 2
_NOTHING: Final[Mapping[bytes, pyfuse3.EntryAttributes]] = MappingProxyType({})
_QUICK = frozenset({Facet.GENRE, Facet.YEAR, Facet.QUALITY, Facet.COLLECTION, Facet.FAVOURITES})


def _pages_quickly(selection: Selection) -> bool:
    """Whether a page of a selection's titles is one walk along an index."""
    return not selection or (len(selection) == 1 and selection[0].facet in _QUICK)


class _Pages(Generic[_Row]):
    """Pages of one query, read where it does not keep the loop waiting."""

    def __init__(self, catalogue: Catalogue, query: Callable[[Reader, int, int], list[_Row]], *, quick: bool) -> None:
        self._catalogue = catalogue
        self._query: Callable[[Reader, int, int], list[_Row]] = query
        self._quick = quick

    async def after(self, key: int) -> tuple[list[_Row], bool]:
        """The rows after ``key``, and whether there may be more."""
        if self._quick:
            rows = self._query(self._catalogue.reader, key, _LOOP_PAGE)
            return rows, len(rows) == _LOOP_PAGE
        rows = await self._catalogue.ask(lambda reader: self._query(reader, key, _THREAD_PAGE))
        return rows, len(rows) == _THREAD_PAGE


class Lister:
    """Answers readdir."""

    def __init__(
        self, tree: Tree, catalogue: Catalogue, make: AttributeMaker, resolver: Resolver, holdings: KernelHoldings
    ) -> None:
        self._tree = tree
        self._catalogue = catalogue
        self._make = make
        self._documents = resolver.documents
        self._resolver = resolver
        self._holdings = holdings
        self.is_gone: Callable[[int, bytes], bool] | None = None
        """Whether a generated file, by folder and name, was removed a moment ago."""
        self.coming_into: Callable[[int], Awaitable[Mapping[bytes, pyfuse3.EntryAttributes]]] | None = None
        """What stands under names of a folder instead of what the library has there."""
        self.saved: Callable[[], Collection[int]] = tuple
        """The files that are about to be others, because new bytes for them are being written."""

    async def list_into(self, token: pyfuse3.ReaddirToken, inode: int, offset: int) -> None:
        """Fills the buffer with the entries of the folder after the cookie ``offset``. Raises FUSEError."""
        plan = self._tree.listing(inode)
        if isinstance(plan, Refused):
            raise refused(plan.refusal)
        if offset < _PARENT and not self._reply_dots(token, inode, offset):
            return
        first, after = resume(offset)
        if first == 0 and offset <= _PARENT:
            after = 0
        before: Section | None = plan.sections[first - 1] if 0 < first <= len(plan.sections) else None
        for section in plan.sections[first:]:
            if not await self._reply_section(token, inode, section, before, after):
                return
            before, after = section, 0

    def _reply_dots(self, token: pyfuse3.ReaddirToken, inode: int, offset: int) -> bool:
        """The kernel takes only number and kind of these two."""
        entry = self._make.folder(inode, 0)
        if offset < _SELF and not pyfuse3.readdir_reply(token, b".", entry, _SELF):
            return False
        entry.st_ino = self._resolver.parent_inode(inode)
        return pyfuse3.readdir_reply(token, b"..", entry, _PARENT)

    async def _reply_section(
        self, token: pyfuse3.ReaddirToken, inode: int, section: Section, before: Section | None, after: int
    ) -> bool:
        """Writes one section from its row ``after``; returns whether there is room left."""
        match section:
            case ShelfRows(cookie, shelf, base):
                pages = self._pages(lambda reader, key, limit: reader.shelf_page(shelf, key, limit), quick=True)
                return await self._reply_folders(token, pages, cookie, base, after)
            case TitleRows(cookie, selection, base):
                quick = _pages_quickly(selection)
                pages = self._pages(lambda reader, key, limit: reader.titles_page(selection, key, limit), quick=quick)
                return await self._reply_folders(token, pages, cookie, base, after)
            case ChildRows(cookie, folder, height, base):
                parent = ContentId(folder)
                pages = self._pages(
                    lambda reader, key, limit: reader.children_page(parent, key, limit, height), quick=True
                )
                return await self._reply_folders(token, pages, cookie, base, after)
            case FileRows(cookie, folder, height):
                return await self._reply_files(token, inode, (cookie, folder, height), after)
            case FacetRows():
                return await self._reply_facet(token, section, after)
            case NfoEntries():
                return await self._reply_nfos(token, inode, section, after)
            case TrashRows() | TrashedChildRows() | TrashedFileRows():
                return await self._reply_trash(token, section, after)
            case UnnamedRows(cookie, place, base):
                return self._reply_unnamed(token, cookie, self._catalogue.reader.unnamed_in(place), base, after)
            case _:
                entries = self._still_there(inode, await self._entries(section, before))
                return await self._reply_entries(token, entries, section.cookie | after)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _pages(self, query: Callable[[Reader, int, int], list[_Row]], *, quick: bool) -> _Pages[_Row]:
        return _Pages(self._catalogue, query, quick=quick)

    async def _reply_folders(
        self, token: pyfuse3.ReaddirToken, pages: _Pages[DirectoryRow], cookie: int, base: int, after: int
    ) -> bool:
        reply = pyfuse3.readdir_reply
        entry = self._make.folder(base, 0)
        more = True
        while more:
            rows, more = await pages.after(after)
            ruled = rows and self._resolver.has_rules()
            accesses = self._catalogue.reader.accesses(rows[0].content_id, rows[-1].content_id) if ruled else {}
            for place, (content_id, _, name, changed_ns) in enumerate(rows):
                entry.st_ino = base | content_id
                if accesses:
                    self._make.set_access(entry, accesses.get(content_id, NO_RULES))
                entry.st_mtime_ns = entry.st_ctime_ns = entry.st_atime_ns = changed_ns
                if not reply(token, name.encode(), entry, cookie | content_id):
                    self._holdings.took(base, place)
                    return False
                after = content_id
            self._holdings.took(base, len(rows))
        return True

    async def _reply_files(
        self, token: pyfuse3.ReaddirToken, inode: int, section: tuple[int, int, int | None], after: int
    ) -> bool:
        cookie, folder, height = section
        parent = ContentId(folder)
        pages = self._pages(lambda reader, key, limit: reader.files_page(parent, key, limit, height), quick=True)
        entry: pyfuse3.EntryAttributes | None = None
        coming = await self._coming_into(inode)
        more = True
        while more:
            rows, more = await pages.after(after)
            access = self._resolver.access(rows[0].title_id) if rows else NO_RULES
            saved = self.saved()
            for row in rows:
                if entry is None:
                    entry = self._make.file(FILE_BASE | row.file_id, row, inode)
                else:
                    self._make.set_file(entry, FILE_BASE | row.file_id, row)
                self._make.restrict(entry, access)
                if saved:
                    self._make.set_believed(entry, lasts=row.file_id not in saved)
                name = row.name.encode()
                if not pyfuse3.readdir_reply(token, name, coming.get(name, entry), cookie | row.file_id):
                    return False
                after = row.file_id
        return True

    async def _coming_into(self, inode: int) -> Mapping[bytes, pyfuse3.EntryAttributes]:
        return {} if self.coming_into is None else await self.coming_into(inode)

    async def _reply_facet(self, token: pyfuse3.ReaddirToken, section: FacetRows, after: int) -> bool:
        facet, view = section.facet, section.view
        pages = self._pages(
            lambda reader, key, limit: reader.facet_page(facet, view.selection, key, limit), quick=not view.selection
        )
        more = True
        while more:
            rows, more = await pages.after(after)
            for value, name, changed_ns in rows:
                after = int(value.key or 0)
                inode = self._tree.value_inode(view, value)
                if inode is None:
                    continue
                entry = self._make.folder(inode, changed_ns)
                if not pyfuse3.readdir_reply(token, name.encode(), entry, section.cookie | after):
                    return False
                self._holdings.took(inode)
        return True

    async def _reply_trash(self, token: pyfuse3.ReaddirToken, section: TrashSection, after: int) -> bool:
        more = True
        while more:
            rows, more = await self._resolver.trash.page(section, after)
            for key, name, entry in rows:
                if not pyfuse3.readdir_reply(token, name.encode(), entry, section.cookie | key):
                    return False
                self._holdings.took(entry.st_ino)
                after = key
        return True

    def _reply_unnamed(
        self, token: pyfuse3.ReaddirToken, cookie: int, rows: Sequence[UnnamedRow], base: int, after: int
    ) -> bool:
        for row in rows:
            entry = self._make.folder(base | row.number, row.made_ns)
            if row.number > after and not pyfuse3.readdir_reply(token, row.name.encode(), entry, cookie | row.number):
                return False
        return True

    # --- whole entries ------------------------------------------------------------------------------------------------

    async def _entries(self, section: Section, before: Section | None) -> Sequence[Entry]:
        match section:
            case FixedEntries(_, entries):
                return entries
            case SearchEntries(cookie):
                saved, recent = await self._catalogue.ask(
                    lambda reader: (reader.saved_searches(), reader.recent_views(_RECENT_SEARCHES))
                )
                return self._tree.search_entries(
                    ((search.search_id, search.query) for search in saved),
                    ((view.context, view.path) for view in recent),
                    cookie,
                )
            case SuggestionEntry(cookie, query, inode) if isinstance(before, TitleRows):
                selection = before.selection
                suggestion = await self._catalogue.ask(
                    lambda reader: self._resolver.better_query(reader, selection, query)
                )
                name = None if suggestion is None else suggestion_name(suggestion)
                return () if name is None else (Entry(cookie | 1, name, inode),)
            case _:
                return ()

    def _still_there(self, inode: int, entries: Sequence[Entry]) -> Sequence[Entry]:
        gone = self.is_gone
        if gone is None:
            return entries
        return [entry for entry in entries if not gone(inode, entry.name.encode())]

    async def _reply_nfos(self, token: pyfuse3.ReaddirToken, inode: int, section: NfoEntries, after: int) -> bool:
        """The folder's generated NFO files, rendered before they are told, because their sizes must be."""
        last = section.cookie | after
        shown = self._still_there(inode, await self._nfos(section))
        entries = [entry for entry in shown if entry.cookie > last]
        coming = await self._coming_into(inode)
        for start in range(0, len(entries), _LOOP_PAGE):
            page = entries[start : start + _LOOP_PAGE]
            await self._render_missing(page)
            if not await self._reply_entries(token, page, last, coming):
                return False
        return True

    async def _nfos(self, section: NfoEntries) -> Sequence[Entry]:
        folder_id, height, cookie = ContentId(section.folder_id), section.height, section.cookie
        folder = self._catalogue.reader.directory(folder_id)
        if folder is None or not has_generated_nfos(folder.kind):
            return ()
        kind = folder.kind
        files = self._catalogue.reader.files_page(folder_id, 0, _LOOP_PAGE, height)
        if len(files) < _LOOP_PAGE:
            return generated_nfos(kind, folder_id, files, cookie)
        # a season or the copy of a disc may hold thousands of files
        return await self._catalogue.ask(
            lambda reader: generated_nfos(kind, folder_id, shown_files(reader, folder_id, height), cookie)
        )

    async def _render_missing(self, entries: Sequence[Entry]) -> None:
        plans = [self._tree.attributes(entry.inode) for entry in entries]
        missing = [plan for plan in plans if isinstance(plan, RenderedFile) and self._documents.known(plan) is None]
        if not missing:
            return
        generation = self._documents.generation
        texts = await self._catalogue.ask(lambda reader: [self._documents.render(reader, plan) for plan in missing])
        for plan, text in zip(missing, texts, strict=True):
            self._documents.remember(plan, text, generation)

    async def _reply_entries(
        self,
        token: pyfuse3.ReaddirToken,
        entries: Sequence[Entry],
        after: int,
        coming: Mapping[bytes, pyfuse3.EntryAttributes] = _NOTHING,
    ) -> bool:
        for cookie, name, inode in entries:
            if cookie <= after:
                continue
            entry = coming.get(name.encode()) or await self._resolver.attributes(inode)
            if not pyfuse3.readdir_reply(token, name.encode(), entry, cookie):
                return False
            self._holdings.took(inode)
        return True
