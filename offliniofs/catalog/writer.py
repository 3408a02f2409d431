"""The one writer: every change of the catalogue is one method here, in one IMMEDIATE transaction with its audit row.

Used by one thread at a time; other processes may write too, each waits for the other. A method either does all it says
or nothing, also when the process is killed in the middle of it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from offliniofs.catalog.connection import Access, ConnectionSettings, Database, open_database
from offliniofs.catalog.filing import Filing
from offliniofs.catalog.migration import Clock, require_current
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.naming import Naming


class Writer:
    """Changes the catalogue at ``path``.

    Opening raises ``CatalogAccessError``, ``CatalogCorruptError``, ``SchemaTooNewError`` or ``MigrationError``; every
    method may raise ``CatalogBusyError`` when another process writes for longer than ``settings.busy_seconds``.
    """

    def __init__(
        self,
        path: Path,
        naming: Naming,
        *,
        clock: Clock = time.time_ns,
        settings: ConnectionSettings | None = None,
        actor: str | None = None,
    ) -> None:
        self._database = open_database(path, Access.WRITE, settings)
        try:
            require_current(self._database)
        except OfflinioError:
            self._database.close()
            raise
        self._naming = naming
        self._clock = clock
        self._actor = actor or f"uid:{os.getuid()}"

    @property
    def database(self) -> Database:
        """The connection, for the checks."""
        return self._database

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()

    def file_arrivals(self, batch: Sequence[Arrival]) -> list[Filed]:
        """Files a batch, all of it or nothing; what became of each, in the order of the batch.

        The blobs must be durable. Titles, seasons, albums and folders are found or made, sidecars go beside their media
        file when it is in the batch or was imported before, a file whose bytes its title has already is a duplicate.
        """
        with self._change() as unit:
            return Filing(unit, self._naming).file(batch)

    @contextmanager
    def _change(self) -> Iterator[UnitOfWork]:
        with self._database.transaction():
            unit = UnitOfWork(self._database, self._clock(), self._actor)
            yield unit
            unit.settle()
