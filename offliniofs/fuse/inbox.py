"""The inbox as the mount shows it: names, folders and attributes of what is being received.

A node of the inbox is named by the inode number that it has in the staging folder, so a daemon that has just started
finds it again by looking through that folder. What takes microseconds (``lstat`` of a name that the kernel has just
used) is done on the event loop; whatever changes names or waits for a journal runs in a worker thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

import pyfuse3
import trio

from offliniofs.fuse.counters import Counters
from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.replays import Replays
from offliniofs.ingest.inbox import Inbox
from offliniofs.ingest.inbox_area import Owner
from offliniofs.ingest.inbox_ledger import INBOX_NUMBER, SAVES_NUMBER, InboxLedger, InboxState, Look, Shown, look_of
from offliniofs.ingest.inbox_paths import Way
from offliniofs.tree.inodes import Static, staged_inode

STAGED_KIND = 4
"""Bits 60 to 62 of the inode number of everything in the inbox."""
WRITING = 1 << 59
"""Set in the handle of a file that is open for writing, beside its inode number."""
_NUMBER = WRITING - 1
_KIND_SHIFT = 60
_INBOX = int(Static.INBOX)
_SECONDS = 1.0
"""How long the kernel may believe what it was told: names disappear when they are filed."""
_DOTS = 2
_TOLD = frozenset(
    {
        errno.EEXIST,
        errno.ENOENT,
        errno.ENOTEMPTY,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.EACCES,
        errno.EPERM,
        errno.EBUSY,
        errno.ELOOP,
        errno.ENODATA,
        errno.ERANGE,
        errno.E2BIG,
        errno.EOPNOTSUPP,
        errno.EFBIG,
        errno.EROFS,
    }
)
"""What the disk says of a client's request and the client must hear as it is."""


def is_staged(inode: int) -> bool:
    """Whether this is the inbox, or something in it, or the handle of such a thing."""
    return inode >> _KIND_SHIFT == STAGED_KIND or inode == _INBOX


def number_of(inode: int) -> int:
    """The number in the staging folder; 0 for the inbox itself."""
    return INBOX_NUMBER if inode == _INBOX else inode & _NUMBER


def inode_of(number: int) -> int:
    """The inverse of :func:`number_of`."""
    return _INBOX if number == INBOX_NUMBER else staged_inode(number)


def as_refusal(error: OSError) -> Exception:
    """What the client hears of a failure of the disk; unknown ones become EIO further up."""
    if error.errno in _TOLD:
        return refusal(error.errno or errno.EIO)
    return error


class InboxPart:
    """What the groups of inbox handlers share."""

    def __init__(self, inbox: Inbox, options: MountOptions, counters: Counters, replays: Replays) -> None:
        self.inbox = inbox
        self.replays = replays
        self.counters = counters
        self._options = options
        self._area = inbox.area

    @property
    def ledger(self) -> InboxLedger:
        """What is known of the inbox."""
        return self.inbox.ledger

    def writable(self) -> None:
        """Raises FUSEError on a mount that takes no changes."""
        if self._options.read_only:
            raise refusal(errno.EROFS)

    async def way(self, number: int) -> Way:
        """The way to what the kernel names by a number, looked for on disk if need be. Raises FUSEError."""
        known = self.ledger.way(number)
        if known is not None:
            return known
        for item in await trio.to_thread.run_sync(self._area.walk_saves):
            self.ledger.put(item.parent, SAVES_NUMBER, item.way[1])
            self.ledger.put(item.number, item.parent, item.way[-1])
        found = await trio.to_thread.run_sync(self._area.walk)
        for item in found:
            if item.number not in self.ledger.shown:
                self.ledger.places.setdefault(item.number, (item.parent, item.way[-1]))
        known = self.ledger.way(number)
        if known is None:
            raise refusal(errno.ESTALE)
        return known

    async def look(self, number: int) -> Look:
        """What ``stat`` tells of a number. Raises FUSEError."""
        entry = self.ledger.open_files.get(number)
        if entry is not None and entry.descriptor >= 0 and number not in self.ledger.shown:
            return look_of(os.fstat(entry.descriptor))
        shown = self.ledger.shown.get(number)
        if shown is not None:
            return shown.look
        try:
            status = self._area.status(await self.way(number))
        except FileNotFoundError:
            self.ledger.places.pop(number, None)
            raise refusal(errno.ESTALE) from None
        if number not in (INBOX_NUMBER, status.st_ino):
            self.ledger.places.pop(number, None)
            raise refusal(errno.ESTALE)
        return look_of(status)

    def entry(self, number: int, look: Look) -> pyfuse3.EntryAttributes:
        """What the kernel is told."""
        entry = pyfuse3.EntryAttributes()
        entry.st_ino = inode_of(number)
        entry.st_mode = look.mode
        entry.st_uid, entry.st_gid = look.uid, look.gid
        if number == INBOX_NUMBER:
            entry.st_uid, entry.st_gid = self._options.uid, self._options.gid
            mode = self.inbox.settings.mode & (0o555 if self._options.read_only else 0o777)
            entry.st_mode = look.mode & ~0o7777 | mode & ~self._options.umask
        entry.st_size = look.size
        entry.st_blocks = look.blocks
        entry.st_blksize = 128 * 1024
        entry.st_atime_ns, entry.st_mtime_ns, entry.st_ctime_ns = look.atime_ns, look.mtime_ns, look.ctime_ns
        entry.entry_timeout = entry.attr_timeout = _SECONDS
        return entry

    def owner(self, ctx: pyfuse3.RequestContext) -> Owner:
        """Whom something that this client makes belongs to."""
        return Owner(ctx.uid, ctx.gid)


