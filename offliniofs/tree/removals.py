"""What ``unlink`` and ``rmdir`` mean in every place.

On the shelves they lead to the trash. In a view they take away what the view stands for, where a title can do without
it, and never more: ``rm -r`` of a view cannot empty the library.
"""

from __future__ import annotations

from typing import Final

from offliniofs.domain.listing import Facet
from offliniofs.tree.facet_changes import leaving
from offliniofs.tree.places import (
    FOLDERS,
    BranchItem,
    FacetPlace,
    FileItem,
    FixedItem,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    StagedItem,
    TitleItem,
    TrashedFile,
    TrashedFolder,
    UnnamedItem,
    ValueItem,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    EditTitle,
    ForgetSearch,
    ForgetUnnamed,
    Nothing,
    Prelude,
    Purge,
    RemoveEmptied,
    RemoveValue,
    TrashFile,
    WritePlan,
)

_FIXED: Final = Refused(Refusal.NOT_PERMITTED, "This always exists.")
_IS_FOLDER: Final = Refused(Refusal.IS_A_DIRECTORY, "This is a folder.")
_IS_FILE: Final = Refused(Refusal.NOT_A_DIRECTORY, "This is a file.")
_STAGED: Final = Refused(Refusal.NOT_PERMITTED, "What is being received cannot be removed here.")
_NESTED: Final = Refused(Refusal.NOT_PERMITTED, "Remove it at the top, in by-genre/, by-year/ or collections/.")
_FOLLOWS: Final = Refused(Refusal.NOT_PERMITTED, "This folder follows from what it holds and cannot be removed.")
_PART: Final = Refused(
    Refusal.NOT_PERMITTED,
    "A view shows titles whole: remove the title's folder to take it out of the view, or delete the file in movies/,"
    " series/, music/ or other/.",
)
_TRASHED_PART: Final = Refused(
    Refusal.NOT_PERMITTED, "This was deleted together with its folder; remove the folder, or move it back first."
)


def remove_file(place: Place, item: Item) -> WritePlan:
    """``unlink``."""
    if isinstance(item, FOLDERS):
        return _IS_FOLDER
    match item:
        case PassingItem():
            return Nothing()
        case TrashedFile(file_id, top):
            return Purge(file_id, is_file=True) if top else Prelude(_TRASHED_PART)
        case FileItem(file_id):
            return _remove_from_folder(place, plan=TrashFile(file_id))
        case StagedItem():
            return _STAGED
        case FixedItem(folder=True):
            return _IS_FOLDER
        case _:
            return _FIXED


def stays_away(place: Place) -> bool:
    """Whether a generated file that was removed there must not come back at once: its folder may be about to go."""
    match place:
        case FolderPlace(_, _, None):
            return True
        case FolderPlace(_, _, view) | ViewPlace(view) if view is not None:
            return not isinstance(leaving(view), Refused)
        case _:
            return False


def remove_folder(place: Place, item: Item) -> WritePlan:
    """``rmdir``."""
    match item:
        case TitleItem(content_id, _):
            return _remove_title(place, item)
        case BranchItem(content_id, _):
            return _remove_from_folder(place, plan=RemoveEmptied(content_id))
        case TrashedFolder(content_id, top):
            return Purge(content_id, is_file=False) if top else Prelude(_TRASHED_PART)
        case ValueItem():
            return _remove_value(place, item)
        case UnnamedItem(number):
            return ForgetUnnamed(number)
        case StagedItem():
            return _STAGED
        case FixedItem(folder=True):
            return _FIXED
        case _:
            return _IS_FILE


def _remove_title(place: Place, item: TitleItem) -> WritePlan:
    if isinstance(place, ViewPlace):
        change = leaving(place.view)
        return change if isinstance(change, Refused) else EditTitle(item.content_id, (change,))
    return _remove_from_folder(place, plan=RemoveEmptied(item.content_id))


def _remove_from_folder(place: Place, plan: TrashFile | RemoveEmptied) -> WritePlan:
    """On the shelves it goes; in a view it is part of a title that may be on its way out."""
    match place:
        case FolderPlace(_, _, view) if view is not None:
            return _prelude(view)
        case ViewPlace(view):
            return _prelude(view)
        case InboxPlace():
            return _STAGED
        case _:
            return plan


def _prelude(view: View) -> WritePlan:
    change = leaving(view)
    return change if isinstance(change, Refused) else Prelude(_PART)


def _remove_value(place: Place, item: ValueItem) -> WritePlan:
    facet, key = item.value.facet, item.value.key
    if facet is Facet.SEARCH:
        return Refused(Refusal.NOT_PERMITTED, "A search is there whenever it is entered; there is nothing to remove.")
    if not isinstance(place, FacetPlace) or place.nested:
        return _NESTED
    if facet is Facet.SAVED and isinstance(key, int):
        return ForgetSearch(key)
    return RemoveValue(item.value) if facet in {Facet.GENRE, Facet.COLLECTION, Facet.YEAR} else _FOLLOWS
