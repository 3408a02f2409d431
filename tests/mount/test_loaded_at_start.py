"""A daemon that serves imports nothing any more: its package may be another version on disk by then."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import END_SECONDS, READY_SECONDS, Library, small_library, wait_until

FOLDER = "movies/Heat (1995)"
FILE = f"{FOLDER}/Heat (1995) - 1080p.mkv"
_IMPORT = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def _use(root: Path) -> None:
    """Asks for a thing of every kind."""
    for folder, _, files in os.walk(root):
        for name in files:
            with contextlib.suppress(OSError):
                (Path(folder) / name).read_bytes()
    os.listdir(root / "search" / "heat genre:Crime year:>=1990")
    os.listdir(root / "search" / "haet")
    (root / "search" / "year:x" / "ERROR.txt").read_bytes()
    for place in (root, root / "movies", root / FOLDER, root / FILE, root / "by-genre" / "Crime"):
        for name in os.listxattr(place):
            os.getxattr(place, name)
    os.setxattr(root / FOLDER, "user.offliniofs.genres", b"Drama, Crime")
    os.setxattr(root / FILE, "user.offliniofs.quality", b"WEBDL-1080p")
    with contextlib.suppress(OSError):
        os.setxattr(root / FOLDER, "user.offliniofs.year", b"never")
    os.mkdir(root / "saved" / "old ones")
    os.rename(root / "saved" / "old ones", root / "saved" / "year:<1996")
    os.rmdir(root / "saved" / "year:<1996")
    os.unlink(root / FILE)


def test_nothing_is_imported_once_everything_is_loaded(
    library: Library, mount: Mount, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_library(library)
    (library.root / "offliniofs.toml").write_text(
        'log_level = "debug"\nstandby = false\ninbox_quiet_ms = 100\ninbox_linger_ms = 100\n'
    )
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    daemon = mount()
    wait_until(lambda: "everything is loaded" in daemon.log.read_text(), READY_SECONDS, "loading the rest")
    before = len(_IMPORT.findall(daemon.log.read_text()))
    assert before > 100
    _use(daemon.mountpoint)
    inbox = daemon.mountpoint / "inbox"
    (inbox / "Alien (1979) 1080p.mkv").write_bytes(b"\x1aE\xdf\xa3" + bytes(5000))
    (inbox / "Alien (1979) 1080p.nfo").write_text("<movie><title>Alien</title></movie>")
    filed = daemon.mountpoint / "movies" / "Alien (1979)"
    wait_until(filed.exists, END_SECONDS, "filing from the inbox")
    assert _IMPORT.findall(daemon.log.read_text())[before:] == []
    assert daemon.stop() == 0
