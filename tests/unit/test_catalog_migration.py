"""Migrations: each alone in its transaction, recorded, checked, backed up before, refused when newer."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from offliniofs.catalog.connection import Access, open_database
from offliniofs.catalog.migration import check, create, migrate, require_current
from offliniofs.catalog.schema import Migration, shipped_migrations
from offliniofs.domain.errors import CatalogAccessError, MigrationError, SchemaTooNewError

SHIPPED = shipped_migrations()
NOTES = Migration(len(SHIPPED) + 1, "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")
MARKED = Migration(
    len(SHIPPED) + 2,
    "marked",
    "ALTER TABLE notes ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;\nCREATE INDEX notes_marked ON notes (marked);",
)
FUTURE = (*SHIPPED, NOTES, MARKED)
BROKEN = Migration(
    len(SHIPPED) + 1, "broken", "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);"
)
DANGLING = Migration(len(SHIPPED) + 1, "dangling", "INSERT INTO content_tags (tag_id, content_id) VALUES (77, 77);")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "catalog.sqlite"
    create(made, clock=lambda: 7)
    return made


def run(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_new_catalogue_is_sound_and_recorded(path: Path) -> None:
    report = check(path)
    assert report.sound
    assert (report.version, report.newest, report.pending) == (len(SHIPPED), len(SHIPPED), ())
    rows = run(path, "SELECT number, name, checksum, applied_ns FROM schema_migrations")
    assert rows == [(one.number, one.name, one.checksum, 7) for one in SHIPPED]


def test_nothing_is_left_of_a_catalogue_that_could_not_be_made(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="undone"):
        create(tmp_path / "catalog.sqlite", migrations=(*SHIPPED, BROKEN))
    assert list(tmp_path.iterdir()) == []


def test_creating_over_something_is_refused(path: Path) -> None:
    with pytest.raises(CatalogAccessError, match="already"):
        create(path)


@pytest.mark.parametrize("version", range(len(SHIPPED), len(FUTURE)))
def test_from_every_old_schema(tmp_path: Path, version: int) -> None:
    path = tmp_path / "catalog.sqlite"
    create(path, migrations=FUTURE[:version])
    run(path, "INSERT INTO tags (name) VALUES ('kept')")
    assert check(path, migrations=FUTURE).pending == tuple(f"{one.number:04d}_{one.name}" for one in FUTURE[version:])
    result = migrate(path, tmp_path / "backups", migrations=FUTURE, clock=lambda: 1_700_000_000_000_000_000)
    assert (result.before, result.after) == (version, len(FUTURE))
    assert check(path, migrations=FUTURE).sound
    assert run(path, "SELECT name FROM tags") == [("kept",)]
    assert result.backup is not None
    assert result.backup.name == f"catalog-{version}-20231114T221320Z.sqlite"
    assert result.backup.stat().st_mode & 0o777 == 0o600
    assert check(result.backup, migrations=FUTURE).version == version
    assert run(result.backup, "SELECT name FROM tags") == [("kept",)]
    assert run(path, "SELECT kind, state FROM backups") == [("migration", "done")]
    assert list(result.backup.parent.iterdir()) == [result.backup]


def test_nothing_to_do_makes_no_backup(path: Path, tmp_path: Path) -> None:
    result = migrate(path, tmp_path / "backups")
    assert result.backup is None
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("bad", [BROKEN, DANGLING])
def test_a_failing_migration_is_undone(path: Path, tmp_path: Path, bad: Migration) -> None:
    with pytest.raises(MigrationError, match=f"{bad.number:04d}_{bad.name}"):
        migrate(path, tmp_path / "backups", migrations=(*SHIPPED, bad))
    report = check(path)
    assert report.sound
    assert report.version == len(SHIPPED)
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_the_good_migrations_before_a_failing_one_stay(path: Path, tmp_path: Path) -> None:
    bad = Migration(NOTES.number + 1, "broken", "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(MigrationError):
        migrate(path, tmp_path / "backups", migrations=(*SHIPPED, NOTES, bad))
    assert check(path, migrations=(*SHIPPED, NOTES)).sound


def test_a_newer_schema_is_refused_untouched(path: Path, tmp_path: Path) -> None:
    migrate(path, tmp_path / "backups", migrations=FUTURE)
    with pytest.raises(SchemaTooNewError, match="newer OfflinioFS"):
        migrate(path, tmp_path / "more")
    database = open_database(path, Access.READ)
    with pytest.raises(SchemaTooNewError, match="Nothing was changed"):
        require_current(database)
    database.close()
    report = check(path)
    assert not report.sound
    assert report.problems == (f"the schema is {len(FUTURE)}, newer than this program's {len(SHIPPED)}",)


def test_an_older_schema_says_how_to_migrate(path: Path) -> None:
    database = open_database(path, Access.READ)
    with pytest.raises(MigrationError, match="offliniofs migrate"):
        require_current(database, FUTURE)
    database.close()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE schema_migrations SET checksum = 'x'", "differs from the one that was applied"),
        ("DELETE FROM schema_migrations", "is not recorded"),
        ("INSERT INTO schema_migrations VALUES (99, 'x', 'y', 1, 'z')", "migration 99 is recorded"),
        ("DROP TABLE schema_migrations", "table schema_migrations is missing"),
        ("DROP INDEX files_listing", "files_listing is missing"),
        ("CREATE TABLE strange (a)", "strange does not belong here"),
        ("DROP INDEX files_blob; CREATE INDEX files_blob ON files (blob_id, id)", "files_blob is defined differently"),
        ("INSERT INTO content_tags (tag_id, content_id) VALUES (1, 1)", "foreign key: row"),
    ],
)
def test_check_finds_what_is_wrong(path: Path, tmp_path: Path, sql: str, problem: str) -> None:
    run(path, sql)
    report = check(path)
    assert not report.sound
    assert any(problem in found for found in report.problems), report.problems


def test_an_unsound_catalogue_is_not_migrated(path: Path, tmp_path: Path) -> None:
    run(path, "UPDATE schema_migrations SET checksum = 'x'")
    with pytest.raises(MigrationError, match="differs from the one"):
        migrate(path, tmp_path / "backups", migrations=FUTURE)
    assert not (tmp_path / "backups").exists()


def test_many_broken_references_are_counted(path: Path) -> None:
    run(
        path,
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
        " INSERT INTO content_tags (tag_id, content_id) SELECT i, i FROM n",
    )
    assert any("more rows refer to rows that are not there" in found for found in check(path).problems)


def test_without_a_place_for_the_backup_nothing_is_migrated(path: Path, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file, not a folder")
    with pytest.raises(CatalogAccessError, match="nothing was migrated"):
        migrate(path, tmp_path / "backups", migrations=FUTURE)
    assert check(path).version == len(SHIPPED)
