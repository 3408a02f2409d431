"""The numbered migrations that this program brings along, and what they add up to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import apsw

from offliniofs.domain.errors import MigrationError

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

RECORDS_TABLE = """CREATE TABLE schema_migrations (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,
    applied_ns INTEGER NOT NULL,
    program    TEXT    NOT NULL
) STRICT"""
"""What was done to this catalogue: made by the runner before the first migration, filled with each."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, from ``number - 1`` to ``number``."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the SQL, in hexadecimal: a migration that was ever applied never changes again."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def shipped_migrations() -> tuple[Migration, ...]:
    """The program's migrations in order, numbered from 1 without a gap. Raises ``MigrationError`` when they are not.

    Read once: a program whose files are exchanged while it runs goes on with the schema that it knows.
    """
    found = []
    for entry in resources.files("offliniofs.catalog").joinpath("migrations").iterdir():
        matched = _FILE_NAME.fullmatch(entry.name)
        if matched:
            found.append(Migration(int(matched[1]), matched[2], entry.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    if not found or [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError("This installation's migrations are incomplete; install OfflinioFS again.")
    return tuple(found)


def expected_objects(migrations: Sequence[Migration]) -> dict[str, str]:
    """Name → SQL (spaces evened out) of every table and index that a catalogue with these migrations has."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(RECORDS_TABLE).fetchall()
        for migration in migrations:
            connection.execute(migration.sql).fetchall()
        return {str(name): evened(str(sql)) for name, sql in connection.execute(OBJECTS)}
    finally:
        connection.close()


OBJECTS = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
"""Everything of the schema but what SQLite itself adds, such as the figures of ANALYZE."""


def evened(sql: str) -> str:
    """SQL text with every run of white space made one space."""
    return " ".join(sql.split())
