"""Making a catalogue, checking its schema, and bringing an older one up to date.

Each migration is one transaction with its own row in ``schema_migrations``; ``user_version`` is the number of the last.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from offliniofs import __version__
from offliniofs.catalog.connection import APPLICATION_ID, Access, ConnectionSettings, Database, open_database
from offliniofs.catalog.schema import OBJECTS, RECORDS_TABLE, Migration, evened, expected_objects, shipped_migrations
from offliniofs.catalog.statements import Statement
from offliniofs.domain.errors import CatalogAccessError, MigrationError, OfflinioError, SchemaTooNewError

Clock = Callable[[], int]
"""Now, in nanoseconds since the epoch."""

_RECORD = Statement(
    "INSERT INTO schema_migrations (number, name, checksum, applied_ns, program) VALUES (?, ?, ?, ?, ?)"
)
_BACKUP_MADE = Statement(
    "INSERT INTO backups (path, kind, state, size, created_ns) VALUES (?, 'migration', 'done', ?, ?)"
)
_VIOLATIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """The state of a catalogue's schema. ``problems`` is empty when everything is as this program expects it."""

    version: int
    newest: int
    pending: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong; pending migrations are not wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """What :func:`migrate` did: from which version to which, and where the copy of before stands."""

    before: int
    after: int
    backup: Path | None


def schema_version(database: Database) -> int:
    """``user_version``: the number of the last migration that was applied."""
    return int(database.script("PRAGMA user_version")[0][0])


def create(path: Path, *, clock: Clock = time.time_ns, migrations: Sequence[Migration] | None = None) -> None:
    """Makes an empty catalogue at ``path`` with every migration applied, durable when this returns.

    Raises ``CatalogAccessError`` when something stands there already. A failure leaves nothing behind.
    """
    if path.exists():
        raise CatalogAccessError(f"There is a file at {path} already; nothing was changed.")
    migrations = migrations or shipped_migrations()
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        database = open_database(unfinished, Access.CREATE)
        try:
            database.script(f"PRAGMA application_id = {APPLICATION_ID}")
            for migration in migrations:
                _apply(database, migration, clock)
        finally:
            database.close()
        os.rename(unfinished, path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)
    _sync_directory(path.parent)


def require_current(database: Database, migrations: Sequence[Migration] | None = None) -> None:
    """Raises ``SchemaTooNewError`` or ``MigrationError`` unless the catalogue has exactly this program's schema.

    That is what its records say; :func:`check` looks at the tables themselves.
    """
    migrations = migrations or shipped_migrations()
    newest = migrations[-1].number
    version = schema_version(database)
    _refuse_newer(database.path, version, newest)
    _refuse_another(database, version, migrations)
    if version < newest:
        raise MigrationError(
            f"The catalogue {database.path} has schema {version}, this program needs {newest}; "
            "run 'offliniofs migrate'."
        )


def check(path: Path, *, migrations: Sequence[Migration] | None = None) -> MigrationReport:
    """Compares the catalogue's schema, its records and SQLite's own checks with what they should be. Changes nothing.

    Raises ``CatalogAccessError``, ``CatalogCorruptError`` when it cannot even be opened. A newer schema is a problem of
    the report, not an error.
    """
    migrations = migrations or shipped_migrations()
    database = open_database(path, Access.WRITE)  # foreign_key_check is no reader's pragma
    try:
        with database.snapshot():
            version = schema_version(database)
            problems = [*_record_problems(database, version, migrations)]
            if version <= len(migrations):
                problems += _object_problems(database, migrations[:version])
            problems += file_problems(database)
    finally:
        database.close()
    return MigrationReport(
        version=version,
        newest=migrations[-1].number,
        pending=tuple(f"{entry.number:04d}_{entry.name}" for entry in migrations[version:]),
        problems=tuple(problems),
    )


def migrate(
    path: Path,
    backups: Path,
    *,
    clock: Clock = time.time_ns,
    migrations: Sequence[Migration] | None = None,
    permit: Callable[[], None] = lambda: None,
) -> MigrationResult:
    """Applies what is pending, each migration in one transaction, after copying the catalogue into ``backups``.

    ``permit`` is called when something is pending, before anything is changed; what it raises stops the migration.
    Raises ``SchemaTooNewError``, or ``MigrationError`` when the records do not match this program's migrations, the
    file fails SQLite's checks or a migration fails; the catalogue is then as the last good migration left it.
    """
    migrations = migrations or shipped_migrations()
    database = open_database(path, Access.WRITE, ConnectionSettings(query_seconds=3600.0))
    try:
        before = schema_version(database)
        _refuse_newer(path, before, migrations[-1].number)
        _refuse_another(database, before, migrations)
        if before == migrations[-1].number:
            return MigrationResult(before, before, None)
        permit()
        problems = file_problems(database)
        if problems:
            raise MigrationError(f"The catalogue {path} is not migrated because of problems: {'; '.join(problems)}")
        backup = _write_backup(database, backups, before, clock)
        # a migration may rebuild tables that others refer to; each is checked before it is committed
        database.script("PRAGMA foreign_keys = OFF")
        for migration in migrations[before:]:
            _apply(database, migration, clock)
        return MigrationResult(before, migrations[-1].number, backup)
    finally:
        database.close()


