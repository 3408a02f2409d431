"""Starting a daemon in the background and waiting until it serves."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from offliniofs.domain.errors import MountError

READY = b"ready\n"
_MAX_MESSAGE = 64 * 1024


def start_in_background(arguments: Callable[[int], Sequence[str]], log: Path) -> None:
    """Starts ``offliniofs`` detached and returns once it has written to the given descriptor that it is ready.

    ``arguments`` makes the command line from that descriptor's number. What the daemon prints goes to ``log``.
    Raises :class:`MountError` when the log cannot be written, and with the daemon's own words when it ends without
    being ready.
    """
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        log_descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise MountError(f"{log} cannot be written: {error.strerror}. Mounting writes to its store.") from error
    reading, writing = os.pipe()
    with open(reading, "rb") as answer, open(log_descriptor, "ab") as output:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "offliniofs", *arguments(writing)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[writing],
            )
        finally:
            os.close(writing)
        message = answer.read(_MAX_MESSAGE)
    if message == READY:
        # The daemon goes on by itself; it is not this process's to wait for.
        process.returncode = 0
        return
    process.wait()
    told = message.decode(errors="replace").strip()
    raise MountError(told or f"The daemon ended with status {process.returncode}; {log} says why.")


def tell_starter(descriptor: int | None, message: bytes) -> None:
    """Tells the process that started this one; it stops listening then."""
    if descriptor is None:
        return
    with contextlib.suppress(OSError), open(descriptor, "wb", closefd=True) as channel:
        channel.write(message)
