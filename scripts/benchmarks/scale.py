"""A catalogue of a million titles: start-up, memory and search through the mount."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from offliniofs.app.config import Settings
from offliniofs.app.control_client import ControlAddress, ask
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import open_library
from offliniofs.domain.listing import Facet, FacetValue
from scripts.benchmarks.machine import forget_pages, offliniofs, our_mount, seconds
from scripts.benchmarks.result import Result
from scripts.benchmarks.search_queries import cold_and_warm, cold_table, medians
from scripts.benchmarks.synthetic import make_store, sample_queries

_WALKED = 100_000
_MEGABYTE = 1e6
_PATIENCE = 60.0
"""Seconds that the daemon may take to answer while another measure keeps the machine busy."""
_HALVES = (
    FacetValue(Facet.GENRE, 1),
    FacetValue(Facet.QUALITY, 480),
    FacetValue(Facet.YEAR, 2026),
    FacetValue(Facet.UNWATCHED),
)
"""The largest views of the synthetic catalogue."""


def _resident(store: Path, mountpoint: Path) -> float:
    """Resident memory of the daemon, in MB."""
    address = ControlAddress.for_mount(StoreLayout(store).run, mountpoint.resolve())
    pid = ask(address, "status", _PATIENCE)["pid"]
    assert isinstance(pid, int)
    return float(psutil.Process(pid).memory_info().rss) / _MEGABYTE


def _walk(folder: Path) -> None:
    with contextlib.closing(os.scandir(folder)) as entries:
        for entry in itertools.islice(entries, _WALKED):
            entry.stat(follow_symlinks=False)


def scale(work: Path, titles: int, rounds: int) -> list[Result]:
    """Ready after mount, resident memory, and p95 of listing a search folder."""
    store, mountpoint = make_store(work / f"store-{titles}", titles), work / "mnt"
    ready = []
    for _ in range(3):
        mountpoint.mkdir(parents=True, exist_ok=True)
        ready.append(seconds(lambda: offliniofs(store, "mount", str(mountpoint))))
        offliniofs(store, "umount", str(mountpoint))
    forget_pages(store)
    with our_mount(store, mountpoint):
        fresh = _resident(store, mountpoint)
        from_disk = _searched(mountpoint, sample_queries(store, rounds))
        _read_all(StoreLayout(store).catalogue)
        usual = [took for number in range(1, rounds) for took in _searched(mountpoint, sample_queries(store, number))]
        every_kind = _searched(mountpoint, sample_queries(store, 0))
        after_search = _resident(store, mountpoint)
        _walk(mountpoint / "movies")
        walked = _resident(store, mountpoint)
    queries = medians(StoreLayout(store).catalogue, rounds)
    totals = _nested_totals(store)
    times = cold_and_warm(StoreLayout(store).catalogue, rounds)
    print(cold_table(times), file=sys.stderr)
    coldest = max(times, key=lambda text: times[text].cold)
    slowest = max(queries, key=lambda text: queries[text])
    median = statistics.median(ready)
    return [
        Result(f"{titles:,} titles: ready after mount", median, "s", "under 1 s", median < 1),
        Result(f"{titles:,} titles: resident when ready", fresh, "MB", "under 120 MB", fresh < 120),
        Result(
            "resident after searching and walking 100,000",
            walked,
            "MB",
            "under 250 MB",
            walked < 250,
            {"after the searches": after_search},
        ),
        Result(
            f"{titles:,} titles: ls of a search folder, p95",
            _p95(usual),
            "ms",
            "under 50 ms",
            _p95(usual) < 50,
            {
                "median": statistics.median(usual),
                "the first queries after a start from the disk: median": statistics.median(from_disk),
                "their p95": _p95(from_disk),
                "one query of every kind, the worst among them: median": statistics.median(every_kind),
                "p95": _p95(every_kind),
            },
        ),
        Result(
            f"{titles:,} titles: slowest query of every kind ({slowest})",
            queries[slowest],
            "ms",
            "under 100 ms",
            queries[slowest] < 100,
            {"median of all": statistics.median(queries.values())},
        ),
        Result(
            f"{titles:,} titles: slowest query of every kind from the disk ({coldest})",
            times[coldest].cold,
            "ms",
            "under 100 ms",
            times[coldest].cold < 100,
            {
                "its slowest time": times[coldest].worst_cold,
                "from memory": times[coldest].warm,
                "median of all": statistics.median(one.cold for one in times.values()),
            },
        ),
        Result(
            f"{titles:,} titles: totals of two of the largest views in one another, slowest",
            max(totals),
            "ms",
            "under 100 ms",
            max(totals) < 100,
            {"median": statistics.median(totals)},
        ),
    ]


def _nested_totals(store: Path) -> list[float]:
    """Asks for the totals of each two of the largest views; milliseconds of the second time, by a reader that has
    kept nothing."""
    taken: list[float] = []
    for _ in range(2):
        with open_library(StoreLayout(store), Settings()) as library:
            reader = library.reader
            pairs = itertools.combinations(_HALVES, 2)
            taken = [seconds(functools.partial(reader.selection_totals, pair)) * 1e3 for pair in pairs]
    return taken


def _searched(mountpoint: Path, queries: Sequence[str]) -> list[float]:
    """Lists the folder of each query, none of which was entered before; milliseconds."""
    taken = []
    for query in queries:
        started = time.perf_counter()
        with contextlib.suppress(FileNotFoundError):
            os.listdir(mountpoint / "search" / query)
        taken.append((time.perf_counter() - started) * 1e3)
    return taken


def _read_all(path: Path) -> None:
    """Brings a file into the page cache."""
    with path.open("rb", buffering=0) as stream:
        while stream.read(1 << 20):
            pass


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
