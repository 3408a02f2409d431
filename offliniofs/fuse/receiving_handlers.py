"""Which folders of the library take new files, and what is said where one would make no sense."""

from __future__ import annotations

import errno
import os

import pyfuse3

from offliniofs.domain.content import ContentKind
from offliniofs.fuse.clients import actor_of
from offliniofs.fuse.editing_handlers import ChangingHandlers
from offliniofs.fuse.errors import answers, refusal
from offliniofs.fuse.inbox import STAGED_KIND, WRITING, inode_of, number_of
from offliniofs.fuse.inbox_handlers import InboxHandlers
from offliniofs.ingest.inbox_purposes import target_number
from offliniofs.tree.inodes import (
    CANONICAL,
    TRASH,
    FileNode,
    FolderNode,
    Generated,
    GeneratedNode,
    decode,
    directory_base,
)
from offliniofs.tree.nfo import TITLE_NFO_NAMES, nfo_name
from offliniofs.tree.plans import RenderedFile

_KIND_SHIFT = 60

_TRASHED = "What was deleted cannot be added to; move it back first."
_ARTIST = "An artist's folder holds albums; put the file into an album's folder."
_NO_EPISODE = "The name does not say which episode it is; call it 'S01E02', say, and it goes to its season."
_WRITTEN = "This file is written by the library itself whenever it is read; nothing can be saved over it."
_SEASONS = frozenset({ContentKind.SERIES, ContentKind.SEASON})


