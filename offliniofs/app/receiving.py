"""The inbox of a store: its staging folder, the importer behind it and the settings, put together."""

from __future__ import annotations

import logging

from offliniofs.app.library import OpenLibrary
from offliniofs.catalog.service import Catalogue
from offliniofs.fuse.options import MountOptions
from offliniofs.ingest.inbox import Inbox, InboxSettings
from offliniofs.ingest.inbox_area import StagingArea
from offliniofs.ingest.settings import ImportSettings

logger = logging.getLogger(__name__)


def make_inbox(library: OpenLibrary, options: MountOptions, catalogue: Catalogue) -> Inbox | None:
    """The inbox for a mount; ``None`` for one that takes no changes, or where no staging folder can be made."""
    if options.read_only:
        return None
    try:
        area = StagingArea(library.layout.staging)
    except OSError as error:
        logger.warning("nothing can be received", extra={"reason": str(error)})
        return None
    settings = library.settings
    return Inbox(
        area,
        library.blobs,
        catalogue,
        library.naming,
        InboxSettings(
            quiet_seconds=settings.inbox_quiet_ms / 1000,
            linger_seconds=settings.inbox_linger_ms / 1000,
            reserve=settings.free_space_reserve,
            mode=settings.inbox_mode,
            imports=ImportSettings(stagers=settings.import_workers),
        ),
    )
