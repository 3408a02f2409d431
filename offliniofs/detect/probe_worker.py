"""The process in which libmediainfo runs, one request at a time, so that no damaged file can hang or crash the program.

It inherits one end of a UNIX socket as standard input. A request is one message: an open file descriptor and a byte
that says nothing; the answer is a length (8 bytes, big endian) and libmediainfo's JSON report in UTF-8, empty when it
is too long. The process limits its own memory and work, and an alarm ends it should a request outlast its parent.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import time
from typing import IO

from pymediainfo import MediaInfo

MEMORY_LIMIT = 1 << 30
"""Bytes of address space above what the process has at its start."""

READ_LIMIT = 64 << 20
"""Bytes of one file that are read at most; the headers and the ends of real files need a few."""

WORK_LIMIT = 5
"""Seconds of processor time for one file, a thousand times what a sound one takes."""

REPORT_LIMIT = 8 << 20
"""Longest report in bytes that is passed on."""

_LENGTH_BYTES = 8


class BoundedReader:
    """A file as libmediainfo reads it, which ends early once ``READ_LIMIT`` bytes were read in all."""

    def __init__(self, file: IO[bytes], limit: int = READ_LIMIT) -> None:
        self._file = file
        self._left = limit
        self.mode = "rb"

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; nothing once the limit is reached."""
        found = self._file.read(min(size, self._left))
        self._left -= len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file's own ``seek``."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file's own ``tell``."""
        return self._file.tell()


def report_of(file: IO[bytes]) -> bytes:
    """libmediainfo's JSON report on an open file, empty when it is longer than ``REPORT_LIMIT``."""
    report = MediaInfo.parse(BoundedReader(file), output="JSON", parse_speed=0, full=False)
    encoded = report.encode("utf-8", "replace")
    return encoded if len(encoded) <= REPORT_LIMIT else b""


def serve(channel: socket.socket, alarm_seconds: int) -> None:
    """Answer requests until the other side closes."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message or not descriptors:
            return
        signal.alarm(alarm_seconds)
        _limit_work()
        with os.fdopen(descriptors[0], "rb", buffering=0) as file:
            answer = report_of(file)
        channel.sendall(len(answer).to_bytes(_LENGTH_BYTES, "big") + answer)
        signal.alarm(0)


def _limit_memory() -> None:
    """Allow ``MEMORY_LIMIT`` more than is mapped already: a table of four billion samples shall fail, not swap."""
    with open("/proc/self/statm", "rb") as statm:
        mapped = int(statm.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY_LIMIT, mapped + MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_work() -> None:
    """Let the kernel end the process (SIGXCPU) once it worked ``WORK_LIMIT`` seconds more."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(time.process_time()) + WORK_LIMIT + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def main() -> None:
    """Entry point: ``python -m offliniofs.detect.probe_worker SECONDS`` with a socket as standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _limit_memory()
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as channel:
        serve(channel, int(sys.argv[1]))


if __name__ == "__main__":
    main()
