"""The edits that only the mount and the command line make: genres, years, kinds, names, owners, relations."""

from __future__ import annotations

import pytest

from offliniofs.domain.access import FolderAccess
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.history import RelatedTitle, Relation
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, Shelf
from tests.unit.catalog_library import Library, episode, film, folders, media, sidecar, title_is, track, two_films


def test_an_empty_genre_stays_until_it_was_used(library: Library) -> None:
    first, _ = two_films(library)
    genre = library.writer.make_genre("Film Noir")
    found = library.reader.facet_named(Facet.GENRE, "Film Noir")
    assert found is not None
    with pytest.raises(UsageError, match="already"):
        library.writer.make_genre("film noir")
    library.writer.change_genre(first.title_id, None, genre)
    library.writer.remove_genre(first.title_id, genre)
    assert library.reader.facet_named(Facet.GENRE, "Film Noir") is None
    library.undo(2)
    assert library.reader.facet_named(Facet.GENRE, "Film Noir") is not None
    library.writer.remove_empty_genre(genre)
    assert library.reader.facet_named(Facet.GENRE, "Film Noir") is None
    horror = library.reader.genre_id("horror")
    assert horror is not None
    with pytest.raises(UsageError, match="not empty"):
        library.writer.remove_empty_genre(horror)
    with pytest.raises(UsageError, match="already"):
        library.writer.rename_genre(horror, "sci-fi")
    with pytest.raises(NotFoundError):
        library.writer.rename_genre(99, "x")
    with pytest.raises(UsageError, match="takes one line"):
        library.writer.add_genre(first.title_id, "\0")
    library.writer.rename_genre(horror, "Scary")
    assert [row.name for row in library.reader.facet_page(Facet.GENRE, (), 0, 9)] == ["Science Fiction", "Scary"]


def test_moving_between_genres_is_the_users_word(library: Library) -> None:
    first, second = two_films(library)
    science, horror = library.reader.genre_id("Science Fiction"), library.reader.genre_id("Horror")
    library.writer.change_genre(first.title_id, science, horror)
    library.file(media(film(genre=("Drama",)), name="again.mkv", content="other"))
    details = library.reader.content_details(first.title_id)
    assert details is not None
    assert [genre.name for genre in details.genres] == ["Horror"]
    with pytest.raises(NotFoundError):
        library.writer.change_genre(ContentId(99), None, horror)
    assert library.writer.add_genre(second.title_id, "Horror") == horror


def test_an_empty_year_stays_until_it_was_used(library: Library) -> None:
    first, _ = two_films(library)
    library.writer.make_year(2050)
    assert library.reader.facet_named(Facet.YEAR, "2050") is not None
    library.writer.edit_content(first.title_id, MetadataEdit(EditableField.YEAR, 2050))
    with pytest.raises(UsageError, match="not empty"):
        library.writer.remove_empty_year(2050)
    library.writer.edit_content(first.title_id, MetadataEdit(EditableField.YEAR, 1982))
    assert library.reader.facet_named(Facet.YEAR, "2050") is None
    for year, message in ((1, "no year"), (1982, "already")):
        with pytest.raises(UsageError, match=message):
            library.writer.make_year(year)
    with pytest.raises(NotFoundError):
        library.writer.remove_empty_year(2050)


def test_a_files_own_name_survives_a_new_title(library: Library) -> None:
    first, _ = two_films(library)
    library.writer.rename_file(first.file_id, "mine.mkv")
    title_is(library, first.title_id, "One")
    row = library.reader.file(first.file_id)
    assert row is not None
    assert row.name == "mine.mkv"
    for name in ("a/b.mkv", "", "mine.avi", "mine", "con.mkv", "a?.mkv"):
        with pytest.raises(UsageError):
            library.writer.rename_file(first.file_id, name)
    with pytest.raises(NotFoundError):
        library.writer.rename_file(FileId(99), "x.mkv")


def test_files_move_within_their_title(library: Library) -> None:
    of = media(film())
    filed = library.file(
        of, sidecar(None, of.identification, FileRole.EXTRA, "making.mkv", name="making.mkv", subfolder=("extras",))
    )
    (extras,) = library.reader.children_page(filed[0].title_id, 0, 9)
    library.writer.move_file(filed[1].file_id, filed[0].title_id)
    library.writer.move_file(filed[0].file_id, extras.content_id, "other.mkv")
    assert library.reader.file_named(extras.content_id, "other.mkv") is not None
    with pytest.raises(NotFoundError):
        library.writer.move_file(filed[0].file_id, ContentId(99))


