"""What it means to move what is no title: folders in titles, albums, artists, files, entries of the trash, values."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet
from offliniofs.tree.places import (
    FacetPlace,
    FixedItem,
    FixedPlace,
    FolderPlace,
    InboxPlace,
    PassingItem,
    StagedItem,
    TitleItem,
    TrashedFile,
    TrashedPlace,
    TrashPlace,
    ValueItem,
)
from offliniofs.tree.plans import Refusal
from offliniofs.tree.writes import (
    EditTitle,
    Enter,
    MoveFile,
    MoveFolder,
    Nothing,
    RenameArtist,
    RenameSearch,
    RenameValue,
    Restore,
    Retitle,
    ToArtist,
    TrashFile,
    TrashTitle,
    UniteArtists,
)
from tests.unit.tree_places import (
    ACTION,
    ALBUM,
    ARTIST,
    ARTIST_FOLDER,
    DRAMA,
    EXTRAS,
    FILE,
    FILM,
    FILM_FOLDER,
    GONE,
    GONE_FILE,
    HEAT,
    KEPT,
    LATE,
    MOVIES,
    MUSIC,
    NAME,
    NOIR,
    OTHER_ARTIST,
    OTHER_FILE,
    OTHER_FOLDER,
    SEASON,
    SECOND,
    SECOND_ARTIST,
    SHARP,
    Move,
    at,
    check_move,
    inside,
    listing,
)


def moved_to(parent: int, name: str) -> MoveFolder:
    """Where the folder of extras goes."""
    return MoveFolder(EXTRAS.content_id, ContentId(parent), name, None)


MOVES: list[Move] = [
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


@pytest.mark.parametrize("moved", MOVES)
def test_moving_what_is_no_title(moved: Move) -> None:
    check_move(moved)
