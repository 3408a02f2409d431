"""Run as a program: repeats the workload of a store in child processes, each killed one system call later.

``store_killed.py FOLDER``: child K (from 1) works in ``FOLDER/K`` until its K-th call, before which SIGKILL strikes. It
stops after the first child that comes to its end, and prints its number.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import ANY, Failure, Fault, FaultyCalls, Schedule
from offliniofs.blobs.filesystem import initialise, open_store
from tests.faults.store_workload import Journal, prepare, work

_LIMIT = 500


def _child(folder: Path, number: int) -> None:
    calls = FaultyCalls(LinuxCalls(), Schedule([Fault(ANY, Failure.CRASH, number)]))
    with open_store(folder / "store", calls=calls) as store:
        work(store, folder / "originals", Journal(folder / "journal"))


def _run(folder: Path, number: int) -> int:
    folder.mkdir()
    prepare(folder / "originals", str(number))
    initialise(folder / "store")
    child = os.fork()
    if child == 0:
        try:
            _child(folder, number)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> int:
    """Runs children until one survives. Returns an exit code."""
    for number in range(1, _LIMIT):
        code = _run(folder / str(number), number)
        if code == 0:
            print(number)
            return 0
        if code != -9:
            return 1
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
