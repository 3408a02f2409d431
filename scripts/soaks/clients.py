"""The clients of a trial, each a process that works until it is told to stop and then says what it noticed.

How long one call took is measured around that call alone, so a pause shows as the longest.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path

_GETDENTS64 = {"x86_64": 217, "aarch64": 61}[platform.machine()]
_HEADER = struct.Struct("=QqHB")
"""struct linux_dirent64, getdents(2)."""
_STEP_BYTES = 400
_CHUNK = 256 * 1024
_CONTEXT = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Noticed:
    """What one client noticed. Times in seconds."""

    name: str
    errors: list[str] = field(default_factory=list)
    wrong_bytes: int = 0
    missing: int = 0
    doubled: int = 0
    turns: int = 0
    worst: float = 0.0
    long: list[tuple[float, float]] = field(default_factory=list)
    """When calls began (on the monotonic clock) that took over 20 ms, and how long each took."""

    def timed(self, began: float) -> None:
        """One call has returned."""
        took = time.monotonic() - began
        self.worst = max(self.worst, took)
        if took > 0.02:
            self.long.append((began, took))


class Client:
    """A client in a process of its own."""

    def __init__(self, name: str, work: Callable[[Noticed, Event], None]) -> None:
        self._ours, theirs = _CONTEXT.Pipe(duplex=False)
        self._over = _CONTEXT.Event()
        self._process = _CONTEXT.Process(target=_run, args=(name, work, self._over, theirs))
        self._process.start()
        theirs.close()

    def stop(self) -> Noticed:
        """Lets it finish its turn."""
        self._over.set()
        noticed: Noticed = self._ours.recv()
        self._process.join()
        return noticed


def _run(
    name: str,
    work: Callable[[Noticed, Event], None],
    over: Event,
    tell: multiprocessing.connection.Connection,
) -> None:
    noticed = Noticed(name)
    while not over.is_set():
        try:
            work(noticed, over)
        except OSError as error:
            noticed.errors.append(str(error))
        noticed.turns += not over.is_set()
    tell.send(noticed)


def comparing(mounted: Path, original: Path) -> Callable[[Noticed, Event], None]:
    """Reads a film in pieces, none of them from the page cache, and compares each."""

    def work(noticed: Noticed, over: Event) -> None:
        with mounted.open("rb", buffering=0) as film, original.open("rb", buffering=0) as right:
            os.posix_fadvise(film.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while not over.is_set():
                began = time.monotonic()
                piece = film.read(_CHUNK)
                noticed.timed(began)
                noticed.wrong_bytes += piece != right.read(_CHUNK)
                if not piece:
                    return

    return work


def listing(folder: Path) -> Callable[[Noticed, Event], None]:
    """Reads a folder in small steps on one descriptor, and compares with what was in it at first."""
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = Counter(os.listdir(folder))

    def step(descriptor: int) -> list[str]:
        buffer = ctypes.create_string_buffer(_STEP_BYTES)
        got = libc.syscall(_GETDENTS64, descriptor, buffer, _STEP_BYTES)
        if got < 0:
            raise OSError(ctypes.get_errno(), f"{folder}: {os.strerror(ctypes.get_errno())}")
        names, at = [], 0
        while at < got:
            length = _HEADER.unpack_from(buffer, at)[2]
            names.append(os.fsdecode(buffer.raw[at + _HEADER.size : at + length].split(b"\0", 1)[0]))
            at += length
        return names

    def work(noticed: Noticed, over: Event) -> None:
        found: Counter[str] = Counter()
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            while not over.is_set():
                began = time.monotonic()
                names = step(descriptor)
                noticed.timed(began)
                if not names:
                    break
                found.update(name for name in names if name not in {".", ".."})
            else:
                return  # stopped in the middle
        finally:
            os.close(descriptor)
        noticed.missing += (wanted - found).total()
        noticed.doubled += (found - wanted).total()

    return work


def asking(folder: Path) -> Callable[[Noticed, Event], None]:
    """Asks for something that no cache answers, a thousand times a second: what a pause costs one call."""

    def work(noticed: Noticed, over: Event) -> None:
        began = time.monotonic()
        os.statvfs(folder)
        noticed.timed(began)
        time.sleep(0.001)

    return work


def printing(*command: str) -> Callable[[Noticed, Event], None]:
    """Runs a program that must succeed, say nothing on standard error, and print the same each time."""
    first: list[bytes] = []

    def work(noticed: Noticed, over: Event) -> None:
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
            program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=complained)
            while program.poll() is None:
                if over.wait(0.05):
                    program.kill()
                    program.wait()
                    return
            said.seek(0)
            complained.seek(0)
            printed, errors = said.read(), complained.read()
        if program.returncode or errors:
            noticed.errors.append(f"{command[0]} ended with {program.returncode}: {errors.decode()[:200]}")
        if not first:
            first.append(printed)
        elif first[0] != printed:
            noticed.wrong_bytes += 1

    work(Noticed("the first time"), _CONTEXT.Event())
    return work
