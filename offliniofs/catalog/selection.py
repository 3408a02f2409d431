"""Selections of titles as SQL.

A selection is a set of conditions. One of them *drives*: its index is walked in order of title id, and each title it
gives is tested against the others by key. The caller names the condition that holds the fewest titles as the driver.
Several conditions that the full-text index knows as facet words are met there instead (:func:`indexed_selection`): two
halves of the library that share little are never walked title by title. Everything reads titles from the index
``content_title_listing``, never from the wide rows of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.query.facet_words import FacetWord

IDS = Facet.SEARCH
"""Searches, saved or not, arrive here as the list of the titles they found: a JSON array of ids."""

_LIVE = "c.title_name IS NOT NULL AND c.deleted_ns IS NULL"
_NEWEST = (
    "SELECT id FROM content INDEXED BY content_added WHERE title_name IS NOT NULL AND deleted_ns IS NULL"
    " ORDER BY added_ns DESC, id LIMIT ?"
)
_COLUMNS = "c.id, c.kind, c.title_name, c.modified_ns"
_MATCHED = f"FROM search_index s CROSS JOIN content c INDEXED BY {{index}} ON c.id = s.rowid AND {_LIVE}"

INDEXED_PAGE = Statement(
    f"""SELECT {_COLUMNS} {_MATCHED.format(index="content_title_listing")}
    WHERE search_index MATCH ? AND s.rowid > ? ORDER BY s.rowid LIMIT ?""",
    scans=("s",),
)
INDEXED_TOTALS = Statement(
    f"SELECT count(*), sum(c.total_size) {_MATCHED.format(index='content_total')} WHERE search_index MATCH ?",
    scans=("s",),
)
INDEXED_ANY = Statement("SELECT 1 FROM search_index WHERE search_index MATCH ? LIMIT 1", scans=("search_index",))

_WORDS: Mapping[Facet, FacetWord] = MappingProxyType(
    {
        Facet.GENRE: FacetWord.GENRE,
        Facet.COLLECTION: FacetWord.COLLECTION,
        Facet.QUALITY: FacetWord.RESOLUTION,
        Facet.YEAR: FacetWord.YEAR,
        Facet.FAVOURITES: FacetWord.FAVOURITE,
        Facet.UNWATCHED: FacetWord.UNWATCHED,
    }
)


@dataclass(frozen=True, slots=True)
class _Condition:
    """How one facet narrows titles: what it walks when it drives, and how it tests one title ``{id}``."""

    table: str
    identifier: str
    drive: str
    test: str
    valued: bool


def _membership(table: str, key: str) -> _Condition:
    return _Condition(
        f"{table} d",
        "d.content_id",
        f"d.{key} = ?",
        f"EXISTS (SELECT 1 FROM {table} t WHERE t.{key} = ? AND t.content_id = {{id}})",
        valued=True,
    )


_CONDITIONS: Mapping[Facet, _Condition] = MappingProxyType(
    {
        Facet.GENRE: _membership("content_genres", "genre_id"),
        Facet.COLLECTION: _membership("collection_content", "collection_id"),
        Facet.QUALITY: _membership("content_resolutions", "resolution"),
        Facet.YEAR: _Condition(
            "content d INDEXED BY content_year_listing",
            "d.id",
            "d.year = ? AND d.title_name IS NOT NULL AND d.deleted_ns IS NULL",
            "EXISTS (SELECT 1 FROM content t INDEXED BY content_year_listing"
            " WHERE t.year = ? AND t.id = {id} AND t.title_name IS NOT NULL AND t.deleted_ns IS NULL)",
            valued=True,
        ),
        Facet.FAVOURITES: _Condition(
            "content d INDEXED BY content_favourite",
            "d.id",
            "d.favourite = 1 AND d.title_name IS NOT NULL AND d.deleted_ns IS NULL",
            "EXISTS (SELECT 1 FROM content t INDEXED BY content_favourite WHERE t.id = {id} AND t.favourite = 1"
            " AND t.title_name IS NOT NULL AND t.deleted_ns IS NULL)",
            valued=False,
        ),
        Facet.UNWATCHED: _Condition(
            "content_statistics d INDEXED BY content_statistics_views",
            "d.content_id",
            "d.views = 0",
            "EXISTS (SELECT 1 FROM content_statistics t INDEXED BY content_statistics_views"
            " WHERE t.views = 0 AND t.content_id = {id})",
            valued=False,
        ),
        Facet.RECENT: _Condition(f"({_NEWEST}) d", "d.id", "1", f"{{id}} IN ({_NEWEST})", valued=True),
        IDS: _Condition("json_each(?) d", "d.value", "1", "{id} IN (SELECT value FROM json_each(?))", valued=True),
    }
)


def is_valued(facet: Facet) -> bool:
    """Whether a condition of this facet binds a value; that of ``recent`` is how many titles are new."""
    return _CONDITIONS[facet].valued


def test_of(facet: Facet) -> str:
    """The test of one title, the row ``c`` of ``content``; it binds the facet's value."""
    return _CONDITIONS[facet].test.format(id="c.id")


