"""Listing a folder and finding one name, with nothing cached."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.benchmarks.machine import (
    available_peers,
    bare_mount,
    forget_dentries,
    interleaved,
    our_mount,
    peer_mount,
    seconds,
)
from scripts.benchmarks.result import Result
from scripts.benchmarks.synthetic import make_store

_COLD_NAMES = 500


@contextlib.contextmanager
def same_folder_everywhere(work: Path, entries: int) -> Iterator[dict[str, Path]]:
    """A store with ``entries`` films, mounted; and a real folder with the same names, through every peer."""
    store = make_store(work / f"store-{entries}", entries)
    with contextlib.ExitStack() as stack:
        mounts = {"offliniofs": stack.enter_context(our_mount(store, work / "mnt")) / "movies"}
        real = work / f"real-{entries}"
        if not real.exists():
            real.mkdir()
            for name in os.listdir(mounts["offliniofs"]):
                (real / name).mkdir()
        for peer in available_peers():
            mounts[peer] = stack.enter_context(peer_mount(peer, real, work / f"mnt-{peer}"))
        mounts["native"] = real
        yield mounts


def _list(folder: Path) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            entry.stat(follow_symlinks=False)


def listing(work: Path, entries: int, runs: int) -> Result:
    """scandir and stat of every entry; microseconds an entry."""
    with same_folder_everywhere(work, entries) as mounts:

        def measure(name: str) -> Callable[[], float]:
            def run() -> float:
                forget_dentries(mounts["native"])
                return seconds(lambda: _list(mounts[name])) / entries * 1e6

            return run

        figures = interleaved({name: measure(name) for name in mounts}, runs)
    ours = figures.pop("offliniofs")
    best = min(value for name, value in figures.items() if name != "native")
    return Result(
        f"scandir + stat of {entries:,} entries, cold",
        ours,
        "µs an entry",
        "at most half of bindfs's and mergerfs's",
        ours <= best / 2,
        figures,
    )


def cold_names(work: Path, entries: int, runs: int) -> Result:
    """stat of names the kernel does not know; microseconds a name. Beside the peers: pyfuse3 answering at once."""
    with same_folder_everywhere(work, entries) as mounts, bare_mount(work / "mnt-bare") as bare:
        mounts["bare pyfuse3"] = bare
        chosen = random.Random(1).sample(os.listdir(mounts["native"]), _COLD_NAMES)

        def measure(name: str) -> Callable[[], float]:
            paths = [str(mounts[name] / entry) for entry in chosen]

            def run() -> float:
                forget_dentries(mounts["native"])
                os.stat(mounts[name])
                return seconds(lambda: [os.stat(path) for path in paths]) / len(paths) * 1e6

            return run

        figures = interleaved({name: measure(name) for name in mounts}, runs)
    ours = figures.pop("offliniofs")
    return Result("stat of one cold name", ours, "µs", "at most 2 × bindfs", ours <= 2 * figures["bindfs"], figures)
