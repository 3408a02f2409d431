"""A mount from beginning to end: puts the parts together, makes the mount, serves it."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass, field

import trio

from offliniofs.blobs.protocol import BlobStore
from offliniofs.fuse.attributes import AttributeMaker
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.descriptors import DescriptorTable
from offliniofs.fuse.details import NodeDetails, RootFigures
from offliniofs.fuse.documents import Documents, Renderer
from offliniofs.fuse.edits import Edits
from offliniofs.fuse.handlers import Parts
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.invalidation import ChangeFollower
from offliniofs.fuse.listing import Lister
from offliniofs.fuse.mounting import Mounted, mount
from offliniofs.fuse.notes import Notes
from offliniofs.fuse.operations import Filesystem
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.reading import BlobReader
from offliniofs.fuse.resolving import Resolver
from offliniofs.fuse.services import Catalogue, Suggest
from offliniofs.fuse.session import serve_requests
from offliniofs.fuse.space import SpaceGauge
from offliniofs.tree.contexts import DEFAULT_CAPACITY
from offliniofs.tree.plans import Document
from offliniofs.tree.tree import Tree

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


async def serve(
    options: MountOptions,
    services: Services,
    *,
    task_status: trio.TaskStatus[Mounted] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Mounts and serves until somebody unmounts or this is cancelled; reports started once the root lists.

    Nothing stays behind: no mount, no thread, no descriptor. Raises ``MountError`` when the folder cannot be
    mounted or the root cannot be listed.
    """
    catalogue, counters = services.catalogue, services.counters
    tree = Tree()
    recent = await catalogue.ask(lambda reader: reader.recent_views(DEFAULT_CAPACITY))
    tree.contexts.seed((view.context, view.path) for view in reversed(recent))
    disk = trio.CapacityLimiter(_DISK_THREADS)
    descriptors = DescriptorTable(services.blobs.open, _descriptor_capacity(), disk, counters.descriptors)
    documents = Documents(catalogue, services.renderers, counters.documents)
    details = NodeDetails(tree, catalogue, services.root_figures)

    holdings = KernelHoldings()

    def forget() -> None:
        documents.forget()
        details.forget()

    follower = ChangeFollower(catalogue, holdings, forget, catalogue.reader.last_change_sequence())

    def changed() -> None:
        forget()  # whoever made the change reads it back at once, also before the follower has looked
        follower.wake()

    make = AttributeMaker(options)
    resolver = Resolver(tree, catalogue, make, documents, services.suggest)
    parts = Parts(
        options=options,
        tree=tree,
        catalogue=catalogue,
        resolver=resolver,
        lister=Lister(tree, catalogue, make, resolver, holdings),
        details=details,
        edits=Edits(tree, catalogue, changed),
        reader=BlobReader(descriptors, disk, counters),
        space=SpaceGauge(services.blobs.free_space),
        notes=Notes(catalogue, tree.contexts, changed, read_only=options.read_only),
        holdings=holdings,
        counters=counters,
    )
    mounted = await trio.to_thread.run_sync(mount, options)
    background = [follower.run, parts.notes.run, parts.reader.run]
    try:
        await serve_requests(
            Filesystem(parts), mounted, background, read_ahead_kib=options.read_ahead_kib, task_status=task_status
        )
    finally:
        descriptors.close_all()


def _descriptor_capacity() -> int:
    """Half of what this process may open, so that the catalogue, sockets and threads never run short."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, min(_MOST_DESCRIPTORS, soft // 2))
