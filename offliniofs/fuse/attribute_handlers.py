"""listxattr, getxattr, setxattr, removexattr, setattr."""

from __future__ import annotations

import errno

import pyfuse3

from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.handlers import Handlers
from offliniofs.tree.xattrs import is_answered


class AttributeHandlers(Handlers):
    """Tells what is known of a node, and lets its owner correct it."""

    @answers
    async def listxattr(self, inode: int, ctx: pyfuse3.RequestContext) -> list[bytes]:
        """The names of all attributes."""
        return [name.encode() for name in await self.parts.details.attributes(inode)]

    @answers
    async def getxattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> bytes:
        """One value. What cannot exist (``security.capability``) is refused without asking anybody."""
        if not is_answered(name):
            raise refusal(errno.ENODATA)
        found = (await self.parts.details.attributes(inode)).get(name.decode(errors="replace"))
        if found is None:
            raise refusal(errno.ENODATA)
        return found

    @answers
    async def setxattr(self, inode: int, name: bytes, value: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Corrects the catalogue."""
        self._writable(name)
        await self.parts.edits.set_attribute(inode, name.decode(errors="replace"), value)

    @answers
    async def removexattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Takes a correction back."""
        self._writable(name)
        await self.parts.edits.withdraw_attribute(inode, name.decode(errors="replace"))

    def _writable(self, name: bytes) -> None:
        if self.parts.options.read_only:
            raise refusal(errno.EROFS)
        if not is_answered(name):
            raise refusal(errno.EOPNOTSUPP)

    @answers
    async def setattr(
        self,
        inode: int,
        attr: pyfuse3.EntryAttributes,
        fields: pyfuse3.SetattrFields,
        fh: int | None,
        ctx: pyfuse3.RequestContext,
    ) -> pyfuse3.EntryAttributes:
        """chmod, chown, utimes, truncate: what the library holds stays as it is."""
        raise refusal(errno.EROFS if self.parts.options.read_only else errno.EPERM)
