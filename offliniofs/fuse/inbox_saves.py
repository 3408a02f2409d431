"""New bytes for files of the library: where they are taken, and what they begin with."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import pyfuse3
import trio

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
    ) -> None:
        super().__init__(inbox, options, counters, replays)
        self._threads = threads

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
            descriptor = await self._run(self._area.make_save, folder, name, owner, row.digest)
        except FileExistsError:
            # One that was cut off, or has been closed and is about to be filed: these are the bytes that count now.
            await self._run(lambda: self._area.remove_file((SAVES, folder, name), keep=False))
            descriptor = await self._run(self._area.make_save, folder, name, owner, row.digest)
        number = os.fstat(descriptor).st_ino
        self._forget_namesake(number)
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

    async def _drop_save(self, entry: OpenStaged) -> None:
        """It was opened and nothing was written: what the library has stays what it is."""
        way = self.ledger.way(entry.number)
        self.ledger.places.pop(entry.number, None)
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

    def _forget_namesake(self, number: int) -> None:
        """The disk gives numbers of removed files out again."""
        self.ledger.failures.pop(number, None)
        self.ledger.closed.discard(number)
        gone = self.ledger.shown.get(number)
        if gone is not None:
            self.ledger.end(gone)

    async def _run(self, work: Callable[[*_A], _T], *arguments: *_A) -> _T:
        """Runs what may wait for the disk."""
        return await trio.to_thread.run_sync(work, *arguments, limiter=self._threads)
