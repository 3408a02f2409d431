"""The daemon: one mount and its control socket, from start to clean end."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Mapping

import trio

from offliniofs.app.control import serve_control
from offliniofs.app.control_client import ControlAddress
from offliniofs.app.figures import Figures
from offliniofs.app.later import load_rest
from offliniofs.app.library import OpenLibrary, catalogue_settings, find_suggestion, find_titles
from offliniofs.app.link import SupervisorLink
from offliniofs.app.nursery_errors import only_error
from offliniofs.app.receiving import make_inbox
from offliniofs.blobs.protocol import Cleaned
from offliniofs.catalog.service import Catalogue
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.mounting import Mounted
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.serving import Services, serve
from offliniofs.fuse.session import Ending, Session

logger = logging.getLogger(__name__)

_ASKING_SECONDS = 1.0
"""How long questions to the catalogue may go on once a signal has come."""


async def serve_library(library: OpenLibrary, options: MountOptions, session: Session, link: SupervisorLink) -> Ending:
    """Serves the library until the folder is unmounted, another daemon takes over, or this one is told to stop.

    It stops, and unmounts, when its supervisor says so or SIGTERM or SIGINT arrive. ``link`` hears once the root lists.
    Raises :class:`MountError` when it cannot be served.
    """
    catalogue = Catalogue(
        library.layout.catalogue, library.naming, find_titles, settings=catalogue_settings(library.settings)
    )
    try:
        ending = await _serve(library, options, session, catalogue, link)
    except ExceptionGroup as group:
        raise only_error(group) from None
    finally:
        await catalogue.close()
    logger.info("stopped serving", extra={"mountpoint": str(options.mountpoint), "ending": ending.value})
    return ending


async def _serve(
    library: OpenLibrary, options: MountOptions, session: Session, catalogue: Catalogue, link: SupervisorLink
) -> Ending:
    counters = Counters()
    figures = Figures(options, catalogue, library.blobs, counters, time.time_ns(), link)
    inbox = make_inbox(library, options, catalogue)
    services = Services(
        catalogue, library.blobs, find_suggestion, figures.root_attributes, figures.renderers(), counters, inbox
    )
    ending = Ending.STOPPED

    async def status() -> Mapping[str, object]:
        from offliniofs.monitor.report import status_document

        return status_document(await trio.to_thread.run_sync(figures.snapshot))

    async def serve_mount(*, task_status: trio.TaskStatus[Mounted]) -> None:
        """Serves; when that is over, the rest of the daemon has nothing left to do."""
        nonlocal ending
        ending = await serve(options, services, session, task_status=task_status)
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_when_told, nursery.cancel_scope, catalogue, link)
        nursery.start_soon(_stop_on_signal, link.stop)
        mounted = await nursery.start(serve_mount)
        address = ControlAddress.for_mount(library.layout.run, mounted.mountpoint)
        await nursery.start(serve_control, address, {"status": status})
        logger.info("serving", extra={"mountpoint": str(mounted.mountpoint), "store": str(options.store)})
        link.ready()
        await load_rest()
        await _tend(library, catalogue, read_only=options.read_only)
    return ending


async def _tend(library: OpenLibrary, catalogue: Catalogue, *, read_only: bool) -> None:
    """What nobody waits for, begun when the first clients have been answered and everything is loaded."""
    from offliniofs.app.late_texts import write_late_texts
    from offliniofs.app.prefetch import prefetch
    from offliniofs.app.upkeep import keep_tidy

    async def clean() -> Cleaned:
        return await trio.to_thread.run_sync(library.blobs.clean_temporary)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(prefetch, catalogue)
        if not read_only:
            nursery.start_soon(keep_tidy, catalogue, library.blobs.remove, clean)
            nursery.start_soon(write_late_texts, catalogue)


async def _stop_when_told(scope: trio.CancelScope, catalogue: Catalogue, link: SupervisorLink) -> None:
    await link.stop.wait()
    logger.info("stopping")
    catalogue.finish_asking(_ASKING_SECONDS)
    scope.cancel()


async def _stop_on_signal(stop: trio.Event) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            stop.set()
