"""Collects what a running mount knows of itself into one snapshot."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from offliniofs import __version__
from offliniofs.app.layout import StoreLayout
from offliniofs.app.link import SupervisorLink
from offliniofs.blobs.protocol import BlobStore, Space
from offliniofs.catalog.reader import Reader
from offliniofs.catalog.service import Catalogue
from offliniofs.domain.errors import OfflinioError
from offliniofs.fuse.counters import Counters, Tally
from offliniofs.fuse.options import MountOptions
from offliniofs.tree.plans import Document
from offliniofs.tree.xattrs import Value

if TYPE_CHECKING:
    from offliniofs.domain.details import LibraryTotals
    from offliniofs.monitor.snapshot import CacheFigures, Snapshot

_RENDERED = (Document.STATUS, Document.METRICS, Document.HEALTH)


@dataclass(frozen=True, slots=True)
class Figures:
    """One mount and what it is made of. Taking a snapshot opens the catalogue: worker threads only."""

    options: MountOptions
    catalogue: Catalogue
    blobs: BlobStore
    counters: Counters
    started_ns: int
    link: SupervisorLink

    def snapshot(self) -> Snapshot:
        """The state now, also of a library that cannot be used."""
        from offliniofs.monitor.snapshot import QueryFigures, Snapshot

        troubles: list[str] = []
        totals, changes = self._library(troubles)
        space = self._space(troubles)
        costs = self.catalogue.costs()
        readers = self.catalogue.pool_snapshot()
        past = self.link.supervision
        return Snapshot(
            version=__version__,
            mountpoint=str(self.options.mountpoint),
            store=str(self.options.store),
            pid=os.getpid(),
            started_ns=self.started_ns,
            uptime_seconds=(time.time_ns() - self.started_ns) / 1e9,
            read_only=self.options.read_only,
            titles=None if totals is None else totals.titles,
            files=None if totals is None else totals.files,
            shown_bytes=None if totals is None else totals.shown_bytes,
            stored_bytes=None if totals is None else totals.stored_bytes,
            disk_total_bytes=space.total,
            disk_free_bytes=space.free,
            disk_available_bytes=space.available,
            resident_bytes=_resident_bytes(),
            requests=dict(self.counters.requests),
            failures=dict(self.counters.failures),
            last_failure=self.counters.last_failure,
            refusals=self.counters.refusals.latest(),
            bytes_read=self.counters.bytes_read,
            caches={
                "page_cache": _cache(self.counters.page_cache),
                "descriptors": _cache(self.counters.descriptors),
                "documents": _cache(self.counters.documents),
            },
            queries=QueryFigures(costs.queries, costs.slow, costs.total_ns, costs.longest_ns),
            readers_borrowed=readers.borrowed,
            readers_idle=readers.idle,
            readers_replaced=readers.replaced,
            change_sequence=changes,
            restarts=past.restarts,
            last_death=past.last_death,
            troubles=troubles,
        )

    def _library(self, troubles: list[str]) -> tuple[LibraryTotals | None, int | None]:
        try:
            return self.catalogue.look(lambda reader: (reader.library_totals(), reader.last_change_sequence()))
        except OfflinioError as error:
            layout = StoreLayout(self.options.store)
            troubles.append(
                f"The catalogue cannot be used: {error} Files that are open can be read on. Do not import anything. "
                f"'offliniofs fsck' says what is damaged. To restore: unmount, put a copy from {layout.backups} or a "
                f"backup of your own in the place of {layout.catalogue}, mount again."
            )
            return None, None

    def _space(self, troubles: list[str]) -> Space:
        try:
            return self.blobs.free_space()
        except (OfflinioError, OSError) as error:
            troubles.append(f"The store {self.options.store} cannot be used: {error} Check that its disk is connected.")
            return Space(0, 0, 0, 0, 0)

    def root_attributes(self, reader: Reader) -> dict[str, Value]:
        """Extended attributes of the root, names without their prefix."""
        state = self.snapshot()
        rates = {f"cache_{name}_hit_rate": _rounded(cache.rate, 4) for name, cache in state.caches.items()}
        return {
            "count": state.titles,
            "files": state.files,
            "bytes": state.shown_bytes,
            "stored_bytes": state.stored_bytes,
            "saved_bytes": state.saved_bytes,
            "free_bytes": state.disk_available_bytes,
            "used_percent": round(state.used_percent, 1),
            "queries": state.queries.queries,
            "slow_queries": state.queries.slow,
            "query_mean_ms": _rounded(state.queries.mean_ms, 3),
            "uptime": round(state.uptime_seconds, 1),
            **rates,
        }

    def renderers(self) -> dict[Document, Callable[[], bytes]]:
        """The files of ``.offliniofs/``."""
        return {document: partial(self._render, document) for document in _RENDERED}

    def _render(self, document: Document) -> bytes:
        from offliniofs.monitor import report

        match document:
            case Document.STATUS:
                return report.render_status(self.snapshot())
            case Document.METRICS:
                return report.render_metrics(self.snapshot())
            case _:
                return report.render_health(self.snapshot())


def _resident_bytes() -> int:
    """Bytes of memory this process occupies: the second figure of /proc/self/statm, in pages (proc_pid_statm(5))."""
    with open("/proc/self/statm", "rb") as stream:
        return int(stream.read().split()[1]) * resource.getpagesize()


def _cache(tally: Tally) -> CacheFigures:
    from offliniofs.monitor.snapshot import CacheFigures

    return CacheFigures(tally.hits, tally.misses)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