def test_a_film_becomes_a_series_and_back(library: Library) -> None:
    of = media(film("Twin.Peaks", None, name="Twin Peaks S02E05.mkv"), name="Twin Peaks S02E05.mkv")
    filed, *_ = library.file(of, sidecar(of, of.identification, FileRole.SUBTITLE, ".en.srt", name="tp.srt"))
    library.writer.change_kind(filed.title_id, ContentKind.SERIES)
    assert folders(library, Shelf.SERIES) == ["Twin.Peaks"]
    (season,) = library.reader.children_page(filed.title_id, 0, 9)
    names = [row.name for row in library.reader.files_page(season.content_id, 0, 9)]
    assert season.name == "Season 02"
    assert all(name.startswith("Twin.Peaks S02E05") for name in names)
    library.writer.change_kind(filed.title_id, ContentKind.MOVIE)
    assert library.reader.children_page(filed.title_id, 0, 9) == []
    library.writer.change_kind(filed.title_id, ContentKind.OTHER)
    assert folders(library, Shelf.OTHER) == ["Twin.Peaks"]
    library.undo(3)
    assert folders(library) == ["Twin.Peaks"]


def test_a_kind_that_makes_no_sense_is_refused(library: Library) -> None:
    series, *_ = library.file(media(episode("Twin Peaks", 1, 1)), media(episode("Twin Peaks", 1, 2)))
    album, *_ = library.file(media(track("Queen", "One", 1, "A")))
    with pytest.raises(UsageError, match="a film is one"):
        library.writer.change_kind(series.title_id, ContentKind.MOVIE)
    with pytest.raises(UsageError, match="cannot become"):
        library.writer.change_kind(album.title_id, ContentKind.MOVIE)
    with pytest.raises(NotFoundError):
        library.writer.change_kind(ContentId(99), ContentKind.MOVIE)
    library.writer.change_kind(series.title_id, ContentKind.OTHER)
    (folder,) = library.reader.children_page(series.title_id, 0, 9)
    assert len(library.reader.files_page(folder.content_id, 0, 9)) == 2
    library.writer.change_kind(series.title_id, ContentKind.SERIES)
    assert [row.kind for row in library.reader.children_page(series.title_id, 0, 9)] == [ContentKind.SEASON]


def test_uniting_two_series_merges_their_seasons(library: Library) -> None:
    first = library.file(media(episode("Twin Peaks", 1, 1)), media(episode("Twin Peaks", 2, 1)))
    second = library.file(
        media(episode("Twin Peeks", 1, 1, resolution="1080p")),
        media(episode("Twin Peeks", 1, 2)),
        media(episode("Twin Peeks", 3, 1)),
    )
    library.writer.unite(second[0].title_id, first[0].title_id)
    seasons = library.reader.children_page(first[0].title_id, 0, 9)
    assert [row.name for row in seasons] == ["Season 01", "Season 02", "Season 03"]
    assert [row.name for row in library.reader.files_page(seasons[0].content_id, 0, 9)] == [
        "Twin Peaks (1990) S01E01.mkv",
        "Twin Peaks (1990) S01E01 (2).mkv",
        "Twin Peaks (1990) S01E02.mkv",
    ]
    again = library.file(media(episode("Twin Peeks", 3, 2)))[0]
    assert again.title_id == first[0].title_id
    with pytest.raises(UsageError, match="cannot be united"):
        library.writer.unite(first[0].title_id, first[0].title_id)
    with pytest.raises(NotFoundError):
        library.writer.unite(ContentId(99), first[0].title_id)


def test_uniting_equal_films_keeps_the_bytes_once(library: Library) -> None:
    first, second = library.file(
        media(film(), content="same"), media(film("Blade Runer", genre=()), content="same", name="b.mkv")
    )
    library.writer.unite(second.title_id, first.title_id)
    assert [row.name for row in library.reader.files_page(first.title_id, 0, 9)] == ["Blade Runner (1982) - 1080p.mkv"]
    assert [row.name for row in library.reader.trash_page(0, 9)] == ["Blade Runer (1982)"]
    library.undo()
    assert folders(library) == ["Blade Runner (1982)", "Blade Runer (1982)"]


