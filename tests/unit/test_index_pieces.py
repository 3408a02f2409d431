"""The pieces of the full-text index are put together, a little at a time, and nothing that is found changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from offliniofs.app import index_merging
from offliniofs.app.index_merging import FIRST_PAGES, STEP_SECONDS, Pace, merge_index
from offliniofs.catalog.pieces import sizes_of_pieces
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.writer import Writer
from tests.unit.catalog_library import Library, film, media

_TITLES = 40
_AUDITED = Statement("SELECT count(*) FROM audit_log")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Films that came one by one, so that the index has pieces of several sizes."""
    opened = Library(tmp_path / "catalog.sqlite")
    for number in range(_TITLES):
        opened.file(media(film(f"Blade {number}", 1982, name=f"{number}.mkv")))
    yield opened
    opened.close()


def pieces(library: Library) -> list[int]:
    return sizes_of_pieces(library.reader.database)


def found(library: Library) -> list[int]:
    statement = Statement("SELECT rowid FROM search_index WHERE search_index MATCH '\"blade\"' ORDER BY rowid")
    return [row[0] for row in library.reader.database.rows(statement)]


def test_all_pieces_become_one_in_small_steps(library: Library) -> None:
    before, audited = found(library), library.reader.database.value(_AUDITED)
    assert len(pieces(library)) > 1
    steps = 0
    while library.writer.merge_search_index(1):
        steps += 1
    assert steps > 1
    assert len(pieces(library)) == 1
    assert found(library) == before
    assert library.reader.database.value(_AUDITED) == audited
    assert library.findings() == []


def test_one_new_title_does_not_have_all_written_anew(library: Library) -> None:
    while library.writer.merge_search_index(1000):
        pass
    library.writer.database.script(
        "INSERT INTO search_index (rowid, plot)"
        " SELECT id + 1000, 'word' || id || ' ' || hex(randomblob(2000)) FROM content"
    )
    while library.writer.merge_search_index(1000):
        pass
    largest = max(pieces(library))
    assert largest > 8
    library.file(media(film("Alien", 1979)))
    while library.writer.merge_search_index(1000):
        pass
    assert len(pieces(library)) == 2
    assert max(pieces(library)) == largest


def test_what_was_deleted_goes_with_the_merge(library: Library) -> None:
    library.writer.database.rows(Statement("DELETE FROM search_index WHERE rowid < 20", scans=("search_index",)))
    before = found(library)
    while library.writer.merge_search_index(10):
        pass
    assert found(library) == before == list(range(20, _TITLES + 1))


def test_steps_are_as_long_as_nobody_minds() -> None:
    pace = Pace()
    pace.took(STEP_SECONDS * 4)
    assert pace.pages == FIRST_PAGES // 4
    for _ in range(40):
        pace.took(STEP_SECONDS / 100)
    most = pace.pages
    pace.took(STEP_SECONDS / 100)
    assert FIRST_PAGES < pace.pages == most
    for _ in range(40):
        pace.took(10.0)
    assert 1 < pace.pages < FIRST_PAGES


class Steps:
    """A writer's changes, of which ``left`` find something to do."""

    def __init__(self, left: int, each: float = 0.0) -> None:
        self.left = left
        self.each = each
        self.asked: list[float] = []

    async def __call__(self, edit: Callable[[Writer], bool]) -> bool:
        self.asked.append(trio.current_time())
        await trio.sleep(self.each)
        self.left -= 1
        return self.left >= 0


async def test_merging_ends_when_nothing_is_left_to_do(autojump_clock: trio.testing.MockClock) -> None:
    steps = Steps(3)
    assert await merge_index(steps)
    assert len(steps.asked) == 4


async def test_merging_leaves_off_when_the_time_is_up(autojump_clock: trio.testing.MockClock) -> None:
    steps = Steps(1_000, each=1.0)
    assert not await merge_index(steps, at_most_seconds=4.5)
    assert len(steps.asked) == 5


async def test_merging_leaves_off_when_told(autojump_clock: trio.testing.MockClock) -> None:
    stop = trio.Event()
    stop.set()
    steps = Steps(1_000)
    assert not await merge_index(steps, stop=stop)
    assert steps.asked == []


async def test_others_may_write_for_as_long_as_a_step_took(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    times: list[float] = []

    async def change(edit: Callable[[Writer], bool]) -> bool:
        times.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        return edit(library.writer)

    monkeypatch.setattr(index_merging, "FIRST_PAGES", 1)
    assert await merge_index(change)
    assert len(times) > 1
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert len(pieces(library)) == 1
