"""One connection to the catalogue: how it is opened, timed and guarded.

A writer's connection is durable (``synchronous=FULL``: a commit is on disk when it returns), a reader's can do
nothing but read: it is opened read-only and an authorizer refuses whatever is not part of a SELECT. Statements that
take longer than a threshold are logged with their SQL and duration. The settings: https://www.sqlite.org/pragma.html.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from time import perf_counter_ns
from urllib.parse import quote

import apsw

from offliniofs.catalog.failures import explained
from offliniofs.catalog.statements import Bindings, Row, Statement
from offliniofs.domain.errors import CatalogAccessError, CatalogCorruptError, OfflinioError

APPLICATION_ID = 0x4F666673
"""``Offs``: SQLite's ``application_id`` of a catalogue."""

LOG = logging.getLogger(__name__)

_MEBIBYTE = 1024 * 1024
_PROGRESS_STEPS = 200_000
"""Virtual machine steps between looks at the clock: some milliseconds."""

_DATA_VERSION = Statement("PRAGMA data_version")
_PAGE_SIZE = Statement("PRAGMA page_size")
_ALLOWED = frozenset(
    {apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}  # what a SELECT is made of
)
_ALLOWED_PRAGMAS = frozenset({"data_version", "page_size", "user_version"})
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


class Access(Enum):
    """What a connection is for."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Limits of one connection.

    ``busy_seconds``: how long to wait for another process's lock. ``slow_seconds``: from when on a statement is logged.
    ``query_seconds``: when a reader's statement is stopped. ``cache_bytes`` and ``mapped_bytes`` bound its memory.
    """

    busy_seconds: float = 10.0
    slow_seconds: float = 0.1
    query_seconds: float = 30.0
    cache_bytes: int = 8 * _MEBIBYTE
    mapped_bytes: int = 0


@dataclass(frozen=True, slots=True)
class QueryCosts:
    """What statements cost so far, in nanoseconds; ``slow`` counts those over the threshold."""

    queries: int = 0
    slow: int = 0
    total_ns: int = 0
    longest_ns: int = 0

    def __add__(self, other: QueryCosts) -> QueryCosts:
        return QueryCosts(
            self.queries + other.queries,
            self.slow + other.slow,
            self.total_ns + other.total_ns,
            max(self.longest_ns, other.longest_ns),
        )


