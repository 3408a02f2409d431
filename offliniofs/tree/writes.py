"""What may be changed through names: only the folder of saved searches. Everything else says why not."""

from __future__ import annotations

from typing import Final, NamedTuple

from offliniofs.domain.listing import Facet
from offliniofs.tree.inodes import FolderNode, Static, StaticNode, ViewNode, decode
from offliniofs.tree.layout import MARKER_CHILDREN
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.searches import decoded, query_problem, query_refusal
from offliniofs.tree.tree import Tree


class SaveSearch(NamedTuple):
    """Make a saved search of that name; exists already: EEXIST."""

    name: str
    query: str


class RenameSearch(NamedTuple):
    """Give a saved search another name; not there: not found. A name that is taken: EEXIST."""

    name: str
    new_name: str


class ForgetSearch(NamedTuple):
    """Forget a saved search (never what it finds); not there: not found."""

    name: str


WritePlan = SaveSearch | RenameSearch | ForgetSearch | Refused

_SAVED: Final = int(Static.SAVED)
_NOT_PERMITTED: Final = Refused(Refusal.NOT_PERMITTED)


def make_folder(tree: Tree, parent: int, name: bytes) -> WritePlan:
    """``mkdir``: in ``saved/`` the name is the query. In ``search/`` every query is there already."""
    if parent == _SAVED:
        return _save(name)
    view = tree.node_view(parent)
    if view is not None and view.facet is Facet.SEARCH:
        text = decoded(name)
        return Refused(Refusal.EXISTS) if text is not None and query_refusal(text) is None else _NOT_PERMITTED
    return Refused(change_refusal(parent))


def remove_folder(parent: int, name: bytes) -> WritePlan:
    """``rmdir``: in ``saved/`` it forgets the search, although the folder is not empty: what it lists is not in it."""
    if parent != _SAVED:
        return Refused(change_refusal(parent))
    text = decoded(name)
    if text is None:
        return Refused(Refusal.NOT_FOUND)
    return Refused(Refusal.NOT_A_DIRECTORY) if text in MARKER_CHILDREN else ForgetSearch(text)


def rename(parent: int, name: bytes, new_parent: int, new_name: bytes) -> WritePlan:
    """``mv`` inside ``saved/`` renames a search; no other move is possible."""
    if parent != _SAVED or new_parent != _SAVED:
        return Refused(change_refusal(parent if parent != _SAVED else new_parent))
    old, new = decoded(name), decoded(new_name)
    if old is None:
        return Refused(Refusal.NOT_FOUND)
    if old in MARKER_CHILDREN:
        return _NOT_PERMITTED
    if new is None:
        return Refused(Refusal.INVALID)
    refusal = saved_name_refusal(new)
    return RenameSearch(old, new) if refusal is None else Refused(refusal)


def saved_name_refusal(name: str) -> Refusal | None:
    """Why a saved search may not have this name, or ``None``: it must not be one that desktops look for."""
    refusal = query_refusal(name)
    return Refusal.NOT_PERMITTED if refusal is Refusal.NOT_FOUND else refusal


def change_refusal(parent: int) -> Refusal:
    """Why a name in the folder ``parent`` cannot be made, removed or moved.

    A view takes no changes because removing something from a search must never remove it from the library.
    """
    match decode(parent):
        case None:
            return Refusal.STALE
        case ViewNode() | StaticNode(Static.SAVED | Static.SEARCH | Static.COLLECTIONS):
            return Refusal.NOT_PERMITTED
        case FolderNode() | StaticNode():
            return Refusal.READ_ONLY
        case _:
            return Refusal.NOT_A_DIRECTORY


def _save(name: bytes) -> WritePlan:
    text = decoded(name)
    if text is None:
        return Refused(Refusal.INVALID)
    refusal = saved_name_refusal(text)
    if refusal is not None:
        return Refused(refusal)
    return SaveSearch(text, text) if query_problem(text) is None else Refused(Refusal.INVALID)
