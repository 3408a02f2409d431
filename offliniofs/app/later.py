"""What serving may need at some time, but not for its first answers: loaded right after these.

A daemon lives for weeks, and its package may be upgraded on disk meanwhile. Whatever it imported then would be of
another version than what it runs. So nothing is imported at its first use by a request: everything is loaded as soon
as the root lists, or, by a daemon that waits to take over, while it waits.
"""

from __future__ import annotations

import gc
import importlib
import logging
import sys
from typing import Final

import trio

REST: Final = (
    "offliniofs.catalog.artists",
    "offliniofs.catalog.companions",
    "offliniofs.catalog.filing_into",
    "offliniofs.catalog.folders",
    "offliniofs.catalog.rehoming",
    "offliniofs.catalog.search",
    "offliniofs.catalog.suggest",
    "offliniofs.fuse.nfo_documents",
    "offliniofs.tree.settings",
    "offliniofs.catalog.writer",
    "offliniofs.ingest.importer",
    "offliniofs.monitor.report",
    "psutil",
    "offliniofs.app.supervised",
    "offliniofs.app.late_texts",
    "offliniofs.app.prefetch",
    "offliniofs.app.upkeep",
)
"""What modules of a daemon import inside their functions; what clients ask for first comes first."""

_SWITCH_SECONDS = 0.0005
"""How long an import may keep the interpreter from a request that comes in."""

logger = logging.getLogger(__name__)


async def load_rest() -> None:
    """Loads :data:`REST` beside what is being served. Raises ``ImportError`` when a part of the program is missing."""
    await trio.to_thread.run_sync(_load)
    logger.debug("everything is loaded", extra={"modules": len(sys.modules)})


def _load() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        for name in REST:
            importlib.import_module(name)
    finally:
        sys.setswitchinterval(before)
    gc.freeze()
