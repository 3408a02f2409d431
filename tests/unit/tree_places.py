"""Places and things of a library, as the tests of changes through names speak of them."""

from __future__ import annotations

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree.moves import move
from offliniofs.tree.places import (
    BranchItem,
    FacetPlace,
    FileItem,
    FolderPlace,
    Item,
    Place,
    ShelfPlace,
    TitleItem,
    TrashedFile,
    TrashedFolder,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    Become,
    EditTitle,
    Enter,
    Leave,
    Retitle,
    WritePlan,
)

DRAMA, ACTION = FacetValue(Facet.GENRE, 5), FacetValue(Facet.GENRE, 6)
LATE, EARLY = FacetValue(Facet.YEAR, 1999), FacetValue(Facet.YEAR, 1950)
NOIR, FAMILY = FacetValue(Facet.COLLECTION, 1), FacetValue(Facet.COLLECTION, 2)
MARKED, NEW = FacetValue(Facet.FAVOURITES), FacetValue(Facet.RECENT)
SHARP, HEAT = FacetValue(Facet.QUALITY, 1080), FacetValue(Facet.SEARCH, "heat")
KEPT = FacetValue(Facet.SAVED, 3)

MOVIES, SERIES, MUSIC, OTHER = (ShelfPlace(shelf) for shelf in Shelf)
FILM = TitleItem(ContentId(7), ContentKind.MOVIE)
SECOND = TitleItem(ContentId(8), ContentKind.MOVIE)
SHOW = TitleItem(ContentId(9), ContentKind.SERIES)
ALBUM = TitleItem(ContentId(10), ContentKind.ALBUM)
THING = TitleItem(ContentId(11), ContentKind.OTHER)
SEASON = BranchItem(ContentId(12), ContentKind.SEASON)
FILE, OTHER_FILE = FileItem(FileId(70)), FileItem(FileId(71))
FILM_FOLDER = FolderPlace(ContentId(7), ContentKind.MOVIE, None)
OTHER_FOLDER = FolderPlace(ContentId(8), ContentKind.MOVIE, None)
ARTIST_FOLDER = FolderPlace(ContentId(13), ContentKind.ARTIST, None)
OTHER_ARTIST = FolderPlace(ContentId(14), ContentKind.ARTIST, None)
ARTIST = BranchItem(ContentId(13), ContentKind.ARTIST)
SECOND_ARTIST = BranchItem(ContentId(14), ContentKind.ARTIST)
EXTRAS = BranchItem(ContentId(17), ContentKind.FOLDER)
GONE, GONE_FILE = TrashedFolder(ContentId(20), top=True), TrashedFile(FileId(90), top=True)
NAME = b"Heat (1995)"


def at(*values: FacetValue) -> ViewPlace:
    """The folder of titles that meet these."""
    return ViewPlace(View(values))


def inside(*values: FacetValue) -> FolderPlace:
    """The film's folder, seen in a view."""
    return FolderPlace(ContentId(7), ContentKind.MOVIE, View(values))


def listing(facet: Facet) -> FacetPlace:
    """The folder of a facet's values."""
    return FacetPlace(facet, nested=False)


def edited(*changes: Enter | Leave | Retitle | Become) -> EditTitle:
    """What happens to the film."""
    return EditTitle(FILM.content_id, changes)


Move = tuple[Place, Item, bytes, Place, bytes, Item | None, WritePlan | Refusal]
"""What is moved from where under which name, to where, to which name, what stands there; and what that means."""


def check_move(moved: Move) -> None:
    """Fails unless moving that means that."""
    place, item, name, target, new_name, occupant, expected = moved
    check(move(place, item, name, target, new_name, occupant), expected)


def check(plan: WritePlan, expected: WritePlan | type | Refusal) -> None:
    """Fails unless the plan is the expected one, one of that sort, or refused for that with a reason."""
    if isinstance(expected, Refusal):
        assert isinstance(plan, Refused)
        assert plan.refusal is expected, plan.reason
        assert plan.reason
    elif isinstance(expected, type):
        assert isinstance(plan, expected)
    else:
        assert plan == expected
