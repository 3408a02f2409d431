"""Steps of the history, and how they are taken back."""

from __future__ import annotations

import pytest

from offliniofs.catalog.reversal import composed
from offliniofs.catalog.row_changes import RowChange, pack, unpack
from offliniofs.catalog.writer_base import OneStep
from offliniofs.domain.actors import Actor
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import NotFoundError, UsageError
from tests.unit.catalog_library import Library, episode, film, folders, media, title_is, two_films

MOVER = Actor(1000, 1000, 4711, "mv")


def test_a_step_goes_on_until_somebody_takes_it_back(library: Library) -> None:
    step = OneStep(begins=False)
    with library.writer.one_step(step):
        library.file(media(film()))
    title_is(library, library.file(media(film("Alien", 1979)))[0].title_id, "Another")
    with library.writer.one_step(step):
        library.file(media(film("Heat", 1995)))
    assert [found.imported for found in library.reader.history()] == [0, 1, 2]
    assert step.step is not None
    library.writer.undo_step(step.step)
    assert folders(library) == ["Another (1979)"]
    with library.writer.one_step(step):
        library.file(media(film("Ronin", 1998)))
    library.undo()
    assert folders(library) == ["Another (1979)"]


def test_changes_of_one_process_are_one_step_until_it_pauses(library: Library) -> None:
    first, second = two_films(library)
    quick = Actor(1000, 1000, 4711, "mv", pause_ns=5_000_000_000)
    with library.writer.acting_as(quick):
        title_is(library, first.title_id, "One")
        title_is(library, second.title_id, "Two")
    with library.writer.acting_as(Actor(1001, 1001, 4711, "mv", pause_ns=5_000_000_000)):
        title_is(library, second.title_id, "Three")
    with library.writer.acting_as(MOVER):
        title_is(library, first.title_id, "Four")
        title_is(library, first.title_id, "Five")
    counts = [(step.count, step.actor) for step in library.reader.history()]
    assert counts == [(1, "uid:1000"), (1, "uid:1000"), (1, "uid:1001"), (2, "uid:1000"), (1, counts[-1][1])]
    library.undo(4)
    assert folders(library) == ["Blade Runner (1982)", "Alien (1979)"]


def test_one_command_is_one_step_and_continues_none(library: Library) -> None:
    first, second = two_films(library)
    command = Actor(1000, 1000, 4711, "offliniofs", pause_ns=10**18)
    for _ in range(2):
        with library.writer.acting_as(command), library.writer.one_step():
            title_is(library, first.title_id, "One")
            with library.writer.together():
                title_is(library, second.title_id, "Two")
                library.writer.add_genre(second.title_id, "Drama")
            title_is(library, first.title_id, "Three")
    assert [step.count for step in library.reader.history()][:2] == [3, 4]
    library.undo(2)
    assert folders(library) == ["Blade Runner (1982)", "Alien (1979)"]


def test_old_history_is_shortened(library: Library) -> None:
    first, _ = two_films(library)
    library.writer.record_view(first.file_id, 10)
    library.writer.note_refusal("rename", "It makes no sense.")
    title_is(library, first.title_id, "One")
    title_is(library, first.title_id, "Two")
    library.undo()
    later = library.clock.now_ns + 10**9
    assert library.writer.trim_history(0, 0, 100) == 0
    assert library.writer.trim_history(later, 0, 1) == 1
    assert library.writer.trim_history(later, 0, 100) == 1
    actions = [step.entries[0].action for step in library.reader.history(views=True)]
    assert actions[-3:] == ["edit", "edit", "import"]
    assert library.writer.trim_history(0, later, 100) == 4
    assert not any(step.undoable for step in library.reader.history())
    assert library.reader.undoable_steps(1) == []
    library.writer.edit_content(first.title_id, MetadataEdit(EditableField.TITLE, None))
    assert folders(library)[0] == "Blade Runner (1982)"


def test_titles_that_exchange_their_names_go_back_and_forth(library: Library) -> None:
    first, second = two_films(library)
    for field, values in ((EditableField.YEAR, (1979, 1979)),):
        for filed, value in zip((first, second), values, strict=True):
            library.writer.edit_content(filed.title_id, MetadataEdit(field, value))
    with library.writer.acting_as(Actor(0, 0, 1, "swap", pause_ns=10**12)):
        title_is(library, first.title_id, "Between")
        title_is(library, second.title_id, "Blade Runner")
        title_is(library, first.title_id, "Alien")
    assert folders(library) == ["Alien (1979)", "Blade Runner (1979)"]
    library.undo()
    assert folders(library) == ["Blade Runner (1979)", "Alien (1979)"]
    library.redo()
    assert folders(library) == ["Alien (1979)", "Blade Runner (1979)"]


