"""Brings what searches read into the kernel's memory when a library is mounted, so that the first ones are quick."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

import trio

from offliniofs.catalog.hot_pages import Range, hot_ranges, own_descriptor
from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import OfflinioError

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 1024 * 1024 * 1024
"""Most that is read ahead."""
MEMORY_SHARE: Final = 4
"""At most one part in so many of the memory that is available."""
STEP_BYTES: Final = 16 * 1024 * 1024
"""What is asked for at once. Between two steps others have the disk to themselves."""
PAUSE_SECONDS: Final = 0.01

_MEMORY: Final = Path("/proc/meminfo")
_T = TypeVar("_T")


class Lookable(Protocol):
    """The catalogue, as far as it is needed here."""

    def look(self, question: Callable[[Reader], _T]) -> _T:
        """Puts a question through a connection opened for it alone."""
        ...


async def prefetch(catalogue: Lookable) -> int:
    """Asks the kernel to read ahead, in worker threads; about how many bytes it was asked for.

    A failure is logged: nothing but time depends on it.
    """
    asked = 0
    try:
        most = min(MOST_BYTES, available_memory() // MEMORY_SHARE)
        ranges = await trio.to_thread.run_sync(catalogue.look, lambda reader: hot_ranges(reader.database, most))
        for step in _steps(ranges):
            await trio.to_thread.run_sync(catalogue.look, lambda reader, step=step: _will_need(reader, step))
            asked += sum(one.length for one in step)
            await trio.sleep(PAUSE_SECONDS)
    except (OfflinioError, OSError) as error:
        logger.warning("cannot read the catalogue ahead", extra={"reason": str(error)})
    return asked


def available_memory(path: Path = _MEMORY) -> int:
    """Bytes that programs can have without others giving up theirs; 0 where the kernel does not say."""
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return 0


def _steps(ranges: list[Range]) -> list[tuple[Range, ...]]:
    """Ranges cut and put together to about :data:`STEP_BYTES`."""
    cut = [
        Range(offset, min(STEP_BYTES, one.offset + one.length - offset))
        for one in ranges
        for offset in range(one.offset, one.offset + one.length, STEP_BYTES)
    ]
    sums = itertools.accumulate(one.length for one in cut)
    grouped = itertools.groupby(zip(cut, sums, strict=True), key=lambda pair: pair[1] // STEP_BYTES)
    return [tuple(one for one, _ in group) for _, group in grouped]


def _will_need(reader: Reader, step: tuple[Range, ...]) -> None:
    descriptor = own_descriptor(reader.database)
    if descriptor is not None:
        for one in step:
            os.posix_fadvise(descriptor, one.offset, one.length, os.POSIX_FADV_WILLNEED)