def indexed_test(part: FacetValue) -> str | None:
    """The FTS5 expression of the titles for which a condition holds; ``None`` where the index has no word for it."""
    word = _WORDS.get(part.facet)
    if word is None:
        return None
    value = "" if part.key is None else part.key
    return word.expression((f"{value}p" if part.facet is Facet.QUALITY else value,))


def indexed_selection(selection: Iterable[FacetValue], kind: ContentKind | None = None) -> str | None:
    """The FTS5 expression of the titles of several conditions (and a kind), ``None`` unless the index knows all."""
    tests = [indexed_test(part) for part in selection]
    if kind is not None:
        tests.append(FacetWord.KIND.expression((kind.value,)))
    from offliniofs.query.compile import indexed_conjunction

    known = [test for test in tests if test is not None]
    return indexed_conjunction(known, ())[0] if 1 < len(known) == len(tests) else None


def indexed_remainder(part: FacetValue, others: Iterable[FacetValue]) -> str | None:
    """The FTS5 expression of the titles for which one condition holds, but not all of the others do; ``None`` unless
    the index knows all."""
    from offliniofs.query.compile import indexed_conjunction

    test, unwanted = indexed_test(part), [indexed_test(other) for other in others]
    known = [other for other in unwanted if other is not None]
    if test is None or not known or len(known) < len(unwanted):
        return None
    return f"({test} NOT {indexed_conjunction(known, ())[0]})"


def _walk(
    columns: str, driver: Facet | None, tests: tuple[Facet, ...], *, after: bool, index: str = "content_title_listing"
) -> tuple[str, str]:
    """A SELECT over the driver's titles that pass the tests, without its end; and the column of their ids.

    The tests ask about the driver's own column, so that they come before the title is looked up.
    """
    if driver is None:
        identifier = "c.id"
        source = f"content c INDEXED BY {index} WHERE {_LIVE}"
    else:
        condition = _CONDITIONS[driver]
        identifier = condition.identifier
        source = (
            f"{condition.table} CROSS JOIN content c INDEXED BY {index}"
            f" ON c.id = {identifier} AND {_LIVE} WHERE {condition.drive}"
        )
    narrowed = f" AND {identifier} > ?" if after else ""
    narrowed += "".join(f" AND {_CONDITIONS[facet].test.format(id=identifier)}" for facet in tests)
    return f"SELECT {columns} FROM {source}{narrowed}", identifier


def _scans(*facets: Facet | None) -> tuple[str, ...]:
    """What a selection of these may walk: the newest titles, the favourites, or the ids it was given."""
    found = {
        Facet.RECENT: ("content_added", "d"),
        Facet.FAVOURITES: ("content_favourite",),
        IDS: ("json_each", "d", "t"),
    }
    return tuple(name for facet in facets if facet in found for name in found[facet])


@lru_cache(maxsize=512)
def page_statement(driver: Facet | None, tests: tuple[Facet, ...]) -> Statement:
    """A page of titles. Binds the driver's value, the id it starts after, the tests' values, the limit."""
    walk, identifier = _walk(_COLUMNS, driver, tests, after=True)
    return Statement(f"{walk} ORDER BY {identifier} LIMIT ?", _scans(driver, *tests))


@lru_cache(maxsize=512)
def page_of_kind_statement(driver: Facet | None, tests: tuple[Facet, ...]) -> Statement:
    """As :func:`page_statement`, of one kind: its value is bound before the limit."""
    walk, identifier = _walk(_COLUMNS, driver, tests, after=True)
    return Statement(f"{walk} AND c.kind = ? ORDER BY {identifier} LIMIT ?", _scans(driver, *tests))


@lru_cache(maxsize=512)
def named_statement(tests: tuple[Facet, ...]) -> Statement:
    """The title of a name, if it passes the tests. Binds the name, then the tests' values."""
    conditions = "".join(f" AND {test_of(facet)}" for facet in tests)
    return Statement(
        f"SELECT {_COLUMNS} FROM content c INDEXED BY content_title_name"
        f" WHERE c.title_name = ? AND c.deleted_ns IS NULL{conditions}",
        _scans(*tests),
    )


@lru_cache(maxsize=512)
def any_statement(driver: Facet | None, tests: tuple[Facet, ...]) -> Statement:
    """Whether there is a title at all. Binds the driver's value and the tests' values."""
    walk, _ = _walk("1", driver, tests, after=False)
    return Statement(f"{walk} LIMIT 1", _scans(driver, *tests))


@lru_cache(maxsize=512)
def totals_statement(driver: Facet | None, tests: tuple[Facet, ...]) -> Statement:
    """Number of titles and bytes of their files. Binds the driver's value and the tests' values."""
    walk, _ = _walk("count(*), sum(c.total_size)", driver, tests, after=False, index="content_total")
    return Statement(walk, (*_scans(driver, *tests), *(() if driver else ("content_total",))))
