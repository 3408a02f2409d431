"""What the fault tests of writing share: a library on a disk of its own, and what must hold whatever happened."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from offliniofs.app.config import Settings
from offliniofs.app.consistency import check_library
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import open_library
from offliniofs.blobs.layout import BLOBS, TEMPORARY
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import detach
from tests.mount.inbox_support import settings
from tests.mount.support import MARKS, Daemon, Library, processes_of, start_daemon, wait_until

HEAT = "Heat (1995)"
FILE = f"{HEAT} - 1080p.mkv"


def library_at(folder: Path, sources: Path) -> Library:
    """An empty store in ``folder``, whose inbox is quick."""
    made = Library(folder / "store", sources)
    made.create()
    settings(made, linger_ms=0)
    return made


@contextlib.contextmanager
def mounted(library: Library, folder: Path, options: Sequence[str] = ()) -> Iterator[Daemon]:
    """A daemon whose mount point and messages are in ``folder``; nothing of it is left afterwards."""
    mountpoint = folder / "mount"
    if mounted_at(mountpoint) is None:
        mountpoint.mkdir(exist_ok=True)
    daemon = start_daemon(library, mountpoint, folder / "said", options)
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.stop()
        if daemon.mounted:
            detach(mountpoint)
        wait_until(lambda: not processes_of(folder), 20, "every process has ended")


def names(folder: Path) -> set[str]:
    """What a folder lists, without markers."""
    return set(os.listdir(folder)) - MARKS


def genres(title: Path) -> set[str]:
    """The genres of a title, as its attribute says."""
    return set(os.getxattr(title, "user.offliniofs.genres").decode().split(", "))


def assert_sound(library: Library) -> None:
    """``fsck`` finds nothing. Blobs that no row names are no fault: a crash leaves them, and they can be removed."""
    with open_library(StoreLayout(library.root), Settings()) as opened:
        assert check_library(opened).findings == ()


def residue(library: Library, top: Path) -> list[str]:
    """What lies in the staging folder, what the inbox shows, and temporary files of the blob store."""
    found = [
        os.path.join(parent, name)
        for place in (library.root / "staging", library.root / BLOBS / TEMPORARY)
        for parent, _, files in os.walk(place)  # folders may go meanwhile
        for name in files
    ]
    return sorted([*found, *(str(top / "inbox" / name) for name in os.listdir(top / "inbox"))])
