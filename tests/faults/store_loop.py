"""Real filesystems on loop devices, for tests of what only a real disk does: fill up, clone, lose power."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mount.support import wait_until

_MAKERS = {
    "xfs": ["mkfs.xfs", "-q", "-f", "-m", "reflink=1"],
    "ext4": ["mkfs.ext4", "-q", "-F", "-m", "0"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
SMALLEST = {"xfs": 320 << 20, "ext4": 16 << 20, "btrfs": 128 << 20}
"""Bytes of image that each mkfs accepts with some room left."""
_LET_GO_SECONDS = 20.0


def run(*command: str | Path) -> str:
    """Runs a command that must succeed and returns what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class LoopDisk:
    """A mounted filesystem of its own."""

    device: str
    mountpoint: Path

    def cut_power(self, *, flush_log: bool) -> None:
        """Stops an XFS as a power cut would: nothing is written any more. ``flush_log``: but its log once more."""
        flags = ["-f"] if flush_log else []
        run("xfs_io", "-x", "-c", " ".join(["shutdown", *flags]), self.mountpoint)

    def remount(self, *, read_only: bool = False) -> None:
        """Unmounts and mounts again, which recovers the log.

        Processes that were killed may have no name any more and still have to close their files.
        """
        wait_until(self._unmounted, _LET_GO_SECONDS, f"nobody uses {self.mountpoint}")
        run("mount", "-o", "ro" if read_only else "rw", self.device, self.mountpoint)

    def _unmounted(self) -> bool:
        return subprocess.run(["umount", self.mountpoint], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def loop_disk(kind: str, folder: Path, size: int | None = None) -> Iterator[LoopDisk]:
    """Makes and mounts a filesystem of ``size`` bytes below ``folder``; leaves no mount, device or file behind."""
    if os.geteuid() != 0:
        pytest.fail("loop devices need root: run the tests as root, as CI does")
    image, mountpoint = folder / f"{kind}.img", folder / f"{kind}.mnt"
    with image.open("wb") as file:
        file.truncate(size or SMALLEST[kind])
    device = run("losetup", "--find", "--show", image)
    try:
        run(*_MAKERS[kind], device)
        mountpoint.mkdir()
        run("mount", device, mountpoint)
        try:
            yield LoopDisk(device, mountpoint)
        finally:
            run("umount", "-l", mountpoint)
    finally:
        run("losetup", "-d", device)
        image.unlink()
        if mountpoint.exists():
            mountpoint.rmdir()
