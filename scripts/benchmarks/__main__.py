"""``scripts/bench``: runs the chosen measures and prints a table, and JSON to a file."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.benchmarks.folders import cold_names, listing
from scripts.benchmarks.importing import large_files, small_files
from scripts.benchmarks.inbox import receiving
from scripts.benchmarks.names import identification
from scripts.benchmarks.reading import opening, sequential
from scripts.benchmarks.result import Result, as_json, as_table
from scripts.benchmarks.retagging import retagging
from scripts.benchmarks.scale import scale
from scripts.benchmarks.startup import startup

_MEGABYTE = 1024 * 1024


def measures(work: Path, quick: bool) -> dict[str, Callable[[], list[Result]]]:
    """Every measure by name. ``quick`` makes all of them small: the figures are then only a rehearsal."""
    runs = 2 if quick else 5
    titles = 20_000 if quick else 1_000_000
    return {
        "start": lambda: startup(work, runs),
        "names": lambda: [identification(runs)],
        "list-10k": lambda: [listing(work, 10_000, runs)],
        "list-100k": lambda: [listing(work, 20_000 if quick else 100_000, runs)],
        "lookup": lambda: [cold_names(work, 10_000, runs)],
        "open": lambda: [opening(work, runs)],
        "read": lambda: sequential(work, (128 if quick else 1024) * _MEGABYTE, runs),
        "scale": lambda: scale(work, titles, 1 + runs),
        "retag": lambda: retagging(work, titles),
        "import-large": lambda: [large_files(work, (64 if quick else 1024) * _MEGABYTE, 1 if quick else 3)],
        "inbox": lambda: [receiving(work, (128 if quick else 1024) * _MEGABYTE, runs)],
        "import-small": lambda: [small_files(work, 500 if quick else 10_000, 1)],
    }


def main() -> int:
    """Runs the command line. Exit code 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: a rehearsal")
    parser.add_argument("--json", type=Path, help="also write the results to this file, after each measure")
    parser.add_argument("--work", type=Path, help="folder for the data (default: a temporary one, removed at the end)")
    parser.add_argument("measure", nargs="*", help="only these")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("only root can empty the kernel's caches; run it as root")
    work = options.work or Path(tempfile.mkdtemp(prefix="offliniofs-bench-", dir="/var/tmp"))
    work.mkdir(parents=True, exist_ok=True)
    available = measures(work, options.quick)
    if unknown := set(options.measure) - set(available):
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are: {', '.join(available)}")
    results: list[Result] = []
    try:
        for name in options.measure or available:
            print(f"measuring {name} …", file=sys.stderr)
            results += available[name]()
            if options.json:
                options.json.write_text(as_json(results) + "\n")
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    print(as_table(results))
    return 0 if all(result.reached for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
