"""listxattr, getxattr, setxattr, removexattr, setattr."""

from __future__ import annotations

import errno

import pyfuse3

from offliniofs.domain.actors import Actor
from offliniofs.fuse.editing_handlers import ChangingHandlers
from offliniofs.fuse.errors import answers, refusal
from offliniofs.tree.xattrs import is_answered

_PERMISSIONS = 0o7777
_SIZE = "What the library holds never changes; copy another version into inbox/."


class AttributeHandlers(ChangingHandlers):
    """Tells what is known of a node, and lets its owner correct it."""

    @answers
    async def listxattr(self, inode: int, ctx: pyfuse3.RequestContext) -> list[bytes]:
        """The names of all attributes."""
        return [name.encode() for name in await self.parts.details.names(inode)]

    @answers
    async def getxattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> bytes:
        """One value. What cannot exist (``security.capability``) is refused without asking anybody."""
        if not is_answered(name):
            raise refusal(errno.ENODATA)
        found = await self.parts.details.value(inode, name.decode(errors="replace"))
        if found is None:
            raise refusal(errno.ENODATA)
        return found

    @answers
    async def setxattr(self, inode: int, name: bytes, value: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Corrects the catalogue."""
        self._writable(name)
        text = name.decode(errors="replace")
        await self.changing(
            "setxattr",
            ctx,
            lambda actor: self._set(inode, text, value, actor),
            (inode, name, value),
        )

    async def _set(self, inode: int, name: str, value: bytes, actor: Actor) -> None:
        """``cp -al`` of a title into a view brings along what the title says of itself: that is nobody's word."""
        if self.parts.edits.folders.is_copying(inode, actor.pid):
            current = await self.parts.details.value(inode, name)
            if current == value:
                return
        await self.parts.edits.attributes.set(inode, name, value, actor)

    @answers
    async def removexattr(self, inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Takes a correction back."""
        self._writable(name)
        text = name.decode(errors="replace")
        await self.changing(
            "removexattr", ctx, lambda actor: self.parts.edits.attributes.withdraw(inode, text, actor), (inode, name)
        )

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
        """chmod, chown and utimes are kept; a stored file's size never changes, and when it was read is not kept.

        Who may is checked by the kernel: it alone knows who asks, and the mount belongs to its owner alone unless the
        kernel checks.
        """
        if fields.update_size:
            raise await self.refusing("truncate", ctx, _SIZE)
        wanted = {
            "mode": attr.st_mode & _PERMISSIONS if fields.update_mode else None,
            "uid": attr.st_uid if fields.update_uid else None,
            "gid": attr.st_gid if fields.update_gid else None,
            "mtime_ns": attr.st_mtime_ns if fields.update_mtime else None,
        }
        if any(value is not None for value in wanted.values()):
            subject = (inode, *(-1 if value is None else value for value in wanted.values()))
            await self.changing(
                "setattr", ctx, lambda actor: self.parts.edits.attributes.set_stat(inode, actor, **wanted), subject
            )
        elif self.parts.options.read_only:
            raise refusal(errno.EROFS)
        return await self.parts.resolver.attributes(inode)
