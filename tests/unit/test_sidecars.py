"""Files find the film, the series or the album they belong to."""

from __future__ import annotations

import pytest

from offliniofs.detect.arrangement import Arrangement, Entry, Place
from offliniofs.detect.filetypes import classify_file
from offliniofs.detect.sidecar_names import extra_folder, extra_kind, read_subtitle_name, season_of_folder
from offliniofs.detect.sidecars import arrange
from offliniofs.domain.content import FileRole


def arranged(*paths: str, sizes: dict[str, int] | None = None) -> Arrangement:
    entries = [
        Entry(tuple(path.split("/")), classify_file(path.rpartition("/")[2], b""), (sizes or {}).get(path, 0))
        for path in paths
    ]
    arrangement = arrange(entries)
    assert [place.parts for place in arrangement.places] == [entry.parts for entry in entries]
    return arrangement


def place(path: str, *others: str) -> Place:
    """The place of the first path among the others."""
    return arranged(path, *others).places[0]


FILM = "Film (1999)/Film (1999).mkv"
FILM_PARTS = ("Film (1999)", "Film (1999).mkv")


@pytest.mark.parametrize(
    ("name", "suffix", "language", "flags"),
    [
        ("Film (1999).srt", ".srt", None, ()),
        ("Film (1999).en.srt", ".en.srt", "en", ()),
        ("Film (1999).eng.forced.srt", ".en.forced.srt", "en", ("forced",)),
        ("film (1999).German.SDH.ass", ".de.sdh.ass", "de", ("sdh",)),
        ("Film (1999).pt-BR.default.srt", ".pt-BR.default.srt", "pt", ("default",)),
        ("Film (1999).hi.srt", ".hi.srt", "hi", ()),
        ("Film (1999).en.hi.srt", ".en.sdh.srt", "en", ("sdh",)),
        ("Film (1999)-fr.vtt", ".fr.vtt", "fr", ()),
        ("Film (1999).en.SUB", ".en.sub", "en", ()),
        ("English.srt", ".en.srt", "en", ()),
        ("Subs/2_English.srt", ".en.srt", "en", ()),
        ("Subs/3_Eng,forced.srt", ".srt", None, ()),
        ("Subs/Film (1999).de.srt", ".de.srt", "de", ()),
        ("Subtitles/Film (1999)/4_French.srt", ".fr.srt", "fr", ()),
        ("Subs/Some Movie I Like.srt", ".srt", None, ()),
    ],
)
def test_subtitles_of_a_film(name: str, suffix: str, language: str | None, flags: tuple[str, ...]) -> None:
    found = place(f"Film (1999)/{name}", FILM)
    assert (found.role, found.media, found.of_file) == (FileRole.SUBTITLE, FILM_PARTS, True)
    assert (found.name_suffix, found.language, found.flags) == (suffix, language, flags)


def test_the_longest_stem_wins() -> None:
    found = place("Alien.Director.en.srt", "Alien.mkv", "Alien.Director.mkv", "Ali.mkv")
    assert (found.media, found.name_suffix) == (("Alien.Director.mkv",), ".en.srt")
    assert place("Aliens.srt", "Alien.mkv", "Other.mkv").media is None


def test_subtitles_of_episodes() -> None:
    episodes = [f"Show/Season 1/Show S01E0{number}.mkv" for number in range(1, 4)]
    assert place("Show/Season 1/show.1x02.German.srt", *episodes).media == tuple(episodes[1].split("/"))
    assert place("Show/Season 1/Subs/Show S01E03/2_English.srt", *episodes).media == tuple(episodes[2].split("/"))
    assert place("Show/Season 1/Subs/Show.S01E01.en.srt", *episodes).media == tuple(episodes[0].split("/"))
    assert place("Show/Season 1/unknown.srt", *episodes).media is None


@pytest.mark.parametrize(
    ("name", "of_file", "suffix", "subfolder"),
    [
        ("poster.jpg", False, "poster.jpg", ()),
        ("folder.JPG", False, "folder.JPG", ()),
        ("fanart2.png", False, "fanart2.png", ()),
        ("Film (1999)-poster.jpg", True, "-poster.jpg", ()),
        ("Film (1999).jpg", True, ".jpg", ()),
        ("Film (1999) and more.jpg", False, "Film (1999) and more.jpg", ()),
        ("extrafanart/fanart1.jpg", False, "fanart1.jpg", ("extrafanart",)),
    ],
)
def test_artwork_of_a_film(name: str, of_file: bool, suffix: str, subfolder: tuple[str, ...]) -> None:
    found = place(f"Film (1999)/{name}", FILM)
    assert (found.role, found.media, found.of_file) == (FileRole.ARTWORK, FILM_PARTS, of_file)
    assert (found.name_suffix, found.subfolder) == (suffix, subfolder)


