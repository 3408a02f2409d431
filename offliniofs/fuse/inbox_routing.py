"""Sends requests about what is being received to the inbox, and lets all others pass. Stands before all other handlers.

That is everything in the inbox, and what is coming into folders of the library until it is filed there.

A mount that takes no changes has no inbox; the folder is empty there.
"""

from __future__ import annotations

import errno
from collections.abc import Coroutine
from typing import Any

import pyfuse3

from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.inbox import RECEIVED_COOKIE, STAGED_KIND, inode_of, is_staged
from offliniofs.fuse.inbox_handlers import InboxHandlers
from offliniofs.fuse.receiving_handlers import ReceivingHandlers
from offliniofs.tree.inodes import CANONICAL, FILE_BASE, FileNode, FolderNode, GeneratedNode, decode, directory_base

_KIND_SHIFT = 60


class InboxRouting(ReceivingHandlers):
    """Each method asks one question first: is this about the inbox?"""

    def _inbox(self, inode: int) -> InboxHandlers | None:
        return self.parts.inbox if is_staged(inode) else None

    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """See ``InboxNames``."""
        inbox = self._inbox(parent_inode)
        if inbox is not None:
            return await inbox.names.lookup(parent_inode, name, ctx)
        coming = await self._coming(parent_inode, name)
        if coming is not None:
            return coming
        entry = await super().lookup(parent_inode, name, ctx)
        inbox = self._inbox(entry.st_ino)
        if inbox is not None:
            return await inbox.names.getattr(entry.st_ino, ctx)
        saved = self._saved_over(entry.st_ino)
        if saved is None:
            return entry
        await saved.files.until_closed(entry.st_ino & ~FILE_BASE)
        entry.entry_timeout = entry.attr_timeout = 0
        return await self._coming(parent_inode, name) or entry

    async def _coming(self, folder: int, name: bytes) -> pyfuse3.EntryAttributes | None:
        """What is coming into a folder of the library under a name; it hides what stands there until then."""
        inbox = self.receiving(folder)
        return None if inbox is None else await inbox.names.received(folder, name)

    async def getattr(self, inode: int, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """See ``InboxNames``."""
        inbox = self._inbox(inode)
        if inbox is not None:
            return await inbox.names.getattr(inode, ctx)
        if self.parts.inbox is None or self.parts.inbox.files.is_calm():
            return await super().getattr(inode, ctx)
        nfo = await self._own_nfo(inode)
        replaced = await self._is_replaced(inode) if nfo is None else not nfo
        if replaced and self.parts.handles.is_closed(inode):
            raise refusal(errno.ESTALE)  # the kernel looks the name up again and finds what stands there now
        entry = await super().getattr(inode, ctx)
        if replaced or nfo is not None or self._saved_over(inode) is not None:
            entry.attr_timeout = 0
        return entry

    def _saved_over(self, inode: int) -> InboxHandlers | None:
        """The inbox, if it takes new bytes for this file of the library: the name soon stands for another file."""
        inbox = self.parts.inbox
        if inbox is None or not inbox.files.saved():
            return None
        node = decode(inode)
        return inbox if isinstance(node, FileNode) and node.file_id in inbox.files.saved() else None

    @answers
    async def _own_nfo(self, inode: int) -> int | None:
        """How many write somebody's own NFO that is coming in the place of a generated one; ``None``: none is."""
        save = await self.pending_save(inode) if isinstance(decode(inode), GeneratedNode) else None
        if save is None:
            return None
        await save[0].files.until_released(save[1])
        return save[0].files.ledger.writers(save[1])

    async def setattr(
        self,
        inode: int,
        attr: pyfuse3.EntryAttributes,
        fields: pyfuse3.SetattrFields,
        fh: int | None,
        ctx: pyfuse3.RequestContext,
    ) -> pyfuse3.EntryAttributes:
        """See ``InboxAttributes``."""
        inbox = self._inbox(inode)
        if inbox is None and fields.update_size and await self._resizes_save(inode, fh, attr.st_size):
            return await self.getattr(inode, ctx)
        generated = isinstance(decode(inode), GeneratedNode)
        if inbox is None and (generated or fields.update_mtime or fields.update_atime):
            save = await self._pending_save(inode)
            if save is not None and save[0].files.is_written(save[1]):  # they are those of the new bytes
                await save[0].attributes.setattr(inode_of(save[1]), attr, fields, None, ctx)
                return await self.getattr(inode, ctx)
        if inbox is not None:
            return await inbox.attributes.setattr(inode, attr, fields, fh, ctx)
        entry = await super().setattr(inode, attr, fields, fh, ctx)
        if self._saved_over(inode) is not None:
            entry.attr_timeout = 0
        return entry

    @answers
    async def _resizes_save(self, inode: int, fh: int | None, size: int) -> bool:
        return await self.resizes_save(inode, fh, size)

    @answers
    async def _pending_save(self, inode: int) -> tuple[InboxHandlers, int] | None:
        return await self.pending_save(inode)

    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        """See ``InboxListing``. What is coming into a folder of the library is listed before what it has."""
        inbox = self._inbox(fh)
        if inbox is not None:
            await inbox.names.readdir(fh, start_id, token)
        elif await self._list_coming(fh, start_id, token):
            await super().readdir(fh, 0 if start_id >= RECEIVED_COOKIE else start_id, token)

    @answers
    async def _list_coming(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> bool:
        """Whether the library's own entries are next."""
        inbox = self.receiving(fh)
        if inbox is None or 0 < start_id < RECEIVED_COOKIE:
            return True
        return await inbox.names.list_received(token, fh, start_id, lambda name: self.lists(fh, name))

    async def mkdir(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """See ``InboxNames``."""
        inbox = self._inbox(parent_inode)
        if inbox is None:
            return await super().mkdir(parent_inode, name, mode, ctx)
        return await inbox.names.mkdir(parent_inode, name, mode, ctx)

    async def rmdir(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """See ``InboxNames``."""
        inbox = self._inbox(parent_inode)
        if inbox is None:
            await self._require_nothing_coming(parent_inode, name)
            await super().rmdir(parent_inode, name, ctx)
            return
        await inbox.names.rmdir(parent_inode, name, ctx)

    @answers
    async def _require_nothing_coming(self, parent_inode: int, name: bytes) -> None:
        """A folder into which files are coming is not empty, though the library has none of them yet."""
        if self.parts.inbox is not None and self.parts.inbox.names.ledger.targets:
            inode = await self._inode_of(parent_inode, name)
            inbox = self.receiving(inode) if inode else None
            if inbox is not None and await inbox.names.is_inhabited(inode):
                raise refusal(errno.ENOTEMPTY)

    async def _inode_of(self, parent_inode: int, name: bytes) -> int:
        """The inode of what stands there; 0 for nothing. Unlike a lookup of the kernel's, nobody counts this."""
        try:
            return (await self.parts.resolver.lookup(parent_inode, name)).st_ino
        except pyfuse3.FUSEError:
            return 0

    async def unlink(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """See ``InboxNames``."""
        inbox, replaces = self._inbox(parent_inode), False
        if inbox is None and await self._coming(parent_inode, name) is not None:
            inbox, replaces = self.parts.inbox, await self._replaces(parent_inode, name)
        if inbox is None:
            await super().unlink(parent_inode, name, ctx)
            return
        await inbox.names.unlink(parent_inode, name, ctx)
        if replaces:
            await super().unlink(parent_inode, name, ctx)

    @answers
    async def _replaces(self, folder: int, name: bytes) -> bool:
        """Whether what is coming under a name would take the place of a file."""
        return self.in_library(folder, name)

    async def rename(
        self,
        parent_inode_old: int,
        name_old: bytes,
        parent_inode_new: int,
        name_new: bytes,
        flags: int,
        ctx: pyfuse3.RequestContext,
    ) -> None:
        """See ``InboxNames``."""
        where = (parent_inode_old, name_old, parent_inode_new, name_new)
        received = is_staged(parent_inode_old) or await self._coming(parent_inode_old, name_old) is not None
        inbox = self.parts.inbox
        if inbox is not None and received:
            await self._move_received(inbox, where, flags, ctx)
        elif inbox is not None and is_staged(parent_inode_new):
            raise refusal(errno.EXDEV)
        else:
            await super().rename(*where, flags, ctx)

    @answers
    async def _move_received(
        self, inbox: InboxHandlers, where: tuple[int, bytes, int, bytes], flags: int, ctx: pyfuse3.RequestContext
    ) -> None:
        """Moves what is being received; into a folder of the library, it is filed there."""
        _, _, folder, name = where
        if not is_staged(folder):
            if self.takes_files(folder) is None:
                raise refusal(errno.EXDEV)
            await self.require_sense(folder, name, "rename", ctx)
            if flags & pyfuse3.RENAME_NOREPLACE and self.in_library(folder, name):
                raise refusal(errno.EEXIST)
        await inbox.names.rename(*where, flags, ctx)
        self.parts.edits.folders.comes(folder, name)
        node = decode(folder)
        if isinstance(node, FolderNode) and self.in_library(folder, name):
            inbox.files.replaced(node.content_id, name.decode())  # in other views the kernel has the file's own name

    async def symlink(
        self, parent_inode: int, name: bytes, target: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """A link would lead out of the inbox: refused there."""
        if self._inbox(parent_inode) is not None:
            raise refusal(errno.EPERM)
        return await super().symlink(parent_inode, name, target, ctx)

    async def link(
        self, inode: int, new_parent_inode: int, new_name: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Nothing has two names in the inbox, and nothing of the library stands there."""
        if self._inbox(new_parent_inode) is not None:
            raise refusal(errno.EPERM)
        if self._inbox(inode) is not None:
            raise refusal(errno.EXDEV)
        return await super().link(inode, new_parent_inode, new_name, ctx)

    async def mknod(
        self, parent_inode: int, name: bytes, mode: int, rdev: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Pipes and devices are no media."""
        if self._inbox(parent_inode) is not None:
            raise refusal(errno.EPERM)
        return await super().mknod(parent_inode, name, mode, rdev, ctx)

    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        """See ``InboxFiles``."""
        inbox = self._inbox(parent_inode) or self.takes_files(parent_inode)
        if inbox is None:
            return await super().create(parent_inode, name, mode, flags, ctx)
        await self._require_sense(parent_inode, name, ctx)
        made = await inbox.files.create(parent_inode, name, mode, flags, ctx)
        self.parts.edits.folders.comes(parent_inode, name)
        return made

    @answers
    async def _require_sense(self, folder: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        await self.require_sense(folder, name, "create", ctx)

    async def open(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """See ``InboxFiles``; a file of the library that is opened for writing takes new bytes into a save."""
        inbox = self._inbox(inode)
        if inbox is None and await self._is_replaced(inode):
            raise refusal(errno.ESTALE)  # the kernel looks the name up again and finds what stands there now
        if inbox is None and self.is_saved(inode, flags):
            return await self.save(inode, flags, ctx)
        if inbox is None:
            return await super().open(inode, flags, ctx)
        return await inbox.files.open(inode, flags, ctx)

    @answers
    async def _is_replaced(self, inode: int) -> bool:
        """Whether something else is coming under the name of a file of the library."""
        inbox, node = self.parts.inbox, decode(inode)
        if inbox is None or not isinstance(node, FileNode):
            return False
        await inbox.files.until_closed(node.file_id)
        if not inbox.names.ledger.targets:
            return False
        row = self.parts.catalogue.reader.file(node.file_id)
        if row is None:
            return False
        return await self._coming(directory_base(CANONICAL) | row.folder_id, row.name.encode()) is not None

    def read(self, fh: int, offset: int, size: int) -> Coroutine[Any, Any, bytes]:
        """See ``InboxFiles``. No coroutine of its own: this is asked most."""
        inbox = self.parts.inbox if fh >> _KIND_SHIFT == STAGED_KIND else None
        return super().read(fh, offset, size) if inbox is None else inbox.files.read(fh, offset, size)

    def write(self, fh: int, off: int, buf: bytes) -> Coroutine[Any, Any, int]:
        """See ``InboxFiles``."""
        inbox = self.parts.inbox if fh >> _KIND_SHIFT == STAGED_KIND else None
        return super().write(fh, off, buf) if inbox is None else inbox.files.write(fh, off, buf)

    async def fsync(self, fh: int, datasync: bool) -> None:
        """See ``InboxFiles``. What the library holds is durable already."""
        inbox = self._inbox(fh)
        if inbox is not None:
            await inbox.files.fsync(fh, datasync)

    async def fsyncdir(self, fh: int, datasync: bool) -> None:
        """See ``InboxFiles``. What the library holds is durable already."""
        inbox = self._inbox(fh)
        if inbox is not None:
            await inbox.files.fsyncdir(fh, datasync)

    async def release(self, fh: int) -> None:
        """See ``InboxFiles``."""
        inbox = self._inbox(fh)
        if inbox is None:
            await super().release(fh)
            return
        await inbox.files.release(fh)

    async def listxattr(self, inode: int, ctx: pyfuse3.RequestContext) -> list[bytes]:
        """See ``InboxAttributes``."""
        inbox = self._inbox(inode)
        if inbox is None:
            return list(await super().listxattr(inode, ctx))
        return await inbox.attributes.listxattr(inode, ctx)

    async def getxattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> bytes:
        """See ``InboxAttributes``."""
        inbox = self._inbox(inode)
        if inbox is None:
            return await super().getxattr(inode, name, ctx)
        return await inbox.attributes.getxattr(inode, name, ctx)

    async def setxattr(self, inode: int, name: bytes, value: bytes, ctx: pyfuse3.RequestContext) -> None:
        """See ``InboxAttributes``."""
        inbox = self._inbox(inode)
        if inbox is None:
            await super().setxattr(inode, name, value, ctx)
            return
        await inbox.attributes.setxattr(inode, name, value, ctx)

    async def removexattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """See ``InboxAttributes``."""
        inbox = self._inbox(inode)
        if inbox is None:
            await super().removexattr(inode, name, ctx)
            return
        await inbox.attributes.removexattr(inode, name, ctx)
