"""Editors and touch on NFO files and subtitles in a title's folder: what was written counts, and one file is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, run, settings, staged
from tests.mount.support import Daemon, Library, wait_until

NAME = "Heat (1995) - 576p.mkv"
SUBTITLE = "Heat (1995) - 576p.en.srt"
WORDS = b"1\n00:00:01,000 --> 00:00:02,000\nHeat\n"


@pytest.fixture
def folder(library: Library, mount: Mount, tmp_path: Path) -> Iterator[Path]:
    """A film's folder with a subtitle and a generated NFO."""
    settings(library)
    drop = tmp_path / "Heat.1995.576p.WEB-DL"
    film(drop / "Heat.1995.576p.WEB-DL.mkv", 1)
    (drop / "Heat.1995.576p.WEB-DL.en.srt").write_bytes(WORDS)
    daemon: Daemon = mount()
    shutil.copytree(drop, daemon.mountpoint / "inbox" / drop.name)
    folder = daemon.mountpoint / "movies/Heat (1995)"
    wait_until(lambda: folder.is_dir() and staged(library) == [], SOON, "the film")
    yield folder
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert sorted(os.listdir(folder)) == [SUBTITLE, NAME, "movie.nfo"]
    assert list(check_integrity(library.catalogue)) == []


def test_touching_a_generated_nfo_changes_nothing(folder: Path, library: Library) -> None:
    path = folder / "movie.nfo"
    before, inode = path.read_bytes(), path.stat().st_ino
    assert path.stat().st_mode & 0o777 == 0o644  # an editor shall not say that it cannot be written
    run("touch", path)
    run("touch", "-d", "2001-02-03", path)
    os.utime(path)
    os.close(os.open(path, os.O_RDWR))
    with path.open("r+b") as reader, path.open("r+b"):
        assert reader.read() == before
    wait_until(lambda: staged(library) == [], SOON, "nothing kept")
    assert (path.read_bytes(), path.stat().st_ino) == (before, inode)
    mode = path.stat().st_mode
    path.chmod(0o600)
    assert (path.stat().st_mode, staged(library)) == (mode, [])


def test_what_is_written_into_an_open_nfo_makes_it_the_users(folder: Path, library: Library) -> None:
    path = folder / "movie.nfo"
    with path.open("r+b") as first, path.open("r+b") as second:
        assert second.read() == first.read()
        second.seek(0)
        second.write(b"<movie><title>Mine</title></movie>")
        second.truncate()
    wait_until(lambda: b"Mine" in path.read_bytes(), SOON, "the user's own")
    before = path.read_bytes()
    run("touch", "-d", "2001-02-03 UTC", path)
    assert (path.read_bytes(), int(path.stat().st_mtime)) == (before, 981158400)


def _sed(path: Path) -> None:
    run("sed", "-i", "s/Heat/Sweat/", path)


def _vim_that_renames(path: Path) -> None:
    """As strace(1) shows Vim 9 with ``backupcopy=no``: it tries to rename, and then copies."""
    content, backup = path.read_bytes(), path.with_name(f"{path.name}~")
    probe = path.with_name("4913")
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    probe.unlink()
    try:
        path.rename(backup)
    except PermissionError:
        backup.write_bytes(content)
        path.unlink()
    path.write_bytes(content.replace(b"Heat", b"Sweat"))
    backup.unlink()


def _vim_that_copies(path: Path) -> None:
    """As strace(1) shows Vim 9 with ``backupcopy=yes``, with its swap file."""
    content, backup = path.read_bytes(), path.with_name(f"{path.name}~")
    swap = path.with_name(f".{path.name}.swp")
    swap.write_bytes(bytes(4096))
    shutil.copy2(path, backup)
    with path.open("r+b") as stream:
        stream.write(content.replace(b"Heat", b"Sweat"))
        stream.truncate()
    backup.unlink()
    swap.unlink()


def _gedit(path: Path) -> None:
    """As GLib replaces a file."""
    temporary = path.with_name(".goutputstream-A1B2C3")
    temporary.write_bytes(path.read_bytes().replace(b"Heat", b"Sweat"))
    temporary.replace(path)


@pytest.mark.parametrize("save", [_sed, _vim_that_renames, _vim_that_copies, _gedit])
@pytest.mark.parametrize("name", ["movie.nfo", SUBTITLE])
def test_editors_save_and_leave_one_file(
    folder: Path, library: Library, name: str, save: Callable[[Path], None]
) -> None:
    path = folder / name
    before = path.read_bytes()
    save(path)
    wait_until(lambda: path.is_file() and b"Sweat" in path.read_bytes(), SOON, "what was saved")
    assert path.read_bytes() == before.replace(b"Heat", b"Sweat")
    wait_until(lambda: staged(library) == [], SOON, "filed")
    assert path.read_bytes() == before.replace(b"Heat", b"Sweat")
