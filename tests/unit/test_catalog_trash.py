"""Deleting into the trash, restoring, purging; and that nothing shows what lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.arrival import ArrivalOutcome, Filed
from offliniofs.domain.content import FileRole
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.errors import BlobMissingError, NotFoundError, UsageError
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.domain.trash import Retention
from offliniofs.tree.names import LibraryNaming
from tests.unit.catalog_library import Clock, Library, digest_of, episode, film, media, sidecar, track

DAY_NS = 24 * 3600 * 10**9


def one_film(library: Library) -> Filed:
    """A film with a subtitle and a poster."""
    of = media(film())
    filed = library.file(
        of,
        sidecar(of, of.identification, FileRole.SUBTITLE, ".en.srt", name="runner.srt"),
        sidecar(None, of.identification, FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
    )
    return filed[0]


def entries(library: Library) -> list[str]:
    return [row.name for row in library.reader.trash_page(0, 100)]


def test_nothing_shows_a_title_that_was_removed(library: Library) -> None:
    filed = one_film(library)
    library.file(media(film("Alien", 1979, genre=("Horror",))))
    writer, reader = library.writer, library.reader
    writer.edit_content(filed.title_id, MetadataEdit(EditableField.FAVOURITE, True))
    collection = writer.make_collection("Best")
    writer.add_to_collection(collection, filed.title_id)
    writer.trash_content(filed.title_id)
    selections: list[tuple[FacetValue, ...]] = [
        (),
        (FacetValue(Facet.YEAR, 1982),),
        (FacetValue(Facet.QUALITY, 1080),),
        (FacetValue(Facet.RECENT),),
        (FacetValue(Facet.UNWATCHED),),
        (FacetValue(Facet.FAVOURITES),),
        (FacetValue(Facet.COLLECTION, collection),),
        (FacetValue(Facet.SEARCH, "runner"),),
    ]
    for selection in selections:
        assert filed.title_id not in {row.content_id for row in reader.titles_page(selection, 0, 100)}
        assert reader.title_named(selection, "Blade Runner (1982)") is None
    assert reader.shelf_named(Shelf.MOVIES, "Blade Runner (1982)") is None
    assert [row.name for row in reader.facet_page(Facet.GENRE, (), 0, 10)] == ["Horror"]
    assert reader.directory(filed.title_id) is None
    assert reader.file(filed.file_id) is None
    assert reader.content_details(filed.title_id) is None
    assert reader.summary(filed.title_id) is None
    totals = reader.library_totals()
    assert (totals.titles, totals.files, totals.blobs) == (1, 1, 4)
    assert reader.selection_totals((FacetValue(Facet.COLLECTION, collection),)).titles == 0


def test_the_trash_lists_what_it_holds(library: Library) -> None:
    filed = one_film(library)
    trash_id = library.writer.trash_content(filed.title_id)
    reader = library.reader
    (row,) = reader.trash_page(0, 10)
    assert row == reader.trash_entry(trash_id) == reader.trash_named("Blade Runner (1982)")
    assert (row.content_id, row.file_id, row.files, row.size) == (filed.title_id, None, 3, 1020)
    assert row.expires_ns == row.deleted_ns + 30 * DAY_NS
    assert reader.trash_of_content(filed.title_id) == reader.trash_of_file(filed.file_id) == trash_id
    directory = reader.trashed_directory(filed.title_id)
    assert directory is not None
    assert directory.name == "Blade Runner (1982)"
    names = [file.name for file in reader.trashed_files(trash_id, filed.title_id, 0, 10)]
    assert names[0] == "Blade Runner (1982) - 1080p.mkv"
    found = reader.trashed_file_named(trash_id, filed.title_id, names[0])
    assert found == reader.stored_file(filed.file_id)
    assert reader.trashed_file_named(trash_id, filed.title_id, "none") is None
    assert reader.trash_named("none") is None
    assert reader.stored_file(FileId(999)) is None


def test_a_series_in_the_trash_keeps_its_folders(library: Library) -> None:
    filed = library.file(media(episode("Twin Peaks", 1, 1)), media(episode("Twin Peaks", 2, 1)))
    title = filed[0].title_id
    trash_id = library.writer.trash_content(title)
    children = library.reader.trashed_children(trash_id, title, 0, 10)
    assert [row.name for row in children] == ["Season 01", "Season 02"]
    assert library.reader.trashed_child_named(trash_id, title, "Season 02") == children[1]
    assert library.reader.trashed_child_named(trash_id, title, "Season 03") is None
    assert library.writer.restore(trash_id).path == "series/Twin Peaks (1990)"


def test_a_recursive_removal_is_one_entry_and_one_step(library: Library) -> None:
    """As ``rm -r`` does it: the files of each folder, then the folder; one process."""
    filed = library.file(
        media(episode("Twin Peaks", 1, 1)), media(episode("Twin Peaks", 1, 2)), media(episode("Twin Peaks", 2, 1))
    )
    title = filed[0].title_id
    seasons = [row.content_id for row in library.reader.children_page(title, 0, 10)]
    clock = Clock()
    clock.now_ns = library.clock.now_ns
    writer = Writer(library.path, LibraryNaming(), clock=lambda: clock.now_ns)
    client = Actor(1000, 1000, 4711, "rm")
    with writer.acting_as(client):
        writer.trash_file(filed[0].file_id)
        writer.trash_file(filed[1].file_id)
        writer.trash_content(seasons[0])
        writer.trash_file(filed[2].file_id)
        writer.trash_content(seasons[1])
        writer.trash_content(title)
    assert entries(library) == ["Twin Peaks (1990)"]
    step, *_ = library.reader.history()
    assert (step.count, step.actor, step.pid, step.program) == (6, "uid:1000", 4711, "rm")
    writer.undo_step(step.step)
    writer.close()
    assert entries(library) == []
    assert [library.reader.file(one.file_id) is not None for one in filed] == [True] * 3


def test_what_other_steps_removed_keeps_its_own_entry(library: Library) -> None:
    filed = one_film(library)
    first = library.writer.trash_file(filed.file_id)
    second = library.writer.trash_content(filed.title_id)
    assert entries(library) == ["Blade Runner (1982) - 1080p.mkv", "Blade Runner (1982)"]
    restored = library.writer.restore(first)
    assert restored.path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv"
    assert second not in {row.trash_id for row in library.reader.trash_page(0, 10)}
    assert sorted(entries(library)) == ["Blade Runner (1982) - 1080p.en.srt", "poster.jpg"]
    for row in library.reader.trash_page(0, 10):
        library.writer.restore(row.trash_id)
    assert library.reader.library_totals().files == 3


def test_a_name_that_was_taken_meanwhile_is_made_distinct(library: Library) -> None:
    filed = one_film(library)
    trash_id = library.writer.trash_content(filed.title_id)
    library.file(media(film(), content="other bytes", name="other.mkv"))
    assert library.writer.restore(trash_id).path == "movies/Blade Runner (1982) (2)"


def test_an_artist_goes_with_all_albums(library: Library) -> None:
    filed = library.file(media(track("Queen", "One", 1, "A")), media(track("Queen", "Two", 1, "B")))
    artist = library.reader.parent_of(filed[0].title_id)
    assert isinstance(artist, int)
    first = library.writer.trash_content(filed[0].title_id)
    second = library.writer.trash_content(ContentId(artist))
    assert entries(library) == ["Queen - One (1973)", "Queen"]
    assert library.writer.restore(first).path == "music/Queen/One (1973)"
    assert entries(library) == ["Queen - Two (1973)"]
    assert library.reader.trash_entry(second) is None


def test_what_is_no_folder_or_not_there_is_refused(library: Library) -> None:
    filed = library.file(media(episode("Twin Peaks", 1, 1)))
    with pytest.raises(UsageError, match="remove its files"):
        library.writer.trash_content(filed[0].content_id)
    for act in (library.writer.restore, library.writer.purge):
        with pytest.raises(NotFoundError):
            act(99)
    with pytest.raises(NotFoundError):
        library.writer.trash_content(ContentId(99))
    with pytest.raises(NotFoundError):
        library.writer.trash_file(FileId(99))


def test_purging_removes_rows_first_and_bytes_nothing_else_names(library: Library) -> None:
    filed = one_film(library)
    library.file(media(film("Copy", 2000), content="runner.srt", size=10, name="copy.mkv"))
    trash_id = library.writer.trash_content(filed.title_id)
    purged = library.writer.purge(trash_id)
    assert (purged.entries, purged.files, len(purged.digests)) == (1, 3, 2)
    gone: list[Digest] = []
    assert library.writer.release_blobs(gone.append) == 2
    assert sorted(gone) == sorted(purged.digests)
    assert library.writer.release_blobs(gone.append) == 0
    with pytest.raises(UsageError, match="cannot be taken back"):
        library.writer.undo_step(library.reader.history()[0].step)
    with pytest.raises(UsageError, match="removed for good"):
        library.undo()


def test_bytes_that_are_imported_again_before_they_went_stay(library: Library) -> None:
    filed = one_film(library)
    library.writer.purge(library.writer.trash_content(filed.title_id))
    one_film(library)
    assert library.writer.release_blobs(lambda digest: pytest.fail(digest.hex())) == 0


def test_an_import_that_counted_on_bytes_that_went_is_told(library: Library) -> None:
    filed = one_film(library)
    library.writer.purge(library.writer.trash_content(filed.title_id))

    def missing(digest: Digest) -> None:
        raise BlobMissingError("it went before the program ended")

    assert library.writer.release_blobs(missing) == 3
    arrival = media(film())
    counted_on = type(arrival.blob)(arrival.blob.digest, 1000, arrival.blob.placed_by, existed=True)
    again = type(arrival)(
        arrival.source, counted_on, arrival.identification, arrival.role, arrival.extension, arrival.media
    )
    with pytest.raises(BlobMissingError, match="import it once more"):
        library.file(again)
    assert library.file(arrival)[0].outcome is ArrivalOutcome.ADDED


def test_retention_says_when_something_may_go(tmp_path: Path) -> None:
    library = Library(tmp_path / "catalog.sqlite")
    filed = library.file(media(film()), media(film("Alien", 1979)))
    library.writer.close()
    clock = Clock()
    writer = Writer(library.path, LibraryNaming(), clock=lambda: clock.now_ns, retention=Retention(30, 7))
    first = writer.trash_content(filed[0].title_id)
    clock.now_ns += 6 * DAY_NS
    with pytest.raises(UsageError, match="7 days"):
        writer.purge(first)
    writer.trash_content(filed[1].title_id)
    clock.now_ns += 25 * DAY_NS
    assert writer.purge_expired().entries == 1
    assert entries(library) == ["Alien (1979)"]
    writer.close()
    forever = Writer(library.path, LibraryNaming(), clock=lambda: clock.now_ns, retention=Retention(None))
    forever.restore(2)
    forever.trash_content(filed[1].title_id)
    clock.now_ns += 1000 * DAY_NS
    assert forever.purge_expired().entries == 0
    assert library.findings() == []
    forever.close()
    library.reader.close()


def test_the_same_bytes_come_back_from_the_trash(library: Library) -> None:
    filed = one_film(library)
    library.writer.edit_content(filed.title_id, MetadataEdit(EditableField.PLOT, "Mine."))
    library.writer.trash_content(filed.title_id)
    again = library.file(media(film(), name="elsewhere.mkv", content=film().name))[0]
    assert (again.outcome, again.file_id) == (ArrivalOutcome.RESTORED, filed.file_id)
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert (details.plot, details.file_count) == ("Mine.", 1)
    assert sorted(entries(library)) == ["Blade Runner (1982) - 1080p.en.srt", "poster.jpg"]


def test_a_source_that_was_removed_is_not_known(library: Library) -> None:
    arrival = media(film())
    filed = library.file(arrival)[0]
    assert library.reader.known_source(arrival.source) == filed.file_id
    library.writer.trash_file(filed.file_id)
    assert library.reader.known_source(arrival.source) is None


def test_a_removed_title_does_not_swallow_another_of_its_name(library: Library) -> None:
    filed = one_film(library)
    library.writer.trash_content(filed.title_id)
    other = library.file(media(film(), content="other bytes", name="other.mkv"))[0]
    assert other.title_id != filed.title_id
    assert other.path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.mkv"
    # the old bytes again belong to the title that is there now
    again = library.file(media(film(), name="third.mkv", content=film().name))[0]
    assert (again.outcome, again.title_id) == (ArrivalOutcome.ADDED, other.title_id)


def test_a_better_file_takes_over_the_name(library: Library) -> None:
    filed = one_film(library)
    better = library.writer.replace_file(
        filed.file_id, media(film(resolution="2160p"), content="better", size=5000, name="better.mkv")
    )
    assert (better.path, better.outcome) == (filed.path, ArrivalOutcome.ADDED)
    assert better.file_id != filed.file_id
    details = library.reader.file_details(better.file_id)
    assert details is not None
    assert (details.resolution, details.size) == ("2160p", 5000)
    old = library.reader.stored_file(filed.file_id)
    assert old is not None
    assert old.digest == digest_of(film().name)
    same = library.writer.replace_file(better.file_id, media(film(), content="better", size=5000, name="better.mkv"))
    assert (same.outcome, same.file_id) == (ArrivalOutcome.DUPLICATE, better.file_id)
    library.undo()
    row = library.reader.file(filed.file_id)
    assert row is not None
    assert filed.path.endswith(row.name)
    assert library.reader.trash_of_file(better.file_id) is not None
    library.redo()
    assert library.reader.file(better.file_id) is not None
    with pytest.raises(NotFoundError):
        library.writer.replace_file(filed.file_id, media(film()))


def a_series(library: Library) -> list[FileId]:
    """Two seasons in two sizes of picture, with subtitles, posters and a folder of extras."""
    arrivals = []
    for season in (1, 2):
        for number in (1, 2, 3):
            of = media(episode("Twin Peaks", season, number, resolution="1080p" if number == 2 else "720p"))
            srt = sidecar(of, of.identification, FileRole.SUBTITLE, ".en.srt", name=f"{season}.{number}.srt")
            arrivals += [of, srt]
    of = arrivals[0]
    arrivals.append(sidecar(None, of.identification, FileRole.ARTWORK, "poster.jpg", name="poster.jpg"))
    extra = media(of.identification, name="Making of.720p.mkv", subfolder=("Extras",))
    return [filed.file_id for filed in library.file(*arrivals, extra)]


@pytest.mark.parametrize("backwards", [False, True])
def test_sums_sizes_and_links_are_right_after_every_file_that_goes(library: Library, backwards: bool) -> None:
    for file_id in sorted(a_series(library), reverse=backwards):
        library.writer.trash_file(file_id)
        assert library.findings() == []
