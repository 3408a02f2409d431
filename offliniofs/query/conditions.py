"""Conditions on a row of the table ``content``, and the indexes that lead to the rows that meet one.

All SQL of the search language is here and in :mod:`offliniofs.query.compile`. Values are bound, never part of SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from offliniofs.query.ast import FlagName
from offliniofs.query.facet_words import FacetWord
from offliniofs.query.full_text import indexed_conjunction
from offliniofs.query.qualities import Interval

Parameter = int | str
"""What may be bound."""

MOST_LISTED: Final = 50
"""Values of a range that are asked for one by one in the full-text index."""

SMALLEST: Final = -(2**63)
"""The smallest number that SQLite keeps."""

_LARGEST: Final = 2**63 - 1
TITLE: Final = "title_name IS NOT NULL AND deleted_ns IS NULL"
"""What makes a row of ``content`` a title that is shown."""


class IdWindow(Enum):
    """Stands for an end of the range of ids that a statement looks at."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a row of the table ``content``, which goes by the name ``c``; never NULL.

    Where it looks into the full-text index it does so between two ids: :meth:`bindings` puts them in. ``indexed`` is an
    FTS5 expression of just the titles for which it holds, ``excluded`` one of just those for which it does not.
    """

    sql: str
    parameters: tuple[Parameter | IdWindow, ...] = ()
    indexed: str | None = None
    excluded: str | None = None

    @property
    def windowed(self) -> bool:
        """Whether it looks into the full-text index."""
        return any(isinstance(parameter, IdWindow) for parameter in self.parameters)

    def bindings(self, first: int, last: int) -> tuple[Parameter, ...]:
        """What to bind when only titles with ids from ``first`` to ``last`` are asked for."""
        ends = {IdWindow.FIRST: first, IdWindow.LAST: last}
        return tuple(ends[one] if isinstance(one, IdWindow) else one for one in self.parameters)


NO_TITLE: Final = Condition("(c.id < 0)")
"""Holds for no title. A constant would be folded, and take the proof away that a partial index may be used."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A SELECT of ``content_id`` that yields every row for which a condition holds, and maybe rows that are no titles.

    ``newest_first``: it can end in ``ORDER BY content_id DESC`` without sorting. ``titles_only``: it yields no row that
    is no title. ``decides`` is the condition, which need not be asked of the titles that come from here.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    newest_first: bool
    titles_only: bool = False
    decides: Condition | None = None


_VIEWS: Final = "coalesce((SELECT views FROM content_statistics WHERE content_id = c.id), 0)"
_UNWATCHED: Final = FacetWord.UNWATCHED.expression()
FLAGS: Final = {
    FlagName.FAVOURITE: Condition("(c.favourite = 1)", indexed=FacetWord.FAVOURITE.expression()),
    FlagName.WATCHED: Condition(f"({_VIEWS} > 0)", excluded=_UNWATCHED),
    FlagName.UNWATCHED: Condition(f"({_VIEWS} = 0)", indexed=_UNWATCHED),
}
VIEWS_INDEX: Final = "content_statistics INDEXED BY content_statistics_views"
WATCHED_DRIVER: Final = Driver(f"SELECT content_id FROM {VIEWS_INDEX} WHERE views > 0", (), newest_first=False)


def text_condition(expression: str) -> Condition:
    """Full-text search finds the title."""
    return Condition(
        "(c.id IN (SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid BETWEEN ? AND ?))",
        (expression, IdWindow.FIRST, IdWindow.LAST),
        indexed=f"({expression})",
    )


def negation(condition: Condition) -> Condition:
    """The condition does not hold."""
    return Condition(
        f"(NOT {condition.sql})", condition.parameters, indexed=condition.excluded, excluded=condition.indexed
    )


def exists(table: str, condition: str, parameters: tuple[Parameter, ...], word: FacetWord) -> Condition:
    """``table`` has a row of the title that meets ``condition``, which asks for ``parameters``."""
    if not parameters:
        return NO_TITLE
    found = Condition(f"(EXISTS (SELECT 1 FROM {table} WHERE {condition} AND content_id = c.id))", parameters)
    return worded(found, word, parameters if len(parameters) <= MOST_LISTED else None)


