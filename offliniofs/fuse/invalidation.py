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
from dataclasses import replace
from functools import partial

import pyfuse3
import trio

from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.listing import ChangeRow
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.services import Catalogue
from offliniofs.fuse.telling import KernelTeller
from offliniofs.tree.changes import InvalidateInode, Invalidation, everything, invalidations

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.15
_RETRY_SECONDS = 2.0
"""After a failure: a catalogue that is gone must not fill the log."""
_BATCH = 1000
_UNKNOWN_TO_KERNEL = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY})
_MOUNT_GONE = frozenset({errno.ENODEV, errno.ENOTCONN, errno.EBADF})


class ChangeFollower:
    """Follows the change log from where it was when this was made."""

    def __init__(
        self,
        catalogue: Catalogue,
        holdings: KernelHoldings,
        forget: Callable[[], None],
        sequence: int,
        teller: KernelTeller,
    ) -> None:
        self._teller = teller
        self._catalogue = catalogue
        self._holdings = holdings
        self._forget = forget
        self._woken = trio.Event()
        self._reader = catalogue.reader
        """Another one later means that the catalogue's file was replaced."""
        self.sequence = sequence
        """Up to which entry of the log the kernel has been told."""
        self._besides: list[Invalidation] = []
        self.on_told: Callable[[int], None] | None = None
        """Called with ``sequence`` whenever the kernel has been told of more."""

    def wake(self) -> None:
        """Something was committed by this daemon: look now."""
        self._woken.set()

    def tell(self, batch: Sequence[Invalidation]) -> None:
        """Makes the kernel forget something that no change of the catalogue tells of, in its turn."""
        self._besides += batch
        self._woken.set()

    async def run(self) -> None:
        """Follows until cancelled."""
        limiter = trio.CapacityLimiter(1)
        missed = True
        while True:
            pause = _POLL_SECONDS
            try:
                missed = self._catalogue.changed() or missed
                if missed:
                    await self._tell_changes(limiter)
                    missed = False
                if self._besides:
                    batch, self._besides = self._besides, []
                    await trio.to_thread.run_sync(tell_kernel, batch, self._teller, limiter=limiter)
            except OfflinioError as error:
                pause = _RETRY_SECONDS
                logger.warning("cannot follow the changes of the catalogue", extra={"reason": str(error)})
            except Exception:
                pause = _RETRY_SECONDS
                logger.exception("cannot follow the changes of the catalogue")  # and try again: the mount goes on
            with trio.move_on_after(pause):
                await self._woken.wait()
            self._woken = trio.Event()

    async def _tell_changes(self, limiter: trio.CapacityLimiter) -> None:
        if self._lost_its_place():
            last = self._catalogue.reader.last_change_sequence()
            logger.warning(
                "cannot know what changed in the catalogue: the kernel forgets everything",
                extra={"told": self.sequence, "newest": last},
            )
            self._forget()
            batch = everything(self._holdings.contexts())
            await trio.to_thread.run_sync(tell_kernel, batch, self._teller, limiter=limiter)
            self._told(last)
        while True:
            # The connection is given back before the kernel is told: a client that the kernel makes us wait for may
            # itself wait for a connection.
            changes = await self._catalogue.ask(lambda reader: reader.changes_since(self.sequence, _BATCH))
            if not changes:
                return
            self._forget()
            await trio.to_thread.run_sync(_tell, changes, self._holdings.contexts(), self._teller, limiter=limiter)
            self._told(changes[-1].sequence)

    def _lost_its_place(self) -> bool:
        """Whether the catalogue was put back from a copy, or its log was shortened past what the kernel was told.

        The latter happens to a daemon that was stopped for longer than the log goes back. The newest entry always
        stays, so an empty log has never had any.
        """
        reader = self._catalogue.reader
        replaced, self._reader = reader is not self._reader, reader
        return (
            replaced
            or reader.first_change_sequence() > self.sequence + 1
            or reader.last_change_sequence() < self.sequence
        )

    def _told(self, sequence: int) -> None:
        self.sequence = sequence
        if self.on_told is not None:
            self.on_told(sequence)


def _tell(changes: Sequence[ChangeRow], contexts: Sequence[int], teller: KernelTeller) -> None:
    tell_kernel(invalidations(map(_as_the_kernel_holds_it, changes), contexts), teller)


def _as_the_kernel_holds_it(change: ChangeRow) -> ChangeRow:
    """The kernel remembers no name that it was told is not there, so of a new title it holds only the folder's times.

    A new file keeps its name: a generated NFO that it replaces may be held.
    """
    if change.subject == "content" and change.action == "added":
        return replace(change, subject_id=None, name=None)
    return change


def tell_kernel(batch: Sequence[Invalidation], teller: KernelTeller) -> int:
    """Makes the kernel forget; returns how much of it the kernel knew. Only in a worker thread."""
    known, refused = teller.run(partial(_tell_all, batch))
    for item, error in refused:
        logger.warning("the kernel refused to forget", extra={"item": str(item), "reason": str(error)})
    return known


def _tell_all(batch: Sequence[Invalidation]) -> tuple[int, list[tuple[Invalidation, OSError]]]:
    known, refused = 0, []
    for item in batch:
        try:
            if isinstance(item, InvalidateInode):
                pyfuse3.invalidate_inode(item.inode)
            else:
                pyfuse3.invalidate_entry(item.parent, item.name.encode())
            known += 1
        except OSError as error:
            if error.errno in _MOUNT_GONE:
                break
            if error.errno not in _UNKNOWN_TO_KERNEL:
                refused.append((item, error))
    return known, refused
