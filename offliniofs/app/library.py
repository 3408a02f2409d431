"""The composition root: puts a store's rooms together, for a command or for a daemon."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offliniofs.app.config import Settings
from offliniofs.app.layout import StoreLayout
from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store
from offliniofs.catalog.connection import ConnectionSettings, Database
from offliniofs.catalog.reader import Reader, ViewLimits, open_reader
from offliniofs.domain.errors import BlobMissingError, StoreError
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, FacetRow
from offliniofs.domain.trash import Retention
from offliniofs.fuse.mount_table import library_around
from offliniofs.tree.names import LibraryNaming

if TYPE_CHECKING:
    from offliniofs.catalog.service import CatalogueSettings
    from offliniofs.catalog.writer import Writer
    from offliniofs.domain.arrival import SourceFile
    from offliniofs.domain.details import FileDetails, TitleSummary
    from offliniofs.query.compile import Condition

_PAGE = 500


def create_library(layout: StoreLayout) -> bool:
    """Makes the store and its catalogue where they are missing; returns whether anything was.

    Raises ``StoreError`` or ``CatalogError`` when the place cannot be used; in a mounted library nothing is made then.
    """
    if layout.exists:
        return False
    _refuse_mounted(layout)
    initialise(layout.root)
    if not layout.catalogue.exists():
        from offliniofs.catalog.migration import create

        _refuse_orphans(layout)
        create(layout.catalogue)
    return True


def _refuse_mounted(layout: StoreLayout) -> None:
    """A folder made in a mounted library is no folder: in ``saved/`` it would be a search."""
    around = library_around(layout.root)
    if around is not None:
        raise StoreError(
            f"{layout.root} lies inside the library that is mounted on {os.fsdecode(around.mountpoint)}. "
            "A store cannot be kept in there; choose a folder on a disk."
        )


def _refuse_orphans(layout: StoreLayout) -> None:
    """An empty catalogue over blobs would make a library look lost that only misses its catalogue."""
    with open_store(layout.root) as blobs:
        if next(iter(blobs.iterate()), None) is not None:
            raise StoreError(
                f"{layout.root} holds blobs, but its catalogue {layout.catalogue.name} is gone. Put a copy back "
                f"from {layout.backups} or a backup of your own; to begin anew, choose another folder."
            )


def find_titles(database: Database, text: str, limit: int, conditions: Sequence[Condition] = ()) -> list[int]:
    """Searches with the whole language, best first. Raises ``QuerySyntaxError``."""
    from offliniofs.catalog.search import search_titles
    from offliniofs.query.parser import parse

    found = search_titles(database, parse(text), limit=limit, now_ns=time.time_ns(), conditions=conditions)
    return [title.content_id for title in found]


def find_suggestion(reader: Reader, text: str) -> str | None:
    """The query that was probably meant by one without result. Raises ``QuerySyntaxError``."""
    from offliniofs.catalog.suggest import suggest
    from offliniofs.query.parser import parse

    return suggest(reader.database, parse(text), now_ns=time.time_ns())


def connection_settings(settings: Settings) -> ConnectionSettings:
    """The catalogue's limits as the store's settings say."""
    return ConnectionSettings(busy_seconds=settings.busy_timeout_ms / 1000, slow_seconds=settings.slow_query_ms / 1000)


def catalogue_settings(settings: Settings) -> CatalogueSettings:
    """How a daemon uses the catalogue."""
    from offliniofs.catalog.service import CatalogueSettings

    return CatalogueSettings(
        readers=settings.readers,
        connection=connection_settings(settings),
        limits=view_limits(settings),
        retention=retention(settings),
    )


def retention(settings: Settings) -> Retention:
    """How long what was deleted stays."""
    return Retention(settings.trash_days or None, settings.trash_min_days)


def view_limits(settings: Settings) -> ViewLimits:
    """How many titles the bounded views show."""
    return ViewLimits(search_titles=settings.search_limit, recent_titles=settings.recent_limit)


@dataclass(slots=True)
class OpenLibrary:
    """A store in use by one command. Used by one thread at a time."""

    layout: StoreLayout
    settings: Settings
    blobs: FilesystemStore
    reader: Reader
    naming: LibraryNaming
    _writer: Writer | None = None

    @property
    def writer(self) -> Writer:
        """The catalogue's writer, opened when it is first needed: a command that reads needs no right to write."""
        if self._writer is None:
            from offliniofs.catalog.writer import Writer

            self._writer = Writer(
                self.layout.catalogue,
                self.naming,
                settings=connection_settings(self.settings),
                retention=retention(self.settings),
            )
        return self._writer

    def knows_source(self, source: SourceFile) -> bool:
        """Whether an import took this very file before, nobody has changed it since, and its blob has its size."""
        file_id = self.reader.known_source(source)
        if file_id is None:
            return False
        details = self.reader.file_details(file_id)
        if details is None:
            return True  # it waits in the trash
        try:
            return self.blobs.stat(details.digest).size == source.size
        except BlobMissingError:
            return False

    def facet_rows(self, facet: Facet) -> Iterator[FacetRow]:
        """Every value of a facet."""
        after = 0
        while page := self.reader.facet_page(facet, (), after, _PAGE):
            yield from page
            after = int(page[-1].value.key or 0)

    def files_below(self, content_id: ContentId) -> Iterator[FileDetails]:
        """Details of every file in a directory and in those below it."""
        after = 0
        while files := self.reader.files_page(content_id, after, _PAGE):
            for row in files:
                details = self.reader.file_details(row.file_id)
                if details is not None:
                    yield details
            after = files[-1].file_id
        after = 0
        while children := self.reader.children_page(content_id, after, _PAGE):
            for child in children:
                yield from self.files_below(child.content_id)
            after = children[-1].content_id

    def search(self, text: str, limit: int) -> Iterator[TitleSummary]:
        """Titles that match, best first. Raises ``QuerySyntaxError``."""
        for content_id in find_titles(self.reader.database, text, limit):
            summary = self.reader.summary(ContentId(content_id))
            if summary is not None:
                yield summary

    def did_you_mean(self, text: str) -> str | None:
        """A query close to one without result that has some."""
        return find_suggestion(self.reader, text)

    def close(self) -> None:
        """Gives back everything that is open."""
        # A reader that closed last would leave the write-ahead log beside the database.
        self.reader.close()
        if self._writer is not None:
            self._writer.close()
        self.blobs.close()


@contextlib.contextmanager
def open_library(layout: StoreLayout, settings: Settings) -> Iterator[OpenLibrary]:
    """Opens the store for the block.

    Raises ``StoreError``, ``CatalogError``, or ``MigrationError`` when the catalogue has to be migrated first.
    """
    with contextlib.ExitStack() as stack:
        blobs = stack.enter_context(open_store(layout.root, reserve=settings.free_space_reserve))
        reader = open_reader(
            layout.catalogue, find_titles, settings=connection_settings(settings), limits=view_limits(settings)
        )
        library = OpenLibrary(layout, settings, blobs, reader, LibraryNaming())
        stack.callback(library.close)
        yield library
