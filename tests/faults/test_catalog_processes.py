"""Other processes: two that write at once, and one that is killed while it writes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.catalog_library import Library

ROOT = Path(__file__).parents[2]


def start(path: Path, name: str, batches: int, size: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.catalog_process", str(path), name, str(batches), str(size)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_and_a_third_reads(tmp_path: Path) -> None:
    library = Library(tmp_path / "catalog.sqlite")
    writers = [start(library.path, name, batches=6, size=10) for name in ("North", "South")]
    versions = set()
    while any(writer.poll() is None for writer in writers):
        versions.add(library.reader.database.data_version())
        totals = library.reader.library_totals()
        assert totals.files % 20 == 0
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        assert out.split() == [str(number) for number in range(6)]
    totals = library.reader.library_totals()
    assert (totals.movies, totals.series, totals.files) == (120, 1, 240)
    assert len(versions) > 1
    assert library.findings() == []
    library.close()


@pytest.mark.parametrize("survived", [1, 2, 5])
def test_kill_9_in_the_middle_leaves_whole_batches(tmp_path: Path, survived: int) -> None:
    library = Library(tmp_path / "catalog.sqlite")
    writer = start(library.path, "Film", batches=100_000, size=20)
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) + 1 >= survived:
            break
    writer.send_signal(signal.SIGKILL)
    left = writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()
    committed = survived + len(left)
    totals = library.reader.library_totals()
    # a batch may have been committed just before its number could be printed
    assert totals.movies in (20 * committed, 20 * (committed + 1))
    assert totals.files == 2 * totals.movies
    assert library.findings() == []
    library.writer.save_search("after", "x")
    library.close()
