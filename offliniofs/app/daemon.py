"""The daemon: one mount, its control socket and its service manager, from start to clean end."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial

import trio

from offliniofs.app.control import ControlAddress, serve_control
from offliniofs.app.figures import Figures
from offliniofs.app.library import OpenLibrary, catalogue_settings, find_suggestion, find_titles
from offliniofs.app.notify import ServiceManager
from offliniofs.app.nursery_errors import only_error
from offliniofs.app.upkeep import keep_tidy
from offliniofs.catalog.service import Catalogue
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.mounting import Mounted
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.serving import Services, serve
from offliniofs.monitor.report import status_document

logger = logging.getLogger(__name__)

_ASKING_SECONDS = 1.0
"""How long questions to the catalogue may go on once a signal has come."""


async def serve_library(library: OpenLibrary, options: MountOptions, ready: Callable[[], None]) -> None:
    """Mounts the library and serves it until it is unmounted, or SIGTERM or SIGINT arrive.

    ``ready`` is called once the root lists. Raises :class:`MountError` when it cannot be mounted.
    """
    catalogue = Catalogue(
        library.layout.catalogue, library.naming, find_titles, settings=catalogue_settings(library.settings)
    )
    try:
        await _serve(library, options, catalogue, ready)
    except ExceptionGroup as group:
        raise only_error(group) from None
    finally:
        await catalogue.close()
    logger.info("stopped", extra={"mountpoint": str(options.mountpoint)})


async def _serve(library: OpenLibrary, options: MountOptions, catalogue: Catalogue, ready: Callable[[], None]) -> None:
    manager = ServiceManager.from_environment()
    counters = Counters()
    figures = Figures(options, catalogue, library.blobs, counters, time.time_ns())
    services = Services(
        catalogue, library.blobs, find_suggestion, figures.root_attributes, figures.renderers(), counters
    )

    async def status() -> Mapping[str, object]:
        return status_document(await catalogue.ask(figures.snapshot))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_on_signal, nursery.cancel_scope, catalogue)
        mounted = await nursery.start(partial(_serve_mount, options, services, nursery.cancel_scope))
        address = ControlAddress.for_mount(library.layout.run, mounted.mountpoint)
        await nursery.start(serve_control, address, {"status": status})
        if not options.read_only:
            nursery.start_soon(keep_tidy, catalogue)
        if manager.watchdog is not None:
            nursery.start_soon(_feed_watchdog, manager, manager.watchdog)
        logger.info("serving", extra={"mountpoint": str(mounted.mountpoint), "store": str(options.store)})
        manager.tell("READY=1", f"STATUS=Serving {options.store} on {mounted.mountpoint}")
        ready()
    manager.tell("STOPPING=1")


async def _serve_mount(
    options: MountOptions, services: Services, scope: trio.CancelScope, *, task_status: trio.TaskStatus[Mounted]
) -> None:
    """Serves; when somebody unmounts the folder, the rest of the daemon has nothing left to do."""
    await serve(options, services, task_status=task_status)
    scope.cancel()


async def _stop_on_signal(scope: trio.CancelScope, catalogue: Catalogue) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            logger.info("stopping", extra={"signal": signal.Signals(number).name})
            catalogue.finish_asking(_ASKING_SECONDS)
            scope.cancel()
            return


async def _feed_watchdog(manager: ServiceManager, within: float) -> None:
    """Says that the event loop turns, three times in each interval (sd_watchdog_enabled(3) advises two)."""
    while True:
        manager.tell("WATCHDOG=1")
        await trio.sleep(within / 3)
