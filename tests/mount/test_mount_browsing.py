"""The mounted folder as any program sees it."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
from pathlib import Path

import pytest

from offliniofs.domain.content import ContentKind
from tests.conftest import Mount
from tests.mount.support import Daemon, Library, Wanted, small_library, wait_until, walk

BLADE_RUNNER = "movies/Blade Runner (1982)"
GETDENTS64 = 217
"""x86-64's number; arm64 and riscv64 have 61."""


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount()


def _errno(call: object, *arguments: object) -> int:
    assert callable(call)
    with pytest.raises(OSError, match=r".") as caught:
        call(*arguments)
    return caught.value.errno or 0


def test_every_file_holds_what_was_imported(daemon: Daemon, library: Library) -> None:
    for path, content in library.contents.items():
        assert (daemon.mountpoint / path).read_bytes() == content, path
        status = (daemon.mountpoint / path).stat()
        assert status.st_size == len(content)
        assert stat.S_IMODE(status.st_mode) == 0o644
        assert status.st_blocks * 512 >= len(content)


def test_the_root_shows_the_views(daemon: Daemon) -> None:
    names = set(os.listdir(daemon.mountpoint))
    assert {"README.txt", "movies", "series", "music", "other", "by-genre", "by-year", "by-quality"} <= names
    assert {"recent", "unwatched", "favourites", "collections", "search", "saved", ".offliniofs"} <= names
    assert b"4 films" not in (daemon.mountpoint / "README.txt").read_bytes()
    assert b"3 films" in (daemon.mountpoint / "README.txt").read_bytes()


def test_views_hold_the_same_titles_filtered(daemon: Daemon) -> None:
    top = daemon.mountpoint
    assert "Heat (1995)" in os.listdir(top / "by-genre" / "Crime")
    assert "Amélie (2001)" not in os.listdir(top / "by-genre" / "Crime")
    assert {"Blade Runner (1982)"} < set(os.listdir(top / "by-year" / "1982"))
    best = os.listdir(top / "by-quality" / "2160p" / "Blade Runner (1982)")
    assert [name for name in best if name.endswith(".mkv")] == ["Blade Runner (1982) - 2160p.mkv"]
    nested = top / "by-genre" / "Drama" / "by-year"
    assert {"1982", "1995"} <= set(os.listdir(nested))
    assert "Heat (1995)" in os.listdir(nested / "1995")
    assert "by-year" not in os.listdir(top / "by-genre" / "Drama")


def test_one_file_is_one_inode_in_every_view(daemon: Daemon) -> None:
    name = "Heat (1995)/Heat (1995) - 1080p.mkv"
    views = ("movies", "by-genre/Crime", "by-genre/Drama", "by-year/1995", "by-quality/1080p", "search/heat", "recent")
    found = [(daemon.mountpoint / view / name).stat() for view in views]
    assert len({(status.st_ino, status.st_dev, status.st_nlink, status.st_mtime_ns) for status in found}) == 1
    assert found[0].st_nlink > 1
    folders = [(daemon.mountpoint / view / "Heat (1995)").stat().st_ino for view in views]
    assert len(set(folders)) == len(folders)


def test_walking_agrees_with_asking(daemon: Daemon) -> None:
    seen = walk(daemon.mountpoint)
    assert len(seen) > 60
    for path, status in seen.items():
        if path.startswith((".offliniofs", "unwatched/")):  # the one changes each time, the other as files are read
            continue
        again = (daemon.mountpoint / path).lstat()
        assert (again.st_ino, again.st_mode, again.st_size) == (status.st_ino, status.st_mode, status.st_size), path
        assert len((daemon.mountpoint / path).read_bytes()) == status.st_size if stat.S_ISREG(status.st_mode) else True


def test_numbers_are_the_same_after_a_remount(daemon: Daemon, mount: Mount) -> None:
    list(os.scandir(daemon.mountpoint / "search" / "coffee OR heat"))
    before = {path: status.st_ino for path, status in walk(daemon.mountpoint).items()}
    assert daemon.stop() == 0
    again = mount()
    after = {path: status.st_ino for path, status in walk(again.mountpoint).items()}
    assert before.items() <= after.items()


def test_a_listing_has_dots_and_their_numbers(daemon: Daemon) -> None:
    folder = daemon.mountpoint / BLADE_RUNNER
    entries = _entries(folder, 4096)
    numbers = dict(entries)
    assert numbers["."] == folder.stat().st_ino
    assert numbers[".."] == folder.parent.stat().st_ino
    assert (folder / "..").stat().st_ino == folder.parent.stat().st_ino


def _entries(folder: Path, size: int) -> list[tuple[str, int]]:
    """Names and numbers as getdents64(2) gives them, with a buffer of ``size`` bytes."""
    library = ctypes.CDLL(None, use_errno=True)
    number = GETDENTS64 if os.uname().machine == "x86_64" else 61
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    buffer = ctypes.create_string_buffer(size)
    found: list[tuple[str, int]] = []
    try:
        while (length := library.syscall(number, descriptor, buffer, size)) > 0:
            place = 0
            while place < length:
                inode = int.from_bytes(buffer.raw[place : place + 8], "little")
                record = int.from_bytes(buffer.raw[place + 16 : place + 18], "little")
                name = buffer.raw[place + 19 : place + record].split(b"\0", 1)[0]
                found.append((name.decode(), inode))
                place += record
        assert length == 0, os.strerror(ctypes.get_errno())
    finally:
        os.close(descriptor)
    return found


