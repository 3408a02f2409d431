"""How SQLite runs every statement of this room: by key, or along an index that the statement names."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import apsw
import pytest

import offliniofs.catalog
from offliniofs.catalog.integrity import EVERYTHING
from offliniofs.catalog.migration import create
from offliniofs.catalog.selection import (
    IDS,
    any_statement,
    named_statement,
    page_of_kind_statement,
    page_statement,
    totals_statement,
)
from offliniofs.catalog.statements import Statement
from offliniofs.domain.listing import Facet
from offliniofs.query.conditions import VIEWS_INDEX

FACETS = sorted(set(Facet) - {Facet.SAVED})
SCAN = re.compile(r"SCAN ([^\s(]\S*)(?: USING (?:COVERING )?INDEX (\S+))?")
"""A subquery's rows are walked too (``SCAN (subquery-1)``); how they came about is a line of its own."""

NEVER_READ_WHOLE = {
    "content",
    "files",
    "blobs",
    "people",
    "content_genres",
    "content_resolutions",
    "change_log",
    "c",
    "f",
}


def constants(value: object, name: str) -> Iterator[tuple[str, Statement]]:
    """Statements in a module's constant: itself one, or a table of them."""
    if isinstance(value, Statement):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from constants(inner, f"{name}[{key}]")
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from constants(inner, f"{name}[{position}]")


def of_modules() -> Iterator[tuple[str, Statement]]:
    """Every statement that is a constant of a module of the catalogue."""
    for module in pkgutil.iter_modules(offliniofs.catalog.__path__):
        loaded = importlib.import_module(f"offliniofs.catalog.{module.name}")
        for name, value in vars(loaded).items():
            yield from constants(value, f"{module.name}.{name}")


def of_selections() -> Iterator[tuple[str, Statement]]:
    """The statements of every selection of up to two conditions, and some of three."""
    orders: list[tuple[Facet, ...]] = [(facet,) for facet in FACETS]
    orders += list(itertools.product(FACETS, repeat=2))
    orders += [(Facet.GENRE, Facet.YEAR, Facet.QUALITY), (IDS, Facet.GENRE, Facet.UNWATCHED)]
    for facets in orders:
        label = "+".join(facets)
        yield f"page {label}", page_statement(facets[0], facets[1:])
        yield f"page of kind {label}", page_of_kind_statement(facets[0], facets[1:])
        yield f"any {label}", any_statement(facets[0], facets[1:])
        yield f"totals {label}", totals_statement(facets[0], facets[1:])
        yield f"named {label}", named_statement(facets)
    yield "page of all", page_statement(None, ())
    yield "page of kind of all", page_of_kind_statement(None, ())
    yield "named of all", named_statement(())


STATEMENTS = dict(of_modules())
SELECTIONS = dict(of_selections())


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[apsw.Connection]:
    path: Path = tmp_path_factory.mktemp("plans") / "catalog.sqlite"
    create(path)
    opened = apsw.Connection(str(path))
    yield opened
    opened.close()


def plan(connection: apsw.Connection, sql: str) -> list[str]:
    """What EXPLAIN QUERY PLAN says, a line each."""
    for count in range(64):
        try:
            return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * count)]
        except apsw.BindingsError:
            continue
    raise AssertionError(f"too many bindings: {sql}")


def walks(connection: apsw.Connection, statement: Statement) -> list[str]:
    """What the statement walks from end to end without saying so."""
    if statement.scans == EVERYTHING or statement.sql.startswith(("PRAGMA", "VACUUM")):
        return []
    found = []
    for line in plan(connection, statement.sql):
        matched = SCAN.match(line)
        if matched and line != "SCAN CONSTANT ROW" and not {matched[1], matched[2]} & set(statement.scans):
            found.append(line)
    return found


def test_the_modules_were_found() -> None:
    assert len(STATEMENTS) > 120
    assert "reader_listing.SHELF_PAGE" in STATEMENTS
    assert "merging.SET_SCALARS[plot]" in STATEMENTS


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_walks_a_table(connection: apsw.Connection, name: str) -> None:
    assert walks(connection, STATEMENTS[name]) == []


def test_no_selection_walks_a_table(connection: apsw.Connection) -> None:
    wrong = {name: found for name, statement in SELECTIONS.items() if (found := walks(connection, statement))}
    assert wrong == {}


