"""mkdir, rmdir, rename; and everything that would change what the library holds, which is refused."""

from __future__ import annotations

import errno

import pyfuse3

from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.handlers import Handlers


class EditingHandlers(Handlers):
    """Only ``saved/`` can be written to."""

    def _refuse(self) -> pyfuse3.FUSEError:
        """Says why: the whole mount takes no changes, or this cannot be changed by anybody."""
        return refusal(errno.EROFS if self.parts.options.read_only else errno.EPERM)

    @answers
    async def mkdir(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """In ``saved/``: saves a search."""
        if self.parts.options.read_only:
            raise self._refuse()
        await self.parts.edits.make_folder(parent_inode, name)
        entry = await self.parts.resolver.lookup(parent_inode, name)
        self.parts.holdings.took(entry.st_ino)
        return entry

    @answers
    async def rmdir(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """In ``saved/``: forgets a search, never what it finds."""
        if self.parts.options.read_only:
            raise self._refuse()
        await self.parts.edits.remove_folder(parent_inode, name)

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
        """In ``saved/``: gives a search another name. Nothing is ever exchanged or replaced."""
        if self.parts.options.read_only:
            raise self._refuse()
        if flags & ~pyfuse3.RENAME_NOREPLACE:
            raise refusal(errno.EINVAL)
        await self.parts.edits.rename(parent_inode_old, name_old, parent_inode_new, name_new)

    @answers
    async def unlink(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Removing something from a view must never remove it from the library."""
        raise self._refuse()

    @answers
    async def symlink(
        self, parent_inode: int, name: bytes, target: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Refused."""
        raise self._refuse()

    @answers
    async def link(
        self, inode: int, new_parent_inode: int, new_name: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Refused."""
        raise self._refuse()

    @answers
    async def mknod(
        self, parent_inode: int, name: bytes, mode: int, rdev: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Refused."""
        raise self._refuse()

    @answers
    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        """Refused."""
        raise self._refuse()

    @answers
    async def write(self, fh: int, off: int, buf: bytes) -> int:
        """Refused; nothing is ever opened for writing."""
        raise self._refuse()
