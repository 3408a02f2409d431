"""Nobody serves a mount and something keeps its descriptor: its clients must not wait for ever."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.fuse.aborting import abort
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.unmounting import unmount_on_request
from tests.conftest import Mount
from tests.mount.support import (
    END_SECONDS,
    Daemon,
    Library,
    processes_of,
    show_control_files,
    small_library,
    wait_until,
)

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
_PIDFD_GETFD = 438


@pytest.fixture(autouse=True)
def control_files() -> None:
    show_control_files()


def _take_descriptor(pid: int) -> int:
    """A copy of that process's descriptor of /dev/fuse (pidfd_getfd(2))."""
    (number,) = [
        int(name) for name in os.listdir(f"/proc/{pid}/fd") if os.readlink(f"/proc/{pid}/fd/{name}") == "/dev/fuse"
    ]
    pidfd = os.pidfd_open(pid)
    try:
        copy = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, pidfd, number, 0)
        assert copy >= 0, os.strerror(ctypes.get_errno())
        return int(copy)
    finally:
        os.close(pidfd)


@pytest.fixture
def hung(library: Library, mount: Mount) -> Iterator[Daemon]:
    """A mount of which everything was killed, and that the kernel still takes for served."""
    small_library(library)
    (library.root / "offliniofs.toml").write_text("standby = false\n")
    daemon = mount()
    kept = _take_descriptor(daemon.supervisor_pid())
    daemon.kill_both()
    yield daemon
    os.close(kept)


def _client(daemon: Daemon) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["cat", str(daemon.mountpoint / FILE)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_mounting_again_frees_those_who_wait(library: Library, mount: Mount, hung: Daemon) -> None:
    client = _client(hung)
    again = mount()
    assert client.wait(END_SECONDS) != 0
    assert (again.mountpoint / FILE).read_bytes() == library.contents[FILE]


def test_unmounting_frees_those_who_wait(library: Library, hung: Daemon) -> None:
    client = _client(hung)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "offliniofs", "umount", str(hung.mountpoint)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert client.wait(END_SECONDS) != 0
    assert not hung.mounted


def test_without_control_files_root_frees_those_who_wait(hung: Daemon, tmp_path: Path) -> None:
    entry = mounted_at(hung.mountpoint)
    assert entry is not None
    client = _client(hung)
    assert abort(entry.device, str(tmp_path / "no control files"))
    assert client.wait(END_SECONDS) != 0
    assert mounted_at(hung.mountpoint) == entry  # an empty folder would make a media server forget the library
    with pytest.raises(OSError, match="Transport endpoint is not connected"):
        os.listdir(hung.mountpoint)
    assert unmount_on_request(hung.mountpoint).was_stale


def test_a_mount_that_is_not_there_cannot_be_aborted(tmp_path: Path) -> None:
    assert not abort("0:999999", str(tmp_path / "no control files"))


def test_in_a_container_mounting_again_frees_those_who_wait(library: Library, hung: Daemon) -> None:
    """Whose ``/sys`` has no control files."""
    client = _client(hung)
    program = f"{sys.executable} -P -m offliniofs --store {library.root}"
    script = (
        f"umount /sys/fs/fuse/connections && {program} mount {hung.mountpoint} && {program} umount {hung.mountpoint}"
    )
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert client.wait(END_SECONDS) != 0
    assert unmount_on_request(hung.mountpoint).was_stale  # outside it is still there


def test_a_spare_that_is_left_alone_frees_those_who_wait(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    wait_until(lambda: len(processes_of(library.root.parent)) >= 3, END_SECONDS, "a spare waits")
    kept = _take_descriptor(daemon.supervisor_pid())
    client = subprocess.Popen(
        ["sh", "-c", f"while ls '{daemon.mountpoint}'; do :; done"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon.kill_both()
    client.wait(END_SECONDS)
    os.close(kept)
    assert unmount_on_request(daemon.mountpoint).was_stale


def test_one_that_is_served_is_left_alone(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    before = daemon.supervisor_pid()
    os.kill(before, 9)
    wait_until(lambda: daemon.supervisor_pid() != before, END_SECONDS, "another supervisor has come")
    with (daemon.mountpoint / FILE).open("rb") as stream:
        assert stream.read() == library.contents[FILE]
    unmount_on_request(daemon.mountpoint)
