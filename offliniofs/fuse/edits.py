"""What clients may change: saved searches by their folders, and metadata by extended attributes.

Each change is one function on the writer; the kernel hears of it through the change feed like of any other.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TypeVar

from offliniofs.catalog.writer import Writer
from offliniofs.domain.editing import MetadataEdit
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.fuse.errors import refusal, refused
from offliniofs.fuse.services import Catalogue
from offliniofs.tree import writes
from offliniofs.tree.inodes import FileNode, FolderNode, ViewNode, decode
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.settings import edit_of, query_of, withdrawal_of
from offliniofs.tree.tree import Tree
from offliniofs.tree.writes import ForgetSearch, RenameSearch, SaveSearch, WritePlan
from offliniofs.tree.xattrs import QUERY

_T = TypeVar("_T")


class Edits:
    """Carries out what the tree allows. ``changed`` is called after each change, so that it shows at once."""

    def __init__(self, tree: Tree, catalogue: Catalogue, changed: Callable[[], None]) -> None:
        self._tree = tree
        self._catalogue = catalogue
        self._changed = changed

    async def _change(self, edit: Callable[[Writer], _T]) -> _T:
        try:
            return await self._catalogue.change(edit)
        finally:
            self._changed()

    # --- folders ------------------------------------------------------------------------------------------------------

    async def make_folder(self, parent: int, name: bytes) -> None:
        """mkdir(2). Raises FUSEError."""
        await self._carry_out(writes.make_folder(self._tree, parent, name))

    async def remove_folder(self, parent: int, name: bytes) -> None:
        """rmdir(2). Raises FUSEError."""
        await self._carry_out(writes.remove_folder(parent, name))

    async def rename(self, parent: int, name: bytes, new_parent: int, new_name: bytes) -> None:
        """rename(2). Raises FUSEError."""
        await self._carry_out(writes.rename(parent, name, new_parent, new_name))

    async def _carry_out(self, plan: WritePlan) -> None:
        match plan:
            case SaveSearch(name, query):
                await self._absent(name)
                await self._change(lambda writer: writer.save_search(name, query))
            case RenameSearch(name, new_name):
                await self._absent(new_name)
                search_id = await self._saved(name)
                await self._change(lambda writer: writer.rename_saved_search(search_id, new_name))
            case ForgetSearch(name):
                search_id = await self._saved(name)
                await self._change(lambda writer: writer.forget_saved_search(search_id))
            case Refused(reason):
                raise refused(reason)

    async def _absent(self, name: str) -> None:
        if await self._catalogue.ask(lambda reader: reader.saved_named(name)) is not None:
            raise refused(Refusal.EXISTS)

    async def _saved(self, name: str) -> int:
        found = await self._catalogue.ask(lambda reader: reader.saved_named(name))
        if found is None:
            raise refused(Refusal.NOT_FOUND)
        return found.search_id

    # --- attributes ---------------------------------------------------------------------------------------------------

    async def set_attribute(self, inode: int, name: str, value: bytes) -> None:
        """setxattr(2). Raises FUSEError, and ``UsageError`` for what cannot be set or not to that."""
        search_id = self._saved_search(inode)
        if search_id is not None and name == QUERY:
            query = query_of(value)
            await self._change(lambda writer: writer.edit_saved_search(search_id, query))
            return
        await self._edit(inode, edit_of(name, value))

    async def withdraw_attribute(self, inode: int, name: str) -> None:
        """removexattr(2). Raises as :meth:`set_attribute`."""
        await self._edit(inode, withdrawal_of(name))

    def _saved_search(self, inode: int) -> int | None:
        node = decode(inode)
        view = self._tree.contexts.view(node.context) if isinstance(node, ViewNode) else None
        match None if view is None or view.facet is not None else view.selection:
            case (FacetValue(facet=Facet.SAVED, key=int(key)),):
                return key
            case _:
                return None

    async def _edit(self, inode: int, edit: MetadataEdit) -> None:
        match decode(inode):
            case FileNode(file_id):
                await self._change(lambda writer: writer.edit_file(FileId(file_id), edit))
            case FolderNode(_, content_id):
                await self._change(lambda writer: writer.edit_content(ContentId(content_id), edit))
            case None:
                raise refused(Refusal.STALE)
            case _:
                raise refusal(errno.EPERM)
