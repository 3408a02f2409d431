"""Everything there is to tell of a node: its extended attributes, and what setting one means."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping

import trio

from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, SelectionTotals
from offliniofs.fuse.errors import refused
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.inodes import TRASH, FileNode, FolderNode, Static, StaticNode, ViewNode, decode
from offliniofs.tree.layout import FACETS, SHELVES
from offliniofs.tree.plans import Refusal
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View
from offliniofs.tree.xattrs import (
    Attributes,
    Value,
    file_attributes,
    folder_attributes,
    root_attributes,
    trash_attributes,
    view_attributes,
)

RootFigures = Callable[[Reader], Mapping[str, Value]]
"""Figures of the library, the store and the mount for the root; runs in a worker thread."""

_KEPT = 64
_KEPT_SECONDS = 1.0
"""``getfattr -d`` asks for the names and then for each value: they are gathered once."""


class NodeDetails:
    """Answers listxattr and getxattr. Used on the event loop."""

    def __init__(self, tree: Tree, catalogue: Catalogue, root_figures: RootFigures) -> None:
        self._tree = tree
        self._catalogue = catalogue
        self._root_figures = root_figures
        self._kept: OrderedDict[int, tuple[float, Attributes]] = OrderedDict()
        self._generation = 0

    def forget(self) -> None:
        """Drops what was gathered, because the catalogue has changed; what is being gathered now is not kept."""
        self._kept.clear()
        self._generation += 1

    async def names(self, inode: int) -> Collection[str]:
        """Full names alone. Raises as :meth:`attributes`.

        Those of a view are known without adding up what it holds, which takes long where views lie in one another;
        a desktop asks every folder for names.
        """
        match decode(inode):
            case ViewNode(context) if inode not in self._kept:
                view = self._view(context)
                return await self._catalogue.ask(lambda reader: _of_view(reader, view, counted=False))
            case _:
                return await self.attributes(inode)

    async def value(self, inode: int, name: str) -> bytes | None:
        """One value, ``None`` where there is none of that name. Raises as :meth:`attributes`."""
        if name not in await self.names(inode):
            return None
        return (await self.attributes(inode)).get(name)

    async def attributes(self, inode: int) -> Attributes:
        """Full names and values. Raises FUSEError for a number that means nothing any more."""
        kept = self._kept.get(inode)
        if kept is not None and trio.current_time() < kept[0]:
            return kept[1]
        question = self._question(inode)
        generation = self._generation
        found = {} if question is None else await self._catalogue.ask(question)
        if generation == self._generation:
            self._kept[inode] = (trio.current_time() + _KEPT_SECONDS, found)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _question(self, inode: int) -> Callable[[Reader], Attributes] | None:
        match decode(inode):
            case FileNode(file_id):
                return lambda reader: _of_file(reader, FileId(file_id))
            case FolderNode(context, content_id) if context == TRASH:
                return lambda reader: _of_trashed(reader, reader.trash_of_content(ContentId(content_id)))
            case FolderNode(_, content_id):
                return lambda reader: _of_folder(reader, ContentId(content_id))
            case ViewNode(context):
                view = self._view(context)
                return lambda reader: _of_view(reader, view)
            case StaticNode(static):
                return self._static_question(static)
            case None:
                raise refused(Refusal.STALE)
            case _:
                return None

    def _view(self, context: int) -> View:
        view = self._tree.contexts.view(context)
        if view is None:
            raise refused(Refusal.STALE)
        return view

    def _static_question(self, static: Static) -> Callable[[Reader], Attributes] | None:
        if static is Static.ROOT:
            return lambda reader: root_attributes(self._root_figures(reader))
        shelf = SHELVES.get(static)
        if shelf is not None:
            return lambda reader: view_attributes(reader.shelf_totals(shelf))
        return (lambda reader: view_attributes(reader.selection_totals(()))) if static in FACETS else None


def _of_file(reader: Reader, file_id: FileId) -> Attributes:
    trash_id = reader.trash_of_file(file_id)
    if trash_id is not None:
        return _of_trashed(reader, trash_id)
    file = reader.file_details(file_id)
    content = None if file is None else reader.content_details(file.content_id)
    if file is None or content is None:
        raise refused(Refusal.STALE)
    return file_attributes(file, content)


def _of_trashed(reader: Reader, trash_id: int | None) -> Attributes:
    """Of a deleted file or folder: of the entry it lies in, which goes and comes back as one."""
    entry = None if trash_id is None else reader.trash_entry(trash_id)
    if entry is None:
        raise refused(Refusal.STALE)
    return trash_attributes(entry)


def _of_folder(reader: Reader, content_id: ContentId) -> Attributes:
    content = reader.content_details(content_id)
    if content is None:
        raise refused(Refusal.STALE)
    return folder_attributes(content)


def _of_view(reader: Reader, view: View, *, counted: bool = True) -> Attributes:
    """``counted``: with what it holds; else that is 0."""
    last = view.selection[-1] if view.facet is None else None
    query = reader.query_of(last) if last is not None and last.facet in {Facet.SEARCH, Facet.SAVED} else None
    try:
        known = view.facet is Facet.SEARCH or not counted
        totals = SelectionTotals(0, 0) if known else reader.selection_totals(view.selection)
    except QuerySyntaxError:  # its ERROR.txt says what is wrong with it
        totals = SelectionTotals(0, 0)
    return view_attributes(totals, query)