def test_only_the_checks_may_read_everything() -> None:
    whole = {name.partition(".")[0] for name, statement in STATEMENTS.items() if statement.scans == EVERYTHING}
    assert whole == {"integrity"}
    named = {scan for statement in (*STATEMENTS.values(), *SELECTIONS.values()) for scan in statement.scans}
    assert not named & NEVER_READ_WHOLE


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("reader_listing.SHELF_PAGE", "SEARCH c USING INDEX content_shelf_listing (shelf=? AND id>?)"),
        ("reader_listing.CHILDREN_PAGE", "SEARCH c USING INDEX content_child_listing (parent_id=? AND id>?)"),
        ("reader_listing.FILES_PAGE", "SEARCH f USING INDEX files_listing (folder_id=? AND id>?)"),
    ],
)
def test_pages_come_in_order_from_their_index(connection: apsw.Connection, name: str, index: str) -> None:
    lines = plan(connection, STATEMENTS[name].sql)
    assert lines[0] == index
    assert not any("TEMP B-TREE" in line for line in lines)


def reads_table(connection: apsw.Connection, sql: str, table: str) -> bool:
    """Whether a column of the table itself is read, as opposed to one of its indexes.

    A plan says COVERING only when the index has all columns that are named; the condition of a partial index is not
    evaluated again, so the code tells more.
    """
    ((root,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
    count = next(count for count in range(64) if _binds(connection, sql, count))
    code = [row[1:4] for row in connection.execute(f"EXPLAIN {sql}", (None,) * count)]
    cursors = {first for operation, first, second in code if operation == "OpenRead" and second == root}
    return any(
        operation in ("Column", "FinishSeek", "SeekRowid", "NotExists") and first in cursors
        for operation, first, _ in code
    )


def _binds(connection: apsw.Connection, sql: str, count: int) -> bool:
    try:
        connection.execute(f"EXPLAIN {sql}", (None,) * count).fetchall()
    except apsw.BindingsError:
        return False
    return True


def test_reading_a_table_is_noticed(connection: apsw.Connection) -> None:
    assert reads_table(connection, "SELECT plot FROM content WHERE shelf = 'x' AND deleted_ns IS NULL", "content")
    assert reads_table(connection, "SELECT plot FROM content WHERE id = ?", "content")


def test_listings_of_directories_read_no_wide_row(connection: apsw.Connection) -> None:
    for name in ("SHELF_PAGE", "CHILDREN_PAGE"):
        assert not reads_table(connection, STATEMENTS[f"reader_listing.{name}"].sql, "content")


@pytest.mark.parametrize("facet", [None, *sorted(set(FACETS) - {IDS, Facet.RECENT})])
def test_pages_of_titles_are_not_sorted_and_read_no_wide_row(connection: apsw.Connection, facet: Facet | None) -> None:
    sql = page_statement(facet, ()).sql
    assert not any("TEMP B-TREE" in line for line in plan(connection, sql))
    assert not reads_table(connection, sql, "content")


def test_facets_in_one_another_come_in_order_and_read_no_wide_row(connection: apsw.Connection) -> None:
    page, totals = STATEMENTS["selection.INDEXED_PAGE"].sql, STATEMENTS["selection.INDEXED_TOTALS"].sql
    for sql in (page, totals):
        first, second = plan(connection, sql)
        assert first.startswith("SCAN s VIRTUAL TABLE INDEX")
        assert second.startswith("SEARCH c USING")
        assert not reads_table(connection, sql, "content")


@pytest.mark.parametrize("driver", [None, *sorted(set(FACETS) - {Facet.RECENT})])
def test_totals_are_added_up_along_the_narrowest_index(connection: apsw.Connection, driver: Facet | None) -> None:
    for sql in (totals_statement(driver, ()).sql, STATEMENTS["selection.INDEXED_TOTALS"].sql):
        lines = plan(connection, sql)
        assert any(re.match(r"(SCAN|SEARCH) c USING (COVERING )?INDEX content_total", line) for line in lines)
        assert not reads_table(connection, sql, "content")


def test_views_are_read_along_their_index(connection: apsw.Connection) -> None:
    sql = f"SELECT DISTINCT content_id FROM {VIEWS_INDEX} WHERE views >= 5 ORDER BY content_id DESC LIMIT 200"
    assert plan(connection, sql)[0].startswith(
        "SEARCH content_statistics USING COVERING INDEX content_statistics_views (views>"
    )
