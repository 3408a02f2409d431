"""The power fails before every single system call of a store, on a real XFS: what was promised is on the disk.

XFS is stopped with ``xfs_io -x -c shutdown``: from then on nothing reaches the device, neither data nor, without
``-f``, the log. Mounting again recovers the log, as after a real power cut.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import FaultyCalls
from offliniofs.blobs.filesystem import initialise, open_store
from offliniofs.domain.errors import OfflinioError
from tests.faults.store_loop import LoopDisk, loop_disk
from tests.faults.store_workload import SMALL_FILES, Journal, check, prepare, work


class PowerCut:
    """Cuts the power before the ``at``-th system call; no later call does anything, as the machine is off."""

    def __init__(self, disk: LoopDisk, at: int, *, flush_log: bool) -> None:
        self._disk = disk
        self._at = at
        self._flush_log = flush_log
        self._count = 0
        self._lock = threading.Lock()
        self.happened = False

    def strike(self, point: str) -> bool:
        with self._lock:
            self._count += 1
            if self._count == self._at:
                self._disk.cut_power(flush_log=self._flush_log)
                self.happened = True
            if self.happened:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return False


def _work_until_cut(disk: LoopDisk, at: int, *, flush_log: bool) -> tuple[bool, Journal]:
    root, seed = disk.mountpoint / "store", f"{flush_log}{at}"
    folder = disk.mountpoint / seed
    prepare(folder, seed)
    cut, journal = PowerCut(disk, at, flush_log=flush_log), Journal()
    with open_store(root, reserve=0, calls=FaultyCalls(LinuxCalls(), cut)) as store:
        try:
            work(store, folder, journal)
        except (OfflinioError, OSError):
            assert cut.happened
        finally:
            if not cut.happened:
                disk.cut_power(flush_log=flush_log)
    disk.remount()
    check(root, folder, journal, seed)
    _make_room(root, folder)
    return cut.happened, journal


def _make_room(root: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    with open_store(root) as store:
        for digest in list(store.iterate()):
            store.remove(digest)


@pytest.mark.parametrize("flush_log", [False, True])
def test_a_power_cut_at_any_step_loses_nothing(tmp_path: Path, flush_log: bool) -> None:
    with loop_disk("xfs", tmp_path) as disk:
        initialise(disk.mountpoint / "store")
        happened, at, journal = True, 0, Journal()
        while happened:
            at += 1
            happened, journal = _work_until_cut(disk, at, flush_log=flush_log)
        assert at > 4 * SMALL_FILES
        assert len(journal.committed) == SMALL_FILES + 1, "promised just before the power went, and all there"


def test_a_new_store_survives_a_power_cut(tmp_path: Path) -> None:
    with loop_disk("xfs", tmp_path) as disk:
        identity = initialise(disk.mountpoint / "store")
        disk.cut_power(flush_log=False)
        disk.remount()
        with open_store(disk.mountpoint / "store") as store:
            assert store.identity == identity
