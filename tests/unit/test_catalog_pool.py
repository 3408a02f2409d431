"""The pool of readers and the catalogue as trio sees it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import trio
import trio.testing

from offliniofs.app.daemon import _stop_on_signal, _stop_when_told
from offliniofs.app.link import SupervisorLink
from offliniofs.catalog.connection import ConnectionSettings
from offliniofs.catalog.migration import create
from offliniofs.catalog.pool import ReaderPool
from offliniofs.catalog.reader import Reader, open_reader
from offliniofs.catalog.service import Catalogue, CatalogueSettings
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import (
    CatalogAccessError,
    CatalogBusyError,
    CatalogCorruptError,
    CatalogError,
    QueryTooSlowError,
)
from offliniofs.domain.listing import Shelf
from offliniofs.tree.names import LibraryNaming
from tests.unit.catalog_library import Library, film, media, titles_with_words


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "catalog.sqlite")
    yield made
    made.close()


def pool_of(library: Library, size: int = 2, wait_seconds: float = 0.01) -> ReaderPool:
    return ReaderPool(lambda: open_reader(library.path, titles_with_words), size=size, wait_seconds=wait_seconds)


def test_readers_are_lent_again(library: Library) -> None:
    pool = pool_of(library)
    with pool.reader() as first:
        assert first.shelf_page(Shelf.MOVIES, 0, 1) == []
        assert pool.snapshot().borrowed == 1
    with pool.reader() as second:
        assert second is first
    found = pool.snapshot()
    assert (found.size, found.idle, found.borrowed, found.opened, found.replaced) == (2, 1, 0, 1, 0)
    assert found.costs.queries > 0
    pool.close()


def test_the_pool_is_bounded_and_says_when_it_is_exhausted(library: Library) -> None:
    pool = pool_of(library)
    with pool.reader(), pool.reader():
        assert pool.snapshot().idle == 0
        with pytest.raises(CatalogBusyError, match="All 2 catalogue connections"), pool.reader():
            pytest.fail("a third reader")
    found = pool.snapshot()
    assert (found.waits, found.timeouts, found.borrowed) == (1, 1, 0)
    assert found.longest_wait_seconds > 0
    pool.close()
    with pytest.raises(ValueError, match="at least one"):
        pool_of(library, size=0)


def test_a_thread_gets_the_reader_another_gives_back(library: Library) -> None:
    pool = pool_of(library, size=1, wait_seconds=60.0)
    lent = pool.reader()
    reader = lent.__enter__()
    seen: list[Reader] = []

    def borrow() -> None:
        with pool.reader() as mine:
            seen.append(mine)

    thread = threading.Thread(target=borrow)
    thread.start()
    lent.__exit__(None, None, None)
    thread.join()
    assert seen == [reader]
    pool.close()


def break_with(pool: ReaderPool, error: Exception) -> None:
    with pool.reader():
        raise error


@pytest.mark.parametrize("error", [CatalogCorruptError("damaged"), CatalogAccessError("disk")])
def test_a_broken_reader_is_replaced(library: Library, error: CatalogError) -> None:
    pool = pool_of(library)
    with pytest.raises(type(error)):
        break_with(pool, error)
    found = pool.snapshot()
    assert (found.idle, found.replaced) == (0, 1)
    with pool.reader() as reader:
        assert reader.last_change_sequence() == 0
    pool.close()


def test_an_error_of_the_question_keeps_the_reader(library: Library) -> None:
    pool = pool_of(library)
    with pytest.raises(CatalogError):
        break_with(pool, CatalogError("the question's own"))
    assert pool.snapshot().idle == 1
    pool.close()


def replace_with_another(path: Path) -> None:
    other = path.with_name("other.sqlite")
    create(other)
    os.rename(other, path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def test_a_replaced_file_is_noticed(library: Library) -> None:
    library.file(media(film()))
    library.close()
    pool = pool_of(library)
    with pool.reader() as reader:
        assert len(reader.shelf_page(Shelf.MOVIES, 0, 9)) == 1
    replace_with_another(library.path)
    with pool.reader() as reader:
        assert reader.shelf_page(Shelf.MOVIES, 0, 9) == []
    assert pool.snapshot().replaced == 1
    pool.close()


def test_a_reader_that_cannot_be_opened_frees_its_place(tmp_path: Path) -> None:
    pool = ReaderPool(lambda: open_reader(tmp_path / "none", titles_with_words), size=1, wait_seconds=0.01)
    for _ in range(3):
        with pytest.raises(CatalogAccessError, match="no catalogue"), pool.reader():
            pytest.fail("opened nothing")
    assert pool.snapshot().borrowed == 0


def test_a_closed_pool_lends_nothing(library: Library) -> None:
    pool = pool_of(library)
    with pool.reader() as reader:
        pool.close()
        assert reader.last_change_sequence() == 0
    assert pool.snapshot().idle == 0
    with pytest.raises(CatalogAccessError, match="closed"), pool.reader():
        pytest.fail("lent after closing")


def open_catalogue(library: Library) -> Catalogue:
    return Catalogue(
        library.path, LibraryNaming(), titles_with_words, settings=CatalogueSettings(readers=2), clock=library.clock
    )


async def test_questions_and_changes_run_in_threads(library: Library) -> None:
    catalogue = open_catalogue(library)
    here = threading.get_ident()
    assert not catalogue.changed()
    threads: list[int] = []

    def add(writer: Writer) -> int:
        threads.append(threading.get_ident())
        return writer.file_arrivals([media(film())])[0].file_id

    assert await catalogue.change(add) == 1
    assert catalogue.changed()
    assert not catalogue.changed()
    assert await catalogue.ask(lambda reader: reader.library_totals().files) == 1
    assert catalogue.reader.library_totals().files == 1
    assert here not in threads
    assert catalogue.pool_snapshot().opened == 1
    assert catalogue.costs().queries > 0
    await catalogue.close()


async def test_a_change_that_began_is_ended_in_spite_of_cancellation(library: Library) -> None:
    catalogue = open_catalogue(library)
    begun, proceed = threading.Event(), threading.Event()

    def slow(writer: Writer) -> None:
        with writer.database.transaction():
            begun.set()
            proceed.wait()
            writer.database.script("INSERT INTO tags (name) VALUES ('whole')")

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(catalogue.change, slow)
            await trio.to_thread.run_sync(begun.wait)
            scope.cancel()
            proceed.set()
    assert library.writer.database.script("SELECT name FROM tags") == [("whole",)]
    await catalogue.change(lambda writer: writer.save_search("after", "x"))
    await catalogue.close()


async def test_changes_wait_for_one_another(library: Library) -> None:
    catalogue = open_catalogue(library)
    running: list[int] = []
    most: list[int] = []

    def change(writer: Writer) -> None:
        running.append(1)
        most.append(len(running))
        writer.file_arrivals([media(film(f"Film {len(most)}"), name=f"{len(most)}.mkv")])
        running.pop()

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(catalogue.change, change)
    assert most == [1] * 8
    assert catalogue.reader.library_totals().movies == 8
    await catalogue.close()


async def test_what_can_wait_waits_until_nobody_changes_anything(
    library: Library, autojump_clock: trio.testing.MockClock
) -> None:
    catalogue = open_catalogue(library)
    begun = trio.current_time()
    await catalogue.wait_for_quiet()
    await catalogue.change(lambda writer: writer.save_search("nobody", "asked"))
    await catalogue.wait_for_quiet()
    assert trio.current_time() == begun
    await catalogue.change(lambda writer: writer.save_search("some", "body"), Actor(0, 0))
    await catalogue.wait_for_quiet()
    assert trio.current_time() == pytest.approx(begun + 1)
    await catalogue.close()


async def test_what_can_wait_is_done_even_if_somebody_never_stops(
    library: Library, autojump_clock: trio.testing.MockClock
) -> None:
    catalogue = open_catalogue(library)

    async def keep_changing() -> None:
        while True:
            with trio.CancelScope() as scope:
                scope.cancel()  # who asks has thought better of it: no thread whose time the clock does not know
                await catalogue.change(lambda writer: writer.database.data_version(), Actor(0, 0))
            await trio.sleep(0.5)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_changing)
        await trio.testing.wait_all_tasks_blocked()
        begun = trio.current_time()
        await catalogue.wait_for_quiet()
        assert trio.current_time() == pytest.approx(begun + 10)
        nursery.cancel_scope.cancel()
    await catalogue.close()


ENDLESS = Statement("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
"""Would run until a reader's 30 seconds are over."""


