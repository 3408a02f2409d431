"""What searches read is found in the file and brought into memory ahead of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw
import pytest
import trio.testing

from offliniofs.app import prefetch as prefetching
from offliniofs.app.prefetch import available_memory, prefetch
from offliniofs.catalog import hot_pages
from offliniofs.catalog.hot_pages import HOT, Range, hot_ranges, own_descriptor
from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import CatalogBusyError
from tests.unit.catalog_library import Library, film, media

_T = TypeVar("_T")
_MANY = 300


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """So many films that the indexes have inner nodes; all of it in the file, nothing in the log."""
    opened = Library(tmp_path / "catalog.sqlite")
    opened.file(*(media(film(f"Film {number} {'long ' * 20}", 1982, name=f"{number}.mkv")) for number in range(_MANY)))
    opened.writer.database.script("PRAGMA wal_checkpoint(TRUNCATE)")
    yield opened
    opened.close()


class Catalogue:
    """Puts questions to a reader, after ``failures``."""

    def __init__(self, reader: Reader, *failures: Exception) -> None:
        self.reader = reader
        self.failures = list(failures)

    def look(self, question: Callable[[Reader], _T]) -> _T:
        if self.failures:
            raise self.failures.pop()
        return question(self.reader)


def test_every_leaf_of_what_searches_read_is_in_a_range(library: Library) -> None:
    ranges = hot_ranges(library.reader.database, 1 << 30)
    size = library.reader.database.page_size()
    held = {page for one in ranges for page in range(one.offset // size + 1, (one.offset + one.length) // size + 1)}
    connection = apsw.Connection(str(library.path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf'").fetchall()
    connection.close()
    leaves = {page for name, page in rows if name in HOT}
    assert {name for name, _ in rows} >= set(HOT)
    assert leaves <= held
    assert len({page for name, page in rows if name == "content_title_listing"}) > 1
    assert ranges == sorted(ranges, key=lambda one: one.offset)


def test_no_more_is_wanted_than_allowed(library: Library) -> None:
    size = library.reader.database.page_size()
    assert sum(one.length for one in hot_ranges(library.reader.database, 5 * size)) in range(1, 5 * size + 1)
    assert hot_ranges(library.reader.database, 0) == []


def test_a_file_that_says_nothing_sensible_is_not_followed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    for content in (b"", b"\5" * 100, b"\5\0\0\xff\xff" * 100_000):
        other.write_bytes(content)
        descriptor = os.open(other, os.O_RDONLY)
        monkeypatch.setattr(hot_pages, "own_descriptor", lambda _, found=descriptor: found)
        assert sum(one.length for one in hot_ranges(library.reader.database, 1 << 20)) <= 1 << 20
        os.close(descriptor)


def test_the_descriptor_is_one_that_sqlite_has_opened(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    database = library.reader.database
    descriptor = own_descriptor(database)
    assert descriptor is not None
    assert os.path.samefile(f"/proc/self/fd/{descriptor}", library.path)
    monkeypatch.setattr(database, "identity", (0, 0))
    assert own_descriptor(database) is None
    assert hot_ranges(database, 1 << 30) == []


async def test_the_kernel_is_asked_step_by_step(
    library: Library, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    asked: list[Range] = []

    def advise(_descriptor: int, offset: int, length: int, _advice: int) -> None:
        asked.append(Range(offset, length))

    monkeypatch.setattr(os, "posix_fadvise", advise)
    monkeypatch.setattr(prefetching, "STEP_BYTES", 8192)
    total = await prefetch(Catalogue(library.reader))
    wanted = hot_ranges(library.reader.database, 1 << 30)
    assert total == sum(one.length for one in asked) == sum(one.length for one in wanted)
    assert max(one.length for one in asked) <= 8192
    assert [one.offset for one in asked] == sorted(one.offset for one in asked)


async def test_without_memory_nothing_is_read_ahead(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetching, "available_memory", lambda: 0)
    assert await prefetch(Catalogue(library.reader)) == 0


async def test_a_failure_is_logged(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert await prefetch(Catalogue(library.reader, CatalogBusyError("busy"))) == 0
    assert [record.message for record in caplog.records] == ["cannot read the catalogue ahead"]


def test_available_memory_is_what_the_kernel_says(tmp_path: Path) -> None:
    said = tmp_path / "meminfo"
    said.write_text("MemTotal: 9 kB\nMemAvailable:    7 kB\n")
    assert available_memory(said) == 7 * 1024
    said.write_text("MemTotal: 9 kB\n")
    assert available_memory(said) == 0
    assert available_memory() > 0
