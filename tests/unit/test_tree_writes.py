"""What each change through names means, place by place."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree.inodes import (
    FILE_BASE,
    TRASH,
    Generated,
    Static,
    directory_base,
    generated_inode,
    staged_inode,
)
from offliniofs.tree.makings import link, make_folder
from offliniofs.tree.moves import move
from offliniofs.tree.places import (
    BranchItem,
    FacetPlace,
    FileItem,
    FixedItem,
    FixedPlace,
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
    ValueItem,
    ViewPlace,
    item_of,
    place_of,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.removals import remove_file, remove_folder, stays_away
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    AlreadyThere,
    Become,
    EditTitle,
    Enter,
    EnterNamed,
    EnterTitleOf,
    ForgetSearch,
    Leave,
    MakeArtist,
    MakeFolder,
    MakeValue,
    MergeTitles,
    MoveFile,
    MoveFolder,
    Nothing,
    Prelude,
    Purge,
    RemoveEmptied,
    RemoveValue,
    RenameArtist,
    RenameSearch,
    RenameValue,
    Restore,
    Retitle,
    SaveSearch,
    ToArtist,
    TrashFile,
    TrashTitle,
    UniteArtists,
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


def moved_to(parent: int, name: str) -> MoveFolder:
    """Where the folder of extras goes."""
    return MoveFolder(EXTRAS.content_id, ContentId(parent), name, None)


def edited(*changes: Enter | Leave | Retitle | Become) -> EditTitle:
    """What happens to the film."""
    return EditTitle(FILM.content_id, changes)


MOVES: list[tuple[Place, Item, bytes, Place, bytes, Item | None, WritePlan | Refusal]] = [
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
    # seasons and extras
    (FILM_FOLDER, EXTRAS, b"extras", FILM_FOLDER, b"trailers", None, moved_to(7, "trailers")),
    (FILM_FOLDER, EXTRAS, b"extras", OTHER_FOLDER, b"extras", None, moved_to(8, "extras")),
    (FILM_FOLDER, EXTRAS, b"extras", OTHER_FOLDER, b"extras", EXTRAS, Nothing()),
    (FILM_FOLDER, EXTRAS, b"extras", OTHER_FOLDER, b"extras", SEASON, Refusal.NOT_EMPTY),
    (FILM_FOLDER, EXTRAS, b"extras", FILM_FOLDER, b"extras", None, Nothing()),
    (FILM_FOLDER, EXTRAS, b"extras", FILM_FOLDER, b"mine", None, Refusal.NOT_PERMITTED),
    (FILM_FOLDER, EXTRAS, b"extras", MOVIES, b"extras", None, Refusal.NOT_PERMITTED),
    (FILM_FOLDER, EXTRAS, b"extras", TrashPlace(), b"extras", None, TrashTitle(EXTRAS.content_id)),
    (
        FolderPlace(ContentId(9), ContentKind.SERIES, None),
        SEASON,
        b"Season 02",
        FolderPlace(ContentId(16), ContentKind.SERIES, None),
        b"Season 02",
        None,
        MoveFolder(SEASON.content_id, ContentId(16), "Season 02", 2),
    ),
    # albums and artists
    (ARTIST_FOLDER, ALBUM, b"A", OTHER_ARTIST, b"A", None, EditTitle(ALBUM.content_id, (ToArtist(ContentId(14)),))),
    (
        at(DRAMA),
        ALBUM,
        b"X - A",
        OTHER_ARTIST,
        b"X - A",
        None,
        EditTitle(ALBUM.content_id, (ToArtist(ContentId(14)),)),
    ),
    (
        ARTIST_FOLDER,
        ALBUM,
        b"A (1990)",
        OTHER_ARTIST,
        b"B (1991)",
        None,
        EditTitle(ALBUM.content_id, (ToArtist(ContentId(14)), Retitle("B", 1991))),
    ),
    (ARTIST_FOLDER, ALBUM, b"A", OTHER_ARTIST, b"A", TitleItem(ContentId(15), ContentKind.ALBUM), Refusal.NOT_EMPTY),
    (ARTIST_FOLDER, ALBUM, b"A", MUSIC, b"A", None, Refusal.EXISTS),
    (MUSIC, ARTIST, b"X", MUSIC, b"Y", None, RenameArtist(ARTIST.content_id, "Y")),
    (MUSIC, ARTIST, b"X", MUSIC, b"a/b", None, Refusal.INVALID),
    (MUSIC, ARTIST, b"X", MUSIC, b"X", ARTIST, Nothing()),
    (MUSIC, ARTIST, b"X", MUSIC, b"Y", SECOND_ARTIST, UniteArtists(ARTIST.content_id, ContentId(14))),
    (MUSIC, ARTIST, b"X", OTHER_ARTIST, b"X", None, UniteArtists(ARTIST.content_id, ContentId(14))),
    (MUSIC, ARTIST, b"X", OTHER_ARTIST, b"X", ALBUM, Refusal.NOT_PERMITTED),
    (MUSIC, ARTIST, b"X", OTHER_ARTIST, b"Z", None, Refusal.NOT_PERMITTED),
    (MUSIC, ARTIST, b"X", ARTIST_FOLDER, b"X", None, Refusal.NOT_PERMITTED),
    (MUSIC, ARTIST, b"X", MOVIES, b"X", None, Refusal.NOT_PERMITTED),
    (MUSIC, ARTIST, b"X", at(DRAMA), b"X", None, Refusal.NOT_PERMITTED),
    (MUSIC, ARTIST, b"X", MUSIC, b"Y", FILE, Refusal.NOT_EMPTY),
    (MUSIC, ARTIST, b"X", TrashPlace(), b"X", None, TrashTitle(ARTIST.content_id)),
    (MOVIES, FILM, NAME, listing(Facet.GENRE), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, FixedPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, InboxPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (MOVIES, FILM, NAME, TrashedPlace(ContentId(20)), NAME, None, Refusal.NOT_PERMITTED),
    # into the trash and out of it
    (MOVIES, FILM, NAME, TrashPlace(), NAME, None, TrashTitle(FILM.content_id)),
    (FILM_FOLDER, FILE, b"a.mkv", TrashPlace(), b"a.mkv", None, TrashFile(FILE.file_id)),
    (TrashPlace(), GONE, NAME, MOVIES, NAME, None, Restore(GONE.content_id, False, ())),
    (TrashPlace(), GONE, NAME, at(DRAMA), NAME, None, Restore(GONE.content_id, False, (Enter(DRAMA),))),
    (TrashPlace(), GONE_FILE, b"a.mkv", FILM_FOLDER, b"a.mkv", None, Restore(GONE_FILE.file_id, True, ())),
    (TrashPlace(), GONE, NAME, at(HEAT), NAME, None, Refusal.NOT_PERMITTED),
    (TrashPlace(), GONE_FILE, b"a", at(DRAMA), b"a", None, Refusal.NOT_PERMITTED),
    (TrashPlace(), GONE, NAME, MOVIES, NAME, SECOND, Refusal.NOT_EMPTY),
    (TrashPlace(), GONE, NAME, TrashPlace(), b"other", None, Refusal.NOT_PERMITTED),
    (TrashPlace(), GONE, NAME, InboxPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (TrashPlace(), GONE, NAME, listing(Facet.GENRE), NAME, None, Refusal.NOT_PERMITTED),
    (TrashPlace(), GONE, NAME, FixedPlace(), NAME, None, Refusal.NOT_PERMITTED),
    (TrashedPlace(ContentId(20)), TrashedFile(FileId(91), False), b"a", MOVIES, b"a", None, Refusal.NOT_PERMITTED),
    # files
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"b.mkv", None, MoveFile(FILE.file_id, ContentId(7), "b.mkv", None)),
    (inside(DRAMA), FILE, b"a.mkv", inside(DRAMA), b"b.MKV", None, MoveFile(FILE.file_id, ContentId(7), "b.MKV", None)),
    (
        FILM_FOLDER,
        FILE,
        b"a.mkv",
        FolderPlace(ContentId(8), ContentKind.MOVIE, None),
        b"a.mkv",
        OTHER_FILE,
        MoveFile(FILE.file_id, ContentId(8), "a.mkv", OTHER_FILE.file_id),
    ),
    (
        FILM_FOLDER,
        FILE,
        b"a.nfo",
        FILM_FOLDER,
        b"movie.nfo",
        PassingItem(),
        MoveFile(FileId(70), ContentId(7), "movie.nfo", None),
    ),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"a.mkv", FILE, Nothing()),
    (
        FILM_FOLDER,
        PassingItem(),
        b"a.nfo",
        FolderPlace(ContentId(8), ContentKind.MOVIE, None),
        b"a.nfo",
        None,
        Nothing(),
    ),
    (FILM_FOLDER, PassingItem(), b"a.nfo", FILM_FOLDER, b"b.nfo", None, Refusal.NOT_PERMITTED),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"a.avi", None, Refusal.INVALID),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"a?.mkv", None, Refusal.INVALID),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b".a.mkv", None, Refusal.NOT_PERMITTED),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"Season 01", SEASON, Refusal.INVALID),
    (FILM_FOLDER, FILE, b"a.mkv", FILM_FOLDER, b"x.mkv", SEASON, Refusal.IS_A_DIRECTORY),
    *(
        (FILM_FOLDER, FILE, b"a.mkv", target, b"a.mkv", None, Refusal.NOT_PERMITTED)
        for target in (MOVIES, at(DRAMA), listing(Facet.GENRE), InboxPlace(), ARTIST_FOLDER, TrashedPlace(ContentId(1)))
    ),
    # genres, collections, searches
    (
        listing(Facet.GENRE),
        ValueItem(DRAMA),
        b"Drama",
        listing(Facet.GENRE),
        b"Plays",
        None,
        RenameValue(DRAMA, "Plays"),
    ),
    (
        *(listing(Facet.COLLECTION), ValueItem(NOIR), b"Noir", listing(Facet.COLLECTION), b"Dark"),
        *(None, RenameValue(NOIR, "Dark")),
    ),
    (
        listing(Facet.SAVED),
        ValueItem(KEPT),
        b"a",
        listing(Facet.SAVED),
        b"Westerns: all",
        None,
        RenameSearch(3, "Westerns: all"),
    ),
    (listing(Facet.SAVED), ValueItem(KEPT), b"a", listing(Facet.SAVED), b".b", None, Refusal.NOT_PERMITTED),
    (listing(Facet.SAVED), ValueItem(KEPT), b"a", listing(Facet.SAVED), b"\xff", None, Refusal.INVALID),
    (listing(Facet.SAVED), ValueItem(KEPT), b"a", listing(Facet.SAVED), b"x" * 256, None, Refusal.NAME_TOO_LONG),
    (
        listing(Facet.GENRE),
        ValueItem(DRAMA),
        b"Drama",
        listing(Facet.GENRE),
        b"Action",
        ValueItem(ACTION),
        Refusal.EXISTS,
    ),
    (listing(Facet.GENRE), ValueItem(DRAMA), b"Drama", listing(Facet.GENRE), b"Drama", ValueItem(DRAMA), Nothing()),
    (listing(Facet.GENRE), ValueItem(DRAMA), b"Drama", listing(Facet.GENRE), b"a/b", None, Refusal.INVALID),
    (listing(Facet.YEAR), ValueItem(LATE), b"1999", listing(Facet.YEAR), b"1998", None, Refusal.NOT_PERMITTED),
    (listing(Facet.QUALITY), ValueItem(SHARP), b"1080p", listing(Facet.QUALITY), b"720p", None, Refusal.NOT_PERMITTED),
    (listing(Facet.SEARCH), ValueItem(HEAT), b"heat", listing(Facet.SEARCH), b"cold", None, Refusal.NOT_PERMITTED),
    (
        listing(Facet.GENRE),
        ValueItem(DRAMA),
        b"Drama",
        listing(Facet.COLLECTION),
        b"Drama",
        None,
        Refusal.NOT_PERMITTED,
    ),
    (
        FacetPlace(Facet.GENRE, True),
        ValueItem(DRAMA),
        b"a",
        FacetPlace(Facet.GENRE, True),
        b"b",
        None,
        Refusal.NOT_PERMITTED,
    ),
    # what is never moved
    *(
        (FixedPlace(), item, b"a", MOVIES, b"a", None, Refusal.NOT_PERMITTED)
        for item in (SEASON, PassingItem(), StagedItem(), FixedItem(folder=True), FixedItem(folder=False))
    ),
]


@pytest.mark.parametrize(("place", "item", "name", "target", "new_name", "occupant", "expected"), MOVES)
def test_moving(
    place: Place,
    item: Item,
    name: bytes,
    target: Place,
    new_name: bytes,
    occupant: Item | None,
    expected: WritePlan | Refusal,
) -> None:
    plan = move(place, item, name, target, new_name, occupant)
    if isinstance(expected, Refusal):
        assert isinstance(plan, Refused)
        assert plan.refusal is expected, plan.reason
        assert plan.reason
    else:
        assert plan == expected


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
    _check(make_folder(FolderPlace(key, kind, None), name.encode()), expected)
    in_view = make_folder(FolderPlace(key, kind, View((DRAMA,))), name.encode())
    assert isinstance(in_view, AlreadyThere) if isinstance(season, Refusal) else in_view == expected


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
    _check(make_folder(place, name), expected)


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
    _check(link(item, place, b"a.mkv"), expected)


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
    _check(remove_file(place, item), expected)


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
    _check(remove_folder(place, item), expected)


def _check(plan: WritePlan, expected: WritePlan | type | Refusal) -> None:
    if isinstance(expected, Refusal):
        assert isinstance(plan, Refused)
        assert plan.refusal is expected, plan.reason
        assert plan.reason
    elif isinstance(expected, type):
        assert isinstance(plan, expected)
    else:
        assert plan == expected


# --- from inode numbers to places and items ---------------------------------------------------------------------------


def _kind(content_id: ContentId) -> ContentKind | None:
    return {7: ContentKind.MOVIE, 12: ContentKind.SEASON}.get(content_id)


@pytest.mark.parametrize(
    ("inode", "expected"),
    [
        (Static.MOVIES, MOVIES),
        (Static.BY_GENRE, listing(Facet.GENRE)),
        (Static.SAVED, listing(Facet.SAVED)),
        (Static.TRASH, TrashPlace()),
        (Static.INBOX, InboxPlace()),
        (Static.ROOT, FixedPlace()),
        (Static.STATE, FixedPlace()),
        (Static.README, Refusal.NOT_A_DIRECTORY),
        (staged_inode(5), InboxPlace()),
        (directory_base(0) | 7, FILM_FOLDER),
        (directory_base(TRASH) | 7, TrashedPlace(ContentId(7))),
        (directory_base(1 << 24 | 5), at(DRAMA)),
        (directory_base(1 << 24 | 5) | 7, inside(DRAMA)),
        (directory_base(0) | 8, Refusal.STALE),
        (directory_base(15 << 24 | 8), Refusal.STALE),
        (directory_base(15 << 24 | 8) | 7, Refusal.STALE),
        (FILE_BASE | 7, Refusal.NOT_A_DIRECTORY),
        (0, Refusal.STALE),
    ],
)
def test_places(inode: int, expected: Place | Refusal) -> None:
    place = place_of(Tree(), inode, _kind)
    assert place.refusal is expected if isinstance(place, Refused) else place == expected


def test_places_of_searches() -> None:
    tree = Tree()
    nested = View((DRAMA,), Facet.YEAR)
    assert place_of(tree, tree.view_inode(nested), _kind) == FacetPlace(Facet.YEAR, nested=True)
    bad = place_of(tree, tree.view_inode(View((FacetValue(Facet.SEARCH, "year:abc"),))), _kind)
    assert isinstance(bad, Refused)
    assert bad.refusal is Refusal.NOT_PERMITTED


@pytest.mark.parametrize(
    ("place", "inode", "expected"),
    [
        (MOVIES, directory_base(0) | 7, FILM),
        (FILM_FOLDER, directory_base(0) | 12, SEASON),
        (FILM_FOLDER, FILE_BASE | 70, FILE),
        (FILM_FOLDER, generated_inode(Generated.MOVIE_NFO, 7), PassingItem()),
        (at(HEAT), generated_inode(Generated.SUGGESTION, 15 << 24 | 1), FixedItem(folder=False)),
        (listing(Facet.GENRE), directory_base(1 << 24 | 5), ValueItem(DRAMA)),
        (FixedPlace(), directory_base(6 << 24), FixedItem(folder=True)),
        (at(DRAMA), Static.JELLYFIN_MARKER, PassingItem()),
        (FixedPlace(), Static.README, FixedItem(folder=False)),
        (FixedPlace(), Static.MOVIES, FixedItem(folder=True)),
        (TrashPlace(), directory_base(TRASH) | 20, GONE),
        (TrashPlace(), FILE_BASE | 90, GONE_FILE),
        (TrashedPlace(ContentId(20)), FILE_BASE | 91, TrashedFile(FileId(91), top=False)),
        (InboxPlace(), staged_inode(5), StagedItem()),
        (MOVIES, directory_base(0) | 99, Refusal.STALE),
        (MOVIES, directory_base(15 << 24 | 8), Refusal.STALE),
        (MOVIES, 0, Refusal.STALE),
    ],
)
def test_items(place: Place, inode: int, expected: Item | Refusal) -> None:
    item = item_of(Tree(), place, inode, _kind)
    assert item.refusal is expected if isinstance(item, Refused) else item == expected
