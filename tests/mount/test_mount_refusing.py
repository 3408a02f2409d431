"""What cannot be done, and that trying it harms nobody."""

from __future__ import annotations

import errno
import mmap
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Daemon, Library, small_library

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount()


def _tries(top: Path) -> list[Callable[[], object]]:
    """Changes that mean nothing, or that a title's bytes must never see."""
    file, folder = top / FILE, top / "movies"
    return [
        lambda: os.unlink(top / "README.txt"),
        lambda: os.rmdir(file.parent),
        lambda: os.rmdir(top / "search" / "heat" / "Heat (1995)"),
        lambda: os.mkdir(folder / "new"),
        lambda: os.rename(file, folder / "moved"),
        lambda: os.rename(folder, top / "films"),
        lambda: os.rename(file.parent, top / "by-quality" / "720p" / "moved"),
        lambda: os.link(file, folder / "linked"),
        lambda: os.symlink("x", folder / "link"),
        lambda: os.mknod(folder / "node", 0o644),
        lambda: os.mkfifo(folder / "fifo"),
        lambda: os.open(folder / "made", os.O_CREAT | os.O_WRONLY),
        lambda: os.chmod(folder, 0o700),
        lambda: os.chown(folder, 1, 1),
        lambda: os.utime(top / "README.txt", (1, 1)),
        lambda: os.truncate(file, 1),
        lambda: os.removexattr(file, "user.offliniofs.hash"),
    ]


def _openings(file: Path) -> list[Callable[[], object]]:
    """Every way to open for writing; where changes are taken at all, new bytes become another file of that name."""
    return [
        lambda: os.open(file, os.O_WRONLY),
        lambda: os.open(file, os.O_RDWR),
        lambda: os.open(file, os.O_RDONLY | os.O_TRUNC),
        lambda: os.open(file, os.O_WRONLY | os.O_APPEND),
    ]


def test_the_library_cannot_be_changed_through_names(daemon: Daemon, library: Library) -> None:
    for number, attempt in enumerate([*_tries(daemon.mountpoint), *_openings(daemon.mountpoint / "README.txt")]):
        with pytest.raises(OSError, match=r".") as caught:
            attempt()
        assert caught.value.errno in {errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOTEMPTY}, number
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]


def test_a_read_only_mount_says_so(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount("--read-only")
    tries = _tries(daemon.mountpoint) + _openings(daemon.mountpoint / FILE)
    for number, attempt in enumerate(tries):
        with pytest.raises(OSError, match=r".") as caught:
            attempt()
        assert caught.value.errno == errno.EROFS, number
    with pytest.raises(OSError, match=r".") as refused:
        os.mkdir(daemon.mountpoint / "saved" / "heat")
    assert refused.value.errno == errno.EROFS
    assert not os.access(daemon.mountpoint / FILE, os.W_OK)
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]


def test_access_tells_the_truth(daemon: Daemon) -> None:
    assert os.access(daemon.mountpoint / FILE, os.R_OK)
    assert os.access(daemon.mountpoint / FILE, os.W_OK)
    assert not os.access(daemon.mountpoint / FILE, os.X_OK)
    assert os.access(daemon.mountpoint / "saved", os.R_OK | os.W_OK | os.X_OK)
    assert os.access(daemon.mountpoint / "movies", os.W_OK)
    for name in (".", ".offliniofs", "by-quality", "search", "README.txt"):
        assert not os.access(daemon.mountpoint / name, os.W_OK), name


def test_direct_and_odd_reads(daemon: Daemon, library: Library) -> None:
    content = library.contents[FILE]
    descriptor = os.open(daemon.mountpoint / FILE, os.O_RDONLY | os.O_DIRECT | os.O_NOATIME)
    try:
        buffer = mmap.mmap(-1, 1 << 20)
        length = os.preadv(descriptor, [buffer], 0)
        assert buffer[:length] == content[:length]
        assert length == len(content)
        assert os.preadv(descriptor, [buffer], 1 << 40) == 0
        aligned = len(content) // 4096 * 4096
        assert os.preadv(descriptor, [buffer], aligned) == len(content) - aligned
    finally:
        os.close(descriptor)
    with (daemon.mountpoint / FILE).open("rb") as stream:
        assert os.pread(stream.fileno(), 100, len(content)) == b""
        assert os.pread(stream.fileno(), 100, len(content) - 1) == content[-1:]
        assert os.pread(stream.fileno(), 1, (1 << 62)) == b""
        with mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as mapped:
            assert mapped[:] == content
        os.fsync(stream.fileno())
    assert (daemon.mountpoint / FILE).read_bytes() == content


def test_odd_requests_do_not_end_the_mount(daemon: Daemon) -> None:
    top = daemon.mountpoint
    for flags in (os.O_RDONLY | os.O_DIRECT, os.O_RDONLY | os.O_SYNC, os.O_RDONLY | os.O_NONBLOCK):
        descriptor = os.open(top / "README.txt", flags)
        assert os.read(descriptor, 100)
        os.close(descriptor)
    descriptor = os.open(top / "movies", os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(descriptor)
    with pytest.raises(IsADirectoryError):
        os.read(descriptor, 10)
    os.lseek(descriptor, 12345 << 48, os.SEEK_SET)
    os.listdir(descriptor)
    os.close(descriptor)
    with pytest.raises(OSError, match=r".") as caught:
        os.open(top / "movies", os.O_RDWR | os.O_TMPFILE)
    assert caught.value.errno in {errno.EOPNOTSUPP, errno.EPERM, errno.EISDIR}
    assert os.listdir(top)


@pytest.mark.parametrize("place", ["saved/store", "saved/store/deeper", "search/store", "movies/store", "."])
def test_no_store_is_made_inside_a_mounted_library(daemon: Daemon, place: str) -> None:
    before = {name: sorted(os.listdir(daemon.mountpoint / name)) for name in (".", "saved", "search", "movies")}
    refused = subprocess.run(
        [sys.executable, "-m", "offliniofs", "--store", str(daemon.mountpoint / place), "init"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 1
    assert f"inside the library that is mounted on {daemon.mountpoint}" in refused.stderr
    after = {name: sorted(os.listdir(daemon.mountpoint / name)) for name in (".", "saved", "search", "movies")}
    assert after == before
