"""The store's free space, as ``statfs`` tells it: true, and never older than a second."""

from __future__ import annotations

from collections.abc import Callable

import pyfuse3
import trio

from offliniofs.blobs.protocol import Space

_FRESH_SECONDS = 1.0
_BLOCK = 4096
_LONGEST_NAME = 255


class SpaceGauge:
    """Asks the store in a worker thread, at most once a second, however many callers wait."""

    def __init__(self, measure: Callable[[], Space]) -> None:
        self._measure = measure
        self._lock = trio.Lock()
        self._answer: pyfuse3.StatvfsData | None = None
        self._expires = 0.0

    async def answer(self) -> pyfuse3.StatvfsData:
        """The filesystem's figures. Raises what the store's ``free_space`` raises."""
        if self._answer is not None and trio.current_time() < self._expires:
            return self._answer
        async with self._lock:
            if self._answer is None or trio.current_time() >= self._expires:
                self._answer = _as_statvfs(await trio.to_thread.run_sync(self._measure))
                self._expires = trio.current_time() + _FRESH_SECONDS
            return self._answer


def _as_statvfs(space: Space) -> pyfuse3.StatvfsData:
    """Sizes rounded down to blocks of 4 KiB (statvfs(3))."""
    data = pyfuse3.StatvfsData()
    data.f_bsize = data.f_frsize = _BLOCK
    data.f_blocks = space.total // _BLOCK
    data.f_bfree = space.free // _BLOCK
    data.f_bavail = space.available // _BLOCK
    data.f_files = space.files
    data.f_ffree = data.f_favail = space.files_free
    data.f_namemax = _LONGEST_NAME
    return data
