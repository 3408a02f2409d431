"""A bounded pool of read connections for worker threads.

A connection that broke (the file is damaged, was replaced, cannot be read) is closed and another opened in its place.
Safe to use from any number of threads; never used on the event loop, because a thread may have to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from time import monotonic, perf_counter_ns

from offliniofs.catalog.connection import QueryCosts, file_identity
from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import CatalogAccessError, CatalogBusyError, CatalogCorruptError


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """The pool at one moment. ``waits``: how often all connections were in use; seconds are of those waits."""

    size: int
    idle: int
    borrowed: int
    opened: int
    replaced: int
    waits: int
    timeouts: int
    longest_wait_seconds: float
    costs: QueryCosts


class ReaderPool:
    """At most ``size`` readers, opened when they are first needed by ``open_one``."""

    def __init__(self, open_one: Callable[[], Reader], *, size: int = 4, wait_seconds: float = 30.0) -> None:
        if size < 1:
            raise ValueError(f"a pool needs at least one connection, not {size}")
        self._open_one = open_one
        self._size = size
        self._wait_seconds = wait_seconds
        self._idle: list[Reader] = []
        self._borrowed: set[Reader] = set()
        self._taken = 0
        self._opened = self._replaced = self._waits = self._timeouts = 0
        self._longest_wait = 0.0
        self._past_costs = QueryCosts()
        self._closed = False
        self._deadline_ns: int | None = None
        self._freed = Condition()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Lends a reader for the block.

        Raises ``CatalogBusyError`` when none is free for ``wait_seconds``, and what opening one raises.
        """
        reader = self._take()
        broken = False
        try:
            yield reader
        except (CatalogAccessError, CatalogCorruptError):
            broken = True
            raise
        finally:
            self._give_back(reader, broken=broken)

    def snapshot(self) -> PoolSnapshot:
        """Counts at this moment."""
        with self._freed:
            costs = self._past_costs
            for reader in (*self._idle, *self._borrowed):
                costs += reader.database.costs()
            return PoolSnapshot(
                size=self._size,
                idle=len(self._idle),
                borrowed=self._taken,
                opened=self._opened,
                replaced=self._replaced,
                waits=self._waits,
                timeouts=self._timeouts,
                longest_wait_seconds=self._longest_wait,
                costs=costs,
            )

    def stop_within(self, seconds: float) -> None:
        """Questions may go on for ``seconds`` more; whatever runs then, or begins later, is stopped by SQLite."""
        with self._freed:
            self._deadline_ns = perf_counter_ns() + int(seconds * 1e9)
            for reader in (*self._idle, *self._borrowed):
                reader.database.stop_by(self._deadline_ns)

    def close(self) -> None:
        """Closes idle readers now and borrowed ones when they come back. No reader is lent any more."""
        with self._freed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._freed.notify_all()
        for reader in idle:
            self._discard(reader)

    def _take(self) -> Reader:
        reader = self._reserve()
        try:
            if reader is not None and file_identity(reader.database.path) != reader.database.identity:
                self._discard(reader)
                reader = None
                with self._freed:
                    self._replaced += 1
            if reader is None:
                reader = self._open_one()
                with self._freed:
                    self._opened += 1
        except BaseException:
            with self._freed:
                self._taken -= 1
                self._freed.notify()
            raise
        with self._freed:
            self._borrowed.add(reader)
            if self._deadline_ns is not None:
                reader.database.stop_by(self._deadline_ns)
        return reader

    def _reserve(self) -> Reader | None:
        """The right to use one connection, with an idle one if there is any."""
        with self._freed:
            begun = monotonic()
            if self._taken >= self._size:
                self._waits += 1
            free = self._freed.wait_for(lambda: self._closed or self._taken < self._size, self._wait_seconds)
            self._longest_wait = max(self._longest_wait, monotonic() - begun)
            if self._closed:
                raise CatalogAccessError("The catalogue was closed; nothing more can be read.")
            if not free:
                self._timeouts += 1
                raise CatalogBusyError(
                    f"All {self._size} catalogue connections were in use for {self._wait_seconds:g} seconds; try again."
                )
            self._taken += 1
            return self._idle.pop() if self._idle else None

    def _give_back(self, reader: Reader, *, broken: bool) -> None:
        with self._freed:
            self._borrowed.discard(reader)
            self._taken -= 1
            keep = not broken and not self._closed
            if keep:
                self._idle.append(reader)
            elif broken:
                self._replaced += 1
            self._freed.notify()
        if not keep:
            self._discard(reader)

    def _discard(self, reader: Reader) -> None:
        costs = reader.database.costs()
        with self._freed:
            self._past_costs += costs
        reader.close()
