"""Clients that work through a whole title folder: ``rm -r`` and ``cp -rl``.

Both do to a title in a view what makes sense only for the title as a whole. ``rm -r by-genre/Drama/Heat`` first removes
every file in it, and only then the folder, which is what takes the genre away; so the files must seem to go. ``cp -rl
movies/Heat by-genre/Drama`` first makes the folder, which adds the genre, and then wants to link every file into it,
where all of them stand already; so they must seem not to be there yet.

Generated files come back when they are asked for; who has just removed one must not find it, because some clients
(Samba's server is one) list a folder once more before they remove it, and refuse when something is left in it.

``mv`` of all files in a folder says each by its name, also the subtitles that have just gone along with their film to
another title; who moved that film still finds them for a moment, and moving them to where they are is done already.

Each illusion is for one process and for seconds, and nothing is lost with it: the catalogue is not touched by it. Who
removes a folder whole must have listed it just before, which tells ``rm -r`` from ``rm`` of one file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import trio

from offliniofs.fuse.clients import process_of
from offliniofs.tree.inodes import CANONICAL, FolderNode, decode

_LISTED = 1024
_COPIES = 64
_GONE = 4096
"""Generated files that were removed lately and are remembered."""
_GONE_SECONDS = 10.0
_NAMES = 65_536
"""Names of one folder that a copy may bring along."""
_REMOVING_SECONDS = 10.0
"""Between listing a folder, or the last removal in one, and the next removal."""
COPYING_SECONDS = 10.0
_ALONG = 4096
"""Names that went with others lately and are remembered."""
_ALONG_SECONDS = 2.0
"""Between two moves of one process: it must not take what went for what it makes anew."""


@dataclass(frozen=True, slots=True)
class _Along:
    """What is still found under a name that went with another one, by whom, and the folder it went to."""

    inode: int
    folder: int
    process: int
    until: float


@dataclass(slots=True)
class _Copy:
    """A folder that a process has made, and the names it has put there already."""

    process: int
    until: float
    names: set[str] = field(default_factory=set)


class WholeFolders:
    """Used on the event loop; bounded."""

    def __init__(self, clock: Callable[[], float] = trio.current_time) -> None:
        self._clock = clock
        self._listed: OrderedDict[tuple[int, int], float] = OrderedDict()
        self._copies: OrderedDict[int, _Copy] = OrderedDict()
        self._gone: OrderedDict[tuple[int, bytes], float] = OrderedDict()
        self._along: OrderedDict[tuple[int, bytes], _Along] = OrderedDict()

    # --- removing -----------------------------------------------------------------------------------------------------

    def listed(self, inode: int, thread: int) -> None:
        """A thread opened a folder, to list it."""
        node = decode(inode)
        if not isinstance(node, FolderNode) or node.context == CANONICAL:
            return
        self._listed[inode, thread] = self._clock()
        self._listed.move_to_end((inode, thread))
        if len(self._listed) > _LISTED:
            self._listed.popitem(last=False)

    def is_removing(self, inode: int, process: int | None) -> bool:
        """Whether a process removes the folder ``inode`` whole: it has just listed it, and goes on removing."""
        now = self._clock()
        fresh = [key for key, since in self._listed.items() if now - since < _REMOVING_SECONDS]
        threads = {thread for folder, thread in fresh if folder == inode and self._is_of(thread, process)}
        for key in fresh:
            if key[1] in threads:  # folders above wait until those below are gone
                self._listed[key] = now
        return bool(threads)

    def _is_of(self, thread: int, process: int | None) -> bool:
        return process is not None and (thread == process or process_of(thread)[0] == process)

    def remove_generated(self, inode: int, name: bytes) -> None:
        """A generated file was removed from the folder ``inode``: it does not come back for some seconds."""
        self._gone[inode, name] = self._clock() + _GONE_SECONDS
        self._gone.move_to_end((inode, name))
        if len(self._gone) > _GONE:
            self._gone.popitem(last=False)

    def is_gone(self, inode: int, name: bytes) -> bool:
        """Whether a generated file was removed from there a moment ago."""
        return bool(self._gone) and self._gone.get((inode, name), 0.0) > self._clock()

    def comes(self, inode: int, name: bytes) -> None:
        """A client puts a file of its own where a generated one was removed: in every view, that one is there."""
        node = decode(inode)
        if self._gone and isinstance(node, FolderNode):
            for key in [key for key in self._gone if key[1] == name and _is_content(key[0], node.content_id)]:
                del self._gone[key]

    def removed_folder(self, inode: int) -> None:
        """The folder itself went: should it come back, it comes whole."""
        if self._gone:
            for key in [key for key in self._gone if key[0] == inode]:
                del self._gone[key]

    # --- copying ------------------------------------------------------------------------------------------------------

    def begin_copy(self, inode: int, process: int | None) -> None:
        """A process made the folder ``inode`` where a title stands now: it is going to fill it."""
        if process is None:
            return
        self._copies[inode] = _Copy(process, self._clock() + COPYING_SECONDS)
        self._copies.move_to_end(inode)
        if len(self._copies) > _COPIES:
            self._copies.popitem(last=False)

    def hides(self, inode: int, name: bytes, thread: int) -> bool:
        """Whether a name that stands in a folder is not there yet for who is copying it there, or not any more."""
        if self.is_gone(inode, name):
            return True
        if not self._copies:
            return False
        copy = self._current(inode)
        if copy is None or not self._is_of(thread, copy.process):
            return False
        return name.decode(errors="replace") not in copy.names

    def is_copying(self, inode: int, process: int | None) -> bool:
        """Whether a process is filling a folder."""
        copy = self._current(inode)
        return copy is not None and copy.process == process

    def copied(self, inode: int, name: str) -> None:
        """A name has been put there, and can be seen."""
        copy = self._current(inode)
        if copy is not None and len(copy.names) < _NAMES:
            copy.names.add(name)
            copy.until = self._clock() + COPYING_SECONDS

    def _current(self, inode: int) -> _Copy | None:
        copy = self._copies.get(inode)
        if copy is not None and copy.until < self._clock():
            del self._copies[inode]
            return None
        return copy

    # --- moving -------------------------------------------------------------------------------------------------------

    def took_along(self, folder: int, names: Mapping[bytes, int], new_folder: int, process: int | None) -> None:
        """A process moved a file from one folder to another, and these names, of inodes, went with it."""
        if process is None:
            return
        until = self._clock() + _ALONG_SECONDS
        for key, along in self._along.items():
            if along.process == process:
                self._along[key] = replace(along, until=until)
        for name, inode in names.items():
            self._along[folder, name] = _Along(inode, new_folder, process, until)
        while len(self._along) > _ALONG:
            self._along.popitem(last=False)

    def along(self, folder: int, name: bytes, thread: int | None) -> tuple[int, int] | None:
        """What went from a folder with another file that the same process just moved: inode, and its folder now."""
        if not self._along:
            return None
        found = self._along.get((folder, name))
        if found is None or found.until < self._clock():
            self._along.pop((folder, name), None)
            return None
        return (found.inode, found.folder) if thread is not None and self._is_of(thread, found.process) else None

    def forget_along(self, folder: int, name: bytes) -> None:
        """It was moved by its name, too."""
        self._along.pop((folder, name), None)


def _is_content(inode: int, content_id: int) -> bool:
    node = decode(inode)
    return isinstance(node, FolderNode) and node.content_id == content_id
