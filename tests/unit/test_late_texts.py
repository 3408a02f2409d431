"""What a title is found by may be written later when its files are removed one by one, and is: by any later change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import trio
import trio.testing

from offliniofs.app.late_texts import BATCH, write_late_texts
from offliniofs.catalog.service import Catalogue
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.arrival import Filed
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import CatalogBusyError
from offliniofs.domain.ids import ContentId
from offliniofs.tree.names import LibraryNaming
from tests.unit.catalog_library import Library, episode, media, titles_with_words

_T = TypeVar("_T")
FAVOURITE = MetadataEdit(EditableField.FAVOURITE, True)
LEFT = Statement("SELECT content_id FROM late_texts")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def file_episodes(library: Library) -> list[Filed]:
    """Two like each other and one of another resolution, each with a word of its own in its file's name."""
    return library.file(
        media(episode("Twin Peaks", 1, 1), name="peaks.owls.mkv"),
        media(episode("Twin Peaks", 1, 2), name="peaks.coffee.mkv"),
        media(episode("Twin Peaks", 1, 3, resolution="1080p"), name="peaks.cherry.mkv"),
    )


def found(library: Library, word: str) -> list[int]:
    return list(titles_with_words(library.reader.database, word, 10))


def left(library: Library) -> list[int]:
    return [content_id for (content_id,) in library.reader.database.rows(LEFT)]


def test_names_of_removed_files_are_taken_out_later(library: Library) -> None:
    owls, _, _ = file_episodes(library)
    library.writer.trash_file(owls.file_id, text_later=True)
    assert (left(library), library.writer.texts_left) == ([owls.title_id], 1)
    assert found(library, "owls") == [owls.title_id]
    assert library.findings() == []
    changed_ns = library.reader.view_changed_ns("library")
    assert library.writer.write_late_texts() == 1
    assert (found(library, "owls"), found(library, "coffee")) == ([], [owls.title_id])
    assert library.reader.view_changed_ns("library") > changed_ns  # answers that are kept are forgotten
    assert library.writer.write_late_texts() == 0
    assert left(library) == []
    assert library.findings() == []


def test_a_series_is_not_found_by_episodes_that_were_removed(library: Library) -> None:
    gone, _ = library.file(
        media(episode("Twin Peaks", 1, 1, title="Northwest Passage"), name="a.mkv"),
        media(episode("Twin Peaks", 1, 2, title="Traces to Nowhere"), name="b.mkv"),
    )
    library.writer.trash_file(gone.file_id)
    assert (found(library, "passage"), found(library, "traces")) == ([], [gone.title_id])
    library.undo()
    assert found(library, "passage") == [gone.title_id]


def test_nothing_is_left_unless_that_was_asked(library: Library) -> None:
    owls, _, _ = file_episodes(library)
    library.writer.trash_file(owls.file_id)
    assert (left(library), library.writer.texts_left, found(library, "owls")) == ([], 0, [])


def test_what_views_know_of_a_title_is_never_left(library: Library) -> None:
    """The last file of a resolution goes: the title is found by another one."""
    *_, cherry = file_episodes(library)
    library.writer.trash_file(cherry.file_id, text_later=True)
    assert (left(library), found(library, "cherry")) == ([], [])
    assert library.findings() == []


@pytest.mark.parametrize(
    ("change", "finds"),
    [
        (lambda library, title: library.writer.trash_content(title), (False, False)),
        (lambda library, title: library.writer.edit_content(title, FAVOURITE), (False, True)),
        (lambda library, title: library.undo(), (True, True)),
    ],
    ids=["trash", "edit", "undo"],
)
def test_any_other_change_of_the_title_writes_it(
    library: Library, change: Callable[[Library, ContentId], object], finds: tuple[bool, bool]
) -> None:
    owls, _, _ = file_episodes(library)
    library.writer.trash_file(owls.file_id, text_later=True)
    change(library, owls.title_id)
    assert left(library) == []
    assert (bool(found(library, "owls")), bool(found(library, "coffee"))) == finds
    assert library.findings() == []


def test_what_is_left_goes_with_its_title(library: Library) -> None:
    owls, _, _ = file_episodes(library)
    trash_id = library.writer.trash_content(owls.title_id)
    library.writer.database.rows(Statement("INSERT INTO late_texts VALUES (?)"), (owls.title_id,))
    library.writer.purge(trash_id)
    assert left(library) == []
    assert library.writer.write_late_texts() == 0


class Heard(Catalogue):
    """Tells when texts were written, and how many."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, LibraryNaming(), titles_with_words)
        self.tell, self.written = trio.open_memory_channel[object](10)

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        result = await super().change(edit, actor)
        self.tell.send_nowait(result)
        return result


async def test_a_daemon_writes_what_was_left_before_and_what_is_left_then(library: Library) -> None:
    owls, coffee, _ = file_episodes(library)
    library.file(media(episode("Twin Peaks", 1, 4), name="peaks.log.mkv"))
    library.writer.trash_file(owls.file_id, text_later=True)
    catalogue = Heard(library.path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(write_late_texts, catalogue)
        assert await catalogue.written.receive() == 1
        assert found(library, "owls") == []
        trash_id = await catalogue.change(lambda writer: writer.trash_file(coffee.file_id, text_later=True))
        assert await catalogue.written.receive() == trash_id
        assert await catalogue.written.receive() == 1
        assert found(library, "coffee") == []
        nursery.cancel_scope.cancel()
    await catalogue.close()


class Stubborn:
    """A catalogue whose first change fails."""

    def __init__(self, failure: Exception) -> None:
        self.failures = [failure]
        self.left = [BATCH, 1]

    def write_late_texts(self, limit: int) -> int:
        assert limit == BATCH
        return self.left.pop(0)

    async def change(self, edit: Callable[[Writer], _T]) -> _T:
        await trio.lowlevel.checkpoint()
        if self.failures:
            raise self.failures.pop()
        return edit(self)  # type: ignore[arg-type]

    async def wait_for_late_texts(self) -> None:
        if not self.left:
            await trio.sleep_forever()
        await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("failure", [CatalogBusyError("busy"), RuntimeError("unheard of")])
async def test_a_failure_is_logged_and_tried_again_the_next_time(
    failure: Exception, caplog: pytest.LogCaptureFixture, autojump_clock: trio.testing.MockClock
) -> None:
    catalogue = Stubborn(failure)
    with caplog.at_level(logging.WARNING), trio.move_on_after(10):
        await write_late_texts(catalogue)
    assert catalogue.left == []
    assert [record.message for record in caplog.records] == ["cannot bring the search index up to date"]
