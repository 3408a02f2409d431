"""What a mount has done since it began, for status and metrics."""

from __future__ import annotations

import errno
from collections import defaultdict
from dataclasses import dataclass, field

from offliniofs.fuse.refusals import Refusals


@dataclass(slots=True)
class Tally:
    """How often a cache had what was asked of it."""

    hits: int = 0
    misses: int = 0


@dataclass(slots=True)
class Counters:
    """Counted on the event loop alone. Sizes in bytes."""

    requests: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By the handler's name."""
    failures: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Requests that failed for a reason of ours, by the errno's name; a name that does not exist is no failure."""
    last_failure: str | None = None
    """Why the latest of those failed that ended in EIO."""
    refusals: Refusals = field(default_factory=Refusals)
    """Changes that clients wanted and did not get."""
    bytes_read: int = 0
    page_cache: Tally = field(default_factory=Tally)
    """Reads answered from memory, and those that had to wait for the disk."""
    descriptors: Tally = field(default_factory=Tally)
    documents: Tally = field(default_factory=Tally)

    def failed(self, number: int, reason: str) -> None:
        """Counts a request that was answered with the errno ``number``."""
        self.failures[errno.errorcode.get(number, str(number))] += 1
        if number == errno.EIO:
            self.last_failure = reason
