"""Filing arrivals: titles found or made, names, sidecars, duplicates, evidence, and hostile input."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offliniofs.catalog.cleaning import LONG_TEXT, clean
from offliniofs.domain.arrival import Arrival, ArrivalOutcome
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import CatalogError
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification, MediaFacts, Person, VideoStream
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Shelf
from tests.unit.catalog_library import Library, blob, episode, film, genres, media, sidecar, source, track


def tree(library: Library, content_id: ContentId | None = None) -> list[str]:
    """Every file's path."""
    reader = library.reader
    if content_id is None:
        rows = [row for shelf in Shelf for row in reader.shelf_page(shelf, 0, 1000)]
        return [path for row in rows for path in tree(library, row.content_id)]
    found = [f"{reader.path_of(content_id)}/{row.name}" for row in reader.files_page(content_id, 0, 1000)]
    for child in reader.children_page(content_id, 0, 1000):
        found += tree(library, child.content_id)
    return found


def test_a_film_stands_where_media_servers_look(library: Library) -> None:
    (filed,) = library.file(media(film()))
    assert filed.outcome is ArrivalOutcome.ADDED
    assert filed.path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv"
    assert filed.content_id == filed.title_id
    details = library.reader.file_details(filed.file_id)
    assert details is not None
    assert details.path == filed.path
    assert (details.quality, details.resolution, details.source) == ("Bluray-1080p", "1080p", "bluray")
    assert (details.video_codec, details.audio_codec, details.hdr) == ("x265", "dts", "HDR10")
    assert (details.width, details.height, details.duration_ms) == (1920, 800, 5_400_500)
    assert (details.original_name, details.mtime_ns) == (b"Blade Runner.1982.1080p.None.mkv", 10**18)
    assert details.why["quality"] == Evidence(EvidenceSource.NAME, "its quality")
    assert "title" not in details.why
    content = library.reader.content_details(filed.title_id)
    assert content is not None
    assert content.genres == genres("Science Fiction")
    assert content.why["year"] == Evidence(EvidenceSource.NAME, "its year")
    assert (content.languages, content.resolutions, content.quality) == (("en",), ("1080p",), "Bluray-1080p")


def test_versions_and_editions_of_a_film_share_its_folder(library: Library) -> None:
    filed = library.file(
        media(film(resolution="1080p")),
        media(film(resolution="2160p")),
        media(film(resolution="1080p", edition="Final Cut")),
        media(film(title="BLADE  RUNNER", resolution="720p")),
    )
    assert len({one.title_id for one in filed}) == 1
    assert tree(library) == [
        "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv",
        "movies/Blade Runner (1982)/Blade Runner (1982) - 2160p.mkv",
        "movies/Blade Runner (1982)/Blade Runner (1982) - Final Cut 1080p.mkv",
        "movies/Blade Runner (1982)/Blade Runner (1982) - 720p.mkv",
    ]
    content = library.reader.content_details(filed[0].title_id)
    assert content is not None
    assert content.resolutions == ("2160p", "1080p", "720p")
    assert (content.quality, content.media_count, content.total_size) == ("Bluray-2160p", 4, 4000)


def test_films_of_other_years_are_other_films(library: Library) -> None:
    filed = library.file(media(film("Dune", 1984)), media(film("Dune", 2021)), media(film("Dune", None)))
    assert len({one.title_id for one in filed}) == 3


def test_names_that_collide_get_a_suffix(library: Library) -> None:
    first, second = library.file(media(film(), content="a"), media(film(), content="b", name="other.mkv"))
    assert first.path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv"
    assert second.path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p (2).mkv"
    filed = library.file(*[media(film(), content=f"c{number}", name=f"c{number}.mkv") for number in range(40)])
    assert len({one.path for one in filed}) == 40


