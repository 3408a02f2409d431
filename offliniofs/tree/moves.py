"""What ``rename`` means, for everything that can be moved and every place it can be moved to.

Moving is editing: the catalogue changes, no byte is copied. ``docs/writing.md`` has the same as a table.
"""

from __future__ import annotations

from typing import Final

from offliniofs.domain.content import ContentKind
from offliniofs.domain.listing import Facet, FacetValue, Selection, Shelf
from offliniofs.tree import given
from offliniofs.tree.below_titles import new_folder
from offliniofs.tree.facet_changes import entering
from offliniofs.tree.makings import UNNAMED, make_folder, saved_name_refusal
from offliniofs.tree.places import (
    BranchItem,
    FacetPlace,
    FileItem,
    FixedItem,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    ShelfPlace,
    StagedItem,
    TitleItem,
    TrashedFile,
    TrashedFolder,
    TrashedPlace,
    TrashPlace,
    UnnamedItem,
    UnnamedPlace,
    ValueItem,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.searches import decoded
from offliniofs.tree.writes import (
    AlreadyThere,
    Become,
    EditTitle,
    ForgetUnnamed,
    Made,
    MakeFolder,
    MergeTitles,
    MoveFile,
    MoveFolder,
    NameUnnamed,
    Nothing,
    RenameArtist,
    RenameSearch,
    RenameValue,
    Restore,
    Retitle,
    TitleChange,
    ToArtist,
    TrashFile,
    TrashTitle,
    UniteArtists,
    WritePlan,
)

_SHELF_OF: Final = {
    ContentKind.MOVIE: Shelf.MOVIES,
    ContentKind.SERIES: Shelf.SERIES,
    ContentKind.ALBUM: Shelf.MUSIC,
    ContentKind.OTHER: Shelf.OTHER,
}
_KIND_OF: Final = {shelf: kind for kind, shelf in _SHELF_OF.items()}

_FIXED: Final = Refused(Refusal.NOT_PERMITTED, "This always exists, here and under this name.")
_FIXED_TARGET: Final = Refused(Refusal.NOT_PERMITTED, "What stands in this folder is always the same.")
_PASSING: Final = Refused(Refusal.NOT_PERMITTED, "This file is made by OfflinioFS whenever it is asked for.")
_STAGED: Final = Refused(Refusal.NOT_PERMITTED, "What is being received gets its place when it is filed.")
_TO_INBOX: Final = Refused(
    Refusal.NOT_PERMITTED, "The inbox takes what is not in the library yet; this is in it already."
)
_IN_TITLE: Final = Refused(Refusal.NOT_PERMITTED, "A title cannot stand inside another one.")
_INTO_TRASHED: Final = Refused(Refusal.NOT_PERMITTED, "Nothing can be put into a deleted folder; move it to .trash/.")
_TO_FACET: Final = Refused(Refusal.NOT_PERMITTED, "Move it one folder deeper: into one of the folders here.")
_MADE: Final = frozenset({Facet.GENRE, Facet.YEAR, Facet.COLLECTION})
"""Facets whose folders ``mkdir`` makes."""
_BRANCH: Final = Refused(Refusal.NOT_PERMITTED, "A folder below a title can only be moved into another title.")
_ARTIST: Final = Refused(
    Refusal.NOT_PERMITTED, "An artist stands in music/: rename it there, or move it onto another one to unite the two."
)
_FILE_ALONE: Final = Refused(
    Refusal.NOT_PERMITTED, "A file stands in the folder of its title: move it into one, or move the title's folder."
)
_MUSIC: Final = Refused(Refusal.NOT_PERMITTED, "An album cannot become a film or a series, nor the other way round.")
_SAME_PLACE: Final = Refused(Refusal.EXISTS, "This title stands there already.")
_OCCUPIED: Final = Refused(Refusal.NOT_EMPTY, "Something else has this name there.")
_VALUE: Final = Refused(
    Refusal.NOT_PERMITTED, "A folder of a view can only be renamed, at the top of by-genre/, collections/ or saved/."
)
_YEARS: Final = Refused(
    Refusal.NOT_PERMITTED, "A year is a year: move titles from one to another instead of renaming it."
)
_TRASHED_PART: Final = Refused(
    Refusal.NOT_PERMITTED, "This was deleted together with its folder; move the folder back whole."
)


def move(
    place: Place, item: Item, name: bytes, target: Place, new_name: bytes, occupant: Item | None = None
) -> WritePlan:
    """``rename`` of ``item``, called ``name`` in ``place``. ``occupant``: what has the new name now, if anything."""
    if isinstance(target, UnnamedPlace):
        return UNNAMED
    match item:
        case TitleItem():
            return _move_title(place, item, name, target, new_name, occupant)
        case FileItem():
            return _move_file(place, item, name, target, new_name, occupant)
        case ValueItem():
            return _move_value(place, item, target, new_name, occupant)
        case UnnamedItem():
            return _name(place, item, target, new_name, occupant)
        case TrashedFolder() | TrashedFile():
            return _move_trashed(item, name, target, new_name, occupant)
        case BranchItem(_, kind):
            move_branch = _move_artist if kind is ContentKind.ARTIST else _move_folder
            return move_branch(place, item, name, target, new_name, occupant)
        case PassingItem():
            between = isinstance(place, FolderPlace) and isinstance(target, FolderPlace)
            return Nothing() if between and place != target else _PASSING
        case StagedItem() | FixedItem():
            return _FIXED if isinstance(item, FixedItem) else _STAGED


# --- titles -----------------------------------------------------------------------------------------------------------


def _move_title(
    place: Place, item: TitleItem, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> WritePlan:
    if isinstance(target, TrashPlace):
        return TrashTitle(item.content_id)
    other = occupant.content_id if isinstance(occupant, TitleItem) and occupant.content_id != item.content_id else None
    if occupant is not None and not isinstance(occupant, TitleItem):
        return _OCCUPIED
    if other is not None:
        return _merge(place, item, target, occupant)
    if isinstance(target, FacetPlace):
        return _to_facet(target, name, new_name)
    changes = _arriving(place, item, target)
    if isinstance(changes, Refused):
        return changes
    renaming = _retitling(place, target, item.kind, name, new_name)
    if isinstance(renaming, Refused):
        return renaming
    if not changes and not renaming:
        return Nothing() if place == target else _stays(place, target)
    return EditTitle(item.content_id, (*changes, *renaming))


def _merge(place: Place, item: TitleItem, target: Place, occupant: Item | None) -> WritePlan:
    """Giving a title the name of another one, where both stand on one shelf, makes one title of two."""
    if not isinstance(place, ShelfPlace) or place != target or not isinstance(occupant, TitleItem):
        return _OCCUPIED
    return MergeTitles(item.content_id, occupant.content_id) if occupant.kind is item.kind else _OCCUPIED


def _stays(place: Place, target: Place) -> WritePlan:
    """No condition of the target is new to the title: it stands there already, or came from deeper inside."""
    return _SAME_PLACE if isinstance(target, ShelfPlace) or isinstance(place, ViewPlace) else Nothing()


def _arriving(place: Place, item: TitleItem, target: Place) -> tuple[TitleChange, ...] | Refused:
    """What the title becomes by standing in ``target``, whatever it is called."""
    match target:
        case ShelfPlace(shelf):
            return _shelve(item, shelf)
        case ViewPlace(view):
            return () if place == target else entering(view, _selection(place))
        case FolderPlace(artist_id, ContentKind.ARTIST, None) if item.kind is ContentKind.ALBUM:
            return () if place == target else (ToArtist(artist_id),)
        case FolderPlace():
            return _IN_TITLE
        case TrashedPlace():
            return _INTO_TRASHED
        case InboxPlace():
            return _TO_INBOX
        case _:
            return _FIXED_TARGET


def _to_facet(target: FacetPlace, name: bytes, new_name: bytes) -> Refused:
    """``mv X by-genre/Unknown``: a folder that is not there yet is taken for a new name by ``mv``."""
    wanted = given.spoken(new_name)
    if name == new_name or target.nested or target.facet not in _MADE or isinstance(wanted, Refused):
        return _TO_FACET
    folder = f"{target.facet.value}/{wanted[:80]}"
    return Refused(
        Refusal.NOT_PERMITTED, f"There is no {folder} yet: 'mkdir {folder}' makes it, then titles can be moved into it."
    )


def _selection(place: Place) -> Selection:
    return place.view.selection if isinstance(place, ViewPlace) else ()


def _shelve(item: TitleItem, shelf: Shelf) -> tuple[TitleChange, ...] | Refused:
    if _SHELF_OF[item.kind] is shelf:
        return ()
    if shelf is Shelf.MUSIC or item.kind is ContentKind.ALBUM:
        return _MUSIC
    return (Become(_KIND_OF[shelf]),)


def _retitling(
    place: Place, target: Place, kind: ContentKind, name: bytes, new_name: bytes
) -> tuple[Retitle, ...] | Refused:
    if name == new_name:
        return ()
    old, new = given.spoken(name), given.spoken(new_name)
    if isinstance(new, Refused):
        return new
    if new.startswith("."):
        return Refused(Refusal.NOT_PERMITTED, f"{new[:80]!r} would be hidden; a title's name begins with no dot.")
    before = given.words(old if isinstance(old, str) else "", kind)
    after = given.words(new, kind)
    if kind is ContentKind.ALBUM and isinstance(place, ViewPlace):
        return _retitled_album(before, after)
    if kind is ContentKind.ALBUM and isinstance(target, ViewPlace) and after.title.endswith(f" - {before.title}"):
        after = given.Words(before.title, after.year)  # what the album is called in views, with its artist
    return _difference(before, after)


def _retitled_album(before: given.Words, after: given.Words) -> tuple[Retitle, ...] | Refused:
    """Views put the artist before an album's title."""
    artist, dash, title = before.title.partition(" - ")
    prefix = artist + dash
    if not dash or not after.title.startswith(prefix) or after.title == prefix:
        return Refused(Refusal.INVALID, f"An album's name begins with its artist here: {prefix[:80]!r}.")
    return _difference(given.Words(title, before.year), given.Words(after.title.removeprefix(prefix), after.year))


def _difference(before: given.Words, after: given.Words) -> tuple[Retitle, ...]:
    """Only what the name says otherwise is edited: a folder's name may say less than the title itself."""
    title = None if before.title == after.title else after.title
    year = None if before.year == after.year else after.year
    return () if title is None and year is None else (Retitle(title, year),)


# --- artists ----------------------------------------------------------------------------------------------------------


def _move_artist(
    place: Place, item: BranchItem, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> WritePlan:
    if isinstance(target, TrashPlace):
        return TrashTitle(item.content_id)
    if isinstance(target, FolderPlace) and target.kind is ContentKind.ARTIST and name == new_name:
        same = target.content_id == item.content_id  # mv takes the name of another artist for a folder to move into
        return _ARTIST if same or occupant is not None else UniteArtists(item.content_id, target.content_id)
    if not isinstance(target, ShelfPlace) or place != target:
        return _ARTIST
    match occupant:
        case None:
            text = given.legal(new_name)
            return text if isinstance(text, Refused) else RenameArtist(item.content_id, text)
        case BranchItem(other, _):
            return Nothing() if other == item.content_id else UniteArtists(item.content_id, other)
        case _:
            return _OCCUPIED


# --- seasons, extras --------------------------------------------------------------------------------------------------


def _move_folder(
    place: Place, item: BranchItem, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> WritePlan:
    """What may be made there may be moved there."""
    if isinstance(target, TrashPlace):
        return TrashTitle(item.content_id)
    if not isinstance(target, FolderPlace):
        return _BRANCH
    if occupant is not None:
        return Nothing() if occupant == item else _OCCUPIED
    if place == target and name == new_name:
        return Nothing()
    made = new_folder(target.content_id, target.kind, new_name)
    return MoveFolder(item.content_id, *made) if isinstance(made, MakeFolder) else made


# --- files ------------------------------------------------------------------------------------------------------------


def _move_file(
    place: Place, item: FileItem, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> WritePlan:
    match target:
        case TrashPlace():
            return TrashFile(item.file_id)
        case FolderPlace(content_id, kind, _) if kind is not ContentKind.ARTIST:
            old = given.spoken(name)
            new = given.file_name(new_name, old) if isinstance(old, str) else old
            if isinstance(new, Refused):
                return new
            if occupant is not None and not isinstance(occupant, FileItem | PassingItem):
                return Refused(Refusal.IS_A_DIRECTORY, "A folder has this name.")
            if place == target and new == old:
                return Nothing()
            replaced = occupant.file_id if isinstance(occupant, FileItem) else None
            return MoveFile(item.file_id, content_id, new, None if replaced == item.file_id else replaced)
        case InboxPlace():
            return _TO_INBOX
        case TrashedPlace():
            return _INTO_TRASHED
        case _:
            return _FILE_ALONE


# --- genres, collections, searches ------------------------------------------------------------------------------------


def _move_value(place: Place, item: ValueItem, target: Place, new_name: bytes, occupant: Item | None) -> WritePlan:
    if not isinstance(place, FacetPlace) or place != target or place.nested:
        return _VALUE
    if occupant is not None:
        return item_taken(item, occupant)
    facet, key = item.value.facet, item.value.key
    if facet is Facet.SAVED and isinstance(key, int):
        return _rename_search(key, new_name)
    if facet is Facet.YEAR:
        return _YEARS
    if facet not in {Facet.GENRE, Facet.COLLECTION}:
        return _VALUE
    text = given.legal(new_name)
    return text if isinstance(text, Refused) else RenameValue(FacetValue(facet, key), text)


def item_taken(item: ValueItem, occupant: Item) -> WritePlan:
    """Renaming onto what is there: itself is nothing to do, another one is not replaced."""
    if occupant == item:
        return Nothing()
    return Refused(Refusal.EXISTS, "Something has this name already; move its titles instead.")


def _rename_search(search_id: int, new_name: bytes) -> WritePlan:
    text = decoded(new_name)
    if text is None:
        return Refused(Refusal.INVALID, "The name is not UTF-8 text.")
    return saved_name_refusal(text) or RenameSearch(search_id, text)


# --- folders without a name -------------------------------------------------------------------------------------------


def _name(place: Place, item: UnnamedItem, target: Place, new_name: bytes, occupant: Item | None) -> WritePlan:
    """It becomes what the name says, where it stands."""
    if isinstance(target, TrashPlace):
        return ForgetUnnamed(item.number)
    if place != target:
        return UNNAMED
    if occupant is not None:
        return Nothing() if occupant == item else _OCCUPIED
    made = make_folder(place, new_name)
    if isinstance(made, AlreadyThere):  # nothing is copied here
        return made.otherwise
    return NameUnnamed(item.number, made) if isinstance(made, Made) else made


# --- the trash --------------------------------------------------------------------------------------------------------


def _move_trashed(
    item: TrashedFolder | TrashedFile, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> WritePlan:
    """Out of the trash: back to where it was; into a view besides."""
    is_file = isinstance(item, TrashedFile)
    row = item.file_id if isinstance(item, TrashedFile) else item.content_id
    if not item.top:
        return _TRASHED_PART
    if occupant is not None:
        return _OCCUPIED
    match target:
        case ShelfPlace() | FolderPlace(_, _, None):
            return Restore(row, is_file, ())
        case ViewPlace(view) if not is_file:
            changes = entering(view, ())
            return changes if isinstance(changes, Refused) else Restore(row, is_file, changes)
        case TrashPlace():
            return Nothing() if name == new_name else _FIXED
        case FacetPlace():
            return _to_facet(target, name, new_name)
        case InboxPlace():
            return Refused(Refusal.NOT_PERMITTED, "Move it to the shelf it came from; it is identified already.")
        case ViewPlace() | FolderPlace():
            return Refused(Refusal.NOT_PERMITTED, "Move it to movies/, series/, music/ or other/: it goes back whence.")
        case _:
            return _FIXED_TARGET
