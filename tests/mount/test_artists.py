"""Artists and albums moved, renamed and removed in ``music/`` with the programs people have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.programs import CommandLine, program
from tests.mount.support import MARKS, Daemon, Library, Wanted, track, wait_until


def _track(artist: str, album: str, number: int) -> Wanted:
    content = f"{artist} {album} {number}".encode() * 99
    return track(f"Song {number}", content, by=artist, album=album, number=number, year=1999)


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    library.add(_track("X", "One", 1), _track("X", "Two", 1), _track("Y", "One", 2), _track("Y", "Three", 1))
    return mount()


def _names(folder: Path) -> set[str]:
    return set(os.listdir(folder)) - MARKS


def _music(top: Path) -> dict[str, set[str]]:
    return {name: _names(top / "music" / name) for name in _names(top / "music")}


ALL = {"X": {"One (1999)", "Two (1999)"}, "Y": {"One (1999)", "Three (1999)"}}


def _done(*words: str | Path) -> None:
    ran = program(*words)
    assert (ran.code, ran.said) == (0, "")


def _taken_back(command: CommandLine, top: Path, steps: int) -> None:
    ran = command.run("undo", str(steps))
    assert ran.code == 0, ran.said
    wait_until(lambda: _music(top) == ALL, 3, "everything is where it was")
    wait_until(lambda: _names(top / ".trash") == set(), 3, "nothing in the trash")


def test_albums_are_moved_to_a_new_artist(daemon: Daemon, command: CommandLine) -> None:
    top = daemon.mountpoint
    music = top / "music"
    content = (music / "X/One (1999)/01 - Song 1.flac").read_bytes()
    _done("mkdir", music / "Z")
    assert _names(music / "Z") == set()
    _done("mv", music / "X/One (1999)", music / "X/Two (1999)", music / "Z")
    daemon.wait_for_another(daemon.kill_daemon())
    assert _music(top) == {"Z": {"One (1999)", "Two (1999)"}, "Y": ALL["Y"]}
    assert (music / "Z/One (1999)/01 - Song 1.flac").read_bytes() == content
    assert os.getxattr(music / "Z/One (1999)", "user.offliniofs.artist") == b"Z"
    assert {"Z - One (1999)", "Z - Two (1999)"} <= _names(top / "by-year/1999")
    ran = program("mv", music / "Y/One (1999)", music / "Z")
    assert ran.code == 1
    assert "not empty" in ran.said
    _taken_back(command, top, 2)


def test_an_artist_is_renamed_and_united(daemon: Daemon, command: CommandLine, library: Library) -> None:
    top = daemon.mountpoint
    music = top / "music"
    _done("mv", music / "X", music / "Why")
    assert _music(top) == {"Why": ALL["X"], "Y": ALL["Y"]}
    assert {"Why - One (1999)", "Why - Two (1999)"} <= _names(top / "by-year/1999")
    _done("mv", music / "Why", music / "Y")
    assert _music(top) == {"Y": ALL["X"] | ALL["Y"]}
    assert {name for name in _names(music / "Y/One (1999)") if name.endswith(".flac")} == {
        "01 - Song 1.flac",
        "02 - Song 2.flac",
    }
    _taken_back(command, top, 2)
    _done("mv", "-T", music / "Y", music / "X")
    assert _music(top) == {"X": ALL["X"] | ALL["Y"]}
    _taken_back(command, top, 1)


def test_an_artist_goes_with_the_last_album(daemon: Daemon, command: CommandLine) -> None:
    top = daemon.mountpoint
    music = top / "music"
    _done("rm", "-r", music / "X/One (1999)")
    assert _music(top) == {"X": {"Two (1999)"}, "Y": ALL["Y"]}
    _done("rm", "-r", music / "X/Two (1999)")
    wait_until(lambda: _music(top) == {"Y": ALL["Y"]}, 2, "the artist is gone")
    _done("mv", top / ".trash/X - Two (1999)", music)
    assert _music(top) == {"X": {"Two (1999)"}, "Y": ALL["Y"]}
    _taken_back(command, top, 3)


def test_removing_an_artist_whole_is_one_entry(daemon: Daemon, command: CommandLine) -> None:
    top = daemon.mountpoint
    _done("rm", "-r", top / "music/X")
    assert _music(top) == {"Y": ALL["Y"]}
    assert _names(top / ".trash") == {"X"}
    _done("mv", top / ".trash/X", top / "music")
    assert _music(top) == ALL
    _done("mv", top / "music/Y", top / ".trash")
    assert _names(top / ".trash") == {"Y"}
    _taken_back(command, top, 1)


def test_made_artists_stay_until_they_are_removed(daemon: Daemon) -> None:
    top = daemon.mountpoint
    _done("mkdir", top / "music/Z")
    assert "File exists" in program("mkdir", top / "music/z").said
    _done("rmdir", top / "music/Z")
    assert _music(top) == ALL
    assert _names(top / ".trash") == set()
    assert "not empty" in program("rmdir", top / "music/X").said
    ran = program("mv", top / "music/X", top / "by-year/1999")
    assert "Operation not permitted" in ran.said
    reason = "An artist stands in music/"
    wait_until(lambda: reason in (top / ".offliniofs/health.txt").read_text(), 3, reason)
