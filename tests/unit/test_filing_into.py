"""What somebody puts into a title's folder belongs to that title, whatever it says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offliniofs.domain.arrival import Arrival, ArrivalOutcome
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import Identification
from offliniofs.domain.ids import ContentId
from tests.unit.catalog_library import Library, blob, source


def _video(name: str, identification: Identification, content: str = "") -> Arrival:
    return Arrival(source(name), blob(content or name), identification, FileRole.MEDIA, ".mkv")


def _film(library: Library, name: str = "Heat.1995.576p.mkv", resolution: str = "576p") -> ContentId:
    heat = Identification(name, ContentKind.MOVIE, "Heat", 1995, resolution=resolution)
    return library.file(_video(name, heat))[0].title_id


def _alone(name: str, role: FileRole, content: str = "") -> Arrival:
    """As the import describes a file that came without any other."""
    orphan = Identification(name, ContentKind.OTHER, name)
    return Arrival(source(f"filing/{name}"), blob(content or name), orphan, role, "", name_suffix=name)


@pytest.mark.parametrize(
    ("name", "role", "stands"),
    [
        ("film.en.srt", FileRole.SUBTITLE, "Heat (1995) - 576p.en.srt"),
        ("Heat.1995.576p.en.forced.srt", FileRole.SUBTITLE, "Heat (1995) - 576p.en.forced.srt"),
        ("Heat (1995) - 576p.de.srt", FileRole.SUBTITLE, "Heat (1995) - 576p.de.srt"),
        ("poster.jpg", FileRole.ARTWORK, "poster.jpg"),
        ("Heat.1995.576p-poster.jpg", FileRole.ARTWORK, "Heat (1995) - 576p-poster.jpg"),
        ("movie.nfo", FileRole.NFO, "movie.nfo"),
        ("my notes.txt", FileRole.DATA, "my notes.txt"),
    ],
)
def test_what_comes_to_a_film(library: Library, name: str, role: FileRole, stands: str) -> None:
    title = _film(library)
    filed = library.writer.file_into(title, name, _alone(name, role))
    assert (filed.outcome, filed.path, filed.title_id) == (
        ArrivalOutcome.ADDED,
        f"movies/Heat (1995)/{stands}",
        title,
    )


def test_another_version_gets_the_librarys_name_and_a_good_name_stays(library: Library) -> None:
    title = _film(library)
    other = Identification("better.mkv", ContentKind.OTHER, "better", resolution="1080p")
    assert library.writer.file_into(title, "better.mkv", _video("x/better.mkv", other)).path == (
        "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
    )
    own = "Heat (1995) - my cut.mkv"
    assert library.writer.file_into(title, own, _video("x/own.mkv", other)).path == f"movies/Heat (1995)/{own}"


def test_an_extra_goes_to_the_extras(library: Library) -> None:
    title = _film(library)
    trailer = Identification("trailer.mkv", ContentKind.MOVIE, "trailer")
    filed = library.writer.file_into(title, "trailer.mkv", _video("x/trailer.mkv", trailer))
    assert filed.path == "movies/Heat (1995)/trailers/trailer.mkv"


def test_episodes_find_their_season_and_what_is_none_is_refused(library: Library) -> None:
    first = Identification("Show.S01E01.mkv", ContentKind.EPISODE, "Show", 2010, season=1, episodes=(1,))
    title = library.file(_video("Show.S01E01.mkv", first))[0].title_id
    second = replace(first, title="something else", season=2, episodes=(3,))
    filed = library.writer.file_into(title, "x.S02E03.mkv", _video("x.S02E03.mkv", second))
    assert filed.path == "series/Show (2010)/Season 02/Show (2010) S02E03.mkv"
    subtitle = library.writer.file_into(title, "s02e03.en.srt", _alone("s02e03.en.srt", FileRole.SUBTITLE))
    assert subtitle.path == "series/Show (2010)/Season 02/Show (2010) S02E03.en.srt"
    season = library.reader.child_named(title, "Season 01")
    assert season is not None
    third = replace(second, season=None, episodes=(4,))
    filed = library.writer.file_into(season.content_id, "04.mkv", _video("04.mkv", third))
    assert filed.path == "series/Show (2010)/Season 01/Show (2010) S01E04.mkv"
    nothing = Identification("film.mkv", ContentKind.MOVIE, "film")
    with pytest.raises(UsageError, match="which episode"):
        library.writer.file_into(title, "film.mkv", _video("film.mkv", nothing))


def test_a_name_that_is_taken_is_replaced(library: Library) -> None:
    title = _film(library)
    name = "Heat (1995) - 576p.mkv"
    better = Identification("x.mkv", ContentKind.MOVIE, "x")
    assert library.writer.file_into(title, name, _video("x.mkv", better)).path == f"movies/Heat (1995)/{name}"
    assert len(library.reader.files_page(title, 0, 10)) == 1
    assert len(library.reader.trash_page(0, 10)) == 1


def test_what_was_removed_and_comes_again_under_its_name_stands_there(library: Library) -> None:
    title = _film(library)
    file = library.reader.files_page(title, 0, 10)[0]
    library.writer.trash_file(file.file_id)
    new = Identification(file.name, ContentKind.MOVIE, "Heat", 1995)
    filed = library.writer.file_into(title, file.name, _video("new.mkv", new))
    assert filed.path == f"movies/Heat (1995)/{file.name}"


def test_a_folder_that_is_gone(library: Library) -> None:
    with pytest.raises(NotFoundError):
        library.writer.file_into(ContentId(99), "x.srt", _alone("x.srt", FileRole.SUBTITLE))


@pytest.mark.parametrize("name", ["Heat.1995.576p.en.srt", "Heat.1995.576p.forced.en.srt", "Heat.1995.576p-poster.jpg"])
def test_a_sidecar_finds_the_film_that_came_before_it(library: Library, name: str) -> None:
    title = _film(library)
    assert library.writer.home_of(name) == title
    assert library.writer.home_of("Ronin.1998.en.srt") is None
    assert library.writer.home_of("notes.txt") is None


def _album(library: Library, album: str = "Blue Train", artist: str = "John Coltrane") -> ContentId:
    track = Identification(
        "01 Locomotion.flac", ContentKind.TRACK, "Locomotion", 1957, artist=artist, album=album, track=1
    )
    return library.file(_video(f"{artist}/{album}/01 Locomotion.flac", track))[0].title_id


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("01 Locomotion.lrc", ()),
        ("John Coltrane - Blue Train.cue", ()),
        ("John Coltrane - Blue Train (1957).pdf", ()),
        ("cover.jpg", ("Blue Train",)),
        ("cover.jpg", ("Blue Train (1957) [FLAC]", "John Coltrane")),
        ("booklet.pdf", ("John Coltrane - Blue Train",)),
        ("page 3.pdf", ("Scans", "John Coltrane - Blue Train")),
        ("rip.log", ("1957 - Blue Train", "John Coltrane")),
    ],
)
def test_a_sidecar_finds_the_album_that_came_before_it(library: Library, name: str, folders: tuple[str, ...]) -> None:
    album = _album(library)
    assert library.writer.home_of(name, folders) == album
    filed = library.writer.file_beside(album, name, _alone(name, FileRole.DATA))
    assert filed.path.startswith("music/John Coltrane/Blue Train (1957)/")


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("cover.jpg", ()),
        ("Blue Train.jpg", ()),
        ("02 Locomotion.lrc", ()),
        ("01 Locomotion.cue", ()),
        ("IMG_0001.jpg", ("Blue Train",)),
        ("ticket.pdf", ("Blue Train",)),
        ("cover.jpg", ("Somebody Else - Blue Train",)),
        ("cover.jpg", ("Blue Train (1999)",)),
        ("poster.jpg", ("Holiday",)),
    ],
)
def test_what_may_go_with_something_else_finds_no_album(library: Library, name: str, folders: tuple[str, ...]) -> None:
    _album(library)
    library.file(_video("Holiday.2014.mkv", Identification("Holiday.2014.mkv", ContentKind.MOVIE, "Holiday", 2014)))
    assert library.writer.home_of(name, folders) is None


def test_an_album_of_two_artists_is_known_by_its_artist_alone(library: Library) -> None:
    _album(library)
    other = _album(library, artist="Somebody Else")
    assert library.writer.home_of("cover.jpg", ("Blue Train",)) is None
    assert library.writer.home_of("cover.jpg", ("Somebody Else - Blue Train",)) == other


def test_a_poster_finds_the_film_that_its_folder_is_called_like(library: Library) -> None:
    title = _film(library)
    assert library.writer.home_of("poster.jpg", ("Heat.1995.576p.WEB-DL",)) == title
    assert library.writer.home_of("English.srt", ("Subs", "Heat (1995)")) == title
    assert library.writer.home_of("beach.jpg", ("Heat (1995)",)) is None


def test_what_comes_again_beside_its_title_is_a_duplicate(library: Library) -> None:
    album = _album(library)
    first = _alone("cover.jpg", FileRole.ARTWORK)
    filed = library.writer.file_beside(album, "cover.jpg", first)
    again = replace(first, source=replace(first.source, path=b"/elsewhere/cover.jpg"))
    assert library.writer.file_beside(album, "cover.jpg", again).file_id == filed.file_id
    other = library.writer.file_beside(album, "cover.jpg", _alone("another/cover.jpg", FileRole.ARTWORK))
    assert other.path == "music/John Coltrane/Blue Train (1957)/cover (2).jpg"
    assert library.reader.trash_page(0, 10) == []


@pytest.mark.parametrize(
    ("folder", "name", "role", "stands"),
    [
        ("Extras", "making of.mkv", FileRole.MEDIA, "Extras/making of.mkv"),
        ("Bonus", "making of.mkv", FileRole.MEDIA, "extras/making of.mkv"),
        ("Bonus", "notes.txt", FileRole.DATA, "extras/notes.txt"),
        ("Subs", "2_English.srt", FileRole.SUBTITLE, "Heat (1995) - 576p.en.srt"),
        ("Subs", "readme.txt", FileRole.DATA, "Subs/readme.txt"),
        ("Scans", "back.jpg", FileRole.ARTWORK, "Scans/back.jpg"),
    ],
)
def test_what_comes_into_a_folder_that_somebody_made(
    library: Library, folder: str, name: str, role: FileRole, stands: str
) -> None:
    title = _film(library)
    made = library.writer.make_folder(title, folder)
    arrival = _alone(name, role)
    if role is FileRole.MEDIA:
        arrival = _video(f"x/{name}", Identification(name, ContentKind.MOVIE, name))
    assert library.writer.file_into(made, name, arrival).path == f"movies/Heat (1995)/{stands}"


def test_a_second_extra_goes_where_somebody_made_a_folder_for_them(library: Library) -> None:
    title = _film(library)
    library.writer.make_folder(title, "Trailers")
    trailer = Identification("trailer.mkv", ContentKind.MOVIE, "trailer")
    filed = library.writer.file_into(title, "trailer.mkv", _video("x/trailer.mkv", trailer))
    assert filed.path == "movies/Heat (1995)/Trailers/trailer.mkv"


def test_folders_of_seasons_and_discs(library: Library) -> None:
    first = Identification("Show.S01E01.mkv", ContentKind.EPISODE, "Show", 2010, season=1, episodes=(1,))
    title = library.file(_video("Show.S01E01.mkv", first))[0].title_id
    season = library.writer.make_folder(title, "Season 2", 2)
    fourth = replace(first, season=None, episodes=(4,))
    filed = library.writer.file_into(season, "04.mkv", _video("04.mkv", fourth))
    assert filed.path == "series/Show (2010)/Season 2/Show (2010) S02E04.mkv"
    track = Identification("01 - A.flac", ContentKind.TRACK, "A", 1999, artist="X", album="Y", track=1)
    album = library.file(replace(_video("01 - A.flac", track), extension=".flac"))[0].title_id
    disc = library.writer.make_folder(album, "CD2")
    alike = replace(_video("b/01 - A.flac", track, "other"), extension=".flac")
    assert library.writer.file_into(disc, "01 - A.flac", alike).path == "music/X/Y (1999)/Disc 02 - 01 - A.flac"


def test_folders_are_made_once_and_undone(library: Library) -> None:
    title = _film(library)
    made = library.writer.make_folder(title, "Extras")
    for name in ("Extras", "extras", "Heat (1995) - 576p.mkv"):
        with pytest.raises(UsageError, match="already"):
            library.writer.make_folder(title, name)
    library.undo()
    assert library.reader.child_named(title, "Extras") is None
    library.redo()
    inner = library.writer.make_folder(made, "deeper")
    library.writer.remove_folder(inner)
    library.writer.remove_folder(made)
    assert library.reader.trash_page(0, 10) == []
    library.undo(2)
    deeper = library.reader.child_named(made, "deeper")
    assert deeper is not None
    assert library.reader.directory(inner) == deeper
    with pytest.raises(NotFoundError):
        library.writer.make_folder(ContentId(999), "x")
    for number in range(14):
        inner = library.writer.make_folder(inner, str(number))
    with pytest.raises(UsageError, match="deep"):
        library.writer.make_folder(inner, "too deep")


def test_a_folder_whose_files_lie_in_the_trash_goes_there_too(library: Library) -> None:
    title = _film(library)
    made = library.writer.make_folder(title, "extras")
    extra = Identification("a.mkv", ContentKind.MOVIE, "a")
    filed = library.writer.file_into(made, "a.mkv", _video("x/a.mkv", extra))
    library.writer.trash_file(filed.file_id)
    library.writer.remove_folder(made)
    assert library.reader.child_named(title, "extras") is None
    library.undo(2)
    assert [row.name for row in library.reader.files_page(made, 0, 9)] == ["a.mkv"]


def test_a_folder_that_was_filled_is_taken_back_with_what_came_into_it(library: Library) -> None:
    title = _film(library)
    made = library.writer.make_folder(title, "extras")
    extra = Identification("a.mkv", ContentKind.MOVIE, "a")
    filed = library.writer.file_into(made, "a.mkv", _video("x/a.mkv", extra))
    library.undo()
    library.undo()
    assert library.reader.child_named(title, "extras") is None
    assert library.findings() == []
    library.redo(2)
    assert library.reader.file(filed.file_id) is not None
    library.undo(2)
    (entry,) = [each for each in library.reader.trash_page(0, 10) if each.name == "a.mkv"]
    library.writer.restore(entry.trash_id)
    assert [row.name for row in library.reader.files_page(made, 0, 9)] == ["a.mkv"]


def test_a_folder_and_what_came_into_it_can_be_one_step(library: Library) -> None:
    title = _film(library)
    with library.writer.one_step():
        made = library.writer.make_folder(title, "extras")
        extra = Identification("a.mkv", ContentKind.MOVIE, "a")
        filed = library.writer.file_into(made, "a.mkv", _video("x/a.mkv", extra))
    library.undo()
    assert library.reader.child_named(title, "extras") is None
    assert library.findings() == []
    library.redo()
    assert library.reader.file(filed.file_id) is not None
    assert library.findings() == []
