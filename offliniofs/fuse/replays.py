"""Changes that the kernel may ask for twice.

A daemon that dies after it made a change and before it answered leaves the client waiting; the kernel sends the request
again to the next daemon (FUSE_NOTIFY_RESEND), which must not answer "File exists" to the ``mkdir`` that worked. pyfuse3
does not show the bit that marks such a request, so each change is noted in the session memory before it begins, by what
was asked and by whom, and struck out once its answer is out. What a new daemon finds there was perhaps done already.

The kernel puts what it sends again before everything else, so once one request of our own has come through after the
start, every repeated one has arrived, and what is left is forgotten (:meth:`Replays.settle`): a client that really asks
for the same thing a second time is not mistaken for a repetition.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

import trio

from offliniofs.fuse.session_memory import SLOT_BYTES, SessionMemory


class Replays:
    """Used on the event loop. Without a memory (a mount that does not outlive its daemon) nothing is ever repeated."""

    def __init__(self, memory: SessionMemory | None) -> None:
        self._memory = memory
        self._left: dict[bytes, int] = {}
        """Changes that an earlier daemon began, with their slots. They stay noted: we may die before we answer, too."""

    def resume(self) -> None:
        """Takes up what the daemons before have begun. They must have ended."""
        if self._memory is not None:
            self._left = self._memory.begun()

    @contextlib.contextmanager
    def once(self, *request: str | bytes | int) -> Iterator[bool]:
        """Surrounds a change. ``request`` is what was asked and by whom: its name, its arguments, the client's pid.

        Gives True when an earlier daemon began this very change: it may be done already, and an error that says so
        (EEXIST, ENOENT) then means success. To be entered before the handler's first ``await``.
        """
        if self._memory is None:
            yield False
            return
        memory = self._memory
        key = hashlib.blake2b(repr(request).encode(), digest_size=SLOT_BYTES).digest()
        known = self._left.pop(key, None)
        slot = memory.begin(key) if known is None else known
        try:
            yield known is not None
        except trio.Cancelled:
            slot = None  # it will not be answered: the next daemon is asked again
            raise
        finally:
            if slot is not None:
                # The answer goes out in this step of the handler's task; this runs in a later one.
                trio.lowlevel.current_trio_token().run_sync_soon(memory.end, slot)

    def settle(self) -> None:
        """Every repeated request has arrived."""
        if self._memory is not None:
            for slot in self._left.values():
                self._memory.end(slot)
        self._left.clear()
