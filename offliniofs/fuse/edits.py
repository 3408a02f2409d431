"""What clients may change: the library by its folders (``tree/writes.py`` says what that means), metadata by extended
attributes, and owners, modes and times.

Each change is one function on the writer; the kernel hears of it through the change feed like of any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import pyfuse3

from offliniofs.catalog.reader import Reader
from offliniofs.domain.actors import Actor
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import UsageError
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import DirectoryRow
from offliniofs.fuse.attribute_edits import AttributeEdits
from offliniofs.fuse.changing import (
    HAS_TITLES,
    NO_SUCH,
    NOT_EMPTY,
    change_of,
    edit_title,
    make,
    make_value,
    move_file,
    name_unnamed,
)
from offliniofs.fuse.refusals import ChangeRefusedError
from offliniofs.fuse.resolving import Resolver
from offliniofs.fuse.services import Catalogue
from offliniofs.fuse.whole_folders import COPYING_SECONDS, WholeFolders
from offliniofs.tree import makings, moves, removals
from offliniofs.tree.alike import titles_in
from offliniofs.tree.changes import InvalidateEntry, Invalidation
from offliniofs.tree.inodes import (
    CANONICAL,
    FILE_BASE,
    Generated,
    Static,
    ViewNode,
    decode,
    directory_base,
    generated_inode,
)
from offliniofs.tree.nfo import nfo_name
from offliniofs.tree.places import FileItem, FolderPlace, Item, PassingItem, Place, item_of, place_of
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.searches import decoded
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    AlreadyThere,
    EnterNamed,
    EnterTitleOf,
    MakeArtist,
    MakeFolder,
    MakeUnnamed,
    MakeValue,
    MoveFile,
    NameUnnamed,
    Nothing,
    Prelude,
    Purge,
    RemoveEmptied,
    RemoveValue,
    Restore,
    SaveSearch,
    WritePlan,
)

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")

Discard = Callable[[Sequence[Digest]], None]
"""Removes blobs that no row names any more; runs in a worker thread."""


class Edits:
    """Carries out what the tree allows.

    ``changed`` is called after each change, so that it shows at once; ``tell`` makes the kernel forget names besides
    those that the change feed speaks of. Every method raises ``ChangeRefusedError`` for what has no meaning, FUSEError
    for what is not there, and what the writer raises.
    """

    def __init__(
        self,
        tree: Tree,
        catalogue: Catalogue,
        resolver: Resolver,
        discard: Discard,
        changed: Callable[[], None],
        tell: Callable[[Sequence[Invalidation]], None],
    ) -> None:
        self._tree = tree
        self._catalogue = catalogue
        self._resolver = resolver
        self._discard = discard
        self._changed = changed
        self._tell = tell
        self.folders = WholeFolders()
        self.attributes = AttributeEdits(tree, self.change)

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None) -> _T:
        """One change, for ``actor``."""
        try:
            return await self._catalogue.change(edit, actor)
        finally:
            self._changed()

    # --- folders ------------------------------------------------------------------------------------------------------

    async def make_folder(self, parent: int, name: bytes, actor: Actor) -> pyfuse3.EntryAttributes:
        """mkdir(2)."""
        plan = makings.make_folder(self._place(parent), name)
        match plan:
            case MakeValue():
                return await self._make_value(parent, plan, actor)
            case SaveSearch(text):
                if self._catalogue.reader.saved_named(text) is not None:
                    raise ChangeRefusedError(Refused(Refusal.EXISTS, "There is a saved search of this name already."))
                await self._carry_out(parent, plan, actor)
                return await self._resolver.lookup(parent, name)
            case EnterNamed(text):
                return await self._enter_named(parent, plan, actor)
            case AlreadyThere() | MakeFolder():
                await self._make_below(parent, plan, actor)
            case MakeArtist():
                await self._make_new(lambda writer: make(writer, plan), actor)
            case MakeUnnamed():
                await self._make_new(lambda writer: writer.make_unnamed(*plan), actor)
            case _:
                await self._carry_out(parent, plan, actor)
        entry = await self._resolver.lookup(parent, name)
        if self.folders.is_copying(parent, actor.pid):
            self.folders.begin_copy(entry.st_ino, actor.pid)
        return entry

    async def remove_folder(self, parent: int, name: bytes, actor: Actor) -> None:
        """rmdir(2)."""
        place = self._place(parent)
        along = self.folders.along(parent, name, actor.pid)
        inode = (await self._resolver.lookup(parent, name)).st_ino if along is None else along[0]
        artist = self._artist_of(place)
        await self._carry_out(parent, removals.remove_folder(place, self._item_of(place, inode)), actor)
        self.folders.forget_along(parent, name)
        self.folders.removed_folder(inode)
        if artist is not None:
            # rm -r goes on to remove the artist's folder, which went with the last album
            names = {artist.name.encode(): directory_base(CANONICAL) | artist.content_id}
            self.folders.took_along(int(Static.MUSIC), names, 0, actor.pid)

    async def remove_file(self, parent: int, name: bytes, actor: Actor) -> None:
        """unlink(2)."""
        place = self._place(parent)
        _, item = await self._item(place, parent, name)
        plan = removals.remove_file(place, item)
        await self._carry_out(parent, plan, actor)
        if isinstance(plan, Nothing) and removals.stays_away(place):
            self.folders.remove_generated(parent, name)

    async def rename(self, parent: int, name: bytes, new_parent: int, new_name: bytes, actor: Actor) -> None:
        """rename(2)."""
        place, target = self._place(parent), self._place(new_parent)
        along = self.folders.along(parent, name, actor.pid)
        inode = (await self._resolver.lookup(parent, name)).st_ino if along is None else along[0]
        item = self._item_of(place, inode)
        if along is None or along[1] != new_parent:
            occupant = await self._occupant(target, new_parent, new_name)
            plan = moves.move(place, item, name, target, new_name, occupant)
            await self._move(plan, (parent, name), new_parent, actor)
        self.folders.forget_along(parent, name)
        if isinstance(item, FileItem | PassingItem) and isinstance(target, FolderPlace) and parent != new_parent:
            # mv looks at what it has just moved, which may be called otherwise there
            self.folders.took_along(new_parent, {new_name: inode}, new_parent, actor.pid)
        # The kernel has moved the name to where it was asked to; what stands there the catalogue decides.
        names = ((parent, decoded(name)), (new_parent, decoded(new_name)))
        self._tell([InvalidateEntry(folder, text) for folder, text in names if text is not None])

    async def _move(self, plan: WritePlan, old: tuple[int, bytes], new_parent: int, actor: Actor) -> None:
        if not isinstance(plan, MoveFile):
            await self._carry_out(old[0], plan, actor)
            return
        file_id, file_plan = plan.file_id, plan
        along = await self.change(lambda writer: move_file(writer, file_plan), actor)
        if old[0] != new_parent:
            names = {each.name.encode(): FILE_BASE | each.file_id for each in along}
            generated = nfo_name(old[1].decode("utf-8", "replace")).encode()
            names[generated] = generated_inode(Generated.EPISODE_NFO, file_id)
            self.folders.took_along(old[0], names, new_parent, actor.pid)

    async def gone_along(self, inode: int) -> pyfuse3.EntryAttributes:
        """What is still found where it stood before it went along with another file."""
        entry = await self._resolver.attributes(inode)
        entry.entry_timeout = 0
        return entry

    async def link(self, inode: int, parent: int, name: bytes, actor: Actor) -> pyfuse3.EntryAttributes:
        """link(2)."""
        place = self._place(parent)
        item = self._item_of(place, inode)
        plan = makings.link(item, place, name)
        if isinstance(plan, AlreadyThere):
            entry = await self._resolver.lookup(parent, name)
            if entry.st_ino != inode:
                raise ChangeRefusedError(plan.otherwise)
            self.folders.copied(parent, plan.name)
            return entry
        await self._carry_out(parent, plan, actor)
        entry = await self._resolver.attributes(inode)
        entry.entry_timeout = 0  # what the view shows is the title, not this name
        return entry

    # --- what stands where --------------------------------------------------------------------------------------------

    def _artist_of(self, place: Place) -> DirectoryRow | None:
        """The artist whose folder a place is."""
        if not isinstance(place, FolderPlace) or place.kind is not ContentKind.ARTIST:
            return None
        return self._catalogue.reader.directory(place.content_id)

    def _kind_of(self, content_id: ContentId) -> ContentKind | None:
        row = self._catalogue.reader.directory(content_id)
        return None if row is None else row.kind

    def _place(self, inode: int) -> Place:
        place = place_of(self._tree, inode, self._kind_of)
        if isinstance(place, Refused):
            raise ChangeRefusedError(place)
        return place

    async def _item(self, place: Place, parent: int, name: bytes) -> tuple[int, Item]:
        inode = (await self._resolver.lookup(parent, name)).st_ino
        return inode, self._item_of(place, inode)

    def _item_of(self, place: Place, inode: int) -> Item:
        item = item_of(self._tree, place, inode, self._kind_of)
        if isinstance(item, Refused):
            raise ChangeRefusedError(item)
        return item

    async def _occupant(self, place: Place, parent: int, name: bytes) -> Item | None:
        try:
            return (await self._item(place, parent, name))[1]
        except pyfuse3.FUSEError:
            return None  # there is no such name, or it can be none

    # --- plans --------------------------------------------------------------------------------------------------------

    async def _carry_out(self, parent: int, plan: WritePlan, actor: Actor) -> None:
        match plan:
            case Refused():
                raise ChangeRefusedError(plan)
            case Nothing():
                return
            case Prelude(otherwise):
                if not self.folders.is_removing(parent, actor.pid):
                    raise ChangeRefusedError(otherwise)
            case RemoveEmptied() | RemoveValue():
                await self._remove_empty(plan, actor)
            case EnterTitleOf(file_id, changes):
                title_id = self._resolver.file(file_id).title_id
                await self.change(lambda writer: edit_title(writer, title_id, changes), actor)
            case Restore():
                await self._restore(plan, actor)
            case Purge():
                await self._purge(plan, actor)
            case NameUnnamed():
                await self._make_new(lambda writer: name_unnamed(writer, plan), actor)
            case _:
                await self.change(change_of(plan), actor)

    async def _make_value(self, parent: int, plan: MakeValue, actor: Actor) -> pyfuse3.EntryAttributes:
        try:
            value = await self.change(lambda writer: make_value(writer, plan.facet, plan.name), actor)
        except UsageError as error:
            raise ChangeRefusedError(Refused(Refusal.EXISTS, str(error))) from error
        inode = self._tree.value_inode(View((), plan.facet), value)
        if inode is None:
            raise ChangeRefusedError(NO_SUCH)
        entry = await self._resolver.attributes(inode)
        row = self._catalogue.reader.facet_value(value)
        if row is None or row.name != plan.name:
            entry.entry_timeout = 0  # the genre has another name in normal form
        return entry

    async def _make_below(self, parent: int, plan: AlreadyThere | MakeFolder, actor: Actor) -> None:
        """Makes a folder of a title, unless whoever asks copies the whole title to where it is: then it is there."""
        content_id, name = plan.content_id, plan.name
        if self.folders.is_copying(parent, actor.pid) and self._catalogue.reader.child_named(content_id, name):
            self.folders.copied(parent, name)
        elif isinstance(plan, MakeFolder):
            folder = plan
            await self._make_new(lambda writer: make(writer, folder), actor)
        else:
            raise ChangeRefusedError(plan.otherwise)

    async def _make_new(self, make: Callable[[Writer], object], actor: Actor) -> None:
        try:
            await self.change(make, actor)
        except UsageError as error:
            raise ChangeRefusedError(Refused(Refusal.EXISTS, str(error))) from error

    async def _enter_named(self, parent: int, plan: EnterNamed, actor: Actor) -> pyfuse3.EntryAttributes:
        node = decode(parent)
        row = await self._catalogue.ask(lambda reader: _title_called(reader, plan.name))
        if row is None or not isinstance(node, ViewNode):
            raise ChangeRefusedError(plan.otherwise)
        content_id = row.content_id
        await self.change(lambda writer: edit_title(writer, content_id, plan.changes), actor)
        inode = directory_base(node.context) | content_id
        self.folders.begin_copy(inode, actor.pid)
        entry = await self._resolver.attributes(inode)
        if row.name != plan.name:
            entry.entry_timeout = COPYING_SECONDS  # as long as whoever copies an album may go on under its short name
        return entry

    async def _remove_empty(self, plan: RemoveEmptied | RemoveValue, actor: Actor) -> None:
        reader = self._catalogue.reader
        if isinstance(plan, RemoveValue):
            if reader.titles_page((plan.value,), 0, 1):
                raise ChangeRefusedError(HAS_TITLES)
        elif reader.files_page(plan.content_id, 0, 1) or reader.children_page(plan.content_id, 0, 1):
            raise ChangeRefusedError(NOT_EMPTY)
        await self.change(change_of(plan), actor)

    async def _restore(self, plan: Restore, actor: Actor) -> None:
        trash_id = self._trash_id(plan.item, is_file=plan.is_file)

        def restore(writer: Writer) -> None:
            with writer.together():
                restored = writer.restore(trash_id)
            if restored.content_id is not None and plan.changes:
                edit_title(writer, restored.content_id, plan.changes)

        await self.change(restore, actor)

    async def _purge(self, plan: Purge, actor: Actor) -> None:
        trash_id = self._trash_id(plan.item, is_file=plan.is_file)
        discard = self._discard

        def purge(writer: Writer) -> None:
            # In the writer's thread: nobody can file the same bytes anew between the row's end and the blob's.
            discard(writer.purge(trash_id).digests)

        try:
            await self.change(purge, actor)
        except UsageError as error:
            raise ChangeRefusedError(Refused(Refusal.NOT_PERMITTED, str(error))) from error

    def _trash_id(self, item: int, *, is_file: bool) -> int:
        reader = self._catalogue.reader
        found = reader.trash_of_file(FileId(item)) if is_file else reader.trash_of_content(ContentId(item))
        if found is None:
            raise ChangeRefusedError(NO_SUCH)
        return found


def _title_called(reader: Reader, name: str) -> DirectoryRow | None:
    """The title of that name in the views; or the only album whose name in ``music/`` it is, without its artist."""
    row = reader.title_named((), name)
    if row is not None:
        return row
    alike = {found for title in titles_in(name) for found in reader.names_alike(title, None)}
    albums = [found for found in alike if found.endswith(f" - {name}")]
    return reader.title_named((), albums[0]) if len(albums) == 1 else None
