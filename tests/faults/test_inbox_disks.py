"""The disk behind the inbox is full, or will not let itself be written: a clear error, and nothing half is filed."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path

import pytest

from offliniofs.fuse.mount_table import mounted_at
from tests.faults.store_loop import loop_disk
from tests.mount.inbox_support import SOON, attribute, film, settings, staged, wait_for_state
from tests.mount.support import Library, start_daemon, wait_until

MEBIBYTE = 1 << 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Library]:
    """A store on a disk of 48 MiB."""
    with loop_disk("ext4", tmp_path, 48 * MEBIBYTE) as disk:
        made = Library(disk.mountpoint / "store", tmp_path / "sources")
        made.create()
        yield made


def _fill(stream: RawIOBase) -> None:
    """Writes more than there is room for."""
    for _ in range(64):
        stream.write(os.urandom(MEBIBYTE))


@pytest.mark.parametrize("reserve", [0, 12 * MEBIBYTE])
def test_a_full_disk_is_told_and_leaves_no_half_film_in_the_library(
    small: Library, reserve: int, tmp_path: Path
) -> None:
    settings(small, reserve=reserve)
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    daemon = start_daemon(small, mountpoint, tmp_path / "said")
    try:
        source = tmp_path / "Heat.1995.576p.mkv"
        content = film(source)
        with source.open("ab") as stream:
            stream.write(os.urandom(64 * MEBIBYTE))
        done = subprocess.run(["cp", source, mountpoint / "inbox"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "No space left on device" in done.stderr
        path = mountpoint / "inbox" / source.name
        wait_for_state(path, "failed")
        assert "No space left" in attribute(path, "reason")
        path.unlink()
        wait_until(lambda: staged(small) == [], SOON, "nothing left")
        path.write_bytes(content)
        wait_for_state(path, "stored")
        assert len(os.listdir(mountpoint / "movies")) == 1
    finally:
        daemon.stop()
    assert mounted_at(mountpoint) is None


def test_a_file_that_is_written_anew_after_a_full_disk_is_filed(small: Library, tmp_path: Path) -> None:
    settings(small)
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    daemon = start_daemon(small, mountpoint, tmp_path / "said")
    try:
        path = mountpoint / "inbox" / "Heat.1995.576p.mkv"
        content = film(tmp_path / path.name)
        with path.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space") as caught:
            _fill(stream)
        assert caught.value.errno == errno.ENOSPC
        wait_for_state(path, "failed")
        path.write_bytes(content)
        wait_for_state(path, "stored")
    finally:
        daemon.stop()
