"""Texts handed from a process to the program that follows it, or that it starts.

They travel in an anonymous file and not in an argument, so that ``ps`` and ``systemctl status`` show the mount point
and not a page of JSON.
"""

from __future__ import annotations

import os

_MOST_BYTES = 1024 * 1024


def hand(text: str) -> int:
    """A descriptor that holds ``text``, to be inherited and given to :func:`take`."""
    descriptor = os.memfd_create("offliniofs-handed", 0)
    os.set_inheritable(descriptor, True)
    os.pwrite(descriptor, text.encode(), 0)
    return descriptor


def peek(descriptor: int) -> str:
    """The text; the descriptor stays open. Raises ``UnicodeDecodeError``, a ``ValueError``, for anything else."""
    return os.pread(descriptor, _MOST_BYTES, 0).decode()


def take(descriptor: int) -> str:
    """The text; closes the descriptor."""
    try:
        return peek(descriptor)
    finally:
        os.close(descriptor)
