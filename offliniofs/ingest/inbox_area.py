"""The staging folder on disk: what clients write into the inbox lies there as real files in real folders.

::

    staging/inbox/    what the inbox shows, under the names that clients gave
    staging/filing/   what is being filed: a folder for each group, out of the reach of clients
    staging/removed/  what was removed while somebody had it open
    staging/saves/    what waits for a place in the library or in the trash (see ``inbox_purposes.py``)

These files are all the state there is, with the marks that ``inbox_marks.py`` keeps on them.

Every name is opened relative to a descriptor of its folder, without following a link, from the top down; no client can
make a link, and the folder is nobody else's. Everything here blocks and raises ``OSError``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from offliniofs.domain.ids import Digest
from offliniofs.ingest.inbox_marks import UNFINISHED, Marks
from offliniofs.ingest.inbox_numbers import new_file, new_folder
from offliniofs.ingest.inbox_paths import FILE, FOLDER, Way, copy_bytes, descend, make_way, names_in
from offliniofs.ingest.inbox_purposes import Purpose, aim_of, target_number

SAVES: Final = b"/saves"
"""The first name of a way into ``saves/``. No client can give such a name."""
DEEPEST: Final = 64
"""Folders in each other, so that a way is always short enough to be walked."""

_MOST_ENTRIES: Final = 500_000


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the inbox, as a walk came upon it."""

    way: Way
    parent: int
    """Inode number of the folder it is in; 0 for the inbox itself."""
    status: os.stat_result
    finished: bool
    """A file that was closed in order: nobody was cut off while writing it."""

    @property
    def number(self) -> int:
        """Its inode number."""
        return self.status.st_ino

    @property
    def is_folder(self) -> bool:
        """Whether it is one."""
        return stat.S_ISDIR(self.status.st_mode)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom something new belongs to; meant only where this process may give files away."""

    uid: int
    gid: int


class StagingArea:
    """The staging folder. Safe to use from several threads; who changes names takes care of their order."""

    def __init__(self, folder: Path, boot: str | None = None) -> None:
        """Makes what is missing. ``boot``: see :class:`Marks`."""
        self.folder = os.fsencode(folder.absolute())
        self.marks = Marks(boot)
        self._inbox, self._removed, self._saves = map(self._top, ("inbox", "removed", "saves"))
        self._needed = 0 if os.geteuid() == 0 else stat.S_IRUSR | stat.S_IWUSR

    def _top(self, name: str) -> int:
        path = os.path.join(os.fsdecode(self.folder), name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return os.open(path, FOLDER)

    def close(self) -> None:
        """Lets go of the folder."""
        for descriptor in (self._inbox, self._removed, self._saves):
            os.close(descriptor)

    # --- looking ------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def opened(self, way: Way) -> Iterator[int]:
        """A folder's descriptor for the block."""
        top = self._inbox
        if way[:1] == (SAVES,):
            top, way = self._saves, way[1:]
        if not way:
            yield top
            return
        descriptor = descend(top, way)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def status(self, way: Way) -> os.stat_result:
        """``lstat`` of it."""
        if not way:
            return os.fstat(self._inbox)
        with self.opened(way[:-1]) as folder:
            return os.stat(way[-1], dir_fd=folder, follow_symlinks=False)

    def entries(self, way: Way) -> list[tuple[bytes, os.stat_result]]:
        """What a folder holds, in the order of the inode numbers."""
        with self.opened(way) as folder:
            found = []
            for name in names_in(folder):
                with contextlib.suppress(FileNotFoundError):
                    found.append((name, os.stat(name, dir_fd=folder, follow_symlinks=False)))
        return sorted(found, key=lambda entry: entry[1].st_ino)

    def walk(self) -> list[Found]:
        """Everything in the inbox, each folder before what is in it. What goes meanwhile may be missing."""
        found: list[Found] = []
        waiting: list[tuple[Way, int]] = [((), 0)]
        while waiting and len(found) < _MOST_ENTRIES:
            way, number = waiting.pop()
            try:
                with self.opened(way) as folder:
                    for name in names_in(folder):
                        with contextlib.suppress(FileNotFoundError):
                            found.append(self._found((*way, name), number, folder))
                            if found[-1].is_folder and len(way) < DEEPEST:
                                waiting.append((found[-1].way, found[-1].number))
            except FileNotFoundError:
                continue
        return found

    def walk_saves(self) -> list[Found]:
        """Every file in ``saves/``."""
        found: list[Found] = []
        for name in self.save_folders():
            with contextlib.suppress(FileNotFoundError), self.opened((SAVES, name)) as folder:
                aim = aim_of(name)
                into = aim is not None and aim.purpose is Purpose.INTO
                number = target_number(aim.key) if aim is not None and into else os.fstat(folder).st_ino
                found += [self._found((SAVES, name, each), number, folder) for each in names_in(folder)]
        return found

    def find(self, way: Way) -> Found:
        """One file, as a walk would come upon it; its folder is not told."""
        with self.opened(way[:-1]) as folder:
            return self._found(way, 0, folder)

    def save_folders(self) -> list[bytes]:
        """The names of the folders in ``saves/``."""
        return names_in(self._saves)

    def _found(self, way: Way, parent: int, folder: int) -> Found:
        status = os.stat(way[-1], dir_fd=folder, follow_symlinks=False)
        return Found(way, parent, status, self.marks.is_finished(way[-1], folder, status))

    # --- files --------------------------------------------------------------------------------------------------------

    def make_file(self, folder_way: Way, name: bytes, mode: int, owner: Owner, taken: Container[int] = ()) -> int:
        """Makes an empty file, unfinished, and returns its descriptor for reading and writing.

        ``taken``: numbers that it should not get (see ``inbox_numbers.py``).
        """
        with self.opened(folder_way) as folder:
            descriptor = new_file(name, folder, taken)
            try:
                self._give(descriptor, owner)
                os.fchmod(descriptor, mode & 0o777 | self._needed | UNFINISHED)
            except BaseException:
                os.unlink(name, dir_fd=folder)
                os.close(descriptor)
                raise
        return descriptor

    def make_save(self, folder: bytes, name: bytes, owner: Owner, base: Digest, taken: Container[int] = ()) -> int:
        """Makes the file that takes new bytes for one of the library, empty and unfinished; returns its descriptor.

        ``base`` is what it would hold if it were copied first, which is put off until somebody needs it.
        """
        self.begin_save(folder)
        descriptor = self.make_file((SAVES, folder), name, 0o600, owner, taken)
        self.marks.note_base(descriptor, base)
        return descriptor

    def begin_save(self, folder: bytes) -> None:
        """Makes a folder in ``saves/`` if it is missing."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700, dir_fd=self._saves)

    def fill(self, descriptor: int, source: int) -> None:
        """Copies what a save should begin with. Clones it where the file system can."""
        copy_bytes(source, descriptor)
        self.marks.drop_base(descriptor)

    def end_save(self, folder: bytes) -> None:
        """Removes a folder in ``saves/`` if it is empty."""
        with contextlib.suppress(OSError):
            os.rmdir(folder, dir_fd=self._saves)

    def _give(self, descriptor: int, owner: Owner) -> None:
        if os.geteuid() == 0:
            os.fchown(descriptor, owner.uid, owner.gid)

    def open_to_read(self, way: Way) -> int:
        """A descriptor of a regular file."""
        return self._open(way, os.O_RDONLY)

    def open_to_write(self, way: Way) -> int:
        """A descriptor for reading and writing; the file counts as unfinished from here on.

        A file with a second name is copied first: that name is a blob, and a blob never changes.
        """
        if self.status(way).st_nlink > 1:
            self._part(way)
        descriptor = self._open(way, os.O_RDWR)
        try:
            self.marks.begin_writing(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def empty_unfinished(self, way: Way) -> bool:
        """Empties a file that its writer has not closed; whether it is one."""
        if self.find(way).finished:
            return False
        descriptor = self._open(way, os.O_RDWR)
        try:
            os.ftruncate(descriptor, 0)
            self.marks.drop_base(descriptor)
        finally:
            os.close(descriptor)
        return True

    def _open(self, way: Way, flags: int) -> int:
        with self.opened(way[:-1]) as folder:
            descriptor = os.open(way[-1], flags | FILE, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        return descriptor

    def _part(self, way: Way) -> None:
        """Gives the name a file of its own with the same bytes."""
        with self.opened(way[:-1]) as folder:
            old = os.open(way[-1], os.O_RDONLY | FILE, dir_fd=folder)
            temporary = b".%d" % os.fstat(old).st_ino
            try:
                status = os.fstat(old)
                new = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | FILE, 0o600, dir_fd=self._removed)
                try:
                    copy_bytes(old, new)
                    self._give(new, Owner(status.st_uid, status.st_gid))
                    os.fchmod(new, stat.S_IMODE(status.st_mode) | 0o600)
                    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
                finally:
                    os.close(new)
                os.rename(temporary, way[-1], src_dir_fd=self._removed, dst_dir_fd=folder)
            finally:
                os.close(old)

    def finish(self, way: Way) -> None:
        """As :meth:`Marks.end_writing`, of a file that nobody has open."""
        with self.handle(way) as descriptor:
            self.marks.end_writing(descriptor)

    def change_mode(self, descriptor: int, mode: int) -> None:
        """chmod. Bits that would let this program itself no longer read or write are kept."""
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            os.fchmod(descriptor, mode & 0o777 | (self._needed and 0o700))
        else:
            os.fchmod(descriptor, mode & 0o777 | self._needed | status.st_mode & UNFINISHED)

    @contextlib.contextmanager
    def handle(self, way: Way) -> Iterator[int]:
        """A descriptor of a file or folder, to read or change what belongs to its inode."""
        if not way:
            yield self._inbox
            return
        with self.opened(way[:-1]) as folder:
            descriptor = os.open(way[-1], os.O_RDONLY | FILE, dir_fd=folder)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def sync(self, way: Way) -> None:
        """Makes the bytes of a file, or the names in a folder, durable."""
        with self.handle(way) as descriptor:
            os.fsync(descriptor)

    # --- names --------------------------------------------------------------------------------------------------------

    def make_folder(
        self, folder_way: Way, name: bytes, mode: int, owner: Owner, taken: Container[int] = ()
    ) -> os.stat_result:
        """mkdir. ``taken``: as for :meth:`make_file`."""
        if len(folder_way) >= DEEPEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        with self.opened(folder_way) as folder:
            descriptor = new_folder(name, folder, taken)
            try:
                self._give(descriptor, owner)
                self.change_mode(descriptor, mode)
                return os.fstat(descriptor)
            finally:
                os.close(descriptor)

    def remove_file(self, way: Way, *, keep: bool) -> None:
        """unlink. ``keep``: somebody has it open, so it stays under its number until :meth:`drop_removed`."""
        with self.opened(way[:-1]) as folder:
            if not keep:
                os.unlink(way[-1], dir_fd=folder)
                return
            number = os.stat(way[-1], dir_fd=folder, follow_symlinks=False).st_ino
            os.rename(way[-1], b"%d" % number, src_dir_fd=folder, dst_dir_fd=self._removed)

    def drop_removed(self, number: int) -> None:
        """Nobody has it open any more."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(b"%d" % number, dir_fd=self._removed)

    def open_removed(self, number: int) -> int:
        """A descriptor of a file that was removed while it was open."""
        return os.open(b"%d" % number, os.O_RDWR | FILE, dir_fd=self._removed)

    def forget_old(self, before_ns: int) -> None:
        """Drops what was last touched before ``before_ns`` and that no daemon has taken up: what was removed while it
        was open, and new bytes for files of the library whose writer was cut off."""
        for name in names_in(self._removed):
            with contextlib.suppress(OSError):
                if os.stat(name, dir_fd=self._removed, follow_symlinks=False).st_ctime_ns < before_ns:
                    os.unlink(name, dir_fd=self._removed)
        for found in self.walk_saves():
            if not found.finished and found.status.st_ctime_ns < before_ns:
                self.remove_file(found.way, keep=False)
                self.end_save(found.way[1])

    def remove_folder(self, way: Way) -> None:
        """rmdir."""
        with self.opened(way[:-1]) as folder:
            os.rmdir(way[-1], dir_fd=folder)

    def move(self, old: Way, new: Way, *, keep_target: bool) -> None:
        """rename, replacing what stands at ``new``. ``keep_target``: somebody has that file open."""
        with self.opened(old[:-1]) as source, self.opened(new[:-1]) as target:
            if keep_target:
                number = os.stat(new[-1], dir_fd=target, follow_symlinks=False).st_ino
                os.link(new[-1], b"%d" % number, src_dir_fd=target, dst_dir_fd=self._removed, follow_symlinks=False)
            os.rename(old[-1], new[-1], src_dir_fd=source, dst_dir_fd=target)

    def make_way(self, way: Way) -> int:
        """A descriptor of a folder of the inbox, made where it is missing; the caller's."""
        return make_way(self._inbox, way)