def file_problems(database: Database, *, thorough: bool = False) -> list[str]:
    """What SQLite's own checks of the file and of the foreign keys find; ``thorough``: also every index's entries."""
    check_name = "integrity_check" if thorough else "quick_check"
    found = [f"{check_name}: {row[0]}" for row in database.script(f"PRAGMA {check_name}(20)") if row[0] != "ok"]
    violations = database.script("PRAGMA foreign_key_check")
    found += [
        f"foreign key: row {row} of {table} refers to a row of {parent} that is not there"
        for table, row, parent, _ in violations[:_VIOLATIONS_SHOWN]
    ]
    if len(violations) > _VIOLATIONS_SHOWN:
        found.append(f"foreign key: {len(violations) - _VIOLATIONS_SHOWN} more rows refer to rows that are not there")
    return found


def _refuse_newer(path: Path, version: int, newest: int) -> None:
    if version > newest:
        raise SchemaTooNewError(
            f"The catalogue {path} has schema {version}, written by a newer OfflinioFS; this program knows schemas up "
            f"to {newest}. Upgrade it, or restore a copy from the store's backups folder. Nothing was changed."
        )


def _refuse_another(database: Database, version: int, migrations: Sequence[Migration]) -> None:
    problems = _record_problems(database, version, migrations)
    if problems:
        raise MigrationError(
            f"The catalogue {database.path} was made by a version of OfflinioFS that was never released, or its "
            f"records are damaged: {'; '.join(problems)}. This program cannot use it, and nothing was changed. Make a "
            "new store ('offliniofs init') and import the files again, for instance from a mount by the program that "
            "made this one; or restore a copy of the catalogue."
        )


def _apply(database: Database, migration: Migration, clock: Clock) -> None:
    try:
        with database.transaction():
            if schema_version(database) != migration.number - 1:
                raise MigrationError(f"Another process is migrating {database.path}; run it again when that has ended.")
            if migration.number == 1:
                database.script(RECORDS_TABLE)
            database.script(migration.sql)
            broken = database.script("PRAGMA foreign_key_check")
            if broken:
                raise MigrationError(f"{len(broken)} rows would refer to rows that are not there")
            database.rows(_RECORD, (migration.number, migration.name, migration.checksum, clock(), __version__))
            database.script(f"PRAGMA user_version = {migration.number}")
    except OfflinioError as error:
        raise MigrationError(
            f"Migration {migration.number:04d}_{migration.name} of {database.path} failed and was undone: {error}"
        ) from error


def _record_problems(database: Database, version: int, migrations: Sequence[Migration]) -> list[str]:
    if version > migrations[-1].number:
        return [f"the schema is {version}, newer than this program's {migrations[-1].number}"]
    if not database.script("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'"):
        return ["the table schema_migrations is missing"]
    recorded = {
        number: (name, checksum)
        for number, name, checksum in database.script("SELECT number, name, checksum FROM schema_migrations")
    }
    problems = [
        f"migration {number} is recorded but the schema is {version}" for number in sorted(recorded) if number > version
    ]
    for migration in migrations[:version]:
        if migration.number not in recorded:
            problems.append(f"migration {migration.number:04d}_{migration.name} is not recorded")
        elif recorded[migration.number] != (migration.name, migration.checksum):
            problems.append(f"migration {migration.number:04d}_{migration.name} differs from the one that was applied")
    return problems


def _object_problems(database: Database, migrations: Sequence[Migration]) -> list[str]:
    expected = expected_objects(migrations)
    actual = {name: evened(sql) for name, sql in database.script(OBJECTS)}
    problems = [f"{name} is missing" for name in sorted(expected.keys() - actual.keys())]
    problems += [f"{name} does not belong here" for name in sorted(actual.keys() - expected.keys())]
    problems += [
        f"{name} is defined differently"
        for name in sorted(expected.keys() & actual.keys())
        if expected[name] != actual[name]
    ]
    return problems


def _write_backup(database: Database, backups: Path, version: int, clock: Clock) -> Path:
    """Copies the whole catalogue, durably, and records that it did."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock() // 1_000_000_000))
    target = backups / f"catalog-{version}-{stamp}.sqlite"
    partial = target.with_name(target.name + ".part")
    try:
        backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        database.rows(Statement("VACUUM INTO ?"), (str(partial),))
        descriptor = os.open(partial, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        os.rename(partial, target)
        _sync_directory(backups)
    except OSError as error:
        raise CatalogAccessError(
            f"The copy {target} cannot be written: {error.strerror}; nothing was migrated."
        ) from error
    with database.transaction():
        database.rows(_BACKUP_MADE, (os.fsencode(target), size, clock()))
    return target


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
