"""What all handlers share. Each group of handlers is a class of its own; ``operations.py`` puts them together."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyfuse3

from offliniofs.fuse.counters import Counters
from offliniofs.fuse.details import NodeDetails
from offliniofs.fuse.edits import Edits
from offliniofs.fuse.handles import HandleTable
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.inbox_handlers import InboxHandlers
from offliniofs.fuse.listing import Lister
from offliniofs.fuse.notes import Notes
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.pauses import Pauses
from offliniofs.fuse.reading import BlobReader
from offliniofs.fuse.replays import Replays
from offliniofs.fuse.resolving import Resolver
from offliniofs.fuse.services import Catalogue
from offliniofs.fuse.space import SpaceGauge
from offliniofs.tree.tree import Tree


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with."""

    options: MountOptions
    tree: Tree
    catalogue: Catalogue
    resolver: Resolver
    lister: Lister
    details: NodeDetails
    edits: Edits
    reader: BlobReader
    space: SpaceGauge
    notes: Notes
    holdings: KernelHoldings
    counters: Counters
    replays: Replays
    pauses: Pauses
    inbox: InboxHandlers | None = None
    """``None`` where nothing can be received."""
    handles: HandleTable = field(default_factory=HandleTable)


class Handlers(pyfuse3.Operations):
    """Base of every group. What no group answers says ENOSYS, and the kernel does not ask for it again."""

    supports_dot_lookup = True
    """NFS asks for ``.`` and ``..`` of what it holds a handle of."""
    enable_acl = False
    enable_writeback_cache = False

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts
        self.counters = parts.counters
