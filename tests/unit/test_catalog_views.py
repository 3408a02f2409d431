"""Facet views: selections and their totals, heights, link counts, view times and the change feed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from offliniofs.catalog.migration import create
from offliniofs.catalog.reader import LibraryFilter, ViewLimits, open_reader
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import MigrationError, NotFoundError, UsageError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import DirectoryRow, Facet, FacetValue, Selection, SelectionTotals, Shelf
from tests.unit.catalog_library import Library, episode, film, media, sidecar, titles_with_words, track

GENRE = Facet.GENRE
FAVOURITES = FacetValue(Facet.FAVOURITES)
UNWATCHED = FacetValue(Facet.UNWATCHED)
RECENT = FacetValue(Facet.RECENT)


@pytest.fixture
def stocked(library: Library) -> Library:
    """Four titles of every kind of view."""
    library.file(
        media(film("Alien", 1979, genre=("Horror", "Science Fiction"), resolution="2160p"), size=4000),
        media(film("Alien", 1979, genre=("Horror", "Science Fiction"), resolution="1080p"), size=2000),
        media(film("Blade Runner", 1982, genre=("Science Fiction",)), size=1000),
        media(episode("Twin Peaks", 1, 1), size=300),
        media(episode("Twin Peaks", 2, 1, resolution="1080p"), size=300),
        media(track("Kraftwerk", "Autobahn", 1, "Autobahn", 1974), size=30),
    )
    return library


def names(rows: list[DirectoryRow]) -> list[str]:
    return [row.name for row in rows]


def listed(library: Library, *selection: FacetValue) -> list[str]:
    """Names in a selection, read page by page; lookups and totals must agree."""
    found: list[DirectoryRow] = []
    while page := library.reader.titles_page(selection, found[-1].content_id if found else 0, 2):
        found += page
    for row in found:
        assert library.reader.title_named(selection, row.name) == row
    assert library.reader.selection_totals(selection).titles == len(found)
    return names(found)


def genre(library: Library, name: str) -> FacetValue:
    row = library.reader.facet_named(GENRE, name)
    assert row is not None
    return row.value


def quality(height: int) -> FacetValue:
    return FacetValue(Facet.QUALITY, height)


def test_every_facet_lists_its_titles(stocked: Library) -> None:
    library = stocked
    film_id = library.reader.titles_page((), 0, 1)[0].content_id
    assert listed(library) == [
        "Alien (1979)",
        "Blade Runner (1982)",
        "Twin Peaks (1990)",
        "Kraftwerk - Autobahn (1974)",
    ]
    assert listed(library, genre(library, "Science Fiction")) == ["Alien (1979)", "Blade Runner (1982)"]
    assert listed(library, FacetValue(Facet.YEAR, 1990)) == ["Twin Peaks (1990)"]
    assert listed(library, quality(1080)) == ["Alien (1979)", "Blade Runner (1982)", "Twin Peaks (1990)"]
    assert len(listed(library, UNWATCHED)) == 4
    assert listed(library, RECENT) == listed(library)
    assert listed(library, FAVOURITES) == []
    library.writer.edit_content(film_id, MetadataEdit(EditableField.FAVOURITE, value=True))
    assert listed(library, FAVOURITES) == ["Alien (1979)"]
    assert listed(library, FacetValue(Facet.SEARCH, "Runner")) == ["Blade Runner (1982)"]
    assert library.reader.title_named((FacetValue(Facet.YEAR, 1990),), "Alien (1979)") is None


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        ((GENRE, Facet.YEAR), ["Alien (1979)"]),
        ((Facet.YEAR, GENRE), ["Alien (1979)"]),
        ((GENRE, Facet.QUALITY), ["Alien (1979)"]),
        ((Facet.RECENT, Facet.YEAR), ["Alien (1979)"]),
        ((Facet.SEARCH, Facet.UNWATCHED), ["Alien (1979)"]),
        ((GENRE, Facet.SEARCH, Facet.YEAR, Facet.QUALITY), ["Alien (1979)"]),
        ((Facet.FAVOURITES, GENRE), []),
        ((Facet.COLLECTION, GENRE), []),
    ],
)
def test_facets_nest(stocked: Library, selection: tuple[Facet, ...], wanted: list[str]) -> None:
    values = {
        GENRE: genre(stocked, "Horror"),
        Facet.YEAR: FacetValue(Facet.YEAR, 1979),
        Facet.QUALITY: quality(2160),
        Facet.SEARCH: FacetValue(Facet.SEARCH, "Alien"),
        Facet.COLLECTION: FacetValue(Facet.COLLECTION, 1),
    }
    assert listed(stocked, *(values.get(facet, FacetValue(facet)) for facet in selection)) == wanted


def test_totals_are_bytes_of_all_files(stocked: Library) -> None:
    reader = stocked.reader
    horror = genre(stocked, "Horror")
    assert reader.selection_totals(()) == SelectionTotals(4, 7630)
    assert reader.selection_totals((horror,)) == SelectionTotals(1, 6000)
    assert reader.selection_totals((horror, FacetValue(Facet.YEAR, 1979))) == SelectionTotals(1, 6000)
    assert reader.selection_totals((horror, FacetValue(Facet.YEAR, 1982))) == SelectionTotals(0, 0)
    assert reader.selection_totals((FacetValue(Facet.YEAR, 1800),)) == SelectionTotals(0, 0)
    assert reader.selection_totals((RECENT,)) == SelectionTotals(4, 7630)
    assert reader.shelf_totals(Shelf.MUSIC) == SelectionTotals(1, 30)
    totals = reader.library_totals()
    assert (totals.movies, totals.series, totals.albums, totals.others) == (2, 1, 1, 0)


def test_facets_list_values_that_have_titles(stocked: Library) -> None:
    reader = stocked.reader

    def values(facet: Facet, *selection: FacetValue) -> list[str]:
        return [row.name for row in reader.facet_page(facet, selection, 0, 100)]

    assert values(GENRE) == ["Horror", "Science Fiction", "Drama", "Rock"]
    assert values(Facet.YEAR) == ["1974", "1979", "1982", "1990"]
    assert values(Facet.QUALITY) == ["720p", "1080p", "2160p"]
    assert values(Facet.YEAR, genre(stocked, "Science Fiction")) == ["1979", "1982"]
    assert values(GENRE, FacetValue(Facet.YEAR, 1982)) == ["Science Fiction"]
    assert values(Facet.COLLECTION) == []
    assert values(Facet.SEARCH) == []
    assert [row.name for row in reader.facet_page(Facet.YEAR, (), 1979, 1)] == ["1982"]
    first = reader.facet_page(GENRE, (), 0, 1)[0]
    assert reader.facet_page(GENRE, (), int(first.value.key or 0), 1)[0].name == "Science Fiction"
    assert len(reader.facet_page(Facet.YEAR, (genre(stocked, "Science Fiction"),), 0, 1)) == 1
    with pytest.raises(UsageError, match="no values"):
        reader.facet_page(Facet.RECENT, (), 0, 10)


@pytest.mark.parametrize(
    ("facet", "name", "found"),
    [
        (GENRE, "Horror", True),
        (GENRE, "horror", False),
        (Facet.YEAR, "1979", True),
        (Facet.YEAR, "01979", False),
        (Facet.YEAR, "1980", False),
        (Facet.YEAR, "١٩٧٩", False),
        (Facet.QUALITY, "1080p", True),
        (Facet.QUALITY, "1080", False),
        (Facet.QUALITY, "480p", False),
        (Facet.SEARCH, "anything", True),
        (Facet.SAVED, "none", False),
        (Facet.COLLECTION, "none", False),
        (Facet.RECENT, "x", False),
    ],
)
def test_values_are_found_by_name(stocked: Library, facet: Facet, name: str, found: bool) -> None:
    row = stocked.reader.facet_named(facet, name)
    assert (row is not None) is found
    if row is not None:
        assert stocked.reader.facet_value(row.value) == row
        assert row.name == name
        assert row.changed_ns > 0


def test_values_without_a_number_are_none(library: Library) -> None:
    assert library.reader.facet_value(FacetValue(GENRE, None)) is None
    assert library.reader.facet_value(FacetValue(GENRE, 7)) is None


def test_collections_are_folders(library: Library) -> None:
    library.file(media(replace(film(), collection="Best: of/all")))
    (row,) = library.reader.facet_page(Facet.COLLECTION, (), 0, 10)
    assert "/" not in row.name
    assert listed(library, row.value) == ["Blade Runner (1982)"]
    assert library.reader.facet_named(Facet.COLLECTION, row.name) == row


def test_recent_shows_the_newest(library: Library) -> None:
    for number in range(5):
        library.file(media(film(f"Film {number}")))
    reader = open_reader(library.path, titles_with_words, limits=ViewLimits(recent_titles=2, search_titles=1))
    assert names(reader.titles_page((RECENT,), 0, 10)) == ["Film 3 (1982)", "Film 4 (1982)"]
    assert names(reader.titles_page((RECENT, FacetValue(Facet.YEAR, 1982)), 0, 1)) == ["Film 3 (1982)"]
    assert reader.selection_totals((RECENT,)).titles == 2
    assert reader.title_named((RECENT,), "Film 0 (1982)") is None
    assert len(reader.titles_page((FacetValue(Facet.SEARCH, "Film"),), 0, 10)) == 1
    reader.close()


def test_saved_searches_are_selections(stocked: Library) -> None:
    saved = FacetValue(Facet.SAVED, stocked.writer.save_search("replicants", "Runner"))
    assert listed(stocked, saved) == ["Blade Runner (1982)"]
    assert listed(stocked, saved, FacetValue(Facet.YEAR, 1979)) == []
    row = stocked.reader.facet_named(Facet.SAVED, "replicants")
    assert row is not None
    assert row.value == saved
    with pytest.raises(NotFoundError, match="saved search 99"):
        stocked.reader.titles_page((FacetValue(Facet.SAVED, 99),), 0, 10)


def test_a_search_is_kept_until_something_changes(library: Library) -> None:
    asked: list[str] = []

    def search(database: object, text: str, limit: int, conditions: object = ()) -> list[int]:
        asked.append(text)
        return []

    reader = open_reader(library.path, search)
    for _ in range(3):
        assert reader.searched("x", 10) == []
    assert asked == ["x"]
    library.file(media(film()))
    reader.searched("x", 10)
    assert asked == ["x", "x"]
    for number in range(40):
        reader.searched(f"n{number}", 10)
    reader.searched("x", 10)
    assert asked.count("x") == 3
    reader.close()


def test_a_height_shows_what_belongs_to_it(library: Library) -> None:
    low, high = media(film(resolution="720p")), media(film(resolution="1080p"))
    unknown = media(film(resolution=None), name="unknown.mkv")
    (filed, *_) = library.file(
        low,
        high,
        unknown,
        sidecar(low, film(), FileRole.SUBTITLE, ".srt", name="low.srt"),
        sidecar(None, film(), FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
        sidecar(None, film(), FileRole.EXTRA, None, name="Trailer.mkv", subfolder=("extras",)),
    )
    title, reader = filed.title_id, library.reader

    def files(height: int | None) -> set[str]:
        rows = reader.files_page(title, 0, 100, height)
        for row in reader.files_page(title, 0, 100):
            assert reader.file_named(title, row.name, height) == (row if row in rows else None)
        return {row.name.removeprefix("Blade Runner (1982)") for row in rows}

    assert files(720) == {" - 720p.mkv", " - 720p.srt", "poster.jpg"}
    assert files(1080) == {" - 1080p.mkv", "poster.jpg"}
    assert files(None) == {" - 720p.mkv", " - 1080p.mkv", ".mkv", " - 720p.srt", "poster.jpg"}
    assert names(reader.children_page(title, 0, 100, 1080)) == ["extras"]
    links = {row.name.removeprefix("Blade Runner (1982)"): row.link_count for row in reader.files_page(title, 0, 100)}
    # the shelf, one genre, the year; and by-quality once, never, or in both sizes
    assert links == {" - 720p.mkv": 4, " - 1080p.mkv": 4, ".mkv": 3, " - 720p.srt": 4, "poster.jpg": 5}


def test_seasons_without_the_height_are_hidden(stocked: Library) -> None:
    reader = stocked.reader
    series = reader.shelf_page(Shelf.SERIES, 0, 1)[0].content_id
    assert names(reader.children_page(series, 0, 10)) == ["Season 01", "Season 02"]
    assert names(reader.children_page(series, 0, 10, 1080)) == ["Season 02"]
    assert reader.child_named(series, "Season 01", 1080) is None
    season = reader.child_named(series, "Season 01", 720)
    assert season is not None
    assert reader.parent_of(season.content_id) == series
    assert reader.parent_of(series) is Shelf.SERIES
    assert reader.parent_of(ContentId(999)) is None


def test_rows_are_found_by_id_and_by_path(stocked: Library) -> None:
    reader = stocked.reader
    row = reader.shelf_named(Shelf.MOVIES, "Alien (1979)")
    assert row is not None
    assert reader.directory(row.content_id) == row
    assert reader.directory(ContentId(999)) is None
    file = reader.files_page(row.content_id, 0, 1)[0]
    assert reader.file(file.file_id) == file
    assert reader.file(FileId(999)) is None
    assert reader.directory_at("movies/Alien (1979)/") == row.content_id
    assert reader.file_at(f"movies/Alien (1979)/{file.name}") == file.file_id
    assert reader.directory_at("series/Twin Peaks (1990)/Season 02") is not None
    for path in ("", "movies", "nowhere/x", "movies/None/deeper/still", "movies/Alien (1979)/no.mkv"):
        assert reader.directory_at(path) is None
        assert reader.file_at(path) is None
    assert reader.content_details(ContentId(999)) is None
    assert reader.file_details(FileId(999)) is None
    assert reader.path_of(ContentId(999)) == ""


def test_the_library_is_listed_by_filters(stocked: Library) -> None:
    reader = stocked.reader

    def found(wanted: LibraryFilter) -> list[str]:
        return [row.title for row in reader.list_titles(wanted, 0, 100)]

    assert found(LibraryFilter()) == ["Alien", "Blade Runner", "Twin Peaks", "Autobahn"]
    assert found(LibraryFilter(kind=ContentKind.MOVIE)) == ["Alien", "Blade Runner"]
    everything = LibraryFilter(kind=ContentKind.MOVIE, genre="science fiction", year=1982, height=1080)
    assert found(everything) == ["Blade Runner"]
    assert found(LibraryFilter(genre="none")) == []
    (summary,) = reader.list_titles(LibraryFilter(genre="Horror"), 0, 1)
    assert (summary.genres, summary.resolutions, summary.quality) == (
        ("Horror", "Science Fiction"),
        ("2160p", "1080p"),
        "Bluray-2160p",
    )
    assert (summary.file_count, summary.total_size, summary.path) == (2, 6000, "movies/Alien (1979)")
    assert reader.list_titles(LibraryFilter(year=1979), 0, 9) == [summary]
    assert reader.summary(ContentId(999)) is None


def test_changes_say_which_entry_of_which_listing(library: Library) -> None:
    library.file(media(film(genre=("Drama",))))
    changes = {(row.action, row.directory_id, row.view, row.name) for row in library.reader.changes_since(0, 100)}
    title = "Blade Runner (1982)"
    assert changes == {
        ("added", None, "shelf:movies", title),
        ("added", 1, None, f"{title} - 1080p.mkv"),
        ("added", None, "genre:1", title),
        ("added", None, "year:1982", title),
        ("added", None, "resolution:1080", title),
        ("added", None, "unwatched", title),
        ("added", None, "recent", title),
        ("added", None, "facet:by-genre", "Drama"),
        ("added", None, "facet:by-year", "1982"),
        ("added", None, "facet:by-quality", "1080p"),
    }
    last = library.reader.last_change_sequence()
    assert library.reader.changes_since(last, 10) == []
    assert [row.sequence for row in library.reader.changes_since(last - 2, 1)] == [last - 1]


def test_view_times_move_only_when_the_listing_does(library: Library) -> None:
    reader = library.reader
    library.file(media(film("A", 1980, genre=("Drama",))))
    before = {key: reader.view_changed_ns(key) for key in ("genre:1", "year:1980", "shelf:movies", "library")}
    assert all(before.values())
    library.file(media(film("A", 1980, genre=("Drama",), resolution="720p")))
    after = {key: reader.view_changed_ns(key) for key in before}
    assert {key for key in before if after[key] != before[key]} == {"library"}
    assert reader.view_changed_ns("genre:99") == 0
    library.file(media(film("B", 1990, genre=("Drama",))))
    assert reader.view_changed_ns("genre:1") > before["genre:1"]
    assert reader.view_changed_ns("year:1980") == before["year:1980"]


def test_times_grow_even_when_the_clock_stands_still(library: Library) -> None:
    library.clock.now_ns = 0
    library.file(media(film(resolution="720p")))
    first = library.reader.directory(ContentId(1))
    library.clock.now_ns = -(10**18)
    library.file(media(film(resolution="1080p")))
    second = library.reader.directory(ContentId(1))
    assert first is not None
    assert second is not None
    assert second.modified_ns == first.modified_ns + 1


def test_a_reader_of_an_old_schema_says_so(tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite"
    create(old)
    with closing(apsw.Connection(str(old))) as connection:
        connection.execute("DELETE FROM schema_migrations; PRAGMA user_version = 0")
    with pytest.raises(MigrationError, match="offliniofs migrate"):
        open_reader(old, titles_with_words)


EMPTY: Selection = ()


def test_an_empty_library_answers(library: Library) -> None:
    assert library.reader.titles_page(EMPTY, 0, 10) == []
    assert library.reader.selection_totals(EMPTY) == SelectionTotals(0, 0)
    assert library.reader.last_change_sequence() == 0
    assert library.reader.first_change_sequence() == 0
