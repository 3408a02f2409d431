"""Starting a daemon in the background and waiting until it serves."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence

from offliniofs.domain.errors import MountError

READY = b"ready\n"
_MAX_MESSAGE = 64 * 1024


def start_in_background(arguments: Sequence[str]) -> None:
    """Starts ``offliniofs ARGUMENTS --ready-fd N`` detached, and returns once it has written that it is ready.

    Raises :class:`MountError` with the daemon's own words when it ends without being ready.
    """
    reading, writing = os.pipe()
    with open(reading, "rb") as answer:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "offliniofs", *arguments, "--ready-fd", str(writing)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
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
    raise MountError(message.decode(errors="replace").strip() or f"The daemon ended with status {process.returncode}.")


def tell_starter(descriptor: int | None, message: bytes) -> None:
    """Tells the process that started this one; it stops listening then."""
    if descriptor is None:
        return
    with contextlib.suppress(OSError), open(descriptor, "wb", closefd=True) as channel:
        channel.write(message)
