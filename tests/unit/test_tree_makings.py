"""What it means to make a folder or a link: place by place."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet
from offliniofs.tree.makings import link, make_folder
from offliniofs.tree.places import (
    FacetPlace,
    FixedPlace,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    StagedItem,
    TrashedPlace,
    TrashPlace,
)
from offliniofs.tree.plans import Refusal
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    AlreadyThere,
    Enter,
    EnterNamed,
    EnterTitleOf,
    MakeArtist,
    MakeFolder,
    MakeValue,
    SaveSearch,
    WritePlan,
)
from tests.unit.tree_places import (
    DRAMA,
    FILE,
    FILM_FOLDER,
    HEAT,
    LATE,
    MARKED,
    MOVIES,
    MUSIC,
    NAME,
    NOIR,
    SHARP,
    at,
    check,
    inside,
    listing,
)

NO_TITLE = make_folder(at(DRAMA), b"x")
assert isinstance(NO_TITLE, EnterNamed)


@pytest.mark.parametrize(
    ("place", "name", "expected"),
    [
        (listing(Facet.GENRE), b"Westerns", MakeValue(Facet.GENRE, "Westerns")),
        (listing(Facet.COLLECTION), "Cafe\u0301".encode(), MakeValue(Facet.COLLECTION, "Caf\u00e9")),
        (MUSIC, "Cafe\u0301".encode(), MakeArtist("Caf\u00e9")),
        (MUSIC, b"AC:DC", Refusal.INVALID),
        (listing(Facet.YEAR), b"1971", MakeValue(Facet.YEAR, "1971")),
        (listing(Facet.SAVED), b"genre:western", SaveSearch("genre:western", "genre:western")),
        (at(DRAMA), NAME, EnterNamed("Heat (1995)", (Enter(DRAMA),), NO_TITLE.otherwise)),
        (at(DRAMA, NOIR), NAME, EnterNamed("Heat (1995)", (Enter(DRAMA), Enter(NOIR)), NO_TITLE.otherwise)),
        (listing(Facet.YEAR), b"soon", Refusal.INVALID),
        (listing(Facet.YEAR), b"\xff", Refusal.INVALID),
        (listing(Facet.GENRE), b"What?", Refusal.INVALID),
        (listing(Facet.GENRE), b".Trash-1000", Refusal.NOT_PERMITTED),
        (listing(Facet.GENRE), b"a\nb", Refusal.INVALID),
        (listing(Facet.QUALITY), b"1080p", Refusal.NOT_PERMITTED),
        (FacetPlace(Facet.GENRE, nested=True), b"Westerns", Refusal.NOT_PERMITTED),
        (listing(Facet.SAVED), b"year:abc", Refusal.INVALID),
        (listing(Facet.SAVED), b"\xff", Refusal.INVALID),
        (listing(Facet.SAVED), b".Trash-1000", Refusal.NOT_PERMITTED),
        (listing(Facet.SAVED), b"x" * 256, Refusal.NAME_TOO_LONG),
        (listing(Facet.SEARCH), b"alien", Refusal.EXISTS),
        (FacetPlace(Facet.SEARCH, nested=True), b"alien", Refusal.EXISTS),
        (listing(Facet.SEARCH), b".Trash-1000", Refusal.NOT_PERMITTED),
        (listing(Facet.SEARCH), b"\xff", Refusal.NOT_PERMITTED),
        (at(LATE), NAME, Refusal.NOT_PERMITTED),
        (at(HEAT), NAME, Refusal.NOT_PERMITTED),
        (at(DRAMA), b"\xff", Refusal.INVALID),
        *((place, b"x", Refusal.NOT_PERMITTED) for place in (MOVIES, FILM_FOLDER, TrashPlace(), FixedPlace())),
        *((place, b"x", Refusal.NOT_PERMITTED) for place in (TrashedPlace(ContentId(1)), InboxPlace())),
        (inside(DRAMA), b"\xff", Refusal.INVALID),
    ],
)
def test_making_a_folder(place: Place, name: bytes, expected: WritePlan | Refusal) -> None:
    check(make_folder(place, name), expected)


def test_a_folder_that_a_copied_title_brings_along_is_there_already() -> None:
    plan = make_folder(inside(DRAMA), b"Season 01")
    assert isinstance(plan, AlreadyThere)
    assert (plan.content_id, plan.name) == (ContentId(7), "Season 01")
    linked = link(FILE, inside(DRAMA), b"a.mkv")
    assert isinstance(linked, AlreadyThere)
    assert linked.otherwise.reason != plan.otherwise.reason


@pytest.mark.parametrize(
    ("item", "place", "expected"),
    [
        (FILE, at(DRAMA), EnterTitleOf(FILE.file_id, (Enter(DRAMA),))),
        (FILE, at(MARKED), EnterTitleOf(FILE.file_id, (Enter(MARKED),))),
        (FILE, at(SHARP), Refusal.NOT_PERMITTED),
        (FILE, MOVIES, Refusal.NOT_PERMITTED),
        (FILE, FILM_FOLDER, Refusal.NOT_PERMITTED),
        (PassingItem(), at(DRAMA), Refusal.NOT_PERMITTED),
        (StagedItem(), at(DRAMA), Refusal.NOT_PERMITTED),
    ],
)
def test_linking(item: Item, place: Place, expected: WritePlan | Refusal) -> None:
    check(link(item, place, b"a.mkv"), expected)


@pytest.mark.parametrize(
    ("kind", "name", "season"),
    [
        *((kind, "extras", None) for kind in (ContentKind.MOVIE, ContentKind.SERIES, ContentKind.SEASON)),
        (ContentKind.MOVIE, "Trailers", None),
        (ContentKind.MOVIE, "Bonus", None),
        (ContentKind.MOVIE, "Subs", None),
        (ContentKind.SEASON, "Subtitles", None),
        (ContentKind.ALBUM, "Scans", None),
        (ContentKind.ALBUM, "CD2", None),
        (ContentKind.SERIES, "Season 02", 2),
        (ContentKind.SERIES, "Specials", 0),
        (ContentKind.OTHER, "whatever", None),
        (ContentKind.FOLDER, "whatever", None),
        (ContentKind.MOVIE, "Season 02", Refusal.NOT_PERMITTED),
        (ContentKind.SEASON, "Season 02", Refusal.NOT_PERMITTED),
        (ContentKind.MOVIE, "CD1", Refusal.NOT_PERMITTED),
        (ContentKind.MOVIE, "BDMV", Refusal.NOT_PERMITTED),
        (ContentKind.MOVIE, "Ronin (1998)", Refusal.NOT_PERMITTED),
        (ContentKind.ARTIST, "extras", Refusal.NOT_PERMITTED),
        (ContentKind.OTHER, "a?", Refusal.INVALID),
        (ContentKind.OTHER, "desktop.ini", Refusal.NOT_PERMITTED),
    ],
)
def test_folders_below_titles(kind: ContentKind, name: str, season: int | Refusal | None) -> None:
    key = ContentId(30)
    expected = season if isinstance(season, Refusal) else MakeFolder(key, name, season)
    check(make_folder(FolderPlace(key, kind, None), name.encode()), expected)
    in_view = make_folder(FolderPlace(key, kind, View((DRAMA,))), name.encode())
    assert isinstance(in_view, AlreadyThere) if isinstance(season, Refusal) else in_view == expected
