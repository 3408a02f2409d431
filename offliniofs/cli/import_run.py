"""An import from the command line: it stops in order on Ctrl-C and leaves a quick index behind.

Apart from the command itself, whose help and refusals need no event loop.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

import click
import trio

from offliniofs.app.index_merging import merge_index
from offliniofs.domain.errors import OfflinioError

if TYPE_CHECKING:
    from offliniofs.app.library import OpenLibrary
    from offliniofs.catalog.writer import Writer
    from offliniofs.ingest.report import ImportReport

_LARGE = 1_000
"""Files of an import after which the full-text index is worth being put together at once."""
_MERGE_SECONDS = 5.0


class Run(Protocol):
    """An import that is ready to go; it ends early, in order, once ``stop`` is set."""

    def __call__(self, *, stop: trio.Event) -> Awaitable[ImportReport]: ...


def run_to_end(run: Run, library: OpenLibrary) -> ImportReport:
    """Runs an event loop for the import. Raises what it raises, perhaps in an ``ExceptionGroup``."""
    return trio.run(_import, run, library)


async def _import(run: Run, library: OpenLibrary) -> ImportReport:
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_on_signal, stop)
        result = await run(stop=stop)
        if result.filed_files >= _LARGE and not result.dry_run and not stop.is_set():
            await _merge_index(library, stop)
        nursery.cancel_scope.cancel()
    return result


async def _merge_index(library: OpenLibrary, stop: trio.Event) -> None:
    """Begins what the daemon would do within the hour. What was imported is safe: a failure here fails nothing."""

    async def change(edit: Callable[[Writer], bool]) -> bool:
        return await trio.to_thread.run_sync(edit, library.writer)

    with contextlib.suppress(OfflinioError):
        await merge_index(change, _MERGE_SECONDS, stop)


async def _stop_on_signal(stop: trio.Event) -> None:
    """The first Ctrl-C ends the import in order; the next one is Python's own."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            click.echo("stopping; what is under way is finished first", err=True)
            stop.set()
            return
