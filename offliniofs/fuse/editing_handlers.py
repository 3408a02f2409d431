"""mkdir, rmdir, rename, unlink, link: the library is edited by moving its folders about.

Every change is asked for by somebody, is made once although the kernel may ask twice, and leaves its reason behind when
it is refused.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pyfuse3

from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import UsageError
from offliniofs.fuse.clients import actor_of
from offliniofs.fuse.errors import answers, refusal, refused
from offliniofs.fuse.handlers import Handlers
from offliniofs.fuse.refusals import ChangeRefusedError
from offliniofs.tree.inodes import UnnamedNode, decode
from offliniofs.tree.makings import UNNAMED

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

_NEW_FILE = "Files come in through inbox/, where they are identified, or into the folder of a title."
_NEW_LINK = "The library holds no symbolic links; move a title into a view, or copy it there with 'cp -rl'."
_EXCHANGE = "Two names cannot be exchanged at once; rename one after the other."
_NEW_NODE = "The library holds media, no pipes and devices."


class ChangingHandlers(Handlers):
    """What all handlers share that change something."""

    async def changing(
        self,
        request: str,
        ctx: pyfuse3.RequestContext,
        act: Callable[[Actor], Awaitable[_T]],
        subject: tuple[str | bytes | int, ...],
        again: tuple[int, Callable[[], Awaitable[_T]]] | None = None,
    ) -> _T:
        """Makes a change. ``again``: the errno that means it was made by the daemon before this one, and its answer.

        Raises FUSEError, and what the catalogue raises when it fails.
        """
        if self.parts.options.read_only:
            raise refusal(errno.EROFS)
        once = self.parts.replays.once(request, *subject, ctx.pid)
        with once as repeated, self.parts.pauses.change(actor_of(ctx)) as actor:
            try:
                return await act(actor)
            except ChangeRefusedError as error:
                answer = refused(error.refusal)
                reason = error.reason
            except UsageError as error:
                # mv takes EINVAL for a folder that is moved into itself
                answer = refusal(errno.EPERM if request == "rename" else errno.EINVAL)
                reason = str(error)
            except pyfuse3.FUSEError as error:
                answer = error
                reason = ""
            if repeated and again is not None and answer.errno_ == again[0]:
                return await again[1]()
            if reason:
                self.refuse(actor, request, reason, answer.errno_)
            raise answer

    def refuse(self, actor: Actor, request: str, reason: str, number: int) -> None:
        """Leaves the reason where people find it."""
        self.parts.counters.failed(number, reason)
        if self.parts.counters.refusals.note(actor, request, reason):
            self.parts.notes.refused(actor, request, reason)

    async def refusing(self, request: str, ctx: pyfuse3.RequestContext, reason: str) -> pyfuse3.FUSEError:
        """The answer to what can never be done."""
        if self.parts.options.read_only:
            return refusal(errno.EROFS)
        self.refuse(actor_of(ctx), request, reason, errno.EPERM)
        return refusal(errno.EPERM)


async def _done() -> None:
    """The answer to a change that had been made already."""


class EditingHandlers(ChangingHandlers):
    """Names: what is made, moved and removed. ``docs/writing.md`` says what each means where."""

    @answers
    async def mkdir(
        self, parent_inode: int, name: bytes, mode: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Makes a genre, a year, a collection or a saved search, or puts a title into a view."""
        entry = await self.changing(
            "mkdir",
            ctx,
            lambda actor: self.parts.edits.make_folder(parent_inode, name, actor),
            (parent_inode, name),
            (errno.EEXIST, lambda: self.parts.resolver.lookup(parent_inode, name)),
        )
        self.parts.holdings.took(entry.st_ino)
        return entry

    @answers
    async def rmdir(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Removes a genre, a year, a collection or a search, takes a title out of a view or an empty one away."""
        await self.changing(
            "rmdir",
            ctx,
            lambda actor: self.parts.edits.remove_folder(parent_inode, name, actor),
            (parent_inode, name),
            (errno.ENOENT, _done),
        )

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
        """Edits what was moved. Nothing is ever exchanged."""
        if flags & ~pyfuse3.RENAME_NOREPLACE:
            if self.parts.options.read_only:
                raise refusal(errno.EROFS)
            self.refuse(actor_of(ctx), "rename", _EXCHANGE, errno.EINVAL)
            raise refusal(errno.EINVAL)
        where = (parent_inode_old, name_old, parent_inode_new, name_new)
        await self.changing(
            "rename", ctx, lambda actor: self.parts.edits.rename(*where, actor), where, (errno.ENOENT, _done)
        )

    @answers
    async def unlink(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> None:
        """Deletes a file into the trash. Removing something from a view never removes it from the library."""
        await self.changing(
            "unlink",
            ctx,
            lambda actor: self.parts.edits.remove_file(parent_inode, name, actor),
            (parent_inode, name),
            (errno.ENOENT, _done),
        )

    @answers
    async def link(
        self, inode: int, new_parent_inode: int, new_name: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Puts a file's title into a view."""
        return await self.changing(
            "link",
            ctx,
            lambda actor: self.parts.edits.link(inode, new_parent_inode, new_name, actor),
            (inode, new_parent_inode, new_name),
            (errno.EEXIST, lambda: self.parts.resolver.attributes(inode)),
        )

    @answers
    async def symlink(
        self, parent_inode: int, name: bytes, target: bytes, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Refused."""
        raise await self.refusing("symlink", ctx, _NEW_LINK)

    @answers
    async def mknod(
        self, parent_inode: int, name: bytes, mode: int, rdev: int, ctx: pyfuse3.RequestContext
    ) -> pyfuse3.EntryAttributes:
        """Refused."""
        raise await self.refusing("mknod", ctx, _NEW_NODE)

    @answers
    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: pyfuse3.RequestContext
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        """Refused: what is new comes through the inbox."""
        waiting = isinstance(decode(parent_inode), UnnamedNode)
        raise await self.refusing("create", ctx, UNNAMED.reason if waiting else _NEW_FILE)

    @answers
    async def write(self, fh: int, off: int, buf: bytes) -> int:
        """Refused; nothing of the library is ever opened for writing."""
        raise refusal(errno.EROFS if self.parts.options.read_only else errno.EPERM)
