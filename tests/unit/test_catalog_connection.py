"""One connection: what it allows, how it fails, what it logs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from offliniofs.catalog.connection import (
    APPLICATION_ID,
    Access,
    ConnectionSettings,
    Database,
    QueryCosts,
    open_database,
)
from offliniofs.catalog.failures import explained
from offliniofs.catalog.migration import create
from offliniofs.catalog.statements import Statement
from offliniofs.domain.errors import (
    CatalogAccessError,
    CatalogBusyError,
    CatalogCorruptError,
    CatalogError,
    OfflinioError,
    QueryTooSlowError,
    StoreFullError,
)

ADD_TAG = Statement("INSERT INTO tags (name) VALUES (?)")
TAGS = Statement("SELECT name FROM tags ORDER BY id")
ENDLESS = Statement("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "catalog.sqlite"
    create(made)
    return made


@pytest.fixture
def writing(path: Path) -> Iterator[Database]:
    database = open_database(path, Access.WRITE)
    yield database
    database.close()


@pytest.fixture
def reading(path: Path) -> Iterator[Database]:
    database = open_database(path, Access.READ)
    yield database
    database.close()


def test_a_writer_is_durable_and_strict(writing: Database) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "application_id": APPLICATION_ID,
        "mmap_size": 0,
    }
    assert {name: writing.script(f"PRAGMA {name}")[0][0] for name in wanted} == wanted


def test_the_file_is_private(path: Path) -> None:
    assert os.stat(path).st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO tags (name) VALUES ('x')",
        "DELETE FROM content",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "ATTACH '/tmp/other' AS other",
        "PRAGMA query_only = OFF",
        "PRAGMA user_version = 9",
        "PRAGMA writable_schema",
        "SELECT load_extension('x')",
        "VACUUM INTO '/tmp/copy'",
    ],
)
def test_a_reader_can_only_read(reading: Database, sql: str) -> None:
    with pytest.raises(CatalogError, match="refused"):
        reading.script(sql)


def test_a_reader_sees_commits(reading: Database, writing: Database) -> None:
    version = reading.data_version()
    assert reading.data_version() == version
    assert reading.row(TAGS) is None
    assert writing.insert(ADD_TAG, ("noir",)) == 1
    assert reading.data_version() != version
    assert reading.rows(TAGS) == [("noir",)]
    assert reading.row(TAGS) == ("noir",)


def test_many_and_changed_count_rows(writing: Database) -> None:
    writing.many(ADD_TAG, [("a",), ("b",)])
    writing.many(ADD_TAG, [])
    assert writing.changed(Statement("DELETE FROM tags")) == 2
    assert writing.value(Statement("SELECT max(id) FROM tags")) == 0
    assert writing.value(Statement("SELECT id FROM tags")) == 0


def test_a_failed_transaction_leaves_nothing(writing: Database) -> None:
    def interrupted() -> None:
        with writing.transaction():
            writing.insert(ADD_TAG, ("gone",))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(CatalogError, match="UNIQUE"), writing.transaction():
        writing.many(ADD_TAG, [("twice",), ("twice",)])
    with writing.transaction():
        writing.insert(ADD_TAG, ("kept",))
    assert writing.rows(TAGS) == [("kept",)]


def test_a_snapshot_stands_still(path: Path, writing: Database) -> None:
    other = open_database(path, Access.WRITE)
    with other.snapshot():
        assert other.rows(TAGS) == []
        writing.insert(ADD_TAG, ("later",))
        assert other.rows(TAGS) == []
    assert other.rows(TAGS) == [("later",)]
    other.close()


def test_what_is_held_stands_still_until_it_is_let_go(path: Path, writing: Database, reading: Database) -> None:
    reading.let_go()
    reading.hold()
    reading.hold()
    assert reading.rows(TAGS) == []
    version = reading.data_version()
    writing.insert(ADD_TAG, ("new",))
    assert reading.rows(TAGS) == []
    assert reading.data_version() == version
    reading.let_go()
    assert reading.rows(TAGS) == [("new",)]
    assert reading.data_version() != version


def test_a_held_connection_can_be_closed(reading: Database) -> None:
    reading.hold()
    assert reading.rows(TAGS) == []
    reading.close()
    reading.let_go()


def test_a_locked_catalogue_is_waited_for_then_reported(path: Path, writing: Database) -> None:
    impatient = open_database(path, Access.WRITE, ConnectionSettings(busy_seconds=0.01))
    with writing.transaction():
        with pytest.raises(CatalogBusyError, match="locked by another process"), impatient.transaction():
            pytest.fail("two writers at once")
        assert impatient.rows(TAGS) == []
    with impatient.transaction():
        impatient.insert(ADD_TAG, ("now",))
    impatient.close()


def test_a_slow_statement_is_logged_with_fields(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = open_database(path, Access.READ, ConnectionSettings(slow_seconds=0.0))
    with caplog.at_level(logging.WARNING, logger="offliniofs.catalog.connection"):
        database.rows(TAGS)
    (record,) = caplog.records
    assert vars(record)["sql"] == TAGS.sql
    assert vars(record)["rows"] == 0
    assert vars(record)["duration_ms"] > 0
    costs = database.costs()
    assert (costs.queries, costs.slow) == (1, 1)
    assert costs.total_ns == costs.longest_ns > 0
    database.close()


def test_fast_statements_are_not_logged(reading: Database, caplog: pytest.LogCaptureFixture) -> None:
    reading.rows(TAGS)
    assert caplog.records == []
    assert reading.costs().slow == 0


def test_costs_add_up() -> None:
    assert QueryCosts(1, 0, 5, 5) + QueryCosts(2, 1, 9, 8) == QueryCosts(3, 1, 14, 8)


def test_an_endless_query_is_stopped(path: Path) -> None:
    database = open_database(path, Access.READ, ConnectionSettings(query_seconds=0.01))
    with pytest.raises(QueryTooSlowError, match="too long"):
        database.rows(ENDLESS)
    assert database.rows(TAGS) == []
    database.close()


def test_a_missing_catalogue_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CatalogAccessError, match="offliniofs init"):
        open_database(tmp_path / "none.sqlite", Access.READ)


def test_a_file_of_another_kind_is_no_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"this is a text, and longer than a header of SQLite would be" * 40)
    for access in (Access.READ, Access.WRITE):
        with pytest.raises(CatalogCorruptError, match="damaged or is not"):
            open_database(path, access)


def test_a_database_of_another_program_is_no_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (a)").fetchall()
    connection.close()
    with pytest.raises(CatalogCorruptError, match="another program"):
        open_database(path, Access.READ)


def test_a_damaged_page_is_reported_as_damage(path: Path) -> None:
    connection = apsw.Connection(str(path))
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tags'").fetchall()
    connection.close()
    with path.open("r+b") as file:
        file.seek((int(str(page)) - 1) * 4096)
        file.write(b"\xff" * 4096)
    database = open_database(path, Access.READ)
    with pytest.raises(CatalogCorruptError, match="backups folder"):
        database.rows(TAGS)
    database.close()


def test_a_folder_that_is_missing_cannot_hold_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogAccessError, match="cannot be made"):
        open_database(tmp_path / "none" / "catalog.sqlite", Access.CREATE)


def test_what_is_there_is_not_made_again(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CatalogAccessError, match="already"):
        open_database(path, Access.CREATE)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (apsw.FullError(), StoreFullError),
        (apsw.IOError(), CatalogAccessError),
        (apsw.ReadOnlyError(), CatalogAccessError),
        (apsw.LockedError(), CatalogBusyError),
        (apsw.NotADBError(), CatalogCorruptError),
        (apsw.SQLError("near x"), CatalogError),
    ],
)
def test_errors_have_names_of_ours(error: apsw.Error, kind: type[OfflinioError]) -> None:
    found = explained(error, Path("/store/catalog.sqlite"))
    assert type(found) is kind
    assert "/store/catalog.sqlite" in str(found)


def test_closing_twice_does_no_harm(path: Path) -> None:
    database = open_database(path, Access.READ)
    database.close()
    database.close()
    with pytest.raises(CatalogError):
        database.rows(TAGS)
