"""Writing through the mount, for long: what the tests do a few times, at many more seeds.

usage: python -m scripts.soaks.writing [--runs N] [--steps N] [--seed S]     (root: loop devices)

Each run is one life of the machine of ``tests/property/test_mount_machine.py`` with many steps, one kill of everything
that serves at a random moment while people write, and one power cut at each moment of a film's way through the inbox.
The first thing that is wrong ends the soak; its seed is printed before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.store_loop import loop_disk
from tests.faults.test_writing_disks import cut_power
from tests.faults.test_writing_kills import kill_while_writing
from tests.property.test_mount_machine import MountMachine

_MOMENTS = ("half", "closed", "filing", "stored")
_LIVES = 3
"""Lives of the machine a run; the first of them is always the simplest one there is."""


def main() -> int:
    """Runs the soak; raises what is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/soak --writing", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many seeds (20)")
    parser.add_argument("--steps", type=int, default=60, help="changes in one life of the machine (60)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    options = parser.parse_args()
    for number in range(options.seed, options.seed + options.runs):
        print(f"seed {number}: edits", flush=True)
        edit_at_random(number, options.steps)
        with tempfile.TemporaryDirectory(prefix="offliniofs-soak-") as folder:
            print(f"seed {number}: a kill", flush=True)
            kill_while_writing(Path(folder), number)
        with tempfile.TemporaryDirectory(prefix="offliniofs-soak-") as folder, loop_disk("xfs", Path(folder)) as disk:
            for moment in _MOMENTS:
                print(f"seed {number}: a power cut, {moment}", flush=True)
                cut_power(disk, Path(folder), moment, number)
    print(f"{options.runs} runs: nothing was lost, and every step could be taken back")
    return 0


def edit_at_random(number: int, steps: int) -> None:
    """Some lives of the machine."""
    chosen = settings(
        max_examples=_LIVES,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    machine = type("SeededMachine", (MountMachine,), {})
    run_state_machine_as_test(seeded(number)(machine), settings=chosen)


if __name__ == "__main__":
    sys.exit(main())
