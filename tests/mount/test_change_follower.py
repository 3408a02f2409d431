"""The task that follows the change log, on a catalogue that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pyfuse3
import pytest
import trio
import trio.testing

from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import CatalogAccessError
from offliniofs.domain.listing import ChangeRow
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.invalidation import ChangeFollower
from offliniofs.fuse.services import Catalogue
from offliniofs.fuse.telling import KernelTeller
from offliniofs.tree.changes import InvalidateEntry, InvalidateInode, Invalidation, everything
from offliniofs.tree.inodes import directory_base


def log(first: int, last: int) -> SimpleNamespace:
    """A reader of a change log with these entries, none of which says anything."""
    return SimpleNamespace(
        first_change_sequence=lambda: first,
        last_change_sequence=lambda: last,
        changes_since=lambda sequence, limit: [
            ChangeRow(number, "view", "changed", None, None, "library", None)
            for number in range(max(first, sequence + 1), last + 1)
        ],
    )


class Flaky:
    """A catalogue without changes that cannot be asked for a while."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.reader = log(5, 7)
        self.asked: list[float] = []

    def changed(self) -> bool:
        if self.failures:
            raise self.failures.pop(0)
        return False

    async def ask(self, question: Callable[[Reader], list[ChangeRow]]) -> list[ChangeRow]:
        await trio.lowlevel.checkpoint()
        self.asked.append(trio.current_time())
        return []


async def test_a_catalogue_that_is_gone_is_tried_again_without_filling_the_log(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = Flaky(*[CatalogAccessError("gone")] * 3, ValueError("a fault"))
    follower = ChangeFollower(cast("Catalogue", catalogue), KernelHoldings(), lambda: None, 7, KernelTeller())
    begun = trio.current_time()
    with caplog.at_level(logging.WARNING), trio.move_on_after(60):
        await follower.run()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "WARNING", "ERROR"]
    assert [round(moment - begun) for moment in catalogue.asked] == [8]
    assert follower.sequence == 7


class Steady:
    """A catalogue that has changed once, in ways that its log tells or does not tell."""

    def __init__(self, reader: SimpleNamespace) -> None:
        self.reader = reader

    def changed(self) -> bool:
        return False

    async def ask(self, question: Callable[[Reader], list[ChangeRow]]) -> list[ChangeRow]:
        await trio.lowlevel.checkpoint()
        return question(cast("Reader", self.reader))


EVERYTHING = set(everything((3,)))


@pytest.mark.parametrize(
    ("told", "first", "last", "replaced", "everything_goes"),
    [
        (9, 10, 12, False, False),
        (9, 5, 9, False, False),
        (0, 0, 0, False, False),
        (9, 11, 12, False, True),  # 10 was dropped before the kernel heard of it
        (9, 1, 7, False, True),  # a copy from before, put back
        (9, 10, 12, True, True),  # a copy put back that went on by itself
    ],
)
async def test_what_the_log_no_longer_tells_makes_the_kernel_forget_everything(
    told: int,
    first: int,
    last: int,
    replaced: bool,
    everything_goes: bool,
    autojump_clock: trio.testing.MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: set[Invalidation] = set()
    monkeypatch.setattr(pyfuse3, "invalidate_inode", lambda inode: heard.add(InvalidateInode(inode)))
    monkeypatch.setattr(
        pyfuse3, "invalidate_entry", lambda parent, name: heard.add(InvalidateEntry(parent, name.decode()))
    )
    catalogue, holdings, forgotten = Steady(log(first, last)), KernelHoldings(), []
    holdings.took(directory_base(3))
    follower = ChangeFollower(cast("Catalogue", catalogue), holdings, lambda: forgotten.append(1), told, KernelTeller())
    if replaced:
        catalogue.reader = log(first, last)
    with trio.move_on_after(1):
        await follower.run()
    assert (heard >= EVERYTHING) is everything_goes
    assert follower.sequence == last
    assert bool(forgotten) is (everything_goes or last > told)