def test_a_series_has_seasons_and_a_year_it_may_learn_later(library: Library) -> None:
    library.file(media(episode("Twin Peaks", 1, 1, title="Pilot", year=None)))
    library.file(media(episode("Twin Peaks", 1, 2, 3, year=1990)), media(episode("Twin Peaks", 0, 1, year=None)))
    (filed,) = library.file(media(episode("Twin Peaks", 2, 1, year=1990)))
    assert tree(library) == [
        "series/Twin Peaks/Season 01/Twin Peaks S01E01 - Pilot.mkv",
        "series/Twin Peaks/Season 01/Twin Peaks S01E02-E03.mkv",
        "series/Twin Peaks/Season 00/Twin Peaks S00E01.mkv",
        "series/Twin Peaks/Season 02/Twin Peaks S02E01.mkv",
    ]
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert details.year == 1990
    assert [row.name for row in library.reader.titles_page((), 0, 9)] == ["Twin Peaks"]


def test_versions_of_an_episode_are_one_episode(library: Library) -> None:
    low, high = library.file(
        media(episode("Show", 1, 1, resolution="480p")), media(episode("Show", 1, 1, resolution="1080p"))
    )
    assert low.content_id == high.content_id
    (later,) = library.file(media(episode("Show", 1, 1, resolution="720p")))
    assert later.content_id == low.content_id
    assert later.path == "series/Show (1990)/Season 01/Show (1990) S01E01 (3).mkv"


def test_a_daily_show_stands_in_its_year(library: Library) -> None:
    first, second = library.file(
        media(episode("News", None, air_date="2019-03-01")), media(episode("News", None, air_date="2019-03-02"))
    )
    assert first.path == "series/News (1990)/Season 2019/News (1990) 2019-03-01.mkv"
    assert first.content_id != second.content_id
    (again,) = library.file(media(episode("News", None, air_date="2019-03-01", resolution="1080p")))
    assert again.content_id == first.content_id


def test_an_album_stands_with_its_artist(library: Library) -> None:
    filed = library.file(
        media(track("Pink Floyd", "The Dark Side of the Moon", 1, "Speak to Me")),
        media(track("Pink Floyd", "The Dark Side of the Moon", 2, "Breathe", None)),
        media(track("PINK FLOYD", "Animals", 1, "Pigs", 1977)),
        media(track("Nobody", None, 1, "Lost")),
    )
    assert len({one.title_id for one in filed}) == 3
    assert [one.path for one in filed] == [
        "music/Pink Floyd/The Dark Side of the Moon (1973)/01 - Speak to Me.flac",
        "music/Pink Floyd/The Dark Side of the Moon (1973)/02 - Breathe.flac",
        "music/Pink Floyd/Animals (1977)/01 - Pigs.flac",
        "music/Nobody/Unknown Album (1973)/01 - Lost.flac",
    ]
    assert [row.name for row in library.reader.shelf_page(Shelf.MUSIC, 0, 9)] == ["Pink Floyd", "Nobody"]
    (again,) = library.file(media(track("Pink Floyd", "Animals", 2, "Dogs", 1977)))
    assert again.title_id == filed[2].title_id


def test_anything_else_keeps_its_folders(library: Library) -> None:
    holiday = Identification("clip.mp4", ContentKind.OTHER, "Holiday 2020")
    plain, deep = library.file(media(holiday, facts=None), media(holiday, name="b.mp4", subfolder=("Day 1", "Beach")))
    assert plain.path == "other/Holiday 2020/clip.mp4"
    assert deep.path == "other/Holiday 2020/Day 1/Beach/clip.mp4"
    (again,) = library.file(media(holiday, name="c.mp4", content="c", subfolder=("Day 1", "Beach")))
    assert again.content_id == deep.content_id


