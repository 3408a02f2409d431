"""What an import must never read: the store itself, and a mounted library.

Importing from the store would file every blob under its digest; importing from a mount of a library would read through
the daemon what is stored already, and with mode ``move`` would end in deleting it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from offliniofs.domain.errors import UsageError
from offliniofs.ingest.problem import shown

FILESYSTEM_TYPE = b"fuse.offliniofs"
_MOUNTS = "/proc/self/mountinfo"


@dataclass(frozen=True, slots=True)
class Guard:
    """Knows the folders that must not be entered, by identity, so that no link or second name leads in."""

    stores: frozenset[tuple[int, int]]
    """Device and inode of every folder that is a store."""
    libraries: frozenset[int]
    """Device numbers of mounted libraries."""

    def refusal(self, status: os.stat_result) -> str | None:
        """Why the folder or file with this status must not be read, or ``None``."""
        if status.st_dev in self.libraries:
            return "lies in a mounted library; what it shows is stored already"
        if (status.st_dev, status.st_ino) in self.stores:
            return "is the store itself; its blobs are no media to import"
        return None

    def require_outside(self, path: bytes) -> None:
        """Raises ``UsageError`` when ``path``, which is absolute and exists, lies in the store or in a library."""
        place = path
        while True:
            if reason := self.refusal(os.stat(place)):
                raise UsageError(f"{shown(path)} cannot be imported: {shown(place)} {reason}.")
            if place == b"/":
                return
            place = os.path.dirname(place)


def make_guard(stores: Iterable[str | bytes | os.PathLike[str]]) -> Guard:
    """A guard for these store folders and for every library mounted now. Raises ``OSError`` if a store is missing."""
    with open(_MOUNTS, "rb") as stream:
        libraries = mounted_libraries(stream)
    statuses = [os.stat(store) for store in stores]
    return Guard(frozenset((status.st_dev, status.st_ino) for status in statuses), libraries)


def mounted_libraries(mountinfo: Iterable[bytes]) -> frozenset[int]:
    """Device numbers of the libraries in lines of ``/proc/self/mountinfo``, see proc_pid_mountinfo(5)."""
    devices = set()
    for line in mountinfo:
        fields, _, rest = line.partition(b" - ")
        if rest.split(b" ", 1)[0] == FILESYSTEM_TYPE:
            major, _, minor = fields.split(b" ")[2].partition(b":")
            devices.add(os.makedev(int(major), int(minor)))
    return frozenset(devices)
