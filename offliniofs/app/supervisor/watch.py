"""Whether a daemon still answers, and what is done with one that does not."""

from __future__ import annotations

import signal
from collections.abc import Callable

from offliniofs.app.supervisor.children import Child

PING_SECONDS = 5.0
START_SECONDS = 60.0
"""How long a daemon may take until it serves; a migration may take longer, and says it is alive."""
ABORT_SECONDS = 1.0
"""Between asking a hung daemon to write down where it hangs (SIGABRT) and SIGKILL."""


class Watch:
    """Asks daemons for signs of life. Times are seconds of the monotonic clock."""

    def __init__(self, interval: float, hung_seconds: float, log: Callable[..., None]) -> None:
        self.interval = interval
        self._hung_seconds = hung_seconds
        self._log = log

    def deadline(self, child: Child) -> float:
        """When to look at it again."""
        return child.abort_at or child.pinged + self.interval

    def look(self, child: Child, now: float) -> None:
        """Asks it if it is time, kills it if it has been silent for too long."""
        if child.abort_at is not None:
            if now >= child.abort_at:
                child.abort_at = now + ABORT_SECONDS
                child.kill()
            return
        limit = self._hung_seconds if child.ready else max(START_SECONDS, self._hung_seconds)
        silent = 0.0 if child.asked is None else now - child.asked
        if silent > limit:
            self._log("ERROR", "the daemon does not answer; killing it", daemon=child.pid, seconds=round(silent))
            child.abort_at = now + ABORT_SECONDS
            child.kill(signal.SIGABRT)
        elif now - child.pinged >= self.interval:
            child.ping()
