"""What a daemon tidies while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar, cast

import pytest
import trio
import trio.testing

from offliniofs.app.upkeep import BATCH, EVENTS_KEPT_NS, EVERY_SECONDS, KEPT_NS, UNNAMED_NS, keep_tidy
from offliniofs.blobs.protocol import Cleaned
from offliniofs.catalog.writer import Writer
from offliniofs.domain.errors import CatalogBusyError
from offliniofs.domain.ids import Digest
from offliniofs.domain.trash import Purged

_T = TypeVar("_T")


class Log:
    """A writer that has so many old entries."""

    def __init__(self, old: int, views: int = 0) -> None:
        self.old = old
        self.views = views
        self.asked: list[int] = []
        self.asked_views: list[int] = []
        self.asked_history: list[tuple[int, int]] = []
        self.asked_unnamed: list[int] = []
        self.trash = 25
        self.waiting = [Digest(b"1" * 32)]
        self.merges = 3

    def merge_search_index(self, pages: int) -> bool:
        assert pages > 0
        self.merges -= 1
        return self.merges > 0

    def trim_change_log(self, before_ns: int, limit: int) -> int:
        self.asked.append(before_ns)
        gone = min(self.old, limit)
        self.old -= gone
        return gone

    def trim_access_events(self, before_ns: int, limit: int) -> int:
        self.asked_views.append(before_ns)
        gone = min(self.views, limit)
        self.views -= gone
        return gone

    def trim_history(self, quiet_before_ns: int, before_ns: int, limit: int) -> int:
        self.asked_history.append((quiet_before_ns, before_ns))
        return 0

    def purge_expired(self, limit: int) -> Purged:
        gone = min(self.trash, limit)
        self.trash -= gone
        return Purged(gone, gone, ())

    def forget_unnamed_before(self, before_ns: int, limit: int) -> int:
        self.asked_unnamed.append(before_ns)
        return 0

    def release_blobs(self, remove: Callable[[Digest], None]) -> int:
        gone = len(self.waiting)
        while self.waiting:
            remove(self.waiting.pop())
        return gone


class Catalogue:
    """Runs changes on a log; the first ``failures`` fail."""

    def __init__(self, log: Log, *failures: Exception) -> None:
        self.log = log
        self.failures = list(failures)
        self.waited = 0

    async def wait_for_quiet(self) -> None:
        await trio.lowlevel.checkpoint()
        self.waited += 1

    async def change(self, edit: Callable[[Writer], _T]) -> _T:
        await trio.lowlevel.checkpoint()
        if self.failures:
            raise self.failures.pop(0)
        return edit(cast("Writer", self.log))


class Blobs:
    """A store in which dead processes left something."""

    def __init__(self) -> None:
        self.removed: list[Digest] = []
        self.cleaned = 0

    def remove(self, digest: Digest) -> None:
        self.removed.append(digest)

    async def clean(self) -> Cleaned:
        await trio.lowlevel.checkpoint()
        self.cleaned += 1
        return Cleaned(2, 8)


async def test_old_entries_go_in_batches_at_the_start_and_every_hour(autojump_clock: trio.testing.MockClock) -> None:
    blobs = Blobs()
    log = Log(2 * BATCH + 5, views=BATCH + 1)
    catalogue = Catalogue(log)
    with trio.move_on_after(EVERY_SECONDS * 1.5):
        await keep_tidy(catalogue, blobs.remove, blobs.clean, lambda: EVENTS_KEPT_NS + 7)
    assert (log.old, log.asked) == (0, [EVENTS_KEPT_NS - KEPT_NS + 7] * 4)
    assert (log.views, log.asked_views) == (0, [7] * 3)
    assert log.asked_history == [(EVENTS_KEPT_NS - KEPT_NS + 7, 7)] * 2
    assert log.asked_unnamed == [EVENTS_KEPT_NS - UNNAMED_NS + 7] * 2
    assert (log.trash, blobs.removed) == (0, [Digest(b"1" * 32)])
    assert blobs.cleaned == 2
    assert log.merges == -1  # all there was to do at the start; an hour later there was nothing
    assert catalogue.waited == 4  # before each of them: nobody's change shall wait for one


async def test_a_failure_is_logged_and_tried_again(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    log, blobs = Log(5, views=5), Blobs()
    with caplog.at_level(logging.WARNING), trio.move_on_after(EVERY_SECONDS * 2.5):
        await keep_tidy(
            Catalogue(log, CatalogBusyError("busy"), ValueError("a fault")), blobs.remove, blobs.clean, lambda: KEPT_NS
        )
    assert (log.old, log.views) == (0, 0)
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
