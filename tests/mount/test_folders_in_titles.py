"""Folders that are made in titles' folders and filled, as ``cp -r`` and ``rsync -a`` do."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, run, settings, staged, wait_for
from tests.mount.programs import CommandLine, program
from tests.mount.support import Daemon, Library, small_library, wait_until

FOLDER = Path("movies/Heat (1995)")
SERIES = Path("series/The Wire (2002)")
SUBTITLE = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library, linger_ms=0)
    small_library(library)
    return mount()


def _settled(library: Library) -> None:
    wait_until(lambda: staged(library) == [], SOON, "everything is filed")


def test_extras_and_subtitles_are_copied_into_a_film(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    content = film(tmp_path / "extras/making of.mkv", 3)
    (tmp_path / "Subs").mkdir()
    (tmp_path / "Subs/2_English.srt").write_bytes(SUBTITLE)
    folder = daemon.mountpoint / FOLDER
    run("cp", "-r", tmp_path / "extras", tmp_path / "Subs", folder)
    assert (folder / "extras/making of.mkv").read_bytes() == content
    wait_for(folder / "Heat (1995) - 1080p.en.srt", SUBTITLE)
    _settled(library)
    assert (folder / "extras/making of.mkv").read_bytes() == content
    assert os.listdir(folder / "Subs") == []
    run("rmdir", folder / "Subs")
    assert set(os.listdir(daemon.mountpoint / ".trash")) <= {".ignore", ".plexignore", ".nomedia"}


def test_rsync_fills_a_folder_seen_in_a_view(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    content = film(tmp_path / "Trailers/first.mkv", 4)
    run("rsync", "-a", tmp_path / "Trailers", daemon.mountpoint / "by-genre/Crime/Heat (1995)")
    _settled(library)
    assert (daemon.mountpoint / FOLDER / "Trailers/first.mkv").read_bytes() == content
    run("rsync", "-a", tmp_path / "Trailers", daemon.mountpoint / "by-genre/Crime/Heat (1995)")
    _settled(library)
    assert os.listdir(daemon.mountpoint / FOLDER / "Trailers") == ["first.mkv"]


def test_a_season_is_copied_while_the_daemon_is_killed(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    content = film(tmp_path / "Season 2/The.Wire.S02E01.mkv", 5)
    series = daemon.mountpoint / SERIES
    run("mkdir", series / "Season 2")
    daemon.wait_for_another(daemon.kill_daemon())
    assert "Season 2" in os.listdir(series)
    run("cp", "-r", tmp_path / "Season 2", series)
    daemon.wait_for_another(daemon.kill_daemon())
    _settled(library)
    wait_until(lambda: len(os.listdir(series / "Season 2")) == 2, SOON, "the episode and its NFO")
    (name,) = [name for name in os.listdir(series / "Season 2") if name.endswith(".mkv")]
    assert name.startswith("The Wire (2002) S02E01")
    assert (series / "Season 2" / name).read_bytes() == content


def test_what_was_made_and_filled_is_taken_back(
    daemon: Daemon, library: Library, command: CommandLine, tmp_path: Path
) -> None:
    film(tmp_path / "extras/one.mkv", 6)
    folder = daemon.mountpoint / FOLDER
    run("cp", "-r", tmp_path / "extras", folder)
    _settled(library)
    begun = _steps(library)  # what is filed within a second of the mkdir is of its step
    assert begun in {1, 2}
    ran = command.run("undo", str(begun), "--yes")
    assert ran.code == 0, ran.said
    wait_until(lambda: "extras" not in os.listdir(folder), 3, "the folder is gone")
    ran = command.run("undo", "--redo", str(begun))
    assert ran.code == 0, ran.said
    wait_until(lambda: (folder / "extras/one.mkv").exists(), 3, "the folder and its file are back")


def _steps(library: Library) -> int:
    """How many steps a client has made."""
    with closing(library.reader()) as reader:
        return sum(step.program == "cp" for step in reader.history(100))


def test_a_folder_into_which_something_is_coming_is_not_empty(daemon: Daemon, library: Library) -> None:
    folder = daemon.mountpoint / FOLDER / "extras"
    folder.mkdir()
    with (folder / "notes.txt").open("wb", buffering=0) as stream:
        stream.write(b"Hello")
        with pytest.raises(OSError, match=r".") as caught:
            folder.rmdir()
        assert caught.value.errno == errno.ENOTEMPTY
    shutil.rmtree(folder)
    assert "extras" not in os.listdir(daemon.mountpoint / FOLDER)
    _settled(library)


def test_other_folders_are_refused_and_say_why(daemon: Daemon) -> None:
    top = daemon.mountpoint
    for folder in (
        FOLDER / "Ronin (1998)",
        FOLDER / "CD1",
        SERIES / "Season 01/Season 02",
        Path("music/John Coltrane/X"),
    ):
        ran = program("mkdir", top / folder)
        assert ran.code == 1, folder
        assert "Operation not permitted" in ran.said
    reason = "Media servers would take what is in 'Ronin (1998)' for titles of its own"
    wait_until(lambda: reason in (top / ".offliniofs/health.txt").read_text(), 3, reason)
    for folder in (FOLDER / "extras", SERIES / "Season 02"):
        assert program("mkdir", top / folder).code == 0
    for folder in (FOLDER / "Extras", SERIES / "S02", SERIES / "Season 1"):
        assert "File exists" in program("mkdir", top / folder).said
