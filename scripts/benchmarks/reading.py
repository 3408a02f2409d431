"""Opening and reading files."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.benchmarks.films import make_clip, write_film
from scripts.benchmarks.machine import (
    available_peers,
    forget_pages,
    interleaved,
    offliniofs,
    our_mount,
    peer_mount,
    seconds,
)
from scripts.benchmarks.result import Result

_BLOCK = 1024 * 1024
_OPENS = 2000


@contextlib.contextmanager
def same_file_everywhere(work: Path, size: int) -> Iterator[dict[str, Path]]:
    """One film of ``size`` bytes: imported and mounted, and through every peer."""
    store, real = work / f"store-read-{size}", work / f"real-read-{size}"
    film = real / "Film (2001)" / "Film.2001.1080p.WEB-DL.mkv"
    if not store.exists():
        write_film(film, make_clip(work / "clip.mkv"), size)
        offliniofs(store, "init")
        offliniofs(store, "import", str(real))
    with contextlib.ExitStack() as stack:
        mounted = stack.enter_context(our_mount(store, work / "mnt"))
        (ours,) = (mounted / "movies" / "Film (2001)").glob("*.mkv")
        files = {"offliniofs": ours}
        for peer in available_peers():
            mountpoint = stack.enter_context(peer_mount(peer, real, work / f"mnt-{peer}"))
            files[peer] = mountpoint / film.relative_to(real)
        files["native"] = film
        yield files


def _read_all(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    buffer = bytearray(_BLOCK)
    try:
        while os.readv(descriptor, [buffer]):
            pass
    finally:
        os.close(descriptor)


def _open_read_close(path: Path) -> None:
    for _ in range(_OPENS):
        descriptor = os.open(path, os.O_RDONLY)
        os.pread(descriptor, 4096, 0)
        os.close(descriptor)


def opening(work: Path, runs: int) -> Result:
    """open, read of 4 KiB, close; microseconds a round."""
    with same_file_everywhere(work, 64 * _BLOCK) as files:

        def measure(path: Path) -> Callable[[], float]:
            return lambda: seconds(lambda: _open_read_close(path)) / _OPENS * 1e6

        figures = interleaved({name: measure(path) for name, path in files.items()}, runs)
    ours = figures.pop("offliniofs")
    goal = "at most 3 × bindfs"
    return Result("open + 4 KiB read + close", ours, "µs", goal, ours <= 3 * figures["bindfs"], figures)


def sequential(work: Path, size: int, runs: int) -> list[Result]:
    """Reading a whole film whose backing file is cached, first and again; GB a second."""
    with same_file_everywhere(work, size) as files:

        def first(path: Path) -> Callable[[], float]:
            def run() -> float:
                if path != files["native"]:
                    # Only the mount's own pages go; the backing file is read again, into the cache.
                    forget_pages(path.parent)
                    _read_all(files["native"])
                    _warm_store(work / f"store-read-{size}")
                return size / seconds(lambda: _read_all(path)) / 1e9

            return run

        def again(path: Path) -> Callable[[], float]:
            def run() -> float:
                if path != files["native"]:
                    forget_pages(path.parent)  # each run its own pages: how scattered they lie decides the speed
                _read_all(path)
                return size / seconds(lambda: _read_all(path)) / 1e9

            return run

        cold = interleaved({name: first(path) for name, path in files.items()}, runs)
        with _in_small_pages(files["native"]) as small:
            warm = interleaved(
                {name: again(path) for name, path in files.items()} | {"tmpfs, small pages": again(small)}, runs
            )
    ours, ours_again = cold.pop("offliniofs"), warm.pop("offliniofs")
    return [
        Result(
            "sequential read, backing file cached",
            ours,
            "GB/s",
            "at least mergerfs's",
            ours >= cold["mergerfs"],
            cold,
        ),
        Result(
            "the same, second read",
            ours_again,
            "GB/s",
            "at least 0.8 of native",
            ours_again >= 0.8 * warm["native"],
            warm,
        ),
    ]


@contextlib.contextmanager
def _in_small_pages(film: Path) -> Iterator[Path]:
    """A copy on tmpfs, whose page cache is made of single pages, as FUSE's is and ext4's is not."""
    with tempfile.TemporaryDirectory(prefix="offliniofs-bench-", dir="/dev/shm") as folder:
        yield Path(shutil.copy(film, folder))


def _warm_store(store: Path) -> None:
    for directory, _, names in os.walk(store / "blobs"):
        for name in names:
            _read_all(Path(directory) / name)
