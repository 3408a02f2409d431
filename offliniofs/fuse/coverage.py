"""How much of a file was really read, in distinct bytes."""

from __future__ import annotations

from bisect import insort

_MOST_INTERVALS = 256
"""A player makes a handful. A reader that leaves more holes than this is not watching the film."""


class ReadCoverage:
    """Distinct bytes read, as a bounded set of disjoint intervals in ascending order."""

    __slots__ = ("_intervals", "_last")

    def __init__(self) -> None:
        self._intervals: list[tuple[int, int]] = []
        self._last: tuple[int, int] = (0, 0)
        """The interval that grows now; kept apart, because a sequential reader only ever moves its end."""

    def add(self, start: int, end: int) -> None:
        """Counts the bytes from ``start`` up to, not including, ``end``."""
        first, last = self._last
        if first <= start <= last:
            if end > last:
                self._last = (first, end)
            return
        self._settle()
        self._last = (start, end)

    def _settle(self) -> None:
        start, end = self._last
        if start == end or len(self._intervals) >= _MOST_INTERVALS:
            return
        insort(self._intervals, (start, end))
        merged: list[tuple[int, int]] = []
        for low, high in self._intervals:
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        self._intervals = merged

    def distinct_bytes(self) -> int:
        """Bytes that were read at least once."""
        self._settle()
        self._last = (0, 0)
        return sum(high - low for low, high in self._intervals)

    def clear(self) -> None:
        """Forgets everything."""
        self._intervals = []
        self._last = (0, 0)
