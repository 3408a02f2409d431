"""``kill -9`` before every single system call of a store: nothing promised is lost, nothing half-written is seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.store_workload import SMALL_FILES, Journal, check


def test_a_process_killed_at_any_step_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.store_killed", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = int(done.stdout)
    assert last > 4 * SMALL_FILES, "each small file alone takes four calls"
    promised = 0
    for number in range(1, last + 1):
        folder = tmp_path / str(number)
        journal = Journal.load(folder / "journal")
        promised = max(promised, len(journal.committed))
        check(folder / "store", folder / "originals", journal, str(number))
    assert promised == SMALL_FILES + 1
    assert not (tmp_path / str(last) / "originals/moved").exists()
