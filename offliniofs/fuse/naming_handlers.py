"""lookup, forget, getattr, access, readlink, statfs."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

import pyfuse3

from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.handlers import Handlers
from offliniofs.tree.plans import FindShelfTitle


class NamingHandlers(Handlers):
    """Who is where, and what is it."""

    @answers
    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """Looks a name up. Never writes."""
        if self.parts.edits.folders.hides(parent_inode, name, ctx.pid):
            raise refusal(errno.ENOENT)
        parts = self.parts
        along = parts.edits.folders.along(parent_inode, name, ctx.pid)
        if along is not None:
            entry = await parts.edits.gone_along(along[0])
            parts.holdings.took(entry.st_ino)
            return entry
        if parts.options.case_insensitive:
            return await self._lookup_in_any_case(parent_inode, name)
        try:
            plan = parts.tree.lookup(parent_inode, name)
            if isinstance(plan, FindShelfTitle):  # the large folders: nothing to await, nothing to count
                return parts.resolver.shelf_title(plan)
            entry = await parts.resolver.find(parent_inode, plan)
        except pyfuse3.FUSEError as error:
            waiting = parts.resolver.unnamed(error, parent_inode, name)
            if waiting is None:
                raise
            return waiting
        parts.holdings.took(entry.st_ino)
        return entry

    async def _lookup_in_any_case(self, parent_inode: int, name: bytes) -> pyfuse3.EntryAttributes:
        entry = await self.parts.resolver.lookup(parent_inode, name)
        self.parts.holdings.took(entry.st_ino)
        return entry

    async def forget(self, inode_list: Sequence[tuple[int, int]]) -> None:
        """The kernel holds these no longer. Numbers are keys, so there is nothing else to give back."""
        self.parts.holdings.gave_back(inode_list)

    @answers
    async def getattr(self, inode: int, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """stat(2)."""
        return await self.parts.resolver.attributes(inode)

    @answers
    async def access(self, inode: int, mode: int, ctx: pyfuse3.RequestContext) -> bool:
        """access(2) and chdir(2), asked only where the kernel does not check permissions itself."""
        entry = await self.parts.resolver.attributes(inode)
        if mode & os.W_OK and self.parts.options.read_only:
            raise refusal(errno.EROFS)
        if ctx.uid == entry.st_uid or ctx.uid == 0:
            granted = entry.st_mode >> 6
        elif ctx.gid == entry.st_gid:
            granted = entry.st_mode >> 3
        else:
            granted = entry.st_mode
        return mode & ~granted & 0o7 == 0

    @answers
    async def readlink(self, inode: int, ctx: pyfuse3.RequestContext) -> bytes:
        """readlink(2)."""
        return await self.parts.resolver.link_target(inode)

    @answers
    async def statfs(self, ctx: pyfuse3.RequestContext) -> pyfuse3.StatvfsData:
        """statvfs(3): the room where the store lies."""
        return await self.parts.space.answer()
