"""How long clients wait for a daemon that is started: after its death, with a spare and without; and for a command.

usage: python -m scripts.benchmarks.startup [RUNS]
"""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from offliniofs.app.control_client import mount_name
from scripts.benchmarks.machine import PROGRAM, offliniofs, our_mount

_COMMANDS = (["import", "--help"], ["mount", "--help"], ["search", "--help"], ["status", "--help"])
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
    store, mountpoint = work / f"store-{spare}", work / f"mount-{spare}"
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


def main() -> int:
    """Prints a line a figure."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python = [sys.executable, "-P"]
    figures: dict[str, Callable[[], float]] = {
        "trio and pyfuse3 alone, CPU": lambda: processor_seconds([*python, "-c", "import trio, pyfuse3"], runs),
        "all that a first answer needs, CPU": lambda: processor_seconds(
            [*python, "-c", "import offliniofs.app.generation"], runs
        ),
    }
    for command in _COMMANDS:
        figures[f"offliniofs {' '.join(command)}, CPU"] = partial(processor_seconds, [*PROGRAM, *command], runs)
    with tempfile.TemporaryDirectory(prefix="offliniofs-startup-") as folder:
        work = Path(folder)
        figures["first answer after a death, with a spare"] = lambda: stall_after_death(work, runs, spare=True)
        figures["first answer after a death, without"] = lambda: stall_after_death(work, runs, spare=False)
        for name, measure in figures.items():
            print(f"{name:45} {measure() * 1000:7.1f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
