"""What every part of the reader shares: the connection."""

from __future__ import annotations

from offliniofs.catalog.connection import Database


class ReaderBase:
    """Holds one connection. Its parts add the questions; :class:`offliniofs.catalog.reader.Reader` is all of them."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """The connection, for the search engine and the checks."""
        return self._database

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()
