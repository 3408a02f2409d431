"""The inbox's own handlers, made and put together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pyfuse3
import trio

from offliniofs.catalog.reader import Reader
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.inbox import inode_of
from offliniofs.fuse.inbox_attributes import InboxAttributes
from offliniofs.fuse.inbox_files import InboxFiles
from offliniofs.fuse.inbox_names import InboxNames
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.replays import Replays
from offliniofs.fuse.resolving import shown_files
from offliniofs.fuse.telling import KernelTeller
from offliniofs.ingest.inbox import Inbox
from offliniofs.tree.inodes import Generated, GeneratedNode, decode
from offliniofs.tree.nfo import generated_nfos


@dataclass(frozen=True, slots=True)
class InboxHandlers:
    """Who answers what, inside the inbox."""

    names: InboxNames
    files: InboxFiles
    attributes: InboxAttributes

    async def root(self) -> pyfuse3.EntryAttributes:
        """What ``stat`` says of the inbox itself."""
        return self.names.entry(0, await self.names.look(0))


def inbox_handlers(
    inbox: Inbox,
    options: MountOptions,
    counters: Counters,
    disk: trio.CapacityLimiter,
    replays: Replays,
    changed: Callable[[], None],
    teller: KernelTeller,
    replaced: Callable[[int, str], None],
) -> InboxHandlers:
    """The handlers of ``inbox``; its names disappear from the kernel as they disappear here.

    ``changed`` is called when something was filed, ``replaced`` when new bytes stand under the name of a file in a
    folder of the library.
    """
    inbox.on_filed = changed
    inbox.own_texts.is_generated = is_generated
    files = InboxFiles(inbox, options, counters, replays, disk, replaced)
    inbox.on_gone = lambda gone: teller.run(partial(_forget_names, gone))
    names = InboxNames(inbox, options, counters, replays)
    attributes = InboxAttributes(inbox, options, counters, replays, files)
    return InboxHandlers(names, files, attributes)


def is_generated(reader: Reader, folder_id: int, name: bytes, text: bytes) -> bool:
    """Whether a folder of the library shows an NFO of that name and text by itself."""
    from offliniofs.fuse.nfo_documents import episode_nfo, title_nfo

    row = reader.directory(ContentId(folder_id))
    if row is None:
        return False
    entries = generated_nfos(row.kind, folder_id, shown_files(reader, folder_id, None))
    inode = next((entry.inode for entry in entries if entry.name.encode() == name), 0)
    match decode(inode):
        case GeneratedNode(Generated.EPISODE_NFO, key):
            return episode_nfo(reader, FileId(key)) == text
        case GeneratedNode(_, key):
            return title_nfo(reader, ContentId(key)) == text
        case _:
            return False


def _forget_names(gone: Sequence[tuple[int, bytes]]) -> None:
    """Makes the kernel forget names. It may have to wait for a client that waits for us."""
    for parent, name in gone:
        with contextlib.suppress(OSError):  # it knows nothing of it, or the mount has gone
            pyfuse3.invalidate_entry(inode_of(parent), name)
        with contextlib.suppress(OSError):
            pyfuse3.invalidate_inode(inode_of(parent), attr_only=True)
