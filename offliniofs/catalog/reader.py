"""Opening a reader: :class:`Reader` answers every question to the catalogue."""

from __future__ import annotations

from pathlib import Path

from offliniofs.catalog.connection import Access, ConnectionSettings, open_database
from offliniofs.catalog.migration import require_current
from offliniofs.catalog.reader_library import LibraryFilter, Reader
from offliniofs.catalog.reader_selections import TitleSearch, ViewLimits
from offliniofs.domain.errors import OfflinioError

__all__ = ["LibraryFilter", "Reader", "TitleSearch", "ViewLimits", "open_reader"]


def open_reader(
    path: Path,
    search: TitleSearch,
    *,
    settings: ConnectionSettings | None = None,
    limits: ViewLimits | None = None,
) -> Reader:
    """A reader of the catalogue at ``path``.

    Raises ``CatalogAccessError``, ``CatalogCorruptError``, ``SchemaTooNewError``, or ``MigrationError`` when the
    catalogue has to be migrated first.
    """
    database = open_database(path, Access.READ, settings)
    try:
        require_current(database)
    except OfflinioError:
        database.close()
        raise
    return Reader(database, search, limits or ViewLimits())
