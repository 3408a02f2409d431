"""New bytes for files of the library: where they are taken, and what they begin with."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Collection
from typing import TypeVar, TypeVarTuple

import pyfuse3
import trio

from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.listing import FileRow
from offliniofs.fuse.clients import actor_of
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.errors import refusal
from offliniofs.fuse.inbox import InboxPart, as_refusal
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.replays import Replays
from offliniofs.ingest.inbox import Inbox
from offliniofs.ingest.inbox_area import SAVES, Owner
from offliniofs.ingest.inbox_ledger import SAVES_NUMBER, OpenStaged
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import Aim, Purpose, aim_of, target_number

_T = TypeVar("_T")
_A = TypeVarTuple("_A")


class InboxSaves(InboxPart):
    """Saves, and what all files that are being received need."""

    def __init__(
        self,
        inbox: Inbox,
        options: MountOptions,
        counters: Counters,
        replays: Replays,
        threads: trio.CapacityLimiter,
        replaced: Callable[[int, str], None],
    ) -> None:
        super().__init__(inbox, options, counters, replays)
        self._threads = threads
        self.replaced = replaced
        """Told of a name in a folder of the library that stands for another file from now on."""

    async def save(self, row: FileRow, ctx: pyfuse3.RequestContext) -> int:
        """The number of the file that takes new bytes for one of the library, with one writer more."""
        async with self.ledger.lock:
            number = self.ledger.saves.get(row.file_id)
            if number is None or number not in self.ledger.open_files:
                number = await self._new_save(row, self.owner(ctx))
            entry = self.ledger.open_files[number]
            if entry.writing < 0:
                raise refusal(errno.EBUSY)
            entry.writers += 1
            self.ledger.actors[number] = actor_of(ctx)
            return number

    async def _new_save(self, row: FileRow, owner: Owner) -> int:
        folder, name = b"f%d" % row.file_id, row.name.encode()
        self._require_room()
        try:
            descriptor = await self._run(self._area.make_save, folder, name, owner, row.digest, self.ledger.taken)
        except FileExistsError:
            # One that was cut off, or has been closed and is about to be filed: these are the bytes that count now.
            await self._run(lambda: self._area.remove_file((SAVES, folder, name), keep=False))
            descriptor = await self._run(self._area.make_save, folder, name, owner, row.digest, self.ledger.taken)
        number = os.fstat(descriptor).st_ino
        self.ledger.forget_namesake(number)
        above = self._area.status((SAVES, folder)).st_ino
        self.ledger.put(above, SAVES_NUMBER, folder)
        self.ledger.put(number, above, name)
        self.ledger.saves[row.file_id] = number
        self.ledger.open_files[number] = OpenStaged(number, writing=descriptor, base=row.digest)
        return number

    def pending(self, file_id: int) -> int | None:
        """The number of what will take the place of a file of the library, written or about to be filed."""
        number = self.ledger.saves.get(file_id)
        return number if number is not None and number in self.ledger.places else None

    def saved(self) -> Collection[int]:
        """The files of the library that are about to be others."""
        return self.ledger.saves.keys()

    async def way_of_save(self, file_id: int) -> Way | None:
        """Where new bytes for a file of the library are taken."""
        row = await self.inbox.file_of(file_id)
        return None if row is None else (SAVES, b"f%d" % file_id, row.name.encode())

    async def empty_left_open(self, way: Way | None) -> bool:
        """Empties new bytes that were open for writing when a daemon died; whether there are any."""
        if way is None:
            return False
        with contextlib.suppress(FileNotFoundError):
            return await self._run(self._area.empty_unfinished, way)
        return False

    async def until_closed(self, file_id: int) -> None:
        """Lets whoever is just closing new bytes of a file go first: close(2) does not wait until that is done."""
        number = self.ledger.saves.get(file_id)
        if number is not None:
            await self.until_released(number)

    async def until_released(self, number: int) -> None:
        """The same of a file that is being received."""
        if number in self.ledger.open_files:
            async with self.ledger.lock:
                pass

    def is_calm(self) -> bool:
        """Whether nothing is coming into folders of the library, and nothing is being written that will."""
        return not self.ledger.saves and not self.ledger.targets

    def is_written(self, number: int) -> bool:
        """Whether it has bytes of its own: ``touch`` opens a file, sets its times and closes it."""
        entry = self.ledger.open_files.get(number)
        return entry is None or (entry.base is None and not entry.borrowed)

    async def begin_with(self, number: int, text: bytes) -> None:
        """Puts what the library writes itself into a file that was just made for a client to write."""
        entry = self.ledger.open_files[number]
        await self._run(os.pwrite, entry.writing, text, 0)
        entry.borrowed = True

    async def _fill(self, entry: OpenStaged) -> None:
        """A save of which not everything is written anew begins with what the library has."""
        async with self.ledger.lock:
            if entry.base is None:
                return
            try:
                source = await self._run(self.inbox.open_blob, entry.base)
                try:
                    await self._run(self._area.fill, entry.writing, source)
                finally:
                    os.close(source)
            except OSError as error:
                entry.damage = f"it could not be written: {os.strerror(error.errno or errno.EIO)}"
                raise as_refusal(error) from error
            entry.base = None

    async def _stand_in(self, number: int, descriptor: int) -> None:
        """New bytes are whole: from here on they stand under the name of the file that they replace.

        They come into its folder, as if they had been written under another name that was given up for this one. Who
        opens the file before they are filed would otherwise go on from the old ones, and what was saved would be lost.
        """
        way = self.ledger.way(number)
        aim = aim_of(way[1]) if way is not None and len(way) == 3 and way[0] == SAVES else None
        if way is None or aim is None or aim.purpose is not Purpose.REPLACE:
            return
        with contextlib.suppress(OSError, OfflinioError):  # it takes the file's place later, when it is filed
            row = await self.inbox.file_of(aim.key)
            if row is not None:
                await self._run(self._give_looks, descriptor, row)
                await self._put_into(number, way, row)
                self.replaced(row.folder_id, row.name)

    def _give_looks(self, descriptor: int, row: FileRow) -> None:
        options = self._options
        if os.geteuid() == 0:
            owner, group = row.uid, row.gid
            os.fchown(descriptor, options.uid if owner is None else owner, options.gid if group is None else group)
        self._area.change_mode(descriptor, options.file_mode & ~options.umask if row.mode is None else row.mode)

    async def _put_into(self, number: int, way: Way, row: FileRow) -> None:
        parent, name = target_number(row.folder_id), row.name.encode()
        folder = Aim(Purpose.INTO, row.folder_id).word
        new = (SAVES, folder, name)
        await self._run(self._area.begin_save, folder)
        entry = None
        with contextlib.suppress(FileNotFoundError):
            other = self._area.status(new).st_ino
            entry = self.ledger.open_files.get(other)
            if entry is not None:
                entry.unlinked = True
            self.ledger.places.pop(other, None)
        await self._run(lambda: self._area.move(way, new, keep_target=entry is not None))
        await self._run(self._area.end_save, way[1])
        shown = self.ledger.shown_at(parent, name)
        if shown is not None:
            self.ledger.hide(shown)
        self.ledger.put(number, parent, name)
        self.ledger.targets.add(parent)

    async def _drop_save(self, entry: OpenStaged) -> None:
        """It was opened and nothing was written: what the library has stays what it is."""
        way = self.ledger.way(entry.number)
        self.ledger.places.pop(entry.number, None)
        self.ledger.end_save(entry.number)
        if way is not None:
            await self._run(lambda: self._area.remove_file(way, keep=False))
            await self._run(self._area.end_save, way[1])

    def _require_room(self, size: int = 0) -> None:
        """Raises ``OSError`` (ENOSPC) when writing would use up what the catalogue needs."""
        reserve = self.inbox.settings.reserve
        if reserve:
            with self._area.opened(()) as folder:
                room = os.fstatvfs(folder)
            if room.f_bavail * room.f_frsize < reserve + size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def _run(self, work: Callable[[*_A], _T], *arguments: *_A) -> _T:
        """Runs what may wait for the disk."""
        return await trio.to_thread.run_sync(work, *arguments, limiter=self._threads)
