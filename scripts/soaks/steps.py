"""Kills each change through the mount at every call with which it changes the disk.

usage: python -m scripts.soaks.steps [--change NAME] [--every N] [--first N]

A change is made again and again on a copy of the same store, and each time killed at the next call: before it and, with
a daemon that takes over, right after it; and before it without one. Writing one page of the write-ahead log is like
writing another, so inside a long run of those each is killed in one of the three ways, by turns, or only every N-th.
What went wrong is printed as it happens; the exit status is 1 then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.writing_steps import CHANGES, Change, Course, Kill, course_of


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(prog="scripts/soak --steps", description=__doc__)
    parser.add_argument("--change", choices=[change.name for change in CHANGES], help="only this one")
    parser.add_argument("--every", type=int, default=1, help="of writes to the log, only every N-th (1)")
    parser.add_argument("--first", type=int, default=1, help="the first call to kill at (1)")
    options = parser.parse_args()
    wrong = 0
    for change in CHANGES:
        if options.change in {None, change.name}:
            with tempfile.TemporaryDirectory(prefix="offliniofs-soak-") as folder:
                wrong += kill_everywhere(change, Path(folder), options.every, options.first)
    return min(wrong, 1)


def kill_everywhere(change: Change, folder: Path, every: int, first: int = 1) -> int:
    """How often it went wrong."""
    course = course_of(change, folder)
    print(f"{change.name}: {len(course.calls)} calls", flush=True)
    kills = wrong = 0
    for kill in _kills(course, every, first):
        try:
            kills += course.killed_at(kill)
        except AssertionError as error:
            wrong += 1
            print(f"{change.name}: {kill}, {course.calls[kill.number - 1]}: {error}", flush=True)
    print(f"{change.name}: {kills} kills, {wrong} more went wrong", flush=True)
    return wrong


def _kills(course: Course, every: int, first: int) -> Iterator[Kill]:
    """Every call in every way that says something new."""
    pages = [call.endswith("-wal") and "pwrite64" in call for call in course.calls]
    for number in range(first, len(pages) + 1):
        ways = [Kill(number), Kill(number, after=True), Kill(number, failover=False)]
        if course.change.command:
            ways.pop()
        inside = all(pages[max(0, number - 3) : number + 2])
        if not inside:
            yield from ways
        elif number % every == 0:
            yield ways[number // every % len(ways)]


if __name__ == "__main__":
    sys.exit(main())
