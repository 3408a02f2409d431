"""Files that are moved from one title to another, with the programs people have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.domain.content import ContentKind, FileRole
from tests.conftest import Mount
from tests.mount.programs import CommandLine, program
from tests.mount.support import MARKS, Daemon, Library, Wanted, small_library, track, wait_until

FIRST, SECOND = "First (2000)", "Second (2000)"


def _episode(show: str, season: int, number: int) -> Wanted:
    return Wanted(
        show,
        f"{show} {season} {number}".encode() * 99,
        kind=ContentKind.EPISODE,
        year=2000,
        season=season,
        episodes=(number,),
        episode_title="Fire" if number == 2 else "Ice",
    )


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    library.add(_episode("First", 1, 1), _episode("First", 1, 2), _episode("Second", 1, 3), _episode("Second", 2, 1))
    library.add(
        Wanted(
            "First",
            b"Hello",
            kind=ContentKind.EPISODE,
            year=2000,
            role=FileRole.SUBTITLE,
            sidecar_of=os.fsencode(library.sources / f"{library.made - 2:06}.mkv"),
            name_suffix=".en.srt",
            extension=".srt",
        )
    )
    return mount()


def _files(folder: Path) -> set[str]:
    """What is no generated file, below a folder."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in MARKS and path.suffix != ".nfo"
    }


ALL = {
    f"{FIRST}/Season 01/{FIRST} S01E01 - Ice.mkv",
    f"{FIRST}/Season 01/{FIRST} S01E02 - Fire.mkv",
    f"{FIRST}/Season 01/{FIRST} S01E02 - Fire.en.srt",
    f"{SECOND}/Season 01/{SECOND} S01E03 - Ice.mkv",
    f"{SECOND}/Season 02/{SECOND} S02E01 - Ice.mkv",
    "The Wire (2002)/Season 01/The Wire (2002) S01E01 - The Target.mkv",
}


def _undone(command: CommandLine, series: Path) -> None:
    ran = command.run("undo")
    assert ran.code == 0, ran.said
    wait_until(lambda: _files(series) == ALL, 3, "everything is where it was")


def test_an_episode_is_put_into_another_series(daemon: Daemon, command: CommandLine) -> None:
    series = daemon.mountpoint / "series"
    source = series / FIRST / "Season 01" / f"{FIRST} S01E02 - Fire.mkv"
    before, content = source.stat(), source.read_bytes()
    ran = program("mv", source, series / SECOND / "Season 01/")
    assert (ran.code, ran.said) == (0, "")
    there = series / SECOND / "Season 01" / f"{SECOND} S01E02 - Fire.mkv"
    assert there.read_bytes() == content
    assert there.stat().st_ino == before.st_ino
    assert there.with_suffix(".en.srt").read_bytes() == b"Hello"
    assert _files(series / FIRST) == {f"Season 01/{FIRST} S01E01 - Ice.mkv"}
    assert b"<showtitle>Second</showtitle>" in there.with_suffix(".nfo").read_bytes()
    assert os.getxattr(there, "user.offliniofs.title") == b"Fire"
    daemon.wait_for_another(daemon.kill_daemon())
    assert there.read_bytes() == content
    _undone(command, series)


def test_all_that_a_season_holds_is_moved_by_name(daemon: Daemon, command: CommandLine) -> None:
    series = daemon.mountpoint / "series"
    source = series / FIRST / "Season 01"
    ran = program("mv", *sorted(source.iterdir()), series / SECOND / "Season 02/")
    assert (ran.code, ran.said) == (0, "")
    assert _files(source) == set()
    assert _files(series / SECOND / "Season 02") == {
        f"{SECOND} S02E01 - Ice.mkv",
        f"{SECOND} S02E01 - Ice (2).mkv",
        f"{SECOND} S02E02 - Fire.mkv",
        f"{SECOND} S02E02 - Fire.en.srt",
    }
    wait_until(lambda: not [name for name in os.listdir(source) if name not in MARKS], 3, "the season is empty")
    _undone(command, series)
    ran = command.run("undo", "--redo")
    assert ran.code == 0, ran.said
    wait_until(lambda: _files(source) == set(), 3, "moved again")