def test_owners_modes_and_times_stay(library: Library) -> None:
    first, _ = two_films(library)
    writer, reader = library.writer, library.reader
    writer.set_stat(first.file_id, is_file=True, mode=0o640, mtime_ns=5)
    writer.set_stat(first.file_id, is_file=True, uid=7, gid=8)
    row = reader.file(first.file_id)
    assert row is not None
    assert (row.mode, row.uid, row.gid, row.mtime_ns) == (0o640, 7, 8, 5)
    writer.set_stat(first.title_id, is_file=False, mode=0o700, mtime_ns=9)
    directory = reader.directory(first.title_id)
    assert directory is not None
    assert directory.modified_ns == 9
    assert reader.access_of(first.title_id) == FolderAccess(mode=0o700)
    assert reader.accesses(ContentId(1), ContentId(99)) == {first.title_id: FolderAccess(mode=0o700)}
    for wrong in ({"mode": 0o10000}, {"uid": -2}, {"gid": 2**32}, {"mtime_ns": 2**64}):
        with pytest.raises(UsageError):
            writer.set_stat(first.title_id, is_file=False, **wrong)
    with pytest.raises(NotFoundError):
        writer.set_stat(FileId(99), is_file=True, mode=0)
    with pytest.raises(NotFoundError):
        writer.set_stat(ContentId(99), is_file=False, mode=0)


def test_titles_are_restricted_by_their_own_and_by_age(library: Library) -> None:
    first, second = two_films(library)
    writer, reader = library.writer, library.reader
    writer.restrict(first.title_id, gid=None, minimum_age=16)
    writer.restrict(second.title_id, gid=5, minimum_age=18)
    writer.restrict_age(12, gid=1)
    writer.restrict_age(18, gid=2)
    assert reader.age_rules() == {12: 1, 18: 2}
    restricted = [reader.access_of(filed.title_id).restricted_gid for filed in (first, second)]
    assert restricted == [1, 5]
    writer.restrict(second.title_id, minimum_age=18)
    assert reader.access_of(second.title_id).restricted_gid == 2
    writer.restrict_age(18, gid=None)
    assert reader.access_of(second.title_id).restricted_gid == 1
    writer.restrict(first.title_id)
    assert reader.access_of(first.title_id) == FolderAccess()
    for age in (-1, 100):
        with pytest.raises(UsageError):
            writer.restrict(first.title_id, minimum_age=age)
        with pytest.raises(UsageError):
            writer.restrict_age(age, gid=1)
    series, *_ = library.file(media(episode("Twin Peaks", 1, 1)))
    season = reader.children_page(series.title_id, 0, 9)[0]
    with pytest.raises(UsageError, match="whole titles"):
        writer.restrict(season.content_id, gid=1)


def test_relations_are_seen_from_both_titles(library: Library) -> None:
    first, second = two_films(library)
    library.writer.relate(first.title_id, Relation.REMAKE, second.title_id)
    library.writer.relate(first.title_id, Relation.REMAKE, second.title_id)
    assert library.reader.relations_of(first.title_id) == [
        RelatedTitle(second.title_id, "Alien (1979)", Relation.REMAKE, outgoing=True)
    ]
    library.writer.trash_content(second.title_id)
    assert library.reader.relations_of(first.title_id) == []
    library.undo(2)
    assert library.reader.relations_of(second.title_id) == []


def test_collections_refuse_what_makes_no_sense(library: Library) -> None:
    first, _ = two_films(library)
    collection = library.writer.make_collection("Best")
    library.writer.add_to_collection(collection, first.title_id)
    for act, error in (
        (lambda: library.writer.make_collection("Best"), UsageError),
        (lambda: library.writer.make_collection("\0"), UsageError),
        (lambda: library.writer.remove_empty_collection(collection), UsageError),
        (lambda: library.writer.rename_collection(99, "x"), NotFoundError),
        (lambda: library.writer.add_to_collection(collection, ContentId(99)), NotFoundError),
    ):
        with pytest.raises(error):
            act()
    library.writer.trash_content(first.title_id)
    library.writer.remove_empty_collection(collection)
    library.undo(2)
    details = library.reader.content_details(first.title_id)
    assert details is not None
    assert details.collections == ("Best",)
