"""Counts the calls with which a process changes a disk, and kills it at one of them: the N-th of all its threads.

usage: python -m tests.faults.writing_tracer [--kill N] [--after] (--pid PID | COMMAND…)

``strace --inject=…:when=N`` counts for each thread and each call alone, and a daemon spreads its work over threads; so
this asks ptrace(2) itself. Every thread stops at every call. ``--kill N`` kills the process when the N-th such call is
about to be made, or with ``--after`` when it has been made and nothing has come of it yet. Prints "ready" when it
watches, then a line for each call: its number, its name, what it is about; and "killed". SIGTERM lets the process go.
The exit status is that of the process, or the number of the signal that ended it.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_SEIZE: Final = 0x4206
_INTERRUPT: Final = 0x4207
_LISTEN: Final = 0x4208
_GET_SYSCALL_INFO: Final = 0x420E
_TO_NEXT_CALL: Final = 24
_TRACE_CALLS_THREADS_PROGRAMS: Final = 1 | 8 | 16
_EVENT_STOP: Final = 128
_AT_CALL: Final = signal.SIGTRAP | 0x80
_EVERY_THREAD: Final = 0x40000000
_ENTRY: Final = 1
_CREATES: Final = os.O_CREAT
_CLONE_FILE: Final = 0x40049409  # FICLONE, linux/fs.h

_NUMBERS: Final = {
    "x86_64": {
        "write": 1, "ioctl": 16, "pwrite64": 18, "writev": 20, "fsync": 74, "fdatasync": 75, "truncate": 76,
        "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "link": 86, "unlink": 87, "openat": 257,
        "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "pwritev": 296, "syncfs": 306,
        "renameat2": 316, "copy_file_range": 326,
    },
    "aarch64": {
        "ioctl": 29, "mkdirat": 34, "unlinkat": 35, "linkat": 37, "renameat": 38, "truncate": 45, "ftruncate": 46,
        "openat": 56, "write": 64, "writev": 66, "pwrite64": 68, "pwritev": 70, "fsync": 82, "fdatasync": 83,
        "syncfs": 267, "renameat2": 276, "copy_file_range": 285,
    },
}  # fmt: skip
"""The calls that change what a disk holds, by their numbers (asm/unistd.h)."""
_OF_DESCRIPTORS: Final = frozenset(
    {"write", "writev", "pwrite64", "pwritev", "ioctl", "fsync", "fdatasync", "ftruncate", "syncfs"}
)
_UNINTERESTING: Final = ("/dev/", "/proc/", "/memfd:", "anon_inode:", "socket:", "pipe:")


class _Call(ctypes.Structure):
    """``struct ptrace_syscall_info`` at the beginning of a call."""

    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
        ("more", ctypes.c_uint64 * 2),
    )


class Found(NamedTuple):
    """One call that changes a disk."""

    name: str
    about: str


class _Ptrace:
    """ptrace(2). Raises ``ProcessLookupError`` for a thread that has ended or is not stopped."""

    def __init__(self) -> None:
        self._function = ctypes.CDLL(None, use_errno=True).ptrace
        self._function.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
        self._function.restype = ctypes.c_long

    def ask(self, request: int, thread: int, data: int = 0) -> None:
        self._call(request, thread, 0, data)

    def call(self, thread: int) -> _Call:
        found = _Call()
        self._call(_GET_SYSCALL_INFO, thread, ctypes.sizeof(found), ctypes.addressof(found))
        return found

    def _call(self, request: int, thread: int, address: int, data: int) -> None:
        if self._function(request, thread, address, data) < 0:
            error = ctypes.get_errno()
            raise OSError(error, f"ptrace {request:#x} of {thread}: {os.strerror(error)}")


class Tracer:
    """Watches one process and all its threads."""

    def __init__(self, pid: int, told: Callable[[int, Found], None]) -> None:
        self._pid = pid
        self._told = told
        self._ptrace = _Ptrace()
        self._names = {number: name for name, number in _NUMBERS[os.uname().machine].items()}
        self._count = 0
        self._doomed = 0

    def seize(self) -> None:
        """Begins to watch. Threads that are made meanwhile are found by looking again."""
        known: set[int] = set()
        while fresh := {int(name) for name in os.listdir(f"/proc/{self._pid}/task")} - known:
            for thread in fresh:
                with contextlib.suppress(ProcessLookupError):
                    self._seize_thread(thread)
            known |= fresh

    def _seize_thread(self, thread: int) -> None:
        try:
            self._ptrace.ask(_SEIZE, thread, _TRACE_CALLS_THREADS_PROGRAMS)
        except PermissionError:
            return  # it was made by a thread that is watched, and so is watched already
        self._ptrace.ask(_INTERRUPT, thread)

    def watch(self, kill: int, *, after: bool) -> int:
        """Goes on until the process has ended; how it ended, as ``subprocess`` says it."""
        ended = 0
        while True:
            try:
                thread, status = os.waitpid(-1, _EVERY_THREAD)
            except ChildProcessError:
                return ended
            if not os.WIFSTOPPED(status):
                ended = os.waitstatus_to_exitcode(status) if thread == self._pid else ended
            else:
                with contextlib.suppress(ProcessLookupError):  # killed while it was stopped
                    self._stopped(thread, status, kill, after=after)

    def _stopped(self, thread: int, status: int, kill: int, *, after: bool) -> None:
        number, event = os.WSTOPSIG(status), status >> 16
        if event == _EVENT_STOP and number != signal.SIGTRAP:
            self._ptrace.ask(_LISTEN, thread)
            return
        if number == _AT_CALL:
            self._at_call(thread, kill, after=after)
            number = 0
        elif event:
            number = 0
        self._ptrace.ask(_TO_NEXT_CALL, thread, number)

    def _at_call(self, thread: int, kill: int, *, after: bool) -> None:
        call = self._ptrace.call(thread)
        if call.op != _ENTRY:
            if thread == self._doomed:
                self._kill()
            return
        found = self._found(thread, call)
        if found is None:
            return
        self._count += 1
        self._told(self._count, found)
        if self._count == kill:
            if after:
                self._doomed = thread
            else:
                self._kill()

    def _kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        _say("killed")

    def _found(self, thread: int, call: _Call) -> Found | None:
        name = self._names.get(call.number)
        if name is None:
            return None
        if name in _OF_DESCRIPTORS:
            return self._found_descriptor(thread, name, call)
        if name == "openat" and not call.arguments[2] & _CREATES:
            return None
        return Found(name, "")

    def _found_descriptor(self, thread: int, name: str, call: _Call) -> Found | None:
        if name == "ioctl" and call.arguments[1] != _CLONE_FILE:
            return None
        try:
            about = os.readlink(f"/proc/{thread}/fd/{call.arguments[0]}")
        except OSError:
            return None
        if about.startswith(_UNINTERESTING) or about.endswith((".log", ".state")):
            return None
        return Found(name, about)


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--after", action="store_true")
    parser.add_argument("--pid", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    child = None if options.pid else _stopped_child(options.command)
    tracer = Tracer(options.pid if child is None else child.pid, _tell)
    tracer.seize()
    _say("ready")
    if child is not None:
        os.kill(child.pid, signal.SIGCONT)
    return abs(tracer.watch(options.kill, after=options.after))


def _stopped_child(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """A program that waits to be continued before it becomes the command."""
    child = subprocess.Popen(["/bin/sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *command])
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    return child


def _tell(number: int, found: Found) -> None:
    _say(f"{number} {found.name} {found.about}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
