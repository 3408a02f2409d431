"""setattr and extended attributes in the inbox.

``user.offliniofs.state`` says how far a file has come, ``…reason`` why it was not filed, ``…path`` where it stands in
the library. Attributes that clients set (``user.xdg.origin.url``, ``user.xdg.tags``) are kept with the file, and the
import takes them over.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import pyfuse3
import trio

from offliniofs.fuse.counters import Counters
from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.inbox import InboxPart, as_refusal, number_of
from offliniofs.fuse.inbox_files import InboxFiles
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.replays import Replays
from offliniofs.ingest.inbox import Inbox
from offliniofs.ingest.inbox_ledger import INBOX_NUMBER, InboxState, Look, Shown
from offliniofs.ingest.inbox_marks import RESERVED, UNFINISHED
from offliniofs.ingest.inbox_paths import Way

_Change: TypeAlias = Callable[[int], object]

STATE: Final = f"{RESERVED}state"
REASON: Final = f"{RESERVED}reason"
PATH: Final = f"{RESERVED}path"
_COMPLETE: Final = b"complete"
_USER: Final = b"user."
_INTERRUPTED: Final = (
    "it was being written when the daemon or the machine stopped; copy it again, or set "
    f"{STATE} to {_COMPLETE.decode()} if it is whole"
)


class InboxAttributes(InboxPart):
    """What belongs to an inode."""

    def __init__(
        self, inbox: Inbox, options: MountOptions, counters: Counters, replays: Replays, files: InboxFiles
    ) -> None:
        super().__init__(inbox, options, counters, replays)
        self._files = files

    # --- chmod, chown, utimens, truncate ------------------------------------------------------------------------------

    @answers
    async def setattr(
        self,
        inode: int,
        attr: pyfuse3.EntryAttributes,
        fields: pyfuse3.SetattrFields,
        fh: int | None,
        ctx: pyfuse3.RequestContext,
    ) -> pyfuse3.EntryAttributes:
        """Changes a file as any other file system would. Of the inbox itself nothing can be changed.

        But its times may be set, to no effect, and owner and mode to what they are: ``rsync -a folder/ inbox/`` and
        ``tar -x`` of an archive of ``.`` do, and would report an error.
        """
        self.writable()
        number = number_of(inode)
        if number == INBOX_NUMBER:
            shows = self.entry(number, await self.look(number))
            if fields.update_size or _would_change(shows, attr, fields):
                raise refusal(errno.EPERM)
            return shows
        if fields.update_size:
            await self._files.resize(number, attr.st_size)
        async with self.ledger.lock:
            shown = self.ledger.shown.get(number)
            if shown is not None:
                return self._change_shown(shown, attr, fields)
            await self._on_inode(number, lambda descriptor: self._apply(descriptor, attr, fields))
        self.inbox.wake()
        return self.entry(number, await self.look(number))

    async def _on_inode(self, number: int, change: _Change) -> None:
        """Runs a change on a descriptor of the file or folder, in a worker thread."""
        entry = self.ledger.open_files.get(number)
        try:
            if entry is not None and entry.descriptor >= 0:
                descriptor = os.dup(entry.descriptor)  # the last client may close the file meanwhile
                try:
                    await trio.to_thread.run_sync(change, descriptor)
                finally:
                    os.close(descriptor)
            else:
                await trio.to_thread.run_sync(self._by_way, await self.way(number), number, change)
        except OSError as error:
            raise as_refusal(error) from error

    def _by_way(self, way: Way, number: int, change: _Change) -> None:
        with self._area.handle(way) as descriptor:
            if number not in (INBOX_NUMBER, os.fstat(descriptor).st_ino):
                raise refusal(errno.ESTALE)
            change(descriptor)

    def _apply(self, descriptor: int, attr: pyfuse3.EntryAttributes, fields: pyfuse3.SetattrFields) -> None:
        status = os.fstat(descriptor)
        if fields.update_uid or fields.update_gid:
            uid = attr.st_uid if fields.update_uid else -1
            gid = attr.st_gid if fields.update_gid else -1
            if uid not in (-1, status.st_uid) or gid not in (-1, status.st_gid):
                os.fchown(descriptor, uid, gid)
        if fields.update_mode:
            self._area.change_mode(descriptor, attr.st_mode)
        if fields.update_atime or fields.update_mtime:
            accessed = attr.st_atime_ns if fields.update_atime else status.st_atime_ns
            modified = attr.st_mtime_ns if fields.update_mtime else status.st_mtime_ns
            os.utime(descriptor, ns=(accessed, modified))

    def _change_shown(
        self, shown: Shown, attr: pyfuse3.EntryAttributes, fields: pyfuse3.SetattrFields
    ) -> pyfuse3.EntryAttributes:
        """Of what has been taken to be filed: seen as long as it shows."""
        look = shown.look
        if fields.update_mode:
            look = replace(look, mode=look.mode & ~0o7777 | attr.st_mode & 0o777)
        if fields.update_uid:
            look = replace(look, uid=attr.st_uid)
        if fields.update_gid:
            look = replace(look, gid=attr.st_gid)
        if fields.update_atime:
            look = replace(look, atime_ns=attr.st_atime_ns)
        if fields.update_mtime:
            look = replace(look, mtime_ns=attr.st_mtime_ns)
        shown.look = look
        return self.entry(shown.number, look)

    # --- extended attributes ------------------------------------------------------------------------------------------

    @answers
    async def listxattr(self, inode: int, ctx: pyfuse3.RequestContext) -> list[bytes]:
        """The names of all attributes."""
        number = number_of(inode)
        told = await self._told(number)
        names: list[str] = []
        if number not in self.ledger.shown:
            await self._on_inode(number, lambda descriptor: names.extend(os.listxattr(descriptor)))
        kept = [name for name in names if name.startswith("user.") and not name.startswith(RESERVED)]
        return [name.encode() for name in (*told, *kept)]

    @answers
    async def getxattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> bytes:
        """One value. The kernel asks for ``security.capability`` before every write: nobody is troubled for that."""
        if not name.startswith(_USER):
            raise refusal(errno.ENODATA)
        number = number_of(inode)
        if name.startswith(RESERVED.encode()):
            value = (await self._told(number)).get(name.decode(errors="replace"))
            if value is None:
                raise refusal(errno.ENODATA)
            return value
        if number in self.ledger.shown:
            raise refusal(errno.ENODATA)
        values: list[bytes] = []
        await self._on_inode(number, lambda descriptor: values.append(os.getxattr(descriptor, name)))
        return values[0]

    @answers
    async def setxattr(self, inode: int, name: bytes, value: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Keeps an attribute with the file. Setting the state to ``complete`` releases a file that was cut off."""
        self.writable()
        number = number_of(inode)
        if number == INBOX_NUMBER or number in self.ledger.shown:
            raise refusal(errno.EPERM)
        if not name.startswith(_USER):
            raise refusal(errno.EOPNOTSUPP)
        if name.startswith(RESERVED.encode()):
            if name != STATE.encode():
                raise refusal(errno.EOPNOTSUPP)  # quietly passed over by who copies all attributes of a library file
            if value != _COMPLETE:
                raise refusal(errno.EINVAL)
            await self._release(number)
        else:
            async with self.ledger.lock:
                await self._on_inode(number, lambda descriptor: os.setxattr(descriptor, name, value))
        self.inbox.wake()

    async def _release(self, number: int) -> None:
        async with self.ledger.lock:
            if self.ledger.writers(number):
                raise refusal(errno.EBUSY)
            self.ledger.failures.pop(number, None)
            self.ledger.closed.add(number)
            await self._on_inode(number, self._area.marks.end_writing)

    @answers
    async def removexattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Removes an attribute that somebody set."""
        self.writable()
        number = number_of(inode)
        if name.startswith(RESERVED.encode()) or number == INBOX_NUMBER or number in self.ledger.shown:
            raise refusal(errno.EPERM)
        if not name.startswith(_USER):
            raise refusal(errno.EOPNOTSUPP)
        async with self.ledger.lock:
            await self._on_inode(number, lambda descriptor: os.removexattr(descriptor, name))

    async def _told(self, number: int) -> dict[str, bytes]:
        """What this program says of a file. Of folders it says nothing."""
        shown = self.ledger.shown.get(number)
        if shown is not None:
            found = {STATE: shown.state.value.encode()}
            return found | {PATH: shown.path.encode()} if shown.path else found
        look = await self.look(number)
        if look.is_folder:
            return {}
        reason = self._failure(number, look)
        if reason:
            return {STATE: InboxState.FAILED.value.encode(), REASON: reason.encode("utf-8", "replace")}
        told = {STATE: InboxState.RECEIVING.value.encode()}
        return told | {REASON: _INTERRUPTED.encode()} if await self._is_cut_off(number) else told

    def _failure(self, number: int, look: Look) -> str:
        """Why a file will not be filed as it is; empty if nothing speaks against it."""
        entry = self.ledger.open_files.get(number)
        if entry is not None and entry.damage:
            return entry.damage
        failure = self.ledger.failures.get(number)
        return failure.reason if failure is not None and failure.ctime_ns == look.ctime_ns else ""

    async def _is_cut_off(self, number: int) -> bool:
        if self.ledger.writers(number) or number in self.ledger.closed:
            return False
        modes: list[int] = []
        await self._on_inode(number, lambda descriptor: modes.append(os.fstat(descriptor).st_mode))
        return bool(modes[0] & UNFINISHED)


def _would_change(shows: pyfuse3.EntryAttributes, attr: pyfuse3.EntryAttributes, fields: pyfuse3.SetattrFields) -> bool:
    """Whether somebody asks for another owner, group or mode than the ones shown."""
    return (
        (fields.update_uid and attr.st_uid != shows.st_uid)
        or (fields.update_gid and attr.st_gid != shows.st_gid)
        or (fields.update_mode and (attr.st_mode ^ shows.st_mode) & 0o7777 != 0)
    )
