"""How long to wait before a daemon that died is started again, and when to give up."""

from __future__ import annotations

import math

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 10.0
_AT_ONCE = 2
"""Deaths in a row that are answered at once: somebody may have killed it, or the machine was short of memory."""
_FORGIVEN_PER_SECOND = 1.0
"""Deaths that a second of service makes up for. One that dies of what it is asked (and is asked again) gets none."""


class Backoff:
    """Counts deaths in a row; from the third on each start waits twice as long as the one before."""

    def __init__(self, tries: int, deaths: int = 0) -> None:
        self._tries = tries
        self._deaths = float(deaths)

    @property
    def deaths(self) -> int:
        """Deaths in a row."""
        return math.ceil(self._deaths)

    def died(self, served_seconds: float) -> float | None:
        """Seconds to wait before the next start; ``None``: give up."""
        self._deaths = max(0.0, self._deaths - served_seconds * _FORGIVEN_PER_SECOND) + 1.0
        if self.deaths > self._tries:
            return None
        if self.deaths <= _AT_ONCE:
            return 0.0
        return float(min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (self.deaths - _AT_ONCE - 1)))
