"""Puts the pieces of the full-text index together in small steps, between which everybody else may write."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import trio

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer


STEP_SECONDS: Final = 0.025
"""How long a step should hold the write lock. One may take several times that: a word of most titles is not divided."""
FIRST_PAGES: Final = 64
"""Pages that the first step writes; the later ones as many as fit into :data:`STEP_SECONDS`."""

_FEWEST_PAGES: Final = 8
_MOST_PAGES: Final = 1_000
_FASTER: Final = 1.5
"""How many times more pages than the step before one may write: the next word may be a common one."""


class Changeable(Protocol):
    """The catalogue, as far as it is needed here."""

    def __call__(self, edit: Callable[[Writer], bool]) -> Awaitable[bool]:
        """Runs one change on the writer."""
        ...


@dataclass(slots=True)
class Pace:
    """How many pages the next step writes, as the last ones took."""

    pages: int = FIRST_PAGES
    seconds: float = 0.0
    """How long the last step took."""

    def step(self, writer: Writer) -> bool:
        """One step; whether it found anything to do."""
        begun = time.perf_counter()
        worked = writer.merge_search_index(self.pages)
        self.took(time.perf_counter() - begun)
        return worked

    def took(self, seconds: float) -> None:
        """The last step took so long."""
        self.seconds = seconds
        fitting = self.pages * min(_FASTER, STEP_SECONDS / max(seconds, 1e-6))
        self.pages = max(_FEWEST_PAGES, min(_MOST_PAGES, int(fitting)))


async def merge_index(change: Changeable, at_most_seconds: float = math.inf, stop: trio.Event | None = None) -> bool:
    """Merges until nothing is left to do, the time is up or ``stop`` is set; whether it came to an end.

    After each step it waits as long as that one took: another process that wants to write asks for the lock only now
    and then, and would otherwise never find it free. Raises what a change raises.
    """
    pace = Pace()
    end = trio.current_time() + at_most_seconds
    while trio.current_time() < end and not (stop is not None and stop.is_set()):
        if not await change(pace.step):
            return True
        await trio.sleep(pace.seconds)
    return False
