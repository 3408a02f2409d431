"""A mount from beginning to end: puts the parts together and serves it."""

from __future__ import annotations

import logging
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import trio

from offliniofs.blobs.protocol import BlobStore
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.ids import Digest
from offliniofs.fuse.attributes import AttributeMaker
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.descriptors import DescriptorTable
from offliniofs.fuse.details import NodeDetails, RootFigures
from offliniofs.fuse.documents import Documents, Renderer
from offliniofs.fuse.edits import Edits
from offliniofs.fuse.handlers import Parts
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.inbox_handlers import inbox_handlers
from offliniofs.fuse.invalidation import ChangeFollower
from offliniofs.fuse.known_views import KnownViews
from offliniofs.fuse.listing import Lister
from offliniofs.fuse.mounting import Mounted
from offliniofs.fuse.notes import Notes
from offliniofs.fuse.operations import Filesystem
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.pauses import Pauses
from offliniofs.fuse.reading import BlobReader
from offliniofs.fuse.replays import Replays
from offliniofs.fuse.resolving import Resolver
from offliniofs.fuse.services import Catalogue, Suggest
from offliniofs.fuse.session import Ending, Session, serve_requests
from offliniofs.fuse.session_memory import SessionMemory
from offliniofs.fuse.space import SpaceGauge
from offliniofs.fuse.telling import KernelTeller
from offliniofs.ingest.inbox import Inbox
from offliniofs.tree.changes import InvalidateEntry
from offliniofs.tree.contexts import DEFAULT_CAPACITY
from offliniofs.tree.inodes import CANONICAL, directory_base
from offliniofs.tree.plans import Document
from offliniofs.tree.tree import Tree

logger = logging.getLogger(__name__)

_DISK_THREADS = 16
_MOST_DESCRIPTORS = 4096


@dataclass(frozen=True, slots=True)
class Services:
    """What the rest of the program lends to a mount. The mount closes none of it."""

    catalogue: Catalogue
    blobs: BlobStore
    suggest: Suggest
    root_figures: RootFigures
    """Attributes of the root."""
    renderers: Mapping[Document, Renderer] = field(default_factory=dict)
    """``status.json``, ``metrics.prom`` and ``health.txt``."""
    counters: Counters = field(default_factory=Counters)
    inbox: Inbox | None = None
    """Receives what clients write; ``None`` where nothing can be received."""


async def serve(
    options: MountOptions,
    services: Services,
    session: Session,
    *,
    task_status: trio.TaskStatus[Mounted] = trio.TASK_STATUS_IGNORED,
) -> Ending:
    """Serves until somebody unmounts, the mount is handed over or this is cancelled.

    Reports started once the root lists. No thread and no descriptor stays behind. Raises ``MountError`` when the root
    cannot be listed.
    """
    catalogue, counters = services.catalogue, services.counters
    tree = Tree()
    disk = trio.CapacityLimiter(_DISK_THREADS)
    descriptors = DescriptorTable(services.blobs.open, _descriptor_capacity(), disk, counters.descriptors)
    documents = Documents(catalogue, services.renderers, counters.documents)
    details = NodeDetails(tree, catalogue, services.root_figures)

    holdings = KernelHoldings()
    replays = Replays(session.memory)

    def forget() -> None:
        documents.forget()
        details.forget()

    teller = KernelTeller()
    follower = ChangeFollower(catalogue, holdings, forget, catalogue.reader.last_change_sequence(), teller)

    def changed() -> None:
        forget()  # whoever made the change reads it back at once, also before the follower has looked
        follower.wake()

    def replaced(folder: int, name: str) -> None:
        contexts = (CANONICAL, *holdings.contexts())
        follower.tell([InvalidateEntry(directory_base(context) | folder, name) for context in contexts])

    make = AttributeMaker(options)
    resolver = Resolver(tree, catalogue, make, documents, services.suggest)
    inbox = None
    if services.inbox is not None:
        inbox = inbox_handlers(services.inbox, options, counters, disk, replays, changed, teller, replaced)
    resolver.any_case = options.case_insensitive
    resolver.inbox = None if inbox is None else inbox.root
    parts = Parts(
        options=options,
        tree=tree,
        catalogue=catalogue,
        resolver=resolver,
        lister=Lister(tree, catalogue, make, resolver, holdings),
        details=details,
        edits=Edits(tree, catalogue, resolver, partial(_discard, services.blobs), changed, follower.tell),
        reader=BlobReader(descriptors, disk, counters),
        space=SpaceGauge(services.blobs.free_space),
        notes=Notes(catalogue, tree.contexts, changed, read_only=options.read_only),
        holdings=holdings,
        counters=counters,
        replays=replays,
        pauses=Pauses(),
        inbox=inbox,
    )
    parts.lister.is_gone = parts.edits.folders.is_gone
    if inbox is not None:
        parts.lister.coming_into = inbox.names.coming_into
        parts.lister.saved = inbox.files.saved
    views = KnownViews(session.memory, tree.contexts, holdings)

    async def resume() -> None:
        """Takes up what the daemon before has left, now that it changes no more."""
        parts.handles.is_complete = session.memory is None or session.memory.sequence is None
        recent = await catalogue.ask(lambda reader: reader.recent_views(DEFAULT_CAPACITY))
        views.restore((view.context, view.path) for view in reversed(recent))
        _resume_following(follower, catalogue, session.memory)
        replays.resume()
        parts.pauses.resume()

    async def settle() -> None:
        replays.settle()
        await trio.lowlevel.checkpoint()

    background = [settle, follower.run, parts.notes.run, parts.reader.run]
    background += [services.inbox.run] if services.inbox is not None else []
    try:
        return await serve_requests(
            Filesystem(parts),
            session,
            resume,
            background,
            close_together=catalogue.hold,
            far_apart=catalogue.let_go,
            read_ahead_kib=options.read_ahead_kib,
            task_status=task_status,
        )
    finally:
        descriptors.close_all()
        teller.close()


def _resume_following(follower: ChangeFollower, catalogue: Catalogue, memory: SessionMemory | None) -> None:
    """What changed since the daemon before last told the kernel, this one must tell."""
    follower.sequence = catalogue.reader.last_change_sequence()
    if memory is None:
        return

    def told(sequence: int) -> None:
        memory.sequence = sequence

    if memory.sequence is not None:
        follower.sequence = memory.sequence
    told(follower.sequence)
    follower.on_told = told


def _discard(blobs: BlobStore, digests: Sequence[Digest]) -> None:
    """Removes blobs whose rows are gone. One that stays behind is found by fsck."""
    for digest in digests:
        try:
            blobs.remove(digest)
        except (OfflinioError, OSError) as error:
            where = {"blob": digest.hex(), "reason": str(error)}
            logger.warning("a removed file's bytes stay in the store", extra=where)


def _descriptor_capacity() -> int:
    """Half of what this process may open, so that the catalogue, sockets and threads never run short."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, min(_MOST_DESCRIPTORS, soft // 2))
