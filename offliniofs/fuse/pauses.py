"""How long a process paused between two of its changes: without a pause they are one step of the history.

What a client waits for is no pause of its own: a slow disk, an import that is being written, a daemon that takes over.
So a pause counts from the answer to the last change, not from when it was made.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import trio

from offliniofs.domain.actors import Actor

PAUSE_SECONDS: Final = 1.0
_LONGEST_WAIT_NS: Final = 15_000_000_000
"""For another daemon. More than a second after it began, nobody comes who has been waiting."""
_GOES_ON_NS: Final = 3600 * 1_000_000_000
"""What a change that followed the last one may still have to wait before it is made."""
_MANY: Final = 64


class Pauses:
    """Used on the event loop. Forgotten when the daemon ends."""

    def __init__(self) -> None:
        self._resumed = -math.inf
        self._waiting: dict[int, int] = {}
        """How many changes each process waits for."""
        self._answered: dict[int, float] = {}
        """When the last one of each was answered, in seconds of trio's clock."""

    def resume(self) -> None:
        """This daemon begins to answer; clients may have waited for it."""
        self._resumed = trio.current_time()

    @contextlib.contextmanager
    def change(self, actor: Actor) -> Iterator[Actor]:
        """Surrounds a change; gives ``actor`` with the pause that still makes it part of the step before."""
        process = actor.pid
        if process is None:
            yield actor
            return
        actor = replace(actor, pause_ns=self._allowed(process))
        self._waiting[process] = self._waiting.get(process, 0) + 1
        try:
            yield actor
        finally:
            self._waiting[process] -= 1
            if not self._waiting[process]:
                del self._waiting[process]
            self._answer(process)

    def _allowed(self, process: int) -> int:
        now = trio.current_time()
        if process in self._waiting or now - self._answered.get(process, -math.inf) < PAUSE_SECONDS:
            return _GOES_ON_NS
        pause = int(PAUSE_SECONDS * 1e9)
        return pause + (_LONGEST_WAIT_NS if now - self._resumed < PAUSE_SECONDS else 0)

    def _answer(self, process: int) -> None:
        now = trio.current_time()
        if len(self._answered) >= _MANY:
            recent = {known: at for known, at in self._answered.items() if now - at < PAUSE_SECONDS}
            self._answered = recent
        self._answered[process] = now
