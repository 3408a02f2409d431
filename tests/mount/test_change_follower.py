"""The task that follows the change log, on a catalogue that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import trio
import trio.testing

from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import CatalogAccessError
from offliniofs.domain.listing import ChangeRow
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.invalidation import ChangeFollower
from offliniofs.fuse.services import Catalogue


class Flaky:
    """A catalogue without changes that cannot be asked for a while."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.reader = SimpleNamespace(last_change_sequence=lambda: 7)
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
    follower = ChangeFollower(cast("Catalogue", catalogue), KernelHoldings(), lambda: None, 9)
    begun = trio.current_time()
    with caplog.at_level(logging.WARNING), trio.move_on_after(60):
        await follower.run()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "WARNING", "ERROR"]
    assert [round(moment - begun) for moment in catalogue.asked] == [8]
    assert follower.sequence == 7  # a catalogue that was put back from a copy
