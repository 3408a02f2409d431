"""One open file description for each blob in use, however often it is open.

Contract: everything here runs on the event loop, but for the opening itself. A descriptor that a worker thread reads
from is *held* and is not closed before it is let go. A blob that is open in the mount may lose its descriptor when the
table is full: the next read opens it again, which is safe because a blob never changes.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable

import trio

from offliniofs.domain.ids import Digest
from offliniofs.fuse.counters import Tally


class Descriptor:
    """The descriptor of one blob. ``number`` is -1 once it was closed."""

    __slots__ = ("digest", "holds", "number", "opens")

    def __init__(self, digest: Digest, number: int) -> None:
        self.digest = digest
        self.number = number
        self.opens = 0
        """Open files of the mount that want it to stay."""
        self.holds = 0
        """Worker threads that use it now."""


class DescriptorTable:
    """At most ``capacity`` descriptors (more only while that many are held by worker threads)."""

    def __init__(
        self, open_blob: Callable[[Digest], int], capacity: int, limiter: trio.CapacityLimiter, tally: Tally
    ) -> None:
        self._open_blob = open_blob
        self._capacity = capacity
        self._limiter = limiter
        self._tally = tally
        self._entries: OrderedDict[Digest, Descriptor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def cached(self, digest: Digest) -> Descriptor | None:
        """The blob's descriptor if it is open already."""
        entry = self._entries.get(digest)
        if entry is not None:
            self._entries.move_to_end(digest)
        return entry

    async def obtain(self, digest: Digest) -> Descriptor:
        """The blob's descriptor, opened in a worker thread if need be. Raises what the store's ``open`` raises."""
        entry = self.cached(digest)
        if entry is not None:
            self._tally.hits += 1
            return entry
        self._tally.misses += 1
        number = await trio.to_thread.run_sync(self._open_blob, digest, limiter=self._limiter)
        entry = self.cached(digest)  # somebody else may have opened it while this task waited
        if entry is not None:
            os.close(number)
            return entry
        self._make_room()
        entry = self._entries[digest] = Descriptor(digest, number)
        return entry

    def _make_room(self) -> None:
        """Closes what nobody has open first, then what was longest not asked for."""
        for wanted in (False, True):
            for entry in list(self._entries.values()):
                if len(self._entries) < self._capacity:
                    return
                if not entry.holds and (wanted or not entry.opens):
                    self._close(entry)

    def _close(self, entry: Descriptor) -> None:
        del self._entries[entry.digest]
        os.close(entry.number)
        entry.number = -1

    def close_all(self) -> None:
        """Closes every descriptor. Nothing may be held any more."""
        for entry in list(self._entries.values()):
            self._close(entry)