class Database:
    """An open connection. Used by one thread at a time; every method raises errors of ``domain/errors.py`` only."""

    __slots__ = (
        "_begun_ns",
        "_connection",
        "_deadline_ns",
        "_execute",
        "_holds",
        "_limit_ns",
        "_longest_ns",
        "_queries",
        "_slow",
        "_slow_ns",
        "_total_ns",
        "identity",
        "path",
    )

    def __init__(self, connection: apsw.Connection, path: Path, settings: ConnectionSettings) -> None:
        self._connection = connection
        self._execute = connection.cursor().execute
        self._holds = False
        self._slow_ns = int(settings.slow_seconds * 1e9)
        self._limit_ns = int(settings.query_seconds * 1e9)
        self._begun_ns = 0
        self._deadline_ns: int | None = None
        self._queries = self._slow = self._total_ns = self._longest_ns = 0
        self.path = path
        self.identity = file_identity(path)
        """Device and inode of the file when it was opened: another one later means the file was replaced."""

    def rows(self, statement: Statement, bindings: Bindings = ()) -> list[Row]:
        """Every row of the answer."""
        self._begun_ns = begun = perf_counter_ns()
        try:
            found: list[Row] = self._execute(statement.sql, bindings).fetchall()
        except apsw.Error as error:
            raise explained(error, self.path) from error
        duration_ns = perf_counter_ns() - begun
        self._queries += 1
        self._total_ns += duration_ns
        if duration_ns > self._longest_ns or duration_ns > self._slow_ns:
            self._note_length(statement, duration_ns, len(found))
        return found

    def each(self, statement: Statement) -> Iterator[Row]:
        """The rows of a long answer, one after the other, none of them kept."""
        self._begun_ns = perf_counter_ns()
        try:
            yield from self._connection.execute(statement.sql)
        except apsw.Error as error:
            raise explained(error, self.path) from error

    def row(self, statement: Statement, bindings: Bindings = ()) -> Row | None:
        """The first row of the answer, if there is one."""
        found = self.rows(statement, bindings)
        return found[0] if found else None

    def value(self, statement: Statement, bindings: Bindings = ()) -> int:
        """The first column of the first row, a number; 0 where there is none."""
        found = self.rows(statement, bindings)
        return int(found[0][0] or 0) if found else 0

    def insert(self, statement: Statement, bindings: Bindings) -> int:
        """Runs an INSERT and returns the row's id."""
        self.rows(statement, bindings)
        return self._connection.last_insert_rowid()

    def changed(self, statement: Statement, bindings: Bindings = ()) -> int:
        """Runs an INSERT, UPDATE or DELETE and returns how many rows it changed."""
        self.rows(statement, bindings)
        return self._connection.changes()

    def total_changes(self) -> int:
        """How many rows this connection has changed since it was opened, those behind a virtual table too."""
        return self._connection.total_changes()

    def many(self, statement: Statement, bindings: Sequence[Bindings]) -> None:
        """Runs a statement once for each of ``bindings``."""
        if not bindings:
            return
        self._begun_ns = begun = perf_counter_ns()
        try:
            self._connection.executemany(statement.sql, bindings)
        except apsw.Error as error:
            raise explained(error, self.path) from error
        duration_ns = perf_counter_ns() - begun
        self._queries += 1
        self._total_ns += duration_ns
        self._note_length(statement, duration_ns, len(bindings))

    def script(self, sql: str) -> list[Row]:
        """Runs any number of statements: migrations and settings, never what a user asked for."""
        try:
            found: list[Row] = self._connection.execute(sql).fetchall()
        except apsw.Error as error:
            raise explained(error, self.path) from error
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One IMMEDIATE transaction: committed at the end, rolled back when anything is raised inside.

        Raises ``CatalogBusyError`` when another process holds the write lock for longer than ``busy_seconds``.
        """
        self.script("BEGIN IMMEDIATE")
        try:
            yield
            self.script("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.script("ROLLBACK")
            raise

    def session(self) -> apsw.Session:
        """A recorder of what this connection changes from now on; to be closed."""
        return apsw.Session(self._connection, "main")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one and the same state of the catalogue."""
        self.script("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self.script("ROLLBACK")

    def hold(self) -> None:
        """Until :meth:`let_go`, all reads see the catalogue as the first of them finds it.

        A read alone takes and gives back a lock on the file, which costs more than finding a row. Not for long: what
        others commit meanwhile stays unseen, and the write-ahead log cannot shrink.
        """
        if not self._holds:
            self.script("BEGIN")
            self._holds = True

    def let_go(self) -> None:
        """Later reads see the catalogue as it is then. Does nothing where nothing is held."""
        if self._holds:
            self._holds = False
            if self._connection.in_transaction:
                self.script("ROLLBACK")

    def data_version(self) -> int:
        """A number that is another one after every commit of another connection, in any process."""
        return self.value(_DATA_VERSION)

    def page_size(self) -> int:
        """Bytes of one page of the file."""
        return self.value(_PAGE_SIZE)

    def close(self) -> None:
        """Closes the connection; more than once does no harm."""
        self._holds = False
        self._connection.close(force=True)

    def stop_by(self, deadline_ns: int) -> None:
        """From then on (``perf_counter_ns``) a reader's statement of more than some milliseconds is stopped.

        May be called in any thread.
        """
        self._deadline_ns = deadline_ns

    def overdue(self) -> bool:
        """Whether the running statement has used up its time (asked by SQLite while it runs)."""
        now_ns = perf_counter_ns()
        if self._deadline_ns is not None and now_ns > self._deadline_ns:
            return True
        return now_ns - self._begun_ns > self._limit_ns

    def costs(self) -> QueryCosts:
        """What this connection's statements cost so far."""
        return QueryCosts(self._queries, self._slow, self._total_ns, self._longest_ns)

    def _note_length(self, statement: Statement, duration_ns: int, rows: int) -> None:
        if duration_ns > self._longest_ns:
            self._longest_ns = duration_ns
        if duration_ns > self._slow_ns:
            self._slow += 1
            milliseconds = duration_ns / 1e6
            details = {"sql": " ".join(statement.sql.split()), "duration_ms": milliseconds, "rows": rows}
            LOG.warning("slow query: %.1f ms: %s", milliseconds, details["sql"], extra=details)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file at ``path``, ``None`` when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_database(path: Path, access: Access, settings: ConnectionSettings | None = None) -> Database:
    """Opens the catalogue at ``path``.

    Raises ``CatalogAccessError`` when there is none (or, for ``CREATE``, when there is one), ``CatalogCorruptError``
    when the file is something else. Says nothing about the schema's version: see :mod:`offliniofs.catalog.migration`.
    """
    settings = settings or ConnectionSettings()
    if access is Access.CREATE:
        _create_file(path)
    elif not path.is_file():
        raise CatalogAccessError(f"There is no catalogue at {path}; make one with 'offliniofs init'.")
    flags = apsw.SQLITE_OPEN_READONLY if access is Access.READ else apsw.SQLITE_OPEN_READWRITE
    name = str(path)
    if access is Access.READ and _cannot_change(path):
        name = f"file:{quote(os.fsencode(path.absolute()))}?immutable=1"
        flags |= apsw.SQLITE_OPEN_URI
    try:
        connection = apsw.Connection(name, flags=flags, statementcachesize=256)
    except apsw.Error as error:
        raise explained(error, path) from error
    database = Database(connection, path, settings)
    try:
        _configure(connection, access, settings)
        if access is not Access.CREATE:
            _recognise(database)
        if access is Access.READ:
            connection.set_progress_handler(database.overdue, _PROGRESS_STEPS)
            connection.set_authorizer(_authorize_reading)
    except apsw.Error as error:
        database.close()
        raise explained(error, path) from error
    except OfflinioError:
        database.close()
        raise
    return database


def _cannot_change(path: Path) -> bool:
    """Whether the file lies on a read-only filesystem and is whole without a write-ahead log.

    SQLite then needs no locks and no ``-shm`` file, which it could not make there
    (https://www.sqlite.org/wal.html#read_only_databases). With a log it reads on the ordinary way, from the ``-shm``
    file that lies beside it.
    """
    try:
        if not os.statvfs(path).f_flag & os.ST_RDONLY:
            return False
        return os.stat(f"{path}-wal").st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _create_file(path: Path) -> None:
    """Makes the file private from its first moment: SQLite alone would follow the umask."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise CatalogAccessError(f"There is a file at {path} already; nothing was changed.") from None
    except OSError as error:
        raise CatalogAccessError(f"The catalogue {path} cannot be made: {error.strerror}.") from error


def _configure(connection: apsw.Connection, access: Access, settings: ConnectionSettings) -> None:
    connection.set_busy_timeout(int(settings.busy_seconds * 1000))
    for option, on in (
        (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
        (apsw.SQLITE_DBCONFIG_DQS_DML, 0),
        (apsw.SQLITE_DBCONFIG_DQS_DDL, 0),
        # plans do not depend on what is bound, so a join is not planned again for every new value: 8 µs instead of 22
        (apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1),
    ):
        connection.config(option, on)
    pragmas = [
        "cell_size_check = ON",
        "temp_store = MEMORY",
        f"cache_size = -{settings.cache_bytes // 1024}",
        f"mmap_size = {settings.mapped_bytes}",
    ]
    if access is Access.READ:
        pragmas.append("query_only = ON")
    else:
        # readers go on while the one writer writes; a log grown by a big import shrinks again
        pragmas += [
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "wal_autocheckpoint = 4000",
            f"journal_size_limit = {64 * _MEBIBYTE}",
        ]
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _recognise(database: Database) -> None:
    found = database.script("PRAGMA application_id")[0][0]
    if found != APPLICATION_ID:
        raise CatalogCorruptError(
            f"{database.path} is a database of another program (application id {found:#x}); name the right store."
        )


def _authorize_reading(
    operation: int, first: str | None, second: str | None, _schema: str | None, _source: str | None
) -> int:
    if operation == apsw.SQLITE_PRAGMA:
        return apsw.SQLITE_OK if first in _ALLOWED_PRAGMAS and second is None else apsw.SQLITE_DENY
    if operation == apsw.SQLITE_TRANSACTION:
        return apsw.SQLITE_OK
    if operation == apsw.SQLITE_FUNCTION and second in _REFUSED_FUNCTIONS:
        return apsw.SQLITE_DENY
    return apsw.SQLITE_OK if operation in _ALLOWED else apsw.SQLITE_DENY
