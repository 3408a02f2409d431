"""The thread that tells the kernel what to forget.

Such a call may wait in the kernel for a client that holds a folder's lock, and that client for an answer of ours. A
daemon that is killed then leaves this thread behind until the next daemon has answered. What a process has locked with
fcntl(2), as SQLite locks its files, belongs to its table of descriptors and stays locked as long as any thread uses
that: the next daemon could not make the very change that the client waits for. So this thread has a table of its own
(``CLONE_FILES`` in unshare(2)) with nothing but devices in it, of which ``/dev/fuse`` is one: a file would stay locked
(flock(2)), and a pipe or socket would never end for whoever waits at its other side, be it ``Popen`` that starts a
program at this moment or a client of the control socket.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

_T = TypeVar("_T")

_CLONE_FILES: Final = 0x400
_TABLE: Final = "/proc/thread-self/fd"


class KernelTeller:
    """One thread, begun when it is first needed. For several threads; close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def run(self, act: Callable[[], _T]) -> _T:
        """Does something there, waits for it and gives what it gives. It must use no file, so it may log nothing."""
        with self._lock:
            executor = self._executor = self._executor or _started()
        return executor.submit(act).result()

    def close(self) -> None:
        """Ends the thread; nobody may be using it."""
        with self._lock:
            if self._executor is not None:
                self._executor.shutdown()
                self._executor = None


def _started() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "tell the kernel", initializer=_part_with_files)


def _part_with_files() -> None:
    """Gives this thread a table of its own. Where that is forbidden, all goes on as it was."""
    import ctypes

    if ctypes.CDLL(None).unshare(_CLONE_FILES) != 0:
        return
    with contextlib.suppress(OSError):
        for descriptor in map(int, os.listdir(_TABLE)):
            with contextlib.suppress(OSError):
                if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
                    os.close(descriptor)
