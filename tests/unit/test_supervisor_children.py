"""A daemon that was killed and cannot end, as its supervisor sees it."""

from __future__ import annotations

import subprocess
import sys

from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.children import Child
from tests.mount.support import wait_until

# One thread ends while others go on: so looks, from outside, a process that was killed while a thread of it waits in
# the kernel.
THREAD_THAT_ENDS = """
import sys, threading
thread = threading.Thread(target=sys.stdin.readline, daemon=True)
thread.start()
print(thread.native_id, flush=True)
threading.Event().wait()
"""


def test_one_of_which_nothing_runs_is_gone_although_its_process_is_not() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", THREAD_THAT_ENDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ours, theirs = Channel.pair()
    child = Child(process.pid, ours)
    child.watch_thread(int(process.stdout.readline()))
    gone_before = child.is_gone
    process.stdin.write("\n")
    process.stdin.flush()
    wait_until(lambda: child.is_gone, 20, "the thread has ended")
    assert (gone_before, process.poll()) == (False, None)
    assert child.reap() == "ended"
    buried_before = child.is_buried
    process.kill()
    wait_until(lambda: child.bury() is not None, 20, "the process has ended too")
    assert (buried_before, child.is_buried) == (False, True)
    theirs.close()
    process.returncode = 0
    process.stdin.close()
    process.stdout.close()


def test_a_thread_that_is_not_there_is_not_watched() -> None:
    process = subprocess.Popen(["sleep", "600"])
    ours, theirs = Channel.pair()
    child = Child(process.pid, ours)
    child.watch_thread(2**22 + 1)
    assert child.sentinel is None
    gone_before = child.is_gone
    child.kill()
    wait_until(lambda: child.is_gone, 20, "it has ended")
    assert gone_before is False
    assert child.reap() == "was killed by SIGKILL"
    assert child.is_buried
    theirs.close()
    process.returncode = 0