class ReceivingHandlers(ChangingHandlers):
    """Folders of titles, seasons, albums and extras, in every view that shows them."""

    def receiving(self, folder: int) -> InboxHandlers | None:
        """The inbox, if something is coming into this folder of the library."""
        inbox = self.parts.inbox
        if inbox is None or not inbox.names.ledger.targets:
            return None
        node = decode(folder)
        coming = isinstance(node, FolderNode) and target_number(node.content_id) in inbox.names.ledger.targets
        return inbox if coming else None

    def takes_files(self, folder: int) -> InboxHandlers | None:
        """The inbox, if new files may come into this folder; what may not is refused by those who know why."""
        node = decode(folder)
        return self.parts.inbox if isinstance(node, FolderNode) and node.context != TRASH else None

    async def require_sense(self, folder: int, name: bytes, request: str, ctx: pyfuse3.RequestContext) -> None:
        """Raises FUSEError, and leaves the reason behind, when a file of that name makes no sense in a folder."""
        node = decode(folder)
        if not isinstance(node, FolderNode):
            return
        if node.context == TRASH:
            raise await self.refusing(request, ctx, _TRASHED)
        row = self.parts.catalogue.reader.directory(node.content_id)
        if row is None:
            raise refusal(errno.ESTALE)
        if row.kind is ContentKind.ARTIST:
            raise await self.refusing(request, ctx, _ARTIST)
        if row.kind in _SEASONS and _is_no_episode(name.decode("utf-8", "replace"), row.name):
            self.refuse(actor_of(ctx), request, _NO_EPISODE, errno.EINVAL)
            raise refusal(errno.EINVAL)

    def in_library(self, folder: int, name: bytes) -> bool:
        """Whether the library itself has a file of that name in a folder."""
        node = decode(folder)
        if not isinstance(node, FolderNode):
            return False
        try:
            text = name.decode()
        except UnicodeDecodeError:
            return False
        return self.parts.catalogue.reader.file_named(node.content_id, text) is not None

    def lists(self, folder: int, name: bytes) -> bool:
        """Whether the library may list that name in a folder: a file, or an NFO of its own."""
        return self.in_library(folder, name) or name.decode("utf-8", "replace") in TITLE_NFO_NAMES

    # --- saving over a file -------------------------------------------------------------------------------------------

    def is_saved(self, inode: int, flags: int) -> bool:
        """Whether opening this writes a file of the library, or an NFO that the library makes."""
        written = flags & (os.O_ACCMODE | os.O_TRUNC) != os.O_RDONLY
        return written and self.parts.inbox is not None and isinstance(decode(inode), FileNode | GeneratedNode)

    @answers
    async def save(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """Opens a file of the library for writing. Whoever reads it goes on reading what it was."""
        node, inbox = decode(inode), self.parts.inbox
        if inbox is None:
            raise refusal(errno.EROFS)
        if isinstance(node, FileNode):
            number = await inbox.files.save(self.parts.resolver.file(node.file_id), ctx)
        else:
            number = await self._save_nfo(inbox, inode, ctx)
        handle = inode_of(number) | WRITING
        if flags & os.O_TRUNC:
            await inbox.files.truncate(handle, 0)
        # Past the page cache: that is the old file's, and it stays true.
        return pyfuse3.FileInfo(fh=handle, direct_io=True, keep_cache=True)

    async def _save_nfo(self, inbox: InboxHandlers, inode: int, ctx: pyfuse3.RequestContext) -> int:
        """The number of the user's own NFO in the place of a generated one, which it begins with."""
        place = self._nfo_place(inode)
        plan = self.parts.tree.attributes(inode)
        if place is None or not isinstance(plan, RenderedFile):
            raise await self.refusing("open", ctx, _WRITTEN)
        coming = await inbox.names.received(*place)
        if coming is not None:
            await inbox.files.open(coming.st_ino, os.O_RDWR, ctx)
            return number_of(coming.st_ino)
        text = (await self.parts.resolver.documents.text(plan)).content
        _, entry = await inbox.files.create(*place, self.parts.options.file_mode, os.O_RDWR, ctx)
        await inbox.files.begin_with(number_of(entry.st_ino), text)
        return number_of(entry.st_ino)

    def _nfo_place(self, inode: int) -> tuple[int, bytes] | None:
        """The folder and the name of a generated NFO."""
        match decode(inode):
            case GeneratedNode(Generated.MOVIE_NFO, key):
                return directory_base(CANONICAL) | key, TITLE_NFO_NAMES[0].encode()
            case GeneratedNode(Generated.SERIES_NFO, key):
                return directory_base(CANONICAL) | key, TITLE_NFO_NAMES[1].encode()
            case GeneratedNode(Generated.EPISODE_NFO, key):
                row = self.parts.resolver.file(key)
                return directory_base(CANONICAL) | row.folder_id, nfo_name(row.name).encode()
            case _:
                return None

    async def resizes_save(self, inode: int, fh: int | None, size: int) -> bool:
        """ftruncate(2) of a file of the library, or what the kernel makes of O_TRUNC: of its new bytes.

        The old ones, and their size, are what they were. False when nobody has it open for writing.
        """
        node, inbox = decode(inode), self.parts.inbox
        if inbox is None or not isinstance(node, FileNode | GeneratedNode):
            return False
        if fh is None or fh >> _KIND_SHIFT != STAGED_KIND:
            save = await self.pending_save(inode)
            if save is None or not inbox.files.ledger.writers(save[1]):
                return size == 0 and await self._empties_save(inbox, node, save)
            fh = inode_of(save[1]) | WRITING
        await inbox.files.truncate(fh, size)
        return True

    async def _empties_save(
        self, inbox: InboxHandlers, node: FileNode | GeneratedNode, save: tuple[InboxHandlers, int] | None
    ) -> bool:
        """O_TRUNC comes without a handle, and perhaps from a client that opened the file in an earlier daemon."""
        if isinstance(node, FileNode):
            return await inbox.files.empty_left_open(await inbox.files.way_of_save(node.file_id))
        return save is not None and await inbox.files.empty_left_open(inbox.files.ledger.way(save[1]))

    async def pending_save(self, inode: int) -> tuple[InboxHandlers, int] | None:
        """What will take the place of a file of the library or a generated NFO, if anything was written."""
        node, inbox = decode(inode), self.parts.inbox
        if inbox is None:
            return None
        if isinstance(node, FileNode):
            number = inbox.files.pending(node.file_id)
            return None if number is None else (inbox, number)
        place = self._nfo_place(inode) if isinstance(node, GeneratedNode) else None
        entry = None if place is None else await inbox.names.received(*place)
        return None if entry is None else (inbox, number_of(entry.st_ino))


def _is_no_episode(name: str, folder: str) -> bool:
    """Whether it is a video, neither an extra nor a file under a temporary name, that tells no episode."""
    from offliniofs.detect.arrangement import stem_of
    from offliniofs.detect.filetypes import FileClass, classify_file
    from offliniofs.detect.names import identify_name
    from offliniofs.detect.sidecar_names import extra_kind
    from offliniofs.ingest.inbox_quiet import is_temporary

    if is_temporary(name.encode("utf-8", "replace")) or extra_kind(stem_of(name)) is not None:
        return False
    if classify_file(name, b"").file_class is not FileClass.VIDEO:
        return False
    facts = identify_name(name, folders=(folder,))
    return not facts.episodes and not facts.air_date
