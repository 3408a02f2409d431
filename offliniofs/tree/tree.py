"""The mounted folder, purely: every question is answered with a plan that an adapter carries out (see ``plans.py``).

Nodes are named by their inode numbers. Only the registry of contexts has state; it belongs to whoever calls this, one
thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree import layout, listings, lookups
from offliniofs.tree.alike import first_alike
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import (
    CANONICAL,
    TRASH,
    FileNode,
    FolderNode,
    Generated,
    GeneratedNode,
    Static,
    StaticNode,
    UnnamedNode,
    ViewNode,
    decode,
    directory_base,
)
from offliniofs.tree.plans import (
    AttributePlan,
    ConstantFile,
    Document,
    Entry,
    FindDirectory,
    FindFile,
    FindParent,
    FindTrashedDirectory,
    FolderAttributes,
    ListingPlan,
    LookupPlan,
    Present,
    Refusal,
    Refused,
    RenderedFile,
    SuggestionLink,
)
from offliniofs.tree.searches import MAX_NAME_BYTES, decoded, query_problem, query_refusal
from offliniofs.tree.unnamed import FindAboveUnnamed, FindInUnnamed, FindUnnamed
from offliniofs.tree.views import LIBRARY_KEY, TRASH_KEY, View

_QUERIES_REMEMBERED: Final = 1024
_NFO_DOCUMENTS: Final = {
    Generated.MOVIE_NFO: Document.MOVIE_NFO,
    Generated.SERIES_NFO: Document.SERIES_NFO,
    Generated.EPISODE_NFO: Document.EPISODE_NFO,
}
_FIXED: Final = frozenset({Static.ROOT, Static.STATE, Static.BY_QUALITY, Static.SEARCH})
"""Folders in which nothing can be made, moved or removed."""
_STALE: Final = Refused(Refusal.STALE)
_NOT_FOUND: Final = Refused(Refusal.NOT_FOUND)
_NOT_A_DIRECTORY: Final = Refused(Refusal.NOT_A_DIRECTORY)


class Tree:
    """Answers what a name means, what a folder holds and what a node is."""

    def __init__(self, contexts: ContextRegistry | None = None) -> None:
        self.contexts: Final = contexts if contexts is not None else ContextRegistry()
        self._problem: Callable[[str], QuerySyntaxError | None] = lru_cache(_QUERIES_REMEMBERED)(query_problem)

    # --- names --------------------------------------------------------------------------------------------------------

    def lookup(self, inode: int, name: bytes) -> LookupPlan:
        """What ``name`` means in the folder ``inode``."""
        shelf = layout.SHELVES_BY_INODE.get(inode)
        if shelf is not None and len(name) <= MAX_NAME_BYTES and not name.startswith(b"."):  # most lookups, so first
            text = decoded(name)
            return _NOT_FOUND if text is None else lookups.on_shelf(shelf, text)
        node = decode(inode)
        if node is None:
            return _STALE
        if name == b".":
            return Present(inode)
        if name == b"..":
            return self.parent(inode)
        if len(name) > MAX_NAME_BYTES:
            return Refused(Refusal.NAME_TOO_LONG)
        text = decoded(name)
        if text is None:
            return _NOT_FOUND
        match node:
            case FolderNode(context, content_id):
                return self._lookup_in_folder(context, content_id, text)
            case ViewNode(context):
                return self._lookup_in_view(context, text)
            case StaticNode(static):
                return self._lookup_in_static(static, text)
            case _:
                return FindInUnnamed(node.number) if isinstance(node, UnnamedNode) else _NOT_A_DIRECTORY

    def _lookup_in_folder(self, context: int, content_id: ContentId, name: str) -> LookupPlan:
        if context == CANONICAL:
            return lookups.in_folder(context, content_id, name, None)
        if context == TRASH:
            return lookups.in_trashed(content_id, name)
        view = self.contexts.view(context)
        return _STALE if view is None else lookups.in_folder(context, content_id, name, view.height)

    def _lookup_in_view(self, context: int, name: str) -> LookupPlan:
        view = self.contexts.view(context)
        if view is None:
            return _STALE
        if view.facet is not None:
            return self._lookup_value(view, view.facet, name)
        if self.bad_query(view) is not None:
            return lookups.in_bad_search(context, name)
        nested = view.nested(name)
        return lookups.in_titles(context, view, name, None if nested is None else self.view_inode(nested))

    def _lookup_in_static(self, static: Static, name: str) -> LookupPlan:
        children = layout.STATIC_CHILDREN.get(static)
        if children is not None:
            inode = children.get(name)
            return _NOT_FOUND if inode is None else Present(inode)
        shelf = layout.SHELVES.get(static)
        if shelf is not None:
            return lookups.on_shelf(shelf, name)
        if static is Static.TRASH:
            marker = layout.MARKER_CHILDREN.get(name)
            return lookups.in_trash(name) if marker is None else Present(marker)
        facet = layout.FACETS.get(static)
        return _NOT_A_DIRECTORY if facet is None else self._lookup_value(View((), facet), facet, name)

    def _lookup_value(self, view: View, facet: Facet, name: str) -> LookupPlan:
        if facet is not Facet.SEARCH or name in layout.MARKER_CHILDREN:
            return lookups.of_facet(view, facet, name)
        refusal = query_refusal(name)
        if refusal is not None:
            return Refused(refusal)
        inode = self.value_inode(view, FacetValue(Facet.SEARCH, name))
        return _NOT_FOUND if inode is None else Present(inode)

    def fixed_name_meant(self, inode: int, name: bytes) -> str | None:
        """The name among those that always exist in a folder which differs from ``name`` in case alone."""
        node, text = decode(inode), decoded(name)
        children = layout.STATIC_CHILDREN.get(node.static, {}) if isinstance(node, StaticNode) else {}
        return None if text is None else first_alike(text, children)

    def parent(self, inode: int) -> LookupPlan:
        """What ``..`` means in the folder ``inode``."""
        match decode(inode):
            case None:
                return _STALE
            case StaticNode():
                return Present(int(Static.ROOT))
            case ViewNode(context):
                view = self.contexts.view(context)
                return _STALE if view is None else Present(self._view_parent(view))
            case FolderNode(context) if context == TRASH:
                return Present(int(Static.TRASH))
            case FolderNode(context, content_id):
                top = None if context == CANONICAL else directory_base(context)
                return FindParent(content_id, directory_base(context), top)
            case UnnamedNode(context, number):
                return FindAboveUnnamed(number, context)
            case _:
                return _NOT_A_DIRECTORY

    def _view_parent(self, view: View) -> int:
        parent = view.parent
        if parent is not None:
            return self.view_inode(parent)
        return layout.FACET_INODES.get(view.selection[0].facet, int(Static.ROOT))

    # --- numbers ------------------------------------------------------------------------------------------------------

    def view_inode(self, view: View) -> int:
        """The inode of a view's folder. The view has at least one condition."""
        return directory_base(self.contexts.context(view))

    def value_inode(self, view: View, value: FacetValue) -> int | None:
        """The inode of a value listed in a facet's folder; ``None`` when the path to it has that condition already."""
        narrowed = view.condition(value)
        return None if narrowed is None else self.view_inode(narrowed)

    def shelf_inode(self, shelf: Shelf) -> int:
        """The inode of a top folder."""
        return layout.SHELF_INODES[shelf]

    # --- contents -----------------------------------------------------------------------------------------------------

    def listing(self, inode: int) -> ListingPlan | Refused:
        """What the folder ``inode`` holds."""
        node = decode(inode)
        match node:
            case FolderNode(context, content_id) if context == TRASH:
                return listings.of_trashed(content_id)
            case FolderNode(context, content_id):
                view = None if context == CANONICAL else self.contexts.view(context)
                if context != CANONICAL and view is None:
                    return _STALE
                return listings.of_folder(context, content_id, None if view is None else view.height)
            case ViewNode(context):
                view = self.contexts.view(context)
                if view is None:
                    return _STALE
                return listings.of_view(context, view, bad=self.bad_query(view) is not None)
            case StaticNode(static):
                return listings.of_static(static)
            case UnnamedNode():
                return ListingPlan(())
            case _:
                return _STALE if node is None else _NOT_A_DIRECTORY

    def search_entries(
        self, saved: Iterable[tuple[int, str]], recent: Iterable[tuple[int, str]], cookie: int
    ) -> list[Entry]:
        """The entries of ``search/``: saved searches, then those that were entered lately, each query once.

        ``saved``: id and query; ``recent``: the number and text of stored views (``recent_views``), of which only
        searches at the top count. Both in any order.
        """
        return listings.search_entries(saved, recent, cookie, self.view_inode)

    # --- attributes ---------------------------------------------------------------------------------------------------

    def attributes(self, inode: int) -> AttributePlan:
        """What ``stat`` must know about ``inode``."""
        node = decode(inode)
        match node:
            case FileNode(file_id):
                return FindFile(inode, file_id)
            case FolderNode(context, content_id):
                return (FindTrashedDirectory if context == TRASH else FindDirectory)(inode, content_id)
            case ViewNode(context):
                view = self.contexts.view(context)
                return _STALE if view is None else _view_attributes(inode, view)
            case StaticNode(static):
                return _static_attributes(static)
            case GeneratedNode(generated, key):
                return self._generated_attributes(inode, generated, key)
            case UnnamedNode(_, number):
                return FindUnnamed(inode, number)
        return _STALE

    def _generated_attributes(self, inode: int, generated: Generated, key: int) -> AttributePlan:
        document = _NFO_DOCUMENTS.get(generated)
        if document is not None:
            return RenderedFile(inode, document, key)
        view = self.contexts.view(key)
        if view is None:
            return _STALE
        if generated is Generated.SUGGESTION:
            return _STALE if view.search is None else SuggestionLink(inode, view.search)
        query = self.bad_query(view)
        return _STALE if query is None else RenderedFile(inode, Document.QUERY_ERROR, query=query)

    def bad_query(self, view: View) -> str | None:
        """The first query on the way to a view that cannot be read; ``None`` when all can."""
        for value in view.selection:
            if value.facet is Facet.SEARCH and self._problem(str(value.key)) is not None:
                return str(value.key)
        return None


def _view_attributes(inode: int, view: View) -> FolderAttributes:
    single = view.selection[0] if len(view.selection) == 1 and view.facet is None else None
    listed = single is not None and single.key is not None and single.facet is not Facet.SEARCH
    return FolderAttributes(inode, view.change_key, single if listed else None)


def _static_attributes(static: Static) -> AttributePlan:
    inode = int(static)
    content = layout.CONSTANTS.get(static)
    if content is not None:
        return ConstantFile(inode, content)
    document = layout.DOCUMENTS.get(static)
    if document is not None:
        return RenderedFile(inode, document)
    shelf = layout.SHELVES.get(static)
    if shelf is not None:
        return FolderAttributes(inode, f"shelf:{shelf.value}")
    return FolderAttributes(inode, _static_change_key(static), writable=static not in _FIXED)


def _static_change_key(static: Static) -> str:
    if static is Static.TRASH:
        return TRASH_KEY
    facet = layout.FACETS.get(static)
    if facet is None or facet is Facet.SEARCH:
        return LIBRARY_KEY
    return facet.value if facet is Facet.SAVED else f"facet:{facet.value}"