async def test_questions_end_soon_when_the_program_does(library: Library) -> None:
    catalogue = open_catalogue(library)
    begun = threading.Event()

    def endless(reader: Reader) -> int:
        begun.set()
        return reader.database.value(ENDLESS)

    async def ask() -> None:
        with pytest.raises(QueryTooSlowError):
            await catalogue.ask(endless)

    await catalogue.ask(lambda reader: reader.library_totals())
    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await trio.to_thread.run_sync(begun.wait)
        catalogue.finish_asking(0.05)
        nursery.start_soon(ask)  # in a connection that is opened only now
        assert await catalogue.change(lambda writer: writer.save_search("still", "x")) == 1
    await ask()
    assert trio.current_time() - started < ConnectionSettings().query_seconds / 2
    await catalogue.close()


async def test_a_signal_ends_long_questions(library: Library) -> None:
    catalogue = open_catalogue(library)
    seen: list[type[Exception]] = []
    link = cast("SupervisorLink", SimpleNamespace(stop=trio.Event()))

    async def ask() -> None:
        try:
            await catalogue.ask(lambda reader: reader.database.value(ENDLESS))
        except QueryTooSlowError as error:
            seen.append(type(error))

    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_when_told, nursery.cancel_scope, catalogue, link)
        nursery.start_soon(_stop_on_signal, link.stop)
        nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        os.kill(os.getpid(), signal.SIGTERM)
    assert seen == [QueryTooSlowError]
    assert trio.current_time() - started < ConnectionSettings().query_seconds / 2
    await catalogue.close()


