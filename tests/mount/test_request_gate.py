"""Who waits for the kernel's next request, and when the event loop has its turn."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pyfuse3
import pytest
import trio
import trio.testing

from offliniofs.fuse import prompting
from offliniofs.fuse.prompting import RequestGate, prompt_requests


class Log:
    """What the gate told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def quick(self) -> None:
        self.words.append("quick")

    def slow(self) -> None:
        self.words.append("slow")


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def gate(log: Log) -> RequestGate:
    return RequestGate(log.quick, log.slow)


@pytest.fixture
def waiting() -> Iterator[int]:
    """A descriptor from which something can be read, and always will be."""
    out, into = os.pipe()
    os.write(into, b"request")
    yield out
    os.close(out)
    os.close(into)


@pytest.fixture
def silent() -> Iterator[int]:
    """A descriptor from which nothing can be read."""
    out, into = os.pipe()
    yield out
    os.close(out)
    os.close(into)


@pytest.fixture
def long_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompting, "STEP_SECONDS", 3600.0)


async def next_request(gate: RequestGate, descriptor: int) -> None:
    async with gate:
        await gate.wait_readable(descriptor)


@pytest.mark.usefixtures("long_steps")
async def test_a_request_that_follows_needs_no_turn_of_the_loop(gate: RequestGate, log: Log, waiting: int) -> None:
    with trio.testing.assert_checkpoints():
        await next_request(gate, waiting)
    assert log.words == ["slow"]
    with trio.testing.assert_no_checkpoints():
        await next_request(gate, waiting)
    assert log.words == ["slow", "quick"]


async def test_the_loop_has_its_turn_when_the_step_is_over(
    gate: RequestGate, log: Log, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompting, "STEP_SECONDS", 0.0)
    for _ in range(2):
        with trio.testing.assert_checkpoints():
            await next_request(gate, waiting)
    assert log.words == ["slow", "slow"]


@pytest.mark.usefixtures("long_steps")
async def test_a_descriptor_that_select_does_not_know_is_left_to_the_loop(
    gate: RequestGate, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompting, "_MOST_DESCRIPTORS", waiting)
    for _ in range(2):
        with trio.testing.assert_checkpoints():
            await next_request(gate, waiting)


@pytest.mark.usefixtures("long_steps")
async def test_who_waits_long_sleeps_in_the_loop_and_can_be_told_to_end(
    gate: RequestGate, log: Log, waiting: int, silent: int
) -> None:
    await next_request(gate, waiting)

    async def wait() -> None:
        with pytest.raises(trio.ClosedResourceError):
            await next_request(gate, silent)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        trio.lowlevel.notify_closing(silent)
    assert log.words == ["slow", "slow"]
    await next_request(gate, waiting)


@pytest.mark.usefixtures("long_steps")
async def test_a_task_that_has_to_wait_hands_over(gate: RequestGate, waiting: int) -> None:
    order: list[str] = []
    answered = trio.Event()

    async def first() -> None:
        await next_request(gate, waiting)
        order.append("first asks a thread")
        await answered.wait()
        order.append("first answers")
        await next_request(gate, waiting)
        order.append("first goes on")

    async def second() -> None:
        await next_request(gate, waiting)
        order.append("second takes its place")
        answered.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(second)
    assert order == ["first asks a thread", "second takes its place", "first answers", "first goes on"]


@pytest.mark.usefixtures("long_steps")
async def test_only_one_waits_for_the_kernel_and_the_others_take_their_turn(gate: RequestGate, silent: int) -> None:
    inside: list[str] = []
    scopes = {name: trio.CancelScope() for name in ("first", "second", "third")}

    async def wait(name: str) -> None:
        with scopes[name]:
            async with gate:
                inside.append(name)
                await gate.wait_readable(silent)

    async with trio.open_nursery() as nursery:
        for name in scopes:
            nursery.start_soon(wait, name)
            await trio.testing.wait_all_tasks_blocked()
        assert inside == ["first"]
        scopes["second"].cancel()
        await trio.testing.wait_all_tasks_blocked()
        assert inside == ["first"]
        scopes["first"].cancel()
        await trio.testing.wait_all_tasks_blocked()
        assert inside == ["first", "third"]
        scopes["third"].cancel()


@pytest.mark.usefixtures("long_steps")
async def test_a_woken_task_that_comes_too_late_parks_again(gate: RequestGate, waiting: int, silent: int) -> None:
    inside: list[str] = []

    async def late() -> None:
        async with gate:
            inside.append("late")

    async with trio.open_nursery() as nursery:
        async with gate:
            nursery.start_soon(late)
            await trio.testing.wait_all_tasks_blocked()
            await gate.wait_readable(waiting)
        async with gate:  # the other was woken just now, and has not run
            await trio.testing.wait_all_tasks_blocked()
            assert inside == []
    assert inside == ["late"]


async def test_pyfuse3_sees_the_gate_and_the_rest_of_trio(log: Log) -> None:
    before = vars(pyfuse3)["trio"]
    assert before is trio
    with prompt_requests(log.quick, log.slow):
        seen = vars(pyfuse3)["trio"]
        assert isinstance(seen.Lock(), RequestGate)
        assert seen.lowlevel.wait_readable == seen.Lock().wait_readable
        assert seen.open_nursery is trio.open_nursery
        assert seen.lowlevel.notify_closing is trio.lowlevel.notify_closing
        assert log.words == []
    assert vars(pyfuse3)["trio"] is trio
    assert log.words == ["slow"]
