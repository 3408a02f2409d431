"""Plans for one name in each kind of folder."""

from __future__ import annotations

from typing import Final

from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, Shelf
from offliniofs.tree.inodes import CANONICAL, TRASH, Generated, directory_base, generated_inode
from offliniofs.tree.layout import ERROR_NAME, MARKER_CHILDREN
from offliniofs.tree.nfo import NFO_EXTENSION
from offliniofs.tree.plans import (
    FindFacetValue,
    FindInFolder,
    FindInTrashed,
    FindShelfTitle,
    FindSuggestion,
    FindTitle,
    FindTrashed,
    LookupPlan,
    Present,
    Refusal,
    Refused,
)
from offliniofs.tree.searches import SUGGESTION_PREFIX
from offliniofs.tree.views import View

_NOT_FOUND: Final = Refused(Refusal.NOT_FOUND)
_CANONICAL_BASE: Final = directory_base(CANONICAL)
_TRASH_BASE: Final = directory_base(TRASH)


def on_shelf(shelf: Shelf, name: str) -> LookupPlan:
    """A name in ``movies/``, ``series/``, ``music/`` or ``other/``."""
    return FindShelfTitle(shelf, name, _CANONICAL_BASE)


def in_trash(name: str) -> LookupPlan:
    """A name in ``.trash``."""
    return FindTrashed(name, _TRASH_BASE)


def in_trashed(content_id: ContentId, name: str) -> LookupPlan:
    """A name in a deleted folder."""
    return FindInTrashed(content_id, name, _TRASH_BASE)


def in_folder(context: int, content_id: ContentId, name: str, height: int | None) -> LookupPlan:
    """A name in a title folder or below one."""
    return FindInFolder(content_id, name, height, directory_base(context), name.endswith(NFO_EXTENSION))


def of_facet(view: View, facet: Facet, name: str) -> LookupPlan:
    """A name in a folder that lists the values of a facet. No value's name starts with a dot."""
    marker = MARKER_CHILDREN.get(name)
    if marker is not None:
        return Present(marker)
    return _NOT_FOUND if name.startswith(".") else FindFacetValue(facet, name, view)


def in_bad_search(context: int, name: str) -> LookupPlan:
    """A name in the folder of a query that cannot be read."""
    if name == ERROR_NAME:
        return Present(generated_inode(Generated.QUERY_ERROR, context))
    marker = MARKER_CHILDREN.get(name)
    return _NOT_FOUND if marker is None else Present(marker)


def in_titles(context: int, view: View, name: str, nested_inode: int | None) -> LookupPlan:
    """A name in a view's folder of titles; a title comes before a nested facet of the same name."""
    marker = MARKER_CHILDREN.get(name)
    if marker is not None:
        return Present(marker)
    if name.startswith("."):
        return _NOT_FOUND
    base = directory_base(context)
    if nested_inode is not None:
        return FindTitle(view.selection, name, base, Present(nested_inode))
    query = view.search
    if query is None or not name.startswith(SUGGESTION_PREFIX):
        return FindTitle(view.selection, name, base, _NOT_FOUND)
    link = generated_inode(Generated.SUGGESTION, context)
    return FindTitle(view.selection, name, base, FindSuggestion(view.selection, query, name, link))
