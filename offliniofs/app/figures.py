"""Collects what a running mount knows of itself into one snapshot."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from offliniofs import __version__
from offliniofs.blobs.protocol import BlobStore
from offliniofs.catalog.reader import Reader
from offliniofs.catalog.service import Catalogue
from offliniofs.fuse.counters import Counters, Tally
from offliniofs.fuse.options import MountOptions
from offliniofs.monitor.report import render_health, render_metrics, render_status
from offliniofs.monitor.snapshot import CacheFigures, QueryFigures, Snapshot
from offliniofs.tree.plans import Document
from offliniofs.tree.xattrs import Value


@dataclass(frozen=True, slots=True)
class Figures:
    """One mount and what it is made of. Taking a snapshot blocks for some hundred microseconds: worker threads only."""

    options: MountOptions
    catalogue: Catalogue
    blobs: BlobStore
    counters: Counters
    started_ns: int

    def snapshot(self, reader: Reader) -> Snapshot:
        """The state now."""
        totals = reader.library_totals()
        space = self.blobs.free_space()
        costs = self.catalogue.costs()
        readers = self.catalogue.pool_snapshot()
        return Snapshot(
            version=__version__,
            mountpoint=str(self.options.mountpoint),
            store=str(self.options.store),
            pid=os.getpid(),
            started_ns=self.started_ns,
            uptime_seconds=(time.time_ns() - self.started_ns) / 1e9,
            read_only=self.options.read_only,
            titles=totals.titles,
            files=totals.files,
            shown_bytes=totals.shown_bytes,
            stored_bytes=totals.stored_bytes,
            disk_total_bytes=space.total,
            disk_free_bytes=space.free,
            disk_available_bytes=space.available,
            resident_bytes=psutil.Process().memory_info().rss,
            requests=dict(self.counters.requests),
            failures=dict(self.counters.failures),
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
            change_sequence=reader.last_change_sequence(),
        )

    def root_attributes(self, reader: Reader) -> dict[str, Value]:
        """Extended attributes of the root, names without their prefix."""
        state = self.snapshot(reader)
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

    def renderers(self) -> dict[Document, Callable[[Reader], bytes]]:
        """The files of ``.offliniofs/``."""
        return {
            Document.STATUS: lambda reader: render_status(self.snapshot(reader)),
            Document.METRICS: lambda reader: render_metrics(self.snapshot(reader)),
            Document.HEALTH: lambda reader: render_health(self.snapshot(reader)),
        }


def _cache(tally: Tally) -> CacheFigures:
    return CacheFigures(tally.hits, tally.misses)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
