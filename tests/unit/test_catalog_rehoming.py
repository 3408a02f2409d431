"""A file that is moved into the folder of another title: what it becomes there, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offliniofs.catalog.statements import Statement
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import Identification
from offliniofs.domain.ids import ContentId, FileId
from tests.unit.catalog_library import VIDEO, Library, blob, source


def _arrival(name: str, identification: Identification, extension: str = ".mkv") -> Arrival:
    return Arrival(source(name), blob(name), identification, FileRole.MEDIA, extension, media=VIDEO)


def _sidecar(name: str, of: Arrival, suffix: str, role: FileRole = FileRole.SUBTITLE) -> Arrival:
    """A sidecar of one file."""
    return Arrival(source(name), blob(name), of.identification, role, "", sidecar_of=of.source.path, name_suffix=suffix)


def _film(title: str, year: int, resolution: str = "1080p") -> Arrival:
    name = f"{title}.{year}.{resolution}.mkv"
    return _arrival(name, Identification(name, ContentKind.MOVIE, title, year, resolution=resolution))


def _episode(show: str, season: int, number: int, words: str | None = None) -> Arrival:
    name = f"{show}.S{season:02}E{number:02}.mkv"
    found = Identification(
        name, ContentKind.EPISODE, show, 2010, season=season, episodes=(number,), episode_title=words
    )
    return _arrival(name, found)


def _track(artist: str, album: str, track: int, words: str) -> Arrival:
    name = f"{artist}-{album}-{track:02} {words}.flac"
    found = Identification(name, ContentKind.TRACK, words, 1999, artist=artist, album=album, track=track)
    return replace(_arrival(name, found, ".flac"), media=None)


def _paths(library: Library) -> set[str]:
    """Every file of the library, from the shelf on."""
    found = set()
    rows = library.writer.database.each
    for name, folder_id in rows(Statement("SELECT name, folder_id FROM files WHERE deleted_ns IS NULL", ("f",))):
        parts, above = [name], folder_id
        while above is not None:
            row = library.writer.database.row(
                Statement("SELECT parent_id, shelf, folder_name FROM content WHERE id = ?"), (above,)
            )
            assert row is not None
            above, shelf, folder = row
            parts += [part for part in (folder, shelf) if part]
        found.add("/".join(reversed(parts)))
    return found


def _folder(library: Library, title: ContentId, name: str) -> ContentId:
    row = library.reader.child_named(title, name)
    assert row is not None
    return row.content_id


def _move(library: Library, filed: Filed, folder: ContentId, name: str | None = None) -> set[str]:
    before = _paths(library)
    library.writer.move_file(filed.file_id, folder, name)
    return library.there_and_back(_paths, before)


def test_a_version_of_a_film_goes_to_another_film_with_its_subtitles(library: Library) -> None:
    heat = _film("Heat", 1995)
    first, _ = library.file(heat, _sidecar("Heat.en.srt", heat, ".en.srt"))
    ronin = library.file(_film("Ronin", 1998, "720p"))[0].title_id
    assert _move(library, first, ronin) == {
        "movies/Ronin (1998)/Ronin (1998) - 720p.mkv",
        "movies/Ronin (1998)/Ronin (1998) - 1080p.mkv",
        "movies/Ronin (1998)/Ronin (1998) - 1080p.en.srt",
    }
    row = library.reader.content_details(ronin)
    assert row is not None


def test_the_name_of_a_version_that_begins_as_the_film_is_the_users(library: Library) -> None:
    heat = library.file(_film("Heat", 1995))[0]
    ronin = library.file(_film("Ronin", 1998))[0].title_id
    assert "movies/Ronin (1998)/Ronin (1998) - mine.mkv" in _move(library, heat, ronin, "Ronin (1998) - mine.mkv")
    other = library.file(_film("Alien", 1979))[0]
    assert "movies/Ronin (1998)/Ronin (1998) - 1080p (2).mkv" in _move(library, other, ronin, "whatever.mkv")


def test_an_episode_goes_to_another_series(library: Library) -> None:
    first, second = _episode("A", 1, 2, "Pilot"), _episode("A", 1, 3)
    moved, _, _ = library.file(first, second, _sidecar("A.en.srt", first, ".en.srt"))
    other = library.file(_episode("B", 1, 1))[0].title_id
    found = _move(library, moved, _folder(library, other, "Season 01"))
    assert found == {
        "series/B (2010)/Season 01/B (2010) S01E01.mkv",
        "series/B (2010)/Season 01/B (2010) S01E02 - Pilot.mkv",
        "series/B (2010)/Season 01/B (2010) S01E02 - Pilot.en.srt",
        "series/A (2010)/Season 01/A (2010) S01E03.mkv",
    }


@pytest.mark.parametrize(
    ("folder", "name", "stands"),
    [
        ("Season 02", None, "Season 02/A (2010) S02E02.mkv"),
        ("Season 02", "A S02E07.mkv", "Season 02/A (2010) S02E07.mkv"),
        ("Season 02", "07.mkv", "Season 02/A (2010) S02E07.mkv"),
    ],
)
def test_an_episode_goes_to_another_season(library: Library, folder: str, name: str | None, stands: str) -> None:
    moved, there = library.file(_episode("A", 1, 2), _episode("A", 2, 1))
    found = _move(library, moved, _folder(library, there.title_id, folder), name)
    assert found == {f"series/A (2010)/{stands}", "series/A (2010)/Season 02/A (2010) S02E01.mkv"}


def test_two_versions_of_an_episode_part(library: Library) -> None:
    one = _episode("A", 1, 2)
    two = replace(one, source=source("A.S01E02.better.mkv"), blob=blob("better"))
    first, _ = library.file(one, two)
    other = library.file(_episode("B", 1, 2))[0].title_id
    assert _move(library, first, other) == {
        "series/A (2010)/Season 01/A (2010) S01E02 (2).mkv",
        "series/B (2010)/Season 01/B (2010) S01E02.mkv",
        "series/B (2010)/Season 01/B (2010) S01E02 (2).mkv",
    }


def test_what_is_no_episode_or_of_another_season_is_refused(library: Library) -> None:
    film = library.file(_film("Heat", 1995))[0]
    moved, there = library.file(_episode("A", 1, 2), _episode("A", 2, 1))
    season = _folder(library, there.title_id, "Season 02")
    before = _paths(library)
    with pytest.raises(UsageError, match="which episode"):
        library.writer.move_file(film.file_id, season)
    with pytest.raises(UsageError, match="another"):
        library.writer.move_file(moved.file_id, season, "A S03E07.mkv")
    assert _paths(library) == before


def test_a_film_becomes_an_episode_by_its_new_name(library: Library) -> None:
    film = library.file(_film("Heat", 1995))[0]
    there = library.file(_episode("A", 2, 1))[0]
    found = _move(library, film, there.title_id, "A S03E05 - Fire.mkv")
    assert "series/A (2010)/Season 03/A (2010) S03E05 - Fire.mkv" in found


def test_extras_and_subtitles_go_to_another_film(library: Library) -> None:
    heat, ronin = library.file(_film("Heat", 1995))[0], library.file(_film("Ronin", 1998))[0]
    extra = Identification("making of", ContentKind.MOVIE, "Heat", 1995)
    arrival = Arrival(source("making of.mkv"), blob("m"), extra, FileRole.EXTRA, ".mkv", name_suffix="making of.mkv")
    made = library.file(replace(arrival, subfolder=("featurettes",)))[0]
    assert "movies/Ronin (1998)/featurettes/making of.mkv" in _move(library, made, ronin.title_id)
    subtitle = Arrival(source("x.de.srt"), blob("s"), extra, FileRole.SUBTITLE, ".srt", name_suffix="x.de.srt")
    written = library.writer.file_into(heat.title_id, "x.de.srt", subtitle)
    assert written.path == "movies/Heat (1995)/Heat (1995) - 1080p.de.srt"
    assert "movies/Ronin (1998)/Ronin (1998) - 1080p.de.srt" in _move(library, written, ronin.title_id)
    poster = replace(subtitle, source=source("poster.jpg"), blob=blob("p"), role=FileRole.ARTWORK, extension=".jpg")
    drawn = library.writer.file_into(heat.title_id, "poster.jpg", replace(poster, name_suffix="poster.jpg"))
    assert "movies/Ronin (1998)/poster.jpg" in _move(library, drawn, ronin.title_id)


def test_a_film_put_among_the_extras_of_another_is_one(library: Library) -> None:
    ronin = library.file(_film("Ronin", 1998))[0]
    extra = Identification("cut", ContentKind.MOVIE, "Ronin", 1998)
    arrival = Arrival(source("cut.mkv"), blob("m"), extra, FileRole.EXTRA, ".mkv", name_suffix="cut.mkv")
    library.file(replace(arrival, subfolder=("extras",)))
    heat = library.file(_film("Heat", 1995))[0]
    found = _move(library, heat, _folder(library, ronin.title_id, "extras"), "short film.mkv")
    assert "movies/Ronin (1998)/extras/short film.mkv" in found
    library.writer.move_file(heat.file_id, heat.title_id)
    assert library.reader.files_page(heat.title_id, 0, 10) == []  # an extra stays one


@pytest.mark.parametrize(
    ("name", "stands"), [(None, "03 - So What.flac"), ("07 - Blue in Green.flac", "07 - Blue in Green.flac")]
)
def test_a_track_goes_to_another_album(library: Library, name: str | None, stands: str) -> None:
    track = library.file(_track("Miles", "Kind of Blue", 3, "So What"))[0]
    other = library.file(_track("Miles", "Milestones", 1, "Dr. Jackle"))[0].title_id
    assert f"music/Miles/Milestones (1999)/{stands}" in _move(library, track, other, name)
    assert library.reader.files_page(track.title_id, 0, 10) == []


def test_moving_to_what_is_something_else_takes_it_as_it_is(library: Library) -> None:
    film = library.file(_film("Heat", 1995))[0]
    thing = Identification("lecture.mkv", ContentKind.OTHER, "lecture")
    other = library.file(_arrival("lecture.mkv", thing))[0].title_id
    assert "other/lecture/Heat (1995) - 1080p.mkv" in _move(library, film, other)


def test_a_moved_episode_can_be_undone_after_its_season_went_on(library: Library) -> None:
    moved = library.file(_episode("A", 1, 2))[0]
    there = library.file(_episode("B", 1, 1))[0]
    library.writer.move_file(moved.file_id, there.title_id)
    library.file(_episode("B", 1, 5))
    library.undo()
    library.undo()
    assert "series/A (2010)/Season 01/A (2010) S01E02.mkv" in _paths(library)


def test_a_name_the_user_gave_gives_way_to_the_other_titles(library: Library) -> None:
    heat, ronin = library.file(_film("Heat", 1995))[0], library.file(_film("Ronin", 1998))[0]
    library.writer.rename_file(heat.file_id, "mine.mkv")
    assert "movies/Ronin (1998)/Ronin (1998) - 1080p (2).mkv" in _move(library, heat, ronin.title_id)
    assert FileId(heat.file_id) in {row.file_id for row in library.reader.files_page(ronin.title_id, 0, 9)}


def test_a_season_goes_to_another_series(library: Library) -> None:
    first = _episode("A", 2, 1, "Ice")
    moved, _, there, _ = library.file(
        first, _episode("A", 1, 1), _episode("B", 1, 1), _sidecar("A.en.srt", first, ".en.srt")
    )
    before = _paths(library)
    season = _folder(library, moved.title_id, "Season 02")
    library.writer.move_folder(season, there.title_id, "Season 02", 2)
    assert library.there_and_back(_paths, before) == {
        "series/A (2010)/Season 01/A (2010) S01E01.mkv",
        "series/B (2010)/Season 01/B (2010) S01E01.mkv",
        "series/B (2010)/Season 02/B (2010) S02E01 - Ice.mkv",
        "series/B (2010)/Season 02/B (2010) S02E01 - Ice.en.srt",
    }
    library.writer.move_folder(season, there.title_id, "Season 2", 2)
    assert "series/B (2010)/Season 2/B (2010) S02E01 - Ice.mkv" in _paths(library)
    with pytest.raises(UsageError, match="cannot become"):
        library.writer.move_folder(season, there.title_id, "Season 3", 3)
    other = _folder(library, moved.title_id, "Season 01")
    with pytest.raises(UsageError, match="already"):
        library.writer.move_folder(other, there.title_id, "Season 1", 1)


def test_a_folder_of_extras_goes_to_another_film_and_gets_another_name(library: Library) -> None:
    heat, ronin = library.file(_film("Heat", 1995))[0], library.file(_film("Ronin", 1998))[0]
    extra = Identification("making of", ContentKind.MOVIE, "Heat", 1995)
    arrival = Arrival(source("making of.mkv"), blob("m"), extra, FileRole.EXTRA, ".mkv", name_suffix="making of.mkv")
    library.file(replace(arrival, subfolder=("extras",)))
    before = _paths(library)
    extras = _folder(library, heat.title_id, "extras")
    library.writer.move_folder(extras, ronin.title_id, "trailers")
    assert "movies/Ronin (1998)/trailers/making of.mkv" in library.there_and_back(_paths, before)
    library.writer.move_folder(extras, ronin.title_id, "Trailers")
    assert "movies/Ronin (1998)/Trailers/making of.mkv" in _paths(library)
    inner = library.writer.make_folder(extras, "deeper")
    with pytest.raises(UsageError, match="into itself"):
        library.writer.move_folder(extras, inner, "extras")
    with pytest.raises(NotFoundError):
        library.writer.move_folder(ContentId(999), ronin.title_id, "extras")


def test_a_folder_of_something_else_holds_no_extras(library: Library) -> None:
    film = library.file(_film("Heat", 1995))[0]
    thing = Identification("lecture.mkv", ContentKind.OTHER, "lecture")
    lecture = library.file(_arrival("lecture.mkv", thing))[0]
    made = library.writer.make_folder(lecture.title_id, "extras")
    with pytest.raises(UsageError, match="no extras"):
        library.writer.move_folder(made, film.title_id, "extras")
