"""A title gets another genre by ``rename``: what a person waits for, and that the size of the film plays no part."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from scripts.benchmarks.machine import our_mount
from scripts.benchmarks.result import Result
from scripts.benchmarks.synthetic import make_store

_MOVES = 200
_MILLISECONDS = 1e3
_GOAL = 10.0
_MARKERS = frozenset({".ignore", ".plexignore", ".nomedia"})


def retagging(work: Path, titles: int) -> list[Result]:
    """Median and 95th percentile of moving a title from one genre to another and back, in milliseconds.

    The blobs of the synthetic catalogue do not exist at all: whoever touched one would fail.
    """
    store, mountpoint = make_store(work / f"store-{titles}", titles), work / "mnt"
    taken: list[float] = []
    with our_mount(store, mountpoint):
        genres = mountpoint / "by-genre"
        first, second = sorted(set(os.listdir(genres)) - _MARKERS)[:2]
        with os.scandir(genres / first) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOVES * 4), strict=False)]
        for name in [name for name in names if name not in _MARKERS and not (genres / second / name).exists()][:_MOVES]:
            for old, new in ((first, second), (second, first)):
                begun = time.perf_counter()
                os.rename(genres / old / name, genres / new / name)
                taken.append((time.perf_counter() - begun) * _MILLISECONDS)
    median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
    return [
        Result(f"retag by mv, {titles:,} titles: median", median, "ms", f"< {_GOAL:g}", median < _GOAL),
        Result(f"retag by mv, {titles:,} titles: p95", late, "ms", f"< {_GOAL:g}", late < _GOAL),
    ]
