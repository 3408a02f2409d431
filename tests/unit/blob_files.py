"""Files for the tests of the filesystem store, and what they look at."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import Fault, FaultyCalls, Schedule
from offliniofs.blobs.filesystem import FilesystemStore, open_store
from offliniofs.blobs.protocol import Source


def source(folder: Path, content: bytes = b"content", name: str = "film.mkv") -> Source:
    """A file to be stored."""
    (folder / name).write_bytes(content)
    return Source.at(folder / name)


def mode_of(path: str | Path) -> int:
    """Permissions."""
    return stat.S_IMODE(os.stat(path).st_mode)


def waiting(root: Path) -> list[Path]:
    """What lies in the folder for temporary files."""
    return [path for path in (root / "blobs/tmp").rglob("*") if path.is_file()]


def faulty(root: Path, *faults: Fault) -> FilesystemStore:
    """The store, on a disk that fails like this."""
    return open_store(root, calls=FaultyCalls(LinuxCalls(), Schedule(faults)))
