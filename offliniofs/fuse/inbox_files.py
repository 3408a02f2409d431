"""The bytes of files in the inbox: create, open, read, write, truncate, fsync, release.

Where writes happen. A write into the page cache is a copy in memory, and a worker thread for each would halve the
throughput; so it is done on the event loop as long as the disk keeps up. The time is taken: a write that had to wait is
the sign that the kernel holds writers back, and for a while all writes go to worker threads. Reads have a better way:
with ``RWF_NOWAIT`` the kernel gives what is in memory and says when it would have to wait.
"""

from __future__ import annotations

import errno
import os
import time
from typing import TypeVar, TypeVarTuple

import pyfuse3
import trio

from offliniofs.fuse.clients import actor_of
from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.inbox import WRITING, as_refusal, inode_of, number_of
from offliniofs.fuse.inbox_saves import InboxSaves
from offliniofs.ingest.inbox_ledger import Failure, OpenStaged, look_of
from offliniofs.ingest.inbox_purposes import target_of

_WAITED_SECONDS = 0.004
"""A write of a megabyte into memory takes a tenth of this."""
_WARY_SECONDS = 1.0
_FILING_SECONDS = 20.0
"""How long an editor waits for its file to be filed before it is told to come again."""
_CHECK_BYTES = 16 << 20
"""How much is written between two looks at the room on the disk."""
_NOWAIT_REFUSED = frozenset({errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})

_T = TypeVar("_T")
_A = TypeVarTuple("_A")


