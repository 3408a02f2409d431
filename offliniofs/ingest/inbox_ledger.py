"""What the running daemon knows of the inbox beyond what lies on disk. A restart needs nothing of it.

Everything here belongs to the event loop. Numbers are inode numbers of the staging folder; 0 stands for the inbox.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import trio

from offliniofs.domain.actors import Actor
from offliniofs.domain.ids import ContentId, Digest
from offliniofs.ingest.inbox_area import SAVES
from offliniofs.ingest.inbox_marks import UNFINISHED
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import target_of

INBOX_NUMBER = 0
SAVES_NUMBER = -1
"""Stands for ``staging/saves``."""


class InboxState(StrEnum):
    """What ``user.offliniofs.state`` says."""

    RECEIVING = "receiving"
    IDENTIFYING = "identifying"
    STORED = "stored"
    DUPLICATE = "duplicate"
    """The library had these very bytes in that place: nothing was added."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Look:
    """What ``stat`` tells of something in the inbox. Size in bytes, times in nanoseconds since the epoch."""

    mode: int
    uid: int
    gid: int
    size: int
    blocks: int
    atime_ns: int
    mtime_ns: int
    ctime_ns: int

    @property
    def is_folder(self) -> bool:
        """Whether it is one."""
        return stat.S_ISDIR(self.mode)


def look_of(status: os.stat_result) -> Look:
    """What a client sees of a file on disk: all but our own mark."""
    return Look(
        mode=status.st_mode & ~UNFINISHED,
        uid=status.st_uid,
        gid=status.st_gid,
        size=status.st_size,
        blocks=status.st_blocks,
        atime_ns=status.st_atime_ns,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
    )


@dataclass(slots=True)
class OpenStaged:
    """A file of the inbox that clients have open. Descriptors are -1 when there is none."""

    number: int
    reading: int = -1
    writing: int = -1
    readers: int = 0
    writers: int = 0
    damage: str = ""
    """Why a write of this file failed; it is incomplete until it is begun anew."""
    unlinked: bool = False
    base: Digest | None = None
    """Of new bytes for a file of the library: what they begin with, as long as nothing was written or cut off."""
    borrowed: bool = False
    """It begins with what the library writes itself, and nobody has written anything of his own yet."""
    unchecked: int = 0
    """Bytes written since the room on the disk was looked at."""

    @property
    def descriptor(self) -> int:
        """Whichever can be read from."""
        return self.writing if self.writing >= 0 else self.reading


@dataclass(slots=True)
class Shown:
    """A file that was taken out of the inbox to be filed, and that the inbox still shows."""

    number: int
    parent: int
    name: bytes
    look: Look
    group: bytes
    way: Way
    """Where it lies below its group."""
    state: InboxState = InboxState.IDENTIFYING
    digest: Digest | None = None
    path: str = ""
    """Where it stands in the library."""
    title_id: ContentId | None = None
    """Its title there."""
    until: float | None = None
    """When it disappears, on trio's clock; ``None`` while that is not known."""
    settled: trio.Event = field(default_factory=trio.Event)
    """Set once it is filed or put back."""


@dataclass(slots=True)
class Failure:
    """Why a file was not filed, and which state of it that was: once it changes it is tried again."""

    reason: str
    ctime_ns: int


class _Either:
    """What is in one of two, without putting them together."""

    def __init__(self, first: Container[int], second: Container[int]) -> None:
        self._first = first
        self._second = second

    def __contains__(self, number: object) -> bool:
        return number in self._first or number in self._second


@dataclass(slots=True)
class InboxLedger:
    """Where everything is, what is open, what is on its way out."""

    lock: trio.Lock = field(default_factory=trio.Lock)
    """Held while names change, and while a file is opened for writing or taken to be filed."""
    places: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Number → number of the folder and name, as far as anybody asked."""
    saves: dict[int, int] = field(default_factory=dict)
    """Id of a file of the library → number of the file that takes its new bytes."""
    actors: dict[int, Actor] = field(default_factory=dict)
    """Who opened a file for writing last."""
    open_files: dict[int, OpenStaged] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    """Files that were closed in order, for file systems that keep no attributes."""
    targets: set[int] = field(default_factory=set)
    """Folders of the library into which something may be coming (see ``inbox_purposes.target_number``)."""
    used_folders: set[int] = field(default_factory=set)
    """Folders from which something was filed: they go when they are empty."""
    _names: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def way(self, number: int) -> Way | None:
        """The way to a file or folder, if its place is known."""
        names: list[bytes] = []
        while number != INBOX_NUMBER:
            if number == SAVES_NUMBER:
                names.append(SAVES)
                break
            target = target_of(number)
            if target is not None:
                names += (target.word, SAVES)
                break
            place = self.places.get(number)
            if place is None or len(names) > 256:
                return None
            number = place[0]
            names.append(place[1])
        return tuple(reversed(names))

    def put(self, number: int, parent: int, name: bytes) -> None:
        """Notes where something is."""
        self.places[number] = (parent, name)

    @property
    def taken(self) -> Container[int]:
        """Numbers that clients know something by whose bytes may be gone from the staging folder."""
        return _Either(self.shown, self.open_files)

    def forget_namesake(self, number: int) -> None:
        """Something new has this number: the disk gives numbers of removed files out again."""
        self.failures.pop(number, None)
        self.closed.discard(number)
        gone = self.shown.get(number)
        if gone is not None:
            self.end(gone)

    def end_save(self, number: int) -> None:
        """What this file takes are no longer new bytes for a file of the library."""
        self.saves = {file_id: each for file_id, each in self.saves.items() if each != number}

    def writers(self, number: int) -> int:
        """How many have it open for writing."""
        entry = self.open_files.get(number)
        return entry.writers if entry is not None else 0

    # --- what is on its way out ---------------------------------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        """From here on the file is no longer in the inbox, but shows there."""
        self.places.pop(shown.number, None)
        self.failures.pop(shown.number, None)
        self.shown[shown.number] = shown
        self._names[shown.parent, shown.name] = shown.number

    def shown_at(self, parent: int, name: bytes) -> Shown | None:
        """What shows under a name although it is no longer there."""
        number = self._names.get((parent, name))
        return None if number is None else self.shown.get(number)

    def shown_in(self, parent: int) -> Iterator[Shown]:
        """Everything that shows in a folder although it is no longer there."""
        for (folder, _), number in self._names.items():
            if folder == parent:
                yield self.shown[number]

    def shown_from(self, group: bytes, way: Way) -> Shown | None:
        """What shows for a file that is being filed."""
        return next((one for one in self.shown.values() if (one.group, one.way) == (group, way)), None)

    def move_shown(self, shown: Shown, parent: int, name: bytes) -> None:
        """Shows it under another name until it disappears; it is filed under the one it had."""
        self.hide(shown)
        shown.parent, shown.name = parent, name
        self._names[parent, name] = shown.number

    def hide(self, shown: Shown) -> None:
        """The name is free; whoever has the file open may go on reading."""
        if self._names.get((shown.parent, shown.name)) == shown.number:
            del self._names[shown.parent, shown.name]

    def end(self, shown: Shown) -> None:
        """Nothing is left of it here."""
        shown.settled.set()
        self.hide(shown)
        self.shown.pop(shown.number, None)
