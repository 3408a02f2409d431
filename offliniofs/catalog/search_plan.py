"""How a search is run: SQL of its parts, and estimates of how much each part matches.

In a catalogue of a million titles one part of a query matches three of them and another most. Which index to walk is
decided by small probes: the newest few matches, and how far back they reach, tell roughly how many there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from offliniofs.query.compile import Condition, Conjunction, Driver, Parameter, indexed_conjunction

LIVE: Final = "c.title_name IS NOT NULL AND c.deleted_ns IS NULL"
_TITLES: Final = "content c INDEXED BY content_search"

HIGHEST_ID: Final = "SELECT max(id) FROM content"
NEWEST_MATCHES: Final = "SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?"

# Weights of title, original_title, people, keywords, episodes, files, plot, facets: title before people before plot.
WEIGHTS: Final = "12.0, 9.0, 5.0, 3.0, 2.0, 1.5, 1.0, 0.0"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with what it binds."""

    sql: str
    bindings: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """About how many rows a part matches; ``exact``: precisely so."""

    rows: int
    exact: bool


def estimated(newest: Sequence[int], probed: int, highest: int) -> Estimate:
    """What the newest matches say, when at most ``probed`` were asked for: newest first, of ids up to ``highest``."""
    if len(newest) < probed:
        return Estimate(len(newest), exact=True)
    reach = max(1, highest - newest[-1] + 1)
    return Estimate(max(len(newest), len(newest) * highest // reach), exact=False)


def newest_of(driver: Driver, limit: int) -> Prepared:
    """The newest rows of a driver that can be walked newest first."""
    return Prepared(f"{driver.sql} ORDER BY content_id DESC LIMIT ?", (*driver.parameters, limit))


def count_of(driver: Driver, limit: int) -> Prepared:
    """The number of rows of a driver, at most ``limit``."""
    return Prepared(f"SELECT count(*) FROM ({driver.sql} LIMIT ?)", (*driver.parameters, limit))


@dataclass(frozen=True, slots=True)
class Filters:
    """What titles must pass, sorted by where it is decided.

    ``match``: the FTS5 expression of those that pass all that the full-text index knows, and have the words if there
    are any; ``None`` when it knows nothing. ``operands`` are what it consists of. ``others``: what is left to ask of
    each title.
    """

    match: str | None
    others: tuple[Condition, ...]
    operands: Conjunction = field(default=Conjunction(), compare=False)


def filters(text: Conjunction | None, conditions: Iterable[Condition]) -> Filters:
    """The words and the conditions in one expression, as far as that goes. Only negations make none."""
    conditions = tuple(conditions)
    words = text or Conjunction()
    wanted = (*words.wanted, *(one.indexed for one in conditions if one.indexed is not None))
    excluded = (one.excluded for one in conditions if one.indexed is None and one.excluded is not None)
    unwanted = (*words.unwanted, *excluded)
    match, _ = indexed_conjunction(wanted, unwanted)
    if match is None:
        return Filters(None, conditions)
    others = tuple(one for one in conditions if one.indexed is None and one.excluded is None)
    return Filters(match, others, Conjunction(wanted, unwanted))


@dataclass(frozen=True, slots=True)
class Source:
    """Where titles come from, newest first: FROM and WHERE in ``sql``, and the title's id in them, ``identifier``.

    ``alone`` is what ``sql`` can be when nothing is asked of the titles: without their rows, which may lie anywhere.
    """

    sql: str
    identifier: str
    bindings: tuple[Parameter, ...] = ()
    alone: str | None = None


EVERY_TITLE: Final = Source(f"{_TITLES} WHERE {LIVE}", "c.id")


def from_driver(driver: Driver) -> Source:
    """The titles that a driver yields."""
    select = driver.sql if driver.newest_first else driver.sql.replace("SELECT ", "SELECT DISTINCT ", 1)
    return Source(
        f"({select}) d CROSS JOIN {_TITLES} ON c.id = d.content_id WHERE {LIVE}",
        "d.content_id",
        driver.parameters,
        f"({select}) d WHERE 1" if driver.titles_only else None,
    )


def from_text(match: str, driver: Driver | None = None) -> Source:
    """The titles whose texts match, only those that the driver yields when there is one."""
    among = "" if driver is None else f" AND +s.rowid IN ({driver.sql})"
    matched = f"WHERE search_index MATCH ?{among}"
    return Source(
        f"search_index s CROSS JOIN {_TITLES} ON c.id = s.rowid {matched} AND {LIVE}",
        "s.rowid",
        (match, *(() if driver is None else driver.parameters)),
        f"search_index s {matched}",
    )


def matching(match: str) -> Condition:
    """The title's texts match: looked up for each title, good for a few."""
    return Condition("(EXISTS (SELECT 1 FROM search_index WHERE search_index MATCH ? AND rowid = c.id))", (match,))


def newest_titles(
    source: Source, conditions: Iterable[Condition], first: int, last: int, limit: int, *, windowed: bool
) -> Prepared:
    """Ids of the source's titles with all conditions, newest first; ``windowed``: those from ``first`` to ``last``."""
    conditions = tuple(conditions)
    window = f" AND {source.identifier} BETWEEN ? AND ?" if windowed else ""
    tests = "".join(f" AND {condition.sql}" for condition in conditions)
    origin = source.sql if conditions or source.alone is None else source.alone
    sql = f"SELECT {source.identifier} FROM {origin}{window}{tests} ORDER BY {source.identifier} DESC LIMIT ?"
    bounds = (first, last) if windowed else ()
    return Prepared(sql, (*source.bindings, *bounds, *_bindings(conditions, first, last), limit))


def best_titles(match: str, within: Filters, highest: int, limit: int) -> Prepared:
    """Ids and scores of the titles that match and pass the filters, best first."""
    source = from_text(match)
    sql = source.sql if within.others or source.alone is None else source.alone
    bindings = source.bindings
    if within.match is not None and within.match != match:
        sql += " AND +s.rowid IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)"
        bindings = (*bindings, within.match)
    tests = "".join(f" AND {condition.sql}" for condition in within.others)
    return Prepared(
        f"SELECT s.rowid, -bm25(search_index, {WEIGHTS}) AS score FROM {sql}{tests}"
        " ORDER BY score DESC, s.rowid DESC LIMIT ?",
        (*bindings, *_bindings(within.others, 1, highest), limit),
    )


def among(ids: Sequence[int], conditions: Iterable[Condition]) -> Prepared:
    """Those of the titles ``ids`` that are live and have all conditions, in any order."""
    conditions = tuple(conditions)
    tests = "".join(f" AND {condition.sql}" for condition in conditions)
    sql = f"SELECT c.id FROM json_each(?) CROSS JOIN {_TITLES} ON c.id = json_each.value WHERE {LIVE}{tests}"
    return Prepared(sql, (json.dumps(ids), *_bindings(conditions, min(ids, default=0), max(ids, default=0))))


def undecided(conditions: Iterable[Condition], driver: Driver) -> tuple[Condition, ...]:
    """What is left to ask of titles that come from the driver."""
    return tuple(condition for condition in conditions if condition != driver.decides)


def _bindings(conditions: Iterable[Condition], first: int, last: int) -> tuple[Parameter, ...]:
    return tuple(parameter for condition in conditions for parameter in condition.bindings(first, last))
