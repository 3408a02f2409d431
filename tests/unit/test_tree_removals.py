"""What it means to remove a file or a folder: place by place."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet
from offliniofs.tree.places import (
    BranchItem,
    FacetPlace,
    FixedItem,
    FixedPlace,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    StagedItem,
    TrashedFile,
    TrashedFolder,
    TrashedPlace,
    TrashPlace,
    ValueItem,
)
from offliniofs.tree.plans import Refusal
from offliniofs.tree.removals import remove_file, remove_folder, stays_away
from offliniofs.tree.writes import (
    ForgetSearch,
    Leave,
    Nothing,
    Prelude,
    Purge,
    RemoveEmptied,
    RemoveValue,
    TrashFile,
    WritePlan,
)
from tests.unit.tree_places import (
    ALBUM,
    ARTIST_FOLDER,
    DRAMA,
    FILE,
    FILM,
    FILM_FOLDER,
    GONE,
    GONE_FILE,
    HEAT,
    KEPT,
    LATE,
    MARKED,
    MOVIES,
    MUSIC,
    NEW,
    NOIR,
    SEASON,
    SHARP,
    at,
    check,
    edited,
    inside,
    listing,
)


@pytest.mark.parametrize(
    ("place", "item", "expected"),
    [
        (FILM_FOLDER, FILE, TrashFile(FILE.file_id)),
        (FILM_FOLDER, PassingItem(), Nothing()),
        (at(DRAMA), PassingItem(), Nothing()),
        (TrashPlace(), GONE_FILE, Purge(GONE_FILE.file_id, True)),
        (TrashedPlace(ContentId(20)), TrashedFile(FileId(91), False), Prelude),
        (inside(DRAMA), FILE, Prelude),
        (inside(MARKED), FILE, Prelude),
        *((inside(value), FILE, Refusal.NOT_PERMITTED) for value in (LATE, SHARP, NEW, HEAT, KEPT)),
        (FixedPlace(), FixedItem(folder=False), Refusal.NOT_PERMITTED),
        (FixedPlace(), FixedItem(folder=True), Refusal.IS_A_DIRECTORY),
        (MOVIES, FILM, Refusal.IS_A_DIRECTORY),
        (InboxPlace(), StagedItem(), Refusal.NOT_PERMITTED),
    ],
)
def test_removing_a_file(place: Place, item: Item, expected: WritePlan | type | Refusal) -> None:
    check(remove_file(place, item), expected)


def test_what_is_generated_stays_away_only_where_its_folder_may_go() -> None:
    going: list[Place] = [FILM_FOLDER, at(DRAMA), inside(DRAMA), inside(MARKED)]
    staying: list[Place] = [MOVIES, at(LATE), inside(LATE), inside(HEAT), TrashPlace(), FixedPlace()]
    assert [stays_away(place) for place in (*going, *staying)] == [True] * len(going) + [False] * len(staying)


@pytest.mark.parametrize(
    ("place", "item", "expected"),
    [
        (MOVIES, FILM, RemoveEmptied(FILM.content_id)),
        (ARTIST_FOLDER, ALBUM, RemoveEmptied(ALBUM.content_id)),
        (MUSIC, BranchItem(ContentId(13), ContentKind.ARTIST), RemoveEmptied(ContentId(13))),
        (FolderPlace(ContentId(9), ContentKind.SERIES, None), SEASON, RemoveEmptied(SEASON.content_id)),
        (at(DRAMA), FILM, edited(Leave(DRAMA))),
        (at(MARKED), FILM, edited(Leave(MARKED))),
        (at(LATE, NOIR), FILM, edited(Leave(NOIR))),
        *((at(value), FILM, Refusal.NOT_PERMITTED) for value in (LATE, SHARP, NEW, HEAT, KEPT)),
        (at(DRAMA, LATE), FILM, Refusal.NOT_PERMITTED),
        (inside(DRAMA), SEASON, Prelude),
        (inside(HEAT), SEASON, Refusal.NOT_PERMITTED),
        (TrashPlace(), GONE, Purge(GONE.content_id, False)),
        (TrashedPlace(ContentId(20)), TrashedFolder(ContentId(21), False), Prelude),
        (listing(Facet.GENRE), ValueItem(DRAMA), RemoveValue(DRAMA)),
        (listing(Facet.COLLECTION), ValueItem(NOIR), RemoveValue(NOIR)),
        (listing(Facet.YEAR), ValueItem(LATE), RemoveValue(LATE)),
        (listing(Facet.SAVED), ValueItem(KEPT), ForgetSearch(3)),
        (listing(Facet.SEARCH), ValueItem(HEAT), Refusal.NOT_PERMITTED),
        (listing(Facet.QUALITY), ValueItem(SHARP), Refusal.NOT_PERMITTED),
        (FacetPlace(Facet.GENRE, nested=True), ValueItem(DRAMA), Refusal.NOT_PERMITTED),
        (FixedPlace(), FixedItem(folder=True), Refusal.NOT_PERMITTED),
        (FixedPlace(), FixedItem(folder=False), Refusal.NOT_A_DIRECTORY),
        (FILM_FOLDER, FILE, Refusal.NOT_A_DIRECTORY),
        (at(DRAMA), PassingItem(), Refusal.NOT_A_DIRECTORY),
        (InboxPlace(), StagedItem(), Refusal.NOT_PERMITTED),
    ],
)
def test_removing_a_folder(place: Place, item: Item, expected: WritePlan | type | Refusal) -> None:
    check(remove_folder(place, item), expected)