async def test_nobody_reads_less_than_he_knows_already(library: Library) -> None:
    catalogue = open_catalogue(library)

    def titles() -> int:
        return catalogue.reader.library_totals().titles

    def hold_and_file(number: int) -> None:
        catalogue.hold()
        assert titles() == number
        library.file(media(film(f"Film {number}"), name=f"{number}.mkv"))
        assert titles() == number

    hold_and_file(0)
    await catalogue.ask(lambda _: None)
    assert titles() == 1
    hold_and_file(1)
    await catalogue.change(lambda _: None)
    catalogue.hold()
    assert titles() == 2
    library.file(media(film("Another"), name="another.mkv"))
    assert catalogue.changed()
    assert titles() == 3
    await catalogue.close()


async def test_a_catalogue_put_back_is_opened_anew(library: Library) -> None:
    catalogue = open_catalogue(library)
    await catalogue.change(lambda writer: writer.file_arrivals([media(film())]))
    library.close()
    replace_with_another(library.path)
    assert catalogue.changed()
    assert catalogue.reader.library_totals().files == 0
    await catalogue.change(lambda writer: writer.file_arrivals([media(film("A")), media(film("B"))]))
    assert catalogue.changed()
    assert catalogue.reader.library_totals().files == 2
    await catalogue.close()


async def test_a_broken_writer_is_opened_anew(library: Library) -> None:
    catalogue = open_catalogue(library)
    writers: list[Writer] = []

    def fail(writer: Writer) -> None:
        writers.append(writer)
        raise CatalogAccessError("the disk")

    with pytest.raises(CatalogAccessError, match="the disk"):
        await catalogue.change(fail)
    await catalogue.change(writers.append)
    assert writers[0] is not writers[1]
    await catalogue.close()
