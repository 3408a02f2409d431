"""What a client waits for is no pause between two of its changes."""

from __future__ import annotations

from trio.testing import MockClock

from offliniofs.domain.actors import Actor
from offliniofs.fuse.pauses import Pauses

REMOVER = Actor(1000, 1000, 4711, "rm")
SECOND_NS = 1_000_000_000


def _allowed(pauses: Pauses, actor: Actor = REMOVER) -> int:
    with pauses.change(actor) as asking:
        return asking.pause_ns


async def test_a_change_that_takes_long_is_no_pause(mock_clock: MockClock) -> None:
    pauses = Pauses()
    with pauses.change(REMOVER):
        mock_clock.jump(20)  # the disk is slow
    mock_clock.jump(0.9)
    assert _allowed(pauses) > 20 * SECOND_NS


async def test_a_pause_counts_from_the_answer(mock_clock: MockClock) -> None:
    pauses = Pauses()
    assert _allowed(pauses) == SECOND_NS
    mock_clock.jump(1.1)
    assert _allowed(pauses) == SECOND_NS


async def test_changes_at_the_same_time_belong_together(mock_clock: MockClock) -> None:
    pauses = Pauses()
    with pauses.change(REMOVER):
        mock_clock.jump(5)
        assert _allowed(pauses) > 5 * SECOND_NS
        mock_clock.jump(5)
        assert _allowed(pauses) > 5 * SECOND_NS


async def test_processes_pause_each_for_itself(mock_clock: MockClock) -> None:
    pauses = Pauses()
    for process in range(1, 200):
        assert _allowed(pauses, Actor(1000, 1000, process, "rm")) == SECOND_NS
        mock_clock.jump(0.01)
    assert _allowed(pauses, Actor(1000, 1000, 199, "rm")) > SECOND_NS
    assert _allowed(pauses, Actor(1000, 1000, 1, "rm")) == SECOND_NS


async def test_nobody_known_continues_nothing(mock_clock: MockClock) -> None:
    pauses = Pauses()
    stranger = Actor(1000, 1000)
    with pauses.change(stranger) as first:
        mock_clock.jump(5)
        assert _allowed(pauses, stranger) == first.pause_ns == SECOND_NS


async def test_waiting_for_the_next_daemon_is_no_pause(mock_clock: MockClock) -> None:
    pauses = Pauses()
    mock_clock.jump(100)
    pauses.resume()
    assert _allowed(pauses) > 10 * SECOND_NS
    mock_clock.jump(2)
    assert _allowed(pauses) == SECOND_NS
