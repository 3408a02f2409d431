"""A daemon for the mount tests: serves a store until SIGTERM.

usage: python -m tests.mount.library_daemon STORE MOUNTPOINT --ready-fd N [--read-only] [--allow-other] [--umask N]
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import trio

from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import find_titles
from offliniofs.blobs.filesystem import open_store
from offliniofs.catalog.reader import Reader, open_reader
from offliniofs.catalog.suggest import suggest
from offliniofs.catalog.writer import Writer
from offliniofs.domain.errors import MountError
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.serving import Services, serve
from offliniofs.query.parser import parse
from offliniofs.tree.names import LibraryNaming
from offliniofs.tree.plans import Document
from offliniofs.tree.xattrs import Value

_T = TypeVar("_T")


class DirectCatalogue:
    """One reader for the loop, one for questions, one writer."""

    def __init__(self, path: Path) -> None:
        self.reader = open_reader(path, find_titles)
        self._pooled = open_reader(path, find_titles)
        self._writer = Writer(path, LibraryNaming())
        self._asking = trio.CapacityLimiter(1)
        self._changing = trio.CapacityLimiter(1)

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        """Asks in a worker thread."""
        return await trio.to_thread.run_sync(question, self._pooled, limiter=self._asking)

    async def change(self, edit: Callable[[Writer], _T]) -> _T:
        """Writes in a worker thread."""
        return await trio.to_thread.run_sync(edit, self._writer, limiter=self._changing)

    def close(self) -> None:
        """Closes the connections."""
        for connection in (self.reader, self._pooled, self._writer):
            connection.close()


def _figures(reader: Reader) -> dict[str, Value]:
    totals = reader.library_totals()
    return {"count": totals.titles, "bytes": totals.shown_bytes}


def _suggest(reader: Reader, query: str) -> str | None:
    return suggest(reader.database, parse(query), now_ns=time.time_ns())


async def _run(layout: StoreLayout, options: MountOptions, ready: int) -> None:
    catalogue = DirectCatalogue(layout.catalogue)
    try:
        with open_store(layout.root, reserve=0) as blobs:
            services = Services(
                catalogue, blobs, _suggest, _figures, {Document.STATUS: lambda reader: b'{"status": "test"}\n'}
            )
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_cancel_on_signal, nursery.cancel_scope)
                await nursery.start(functools.partial(_serve, options, services, nursery.cancel_scope))
                os.write(ready, b"ready\n")
                os.close(ready)
    finally:
        catalogue.close()


async def _serve(
    options: MountOptions, services: Services, scope: trio.CancelScope, *, task_status: trio.TaskStatus[object]
) -> None:
    await serve(options, services, task_status=task_status)
    scope.cancel()


async def _cancel_on_signal(scope: trio.CancelScope) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()
            return


def main() -> None:
    """Parses the arguments and serves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("mountpoint", type=Path)
    parser.add_argument("--ready-fd", type=int, required=True)
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--allow-other", action="store_true")
    parser.add_argument("--umask", type=int, default=0)
    parsed = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    options = MountOptions(
        parsed.mountpoint,
        parsed.store,
        read_only=parsed.read_only,
        allow_other=parsed.allow_other,
        umask=parsed.umask,
    )
    try:
        trio.run(_run, StoreLayout(parsed.store), options, parsed.ready_fd)
    except* MountError as group:
        os.write(parsed.ready_fd, str(group.exceptions[0]).encode())
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
