"""What a mount has done since it began, for status and metrics."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """How often a cache had what was asked of it."""

    hits: int = 0
    misses: int = 0


@dataclass(slots=True)
class Counters:
    """Counted on the event loop alone. ``requests`` and ``failures`` by the handler's name; sizes in bytes."""

    requests: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    failures: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Requests that failed for a reason of ours; a name that does not exist is no failure."""
    bytes_read: int = 0
    page_cache: Tally = field(default_factory=Tally)
    """Reads answered from memory, and those that had to wait for the disk."""
    descriptors: Tally = field(default_factory=Tally)
    documents: Tally = field(default_factory=Tally)
