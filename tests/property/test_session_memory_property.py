"""The session memory, killed after any store: the next daemon sees the state before a change or the one after it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from offliniofs.fuse.session_memory import SLOT_BYTES, SessionMemory, make_session_memory

_HEAD = 16 * 1024
_SECOND_HALF = 8192 + 32 * 1024 * 1024
"""As the module's docstring lays it out: small memories have everything in these two places."""

State = tuple[bytes, bytes, str, int | None, tuple[tuple[int, str], ...], frozenset[bytes]]


def state_of(memory: SessionMemory) -> State:
    """All that a new daemon reads."""
    return (
        memory.request,
        memory.reply,
        memory.agreement,
        memory.sequence,
        tuple(memory.views()),
        frozenset(memory.begun()),
    )


@contextmanager
def new_memory() -> Iterator[tuple[int, SessionMemory]]:
    descriptor = make_session_memory()
    try:
        with closing(SessionMemory(descriptor)) as memory:
            yield descriptor, memory
    finally:
        os.close(descriptor)


class Recorder:
    """Stands in for a memory's bytes or words: lets each store through, then reads what a new daemon would."""

    def __init__(self, target: memoryview, descriptor: int, seen: list[State]) -> None:
        self._target = target
        self._descriptor = descriptor
        self._seen = seen

    def __getitem__(self, key: int | slice) -> object:
        return self._target[key]

    def __setitem__(self, key: int | slice, value: object) -> None:
        cast("dict[object, object]", self._target)[key] = value
        with new_memory() as (copy, _):
            for at in (0, _SECOND_HALF):
                os.pwrite(copy, os.pread(self._descriptor, _HEAD, at), at)
            with closing(SessionMemory(copy)) as memory:
                self._seen.append(state_of(memory))


texts = st.text(st.characters(min_codepoint=32), max_size=40)
views = st.tuples(st.integers(1, 2**28 - 1), texts)
keys = st.binary(min_size=SLOT_BYTES, max_size=SLOT_BYTES).filter(any)
operations = st.one_of(
    st.tuples(st.just("request"), st.binary(max_size=104)),
    st.tuples(st.just("reply"), st.binary(max_size=80)),
    st.tuples(st.just("agreement"), texts),
    st.tuples(st.just("sequence"), st.integers(0, 2**63)),
    st.tuples(st.just("view"), views),
    st.tuples(st.just("rewrite"), st.lists(views, max_size=4)),
    st.tuples(st.just("begin"), keys),
    st.tuples(st.just("end"), st.integers(0, 3)),
)


def carry_out(memory: SessionMemory, name: str, value: object) -> None:
    match name:
        case "view":
            assert memory.add_view(*cast("tuple[int, str]", value))
        case "rewrite":
            memory.rewrite_views(cast("list[tuple[int, str]]", value))
        case "begin":
            memory.begin(cast("bytes", value))
        case "end":
            memory.end(cast("int", value))
        case _:
            setattr(memory, name, value)


@settings(max_examples=60, deadline=None)
@given(st.lists(operations, max_size=8))
def test_a_kill_after_any_store_leaves_the_old_state_or_the_new(done: Sequence[tuple[str, object]]) -> None:
    with new_memory() as (descriptor, memory):
        for name, value in done:
            before = state_of(memory)
            seen: list[State] = []
            plain = memory._bytes, memory._words
            memory._bytes, memory._words = (cast("memoryview[int]", Recorder(p, descriptor, seen)) for p in plain)
            try:
                carry_out(memory, name, value)
            finally:
                memory._bytes, memory._words = plain
            after = state_of(memory)
            states = {before, after}
            if name in {"request", "reply", "agreement"}:
                # written once, before anybody else can read it; a length of nothing stands for nothing
                assert seen[-1] == after
            else:
                assert set(seen) <= states, (name, value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 63), st.binary(min_size=8, max_size=200), st.integers(8, _HEAD - 200))
def test_a_damaged_memory_is_read_without_failing(word: int, noise: bytes, at: int) -> None:
    with new_memory() as (descriptor, memory):
        memory.add_view(7, "search/alien")
        memory.request = b"hello"
        os.pwrite(descriptor, noise[:8], max(8, word // 8 * 8))
        os.pwrite(descriptor, noise, at)
        for number, text in memory.views():
            assert isinstance(number, int)
            assert isinstance(text, str)
        assert len(memory.request) <= 512
        assert len(memory.reply) <= 512
        assert len(memory.agreement.encode(errors="surrogateescape")) <= 4096
        assert all(len(key) == SLOT_BYTES for key in memory.begun())
