"""A daemon that was killed and cannot end, as its supervisor sees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.children import Child
from tests.mount.support import wait_until

# Its main thread ends (exit(2), not exit_group(2)) while another goes on: so looks a process that was killed while a
# thread of it waits in the kernel.
HALF_DEAD = """
import ctypes, platform, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
"""


@pytest.fixture
def half_dead() -> Iterator[Child]:
    process = subprocess.Popen([sys.executable, "-c", HALF_DEAD])
    ours, theirs = Channel.pair()
    child = Child(process.pid, ours)
    yield child
    theirs.close()
    process.kill()
    process.wait()


def test_one_whose_main_thread_has_ended_is_dead_but_not_gone(half_dead: Child) -> None:
    wait_until(lambda: half_dead.is_dead, 20, "the main thread has ended")
    assert not half_dead.is_gone
    assert half_dead.reap() == "ended"  # without waiting for the other thread


def test_one_that_runs_is_not_dead() -> None:
    process = subprocess.Popen(["sleep", "600"])
    ours, theirs = Channel.pair()
    child = Child(process.pid, ours)
    dead_before = child.is_dead
    child.kill()
    wait_until(lambda: child.is_gone, 20, "it has ended")
    assert (dead_before, child.is_dead) == (False, True)
    assert child.reap() == "was killed by SIGKILL"
    theirs.close()
    process.wait()
