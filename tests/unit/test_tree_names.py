"""Names as Jellyfin and Kodi read them."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Identification
from offliniofs.tree.names import LibraryNaming
from offliniofs.tree.text import component, cut, readable

NAMING = LibraryNaming()


def film(title: str = "Blade Runner", year: int | None = 1982, name: str = "br.mkv") -> Identification:
    return Identification(name=name, kind=ContentKind.MOVIE, title=title, year=year)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Alien: Romulus", "Alien - Romulus"),
        ("3:10 to Yuma", "3-10 to Yuma"),
        ("Face/Off", "Face-Off"),
        ("AC/DC", "AC-DC"),
        ("One / Two", "One - Two"),
        ("M*A*S*H", "M-A-S-H"),
        ("Who Framed Roger Rabbit?", "Who Framed Roger Rabbit"),
        ('The "Best" Film', "The 'Best' Film"),
        ("<untitled>", "(untitled)"),
        ("Ends with:", "Ends with"),
        ("...And Justice for All...", "And Justice for All"),
        (".hack", "hack"),
        ("???", "Untitled"),
        ("", "Untitled"),
        ("CON", "CON_"),
        ("aux.mkv", "aux_.mkv"),
        ("com¹", "com¹_"),
        ("Console", "Console"),
        ("a\tb\u00a0\u3000c", "a b c"),
        ("e\u0301", "é"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("Caf\udce9", "Café"),
        ("broken \ud800 half", "broken half"),
    ],
)
def test_component(text: str, name: str) -> None:
    assert component(text) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [(b"Caf\xc3\xa9", "Café"), (b"Caf\xe9", "Café"), (b"\x93quoted\x94", "“quoted”"), (b"\x81", "\x81")],
)
def test_foreign_bytes_are_read(name: bytes, text: str) -> None:
    assert readable(name) == text


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("ae\u0323\u0302", 5, "a"),
        ("a👍🏽", 6, "a"),
        ("a👩\u200d👧", 9, "a"),
        ("🇩🇪🇫🇷", 12, "🇩🇪"),
        ("a" + "\u0323" * 50, 9, "a" + "\u0323" * 4),
    ],
)
def test_cut_keeps_characters_whole(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


def test_films() -> None:
    plain = film()
    assert NAMING.title_folder(plain) == NAMING.title_name(plain) == "Blade Runner (1982)"
    assert NAMING.media_file(plain, ".mkv") == "Blade Runner (1982).mkv"
    version = Identification(
        name="x",
        kind=ContentKind.MOVIE,
        title="Alien: Romulus",
        year=2024,
        resolution="2160p",
        edition="Final Cut",
    )
    assert NAMING.media_file(version, ".mkv") == "Alien - Romulus (2024) - Final Cut 2160p.mkv"
    assert NAMING.media_file(version, ".mkv", "Alien - Romulus (2024) (2)").startswith("Alien - Romulus (2024) (2) - ")
    assert NAMING.title_folder(film(year=None)) == "Blade Runner"


def test_the_parts_of_a_film_stay_parts() -> None:
    assert NAMING.media_file(film(name="blade.runner.CD2.avi"), ".avi") == "Blade Runner (1982)-cd2.avi"


def test_a_long_title_leaves_room_for_label_and_sidecars() -> None:
    long = Identification(name="x", kind=ContentKind.MOVIE, title="ü" * 300, year=1999, resolution="1080p")
    folder, media = NAMING.title_folder(long), NAMING.media_file(long, ".mkv")
    assert media == f"{folder} - 1080p.mkv"
    assert NAMING.sidecar(NAMING.distinct(media, 12), ".en.forced.srt").endswith("(12).en.forced.srt")


def episode(**facts: object) -> str:
    base = Identification(name="orig.name.mkv", kind=ContentKind.EPISODE, title="The Show", year=2010)
    fields = {name: getattr(base, name) for name in base.__slots__} | facts
    return NAMING.media_file(Identification(**fields), ".mkv")


def test_episodes() -> None:
    assert episode(season=1, episodes=(2,)) == "The Show (2010) S01E02.mkv"
    assert episode(season=1, episodes=(2,), episode_title="Pilot: Two") == "The Show (2010) S01E02 - Pilot - Two.mkv"
    assert episode(season=1, episodes=(2, 3)) == "The Show (2010) S01E02-E03.mkv"
    assert episode(season=1, episodes=(4, 2, 3)) == "The Show (2010) S01E02-E04.mkv"
    assert episode(season=1, episodes=(1, 3)) == "The Show (2010) S01E01E03.mkv"
    assert episode(season=0, episodes=(1,)) == "The Show (2010) S00E01.mkv"
    assert episode(episodes=(112,)) == "The Show (2010) S01E112.mkv"
    assert episode(air_date="2010-05-31") == "The Show (2010) 2010-05-31.mkv"
    assert episode() == "orig.name.mkv"


def test_an_episode_begins_with_its_series_folder() -> None:
    named = Identification(name="x", kind=ContentKind.EPISODE, title="The Show", season=1, episodes=(2,))
    assert NAMING.media_file(named, ".mkv", "The Show (2010)") == "The Show (2010) S01E02.mkv"


def test_seasons() -> None:
    assert [NAMING.season_folder(season) for season in (0, 1, 12, 2010)] == [
        *("Season 00", "Season 01", "Season 12", "Season 2010")
    ]


def track(**facts: object) -> Identification:
    base = Identification(
        name="orig.flac", kind=ContentKind.TRACK, title="Song", year=1969, artist="AC/DC", album="Album?"
    )
    return Identification(**{name: getattr(base, name) for name in base.__slots__} | facts)


def test_music() -> None:
    assert NAMING.title_folder(track()) == "Album (1969)"
    assert NAMING.title_name(track()) == "AC-DC - Album (1969)"
    assert NAMING.artist_folder("AC/DC") == "AC-DC"
    assert NAMING.artist_folder(" ") == "Unknown Artist"
    assert NAMING.title_name(track(artist=None, album=None, year=None)) == "Unknown Artist - Unknown Album"
    assert NAMING.title_folder(track(kind=ContentKind.ALBUM, album=None, title="Live")) == "Live (1969)"
    assert NAMING.media_file(track(track=1), ".flac") == "01 - Song.flac"
    assert NAMING.media_file(track(track=1, disc=1), ".flac") == "01 - Song.flac"
    assert NAMING.media_file(track(track=1, disc=2), ".flac") == "Disc 02 - 01 - Song.flac"
    assert NAMING.media_file(track(), ".flac") == "Song.flac"
    assert NAMING.media_file(track(title="?"), ".flac") == "orig.flac"


def test_other_keeps_its_name() -> None:
    other = Identification(name="Notes: 2020.tar.gz", kind=ContentKind.OTHER, title="My Stuff")
    assert NAMING.title_folder(other) == "My Stuff"
    assert NAMING.media_file(other, ".gz") == "Notes - 2020.tar.gz"
    assert NAMING.media_file(other, "") == "Notes - 2020.tar"


@pytest.mark.parametrize(
    ("media", "suffix", "name"),
    [
        ("Film (1999) - 1080p.mkv", ".en.forced.srt", "Film (1999) - 1080p.en.forced.srt"),
        ("Film (1999) - 1080p.mkv", "-poster.jpg", "Film (1999) - 1080p-poster.jpg"),
        ("Film (1999).mkv", ".nfo", "Film (1999).nfo"),
        ("Film (1999).mkv", " commentary.srt", "Film (1999) commentary.srt"),
        (None, "poster.jpg", "poster.jpg"),
        (None, "making:of.mkv", "making-of.mkv"),
    ],
)
def test_sidecars(media: str | None, suffix: str, name: str) -> None:
    assert NAMING.sidecar(media, suffix) == name


def test_distinct() -> None:
    assert NAMING.distinct("Film (1999)", 2) == "Film (1999) (2)"
    assert NAMING.distinct("Film (1999) - 1080p.mkv", 3) == "Film (1999) - 1080p (3).mkv"
    assert NAMING.distinct("Mr. Robot", 2) == "Mr. Robot (2)"
    assert NAMING.distinct("Film (1999) - 1080p.en.srt", 2) == "Film (1999) - 1080p.2.en.srt"
    assert NAMING.distinct("Film (1999) - 1080p.pt-BR.forced.ass", 3) == "Film (1999) - 1080p.3.pt-BR.forced.ass"
    assert NAMING.distinct("Film (1999) - 1080p.srt", 2) == "Film (1999) - 1080p.2.srt"
    assert NAMING.distinct("Film (1999).de.ac3", 2) == "Film (1999).2.de.ac3"
    assert NAMING.distinct("01 - Song.mp3", 2) == "01 - Song (2).mp3"
    assert NAMING.distinct("en.srt", 2) == "en.2.srt"
    assert NAMING.distinct(".en.srt", 2) != ".en.srt"
    long = f"{'x' * 230}.en.forced.srt"
    assert NAMING.distinct(long, 2).endswith("x.2.en.forced.srt")
    assert len(NAMING.distinct(long, 2).encode()) <= 255
    full = "a" * 211 + " (2)"
    assert NAMING.distinct(full, 2) not in {full, NAMING.distinct(full, 3)}
    with pytest.raises(ValueError, match="first name"):
        NAMING.distinct("a", 1)


@pytest.mark.parametrize(
    ("title", "year", "folder"),
    [("Con", 1997, "Con (1997)"), ("AUX", None, "AUX_"), ("COM1.Returns", 1999, "COM1_.Returns (1999)")],
)
def test_only_what_windows_takes_for_a_device_is_changed(title: str, year: int | None, folder: str) -> None:
    found = Identification(name=title, kind=ContentKind.MOVIE, title=title, year=year)
    assert LibraryNaming().title_folder(found) == folder
