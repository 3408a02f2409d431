"""Where something is changed, and what it is that is changed there: the words in which ``moves.py`` and
``removals.py`` say what a change means.

A place is a folder, an item is what stands under a name in it. Both follow from inode numbers and the kinds of content
rows, which whoever asks looks up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from offliniofs.domain.content import TITLE_KINDS, ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree import layout
from offliniofs.tree.inodes import (
    CANONICAL,
    TRASH,
    FileNode,
    FolderNode,
    Generated,
    GeneratedNode,
    StagedNode,
    Static,
    StaticNode,
    UnnamedNode,
    ViewNode,
    decode,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View

KindOf = Callable[[ContentId], ContentKind | None]
"""What a content row is; ``None`` when there is none of that number."""

_UNREADABLE_SEARCH: Final = "This search cannot be read, so it holds nothing."
_NOT_A_FOLDER: Final = Refused(Refusal.NOT_A_DIRECTORY, "This is a file, not a folder.")
_STALE: Final = Refused(Refusal.STALE, "This folder is not known any more; enter it again.")


class ShelfPlace(NamedTuple):
    """``movies/``, ``series/``, ``music/`` or ``other/``."""

    shelf: Shelf


class FolderPlace(NamedTuple):
    """The folder of a title, or one above (an artist) or below it. ``view``: ``None`` on the shelves."""

    content_id: ContentId
    kind: ContentKind
    view: View | None


class ViewPlace(NamedTuple):
    """A view's folder of titles: ``by-genre/Drama``, ``favourites``, ``search/heat``."""

    view: View


class FacetPlace(NamedTuple):
    """A folder that lists the values of a facet: ``by-genre``, or ``by-genre/Drama/by-year``."""

    facet: Facet
    nested: bool


class TrashPlace(NamedTuple):
    """``.trash/``."""


class TrashedPlace(NamedTuple):
    """A deleted folder, or one below it."""

    content_id: ContentId


class InboxPlace(NamedTuple):
    """``inbox/``, or a folder in it."""


class UnnamedPlace(NamedTuple):
    """A folder that waits for its name."""


class FixedPlace(NamedTuple):
    """The root and ``.offliniofs``."""


Place = (
    ShelfPlace
    | FolderPlace
    | ViewPlace
    | FacetPlace
    | TrashPlace
    | TrashedPlace
    | InboxPlace
    | UnnamedPlace
    | FixedPlace
)


class TitleItem(NamedTuple):
    """A title's folder, on its shelf or in a view."""

    content_id: ContentId
    kind: ContentKind


class BranchItem(NamedTuple):
    """A folder above or below a title: an artist, a season, extras."""

    content_id: ContentId
    kind: ContentKind


class FileItem(NamedTuple):
    """A file of the library."""

    file_id: FileId


class TrashedFolder(NamedTuple):
    """A deleted title or folder; ``top``: it stands in ``.trash`` itself."""

    content_id: ContentId
    top: bool


class TrashedFile(NamedTuple):
    """A deleted file; ``top`` as above."""

    file_id: FileId
    top: bool


class ValueItem(NamedTuple):
    """A genre, year, quality, collection or saved search as a folder, or a search."""

    value: FacetValue


class UnnamedItem(NamedTuple):
    """A folder that waits for its name."""

    number: int


class PassingItem(NamedTuple):
    """A file that is made anew whenever it is asked for: an NFO of ours, a marker."""


class FixedItem(NamedTuple):
    """What always exists. ``folder``: it is one."""

    folder: bool


class StagedItem(NamedTuple):
    """Something that is being received."""


Item = (
    TitleItem
    | BranchItem
    | FileItem
    | TrashedFolder
    | TrashedFile
    | ValueItem
    | UnnamedItem
    | PassingItem
    | FixedItem
    | StagedItem
)
FOLDERS: Final = (TitleItem, BranchItem, TrashedFolder, ValueItem, UnnamedItem)


def place_of(tree: Tree, inode: int, kind_of: KindOf) -> Place | Refused:
    """The folder ``inode``; refused for what is no folder, or no longer one."""
    match decode(inode):
        case None:
            return _STALE
        case StaticNode(static):
            return _static_place(static)
        case StagedNode():
            return InboxPlace()
        case UnnamedNode():
            return UnnamedPlace()
        case FolderNode(context, content_id):
            return _folder_place(tree, context, content_id, kind_of)
        case ViewNode(context):
            view = tree.contexts.view(context)
            if view is None:
                return _STALE
            if tree.bad_query(view) is not None:
                return Refused(Refusal.NOT_PERMITTED, _UNREADABLE_SEARCH)
            return ViewPlace(view) if view.facet is None else FacetPlace(view.facet, nested=True)
        case _:
            return _NOT_A_FOLDER


def item_of(tree: Tree, place: Place, inode: int, kind_of: KindOf) -> Item | Refused:
    """What ``inode``, found in ``place``, is."""
    match decode(inode):
        case FileNode(file_id):
            if isinstance(place, TrashPlace | TrashedPlace):
                return TrashedFile(file_id, top=isinstance(place, TrashPlace))
            return FileItem(file_id)
        case FolderNode(context, content_id):
            if context == TRASH:
                return TrashedFolder(content_id, top=isinstance(place, TrashPlace))
            return _folder_item(content_id, kind_of(content_id))
        case ViewNode(context):
            return _view_item(tree.contexts.view(context), place)
        case GeneratedNode(generated):
            passing = generated not in {Generated.QUERY_ERROR, Generated.SUGGESTION}
            return PassingItem() if passing else FixedItem(folder=False)
        case StaticNode(static):
            return _static_item(static)
        case StagedNode() | UnnamedNode() as node:
            return UnnamedItem(node.number) if isinstance(node, UnnamedNode) else StagedItem()
        case None:
            return _STALE


def _folder_item(content_id: ContentId, kind: ContentKind | None) -> Item | Refused:
    if kind is None:
        return _STALE
    return TitleItem(content_id, kind) if kind in TITLE_KINDS else BranchItem(content_id, kind)


def _view_item(view: View | None, place: Place) -> Item | Refused:
    if view is None:
        return _STALE
    listed = isinstance(place, FacetPlace) and view.facet is None
    return ValueItem(view.selection[-1]) if listed else FixedItem(folder=True)


def _static_item(static: Static) -> Item:
    if static in layout.CONSTANTS:
        return PassingItem()
    return FixedItem(folder=static not in layout.DOCUMENTS)


def _static_place(static: Static) -> Place | Refused:
    shelf, facet = layout.SHELVES.get(static), layout.FACETS.get(static)
    if shelf is not None:
        return ShelfPlace(shelf)
    if facet is not None:
        return FacetPlace(facet, nested=False)
    match static:
        case Static.TRASH:
            return TrashPlace()
        case Static.INBOX:
            return InboxPlace()
        case Static.ROOT | Static.STATE:
            return FixedPlace()
        case _:
            return _NOT_A_FOLDER


def _folder_place(tree: Tree, context: int, content_id: ContentId, kind_of: KindOf) -> Place | Refused:
    if context == TRASH:
        return TrashedPlace(content_id)
    view = None if context == CANONICAL else tree.contexts.view(context)
    kind = kind_of(content_id)
    if kind is None or (view is None and context != CANONICAL):
        return _STALE
    return FolderPlace(content_id, kind, view)
