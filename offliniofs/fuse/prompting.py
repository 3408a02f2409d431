"""Requests that follow each other closely are answered without a turn of the event loop between them.

pyfuse3 waits for the kernel through ``trio.Lock`` and ``trio.lowlevel.wait_readable``. That is two turns of the loop
and three system calls a request, as much work as answering a lookup. It takes both from its global ``trio``, which its
own ``pyfuse3.asyncio`` replaces; so does this module, with a pair that knows of each other:

- a task that has answered its request goes on with the next, if nobody has taken its place meanwhile;
- it waits for it in ``select(2)``, for a moment, before it goes to sleep in the event loop.

Contract: whoever else wants to run on the loop waits longer by :data:`STEP_SECONDS` and :data:`PATIENCE_SECONDS` at
most. A task whose handler has to wait (for a thread, a disk) lets another take its place, as trio's lock would.
"""

from __future__ import annotations

import contextlib
import select
import types
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

import pyfuse3
import trio

PATIENCE_SECONDS: Final = 100e-6
"""How long to wait for a request that follows. A client needs some ten microseconds between two."""
STEP_SECONDS: Final = 1e-3
"""How long requests may be answered one after the other before the event loop has its turn."""

_MOST_DESCRIPTORS: Final = 1024
"""FD_SETSIZE: select(2) knows none that is as high."""


class RequestGate:
    """Lets one task at a time wait for the kernel's next request. Stands in for ``trio.Lock``.

    ``quick`` is called when requests begin to follow each other closely, ``slow`` before the event loop has its turn.
    Neither may raise.
    """

    __slots__ = ("_called", "_last", "_parked", "_quick", "_slow", "_step_ends", "_taken")

    def __init__(self, quick: Callable[[], None], slow: Callable[[], None]) -> None:
        self._quick = quick
        self._slow = slow
        self._parked = trio.lowlevel.ParkingLot()
        self._taken = False
        self._called = False
        """A parked task was woken and has not run yet."""
        self._last: trio.lowlevel.Task | None = None
        """Who has gone through last."""
        self._step_ends = 0.0

    async def __aenter__(self) -> None:
        while self._taken:
            await self._parked.park()
            self._called = False
        self._taken = True

    async def __aexit__(self, *_: object) -> None:
        self._taken = False
        self._last = trio.lowlevel.current_task()
        if not self._called and self._parked:
            self._called = True
            self._parked.unpark()

    async def wait_readable(self, descriptor: int) -> None:
        """Waits for the next request. Stands in for ``trio.lowlevel.wait_readable``, and raises what that raises."""
        if (
            self._last is trio.lowlevel.current_task()
            and perf_counter() < self._step_ends
            and descriptor < _MOST_DESCRIPTORS
            and select.select((descriptor,), (), (), PATIENCE_SECONDS)[0]
        ):
            self._quick()
            return
        self._slow()
        await trio.lowlevel.wait_readable(descriptor)
        self._step_ends = perf_counter() + STEP_SECONDS


@contextlib.contextmanager
def prompt_requests(quick: Callable[[], None], slow: Callable[[], None]) -> Iterator[None]:
    """Makes pyfuse3 wait for requests at a :class:`RequestGate`, from before its ``init`` until its ``main`` ended."""
    gate = RequestGate(quick, slow)
    lowlevel = types.ModuleType("trio.lowlevel")
    vars(lowlevel).update(vars(trio.lowlevel), wait_readable=gate.wait_readable)
    stand_in = types.ModuleType("trio")
    vars(stand_in).update(vars(trio), Lock=lambda: gate, lowlevel=lowlevel)
    names = vars(pyfuse3)
    replaced = names["trio"]
    names["trio"] = stand_in
    try:
        yield
    finally:
        names["trio"] = replaced
        slow()
