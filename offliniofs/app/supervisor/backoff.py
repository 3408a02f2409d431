"""How long to wait before a daemon that died is started again, and when to give up."""

from __future__ import annotations

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 10.0
STEADY_SECONDS = 60.0
"""A daemon that served this long was well: its death is the first of a row."""


class Backoff:
    """Counts deaths in a row. The first is answered at once, each further one after twice the time."""

    def __init__(self, tries: int, deaths: int = 0) -> None:
        self._tries = tries
        self.deaths = deaths

    def died(self, served_seconds: float) -> float | None:
        """Seconds to wait before the next start; ``None``: give up."""
        self.deaths = 1 if served_seconds >= STEADY_SECONDS else self.deaths + 1
        if self.deaths > self._tries:
            return None
        if self.deaths == 1:
            return 0.0
        return float(min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (self.deaths - 2)))