class InboxFiles(InboxSaves):
    """Files that are being received."""

    _wary_until = 0.0
    """Until when writes go to worker threads, on the monotonic clock."""

    # --- opening ------------------------------------------------------------------------------------------------------

    @answers
    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        """Makes a file and opens it."""
        self.writable()
        with self.replays.once("create", parent_inode, name, ctx.pid) as again:
            try:
                return await self._create(parent_inode, name, mode, ctx)
            except pyfuse3.FUSEError as error:
                if not again or error.errno_ != errno.EEXIST:
                    raise
                return await self._open_again(parent_inode, name, ctx)

    async def _open_again(
        self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        """The daemon before made the file and could not say so."""
        parent = number_of(parent_inode)
        status = self._area.status((*await self.way(parent), name))
        self.ledger.put(status.st_ino, parent, name)
        await self._writable(status.st_ino)
        self.ledger.actors[status.st_ino] = actor_of(ctx)
        return self._opened(status.st_ino, writing=True), self.entry(status.st_ino, look_of(status))

    async def _create(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        parent = number_of(parent_inode)
        async with self.ledger.lock:
            way = await self.way(parent)
            self._require_room()
            aim = target_of(parent)
            try:
                if aim is not None:
                    await self._run(self._area.begin_save, aim.word)
                    self.ledger.targets.add(parent)
                owner = self.owner(ctx)
                descriptor = await self._run(self._area.make_file, way, name, mode, owner, self.ledger.taken)
            except OSError as error:
                raise as_refusal(error) from error
            status = os.fstat(descriptor)
            shown = self.ledger.shown_at(parent, name)
            if shown is not None:
                self.ledger.hide(shown)
            self.ledger.forget_namesake(status.st_ino)
            self.ledger.put(status.st_ino, parent, name)
            self.ledger.open_files[status.st_ino] = OpenStaged(status.st_ino, writing=descriptor, writers=1)
            self.ledger.actors[status.st_ino] = actor_of(ctx)
        self.inbox.wake()
        return self._opened(status.st_ino, writing=True), self.entry(status.st_ino, look_of(status))

    def _opened(self, number: int, *, writing: bool) -> pyfuse3.FileInfo:
        return pyfuse3.FileInfo(fh=inode_of(number) | (WRITING if writing else 0), keep_cache=False)

    @answers
    async def open(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """Opens a file. One that has been taken to be filed can be read; for writing its name is free again."""
        number = number_of(inode)
        if flags & (os.O_ACCMODE | os.O_TRUNC) == os.O_RDONLY:
            entry = await self._readable(number)
            entry.readers += 1
            return self._opened(number, writing=False)
        self.writable()
        await self._until_filed(number)
        entry = await self._writable(number)
        self.ledger.actors[number] = actor_of(ctx)
        if flags & os.O_TRUNC:
            await self._truncate(entry, 0)
        self.inbox.wake()
        return self._opened(number, writing=True)

    async def _until_filed(self, number: int) -> None:
        """New bytes for a file of the library that are just being filed: whoever edits them goes on from there."""
        shown = self.ledger.shown.get(number)
        if shown is None or target_of(shown.parent) is None:
            return
        with trio.move_on_after(_FILING_SECONDS):
            await shown.settled.wait()
            return
        raise refusal(errno.EBUSY)

    async def _readable(self, number: int) -> OpenStaged:
        entry = self.ledger.open_files.get(number)
        if entry is not None and entry.descriptor >= 0:
            return entry
        async with self.ledger.lock:
            entry = self.ledger.open_files.get(number)
            if entry is not None and entry.descriptor >= 0:
                return entry
            descriptor = await self._open_to_read(number)
            entry = self.ledger.open_files.setdefault(number, OpenStaged(number))
            entry.reading = descriptor
            return entry

    async def _open_to_read(self, number: int) -> int:
        shown = self.ledger.shown.get(number)
        try:
            if shown is not None:
                return await self._run(self.inbox.open_shown, shown)
            return await self._run(self._area.open_to_read, await self._known_way(number))
        except OSError as error:
            raise as_refusal(error) from error

    async def _known_way(self, number: int) -> tuple[bytes, ...]:
        way = await self.way(number)
        try:
            here = self._area.status(way).st_ino == number
        except FileNotFoundError:
            here = False
        if not here:  # the kernel looks the name up again: the library may have a file there
            self.ledger.places.pop(number, None)
            raise refusal(errno.ESTALE)
        return way

    async def _writable(self, number: int) -> OpenStaged:
        """The file's entry with one writer more."""
        async with self.ledger.lock:
            shown = self.ledger.shown.get(number)
            if shown is not None:
                # The kernel looks the name up again and finds it free.
                self.ledger.hide(shown)
                raise refusal(errno.ESTALE)
            entry = self.ledger.open_files.get(number)
            if entry is None or entry.writing < 0:
                descriptor = await self._open_to_write(number)
                entry = self.ledger.open_files.setdefault(number, OpenStaged(number))
                entry.writing = descriptor
                entry.base = self._area.marks.base_of(descriptor)
            entry.writers += 1
            self.ledger.closed.discard(number)
            return entry

    @answers
    async def truncate(self, fh: int, size: int) -> None:
        """ftruncate(2) by a handle."""
        entry = self.ledger.open_files.get(number_of(fh & ~WRITING))
        if entry is None or entry.writing < 0:
            entry = await self._adopted(fh)
        await self._truncate(entry, size)

    async def _open_to_write(self, number: int) -> int:
        try:
            descriptor = await self._run(self._area.open_to_write, await self._known_way(number))
        except OSError as error:
            raise as_refusal(error) from error
        if os.fstat(descriptor).st_ino != number:
            # It had a second name, so a copy has taken its place under another number: the kernel looks it up again.
            os.close(descriptor)
            self.ledger.places.pop(number, None)
            raise refusal(errno.ESTALE)
        return descriptor

    async def _adopted(self, fh: int) -> OpenStaged:
        """The entry behind a handle that an earlier daemon gave out."""
        number = number_of(fh & ~WRITING)
        entry = self.ledger.open_files.get(number)
        if fh & WRITING:
            if entry is not None and entry.writers:
                return entry
            try:
                return await self._writable(number)
            except pyfuse3.FUSEError:
                return await self._removed(number)
        if entry is not None and entry.descriptor >= 0:
            return entry
        entry = await self._readable(number)
        entry.readers += 1
        return entry

    async def _removed(self, number: int) -> OpenStaged:
        try:
            descriptor = await self._run(self._area.open_removed, number)
        except OSError:
            raise refusal(errno.ESTALE) from None
        entry = OpenStaged(number, writing=descriptor, writers=1, unlinked=True)
        self.ledger.open_files[number] = entry
        return entry

    # --- bytes --------------------------------------------------------------------------------------------------------

    @answers
    async def read(self, fh: int, offset: int, size: int) -> bytes:
        """Reads; short only at the end."""
        entry = self.ledger.open_files.get(number_of(fh & ~WRITING))
        if entry is None or entry.descriptor < 0:
            entry = await self._adopted(fh)
        if entry.base is not None:
            await self._fill(entry)
        buffer = bytearray(size)
        try:
            done = os.preadv(entry.descriptor, [buffer], offset, os.RWF_NOWAIT)
            if done == size:
                return bytes(buffer)
        except OSError as error:
            if error.errno not in _NOWAIT_REFUSED:
                raise
        return await self._run(os.pread, entry.descriptor, size, offset)

    @answers
    async def write(self, fh: int, off: int, buf: bytes) -> int:
        """Writes all of it, or says why not."""
        entry = self.ledger.open_files.get(number_of(fh & ~WRITING))
        if entry is None or entry.writing < 0:
            entry = await self._adopted(fh)
        if entry.base is not None:
            await self._fill(entry)
        entry.borrowed = False
        size = len(buf)
        entry.unchecked += size
        try:
            if entry.unchecked >= _CHECK_BYTES:
                entry.unchecked = 0
                self._require_room(size)
            now = time.monotonic()
            if now < self._wary_until:
                await self._run(_write_fully, entry.writing, buf, off)
                return size
            done = os.pwrite(entry.writing, buf, off)
            if time.monotonic() - now > _WAITED_SECONDS:
                self._wary_until = now + _WARY_SECONDS
            if done < size:
                await self._run(_write_fully, entry.writing, buf[done:], off + done)
        except OSError as error:
            entry.damage = f"it could not be written: {os.strerror(error.errno or errno.EIO)}"
            raise as_refusal(error) from error
        return size

    async def _truncate(self, entry: OpenStaged, size: int) -> None:
        if entry.base is not None and size:
            await self._fill(entry)
        entry.borrowed = False
        try:
            await self._run(os.ftruncate, entry.writing, size)
        except OSError as error:
            entry.damage = f"it could not be written: {os.strerror(error.errno or errno.EIO)}"
            raise as_refusal(error) from error
        if size == 0:
            entry.damage = ""
            if entry.base is not None:
                entry.base = None
                self._area.marks.drop_base(entry.writing)

    @answers
    async def fsync(self, fh: int, datasync: bool) -> None:
        """Returns once the bytes are on the disk."""
        entry = self.ledger.open_files.get(number_of(fh & ~WRITING))
        if entry is None or entry.descriptor < 0:
            entry = await self._adopted(fh)
        await self._run(os.fdatasync if datasync else os.fsync, entry.descriptor)

    @answers
    async def fsyncdir(self, fh: int, datasync: bool) -> None:
        """Returns once the names in a folder are on the disk."""
        await self._run(self._area.sync, await self.way(number_of(fh)))

    @answers
    async def release(self, fh: int) -> None:
        """Closes. Once the last writer has, the file may be filed."""
        await self._release(fh)

    async def _release(self, fh: int) -> None:
        number = number_of(fh & ~WRITING)
        async with self.ledger.lock:
            entry = self.ledger.open_files.get(number)
            if entry is None:
                await self._release_adopted(fh, number)
                return
            if fh & WRITING:
                entry.writers = max(0, entry.writers - 1)
                if not entry.writers and entry.writing >= 0:
                    await self._end_writing(entry)
            else:
                entry.readers = max(0, entry.readers - 1)
            if entry.readers or entry.writers:
                return
            del self.ledger.open_files[number]
            if entry.reading >= 0:
                os.close(entry.reading)
            if entry.unlinked:
                await self._run(self._area.drop_removed, number)
        self.inbox.wake()

    async def _end_writing(self, entry: OpenStaged) -> None:
        descriptor, entry.writing = entry.writing, -1
        if entry.readers and entry.reading < 0:
            entry.reading = os.dup(descriptor)
        if (entry.base is not None or entry.borrowed) and not entry.unlinked:
            await self._drop_save(entry)
        elif entry.damage:
            self.ledger.failures[entry.number] = Failure(entry.damage, os.fstat(descriptor).st_ctime_ns)
        elif not entry.unlinked:
            self.ledger.closed.add(entry.number)
            await self._run(self._area.marks.end_writing, descriptor)
            await self._stand_in(entry.number, descriptor)
        os.close(descriptor)

    async def _release_adopted(self, fh: int, number: int) -> None:
        """The last word of a handle that an earlier daemon gave out: its writer has closed it in order."""
        if fh & WRITING:
            way = self.ledger.way(number) or await self.way(number)
            try:
                with self._area.handle(way) as descriptor:
                    if os.fstat(descriptor).st_ino == number:
                        self._area.marks.end_writing(descriptor)
                        self.ledger.closed.add(number)
            except FileNotFoundError:
                await self._run(self._area.drop_removed, number)
        self.inbox.wake()

    # --- the inode ----------------------------------------------------------------------------------------------------

    async def resize(self, number: int, size: int) -> None:
        """truncate(2) and ftruncate(2). Raises FUSEError, ``OSError``."""
        entry = await self._writable(number)
        try:
            await self._truncate(entry, size)
        finally:
            await self._release(inode_of(number) | WRITING)


def _write_fully(descriptor: int, buffer: bytes, offset: int) -> None:
    view = memoryview(buffer)
    while view:
        done = os.pwrite(descriptor, view, offset)
        view = view[done:]
        offset += done
