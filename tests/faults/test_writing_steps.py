"""Changes that are killed at exactly one of the calls with which they change the disk.

The call after which a change is made but not answered is always tried, and one that a seed chooses; ``scripts/soak
--steps`` tries all.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.writing_steps import CHANGES, Change, Kill, course_of

HEAD = 8
"""Calls before the first change is written: the log's head may be synced by itself."""


@pytest.mark.parametrize("change", CHANGES, ids=[change.name for change in CHANGES])
def test_a_kill_at_a_step_leaves_the_library_before_or_after_it(tmp_path: Path, change: Change) -> None:
    course = course_of(change, tmp_path)
    synced = [number for number, call in enumerate(course.calls, 1) if "fdatasync" in call and call.endswith("-wal")]
    synced = [number for number in synced if number > HEAD] or synced
    chosen = random.Random(change.name).randint(1, len(course.calls))
    kills = [Kill(synced[0], after=True), Kill(chosen, failover=False)]
    if len(synced) > 1:
        # In the middle of the next change, while the kernel is told of the first: the dead daemon waits for the client.
        kills.append(Kill(synced[0] + 2))
    for kill in kills:
        course.killed_at(kill)
