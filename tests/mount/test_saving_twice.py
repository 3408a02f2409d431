"""Editors remember the time of what they saved, and ask before they save over what somebody else has changed since."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, settings, staged
from tests.mount.support import Daemon, Library, Wanted, wait_until

FOLDER = Path("movies/Heat (1995)")
SUBTITLE = "Heat (1995) - 576p.en.srt"


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library, linger_ms=200)
    library.add(Wanted("Heat", b"coffee" * 8000, year=1995, resolution="576p"))
    daemon = mount()
    (daemon.mountpoint / FOLDER / SUBTITLE).write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\nHeat\n")
    wait_until(lambda: staged(library) == [], SOON, "the subtitle is filed")
    return daemon


def _in_place(path: Path, content: bytes) -> None:
    """As strace(1) shows Vim 9: the mode is set again after writing, which tells the kernel the attributes anew."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    os.fstat(descriptor)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, content)
    os.fsync(descriptor)
    os.fchmod(descriptor, 0o100644)
    os.close(descriptor)


def _in_place_with_times(path: Path, content: bytes) -> None:
    """As ``cp -p`` and tag editors that keep the time."""
    descriptor = os.open(path, os.O_RDWR)
    os.pwrite(descriptor, content, 0)
    os.ftruncate(descriptor, len(content))
    os.utime(descriptor, ns=(10**18, 1_234_567_890_123_456_789))
    os.close(descriptor)


def _renamed(path: Path, content: bytes) -> None:
    """As GLib, rsync and nano's cousins."""
    temporary = path.with_name(".goutputstream-A1B2C3")
    temporary.write_bytes(content)
    temporary.replace(path)


def _seen(path: Path) -> tuple[int, int, int]:
    """What an editor compares (Vim: the time to the nanosecond, size and mode)."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_mode


@pytest.mark.parametrize("save", [_in_place, _in_place_with_times, _renamed])
@pytest.mark.parametrize("name", [SUBTITLE, "movie.nfo"])
def test_filing_changes_nothing_that_an_editor_compares(
    daemon: Daemon, library: Library, save: Callable[[Path, bytes], None], name: str
) -> None:
    path = daemon.mountpoint / FOLDER / name
    before = _seen(path)
    for number in (1, 2):
        content = b"<movie><title>Heat %d</title></movie>\n" % number * number
        save(path, content)
        saved = _seen(path)
        assert saved[1] == len(content)
        assert saved[0] != before[0] or save is _in_place_with_times
        wait_until(lambda: staged(library) == [], SOON, "it is filed")
        assert _seen(path) == saved
        assert path.read_bytes() == content
        before = saved
