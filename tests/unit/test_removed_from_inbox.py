"""A file that was removed from the inbox goes into the trash in one transaction: nobody ever sees it in the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import trio

from offliniofs.catalog.reader import Reader
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import CatalogBusyError
from offliniofs.domain.ids import FileId
from offliniofs.domain.listing import Shelf
from offliniofs.ingest.inbox_filing import FilingFromThread
from offliniofs.ingest.inbox_purposes import Aim, Purpose
from tests.unit.catalog_library import Library, film, media

_T = TypeVar("_T")

PERSON = Actor(1000, 1000, 77, "rm")
REMOVED = Aim(Purpose.REMOVED, 5)
ARRIVAL = media(film(), content="film")


class Changes:
    """The catalogue as the inbox knows it."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        await trio.lowlevel.checkpoint()
        return question(self._library.reader)

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        await trio.lowlevel.checkpoint()
        with self._library.writer.acting_as(actor):
            return edit(self._library.writer)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "catalog.sqlite")


async def remove(library: Library) -> None:
    filing = FilingFromThread(Changes(library), {ARRIVAL.source.path: PERSON}, REMOVED)
    await trio.to_thread.run_sync(filing.file_arrivals, [ARRIVAL])


def films(library: Library) -> list[str]:
    return [row.name for row in library.reader.shelf_page(Shelf.MOVIES, 0, 10)]


def trashed(library: Library) -> list[str]:
    return [entry.name for entry in library.reader.trash_page(0, 10)]


async def test_it_never_stands_in_the_library(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    trash = Writer.trash_file

    def watched(writer: Writer, file_id: FileId, *, prune: bool = False) -> int:
        seen.append(films(library))
        return trash(writer, file_id, prune=prune)

    monkeypatch.setattr(Writer, "trash_file", watched)
    await remove(library)
    assert seen == [[]]
    assert films(library) == []
    assert len(trashed(library)) == 1
    assert library.findings() == []


async def test_if_it_cannot_be_put_away_it_is_not_filed_either(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(writer: Writer, file_id: FileId, *, prune: bool = False) -> int:
        raise CatalogBusyError("not now")

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "trash_file", refuse)
        with pytest.raises(CatalogBusyError):
            await remove(library)
    assert (films(library), trashed(library)) == ([], [])
    assert library.findings() == []
    await remove(library)  # the next one is an ordinary change again
    assert (films(library), len(trashed(library))) == ([], 1)


async def test_undo_brings_it_into_the_library_and_once_more_into_the_trash(library: Library) -> None:
    await remove(library)
    library.undo()
    assert (films(library), trashed(library)) == (["Blade Runner (1982)"], [])
    assert library.findings() == []
    library.undo()
    assert films(library) == []
    assert len(trashed(library)) == 1
    assert library.findings() == []


async def test_the_history_says_who_removed_it(library: Library) -> None:
    await remove(library)
    removal, filing = library.reader.history()
    assert removal.actor == "uid:1000"
    assert filing.actor != removal.actor


async def test_what_the_library_had_already_stays_there(library: Library) -> None:
    library.file(ARRIVAL)
    await remove(library)
    assert (films(library), trashed(library)) == (["Blade Runner (1982)"], [])


async def test_what_lay_in_the_trash_already_lies_there_still(library: Library) -> None:
    (filed,) = library.file(ARRIVAL)
    library.writer.trash_file(filed.file_id, prune=True)
    await remove(library)
    assert films(library) == []
    assert len(trashed(library)) == 1
    assert library.findings() == []