def test_sidecars_follow_their_media_in_any_order(library: Library) -> None:
    of = media(film())
    library.file(
        sidecar(of, film(), FileRole.SUBTITLE, ".en.forced.srt", name="x.en.forced.srt", language="en"),
        of,
        sidecar(None, film(), FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
        sidecar(None, film(), FileRole.EXTRA, None, name="Making of.mkv", subfolder=("extras",)),
    )
    (later,) = library.file(sidecar(of, film(), FileRole.NFO, ".nfo", name="x.nfo"))
    assert tree(library) == [
        "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv",
        "movies/Blade Runner (1982)/poster.jpg",
        "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.en.forced.srt",
        "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.nfo",
        "movies/Blade Runner (1982)/extras/Making of.mkv",
    ]
    details = library.reader.file_details(later.file_id)
    assert details is not None
    assert (details.resolution, details.sidecar_of is None) == ("1080p", False)


def test_a_sidecar_without_its_media_file_still_has_its_name(library: Library) -> None:
    of = media(episode("Show", 1, 4))
    (alone,) = library.file(sidecar(of, episode("Show", 1, 4), FileRole.SUBTITLE, ".de.srt", name="x.de.srt"))
    assert alone.path == "series/Show (1990)/Season 01/Show (1990) S01E04.de.srt"
    (filed,) = library.file(of)
    assert filed.content_id == alone.content_id


def test_sidecars_of_seasons_and_series(library: Library) -> None:
    library.file(media(episode("Show", 1, 1)))
    show = Identification("poster.jpg", ContentKind.SERIES, "Show", 1990)
    season = replace(show, kind=ContentKind.SEASON, season=1)
    one, two = library.file(
        sidecar(None, show, FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
        sidecar(None, season, FileRole.ARTWORK, "folder.jpg", name="folder.jpg"),
    )
    assert (one.path, two.path) == ("series/Show (1990)/poster.jpg", "series/Show (1990)/Season 01/folder.jpg")


def test_a_folder_and_a_file_never_share_a_name(library: Library) -> None:
    holiday = Identification("clips", ContentKind.OTHER, "Holiday")
    arrival = Arrival(source("clips"), blob("clips"), holiday, FileRole.MEDIA, "")
    first, second = library.file(arrival, media(holiday, name="b.mp4", subfolder=("clips",)))
    assert first.path == "other/Holiday/clips"
    assert second.path == "other/Holiday/clips (2)/clips.mp4"


def test_a_name_that_is_not_utf8_keeps_its_letters(library: Library) -> None:
    (filed,) = library.file(media(film("Caf\udce9 Noir", 1988), name="x.mkv"))
    assert filed.path == "movies/Caf\u00e9 Noir (1988)/Caf\u00e9 Noir (1988) - 1080p.mkv"


def test_hostile_input_is_bounded_not_refused(library: Library) -> None:
    hostile = Identification(
        name="\udcff\x00.mkv",
        kind=ContentKind.MOVIE,
        title="x" * 5000 + "\udcff\x00",
        year=-5,
        season=10**9,
        episodes=(-1, 10**12),
        quality="q" * 999,
        resolution="../../etc",
        languages=("EN", "'; DROP", "en"),
        genres=tuple(Genre(f"Genre/{number}" + "\0" * 200) for number in range(500)),
        people=tuple(Person(f"P{number}", "") for number in range(5000)),
        tags=("", "  ", "ok"),
        plot="p" * 10**6,
        rating=float("nan"),
        external_ids={"imdb": "x" * 999},
        track=-1,
        disc=10**9,
        why={"title": Evidence(EvidenceSource.NAME, "d" * 9999), "ü": Evidence(EvidenceSource.NAME)},
    )
    facts = MediaFacts("m" * 999, None, float("inf"), 2**80, (VideoStream("c" * 999, -1, 10**12),))
    path = b"/src/\xff\xfe/name\xff.mkv"
    arrival = replace(media(film()), source=replace(source("x"), path=path), identification=hostile, media=facts)
    (filed,) = library.file(arrival)
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert details.year is None
    assert len(details.plot or "") == LONG_TEXT
    assert (len(details.people), details.tags, details.rating) == (200, ("ok",), None)
    file = library.reader.file_details(filed.file_id)
    assert file is not None
    assert (file.original_name, file.original_path) == (b"name\xff.mkv", path)
    assert (file.width, file.height, file.bit_rate, file.duration_ms, file.resolution) == (None,) * 5
    assert clean(replace(hostile, title="\0", name="")).title == "Untitled"


def test_a_batch_is_filed_as_a_whole_or_not_at_all(library: Library) -> None:
    good = media(film())
    bad = replace(media(film("Dune")), blob=replace(blob("x"), size=-1))
    with pytest.raises(CatalogError, match="CHECK"):
        library.file(good, bad)
    assert library.reader.library_totals().files == 0
    assert library.reader.last_change_sequence() == 0
    assert library.file(good)[0].outcome is ArrivalOutcome.ADDED


def test_an_empty_batch_changes_nothing(library: Library) -> None:
    assert library.file() == []
    assert library.reader.last_change_sequence() == 0
