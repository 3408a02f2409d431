"""Why a step cannot be taken back: which later one stands in the way, or what has its name now."""

from __future__ import annotations

import pytest

from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import UsageError
from tests.unit.catalog_library import Library, film, folders, media, title_is, two_films


def _step(library: Library) -> int:
    return library.reader.history()[0].step


def test_the_later_step_is_named(library: Library) -> None:
    first, second = two_films(library)
    title_is(library, first.title_id, "One")
    step = _step(library)
    title_is(library, first.title_id, "Two")
    later = _step(library)
    title_is(library, first.title_id, "Three")
    library.undo()
    title_is(library, second.title_id, "Other")
    with pytest.raises(UsageError, match=f"undo that first: 'offliniofs undo --step {later}'"):
        library.writer.undo_step(step)
    library.writer.undo_step(later)
    library.writer.undo_step(step)
    assert folders(library)[0] == "Blade Runner (1982)"


def test_a_name_that_was_taken_meanwhile_is_no_later_change(library: Library) -> None:
    first, _ = two_films(library)
    library.writer.trash_content(first.title_id)
    step = _step(library)
    again = library.file(media(film(), content="another cut"))[0]
    before = folders(library)
    with pytest.raises(UsageError) as refused:
        library.writer.undo_step(step)
    said = str(refused.value)
    assert said.startswith(
        f"content {first.title_id} ('Blade Runner (1982)') would have a name that something else has"
    )
    assert "remove --restore" in said
    assert folders(library) == before
    title_is(library, again.title_id, "Blade Runner, the other cut")
    library.writer.undo_step(step)
    assert "Blade Runner (1982)" in folders(library)


def test_a_title_that_was_renamed_cannot_have_a_name_that_was_taken(library: Library) -> None:
    first, second = two_films(library)
    title_is(library, first.title_id, "One")
    step = _step(library)
    title_is(library, second.title_id, "Blade Runner")
    library.writer.edit_content(second.title_id, MetadataEdit(EditableField.YEAR, 1982))
    with pytest.raises(UsageError, match=r"'One \(1982\)'\) would have a name that something else has"):
        library.writer.undo_step(step)
    assert "One (1982)" in folders(library)