class InboxNames(InboxPart):
    """lookup, getattr, readdir, mkdir, rmdir, unlink, rename."""

    @answers
    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """Looks a name up: what lies there, or else what has just been filed from there."""
        parent = number_of(parent_inode)
        if name in (b".", b".."):
            return await self._dot(parent, name)
        way = (*await self.way(parent), name)
        try:
            status = self._area.status(way)
        except OSError as error:
            shown = self.ledger.shown_at(parent, name)
            if shown is not None:
                return self.entry(shown.number, shown.look)
            raise as_refusal(error) from error
        self.ledger.put(status.st_ino, parent, name)
        return self.entry(status.st_ino, look_of(status))

    async def _dot(self, number: int, name: bytes) -> pyfuse3.EntryAttributes:
        if name == b"..":
            await self.way(number)
            number = self.ledger.places[number][0] if number != INBOX_NUMBER else INBOX_NUMBER
        return self.entry(number, await self.look(number))

    @answers
    async def getattr(self, inode: int, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """stat(2)."""
        number = number_of(inode)
        return self.entry(number, await self.look(number))

    @answers
    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        """Lists a folder in the order of the numbers, which are the cookies."""
        parent = number_of(fh)
        way = await self.way(parent)
        if start_id < _DOTS and not await self._dots(token, parent, start_id):
            return
        try:
            listed = await trio.to_thread.run_sync(self._area.entries, way)
        except OSError as error:
            raise as_refusal(error) from error
        names = {name for name, _ in listed}
        found = [(status.st_ino, name, look_of(status)) for name, status in listed]
        found += [(one.number, one.name, one.look) for one in self.ledger.shown_in(parent) if one.name not in names]
        for number, name, look in sorted(found, key=lambda each: each[0]):
            if number + _DOTS <= start_id:
                continue
            if number not in self.ledger.shown:
                self.ledger.put(number, parent, name)
            if not pyfuse3.readdir_reply(token, name, self.entry(number, look), number + _DOTS):
                return

    async def _dots(self, token: pyfuse3.ReaddirToken, number: int, start_id: int) -> bool:
        entry = self.entry(number, await self.look(number))
        if start_id < 1 and not pyfuse3.readdir_reply(token, b".", entry, 1):
            return False
        entry.st_ino = int(Static.ROOT) if number == INBOX_NUMBER else inode_of(self.ledger.places[number][0])
        return pyfuse3.readdir_reply(token, b"..", entry, _DOTS)

    @answers
    async def mkdir(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Makes a folder."""
        self.writable()
        with self.replays.once("mkdir", parent_inode, name, ctx.pid) as again:
            try:
                return await self._mkdir(parent_inode, name, mode, ctx)
            except pyfuse3.FUSEError as error:
                if again and error.errno_ == errno.EEXIST:
                    return await self.lookup(parent_inode, name, ctx)
                raise

    async def _mkdir(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        parent = number_of(parent_inode)
        async with self.ledger.lock:
            way = await self.way(parent)
            try:
                status = await trio.to_thread.run_sync(self._area.make_folder, way, name, mode, self.owner(ctx))
            except OSError as error:
                raise as_refusal(error) from error
            self.ledger.put(status.st_ino, parent, name)
        self.inbox.wake()
        return self.entry(status.st_ino, look_of(status))

    @answers
    async def rmdir(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Removes an empty folder; what has been filed from it is in nobody's way."""
        self.writable()
        with self._repeatable("rmdir", parent_inode, name, ctx.pid):
            await self._rmdir(parent_inode, name)

    @contextlib.contextmanager
    def _repeatable(self, *request: str | bytes | int) -> Iterator[None]:
        """Surrounds a removal or a move: that it is gone already is success if the daemon before has seen to it."""
        with self.replays.once(*request) as again:
            try:
                yield
            except pyfuse3.FUSEError as error:
                if not again or error.errno_ != errno.ENOENT:
                    raise

    async def _rmdir(self, parent_inode: int, name: bytes) -> None:
        parent = number_of(parent_inode)
        async with self.ledger.lock:
            way = (*await self.way(parent), name)
            try:
                number = self._area.status(way).st_ino
                if any(one.state is InboxState.IDENTIFYING for one in self.ledger.shown_in(number)):
                    raise refusal(errno.ENOTEMPTY)
                await trio.to_thread.run_sync(self._area.remove_folder, way)
            except OSError as error:
                raise as_refusal(error) from error
            self.ledger.places.pop(number, None)
            self.ledger.used_folders.discard(number)
        self.inbox.wake()

    @answers
    async def unlink(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Removes a file; whoever has it open keeps it until it is closed. What was filed is only shown no longer."""
        self.writable()
        with self._repeatable("unlink", parent_inode, name, ctx.pid):
            await self._unlink(parent_inode, name)

    async def _unlink(self, parent_inode: int, name: bytes) -> None:
        parent = number_of(parent_inode)
        async with self.ledger.lock:
            way = (*await self.way(parent), name)
            try:
                status = self._area.status(way)
            except OSError as error:
                shown = self.ledger.shown_at(parent, name)
                if shown is None:
                    raise as_refusal(error) from error
                self.ledger.hide(shown)
                return
            entry = self.ledger.open_files.get(status.st_ino)
            try:
                await trio.to_thread.run_sync(lambda: self._area.remove_file(way, keep=entry is not None))
            except OSError as error:
                raise as_refusal(error) from error
            self._forget(status.st_ino)
        self.inbox.wake()

    def _forget(self, number: int) -> None:
        entry = self.ledger.open_files.get(number)
        if entry is not None:
            entry.unlinked = True
        self.ledger.places.pop(number, None)
        self.ledger.failures.pop(number, None)
        self.ledger.actors.pop(number, None)
        self.ledger.closed.discard(number)

    @answers
    async def rename(
        self,
        parent_inode_old: int,
        name_old: bytes,
        parent_inode_new: int,
        name_new: bytes,
        flags: int,
        ctx: pyfuse3.RequestContext,
    ) -> None:
        """Moves within the inbox. Moving out of it is a copy (EXDEV); nothing is moved in but by copying."""
        self.writable()
        if flags & ~pyfuse3.RENAME_NOREPLACE:
            raise refusal(errno.EINVAL)
        if not is_staged(parent_inode_new) or not is_staged(parent_inode_old):
            raise refusal(errno.EXDEV)
        with self._repeatable("rename", parent_inode_old, name_old, parent_inode_new, name_new, ctx.pid):
            await self._rename(number_of(parent_inode_old), name_old, number_of(parent_inode_new), name_new, flags)

    async def _rename(self, old_parent: int, name_old: bytes, new_parent: int, name_new: bytes, flags: int) -> None:
        async with self.ledger.lock:
            old = (*await self.way(old_parent), name_old)
            new = (*await self.way(new_parent), name_new)
            target = self._number_at(new)
            hidden = self.ledger.shown_at(new_parent, name_new) if target is None else None
            if flags and (target is not None or hidden is not None):
                raise refusal(errno.EEXIST)
            source = self._number_at(old)
            if source is None:
                self._move_shown(self.ledger.shown_at(old_parent, name_old), new_parent, name_new, target)
                return
            keep = target is not None and target in self.ledger.open_files and target != source
            try:
                await trio.to_thread.run_sync(lambda: self._area.move(old, new, keep_target=keep))
            except OSError as error:
                raise as_refusal(error) from error
            if target is not None and target != source:
                self._forget(target)
            if hidden is not None:
                self.ledger.hide(hidden)
            self.ledger.put(source, new_parent, name_new)
        self.inbox.wake()

    def _number_at(self, way: Way) -> int | None:
        try:
            return self._area.status(way).st_ino
        except FileNotFoundError:
            return None
        except OSError as error:
            raise as_refusal(error) from error

    def _move_shown(self, shown: Shown | None, parent: int, name: bytes, target: int | None) -> None:
        if shown is None:
            raise refusal(errno.ENOENT)
        if target is not None:
            raise refusal(errno.EBUSY)
        self.ledger.move_shown(shown, parent, name)
