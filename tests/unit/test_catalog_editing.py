"""A user's edits: they win, they rename, they survive a new import, and they can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offliniofs.domain.arrival import ArrivalOutcome
from offliniofs.domain.content import FileRole
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from tests.unit.catalog_library import Library, episode, film, genres, media, sidecar, track, why

FIELD = EditableField


def edit(library: Library, content_id: int, field: EditableField, value: EditValue) -> None:
    library.writer.edit_content(ContentId(content_id), MetadataEdit(field, value))


def names_in(library: Library, content_id: int) -> list[str]:
    return [row.name for row in library.reader.files_page(ContentId(content_id), 0, 100)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (FIELD.TITLE, "Do Androids Dream"),
        (FIELD.ORIGINAL_TITLE, "Blade Runner: The Film"),
        (FIELD.YEAR, 1983),
        (FIELD.GENRES, ("Crime", "Drama")),
        (FIELD.TAGS, ("cyberpunk", "noir")),
        (FIELD.FAVOURITE, True),
        (FIELD.RATING, 9.5),
        (FIELD.PLOT, "Rain."),
    ],
)
def test_an_edit_wins_over_every_import_until_taken_back(
    library: Library, field: EditableField, value: EditValue
) -> None:
    named = replace(
        film(genre=("Science Fiction",)), rating=5.0, plot="A plot.", original_title="Original", tags=("tagged",)
    )
    arrival = media(named)
    (filed,) = library.file(arrival)

    def shown() -> EditValue:
        details = library.reader.content_details(filed.title_id)
        assert details is not None
        found = getattr(details, field.value)
        return tuple(genre.name for genre in found) if field is FIELD.GENRES else found

    before = shown()
    edit(library, filed.title_id, field, value)
    assert shown() == value
    stronger = replace(
        named, rating=1.0, plot="Other.", original_title="Other", genres=genres("Horror"), tags=("other",)
    )
    stronger = replace(stronger, why=why("rating", "plot", "genres", "year", "original_title", by=EvidenceSource.NFO))
    (again,) = library.file(replace(arrival, identification=stronger))
    assert again.outcome is ArrivalOutcome.UPDATED
    assert shown() == value
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert details.why[field.value].source is EvidenceSource.USER
    edit(library, filed.title_id, field, value)
    edit(library, filed.title_id, field, None)
    assert shown() == before
    edit(library, filed.title_id, field, None)
    assert shown() == before


def test_a_new_title_renames_folder_files_and_sidecars(library: Library) -> None:
    arrival = media(film())
    (filed, *_) = library.file(
        arrival,
        sidecar(arrival, film(), FileRole.SUBTITLE, ".en.srt", name="s.en.srt"),
        sidecar(None, film(), FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
    )
    before = library.reader.last_change_sequence()
    edit(library, filed.title_id, FIELD.TITLE, "Replicants")
    assert [row.name for row in library.reader.shelf_page(Shelf.MOVIES, 0, 9)] == ["Replicants (1982)"]
    assert names_in(library, filed.title_id) == [
        "Replicants (1982) - 1080p.mkv",
        "poster.jpg",
        "Replicants (1982) - 1080p.en.srt",
    ]
    assert library.reader.searched("Replicants", 5) == [filed.title_id]
    changes = {(row.action, row.view or row.directory_id, row.name) for row in library.reader.changes_since(before, 99)}
    assert {
        ("removed", "shelf:movies", "Blade Runner (1982)"),
        ("added", "shelf:movies", "Replicants (1982)"),
        ("removed", "genre:1", "Blade Runner (1982)"),
        ("added", "genre:1", "Replicants (1982)"),
        ("removed", filed.title_id, "Blade Runner (1982) - 1080p.mkv"),
        ("added", filed.title_id, "Replicants (1982) - 1080p.en.srt"),
    } <= changes
    assert library.reader.file(filed.file_id) is not None


def test_later_imports_find_a_renamed_title_by_its_old_name(library: Library) -> None:
    (filed,) = library.file(media(episode("Show", 1, 1)))
    edit(library, filed.title_id, FIELD.TITLE, "The Real Name")
    (later,) = library.file(media(episode("Show", 1, 2)))
    assert later.title_id == filed.title_id
    assert later.path == "series/The Real Name (1990)/Season 01/The Real Name (1990) S01E02.mkv"
    assert names_in(library, 2)[0] == "The Real Name (1990) S01E01.mkv"


def test_a_name_that_is_taken_gets_a_suffix(library: Library) -> None:
    first, second = library.file(media(film("A")), media(film("B")))
    edit(library, second.title_id, FIELD.TITLE, "A")
    rows = library.reader.shelf_page(Shelf.MOVIES, 0, 9)
    assert [row.name for row in rows] == ["A (1982)", "A (1982) (2)"]
    assert names_in(library, second.title_id) == ["A (1982) (2) - 1080p.mkv"]
    assert names_in(library, first.title_id) == ["A (1982) - 1080p.mkv"]


def test_episodes_and_tracks_have_titles_of_their_own(library: Library) -> None:
    one, song = library.file(media(episode("Show", 1, 1)), media(track("Artist", "Album", 1, "Song")))
    library.writer.edit_file(one.file_id, MetadataEdit(FIELD.TITLE, "Pilot"))
    edit(library, song.content_id, FIELD.TITLE, "Other Song")
    edit(library, song.title_id, FIELD.TITLE, "Other Album")
    assert library.reader.file_details(one.file_id) is not None
    paths = [library.reader.file_details(FileId(number)) for number in (one.file_id, song.file_id)]
    assert [details.path for details in paths if details is not None] == [
        "series/Show (1990)/Season 01/Show (1990) S01E01 - Pilot.mkv",
        "music/Artist/Other Album (1973)/01 - Other Song.flac",
    ]


def test_what_belongs_to_the_title_is_edited_there(library: Library) -> None:
    (filed,) = library.file(media(episode("Show", 1, 1)))
    library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.GENRES, ("Comedy",)))
    season = library.reader.children_page(filed.title_id, 0, 1)[0].content_id
    edit(library, season, FIELD.RATING, 7)
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert (details.genres, details.rating) == (genres("Comedy"), 7.0)


def test_quality_and_edition_are_a_files_own(library: Library) -> None:
    arrival = media(film(resolution="720p"))
    (filed, below) = library.file(arrival, sidecar(arrival, film(), FileRole.SUBTITLE, ".srt", name="s.srt"))
    library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.QUALITY, "remux-2160p"))
    library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.EDITION, "Final Cut"))
    library.file(replace(arrival, identification=film(resolution="480p")))
    details, follower = library.reader.file_details(filed.file_id), library.reader.file_details(below.file_id)
    assert details is not None
    assert follower is not None
    assert (details.quality, details.resolution, details.edition) == ("Remux-2160p", "2160p", "Final Cut")
    assert follower.resolution == "2160p"
    assert details.name == "Blade Runner (1982) - Final Cut 2160p.mkv"
    assert library.reader.titles_page((FacetValue(Facet.QUALITY, 720),), 0, 9) == []
    library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.QUALITY, None))
    library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.EDITION, None))
    details = library.reader.file_details(filed.file_id)
    assert details is not None
    assert (details.quality, details.resolution, details.edition) == ("Bluray-720p", "720p", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (FIELD.YEAR, 1066),
        (FIELD.YEAR, "1982"),
        (FIELD.YEAR, True),
        (FIELD.RATING, 11),
        (FIELD.TITLE, "  "),
        (FIELD.TITLE, 7),
        (FIELD.FAVOURITE, "yes"),
        (FIELD.GENRES, "Drama"),
        (FIELD.EDITION, "Final Cut"),
        (FIELD.QUALITY, "Bluray-1080p"),
    ],
)
def test_what_cannot_be_is_refused(library: Library, field: EditableField, value: EditValue) -> None:
    (filed,) = library.file(media(film()))
    before = library.reader.content_details(filed.title_id)
    with pytest.raises(UsageError):
        edit(library, filed.title_id, field, value)
    assert library.reader.content_details(filed.title_id) == before


def test_what_is_not_there_cannot_be_edited(library: Library) -> None:
    (filed, extra) = library.file(
        media(track("Artist", "Album", 1, "Song")),
        sidecar(None, film(), FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
    )
    artist = library.reader.parent_of(filed.title_id)
    assert isinstance(artist, int)
    with pytest.raises(NotFoundError, match="entry 999"):
        edit(library, 999, FIELD.YEAR, 1990)
    with pytest.raises(NotFoundError, match="file 999"):
        library.writer.edit_file(FileId(999), MetadataEdit(FIELD.YEAR, 1990))
    with pytest.raises(UsageError, match="artist"):
        edit(library, artist, FIELD.YEAR, 1990)
    with pytest.raises(UsageError, match="media files only"):
        library.writer.edit_file(extra.file_id, MetadataEdit(FIELD.EDITION, "x"))
    with pytest.raises(UsageError, match="cannot be"):
        library.writer.edit_file(filed.file_id, MetadataEdit(FIELD.QUALITY, "Splendid"))


def test_every_edit_is_audited(library: Library) -> None:
    (filed,) = library.file(media(film()))
    edit(library, filed.title_id, FIELD.YEAR, 1983)
    rows = library.writer.database.script("SELECT actor, action, subject, before, after FROM audit_log ORDER BY id")
    assert [(row[1], row[2]) for row in rows] == [("import", "1 files"), ("edit", "content:1:year")]
    assert rows[1][0].startswith("uid:")
    assert '"value": 1982' in rows[1][3]
    assert '"value": 1983' in rows[1][4]
