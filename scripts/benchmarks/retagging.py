"""A title gets another genre by ``rename``: what a person waits for, and that the size of the film plays no part."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks.machine import forget_pages, our_mount
from scripts.benchmarks.result import Result
from scripts.benchmarks.synthetic import make_store

_MOVES = 200
_MILLISECONDS = 1e3
_GOAL = 10.0
_MARKERS = frozenset({".ignore", ".plexignore", ".nomedia"})


def retagging(work: Path, titles: int) -> list[Result]:
    """Median and 95th percentile of moving a title from one genre to another and back, in milliseconds.

    All titles are moved twice: the first time what is known of each has to come from the disk. The blobs of the
    synthetic catalogue do not exist at all: whoever touched one would fail.
    """
    store, mountpoint = make_store(work / f"store-{titles}", titles), work / "mnt"
    forget_pages(store)
    with our_mount(store, mountpoint):
        genres = mountpoint / "by-genre"
        first, second = sorted(set(os.listdir(genres)) - _MARKERS)[:2]
        with os.scandir(genres / first) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOVES * 4), strict=False)]
        moved = [name for name in names if name not in _MARKERS and not (genres / second / name).exists()][:_MOVES]
        from_disk, taken = (_moves(moved, genres / first, genres / second) for _ in range(2))
    median, late = statistics.median(taken), _late(taken)
    first_time = {"first time, from the disk: median": statistics.median(from_disk), "p95": _late(from_disk)}
    return [
        Result(f"retag by mv, {titles:,} titles: median", median, "ms", f"< {_GOAL:g}", median < _GOAL, first_time),
        Result(f"retag by mv, {titles:,} titles: p95", late, "ms", f"< {_GOAL:g}", late < _GOAL),
    ]


def _moves(names: Sequence[str], first: Path, second: Path) -> list[float]:
    taken = []
    for name in names:
        for old, new in ((first, second), (second, first)):
            begun = time.perf_counter()
            os.rename(old / name, new / name)
            taken.append((time.perf_counter() - begun) * _MILLISECONDS)
    return taken


def _late(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[18]
