"""What clients may set on a node: extended attributes, which edit the catalogue, and owner, mode and time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from offliniofs.domain.actors import Actor
from offliniofs.domain.editing import MetadataEdit
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.fuse.refusals import ChangeRefusedError
from offliniofs.tree.inodes import (
    TRASH,
    FileNode,
    FolderNode,
    Generated,
    GeneratedNode,
    UnnamedNode,
    ViewNode,
    decode,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.tree import Tree
from offliniofs.tree.xattrs import QUERY

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")

_STALE = Refused(Refusal.STALE, "This is not known any more; look it up again.")
_NOT_OURS = Refused(
    Refusal.NOT_PERMITTED, "Only titles, what stands in their folders, and saved searches have attributes to set."
)
_NFO = frozenset({Generated.MOVIE_NFO, Generated.SERIES_NFO, Generated.EPISODE_NFO})
_DELETED = Refused(Refusal.NOT_PERMITTED, "This is in the trash; move it back first.")


class Changer(Protocol):
    """Makes one change on the writer, for a client."""

    def __call__(self, edit: Callable[[Writer], _T], actor: Actor | None, /) -> Awaitable[_T]:
        """Committed when this returns."""
        ...


class AttributeEdits:
    """Raises ``ChangeRefusedError`` for what has no such attribute, ``UsageError`` for a value it cannot have."""

    def __init__(self, tree: Tree, change: Changer) -> None:
        self._tree = tree
        self._change = change

    async def set(self, inode: int, name: str, value: bytes, actor: Actor) -> None:
        """setxattr(2)."""
        from offliniofs.tree.settings import edit_of, query_of

        search_id = self._saved_search(inode)
        if search_id is not None and name == QUERY:
            query = query_of(value)
            await self._change(lambda writer: writer.edit_saved_search(search_id, query), actor)
            return
        await self._edit(inode, edit_of(name, value), actor)

    async def withdraw(self, inode: int, name: str, actor: Actor) -> None:
        """removexattr(2)."""
        from offliniofs.tree.settings import withdrawal_of

        await self._edit(inode, withdrawal_of(name), actor)

    def _saved_search(self, inode: int) -> int | None:
        node = decode(inode)
        view = self._tree.contexts.view(node.context) if isinstance(node, ViewNode) else None
        match None if view is None or view.facet is not None else view.selection:
            case (FacetValue(facet=Facet.SAVED, key=int(key)),):
                return key
            case _:
                return None

    async def _edit(self, inode: int, edit: MetadataEdit, actor: Actor) -> None:
        match decode(inode):
            case FileNode(file_id):
                await self._change(lambda writer: writer.edit_file(FileId(file_id), edit), actor)
            case FolderNode(context, content_id) if context != TRASH:
                await self._change(lambda writer: writer.edit_content(ContentId(content_id), edit), actor)
            case other:
                raise ChangeRefusedError(_refusal(other))

    async def set_stat(
        self,
        inode: int,
        actor: Actor,
        *,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
        mtime_ns: int | None = None,
    ) -> None:
        """chmod(2), chown(2), utimensat(2): sets what is given. Times in ns."""
        match decode(inode):
            case FileNode(file_id):
                await self._change(
                    lambda writer: writer.set_stat(
                        file_id, is_file=True, mode=mode, uid=uid, gid=gid, mtime_ns=mtime_ns
                    ),
                    actor,
                )
            case FolderNode(context, content_id) if context != TRASH:
                await self._change(
                    lambda writer: writer.set_stat(
                        content_id, is_file=False, mode=mode, uid=uid, gid=gid, mtime_ns=mtime_ns
                    ),
                    actor,
                )
            case GeneratedNode(kind) if kind in _NFO or (mode is None and uid is None and gid is None):
                return  # it is what its title is, whoever touches it; chmod -R of a title goes through it
            case UnnamedNode():
                return  # what it becomes has the mode, owner and time of what mkdir makes
            case other:
                raise ChangeRefusedError(_refusal(other))


def _refusal(node: object) -> Refused:
    if node is None:
        return _STALE
    return _DELETED if isinstance(node, FolderNode) else _NOT_OURS
