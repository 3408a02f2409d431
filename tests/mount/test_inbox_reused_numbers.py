"""The disk gives the inode numbers of what was filed out again, while the inbox shows that still."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import film, settings, wait_for_state
from tests.mount.support import Daemon, Library

COPIES = 8
NEW = 64


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library, linger_ms=60_000)
    return mount()


def _duplicates(daemon: Daemon, tmp_path: Path) -> list[Path]:
    """Files that show in the inbox, and whose own bytes are gone: the library has them already."""
    film(tmp_path / "Heat.1995.576p.mkv")
    found = [daemon.mountpoint / "inbox" / f"{number}" / "Heat.1995.576p.mkv" for number in range(COPIES)]
    for path in found:
        path.parent.mkdir()
        shutil.copyfile(tmp_path / path.name, path)
        wait_for_state(path, "stored", "duplicate")
    return found


def test_a_folder_that_gets_the_number_of_a_file_is_a_folder(daemon: Daemon, tmp_path: Path) -> None:
    _duplicates(daemon, tmp_path)
    for number in range(NEW):
        folder = daemon.mountpoint / "inbox" / f"new {number}"
        folder.mkdir()
        os.utime(folder, (1, 1))
        folder.chmod(0o750)
        (folder / "inner").mkdir()
        status = folder.stat()
        assert stat.S_ISDIR(status.st_mode)
        assert (stat.S_IMODE(status.st_mode), os.listdir(folder)) == (0o750, ["inner"])


def test_a_name_shows_on_when_another_could_get_its_number(daemon: Daemon, tmp_path: Path) -> None:
    copies = _duplicates(daemon, tmp_path)
    for number in range(NEW):
        (daemon.mountpoint / "inbox" / f"new {number}.mkv").write_bytes(b"new")
    assert [path.exists() for path in copies] == [True] * COPIES


def test_a_file_that_gets_the_number_of_one_that_is_read_holds_its_own_bytes(daemon: Daemon, tmp_path: Path) -> None:
    copies = _duplicates(daemon, tmp_path)
    content = (tmp_path / "Heat.1995.576p.mkv").read_bytes()
    streams = [path.open("rb", buffering=0) for path in copies]
    for number in range(NEW):
        path = daemon.mountpoint / "inbox" / f"new {number}.mkv"
        path.write_bytes(b"new %d" % number)
        assert path.read_bytes() == b"new %d" % number
        (daemon.mountpoint / "inbox" / f"folder {number}").mkdir()
    for stream in streams:
        with stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            assert stream.read() == content
            assert os.fstat(stream.fileno()).st_size == len(content)
