"""What it means to move a title, or to give it another name: place by place."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet
from offliniofs.tree.moves import move
from offliniofs.tree.places import (
    FacetPlace,
    FixedItem,
    FixedPlace,
    InboxPlace,
    Item,
    Place,
    TrashedPlace,
    TrashPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.writes import (
    Become,
    EditTitle,
    Enter,
    Leave,
    MergeTitles,
    Nothing,
    Retitle,
)
from tests.unit.tree_places import (
    ACTION,
    ALBUM,
    ARTIST_FOLDER,
    DRAMA,
    EARLY,
    FAMILY,
    FILM,
    FILM_FOLDER,
    GONE,
    HEAT,
    KEPT,
    LATE,
    MARKED,
    MOVIES,
    MUSIC,
    NAME,
    NEW,
    NOIR,
    OTHER,
    SECOND,
    SERIES,
    SHARP,
    SHOW,
    THING,
    Move,
    at,
    check_move,
    edited,
    listing,
)

MOVES: list[Move] = [
    # a title from one value of a facet to another: that value is replaced
    (at(DRAMA), FILM, NAME, at(ACTION), NAME, None, edited(Leave(DRAMA), Enter(ACTION))),
    (at(NOIR), FILM, NAME, at(FAMILY), NAME, None, edited(Leave(NOIR), Enter(FAMILY))),
    (at(LATE), FILM, NAME, at(EARLY), NAME, None, edited(Enter(EARLY))),
    (at(DRAMA, LATE), FILM, NAME, at(DRAMA, EARLY), NAME, None, edited(Enter(EARLY))),
    (at(DRAMA, LATE), FILM, NAME, at(ACTION, LATE), NAME, None, edited(Leave(DRAMA), Enter(ACTION))),
    (at(DRAMA), FILM, NAME, at(ACTION), NAME, FILM, edited(Leave(DRAMA), Enter(ACTION))),
    (at(DRAMA), FILM, NAME, at(DRAMA, ACTION), NAME, None, edited(Enter(ACTION))),
    # to another facet: it comes on top
    (at(DRAMA), FILM, NAME, at(MARKED), NAME, None, edited(Enter(MARKED))),
    (at(DRAMA), FILM, NAME, at(NOIR), NAME, None, edited(Enter(NOIR))),
    (at(HEAT), FILM, NAME, at(DRAMA), NAME, None, edited(Enter(DRAMA))),
    (MOVIES, FILM, NAME, at(DRAMA), NAME, None, edited(Enter(DRAMA))),
    (MOVIES, FILM, NAME, at(EARLY), NAME, None, edited(Enter(EARLY))),
    (ARTIST_FOLDER, ALBUM, b"A (1990)", at(MARKED), b"A (1990)", None, EditTitle(ALBUM.content_id, (Enter(MARKED),))),
    (
        ARTIST_FOLDER,
        ALBUM,
        b"A (1990)",
        at(MARKED),
        b"B - A (1990)",
        None,
        EditTitle(ALBUM.content_id, (Enter(MARKED),)),
    ),
    (MOVIES, FILM, NAME, at(DRAMA), b"Warm (1995)", None, edited(Enter(DRAMA), Retitle("Warm", None))),
    # where something else decides what stands there
    *((MOVIES, FILM, NAME, at(value), NAME, None, Refusal.NOT_PERMITTED) for value in (SHARP, NEW, HEAT, KEPT)),
    (at(DRAMA), FILM, NAME, at(ACTION, HEAT), NAME, None, Refusal.NOT_PERMITTED),
    # from shelf to shelf: another kind
    (MOVIES, FILM, NAME, SERIES, NAME, None, edited(Become(ContentKind.SERIES))),
    (MOVIES, FILM, NAME, OTHER, NAME, None, edited(Become(ContentKind.OTHER))),
    (at(DRAMA), FILM, NAME, SERIES, NAME, None, edited(Become(ContentKind.SERIES))),
    (OTHER, THING, b"clip", MOVIES, b"clip", None, EditTitle(THING.content_id, (Become(ContentKind.MOVIE),))),
    (MOVIES, FILM, NAME, MUSIC, NAME, None, Refusal.NOT_PERMITTED),
    (ARTIST_FOLDER, ALBUM, b"A", MOVIES, b"A", None, Refusal.NOT_PERMITTED),
    (at(DRAMA), FILM, NAME, MOVIES, NAME, FILM, Refusal.EXISTS),
    # another name
    (MOVIES, FILM, NAME, MOVIES, b"Warm (1996)", None, edited(Retitle("Warm", 1996))),
    (MOVIES, FILM, NAME, MOVIES, b"Heat (1996)", None, edited(Retitle(None, 1996))),
    (MOVIES, FILM, NAME, MOVIES, b"Warm", None, edited(Retitle("Warm", None))),
    (MOVIES, FILM, NAME, MOVIES, NAME, FILM, Nothing()),
    (at(DRAMA), FILM, NAME, at(DRAMA), b"Warm (1995)", None, edited(Retitle("Warm", None))),
    (at(HEAT), FILM, NAME, at(HEAT), b"Warm (1995)", None, edited(Retitle("Warm", None))),
    (OTHER, THING, b"a", OTHER, b"a (1999)", None, EditTitle(THING.content_id, (Retitle("a (1999)", None),))),
    (MOVIES, FILM, NAME, MOVIES, b".Heat", None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, MOVIES, b"\xff", None, Refusal.INVALID),
    (MOVIES, FILM, NAME, MOVIES, b"x" * 256, None, Refusal.NAME_TOO_LONG),
    (
        at(MARKED),
        ALBUM,
        b"Trane - Blue (1957)",
        at(MARKED),
        b"Trane - Red (1957)",
        None,
        EditTitle(ALBUM.content_id, (Retitle("Red", None),)),
    ),
    (at(MARKED), ALBUM, b"Trane - Blue", at(MARKED), b"Miles - Blue", None, Refusal.INVALID),
    # the name of another title
    (MOVIES, FILM, NAME, MOVIES, b"Heat 2", SECOND, MergeTitles(FILM.content_id, SECOND.content_id)),
    (MOVIES, FILM, NAME, SERIES, NAME, SHOW, Refusal.NOT_EMPTY),
    (at(DRAMA), FILM, NAME, at(ACTION), NAME, SECOND, Refusal.NOT_EMPTY),
    (at(DRAMA), FILM, NAME, at(DRAMA), b"by-year", FixedItem(folder=True), Refusal.NOT_EMPTY),
    # where a title cannot stand
    *((MOVIES, FILM, NAME, target, NAME, None, Refusal.NOT_PERMITTED) for target in (FILM_FOLDER, ARTIST_FOLDER)),
    (MOVIES, FILM, NAME, listing(Facet.GENRE), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, FixedPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, InboxPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, TrashedPlace(ContentId(20)), NAME, None, Refusal.NOT_PERMITTED),
]


@pytest.mark.parametrize("moved", MOVES)
def test_moving_a_title(moved: Move) -> None:
    check_move(moved)


@pytest.mark.parametrize(
    ("target", "new_name", "says"),
    [
        (listing(Facet.GENRE), b"Unknown", "'mkdir by-genre/Unknown' makes it"),
        (listing(Facet.YEAR), b"1903", "'mkdir by-year/1903' makes it"),
        (listing(Facet.COLLECTION), b"Mine", "'mkdir collections/Mine' makes it"),
        (listing(Facet.GENRE), NAME, "one folder deeper"),
        (listing(Facet.QUALITY), b"900p", "one folder deeper"),
        (FacetPlace(Facet.GENRE, nested=True), b"Unknown", "one folder deeper"),
        (listing(Facet.GENRE), b"\xff", "one folder deeper"),
    ],
)
def test_moving_to_a_genre_that_is_not_there_says_how_to_make_it(target: Place, new_name: bytes, says: str) -> None:
    items: list[tuple[Place, Item]] = [(MOVIES, FILM), (TrashPlace(), GONE)]
    for place, item in items:
        plan = move(place, item, NAME, target, new_name, None)
        assert isinstance(plan, Refused)
        assert says in plan.reason
