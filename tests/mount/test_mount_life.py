"""Mounting, dying, unmounting."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from offliniofs.domain.errors import MountError
from offliniofs.fuse.mount_table import is_stale, mounted_at
from offliniofs.fuse.mounting import mount as make_mount
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.unmounting import unmount_on_request
from tests.conftest import Mount
from tests.mount.support import END_SECONDS, READY_SECONDS, Library, small_library, wait_until

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_unmounts_cleanly(library: Library, mount: Mount, number: signal.Signals) -> None:
    small_library(library)
    daemon = mount()
    (daemon.mountpoint / FILE).read_bytes()
    assert daemon.stop(number) == 0
    assert not daemon.mounted
    assert os.listdir(daemon.mountpoint) == []


def test_what_a_dead_process_left_half_written_goes_when_a_daemon_starts(library: Library, mount: Mount) -> None:
    left = library.root / "blobs/tmp/1-dead"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half a film")
    daemon = mount()
    wait_until(lambda: not left.exists(), READY_SECONDS, "what was left is gone")
    assert daemon.mounted


def test_a_busy_mount_is_detached_and_named(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    (daemon.mountpoint / FILE).read_bytes()  # the first close asks for a flush, later ones do not
    with (daemon.mountpoint / FILE).open("rb") as stream:
        stream.read(10)
        assert daemon.stop() == 0
        assert not daemon.mounted
    assert "detaching a busy mount" in daemon.log.read_text()


def test_unmounting_ends_the_daemon(library: Library, mount: Mount) -> None:
    daemon = mount()
    done = unmount_on_request(daemon.mountpoint)
    assert (done.users, done.was_stale) == ((), False)
    assert daemon.process.wait(END_SECONDS) == 0


def test_unmounting_a_busy_mount_names_the_user(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    with (daemon.mountpoint / FILE).open("rb") as stream:
        with pytest.raises(MountError, match=f"process {os.getpid()}"):
            unmount_on_request(daemon.mountpoint)
        assert mounted_at(daemon.mountpoint) is not None
        done = unmount_on_request(daemon.mountpoint, lazy=True)
        assert [user.pid for user in done.users] == [os.getpid()]
        assert mounted_at(daemon.mountpoint) is None
        assert stream.read(6) == b"coffee"
    assert daemon.process.wait(END_SECONDS) == 0


def test_a_dead_daemons_mount_is_cleared_and_used_again(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    daemon.mountpoint.stat()  # which the kernel goes on answering
    daemon.kill_both()
    assert daemon.mounted
    assert is_stale(daemon.mountpoint)
    with pytest.raises(OSError, match=r".") as caught:
        os.listdir(daemon.mountpoint)
    assert caught.value.errno == errno.ENOTCONN
    again = mount()
    assert (again.mountpoint / FILE).read_bytes() == library.contents[FILE]


def test_a_dead_mount_can_be_unmounted(library: Library, mount: Mount) -> None:
    daemon = mount()
    daemon.kill_both()
    assert unmount_on_request(daemon.mountpoint).was_stale
    assert not daemon.mounted


def test_a_live_mount_is_not_mounted_over(library: Library, mount: Mount) -> None:
    daemon = mount()
    with pytest.raises(MountError, match="mounted already"):
        make_mount(MountOptions(daemon.mountpoint, library.root))
    assert os.listdir(daemon.mountpoint)


def test_two_mounts_of_one_store(library: Library, mount: Mount, tmp_path: Path) -> None:
    small_library(library)
    first, second = mount(), mount(at=tmp_path / "second")
    assert (first.mountpoint / FILE).stat().st_ino == (second.mountpoint / FILE).stat().st_ino
    assert (second.mountpoint / FILE).read_bytes() == library.contents[FILE]


def test_what_the_kernel_is_told(library: Library, mount: Mount) -> None:
    daemon = mount("--allow-other", "--umask", "077")
    entry = mounted_at(daemon.mountpoint)
    assert entry is not None
    assert entry.is_ours
    assert entry.source == b"offliniofs:" + os.fsencode(library.root)
    assert (daemon.mountpoint / "movies").stat().st_mode & 0o077 == 0
    read_ahead = Path(f"/sys/class/bdi/{entry.device}/read_ahead_kb").read_text()
    assert int(read_ahead) == (1024 if os.getuid() == 0 else 128)


def test_no_descriptor_is_kept_when_files_are_closed_and_the_daemon_ends(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    for path in library.contents:
        (daemon.mountpoint / path).read_bytes()
    assert daemon.stop() == 0
    assert [name for name in os.listdir(library.root / "blobs") if name.startswith("tmp-")] == []
