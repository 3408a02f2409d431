"""The names of what is being received: looked up, made, moved and removed."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

import pyfuse3
import trio

from offliniofs.domain.actors import Actor
from offliniofs.fuse.clients import actor_of
from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.inbox import as_refusal, number_of
from offliniofs.fuse.inbox_listing import InboxListing
from offliniofs.ingest.inbox_area import SAVES
from offliniofs.ingest.inbox_ledger import INBOX_NUMBER, InboxState, Shown, look_of
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import Aim, Purpose, target_of
from offliniofs.ingest.inbox_quiet import is_litter, is_temporary
from offliniofs.tree.alike import first_alike


class InboxNames(InboxListing):
    """lookup, getattr, mkdir, rmdir, unlink, rename."""

    @answers
    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """Looks a name up: what lies there, or else what has just been filed from there."""
        parent = number_of(parent_inode)
        if name in (b".", b".."):
            return await self._dot(parent, name)
        entry = await self._entry_named(parent, name)
        if entry is None and self._options.case_insensitive:
            meant = await self._meant(parent, name)
            entry = None if meant == name else await self._entry_named(parent, meant)
            if entry is not None:
                entry.entry_timeout = 0
        if entry is None:
            raise refusal(errno.ENOENT)
        return entry

    @answers
    async def received(self, parent_inode: int, name: bytes) -> pyfuse3.EntryAttributes | None:
        """What is coming into a folder of the library under a name."""
        parent = number_of(parent_inode)
        if parent not in self.ledger.targets or name in (b".", b".."):
            return None
        return await self._entry_named(parent, await self._meant(parent, name))

    async def _entry_named(self, parent: int, name: bytes) -> pyfuse3.EntryAttributes | None:
        way = (*await self.way(parent), name)
        try:
            status = self._area.status(way)
        except FileNotFoundError:
            shown = self.ledger.shown_at(parent, name)
            return None if shown is None else self.entry(shown.number, shown.look)
        except OSError as error:
            raise as_refusal(error) from error
        self.ledger.put(status.st_ino, parent, name)
        return self.entry(status.st_ino, look_of(status))

    async def _meant(self, parent: int, name: bytes) -> bytes:
        """The name that is there, where case makes no difference and no other spelling is; else ``name`` itself."""
        if not self._options.case_insensitive:
            return name
        names = await self._names_in(parent)
        if name in names:
            return name
        texts = {each.decode("utf-8", "surrogateescape"): each for each in names}
        found = first_alike(name.decode("utf-8", "surrogateescape"), texts)
        return name if found is None else texts[found]

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
                owner, taken = self.owner(ctx), self.ledger.taken
                status = await trio.to_thread.run_sync(self._area.make_folder, way, name, mode, owner, taken)
            except OSError as error:
                raise as_refusal(error) from error
            self.ledger.forget_namesake(status.st_ino)
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
        name = await self._meant(parent, name)
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
            await self._unlink(parent_inode, name, actor_of(ctx))

    async def _unlink(self, parent_inode: int, name: bytes, actor: Actor) -> None:
        parent = number_of(parent_inode)
        name = await self._meant(parent, name)
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
                kept = await trio.to_thread.run_sync(self._set_aside, way, status.st_ino)
                if not kept:
                    await trio.to_thread.run_sync(lambda: self._area.remove_file(way, keep=entry is not None))
            except OSError as error:
                raise as_refusal(error) from error
            self._forget(status.st_ino, unlinked=not kept)
            if kept:
                self.ledger.actors[status.st_ino] = actor
                self.ledger.closed.add(status.st_ino)
        self.inbox.wake()

    def _set_aside(self, way: Way, number: int) -> bool:
        """Puts a whole file where it waits to be filed into the trash; False for one that is to go at once."""
        found = self._area.find(way)
        finished = found.finished or number in self.ledger.closed
        whole = finished and found.status.st_size > 0 and not self.ledger.writers(number)
        if not whole or number in self.ledger.failures or is_temporary(way[-1]) or is_litter(way[-1]):
            return False
        folder = Aim(Purpose.REMOVED, number).word
        self._area.begin_save(folder)
        self._area.move(way, (SAVES, folder, way[-1]), keep_target=False)
        self._area.finish((SAVES, folder, way[-1]))
        return True

    def _forget(self, number: int, *, unlinked: bool = True) -> None:
        entry = self.ledger.open_files.get(number)
        if entry is not None:
            entry.unlinked = unlinked
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
        """Moves within the inbox, and files between it and folders of the library.

        What the library has is copied out (EXDEV), and a folder is only moved within the inbox.
        """
        self.writable()
        if flags & ~pyfuse3.RENAME_NOREPLACE:
            raise refusal(errno.EINVAL)
        name_old = await self._meant(number_of(parent_inode_old), name_old)
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
                await self._prepare_target(old, new_parent)
                await trio.to_thread.run_sync(lambda: self._area.move(old, new, keep_target=keep))
            except OSError as error:
                raise as_refusal(error) from error
            if target is not None and target != source:
                self._forget(target)
            if hidden is not None:
                self.ledger.hide(hidden)
            self.ledger.put(source, new_parent, name_new)
        self.inbox.wake()

    async def _prepare_target(self, old: Way, new_parent: int) -> None:
        """Makes room in staging for what moves into a folder of the library. Raises FUSEError for a folder."""
        aim = target_of(new_parent)
        if aim is None:
            return
        if look_of(self._area.status(old)).is_folder:
            raise refusal(errno.EXDEV)
        await trio.to_thread.run_sync(self._area.begin_save, aim.word)
        self.ledger.targets.add(new_parent)

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
