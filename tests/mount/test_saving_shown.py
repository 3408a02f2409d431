"""What has just been saved shows at once, to every program and in every view, also before it is filed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, run, settings, staged
from tests.mount.support import Daemon, Library, Wanted, wait_until

NAME = "Heat (1995) - 576p.mkv"
TITLE = "Heat (1995)"
VIEWS = ("movies", "by-year/1995", "search/heat")

Saver = Callable[[Path, Path], object]


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library, quiet_ms=1500)
    library.add(Wanted("Heat", b"coffee" * 8000, year=1995, resolution="576p"))
    return mount()


def shown(daemon: Daemon) -> list[int]:
    """The size as ls(1) lists it and stat(1) says it, in each view."""
    found = []
    for view in VIEWS:
        folder = daemon.mountpoint / view / TITLE
        lines = run("ls", "-l", folder).splitlines()
        found += [int(line.split()[4]) for line in lines if line.endswith(NAME)]
        found.append(int(run("stat", "-c", "%s", folder / NAME)))
    return found


def copied(source: Path, path: Path) -> None:
    run("cp", source, path)


def renamed(source: Path, path: Path) -> None:
    run("cp", source, path.with_name(".heat.part"))
    run("mv", path.with_name(".heat.part"), path)


def cut_off(source: Path, path: Path) -> None:
    run("truncate", "-s", str(source.stat().st_size), path)


@pytest.mark.parametrize("save", [copied, renamed, cut_off])
def test_the_new_size_shows_at_once(daemon: Daemon, library: Library, tmp_path: Path, save: Saver) -> None:
    for size, view in ((300, VIEWS[0]), (400_000, VIEWS[1])):
        path = daemon.mountpoint / view / TITLE / NAME
        (tmp_path / "new.mkv").write_bytes(os.urandom(size))
        assert shown(daemon) == [path.stat().st_size] * 6
        save(tmp_path / "new.mkv", path)
        assert path.stat().st_size == size
        assert shown(daemon) == [size] * 6
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert shown(daemon) == [400_000] * 6


def test_what_was_appended_shows_at_once(daemon: Daemon) -> None:
    path = daemon.mountpoint / "movies" / TITLE / NAME
    size = path.stat().st_size + 9
    command = ["dd", "oflag=append", "conv=notrunc", "status=none", f"of={path}"]
    subprocess.run(command, input=b"and there", check=True)
    assert shown(daemon) == [size] * 6


def test_it_shows_at_once_while_the_old_one_is_watched(daemon: Daemon, tmp_path: Path) -> None:
    path = daemon.mountpoint / "movies" / TITLE / NAME
    old = path.stat().st_size
    (tmp_path / "new.mkv").write_bytes(bytes(300))
    with path.open("rb") as stream:
        run("cp", tmp_path / "new.mkv", path)
        assert shown(daemon) == [300] * 6
        assert os.fstat(stream.fileno()).st_size == old
        assert len(stream.read()) == old


def test_until_it_is_closed_the_old_size_shows(daemon: Daemon) -> None:
    path = daemon.mountpoint / "movies" / TITLE / NAME
    old = path.stat().st_size
    with path.open("wb", buffering=0) as stream:
        stream.write(bytes(500_000))
        assert shown(daemon) == [old] * 6
        assert os.fstat(stream.fileno()).st_size == old
    assert shown(daemon) == [500_000] * 6


def test_saving_again_and_again_shows_each_size_at_once(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / "movies" / TITLE / NAME
    elsewhere = daemon.mountpoint / "by-year/1995" / TITLE / NAME
    for number in range(40):
        size = 1000 + 7 * number if number % 2 else 90_000 - number
        (path if number % 3 else elsewhere).write_bytes(bytes(size))
        assert [each.stat().st_size for each in (elsewhere, path)] == [size, size]
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert shown(daemon) == [path.stat().st_size] * 6


def test_an_nfo_of_ones_own_shows_at_once(daemon: Daemon) -> None:
    path = daemon.mountpoint / "movies" / TITLE / "movie.nfo"
    assert path.stat().st_size > 30
    path.write_text("<movie><title>Heat</title></movie>")
    assert path.stat().st_size == 34
    assert [line.split()[4] for line in run("ls", "-l", path.parent).splitlines() if "movie.nfo" in line] == ["34"]


def test_a_listing_has_each_name_once(daemon: Daemon) -> None:
    path = daemon.mountpoint / "movies" / TITLE / NAME
    before = sorted(os.listdir(path.parent))
    path.write_bytes(bytes(300))
    assert sorted(os.listdir(path.parent)) == before
    (path.parent / "movie.nfo").write_text("<movie><title>Heat</title></movie>")
    assert sorted(os.listdir(path.parent)) == before


def test_a_daemon_that_took_over_shows_it_soon(daemon: Daemon) -> None:
    """It cannot know who has the old one open, and leaves it to the kernel to ask again."""
    path = daemon.mountpoint / "movies" / TITLE / NAME
    with path.open("rb") as stream:
        old = os.fstat(stream.fileno()).st_size
        daemon.wait_for_another(daemon.kill_daemon())
        path.write_bytes(bytes(300))
        assert os.fstat(stream.fileno()).st_size == old
        wait_until(lambda: shown(daemon) == [300] * 6, SOON, "the new size")
        assert len(stream.read()) == old
