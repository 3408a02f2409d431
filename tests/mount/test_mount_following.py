"""Changes by other processes show while the folder is mounted."""

from __future__ import annotations

import os
import signal

import pytest

from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.ids import ContentId
from tests.conftest import Mount
from tests.mount.support import Daemon, Library, Wanted, small_library, wait_until

SOON = 0.5
"""Seconds within which another process's change must show (DESIGN §3)."""


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount()


def test_an_import_shows_in_every_view_also_in_an_open_listing(daemon: Daemon, library: Library) -> None:
    top = daemon.mountpoint
    views = ("movies", "by-genre/Crime", "by-year/1974", "by-quality/1080p", "search/chinatown", "recent", "unwatched")
    for view in views:
        path = top / view
        if path.is_dir():
            os.listdir(path)
    open_listing = os.open(top / "movies", os.O_RDONLY | os.O_DIRECTORY)
    try:
        library.add(Wanted("Chinatown", b"water" * 3000, year=1974, genres=("Crime",)))
        for view in views:
            wait_until(lambda view=view: (top / view / "Chinatown (1974)").is_dir(), SOON, view)  # type: ignore[misc]
        wait_until(lambda: "Chinatown (1974)" in os.listdir(open_listing), SOON, "the open listing")
    finally:
        os.close(open_listing)


def test_another_file_of_a_title_shows(daemon: Daemon, library: Library) -> None:
    folder = daemon.mountpoint / "movies" / "Heat (1995)"
    assert len(os.listdir(folder)) == 2
    before = folder.stat().st_mtime_ns
    library.add(Wanted("Heat", b"sharper" * 900, year=1995, resolution="2160p"))
    wait_until(lambda: len(os.listdir(folder)) == 3, SOON, "the second file")
    wait_until(lambda: folder.stat().st_mtime_ns > before, SOON, "the folder's time")


def test_a_search_saved_elsewhere_comes_and_goes(daemon: Daemon, library: Library) -> None:
    saved = daemon.mountpoint / "saved"
    os.listdir(saved)
    writer = library.writer()
    try:
        search_id = writer.save_search("mine", "heat")
        wait_until(lambda: (saved / "mine" / "Heat (1995)").is_dir(), SOON, "the saved search")
        writer.forget_saved_search(search_id)
        wait_until(lambda: not (saved / "mine").exists(), SOON, "the saved search gone")
    finally:
        writer.close()


def test_most_of_a_film_must_be_read_to_count_as_seen(daemon: Daemon, library: Library) -> None:
    size = 16 << 20
    library.add(Wanted("Long", os.urandom(size), year=2010), Wanted("Glimpsed", os.urandom(size), year=2011))
    seen, glimpsed = (daemon.mountpoint / "movies" / name for name in ("Long (2010)", "Glimpsed (2011)"))
    wait_until(seen.is_dir, SOON, "the film")
    with (glimpsed / "Glimpsed (2011) - 1080p.mkv").open("rb", buffering=0) as stream:
        stream.read(4096)
        stream.seek(-4096, os.SEEK_END)
        stream.read(4096)
    (seen / "Long (2010) - 1080p.mkv").read_bytes()
    unwatched = daemon.mountpoint / "unwatched"
    wait_until(lambda: "Long (2010)" not in os.listdir(unwatched), 3, "no longer unwatched")
    assert os.getxattr(seen, "user.offliniofs.views") == b"1"
    assert os.getxattr(glimpsed, "user.offliniofs.views") == b"0"
    assert "Glimpsed (2011)" in os.listdir(unwatched)


def test_a_daemon_that_slept_longer_than_the_log_goes_back_forgets_everything(daemon: Daemon, library: Library) -> None:
    old, new = (daemon.mountpoint / "movies" / name for name in ("Heat (1995)", "Warmth (1995)"))
    title = int(os.getxattr(old, "user.offliniofs.id"))
    os.stat(daemon.mountpoint / "by-genre" / "Crime" / "Heat (1995)")
    os.kill(daemon.daemon_pid(), signal.SIGSTOP)
    writer = library.writer()
    try:
        writer.edit_content(ContentId(title), MetadataEdit(EditableField.TITLE, "Warmth"))
        writer.save_search("later", "x")
        while writer.trim_change_log(2**62):
            pass
    finally:
        writer.close()
        os.kill(daemon.daemon_pid(), signal.SIGCONT)
    wait_until(lambda: not old.exists(), 3, "the old name is gone")
    assert new.is_dir()
    crime = daemon.mountpoint / "by-genre" / "Crime"
    assert not (crime / "Heat (1995)").exists()
    assert "Warmth (1995)" in os.listdir(crime)
