"""Paths of sockets that fit into a socket address."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def short_path(folder: str | os.PathLike[str], name: str) -> Iterator[str]:
    """A path to ``name`` that fits ``sun_path`` (108 bytes, unix(7)) however deep ``folder`` lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)
