"""Folders that are made as Explorer and Finder do it: under a name of their own first, and named in a second step."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from offliniofs.domain.history import HistoryStep
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, run, settings, staged
from tests.mount.programs import CommandLine, program
from tests.mount.samba_support import Share, share_of
from tests.mount.support import Daemon, Library, small_library, wait_until

HEAT, WIRE = "movies/Heat (1995)", "series/The Wire (2002)"
HEAT_IN_A_VIEW = "by-genre/Drama/Heat (1995)"
NAMED = [
    ("by-genre", "Western"),
    ("by-year", "1984"),
    ("collections", "Noir"),
    ("saved", "genre:drama"),
    ("music", "Miles Davis"),
    (HEAT, "extras"),
    (HEAT_IN_A_VIEW, "Trailers"),
    (WIRE, "Season 03"),
    (f"{WIRE}/Season 01", "Subs"),
    ("music/John Coltrane/Blue Train (1957)", "CD2"),
]


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Iterator[Daemon]:
    small_library(library)
    settings(library, linger_ms=0)
    yield mount()
    assert check_integrity(library.catalogue) == []


def _names(folder: Path) -> set[str]:
    return {name for name in os.listdir(folder) if not name.startswith(".")}


def _history(library: Library) -> list[HistoryStep]:
    with closing(library.reader()) as reader:
        return list(reader.history(limit=100))


def test_what_is_named_is_what_mkdir_would_have_made(daemon: Daemon, library: Library) -> None:
    top, steps = daemon.mountpoint, len(_history(library))
    for place, name in NAMED:
        folder, before = top / place, _names(top / place)
        run("mkdir", folder / "New folder", folder / "Neuer Ordner (2)")
        assert _names(folder) == before | {"New folder", "Neuer Ordner (2)"}
        assert os.listdir(folder / "New folder") == []
        assert (folder / "New folder/..").stat().st_ino == folder.stat().st_ino
        run("mv", folder / "New folder", folder / name)
        run("rmdir", folder / "Neuer Ordner (2)")
        assert _names(folder) == before | {name}
        assert stat.S_ISDIR((folder / name).stat().st_mode)
        assert "File exists" in program("mkdir", folder / name).said
    assert _names(top / "saved/genre:drama") == {"Blade Runner (1982)", "Heat (1995)"}
    made = _history(library)[: len(NAMED)]
    assert len(_history(library)) == steps + len(NAMED)
    assert {entry.program for entry in made} == {"mv"}


def test_who_has_it_open_has_what_it_became(daemon: Daemon) -> None:
    """As Samba has: it keeps a descriptor, renames by name, and asks the descriptor what it is."""
    for place, name in NAMED:
        waiting = daemon.mountpoint / place / "New folder"
        waiting.mkdir()
        descriptor = os.open(waiting, os.O_PATH | os.O_DIRECTORY)
        try:
            waiting.rename(waiting.with_name(name))
            assert stat.S_ISDIR(os.fstat(descriptor).st_mode)
            listed = os.listdir(f"/proc/self/fd/{descriptor}")
            at_once = os.open(waiting.with_name(name), os.O_PATH | os.O_DIRECTORY)
            try:
                assert stat.S_ISDIR(os.fstat(at_once).st_mode)
            finally:
                os.close(at_once)
            assert sorted(listed) == sorted(os.listdir(waiting.with_name(name)))
        finally:
            os.close(descriptor)


def test_naming_is_one_step_that_can_be_taken_back(daemon: Daemon, library: Library) -> None:
    top = daemon.mountpoint
    run("mkdir", top / "by-genre/New folder")
    run("mv", top / "by-genre/New folder", top / "by-genre/Western")
    with closing(CommandLine(library.root)) as command:
        told = command.run("history")
        assert "Western" in told.said
        assert "New folder" not in told.said
        assert command.run("undo").code == 0
        wait_until(lambda: "Western" not in _names(top / "by-genre"), SOON, "the genre is gone")
        assert "New folder" not in _names(top / "by-genre")
        assert command.run("undo", "--redo").code == 0
        wait_until(lambda: "Western" in _names(top / "by-genre"), SOON, "the genre is back")
    run("mv", top / HEAT, top / "by-genre/Western")
    assert _names(top / "by-genre/Western") == {"Heat (1995)"}


def test_one_folder_is_seen_in_every_view_and_no_file_is_lost_with_it(
    daemon: Daemon, library: Library, tmp_path: Path
) -> None:
    top = daemon.mountpoint
    run("mkdir", top / HEAT_IN_A_VIEW / "untitled folder")
    run("mv", top / HEAT / "untitled folder", top / HEAT / "extras")
    content = film(tmp_path / "making of.mkv", 3)
    run("cp", tmp_path / "making of.mkv", top / HEAT_IN_A_VIEW / "extras")
    wait_until(lambda: staged(library) == [], SOON, "it is filed")
    run("mkdir", top / HEAT / "New folder")
    run("rm", "-r", top / HEAT)
    assert "Heat (1995)" not in _names(top / "movies")
    run("mv", top / ".trash/Heat (1995)", top / "movies")
    assert (top / HEAT / "extras/making of.mkv").read_bytes() == content
    assert _names(top / HEAT) == {"Heat (1995) - 1080p.mkv", "extras", "movie.nfo"}


def test_nothing_is_put_into_it(daemon: Daemon, tmp_path: Path) -> None:
    top = daemon.mountpoint
    film(tmp_path / "clip.mkv", 4)
    for folder in (top / HEAT / "New folder", top / "by-genre/New folder"):
        run("mkdir", folder)
        for line in (
            ("cp", tmp_path / "clip.mkv", folder),
            ("cp", "-r", tmp_path, folder),
            ("mv", top / "movies/Amélie (2001)", folder),
            ("mv", top / HEAT / "Heat (1995) - 1080p.mkv", folder),
            ("ln", top / HEAT / "Heat (1995) - 1080p.mkv", folder),
            ("mkdir", folder / "extras"),
            ("mkdir", folder / "New folder"),
            *(("touch", folder / name) for name in ("desktop.ini", ".DS_Store", "Thumbs.db", "._x", ".directory")),
        ):
            ran = program(*line)
            assert ran.code != 0, line
            assert "Operation not permitted" in ran.said
        reasons = (top / ".offliniofs/health.txt").read_text()
        assert reasons.count("rename it first") >= 10
        assert os.listdir(folder) == []
        for name in ("desktop.ini", ".DS_Store", "Thumbs.db", "movie.nfo", "folder.jpg", ".hidden"):
            assert not (folder / name).exists()
        run("touch", folder)
        run("chmod", "700", folder)
        run("rm", "-r", folder)
    assert (top / HEAT / "Heat (1995) - 1080p.mkv").exists()


def test_a_name_that_makes_nothing_leaves_it_waiting(daemon: Daemon) -> None:
    top = daemon.mountpoint
    for place, name, said in (
        ("by-genre", "Science Fiction", "Directory not empty"),
        ("by-year", "soon", ""),
        ("by-genre", "a:b", ""),
        ("saved", "(heat", ""),
        (HEAT, "Ronin (1998)", "Operation not permitted"),
        (HEAT_IN_A_VIEW, "Ronin (1998)", "Operation not permitted"),
        ("by-genre", "../collections/Noir", "Operation not permitted"),
        (WIRE, "../New folder", "Operation not permitted"),
    ):
        folder = top / place
        run("mkdir", folder / "New folder")
        ran = program("mv", "-T", folder / "New folder", folder / name)
        assert ran.code == 1, name
        assert said in ran.said
        assert "New folder" in _names(folder)
        run("mv", folder / "New folder", folder / "New folder (3)")
        run("rmdir", folder / "New folder (3)")
    for place in ("movies", "series", "by-quality", "recent", "by-genre/Drama", "music/John Coltrane"):
        assert program("mkdir", top / place / "New folder").code == 1


def test_it_waits_for_its_name_while_the_daemon_is_killed(daemon: Daemon, library: Library) -> None:
    for place, name in NAMED[:7:3]:
        folder = daemon.mountpoint / place
        run("mkdir", folder / "New folder")
        number = (folder / "New folder").stat().st_ino
        daemon.wait_for_another(daemon.kill_daemon())
        assert (folder / "New folder").stat().st_ino == number
        run("mv", folder / "New folder", folder / name)
        assert name in _names(folder)
        assert "New folder" not in _names(folder)


def test_it_is_forgotten_in_time(daemon: Daemon, library: Library) -> None:
    places = [daemon.mountpoint / place for place in ("by-genre", "music", HEAT, HEAT_IN_A_VIEW)]
    for place in places[:3]:
        run("mkdir", place / "New folder")
    assert all("New folder" in _names(place) for place in places)
    with closing(library.writer()) as writer:
        assert writer.forget_unnamed_before(2**62, 10) == 3
    wait_until(lambda: not any((place / "New folder").exists() for place in places), SOON, "they are gone")
    assert not any("New folder" in _names(place) for place in places)


def test_it_is_found_in_any_case_where_switched_on(library: Library, mount: Mount) -> None:
    small_library(library)
    (library.root / "offliniofs.toml").write_text("case_insensitive = true\n")
    top = mount().mountpoint
    run("mkdir", top / "by-genre/New folder")
    assert (top / "by-genre/new Folder").stat().st_ino == (top / "by-genre/New folder").stat().st_ino
    run("mv", top / "BY-GENRE/NEW FOLDER", top / "by-genre/Western")
    wait_until(lambda: not (top / "by-genre/new Folder").exists(), SOON, "the other spelling is forgotten")
    assert "Western" in _names(top / "by-genre")
    assert "New folder" not in _names(top / "by-genre")


# --- by programs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def share(library: Library, mount: Mount, tmp_path: Path) -> Iterator[Share]:
    small_library(library)
    settings(library)
    with share_of(mount("--allow-other").mountpoint, tmp_path / "share") as served:
        yield served
    assert check_integrity(library.catalogue) == []


def test_a_client_of_samba_makes_and_names_folders(share: Share) -> None:
    for place, name in NAMED:
        if ":" in name:
            continue
        folder = place.replace("/", "\\")
        share.run(f'mkdir "{folder}\\New folder"', f'rename "{folder}\\New folder" "{folder}\\{name}"')
        assert name in share.names(folder)
        assert "New folder" not in share.names(folder)
        share.run(f'mkdir "{folder}\\New folder (2)"', f'ls "{folder}\\New folder (2)\\*"')
        assert "New folder (2)" in share.names(folder)
        said = share.run(f'mkdir "{folder}\\New folder (2)\\x"', fails=True)
        assert "NT_STATUS_ACCESS_DENIED" in said
        said = share.run(f'rename "{folder}\\New folder (2)" "{folder}\\{name}"', fails=True)
        assert "NT_STATUS_OBJECT_NAME_COLLISION" in said
        share.run(f'rmdir "{folder}\\New folder (2)"')
    (share.local / "clip.mkv").write_bytes(b"\x1aE\xdf\xa3" + b"clip" * 4000)
    share.run(f'put clip.mkv "{HEAT.replace("/", chr(92))}\\extras\\clip.mkv"')
    wait_until(lambda: "clip.mkv" in os.listdir(share.top / HEAT / "extras"), SOON, "the clip")


def test_a_file_manager_of_a_desktop_does(daemon: Daemon, tmp_path: Path) -> None:
    """As Caja does: ``g_file_make_directory``, then ``g_file_set_display_name``."""
    assert shutil.which("gio")
    for place, name in NAMED:
        folder = daemon.mountpoint / place
        run("gio", "mkdir", folder / "untitled folder")
        run("gio", "rename", folder / "untitled folder", name)
        assert name in _names(folder)
        assert "untitled folder" not in _names(folder)
