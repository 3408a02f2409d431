"""Writing one large file into the inbox, beside bindfs and the native file system."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.benchmarks.machine import interleaved, offliniofs, our_mount, peer_mount, seconds
from scripts.benchmarks.result import Result

_BLOCK = 1024 * 1024


@contextlib.contextmanager
def _places(work: Path) -> Iterator[dict[str, Path]]:
    """A folder to write to for each. Nothing is filed while it is measured: the inbox waits an hour."""
    store, real = work / "store-inbox", work / "real-inbox"
    real.mkdir(parents=True, exist_ok=True)
    if not store.exists():
        offliniofs(store, "init")
    (store / "offliniofs.toml").write_text("inbox_quiet_ms = 3600000\nfree_space_reserve = 0\n")
    with contextlib.ExitStack() as stack:
        mounted = stack.enter_context(our_mount(store, work / "mnt-inbox"))
        bound = stack.enter_context(peer_mount("bindfs", real, work / "mnt-inbox-bindfs"))
        yield {"offliniofs": mounted / "inbox", "bindfs": bound, "native": real}


def receiving(work: Path, size: int, runs: int) -> Result:
    """``cp`` of one file whose pages are in memory, until ``cp`` has ended; GB a second."""
    source = work / "inbox-source.mkv"
    with source.open("wb") as stream:
        for _ in range(size // _BLOCK):
            stream.write(os.urandom(_BLOCK))

    with _places(work) as places:

        def copy(folder: Path) -> Callable[[], float]:
            def run() -> float:
                os.sync()
                target = folder / "copy.mkv"
                taken = seconds(lambda: subprocess.run(["cp", "--reflink=never", source, target], check=True))
                target.unlink()
                return size / taken / 1e9

            return run

        figures = interleaved({name: copy(folder) for name, folder in places.items()}, runs)
    ours = figures.pop("offliniofs")
    reached = ours >= 0.6 * figures["bindfs"]
    return Result("copying a large file into inbox/", ours, "GB/s", "at least 0.6 × bindfs", reached, figures)
