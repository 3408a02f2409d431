"""A catalogue made of search records, in memory, for the tests that compare SQL with the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import apsw

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.connection import ConnectionSettings, Database
from offliniofs.catalog.schema import shipped_migrations
from offliniofs.catalog.search import finds_any
from offliniofs.catalog.search_text import INSERT_TEXT, facet_words
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.query.ast import Query
from offliniofs.query.compile import Condition
from offliniofs.query.facet_words import title_words
from offliniofs.query.record import SearchRecord
from offliniofs.query.text import index_text

NOW_NS = 1_700_000_000 * 10**9
SHELVES = {
    ContentKind.MOVIE: "movies",
    ContentKind.SERIES: "series",
    ContentKind.ALBUM: "music",
    ContentKind.OTHER: "other",
}


def empty_catalog() -> Database:
    """A catalogue with this program's schema and nothing in it."""
    connection = apsw.Connection(":memory:")
    database = Database(connection, Path(":memory:"), ConnectionSettings())
    database.script("".join(migration.sql for migration in shipped_migrations()))
    return database


def is_found(database: Database, query: Query, content_id: int, *conditions: Condition) -> bool:
    """Whether a search finds that title, whatever its place among the results."""
    only = Condition("(c.id = ?)", (content_id,))
    return finds_any(database, query, now_ns=NOW_NS, conditions=(only, *conditions), seconds=60.0)


def fill(database: Database, records: Sequence[SearchRecord]) -> None:
    """Makes the catalogue hold these titles and nothing else; the first has id 1."""
    for table in ("content", "genres", "tags", "collections", "search_index"):
        database.rows(Statement(f"DELETE FROM {table}"))
    database.script("DELETE FROM content_genres; DELETE FROM content_tags; DELETE FROM collection_content")
    database.script("DELETE FROM content_resolutions; DELETE FROM content_statistics")
    for content_id, record in enumerate(records, 1):
        _add(database, content_id, record)


def _add(database: Database, content_id: int, record: SearchRecord) -> None:
    languages = f" {' '.join(sorted(record.languages))} " if record.languages else ""
    name = f"{record.title} ({content_id})"
    database.rows(
        Statement(
            "INSERT INTO content (id, kind, title_id, shelf, folder_name, title_name, title, sort_title, year,"
            " languages, favourite, quality_rank, total_size, added_ns, modified_ns)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ),
        (
            content_id,
            record.kind.value,
            content_id,
            SHELVES[record.kind],
            name,
            name,
            record.title,
            sort_key(record.title),
            record.year,
            languages,
            int(record.favourite),
            record.quality_rank,
            record.total_size,
            record.added_ns,
            record.added_ns,
        ),
    )
    database.rows(
        Statement("INSERT INTO content_statistics (content_id, views) VALUES (?, ?)"), (content_id, record.views)
    )
    for table, link, names in (
        ("genres", "content_genres (genre_id", record.genres),
        ("tags", "content_tags (tag_id", record.tags),
        ("collections", "collection_content (collection_id", record.collections),
    ):
        for one in names:
            _link(database, content_id, table, link, one)
    for resolution in record.resolutions:
        database.rows(
            Statement("INSERT INTO content_resolutions (resolution, content_id) VALUES (?, ?)"),
            (resolution, content_id),
        )
    texts = [index_text(column) for column in record.columns]
    facets = " ".join((*facet_words(database, content_id), *title_words(*record.columns[:2])))
    database.rows(INSERT_TEXT, (content_id, *texts, facets))


def _link(database: Database, content_id: int, table: str, link: str, name: str) -> None:
    columns, marks, values = {
        "genres": ("name, folder_name", "?, ?", (name, name)),
        "tags": ("name", "?", (name,)),
        "collections": ("name, folder_name, created_ns", "?, ?, ?", (name, name, NOW_NS)),
    }[table]
    database.rows(Statement(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"), values)
    row = database.row(Statement(f"SELECT id FROM {table} WHERE name = ?"), (name,))
    assert row is not None
    database.rows(Statement(f"INSERT INTO {link}, content_id) VALUES (?, ?)"), (row[0], content_id))