def worded(condition: Condition, word: FacetWord, values: Sequence[Parameter] | None) -> Condition:
    """The condition with the facet words of the values it asks for, when they can be listed."""
    return replace(condition, indexed=word.expression(values)) if values else condition


def viewed(wanted: Interval) -> Condition:
    """The number of views lies in a range."""
    within = in_range(_VIEWS, wanted)
    if wanted.high == 0:
        return replace(within, indexed=_UNWATCHED)
    return replace(within, excluded=_UNWATCHED) if wanted == Interval(1, None) else within


def listed_numbers(wanted: Interval) -> Sequence[int] | None:
    """The numbers of a range, when they are few."""
    if wanted.low is None or wanted.high is None or wanted.high - wanted.low >= MOST_LISTED:
        return None
    return range(wanted.low, wanted.high + 1)


def listed_ranks(wanted: Interval) -> Sequence[int] | None:
    """The ranks of a range; there are fewer than :data:`MOST_LISTED`."""
    return listed_numbers(Interval(wanted.low or 0, MOST_LISTED - 1 if wanted.high is None else wanted.high))


def all_of(conditions: list[Condition]) -> Condition:
    """All conditions hold."""
    indexed, excluded = _indexed_together(
        [condition.indexed for condition in conditions], [condition.excluded for condition in conditions]
    )
    return Condition(f"({' AND '.join(one.sql for one in conditions)})", _parameters(conditions), indexed, excluded)


def any_of(conditions: list[Condition]) -> Condition:
    """One of the conditions holds."""
    excluded, indexed = _indexed_together(  # De Morgan: it does not hold where none of them does
        [condition.excluded for condition in conditions], [condition.indexed for condition in conditions]
    )
    return Condition(f"({' OR '.join(one.sql for one in conditions)})", _parameters(conditions), indexed, excluded)


def _indexed_together(wanted: Sequence[str | None], unwanted: Sequence[str | None]) -> tuple[str | None, str | None]:
    """What finds the titles that all of ``wanted`` and none of ``unwanted`` find, or the others.

    Of each pair one at most is there; nothing can be said when one has neither.
    """
    if any(one is None and other is None for one, other in zip(wanted, unwanted, strict=True)):
        return None, None
    return indexed_conjunction([one for one in wanted if one is not None], [one for one in unwanted if one is not None])


def _parameters(conditions: list[Condition]) -> tuple[Parameter | IdWindow, ...]:
    return tuple(parameter for condition in conditions for parameter in condition.parameters)


def between(expression: str, wanted: Interval) -> tuple[str, tuple[int, ...]]:
    """SQL that says that a column lies in a range, and the ends to bind."""
    low, high = _bound(wanted.low), _bound(wanted.high)
    if low is None and high is None:
        return f"({expression} IS NOT NULL)", ()
    if low is None:
        return f"({expression} <= ?)", (high or 0,)
    if high is None:
        return f"({expression} >= ?)", (low,)
    if low == high:
        return f"({expression} = ?)", (low,)
    return f"({expression} BETWEEN ? AND ?)", (low, high)


def in_range(expression: str, wanted: Interval) -> Condition:
    """The condition that a column lies in a range."""
    return Condition(*between(expression, wanted))


def _bound(number: int | None) -> int | None:
    return None if number is None else max(SMALLEST, min(_LARGEST, number))


def listed_driver(sql: str, values: tuple[Parameter, ...]) -> Driver | None:
    """The rows with one of the values; none without values, where the condition says already that there are none."""
    return Driver(f"{sql} IN ({marks(values)})", values, newest_first=len(values) == 1) if values else None


def column_driver(column: str, index: str, wanted: Interval) -> Driver:
    """The titles with a column in a range, along an index of that column."""
    within, ends = between(column, wanted)
    sql = f"SELECT id AS content_id FROM content INDEXED BY {index} WHERE {within} AND {TITLE}"
    return Driver(sql, ends, wanted.low is not None and wanted.low == wanted.high, titles_only=True)


def marks(parameters: Sequence[Parameter]) -> str:
    """As many question marks."""
    return ", ".join("?" * len(parameters))
