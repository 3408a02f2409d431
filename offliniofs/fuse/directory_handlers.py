"""opendir, readdir, releasedir. A directory's handle is its inode number, or that of what it has become."""

from __future__ import annotations

import pyfuse3

from offliniofs.fuse.errors import answers
from offliniofs.fuse.handlers import Handlers


class DirectoryHandlers(Handlers):
    """Lists folders; nothing is kept between two requests."""

    @answers
    async def opendir(self, inode: int, ctx: pyfuse3.RequestContext) -> int:
        """Opens a folder. That somebody entered a search is noted in the background."""
        self.parts.notes.entered(inode)
        self.parts.edits.folders.listed(inode, ctx.pid)
        return self.parts.resolver.named(inode)

    @answers
    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        """Lists on from a cookie."""
        await self.parts.lister.list_into(token, fh, start_id)

    @answers
    async def releasedir(self, fh: int) -> None:
        """There is nothing to give back."""
