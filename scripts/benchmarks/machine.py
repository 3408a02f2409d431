"""Mounts of ours and of the peers, and cold caches."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAM = [sys.executable, "-m", "offliniofs"]
PEERS = ("bindfs", "mergerfs")
_SETTLE_SECONDS = 0.5


def offliniofs(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one command on ``store``; raises when it fails."""
    command = [*PROGRAM, "--store", str(store), *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)


@contextlib.contextmanager
def our_mount(store: Path, mountpoint: Path) -> Iterator[Path]:
    """The store, mounted."""
    mountpoint.mkdir(parents=True, exist_ok=True)
    offliniofs(store, "mount", str(mountpoint))
    try:
        yield mountpoint
    finally:
        offliniofs(store, "umount", str(mountpoint))


@contextlib.contextmanager
def bare_mount(mountpoint: Path) -> Iterator[Path]:
    """A pyfuse3 mount whose handlers do nothing: what the library alone costs."""
    mountpoint.mkdir(parents=True, exist_ok=True)
    device = mountpoint.stat().st_dev
    served = subprocess.Popen([sys.executable, "-m", "scripts.benchmarks.bare", str(mountpoint)])
    try:
        while mountpoint.stat().st_dev == device:
            if served.poll() is not None:
                raise RuntimeError(f"the bare mount ended with status {served.returncode}")
            time.sleep(_SETTLE_SECONDS)
        yield mountpoint
    finally:
        subprocess.run(["fusermount3", "-u", str(mountpoint)], check=True)
        served.wait()


@contextlib.contextmanager
def peer_mount(peer: str, source: Path, mountpoint: Path) -> Iterator[Path]:
    """``source`` shown through a peer, with the options that suit it best."""
    mountpoint.mkdir(parents=True, exist_ok=True)
    options = {
        "bindfs": ["bindfs"],
        "mergerfs": ["mergerfs", "-o", "cache.files=full,cache.entry=300,cache.attr=300"],
    }[peer]
    subprocess.run([*options, str(source), str(mountpoint)], check=True)
    try:
        yield mountpoint
    finally:
        subprocess.run(["fusermount3", "-u", str(mountpoint)], check=True)


def available_peers() -> list[str]:
    """The peers that are installed."""
    return [peer for peer in PEERS if shutil.which(peer)]


def forget_dentries(*warm: Path) -> None:
    """Empties the kernel's dentry and inode caches, then warms those of ``warm``, so that a peer's backing folder is
    not what is measured."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("2\n")
    # The kernel tells every daemon what it forgot; that is no part of what comes next.
    time.sleep(_SETTLE_SECONDS)
    for folder in warm:
        with os.scandir(folder) as entries:
            for entry in entries:
                entry.stat(follow_symlinks=False)


def forget_pages(folder: Path) -> None:
    """Drops the page cache of every file below ``folder``."""
    os.sync()
    for directory, _, names in os.walk(folder):
        for path in (os.path.join(directory, name) for name in names):
            if not os.path.isfile(path):  # the socket of a mount that is just ending
                continue
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def seconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def interleaved(actions: dict[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """Runs all actions in turn, ``runs`` times, and gives the median of what each returned.

    In turn, because a shared machine drifts: each figure then sees the same drift. Another one begins each time,
    because who comes first finds another machine: memory that was just freed, in pieces.
    """
    samples: dict[str, list[float]] = {name: [] for name in actions}
    names = list(actions)
    for run in range(runs):
        first = run % len(names)
        for name in names[first:] + names[:first]:
            samples[name].append(actions[name]())
    return {name: statistics.median(values) for name, values in samples.items()}