def test_tiny_buffers_repeat_and_hide_nothing_while_titles_arrive(library: Library, mount: Mount) -> None:
    library.add(*(Wanted(f"Film {number}", b"%d" % number) for number in range(300)))
    folder = mount().mountpoint / "movies"
    before = {name for name, _ in _entries(folder, 32768)}
    library_code = ctypes.CDLL(None, use_errno=True)
    added = 0
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    names: list[str] = []
    try:
        number = GETDENTS64 if os.uname().machine == "x86_64" else 61
        buffer = ctypes.create_string_buffer(280)
        while (length := library_code.syscall(number, descriptor, buffer, 280)) > 0:
            place = 0
            while place < length:
                record = int.from_bytes(buffer.raw[place + 16 : place + 18], "little")
                names.append(buffer.raw[place + 19 : place + record].split(b"\0", 1)[0].decode())
                place += record
            if len(names) > 100 * (added + 1):
                added += 1
                library.add(Wanted(f"Late film {added}", b"late"))
        assert length == 0
    finally:
        os.close(descriptor)
    assert len(names) == len(set(names))
    assert before <= set(names)
    assert any(name.startswith("Late film") for name in names)


def test_times_of_folders_move_when_their_content_does(daemon: Daemon, library: Library) -> None:
    folder = daemon.mountpoint / "movies"
    before = folder.stat().st_mtime_ns
    same = (daemon.mountpoint / "series").stat().st_mtime_ns
    library.add(Wanted("Alien", b"in space" * 100, year=1979))
    os.listdir(folder)
    wait_until(lambda: folder.stat().st_mtime_ns > before, 2, "a new time")
    assert (daemon.mountpoint / "series").stat().st_mtime_ns == same


def test_free_space_is_the_stores(daemon: Daemon, library: Library) -> None:
    shown, real = os.statvfs(daemon.mountpoint), os.statvfs(library.root)
    assert shown.f_blocks * shown.f_frsize == pytest.approx(real.f_blocks * real.f_frsize, rel=0.01)
    assert 0 < shown.f_bavail * shown.f_frsize <= real.f_blocks * real.f_frsize
    assert shown.f_namemax == 255


def test_names_that_are_not_there(daemon: Daemon) -> None:
    top = daemon.mountpoint
    for path in ("nothing", "movies/nothing", f"{BLADE_RUNNER}/nothing", "by-year/3000", "by-genre/Nothing", ".Trash"):
        assert _errno(os.stat, top / path) == errno.ENOENT, path
    for name in (".Trash-1000", "desktop.ini", ".directory", "autorun.inf", "Thumbs.db"):
        assert _errno(os.stat, top / "search" / name) == errno.ENOENT, name
    assert _errno(os.stat, top / "movies" / ("x" * 256)) == errno.ENAMETOOLONG
    assert _errno(os.stat, os.fsencode(top) + b"/movies/\xff\xfe") == errno.ENOENT
    assert _errno(os.listdir, top / "README.txt") == errno.ENOTDIR
    assert _errno(os.readlink, top / "README.txt") == errno.EINVAL


def test_views_carry_the_marks_that_keep_scanners_out(daemon: Daemon) -> None:
    for view in ("by-genre", "by-genre/Crime", "by-year", "by-quality", "recent", "search", "search/heat", "saved"):
        assert {".ignore", ".plexignore", ".nomedia"} <= set(os.listdir(daemon.mountpoint / view)), view
        assert (daemon.mountpoint / view / ".plexignore").read_bytes() == b"*\n"
    for shelf in ("movies", BLADE_RUNNER, "series", "music"):
        assert ".ignore" not in os.listdir(daemon.mountpoint / shelf)


def test_nfo_files_are_made_from_the_catalogue(daemon: Daemon) -> None:
    movie = (daemon.mountpoint / BLADE_RUNNER / "movie.nfo").read_text()
    assert "<title>Blade Runner</title>" in movie
    assert "<year>1982</year>" in movie
    season = daemon.mountpoint / "series" / "The Wire (2002)" / "Season 01"
    (episode,) = [name for name in os.listdir(season) if name.endswith(".nfo")]
    assert "<showtitle>The Wire</showtitle>" in (season / episode).read_text()
    assert (season / episode).stat().st_size == len((season / episode).read_bytes())


def test_an_episode_without_a_title_is_called_by_its_number(library: Library, mount: Mount) -> None:
    library.add(Wanted("Show.S01E04E05.x264-GRP", b"x", kind=ContentKind.EPISODE, season=1, episodes=(4, 5)))
    season = mount().mountpoint / "series" / "Show.S01E04E05.x264-GRP (1999)" / "Season 01"
    (name,) = [name for name in os.listdir(season) if name.endswith(".nfo")]
    written = (season / name).read_text()
    assert "<title>Episode 4</title>" in written
    assert "<title>Episode 5</title>" in written


def test_state_files_are_fresh_each_time(daemon: Daemon) -> None:
    state = daemon.mountpoint / ".offliniofs"
    first = json.loads((state / "status.json").read_bytes())
    assert first["titles"] == 5
    assert first["mountpoint"] == str(daemon.mountpoint)
    wait_until(
        lambda: json.loads((state / "status.json").read_bytes())["uptime_seconds"] > first["uptime_seconds"],
        3,
        "a later status",
    )
    assert b"# TYPE" in (state / "metrics.prom").read_bytes()
    assert (state / "health.txt").read_bytes()