def test_artwork_of_a_series() -> None:
    episode = "Show/Season 01/Show S01E01.mkv"
    for name, suffix in (
        ("Show/poster.jpg", "poster.jpg"),
        ("Show/season01-poster.jpg", "season01-poster.jpg"),
        ("Show/Season 01/folder.jpg", "season01-poster.jpg"),
        ("Show/Season 01/banner.jpg", "season01-banner.jpg"),
    ):
        found = place(name, episode)
        assert (found.role, found.media, found.of_file) == (FileRole.ARTWORK, tuple(episode.split("/")), False), name
        assert (found.name_suffix, found.subfolder) == (suffix, ()), name
    assert place("Show/Season 01/Show S01E01-thumb.jpg", episode).name_suffix == "-thumb.jpg"


def test_nfo_files() -> None:
    arrangement = arranged(
        "Show/tvshow.nfo", "Show/Season 02/season.nfo", "Show/Season 02/a S02E01.nfo", "Show/Season 02/a S02E01.mkv"
    )
    episode = ("Show", "Season 02", "a S02E01.mkv")
    assert [place.name_suffix for place in arrangement.places] == ["tvshow.nfo", "season02.nfo", ".nfo", None]
    assert {place.media for place in arrangement.places} == {episode}
    assert arrangement.nfo_of(episode) == ("Show", "Season 02", "a S02E01.nfo")
    assert arrangement.title_nfo_of(episode, "tvshow") == ("Show", "tvshow.nfo")
    assert arrangement.title_nfo_of(episode, "album") is None


def test_nfo_of_a_film() -> None:
    assert arranged("F/movie.nfo", "F/F.mkv").nfo_of(("F", "F.mkv")) == ("F", "movie.nfo")
    assert arranged("F/release notes.nfo", "F/F.mkv").nfo_of(("F", "F.mkv")) == ("F", "release notes.nfo")
    assert arranged("a.nfo", "A.mkv", "B.mkv").nfo_of(("A.mkv",)) == ("a.nfo",)
    assert arranged("c.nfo", "A.mkv", "B.mkv").nfo_of(("A.mkv",)) is None


@pytest.mark.parametrize(
    ("name", "subfolder"),
    [
        ("Trailers/Teaser.mkv", ("trailers",)),
        ("Behind.The.Scenes/a.mkv", ("behind the scenes",)),
        ("Featurettes/Part 1/b.mkv", ("featurettes", "Part 1")),
        ("Sample/film-sample.mkv", ("samples",)),
        ("Film (1999)-trailer.mp4", ("trailers",)),
        ("Film (1999).sample.mkv", ("samples",)),
        ("sample-film.mkv", ("samples",)),
        ("Interview with the Director-interview.mkv", ("interviews",)),
        ("Gag Reel-deleted.mkv", ("deleted scenes",)),
    ],
)
def test_extras_of_a_film(name: str, subfolder: tuple[str, ...]) -> None:
    found = place(f"Film (1999)/{name}", FILM)
    assert (found.role, found.media, found.of_file) == (FileRole.EXTRA, FILM_PARTS, False)
    assert (found.name_suffix, found.subfolder) == (name.rpartition("/")[2], subfolder)


def test_a_folder_of_trailers_without_a_film_holds_films() -> None:
    assert place("Shorts/Luxo Jr.mkv").role is FileRole.MEDIA
    assert place("Trailers/a-trailer.mkv", "Trailers/b.mkv", "Trailers/c.mkv").media == ("Trailers", "a-trailer.mkv")
    assert place("Nothing-trailer.mkv").role is FileRole.MEDIA


def test_extras_of_a_series_and_of_films_in_one_folder() -> None:
    found = place("Show/Extras/Bloopers.mkv", "Show/Season 1/Show S01E01.mkv")
    assert (found.role, found.media) == (FileRole.EXTRA, ("Show", "Season 1", "Show S01E01.mkv"))
    found = place("Alien-trailer.mkv", "Alien.mkv", "Brazil.mkv")
    assert (found.role, found.media) == (FileRole.EXTRA, ("Alien.mkv",))


def test_music_keeps_its_folder_together() -> None:
    arrangement = arranged(
        "Album/CD1/01 - A.flac", "Album/CD2/01 - B.flac", "Album/cover.jpg", "Album/Scans/back 2.jpg", "Album/a.cue"
    )
    roles = [place.role for place in arrangement.places]
    assert roles == [FileRole.MEDIA] * 2 + [FileRole.ARTWORK] * 2 + [FileRole.DATA]
    assert all(place.media for place in arrangement.places)
    assert arrangement.places[3].subfolder == ("Scans",)
    assert place("Album/01 - A.lrc", "Album/01 - A.flac").media == ("Album", "01 - A.flac")


