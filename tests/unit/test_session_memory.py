"""What a mount remembers from one daemon to the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
import trio
import trio.testing

from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.known_views import KnownViews
from offliniofs.fuse.replays import Replays
from offliniofs.fuse.session_memory import SLOT_BYTES, SessionMemory, make_session_memory
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import directory_base
from offliniofs.tree.views import View, parse_view


@pytest.fixture
def descriptor() -> Iterator[int]:
    made = make_session_memory()
    yield made
    os.close(made)


@pytest.fixture
def memory(descriptor: int) -> Iterator[SessionMemory]:
    with closing(SessionMemory(descriptor)) as made:
        yield made


def view(text: str) -> View:
    parsed = parse_view(text)
    assert parsed is not None
    return parsed


def test_what_one_process_wrote_another_reads(descriptor: int, memory: SessionMemory) -> None:
    assert (memory.request, memory.reply, memory.agreement, memory.sequence) == (b"", b"", "", None)
    memory.request, memory.reply, memory.agreement, memory.sequence = b"init", b"answer", "ro,fsname=ä\udcff", 0
    assert memory.add_view(3, "search/ä")
    with closing(SessionMemory(descriptor)) as other:
        assert (other.request, other.reply, other.sequence) == (b"init", b"answer", 0)
        assert other.agreement == "ro,fsname=ä\udcff"
        assert list(other.views()) == [(3, "search/ä")]


def test_what_does_not_fit_is_refused(memory: SessionMemory) -> None:
    with pytest.raises(ValueError, match="513 bytes"):
        memory.request = bytes(513)
    with pytest.raises(ValueError, match="room"):
        memory.agreement = "x" * 3000
    assert (memory.request, memory.agreement) == (b"", "")


def test_anything_else_is_no_memory(descriptor: int) -> None:
    os.pwrite(descriptor, b"OffFuse9", 0)
    with pytest.raises(ValueError, match="of this version"):
        SessionMemory(descriptor)
    os.ftruncate(descriptor, 100)
    with pytest.raises(ValueError, match="no session memory"):
        SessionMemory(descriptor)


def test_a_full_log_is_written_anew_with_what_counts(memory: SessionMemory) -> None:
    text = "search/" + "x" * 4_000_000
    kept = 0
    while memory.add_view(kept + 1, text):
        kept += 1
    assert kept == 8
    memory.rewrite_views([(2, "two"), (3, "three")])
    assert list(memory.views()) == [(2, "two"), (3, "three")]
    assert memory.add_view(4, text)
    memory.rewrite_views((number, text) for number in range(1, 20))
    assert [number for number, _ in memory.views()] == list(range(1, 9))


def test_slots_run_out(memory: SessionMemory) -> None:
    slots = [memory.begin(bytes([1 + number % 255]) * SLOT_BYTES) for number in range(257)]
    assert slots == [*range(256), None]
    memory.end(17)
    assert memory.begin(b"k" * SLOT_BYTES) == 17


# --- changes that are asked for twice ---------------------------------------------------------------------------------


async def turns() -> None:
    await trio.testing.wait_all_tasks_blocked()


async def test_a_change_is_noted_until_its_answer_is_out(memory: SessionMemory) -> None:
    replays = Replays(memory)
    with replays.once("mkdir", 1, b"x", 77) as repeated:
        assert not repeated
        assert len(memory.begun()) == 1
    assert len(memory.begun()) == 1
    await turns()
    assert memory.begun() == {}


async def test_the_next_daemon_knows_a_repeated_change_once(memory: SessionMemory) -> None:
    await begin_and_die(memory, "mkdir", 1, b"x", 77)
    replays = Replays(memory)
    replays.resume()
    with replays.once("mkdir", 1, b"x", 78) as repeated:
        assert not repeated
    with replays.once("mkdir", 1, b"x", 77) as repeated:
        assert repeated
    with replays.once("mkdir", 1, b"x", 77) as repeated:
        assert not repeated
    await turns()
    assert memory.begun() == {}


async def test_a_second_death_before_the_repetition_forgets_nothing(memory: SessionMemory) -> None:
    request = ("rename", 1, b"x", 2, b"y", 77)
    key_slot = await begin_and_die(memory, *request)
    second = Replays(memory)
    second.resume()  # and is killed here
    third = Replays(memory)
    third.resume()
    with third.once(*request) as repeated:
        assert repeated
        assert memory.begun() == key_slot
    await turns()
    assert memory.begun() == {}


async def begin_and_die(memory: SessionMemory, *request: str | bytes | int) -> dict[bytes, int]:
    """What is left when a daemon dies in the middle of a change."""
    with Replays(memory).once(*request):
        (key,) = memory.begun()
    await turns()
    memory.begin(key)
    return memory.begun()


async def test_what_is_left_once_every_repetition_has_come_is_forgotten(memory: SessionMemory) -> None:
    await begin_and_die(memory, "rmdir", 1, b"x", 77)
    replays = Replays(memory)
    replays.resume()
    replays.settle()
    assert memory.begun() == {}
    with replays.once("rmdir", 1, b"x", 77) as repeated:
        assert not repeated


async def test_a_cancelled_change_was_not_answered(memory: SessionMemory) -> None:
    with trio.CancelScope() as scope, Replays(memory).once("mkdir", 1, b"x", 77):
        scope.cancel()
        await trio.lowlevel.checkpoint()
    await turns()
    assert len(memory.begun()) == 1


async def test_without_a_memory_nothing_is_repeated() -> None:
    replays = Replays(None)
    replays.resume()
    with replays.once("mkdir", 1) as repeated:
        assert not repeated
    replays.settle()


# --- views ----------------------------------------------------------------------------------------------------


def test_a_view_that_was_only_looked_up_means_the_same_to_the_next_daemon(memory: SessionMemory) -> None:
    contexts, holdings = ContextRegistry(), KernelHoldings()
    KnownViews(memory, contexts, holdings).restore([])
    number = contexts.context(view("search/alien"))
    holdings.took(directory_base(number) | 5)
    holdings.took(directory_base(number) | 6)
    assert len(list(memory.views())) == 1

    later, held = ContextRegistry(), KernelHoldings()
    KnownViews(memory, later, held).restore([(number ^ 1, "search/heat"), (number, "search/other")])
    assert later.view(number) == view("search/alien")
    assert later.context(view("search/heat")) & 0xFFFFFF == number & 0xFFFFFF ^ 1
    assert held.contexts() == (number,)
    held.gave_back([(directory_base(number) | 5, 1)])
    held.took(directory_base(number) | 5)
    assert len(list(memory.views())) == 1


def test_views_the_kernel_has_forgotten_make_room(memory: SessionMemory) -> None:
    contexts, holdings = ContextRegistry(), KernelHoldings()
    KnownViews(memory, contexts, holdings).restore([])
    long = "search/" + "ä" * 2_000_000
    numbers = [contexts.context(view(f"{long}{index}")) for index in range(12)]
    for number in numbers:
        holdings.took(directory_base(number))
        holdings.gave_back([(directory_base(number), 1)] if number != numbers[0] else [])
    known = dict(memory.views())
    assert numbers[0] in known
    assert numbers[-1] in known
    assert len(known) < 12


def test_a_damaged_number_is_left_out(memory: SessionMemory) -> None:
    memory.add_view(2**32 - 1, "search/alien")
    contexts, holdings = ContextRegistry(), KernelHoldings()
    KnownViews(memory, contexts, holdings).restore([])
    assert (len(contexts), holdings.contexts()) == (0, ())
