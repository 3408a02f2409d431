"""What ``mkdir`` and ``link`` mean in every place."""

from __future__ import annotations

from typing import Final

from offliniofs.domain.content import ContentKind
from offliniofs.domain.listing import Facet, Shelf
from offliniofs.tree import given, unnamed
from offliniofs.tree.below_titles import new_folder, takes_any
from offliniofs.tree.facet_changes import entering
from offliniofs.tree.places import (
    FacetPlace,
    FileItem,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    ShelfPlace,
    StagedItem,
    TrashedPlace,
    TrashPlace,
    UnnamedPlace,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.searches import decoded, query_problem, query_refusal
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    AlreadyThere,
    EnterNamed,
    EnterTitleOf,
    MakeArtist,
    MakeFolder,
    MakeUnnamed,
    MakeValue,
    SaveSearch,
    WritePlan,
)

_INBOX_SAYS: Final = "Copy what is new into inbox/: it is identified and filed from there."
_ON_SHELF: Final = Refused(Refusal.NOT_PERMITTED, f"Folders on a shelf come with the titles they hold. {_INBOX_SAYS}")
_IN_TRASH: Final = Refused(Refusal.NOT_PERMITTED, "The trash holds what was deleted; nothing can be made in it.")
_FIXED: Final = Refused(Refusal.NOT_PERMITTED, "What stands in this folder is always the same.")
_NESTED: Final = Refused(Refusal.NOT_PERMITTED, "Make it at the top, in by-genre/, by-year/ or collections/.")
_QUALITIES: Final = Refused(
    Refusal.NOT_PERMITTED, "Folders in by-quality/ follow from the files; set a file's quality attribute instead."
)
_NO_TITLE: Final = Refused(Refusal.NOT_PERMITTED, f"The library has no title of this name. {_INBOX_SAYS}")
_NOT_THERE: Final = Refused(Refusal.NOT_PERMITTED, f"Only what belongs to this title can stand here. {_INBOX_SAYS}")
_STAGED: Final = Refused(Refusal.NOT_PERMITTED, "What is being received gets its place when it is filed.")
UNNAMED: Final = Refused(Refusal.NOT_PERMITTED, "This folder has no name yet that says what it is: rename it first.")
_LINKED: Final = Refused(
    Refusal.NOT_PERMITTED, "Only a file can be linked, and only into a genre, a collection or the favourites."
)
_NOWHERE: Final[dict[type[Place], Refused]] = {
    TrashPlace: _IN_TRASH,
    TrashedPlace: _IN_TRASH,
    InboxPlace: _STAGED,
    UnnamedPlace: UNNAMED,
}


def make_folder(place: Place, name: bytes) -> WritePlan:
    """``mkdir``."""
    waiting = _unnamed(place, name)
    if waiting is not None:
        return waiting
    match place:
        case FacetPlace(facet, nested):
            return _make_value(facet, nested, name)
        case ViewPlace(view):
            return _make_in_view(view, name)
        case FolderPlace(content_id, kind, view):
            made, text = new_folder(content_id, kind, name), given.spoken(name)
            if view is None or isinstance(made, MakeFolder) or isinstance(text, Refused):
                return made
            return AlreadyThere(content_id, text, made)
        case ShelfPlace(Shelf.MUSIC):
            text = given.legal(name)
            return text if isinstance(text, Refused) else MakeArtist(text)
        case ShelfPlace():
            return _ON_SHELF
        case _:
            return _NOWHERE.get(type(place), _FIXED)


def _unnamed(place: Place, name: bytes) -> MakeUnnamed | None:
    """What a file manager makes before its user types a name, where a name can make something."""
    text = given.spoken(name)
    if isinstance(text, Refused) or not unnamed.is_unnamed(text):
        return None
    where: str | None = None
    match place:
        case FacetPlace(facet, nested=False):
            where = unnamed.in_facet(facet)
        case ShelfPlace(Shelf.MUSIC):
            where = unnamed.OF_ARTISTS
        case FolderPlace(content_id, kind, _) if kind is not ContentKind.ARTIST and not takes_any(kind):
            where = unnamed.below(content_id)
    return None if where is None else MakeUnnamed(where, text)


def link(item: Item, place: Place, name: bytes) -> WritePlan:
    """``link``: puts the file's title into a view; where the file stands already there is nothing to do."""
    if isinstance(item, StagedItem):
        return _STAGED
    if not isinstance(item, FileItem | PassingItem):
        return _LINKED
    match place:
        case ViewPlace(view) if isinstance(item, FileItem):
            changes = entering(view, (), copied=True)
            return changes if isinstance(changes, Refused) else EnterTitleOf(item.file_id, changes)
        case FolderPlace(content_id, _, view) if view is not None:
            text = given.spoken(name)
            return text if isinstance(text, Refused) else AlreadyThere(content_id, text, _NOT_THERE)
        case UnnamedPlace():
            return UNNAMED
        case _:
            return _LINKED


def _make_value(facet: Facet, nested: bool, name: bytes) -> WritePlan:
    if facet is Facet.SEARCH:
        return _make_search(name)
    if nested:
        return _NESTED
    match facet:
        case Facet.GENRE | Facet.COLLECTION:
            text = given.legal(name)
            return text if isinstance(text, Refused) else MakeValue(facet, text)
        case Facet.YEAR:
            number = given.year(name)
            return number if isinstance(number, Refused) else MakeValue(facet, str(number))
        case Facet.SAVED:
            return _save(name)
        case _:
            return _QUALITIES


def _make_in_view(view: View, name: bytes) -> WritePlan:
    text = given.spoken(name)
    if isinstance(text, Refused):
        return text
    changes = entering(view, (), copied=True)
    return changes if isinstance(changes, Refused) else EnterNamed(text, changes, _NO_TITLE)


def _make_search(name: bytes) -> WritePlan:
    """Every query is there already; what is none cannot be made."""
    text = decoded(name)
    if text is not None and query_refusal(text) is None:
        return Refused(Refusal.EXISTS, f"The search {text[:80]!r} can be entered; make it in saved/ to keep it.")
    return Refused(Refusal.NOT_PERMITTED, "This name cannot be a search.")


def _save(name: bytes) -> WritePlan:
    """In ``saved/`` the name is the query."""
    text = decoded(name)
    if text is None:
        return Refused(Refusal.INVALID, "The name is not UTF-8 text.")
    refused = saved_name_refusal(text)
    if refused is not None:
        return refused
    problem = query_problem(text)
    if problem is not None:
        return Refused(Refusal.INVALID, f"This search cannot be read: {problem.message}")
    return SaveSearch(text, text)


def saved_name_refusal(name: str) -> Refused | None:
    """Why a saved search may not have this name, or ``None``: it must not be one that desktops look for."""
    match query_refusal(name):
        case None:
            return None
        case Refusal.NAME_TOO_LONG:
            return Refused(Refusal.NAME_TOO_LONG, "The name is too long.")
        case _:
            return Refused(Refusal.NOT_PERMITTED, "No search can have this name: programs look for it in every folder.")
