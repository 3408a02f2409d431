"""Changes that were refused, and why: a client sees an errno only, people read the rest.

The latest are in ``.offliniofs/health.txt``; each goes to the log, and those that say something new to the history. A
client that tries the same again and again (``rm -r`` of a search) is told once.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from dataclasses import dataclass

from offliniofs.domain.actors import Actor
from offliniofs.tree.plans import Refusal, Refused

logger = logging.getLogger(__name__)

_KEPT = 20
_TOLD = 256
_AGAIN_SECONDS = 60.0


class ChangeRefusedError(Exception):
    """A change that means nothing, or nothing that is allowed."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refusal: Refusal = refused.refusal
        self.reason = refused.reason


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """One refusal. Time in ns since the epoch."""

    happened_ns: int
    actor: Actor
    request: str
    reason: str

    def __str__(self) -> str:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.happened_ns / 1e9))
        return f"{stamp} UTC, {self.request} by {self.actor.program} ({self.actor.name}): {self.reason}"


class Refusals:
    """Bounded. Written on the event loop, read from anywhere."""

    def __init__(self) -> None:
        self._latest: deque[RefusedChange] = deque(maxlen=_KEPT)
        self._told: OrderedDict[tuple[int | None, str, str], float] = OrderedDict()

    def latest(self) -> tuple[str, ...]:
        """The latest, the newest first."""
        return tuple(str(refused) for refused in reversed(tuple(self._latest)))

    def note(self, actor: Actor, request: str, reason: str) -> bool:
        """Keeps a refusal; returns whether it says something that was not said lately."""
        key, now = (actor.pid, request, reason), time.monotonic()
        if now - self._told.get(key, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            return False
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > _TOLD:
            self._told.popitem(last=False)
        self._latest.append(RefusedChange(time.time_ns(), actor, request, reason))
        logger.warning(
            "refused a change",
            extra={"request": request, "program": actor.program, "actor": actor.name, "reason": reason},
        )
        return True
