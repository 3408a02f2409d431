"""Sends requests about the inbox to the inbox, and lets all others pass. Stands before all other handlers.

A mount that takes no changes has no inbox; the folder is empty there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Coroutine
from typing import Any

import pyfuse3

from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.handlers import Handlers
from offliniofs.fuse.inbox import STAGED_KIND, WRITING, inode_of, is_staged
from offliniofs.fuse.inbox_handlers import InboxHandlers
from offliniofs.tree.inodes import FileNode, decode

_KIND_SHIFT = 60


class InboxRouting(Handlers):
    """Each method asks one question first: is this about the inbox?"""

    def _inbox(self, inode: int) -> InboxHandlers | None:
        return self.parts.inbox if is_staged(inode) else None

    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """See ``InboxNames``."""
        inbox = self._inbox(parent_inode)
        if inbox is not None:
            return await inbox.names.lookup(parent_inode, name, ctx)
        entry = await super().lookup(parent_inode, name, ctx)
        inbox = self._inbox(entry.st_ino)
        return entry if inbox is None else await inbox.names.getattr(entry.st_ino, ctx)

    async def getattr(self, inode: int, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """See ``InboxNames``."""
        inbox = self._inbox(inode)
        return await (super().getattr(inode, ctx) if inbox is None else inbox.names.getattr(inode, ctx))

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
        if inbox is None:
            return await super().setattr(inode, attr, fields, fh, ctx)
        return await inbox.attributes.setattr(inode, attr, fields, fh, ctx)

    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        """See ``InboxNames``."""
        inbox = self._inbox(fh)
        await (super().readdir(fh, start_id, token) if inbox is None else inbox.names.readdir(fh, start_id, token))

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
            await super().rmdir(parent_inode, name, ctx)
            return
        await inbox.names.rmdir(parent_inode, name, ctx)

    async def unlink(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """See ``InboxNames``."""
        inbox = self._inbox(parent_inode)
        if inbox is None:
            await super().unlink(parent_inode, name, ctx)
            return
        await inbox.names.unlink(parent_inode, name, ctx)

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
        inbox = self._inbox(parent_inode_old) or self._inbox(parent_inode_new)
        where = (parent_inode_old, name_old, parent_inode_new, name_new)
        if inbox is None:
            await super().rename(*where, flags, ctx)
            return
        await inbox.names.rename(*where, flags, ctx)

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
        inbox = self._inbox(parent_inode)
        if inbox is None:
            return await super().create(parent_inode, name, mode, flags, ctx)
        return await inbox.files.create(parent_inode, name, mode, flags, ctx)

    async def open(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """See ``InboxFiles``; a file of the library that is opened for writing takes new bytes into a save."""
        inbox = self._inbox(inode)
        if inbox is None and self._is_saved(inode, flags):
            return await self.save(inode, flags, ctx)
        if inbox is None:
            return await super().open(inode, flags, ctx)
        return await inbox.files.open(inode, flags, ctx)

    def _is_saved(self, inode: int, flags: int) -> bool:
        written = flags & (os.O_ACCMODE | os.O_TRUNC) != os.O_RDONLY
        return written and self.parts.inbox is not None and isinstance(decode(inode), FileNode)

    @answers
    async def save(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """Opens a file of the library for writing. Whoever reads it goes on reading what it was."""
        node, inbox = decode(inode), self.parts.inbox
        if inbox is None or not isinstance(node, FileNode):
            raise refusal(errno.EPERM)
        row = self.parts.resolver.file(node.file_id)
        number = await inbox.files.save(row, ctx)
        handle = inode_of(number) | WRITING
        if flags & os.O_TRUNC:
            await inbox.files.truncate(handle, 0)
        # Past the page cache: that is the old file's, and it stays true.
        return pyfuse3.FileInfo(fh=handle, direct_io=True, keep_cache=True)

    async def _resizes_save(self, inode: int, fh: int | None, size: int) -> bool:
        """ftruncate(2) of a file of the library, or what the kernel makes of O_TRUNC: of its new bytes.

        The old ones, and their size, are what they were. False when nobody has it open for writing.
        """
        node, inbox = decode(inode), self.parts.inbox
        if inbox is None or not isinstance(node, FileNode):
            return False
        if fh is None or fh >> _KIND_SHIFT != STAGED_KIND:
            number = inbox.files.saved(node.file_id)
            if number is None:
                return False
            fh = inode_of(number) | WRITING
        await inbox.files.truncate(fh, size)
        return True

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
