"""The thread that tells the kernel keeps nothing open that somebody else waits for."""

from __future__ import annotations

import fcntl
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.fuse.telling import KernelTeller


@pytest.fixture
def teller() -> Iterator[KernelTeller]:
    teller = KernelTeller()
    yield teller
    teller.close()


def _ended(descriptor: int) -> bool:
    """Whether nobody has the other side open any more."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def test_a_pipe_ends_while_the_thread_lives(teller: KernelTeller) -> None:
    reading, writing = os.pipe()
    teller.run(lambda: None)
    assert not _ended(reading)
    os.close(writing)
    assert _ended(reading)
    os.close(reading)


def test_a_socket_ends_while_the_thread_lives(teller: KernelTeller) -> None:
    near, far = socket.socketpair()
    with near:
        teller.run(lambda: None)
        assert not _ended(near.fileno())
        far.close()
        assert _ended(near.fileno())


def test_a_lock_ends_with_its_file_while_the_thread_lives(teller: KernelTeller, tmp_path: Path) -> None:
    path = tmp_path / "locked"
    with path.open("wb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        teller.run(lambda: None)
    with path.open("rb") as second:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_devices_stay_open_there_and_everything_stays_open_here(teller: KernelTeller, tmp_path: Path) -> None:
    path = tmp_path / "file"
    with Path("/dev/null").open("wb") as device, path.open("wb") as stream:
        assert teller.run(lambda: os.fstat(device.fileno()).st_rdev) == os.stat("/dev/null").st_rdev
        with pytest.raises(OSError, match="Bad file descriptor"):
            teller.run(lambda: os.fstat(stream.fileno()))
        stream.write(b"still here")
    assert path.read_bytes() == b"still here"
