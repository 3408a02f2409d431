"""Saved searches, entered views, views of files, and the length of the change log."""

from __future__ import annotations

import pytest

from offliniofs.catalog import marks
from offliniofs.domain.errors import NotFoundError, QuerySyntaxError, UsageError
from offliniofs.domain.ids import FileId
from offliniofs.domain.listing import Facet, FacetValue
from tests.unit.catalog_library import Library, episode, film, media


def test_a_search_is_saved_renamed_changed_and_forgotten(library: Library) -> None:
    writer, reader = library.writer, library.reader
    search_id = writer.save_search("old films", "year:..1960")
    (saved,) = reader.saved_searches()
    assert (saved.search_id, saved.name, saved.query) == (search_id, "old films", "year:..1960")
    writer.rename_saved_search(search_id, "classics")
    writer.rename_saved_search(search_id, "classics")
    writer.edit_saved_search(search_id, "year:..1950")
    assert reader.saved_named("old films") is None
    found = reader.saved_named("classics")
    assert found is not None
    assert (found.search_id, found.query) == (search_id, "year:..1950")
    assert found.changed_ns > found.created_ns
    writer.forget_saved_search(search_id)
    assert reader.saved_searches() == []
    changes = [(row.action, row.view, row.name) for row in reader.changes_since(0, 99)]
    assert changes == [
        ("added", "saved", "old films"),
        ("removed", "saved", "old films"),
        ("added", "saved", "classics"),
        ("changed", f"saved:{search_id}", None),
        ("removed", "saved", "classics"),
    ]


@pytest.mark.parametrize("name", ["", " x", "a/b", "x" * 256, "ü" * 128, "nul\0", "\udcff"])
def test_bad_names_are_refused(library: Library, name: str) -> None:
    with pytest.raises(UsageError):
        library.writer.save_search(name, "x")
    assert library.reader.saved_searches() == []


def test_names_are_unique_and_queries_legal(library: Library) -> None:
    first = library.writer.save_search("a", "x")
    second = library.writer.save_search("b", "x")
    with pytest.raises(UsageError, match="already"):
        library.writer.save_search("a", "y")
    with pytest.raises(UsageError, match="already"):
        library.writer.rename_saved_search(second, "a")
    with pytest.raises(QuerySyntaxError):
        library.writer.save_search("c", "year:(")
    with pytest.raises(QuerySyntaxError):
        library.writer.edit_saved_search(first, '"')
    with pytest.raises(NotFoundError, match="saved search 99"):
        library.writer.rename_saved_search(99, "z")
    with pytest.raises(NotFoundError, match="saved search 99"):
        library.writer.edit_saved_search(99, "z")
    with pytest.raises(NotFoundError, match="saved search 99"):
        library.writer.forget_saved_search(99)


def test_saved_searches_are_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_SAVED_SEARCHES", 1)
    library.writer.save_search("a", "x")
    with pytest.raises(UsageError, match="remove one first"):
        library.writer.save_search("b", "x")


def test_entered_views_are_remembered_the_latest_first(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_RECENT_VIEWS", 3)
    for number in range(4):
        library.writer.remember_view(number, f"search/{number}")
    assert [view.context for view in library.reader.recent_views(10)] == [3, 2, 1]
    before = library.reader.last_change_sequence()
    library.writer.remember_view(1, "search/1")
    assert library.reader.last_change_sequence() == before
    assert [view.path for view in library.reader.recent_views(1)] == ["search/1"]
    library.writer.remember_view(3, "search/other")
    library.writer.remember_view(7, "search/1")
    views = {view.context: view.path for view in library.reader.recent_views(10)}
    assert views == {7: "search/1", 3: "search/other", 2: "search/2"}
    for context, path in ((-1, "x"), (2**24, "x"), (1, ""), (1, "x" * 5000)):
        with pytest.raises(UsageError, match="cannot be remembered"):
            library.writer.remember_view(context, path)


def test_a_view_counts_for_the_episode_and_its_series(library: Library) -> None:
    one, other = library.file(media(episode("Show", 1, 1)), media(film()))
    unwatched = (FacetValue(Facet.UNWATCHED),)
    assert len(library.reader.titles_page(unwatched, 0, 9)) == 2
    before = library.reader.last_change_sequence()
    library.writer.record_view(one.file_id, 900)
    library.writer.record_view(one.file_id, 100)
    assert [row.content_id for row in library.reader.titles_page(unwatched, 0, 9)] == [other.title_id]
    for content_id in (one.content_id, one.title_id):
        details = library.reader.content_details(content_id)
        assert details is not None
        assert (details.statistics.views, details.statistics.bytes_read) == (2, 1000)
        assert details.statistics.last_viewed_ns == library.clock.now_ns
    changes = {(row.action, row.view, row.name) for row in library.reader.changes_since(before, 99)}
    assert ("removed", "unwatched", "Show (1990)") in changes
    events = library.writer.database.script("SELECT file_id, content_id, kind, bytes FROM access_events")
    assert events == [(one.file_id, one.content_id, "view", 900), (one.file_id, one.content_id, "view", 100)]
    with pytest.raises(NotFoundError, match="file 99"):
        library.writer.record_view(FileId(99), 1)


def test_the_change_log_is_trimmed_by_age_but_never_empty(library: Library) -> None:
    library.file(media(film("A")))
    library.file(media(film("B")))
    last = library.reader.last_change_sequence()
    assert library.writer.trim_change_log(library.clock.now_ns, limit=3) == 3
    assert library.reader.first_change_sequence() == 4
    library.writer.trim_change_log(2**62)
    assert [row.sequence for row in library.reader.changes_since(0, 99)] == [last]
    library.file(media(film("C")))
    assert library.reader.changes_since(last, 1)[0].sequence == last + 1


def test_single_views_are_trimmed_by_age_and_number_but_totals_stay(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = library.file(media(film()))
    for _ in range(6):
        library.writer.record_view(one.file_id, 100)
    before = library.reader.content_details(one.content_id)
    totals = library.reader.library_totals()
    times = [row[0] for row in library.writer.database.script("SELECT happened_ns FROM access_events ORDER BY id")]
    assert library.writer.trim_access_events(times[2], limit=1) == 1
    assert library.writer.trim_access_events(times[2]) == 1
    monkeypatch.setattr(marks, "MOST_EVENTS", 3)
    assert library.writer.trim_access_events(0, limit=9) == 1
    assert library.writer.trim_access_events(0, limit=9) == 0
    left = library.writer.database.script("SELECT happened_ns FROM access_events ORDER BY id")
    assert [row[0] for row in left] == times[3:]
    assert library.reader.content_details(one.content_id) == before
    assert library.reader.library_totals() == totals
