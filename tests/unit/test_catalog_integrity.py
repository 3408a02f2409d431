"""The checks of fsck: each kind of damage is found and named, and a sound catalogue has no findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from offliniofs.domain.content import FileRole
from offliniofs.domain.errors import CatalogAccessError, CatalogCorruptError
from tests.unit.catalog_library import Library, episode, film, media, sidecar, track


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "catalog.sqlite")
    of = media(film())
    made.file(
        of,
        media(episode("Show", 1, 1)),
        media(track("Artist", "Album", 1, "Song")),
        sidecar(of, film(), FileRole.SUBTITLE, ".srt", name="s.srt"),
        sidecar(None, film(), FileRole.EXTRA, None, name="Making of.mkv", subfolder=("extras",)),
    )
    yield made
    made.close()


def test_a_sound_catalogue_has_no_findings(library: Library) -> None:
    assert check_integrity(library.path) == []


@pytest.mark.parametrize(
    ("damage", "kind", "message"),
    [
        ("UPDATE content SET total_size = 7 WHERE id = 1", "sums", "total_size"),
        ("UPDATE content SET media_count = 9 WHERE kind = 'season'", "sums", "media_count"),
        ("UPDATE content SET quality_rank = 1 WHERE kind = 'series'", "sums", "quality_rank"),
        ("DELETE FROM content_resolutions WHERE content_id = 1", "sums", "resolutions"),
        ("INSERT INTO content_resolutions VALUES ('480p', 1)", "sums", "resolutions"),
        ("UPDATE files SET link_count = 99 WHERE id = 1", "links", "link_count is 99"),
        ("UPDATE view_times SET titles = 5 WHERE view = 'genre:1'", "view", "counted as 5"),
        ("DELETE FROM view_times WHERE view = 'shelf:music'", "view", "counted as 0"),
        ("INSERT INTO view_times VALUES ('year:1800', 1, 1, 1, 0)", "view", "there are 0"),
        ("UPDATE library_totals SET items = 1 WHERE subject = 'files'", "total", "counted as 1"),
        ("DELETE FROM search_index WHERE rowid = 1", "search", "not indexed"),
        ("UPDATE content SET languages = ' nl-be ' WHERE id = 1", "search", "0 titles are found by it, 1 have it"),
        ("INSERT INTO search_index (rowid, title) VALUES (999, 'x')", "search", "no such title"),
        ("DELETE FROM content_statistics WHERE content_id = 1", "rows", "no statistics"),
        (
            "INSERT INTO content_statistics SELECT id, 0, 0, 0, NULL FROM content WHERE kind = 'episode'",
            "rows",
            "without",
        ),
        ("UPDATE blobs SET size = 5 WHERE id = 1", "rows", "not that of its blob"),
        ("INSERT INTO blobs SELECT 99, zeroblob(32), 0, 'present', 'copy', NULL, 1, 1", "rows", "no file names it"),
        ("UPDATE files SET title_id = 2 WHERE id = 1", "rows", "another title"),
        (
            "UPDATE files SET folder_id = (SELECT id FROM content WHERE kind = 'episode') WHERE id = 2",
            "rows",
            "directory",
        ),
        ("UPDATE content SET title_id = NULL WHERE id = 1", "rows", "its own title"),
        ("UPDATE content SET parent_id = NULL, shelf = NULL WHERE kind = 'season'", "rows", "on no shelf"),
        ("UPDATE content SET parent_id = 1 WHERE kind = 'season'", "rows", "its parent"),
        ("UPDATE files SET name = 'extras' WHERE id = 1", "rows", "same name"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM blobs WHERE id = 1", "file", "foreign key"),
    ],
)
def test_damage_is_found(library: Library, damage: str, kind: str, message: str) -> None:
    library.writer.database.script(damage)
    found = check_integrity(library.path)
    assert any(finding.kind == kind and message in finding.message for finding in found), found


def test_an_index_that_disagrees_with_its_table_is_found(library: Library) -> None:
    ((page,),) = library.writer.database.script("SELECT rootpage FROM sqlite_schema WHERE name = 'files_blob'")
    library.close()
    with library.path.open("r+b") as file:
        # the last byte of the page ends the index's first entry: the row it points to
        file.seek(page * 4096 - 1)
        file.write(b"\x63")
    found = check_integrity(library.path)
    assert {finding.kind for finding in found} == {"file"}
    assert any("files_blob" in finding.message for finding in found), found


def test_a_damaged_page_is_a_finding(library: Library) -> None:
    ((page,),) = library.writer.database.script("SELECT rootpage FROM sqlite_schema WHERE name = 'files_listing'")
    library.close()
    with library.path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    found = check_integrity(library.path)
    assert {finding.kind for finding in found} == {"file"}


def test_what_is_no_catalogue_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(CatalogAccessError):
        check_integrity(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("no database at all, only words")
    with pytest.raises(CatalogCorruptError):
        check_integrity(tmp_path / "text.sqlite")
