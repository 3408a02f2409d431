"""What all handlers of the inbox share: its numbers, and what they are told of what lies there.

A node of the inbox is named by the inode number that it has in the staging folder, so a daemon that has just started
finds it again by looking through that folder. What takes microseconds (``lstat`` of a name that the kernel has just
used) is done on the event loop; whatever changes names or waits for a journal runs in a worker thread.

A folder of the library into which something is coming stands for a folder of the staging area as well; its number there
is negative.
"""

from __future__ import annotations

import errno
import os

import pyfuse3
import trio

from offliniofs.fuse.counters import Counters
from offliniofs.fuse.errors import refusal
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.replays import Replays
from offliniofs.ingest.inbox import Inbox
from offliniofs.ingest.inbox_area import Owner
from offliniofs.ingest.inbox_ledger import INBOX_NUMBER, SAVES_NUMBER, InboxLedger, Look, look_of
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import target_number, target_of
from offliniofs.tree.inodes import CANONICAL, FolderNode, Static, decode, directory_base, staged_inode

STAGED_KIND = 4
"""Bits 60 to 62 of the inode number of everything in the inbox."""
WRITING = 1 << 59
"""Set in the handle of a file that is open for writing, beside its inode number."""
_NUMBER = WRITING - 1
_KIND_SHIFT = 60
_INBOX = int(Static.INBOX)
RECEIVED_COOKIE = 1 << 62
"""Above all cookies of a library's folder."""
_SECONDS = 1.0
"""How long the kernel may believe what it was told: names disappear when they are filed."""
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
        errno.ENOSPC,
        errno.EDQUOT,
    }
)
"""What the disk says of a client's request and the client must hear as it is."""


def is_staged(inode: int) -> bool:
    """Whether this is the inbox, or something in it, or the handle of such a thing."""
    return inode >> _KIND_SHIFT == STAGED_KIND or inode == _INBOX


def number_of(inode: int) -> int:
    """The number in the staging folder; 0 for the inbox itself, negative for a folder of the library."""
    if inode == _INBOX:
        return INBOX_NUMBER
    if inode >> _KIND_SHIFT == STAGED_KIND:
        return inode & _NUMBER
    node = decode(inode)
    if not isinstance(node, FolderNode):
        raise refusal(errno.ENOTDIR)
    return target_number(node.content_id)


def inode_of(number: int) -> int:
    """The inverse of :func:`number_of`; a folder of the library as its shelf shows it."""
    target = target_of(number)
    if target is not None:
        return directory_base(CANONICAL) | target.key
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
