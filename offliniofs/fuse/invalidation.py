"""Telling the kernel what it must forget, within half a second of any change by any process.

The task follows the catalogue's change log: it looks every 150 ms whether another connection has committed
(``PRAGMA data_version``, microseconds), and at once when this daemon wrote.

Why a worker thread. Dropping a name takes the lock of its directory in the kernel, and dropping pages waits for pages
that are being read. Whoever holds those is a client that waits for *us*: a lookup, a listing, a read. On the event
loop, or inside a handler, that is a deadlock (pyfuse3's documentation of ``invalidate_entry`` says so). In a thread of
its own the call waits without the GIL, the loop answers the client, the client lets go. Three rules follow: no handler
waits for an invalidation; no lock is held across one; the thread only calls pyfuse3, whose calls here are one write(2)
to the session's descriptor.

One batch at a time, in order, so that a name which went and came back ends up as it is.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Sequence

import pyfuse3
import trio

from offliniofs.domain.errors import OfflinioError
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.changes import InvalidateInode, Invalidation, invalidations
from offliniofs.tree.contexts import ContextRegistry

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.15
_BATCH = 1000
_UNKNOWN_TO_KERNEL = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY})
_MOUNT_GONE = frozenset({errno.ENODEV, errno.ENOTCONN, errno.EBADF})


class ChangeFollower:
    """Follows the change log from where it was when this was made."""

    def __init__(
        self, catalogue: Catalogue, contexts: ContextRegistry, forget: Callable[[], None], sequence: int
    ) -> None:
        self._catalogue = catalogue
        self._contexts = contexts
        self._forget = forget
        self._woken = trio.Event()
        self.sequence = sequence
        """Up to which entry of the log the kernel has been told."""

    def wake(self) -> None:
        """Something was committed by this daemon: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Follows until cancelled."""
        version = -1
        limiter = trio.CapacityLimiter(1)
        while True:
            try:
                seen = self._catalogue.reader.database.data_version()
                if seen != version:
                    await self._tell_changes(limiter)
                    version = seen
            except OfflinioError as error:
                logger.warning("cannot follow the changes of the catalogue", extra={"reason": str(error)})
            except Exception:
                logger.exception("cannot follow the changes of the catalogue")  # and try again: the mount goes on
            with trio.move_on_after(_POLL_SECONDS):
                await self._woken.wait()
            self._woken = trio.Event()

    async def _tell_changes(self, limiter: trio.CapacityLimiter) -> None:
        reader = self._catalogue.reader
        while True:
            changes = reader.changes_since(self.sequence, _BATCH)
            if not changes:
                return
            self._forget()
            batch = invalidations(changes, self._contexts.known_contexts())
            await trio.to_thread.run_sync(tell_kernel, batch, limiter=limiter)
            self.sequence = changes[-1].sequence


def tell_kernel(batch: Sequence[Invalidation]) -> int:
    """Makes the kernel forget; returns how much of it the kernel knew. Only in a worker thread."""
    known = 0
    for item in batch:
        try:
            if isinstance(item, InvalidateInode):
                pyfuse3.invalidate_inode(item.inode)
            else:
                pyfuse3.invalidate_entry(item.parent, item.name.encode())
            known += 1
        except OSError as error:
            if error.errno in _MOUNT_GONE:
                return known
            if error.errno not in _UNKNOWN_TO_KERNEL:
                logger.warning("the kernel refused to forget", extra={"item": str(item), "reason": str(error)})
    return known