def test_a_later_change_stands_in_the_way_and_is_named(library: Library) -> None:
    first, _ = two_films(library)
    title_is(library, first.title_id, "One")
    step = library.reader.history()[0].step
    title_is(library, first.title_id, "Two")
    with pytest.raises(UsageError, match=r"content 1 \('One \(1982\)'\) stands in the way; undo that first"):
        library.writer.undo_step(step)
    assert folders(library)[0] == "Two (1982)"
    library.undo()
    library.writer.undo_step(step)
    assert folders(library)[0] == "Blade Runner (1982)"


def test_a_change_of_something_else_stands_in_nobodys_way(library: Library) -> None:
    first, _ = two_films(library)
    library.writer.edit_content(first.title_id, MetadataEdit(EditableField.FAVOURITE, True))
    step = library.reader.history()[0].step
    library.file(media(film(resolution="2160p"), size=9000))
    library.writer.edit_content(first.title_id, MetadataEdit(EditableField.PLOT, "New."))
    library.writer.undo_step(step)
    details = library.reader.content_details(first.title_id)
    assert details is not None
    assert (details.favourite, details.plot, details.file_count) == (False, "New.", 2)


def test_an_import_is_taken_back_into_the_trash_and_brought_again(library: Library) -> None:
    first, _ = two_films(library)
    library.file(media(film(resolution="2160p")), media(episode("Twin Peaks", 1, 1)))
    library.undo()
    names = [row.name for row in library.reader.trash_page(0, 10)]
    assert names == ["Blade Runner (1982) - 2160p.mkv", "Twin Peaks (1990)"]
    assert library.reader.library_totals().files == 2
    library.redo()
    assert library.reader.library_totals().files == 4
    assert library.reader.trash_page(0, 10) == []
    library.undo(2)
    assert library.reader.library_totals().titles == 0
    assert first.title_id in {row.content_id for row in library.reader.trash_page(0, 10)}
    assert library.reader.undoable_steps(1) == []


def test_undo_can_be_undone_again_and_again(library: Library) -> None:
    first, _ = two_films(library)
    title_is(library, first.title_id, "One")
    edited = library.reader.history()[0].step
    undo = library.writer.undo_step(edited)
    redo = library.writer.undo_step(undo)
    assert folders(library)[0] == "One (1982)"
    again = library.writer.undo_step(redo)
    assert folders(library)[0] == "Blade Runner (1982)"
    with pytest.raises(UsageError, match="taken back by step"):
        library.writer.undo_step(edited)
    assert library.redo() == [undo]
    assert folders(library)[0] == "One (1982)"
    assert library.undo() == [edited]
    assert again in {step.step for step in library.reader.history()}
    with pytest.raises(NotFoundError):
        library.writer.undo_step(999)


def test_what_would_be_taken_back_can_be_asked(library: Library) -> None:
    first, _ = two_films(library)
    title_is(library, first.title_id, "One")
    title_is(library, first.title_id, "Two")
    steps = [step.step for step in library.reader.history()]
    assert [step.step for step in library.reader.undoable_steps(2)] == steps[:2]
    library.undo(2)
    assert folders(library)[0] == "Blade Runner (1982)"
    assert [step.step for step in library.reader.undoable_steps(2)] == steps[2:]
    undos = [step.step for step in library.reader.history()][:2]
    assert [step.step for step in library.reader.undoable_steps(2, redo=True)] == undos
    library.redo(2)
    assert folders(library)[0] == "Two (1982)"


def test_a_program_cannot_write_what_it_likes_into_the_history() -> None:
    assert Actor(program="a\x1b[31mb\udc80" + "x" * 100).program == "a?[31mb?" + "x" * 56
    assert Actor(program=" ").program == "unknown"
    assert Actor().name == "system"


def test_row_changes_are_stored_exactly() -> None:
    changes = [
        RowChange("files", {"id": 1}, {"original_name": b"\xff", "size": 2**62}, {"original_name": None, "size": 1}),
        RowChange("content_tags", {"tag_id": 1, "content_id": 2}, None, {}),
        RowChange("content", {"id": 3}, {"rating": 7.5, "title": "ü\0"}, None),
    ]
    assert unpack(pack(changes)) == changes


def test_changes_one_after_the_other_are_composed() -> None:
    key = {"id": 1}
    made = RowChange("tags", key, None, {"name": "a"})
    renamed = RowChange("tags", key, {"name": "a"}, {"name": "b"})
    back = RowChange("tags", key, {"name": "b"}, {"name": "a"})
    gone = RowChange("tags", key, {"name": "b"}, None)
    assert composed([[made], [renamed]]) == [RowChange("tags", key, None, {"name": "b"})]
    assert composed([[renamed], [back]]) == []
    assert composed([[made], [renamed], [gone]]) == []
    assert composed([[renamed], [gone]]) == [RowChange("tags", key, {"name": "a"}, None)]
    assert composed([[gone], [made]]) == [RowChange("tags", key, {"name": "b"}, {"name": "a"})]
