"""A better file is saved over one of the library: readers keep the old one, the new one appears whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, run, settings, staged
from tests.mount.support import Daemon, Library, wait_until

FOLDER = Path("movies/Heat (1995)")
NAME = "Heat (1995) - 576p.mkv"


@pytest.fixture
def daemon(library: Library, mount: Mount, tmp_path: Path) -> Daemon:
    settings(library)
    film(tmp_path / "old.mkv", 1)
    daemon = mount()
    shutil.copyfile(tmp_path / "old.mkv", daemon.mountpoint / "inbox" / "Heat.1995.576p.WEB-DL.mkv")
    wait_until((daemon.mountpoint / FOLDER / NAME).is_file, SOON, "the old film")
    return daemon


def _trashed(daemon: Daemon) -> list[str]:
    return [name for name in os.listdir(daemon.mountpoint / ".trash") if not name.startswith(".")]


def test_a_film_is_replaced_while_it_is_watched(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    new = film(tmp_path / "new.mkv", 2)
    path = daemon.mountpoint / FOLDER / NAME
    old = path.read_bytes()
    with path.open("rb", buffering=0) as reader:
        assert reader.read(1000) == old[:1000]
        run("cp", tmp_path / "new.mkv", path)
        assert reader.read() == old[1000:]
        wait_until(lambda: path.stat().st_size == len(new) and path.read_bytes() == new, SOON, "the new film")
        assert os.pread(reader.fileno(), len(old) + 1, 0) == old
    videos = [name for name in os.listdir(path.parent) if name.endswith(".mkv")]
    assert videos == [NAME]
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert len(_trashed(daemon)) == 1


def test_until_it_is_closed_the_old_one_stands(daemon: Daemon) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    old = path.read_bytes()
    with path.open("wb", buffering=0) as stream:
        stream.write(b"new" * 9999)
        os.fsync(stream.fileno())
        assert path.stat().st_size == len(old)
        assert path.read_bytes() == old
    wait_until(lambda: path.read_bytes() == b"new" * 9999, SOON, "the new bytes")


def test_a_part_can_be_changed_and_the_rest_is_kept(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    old = path.read_bytes()
    with path.open("r+b", buffering=0) as stream:
        stream.seek(100)
        stream.write(b"another title")
        stream.truncate(len(old) - 10)
    wanted = old[:100] + b"another title" + old[113:-10]
    wait_until(lambda: path.read_bytes() == wanted, SOON, "the edited film")
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_opening_and_closing_changes_nothing(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    old, before = path.read_bytes(), path.stat()
    os.close(os.open(path, os.O_RDWR))
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert (path.read_bytes(), path.stat().st_ino) == (old, before.st_ino)
    assert _trashed(daemon) == []


def test_a_writer_goes_on_when_the_daemon_dies(daemon: Daemon) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    old = path.read_bytes()
    with path.open("r+b", buffering=0) as stream:
        daemon.wait_for_another(daemon.kill_daemon())
        stream.seek(10)
        stream.write(b"12345")
        daemon.wait_for_another(daemon.kill_daemon())
        stream.write(b"67890")
        assert path.read_bytes() == old
    wanted = old[:10] + b"1234567890" + old[20:]
    wait_until(lambda: path.read_bytes() == wanted, SOON, "the edited film")


def test_who_empties_a_file_by_opening_it_goes_on_when_the_daemon_dies(daemon: Daemon) -> None:
    """The kernel makes two requests of ``O_TRUNC``; the second has no handle, as truncate(2) has none."""
    path = daemon.mountpoint / FOLDER / NAME
    old = path.read_bytes()
    with pytest.raises(PermissionError):
        os.truncate(path, 0)
    with path.open("r+b", buffering=0) as stream:
        daemon.wait_for_another(daemon.kill_daemon())
        os.truncate(path, 0)
        assert path.read_bytes() == old
        stream.write(b"12345")
    wait_until(lambda: path.read_bytes() == b"12345", SOON, "the new film")


def test_of_a_film_that_was_deleted_meanwhile_the_new_bytes_are_kept(daemon: Daemon) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    with path.open("wb", buffering=0) as stream:
        stream.write(b"new" * 9999)
        shutil.rmtree(path.parent)
    inbox = daemon.mountpoint / "inbox"
    wait_until(lambda: NAME in os.listdir(inbox) or path.exists(), SOON, "the new bytes somewhere")


def test_who_edits_twice_goes_on_from_the_first_edit(daemon: Daemon, library: Library) -> None:
    """Also before the first is filed: otherwise it would be lost, and nobody would be told."""
    path = daemon.mountpoint / FOLDER / NAME
    elsewhere = daemon.mountpoint / "search/heat" / path.parent.name / NAME
    old = elsewhere.read_bytes()
    wanted = old
    for number, place in enumerate((path, elsewhere, path)):
        assert place.read_bytes() == wanted
        with place.open("r+b", buffering=0) as stream:
            assert stream.read() == wanted
            stream.write(b"edit %d" % number)
        wanted += b"edit %d" % number
    assert (path.read_bytes(), elsewhere.read_bytes()) == (wanted, wanted)
    assert path.stat().st_mode & 0o777 == 0o644
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert (path.read_bytes(), elsewhere.read_bytes()) == (wanted, wanted)
    wait_until(lambda: path.stat().st_size == elsewhere.stat().st_size == len(wanted), SOON, "its size")
    (trashed,) = _trashed(daemon)
    assert (daemon.mountpoint / ".trash" / trashed).read_bytes() == old