def test_sound_beside_a_film() -> None:
    found = place("F/Film.de.ac3", "F/Film.mkv")
    assert (found.role, found.media, found.name_suffix, found.language) == (
        FileRole.DATA,
        ("F", "Film.mkv"),
        ".de.ac3",
        "de",
    )
    assert place("F/theme.mp3", "F/Film.mkv").role is FileRole.EXTRA
    assert place("F/Another.mp3", "F/Film.mkv").role is FileRole.MEDIA


def test_a_disc_is_one_title() -> None:
    arrangement = arranged(
        "Film/VIDEO_TS/VIDEO_TS.IFO",
        "Film/VIDEO_TS/VTS_01_0.VOB",
        "Film/VIDEO_TS/VTS_01_1.VOB",
        "Film/poster.jpg",
        "Blu/BDMV/STREAM/00001.m2ts",
        "Blu/BDMV/index.bdmv",
        sizes={"Film/VIDEO_TS/VTS_01_1.VOB": 10**9},
    )
    main = ("Film", "VIDEO_TS", "VTS_01_1.VOB")
    assert [place.media for place in arrangement.places[:4]] == [main] * 4
    assert [place.role for place in arrangement.media] == [FileRole.MEDIA] * 2
    assert arrangement.places[0].subfolder == ("VIDEO_TS",)
    assert arrangement.places[0].name_suffix == "VIDEO_TS.IFO"
    assert arrangement.places[5].media == ("Blu", "BDMV", "STREAM", "00001.m2ts")
    assert arrangement.places[4].subfolder == ("BDMV", "STREAM")


@pytest.mark.parametrize(
    "name", ["Thumbs.db", "a/.DS_Store", "._Film.mkv", "Film.mkv.part", "Film.mkv.!qB", "x.crdownload", "@eaDir/a.jpg"]
)
def test_junk_is_named(name: str) -> None:
    arrangement = arranged(name, "Film.mkv")
    assert [place.parts for place in arrangement.junk] == [tuple(name.split("/"))]
    assert arrangement.places[0].junk
    assert arrangement.orphans == []


def test_orphans() -> None:
    arrangement = arranged("Films/A.mkv", "Films/B.mkv", "Films/poster.jpg", "Papers/book.pdf", "Films/note.txt")
    assert [place.parts[-1] for place in arrangement.orphans] == ["poster.jpg", "book.pdf", "note.txt"]
    assert [place.role for place in arrangement.orphans] == [FileRole.ARTWORK, FileRole.DATA, FileRole.DATA]


def test_versions_and_parts_of_one_film_share_what_the_folder_has() -> None:
    assert place("F/poster.jpg", "F/Film (1999) - 1080p.mkv", "F/Film (1999) - 2160p.mkv").media is not None
    assert place("F/poster.jpg", "F/Film cd1.avi", "F/Film cd2.avi").media is not None
    assert place("F/poster.jpg", "F/Film (1999).mkv", "F/Other (1999).mkv").media is None


def test_names_that_are_no_text() -> None:
    assert place("F/\udcff.en.srt", "F/\udcff.mkv").media == ("F", "\udcff.mkv")
    assert place("F/İstanbul.en.srt", "F/İstanbul.mkv").media == ("F", "İstanbul.mkv")


def test_many_files_in_one_folder() -> None:
    films = [f"Film number {number} (1999).mkv" for number in range(3000)]
    subtitles = [f"Film number {number} (1999).en.srt" for number in range(3000)]
    arrangement = arranged(*subtitles, *films)
    assert [place.media for place in arrangement.places[:3000]] == [(film,) for film in films]


@pytest.mark.parametrize(
    ("rest", "language", "flags"),
    [
        ("", None, ()),
        ("2_English", "en", ()),
        ("forced_eng", "en", ("forced",)),
        ("A Film about German", "de", ()),
        ("German Film", None, ()),
        ("English.Commentary", "en", ("commentary",)),
    ],
)
def test_whole_subtitle_names(rest: str, language: str | None, flags: tuple[str, ...]) -> None:
    found = read_subtitle_name(rest, whole=True)
    assert (found.language, found.flags) == (language, flags)


def test_names_of_folders() -> None:
    assert [season_of_folder(name) for name in ("Season 01", "S2", "Specials", "Staffel 3", "Extras")] == [
        1,
        2,
        0,
        3,
        None,
    ]
    assert [extra_folder(name) for name in ("Deleted.Scenes", "Bonus", "Season 1")] == [
        "deleted scenes",
        "extras",
        None,
    ]
    assert [extra_kind(name) for name in ("trailer", "a-short", "a short", "x_sample2")] == [
        "trailers",
        "shorts",
        None,
        "samples",
    ]
