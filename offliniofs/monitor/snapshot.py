"""The state of one running mount at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """How often a cache had what was asked of it."""

    hits: int
    misses: int

    @property
    def rate(self) -> float | None:
        """Hits over all requests, 0 to 1; ``None`` before the first request."""
        total = self.hits + self.misses
        return self.hits / total if total else None


@dataclass(frozen=True, slots=True)
class QueryFigures:
    """What the catalogue's queries cost."""

    queries: int
    slow: int
    total_ns: int
    longest_ns: int

    @property
    def mean_ms(self) -> float | None:
        """Milliseconds a query took on average; ``None`` before the first."""
        return self.total_ns / self.queries / 1e6 if self.queries else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Totals of the library and counters since the mount began. Sizes in bytes, times in ns or seconds as named."""

    version: str
    mountpoint: str
    store: str
    pid: int
    started_ns: int
    uptime_seconds: float
    read_only: bool
    titles: int | None
    """``None``, like the other totals, when the catalogue cannot be asked."""
    files: int | None
    shown_bytes: int | None
    stored_bytes: int | None
    disk_total_bytes: int
    """0, like the other figures of the disk, when the store cannot be asked."""
    disk_free_bytes: int
    """With what only root may use."""
    disk_available_bytes: int
    resident_bytes: int
    requests: Mapping[str, int]
    failures: Mapping[str, int]
    """By the name of the errno."""
    last_failure: str | None
    """Why the latest request failed that ended in an input/output error."""
    bytes_read: int
    caches: Mapping[str, CacheFigures]
    queries: QueryFigures
    readers_borrowed: int
    readers_idle: int
    readers_replaced: int
    change_sequence: int | None
    restarts: int = 0
    """How often the daemon of this mount was started again."""
    last_death: str = ""
    """What became of the daemon before this one, after "it"; empty when none has died."""
    refusals: Sequence[str] = ()
    """Changes that clients wanted lately and did not get, and why; the newest first."""
    troubles: Sequence[str] = ()
    """What cannot be used at all, and what to do about it."""

    @property
    def saved_bytes(self) -> int | None:
        """Bytes that storing every content once has saved."""
        if self.shown_bytes is None or self.stored_bytes is None:
            return None
        return max(0, self.shown_bytes - self.stored_bytes)

    @property
    def used_percent(self) -> float:
        """How full the disk under the store is for its user, as df(1) computes it."""
        used = self.disk_total_bytes - self.disk_free_bytes
        usable = used + self.disk_available_bytes
        return 100 * used / usable if usable > 0 else 0.0
