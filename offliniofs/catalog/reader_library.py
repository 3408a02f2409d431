"""The library as a whole: filtered lists, finding a row by what a person types, and totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offliniofs.catalog.reader_access import AccessReader
from offliniofs.catalog.reader_alike import AlikeReader
from offliniofs.catalog.reader_audit import AuditReader
from offliniofs.catalog.reader_details import DetailsReader, quality_name
from offliniofs.catalog.reader_history import HistoryReader
from offliniofs.catalog.reader_listing import KINDS, ListingReader
from offliniofs.catalog.reader_selections import SelectionReader
from offliniofs.catalog.reader_trash import TrashReader
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import DirectoryRow, Facet, FacetValue, Shelf

if TYPE_CHECKING:
    from offliniofs.domain.details import LibraryTotals, TitleSummary

SUMMARY = Statement(
    """SELECT id, kind, title_name, title, artist, year, quality_rank, file_count, total_size, added_ns
    FROM content WHERE id = ? AND title_name IS NOT NULL AND deleted_ns IS NULL"""
)
SUMMARY_GENRES = Statement(
    """SELECT g.name FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id
    WHERE cg.content_id = ? ORDER BY cg.position"""
)
COLLECTION_BY_NAME = Statement("SELECT id FROM collections WHERE name = ?")
GENRE_BY_NAME = Statement("SELECT id FROM genres WHERE name = ?")
GENRE_BY_ANY_CASE = Statement(
    "SELECT id FROM genres WHERE name = ? COLLATE NOCASE OR folder_name = ? COLLATE NOCASE", scans=("genres",)
)
TOTALS = Statement("SELECT items, total_size FROM library_totals WHERE subject = ?")


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """What ``list`` was asked for; everything given must hold. ``height`` in pixels."""

    kind: ContentKind | None = None
    genre: str | None = None
    year: int | None = None
    height: int | None = None


class Reader(
    ListingReader,
    SelectionReader,
    DetailsReader,
    HistoryReader,
    TrashReader,
    AccessReader,
    AuditReader,
    AlikeReader,
):
    """Every question to the catalogue, over one connection that can only read.

    Used by one thread at a time. Every method raises errors of ``domain/errors.py`` only.
    """

    __slots__ = ()

    def list_titles(self, wanted: LibraryFilter, after: int, limit: int) -> list[TitleSummary]:
        """A page of titles by id: greater than ``after``, ``limit`` at most. Empty for a genre that does not exist."""
        selection: list[FacetValue] = []
        if wanted.genre is not None:
            genre = self.genre_id(wanted.genre)
            if genre is None:
                return []
            selection.append(FacetValue(Facet.GENRE, genre))
        if wanted.year is not None:
            selection.append(FacetValue(Facet.YEAR, wanted.year))
        if wanted.height is not None:
            selection.append(FacetValue(Facet.QUALITY, wanted.height))
        rows = (
            self.titles_page(tuple(selection), after, limit)
            if wanted.kind is None
            else self.titles_of_kind_page(wanted.kind, tuple(selection), after, limit)
        )
        found = (self.summary(row.content_id) for row in rows)
        return [summary for summary in found if summary is not None]

    def summary(self, content_id: ContentId) -> TitleSummary | None:
        """One title as a list shows it; ``None`` for anything that is not a title."""
        row = self._database.row(SUMMARY, (content_id,))
        if row is None:
            return None
        identifier, kind, name, title, artist, year, rank, files, size, added_ns = row
        from offliniofs.domain.details import TitleSummary

        return TitleSummary(
            content_id=ContentId(identifier),
            kind=KINDS[kind],
            name=name,
            title=title,
            artist=artist,
            year=year,
            genres=tuple(genre for (genre,) in self._database.rows(SUMMARY_GENRES, (identifier,))),
            quality=quality_name(rank),
            resolutions=self.resolutions_of(identifier),
            file_count=files,
            total_size=size,
            added_ns=added_ns,
            path=self.path_of(identifier),
        )

    def directory_at(self, path: str) -> ContentId | None:
        """The directory at a path such as ``series/Show (2010)/Season 01``."""
        shelf, *names = [part for part in path.split("/") if part] or [""]
        if shelf not in set(Shelf) or not names:
            return None
        found: DirectoryRow | None = self.shelf_named(Shelf(shelf), names[0])
        for name in names[1:]:
            if found is None:
                return None
            found = self.child_named(found.content_id, name)
        return found.content_id if found else None

    def file_at(self, path: str) -> FileId | None:
        """The file at a path such as ``movies/Film (1999)/Film (1999) - 1080p.mkv``."""
        folder, _, name = path.rstrip("/").rpartition("/")
        folder_id = self.directory_at(folder)
        found = self.file_named(folder_id, name) if folder_id is not None else None
        return found.file_id if found else None

    def library_totals(self) -> LibraryTotals:
        """How much there is. Takes microseconds, whatever the size of the library."""
        files, shown = self._database.row(TOTALS, ("files",)) or (0, 0)
        blobs, stored = self._database.row(TOTALS, ("blobs",)) or (0, 0)
        from offliniofs.domain.details import LibraryTotals

        return LibraryTotals(
            movies=self.shelf_totals(Shelf.MOVIES).titles,
            series=self.shelf_totals(Shelf.SERIES).titles,
            albums=self.shelf_totals(Shelf.MUSIC).titles,
            others=self.shelf_totals(Shelf.OTHER).titles,
            files=files,
            blobs=blobs,
            shown_bytes=shown,
            stored_bytes=stored,
        )

    def collection_id(self, name: str) -> int | None:
        """The id of a collection by the name that it was given, which its folder may not be able to have."""
        found = self._database.row(COLLECTION_BY_NAME, (name,))
        return int(found[0]) if found else None

    def genre_id(self, name: str) -> int | None:
        """The id of a genre by its name or its folder's, in any case."""
        found = self._database.row(GENRE_BY_NAME, (name,)) or self._database.row(GENRE_BY_ANY_CASE, (name, name))
        return int(found[0]) if found else None
