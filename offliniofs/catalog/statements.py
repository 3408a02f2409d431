"""What may be sent to SQLite: statements that are known by name and whose plans the tests ask for.

:class:`~offliniofs.catalog.connection.Database` takes nothing else, so every SQL text of this room is a module's
constant or comes from :mod:`offliniofs.catalog.selection`; a test finds them all and asserts how SQLite runs each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
"""One row of an answer. The tables are STRICT, so a column has the type that the schema gives it."""

Bindings = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement.

    ``scans`` names the indexes (or tables that stay small) it may walk from end to end, because that is what it is
    for; every other access must be a search by key.
    """

    sql: str
    scans: tuple[str, ...] = ()
