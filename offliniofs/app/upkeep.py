"""What a daemon tidies while it runs, so that nothing in the catalogue grows without end."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import trio

from offliniofs.app.index_merging import merge_index
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.ids import Digest

if TYPE_CHECKING:
    from offliniofs.blobs.protocol import Cleaned
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_DAY_NS = 24 * 3600 * 1_000_000_000
KEPT_NS = 7 * _DAY_NS
"""How long the change log goes back. Daemons follow it within a second; a week is for one that was suspended. So long,
too, the history tells of views and refusals."""
EVENTS_KEPT_NS = 400 * _DAY_NS
"""How long single views are remembered: a year and some weeks, so that two years can be compared; and how long a step
can be taken back."""
UNNAMED_NS = 3600 * 1_000_000_000
"""How long a folder that a file manager has made may wait for its user to name it."""
BATCH = 10_000
"""Entries of one transaction, so that nobody waits long for the writer."""
PURGED = 20
"""Entries of the trash that go in one transaction: each may be a series with thousands of files."""


class Changeable(Protocol):
    """The catalogue, as far as it is needed here."""

    async def change(self, edit: Callable[[Writer], _T]) -> _T:
        """Runs one change on the writer."""
        ...

    async def wait_for_quiet(self) -> None:
        """Returns once nobody is changing anything, or after some seconds."""
        ...


async def keep_tidy(
    catalogue: Changeable,
    remove: Callable[[Digest], None],
    clean: Callable[[], Awaitable[Cleaned]],
    clock: Callable[[], int] = time.time_ns,
) -> None:
    """Drops old entries of the change log, old single views and what lay in the trash or waited for a name for long
    enough, puts the pieces
    of the full-text index together and lets go of what dead processes left half written, at the start and every hour,
    until cancelled. ``remove`` takes a blob out of the store, ``clean`` what was left."""
    while True:
        await _attempt("clean the store", partial(_clean, clean))
        now_ns = clock()
        await _shorten(catalogue, "change log", partial(_trim_changes, now_ns - KEPT_NS))
        await _shorten(catalogue, "list of views", partial(_trim_events, now_ns - EVENTS_KEPT_NS))
        await _shorten(catalogue, "history", partial(_trim_history, now_ns - KEPT_NS, now_ns - EVENTS_KEPT_NS))
        await _shorten(catalogue, "trash", _purge, PURGED)
        await _shorten(catalogue, "list of folders without a name", partial(_forget_unnamed, now_ns - UNNAMED_NS))
        await _shorten(catalogue, "store", partial(_release, remove), None)
        await _attempt("merge the full-text index", partial(merge_index, partial(_in_quiet, catalogue)))
        await trio.sleep(EVERY_SECONDS)


async def _shorten(catalogue: Changeable, what: str, trim: Callable[[Writer], int], batch: int | None = BATCH) -> None:
    """Trims batch by batch until nothing more goes; ``None``: all at once."""

    async def all_batches() -> None:
        while await catalogue.change(trim) == batch:
            pass

    await _attempt(f"shorten the {what}", all_batches)


async def _in_quiet(catalogue: Changeable, edit: Callable[[Writer], bool]) -> bool:
    """A change of many that nobody waits for: one of them takes longer than moving a title to another genre."""
    await catalogue.wait_for_quiet()
    return await catalogue.change(edit)


async def _clean(clean: Callable[[], Awaitable[Cleaned]]) -> None:
    cleaned = await clean()
    if cleaned.files:
        logger.info("removed what was left half written", extra={"files": cleaned.files, "bytes": cleaned.size})


async def _attempt(what: str, action: Callable[[], Awaitable[object]]) -> None:
    """A failure is logged: what nobody waits for must not end the mount."""
    try:
        await action()
    except OfflinioError as error:
        logger.warning("cannot %s", what, extra={"reason": str(error)})
    except Exception:
        logger.exception("cannot %s", what)


def _trim_changes(before_ns: int, writer: Writer) -> int:
    return writer.trim_change_log(before_ns, BATCH)


def _trim_events(before_ns: int, writer: Writer) -> int:
    return writer.trim_access_events(before_ns, BATCH)


def _trim_history(quiet_before_ns: int, before_ns: int, writer: Writer) -> int:
    return writer.trim_history(quiet_before_ns, before_ns, BATCH)


def _forget_unnamed(before_ns: int, writer: Writer) -> int:
    return writer.forget_unnamed_before(before_ns, BATCH)


def _purge(writer: Writer) -> int:
    return writer.purge_expired(PURGED).entries


def _release(remove: Callable[[Digest], None], writer: Writer) -> int:
    return writer.release_blobs(remove)