def test_sidecars_that_are_moved_before_their_film_are_still_its_own(daemon: Daemon) -> None:
    series = daemon.mountpoint / "series"
    source = series / FIRST / "Season 01"
    stem = f"{FIRST} S01E02 - Fire"
    ran = program("mv", source / f"{stem}.en.srt", source / f"{stem}.mkv", series / SECOND / "Season 01")
    assert (ran.code, ran.said) == (0, "")
    assert _files(series / SECOND / "Season 01") == {
        f"{SECOND} S01E03 - Ice.mkv",
        f"{SECOND} S01E02 - Fire.mkv",
        f"{SECOND} S01E02 - Fire.en.srt",
    }


def test_what_went_along_is_gone_for_everybody_else(daemon: Daemon) -> None:
    series = daemon.mountpoint / "series"
    source = series / FIRST / "Season 01"
    assert program("mv", source / f"{FIRST} S01E02 - Fire.mkv", series / SECOND).code == 0
    assert not (source / f"{FIRST} S01E02 - Fire.en.srt").exists()
    assert "No such file" in program("cat", source / f"{FIRST} S01E02 - Fire.en.srt").said


def test_versions_and_tracks_go_to_other_titles(daemon: Daemon, library: Library) -> None:
    library.add(track("Naima", b"saxophone" * 300, by="John Coltrane", album="Giant Steps", number=6, year=1960))
    top = daemon.mountpoint
    coltrane, films = top / "music/John Coltrane", top / "movies"
    wait_until((coltrane / "Giant Steps (1960)").is_dir, 3, "the album")
    ran = program("mv", coltrane / "Giant Steps (1960)/06 - Naima.flac", coltrane / "Blue Train (1957)")
    assert (ran.code, ran.said) == (0, "")
    assert (coltrane / "Blue Train (1957)/06 - Naima.flac").read_bytes() == b"saxophone" * 300
    sharp = films / "Blade Runner (1982)/Blade Runner (1982) - 2160p.mkv"
    ran = program("mv", sharp, top / "by-genre/Crime/Heat (1995)/")
    assert (ran.code, ran.said) == (0, "")
    assert (films / "Heat (1995)/Heat (1995) - 2160p.mkv").read_bytes() == b"replicant, sharper" * 9000
    wait_until(lambda: not sharp.exists(), 2, "it has left the other film")


def test_what_is_no_episode_is_refused_and_says_why(daemon: Daemon) -> None:
    top = daemon.mountpoint
    film = top / "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
    ran = program("mv", film, top / "series" / SECOND / "Season 01")
    assert ran.code == 1
    assert "Operation not permitted" in ran.said
    reason = "does not say which episode of 'Second' it is"
    wait_until(lambda: reason in (top / ".offliniofs/health.txt").read_text(), 3, reason)
    assert film.is_file()


def test_a_season_is_moved_to_another_series(daemon: Daemon, command: CommandLine) -> None:
    series = daemon.mountpoint / "series"
    ran = program("mv", series / SECOND / "Season 02", series / FIRST)
    assert (ran.code, ran.said) == (0, "")
    assert (series / FIRST / "Season 02" / f"{FIRST} S02E01 - Ice.mkv").is_file()
    assert os.listdir(series / SECOND / "Season 01")
    assert not (series / SECOND / "Season 02").exists()
    ran = program("mv", series / SECOND / "Season 01", series / FIRST)
    assert "not empty" in ran.said
    daemon.wait_for_another(daemon.kill_daemon())
    _undone(command, series)


def test_extras_get_another_name_and_film(daemon: Daemon) -> None:
    films = daemon.mountpoint / "movies"
    heat, runner = films / "Heat (1995)", films / "Blade Runner (1982)"
    (heat / "extras").mkdir()
    for old, new in ((heat / "extras", heat / "Trailers"), (heat / "Trailers", runner)):
        ran = program("mv", old, new)
        assert (ran.code, ran.said) == (0, "")
    assert "Trailers" in os.listdir(runner)
    assert "Trailers" not in os.listdir(heat)
    assert "not permitted" in program("mv", runner / "Trailers", runner / "Other films").said
    assert "not permitted" in program("mv", runner / "Trailers", films).said
