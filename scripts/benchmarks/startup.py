"""How long clients wait for a daemon that is started: after its death, with a spare and without; and for a command."""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from offliniofs.app.control_client import mount_name
from scripts.benchmarks.machine import PROGRAM, offliniofs, our_mount
from scripts.benchmarks.result import Result

_COMMANDS = (
    ["import", "--help"],
    ["mount", "--help"],
    ["search", "--help"],
    ["status", "--help"],
    ["umount", "--help"],
)
_MILLISECONDS = 1e3
_MOST_OF_FLOOR = 2.5
"""How many times as long as the packages that it cannot do without a daemon may take to load."""
_SPARE_GOAL = 250.0
_ALONE_GOAL = 2_000.0
_SPARE_SECONDS = 5.0
"""Until a spare has surely loaded everything."""


def processor_seconds(command: list[str], runs: int) -> float:
    """User and system time of a command, the median of several runs; the first, which warms the caches, is left out."""
    taken = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken[1:])


def _state(store: Path, mountpoint: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((store / "run" / f"{mount_name(mountpoint)}.state").read_bytes())
    return told


def stall_after_death(work: Path, runs: int, *, spare: bool) -> float:
    """Seconds that a listing of ``movies`` takes which is asked for when the daemon was just killed; the median."""
    store, mountpoint = work / f"start-{spare}", work / f"start-mount-{spare}"
    if not store.exists():
        offliniofs(store, "init")
    (store / "offliniofs.toml").write_text(f"standby = {str(spare).lower()}\nrestart_tries = 1000\n")
    taken = []
    with our_mount(store, mountpoint):
        for _ in range(runs):
            time.sleep(_SPARE_SECONDS)
            os.kill(int(str(_state(store, mountpoint)["daemon"])), signal.SIGKILL)
            begun = time.perf_counter()
            os.listdir(mountpoint / "movies")
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def startup(work: Path, runs: int) -> list[Result]:
    """Processor time of what is started, and what a client notices of a daemon's death, in milliseconds.

    Held against the packages that no daemon can do without, from the same run: a busy machine is slow at both.
    """
    python = [sys.executable, "-P", "-c"]
    floor = processor_seconds([*python, "import trio, pyfuse3"], runs) * _MILLISECONDS
    daemon = processor_seconds([*python, "import offliniofs.app.generation"], runs) * _MILLISECONDS
    results = [
        _result("a daemon's imports, CPU", daemon, _MOST_OF_FLOOR * floor, {"trio and pyfuse3 alone": floor}),
    ]
    for command in _COMMANDS:
        taken = processor_seconds([*PROGRAM, *command], runs) * _MILLISECONDS
        results.append(_result(f"offliniofs {' '.join(command)}, CPU", taken, floor))
    waits = stall_after_death(work, runs, spare=True) * _MILLISECONDS
    results.append(_result("first answer after a death, with a spare", waits, _SPARE_GOAL))
    alone = stall_after_death(work, runs, spare=False) * _MILLISECONDS
    results.append(_result("first answer after a death, without", alone, _ALONE_GOAL))
    return results


def _result(name: str, value: float, goal: float, peers: Mapping[str, float] = MappingProxyType({})) -> Result:
    return Result(name, value, "ms", f"< {goal:.0f} ms", value < goal, dict(peers))
