"""Turns a query into SQL for the catalogue's schema. Pure: nothing here talks to SQLite.

The text of a query never becomes part of SQL: words reach FTS5 as quoted strings of letters and digits inside one bound
expression, everything else is a bound number or a bound name.

A query becomes a few :class:`Branch` es (the operands of its OR, multiplied out); each is a conjunction of at most
one full-text expression and of conditions on the row of ``content``, and names the indexes that can drive it. How a
branch is best run depends on how much each of these matches, which only the catalogue knows: see ``catalog/search.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from offliniofs.query.ast import (
    And,
    FieldLeaf,
    Flag,
    FlagName,
    KindMatch,
    LanguageMatch,
    NameField,
    NameMatch,
    Node,
    Not,
    NumberField,
    NumberRange,
    Or,
    Phrase,
    QualityRange,
    Query,
    TextMatch,
    Word,
    conjunction,
    disjunction,
)
from offliniofs.query.conditions import (
    FLAGS,
    NO_TITLE,
    SMALLEST,
    VIEWS_INDEX,
    WATCHED_DRIVER,
    Condition,
    Driver,
    Parameter,
    all_of,
    any_of,
    between,
    column_driver,
    exists,
    in_range,
    listed_driver,
    listed_numbers,
    listed_ranks,
    marks,
    negation,
    text_condition,
    viewed,
    worded,
)
from offliniofs.query.facet_words import FacetWord
from offliniofs.query.full_text import (
    Conjunction,
    TextSearch,
    indexed_conjunction,
    leaf_expression,
    match_expression,
    rarest_first,
    sorted_parts,
    text_search,
)
from offliniofs.query.qualities import Interval, by_resolution, interval, resolution_height
from offliniofs.query.vocabulary import CatalogNames

__all__ = [
    "MAX_BRANCHES",
    "NO_TITLE",
    "Branch",
    "CompiledQuery",
    "Condition",
    "Conjunction",
    "Driver",
    "Parameter",
    "TextSearch",
    "compile_query",
    "indexed_conjunction",
    "rarest_first",
]

MAX_BRANCHES: Final = 8
"""An OR that multiplies out to more is tested row by row."""

_NANOSECONDS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Branch:
    """Titles that match ``text`` (when there is one) and all conditions. Every driver alone yields at least these;
    there are drivers for conditions that the full-text index knows nothing of.
    """

    text: TextSearch | None
    conditions: tuple[Condition, ...] = ()
    drivers: tuple[Driver, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A title matches when one branch does; ``condition`` says the same of one row."""

    branches: tuple[Branch, ...]
    condition: Condition


def compile_query(query: Query, names: CatalogNames, now_ns: int) -> CompiledQuery:
    """Compiles a query.

    Raises:
        QuerySyntaxError: the query names a quality class that there is not.
    """
    compiler = _Compiler(query, names, now_ns)
    root = _pushed_down(query.root, negated=False)
    alternatives = _multiplied_out(root)
    return CompiledQuery(tuple(compiler.branch(node) for node in alternatives), compiler.condition(root))


def _pushed_down(node: Node, *, negated: bool) -> Node:
    """The same with every NOT moved down to a leaf (De Morgan)."""
    match node:
        case Not():
            return _pushed_down(node.operand, negated=not negated)
        case And() | Or():
            operands = [_pushed_down(operand, negated=negated) for operand in node.operands]
            joined = conjunction if isinstance(node, And) is not negated else disjunction
            return joined(operands, node.span)
        case _:
            return Not(node, node.span) if negated else node


def _multiplied_out(node: Node) -> list[Node]:
    """Conjunctions whose OR is ``node``; what full-text search does alone stays together. At most ``MAX_BRANCHES``."""
    if match_expression(node) is not None:
        return [node]
    if isinstance(node, Or):
        found = [one for operand in node.operands for one in _multiplied_out(operand)]
        return found if len(found) <= MAX_BRANCHES else [node]
    if isinstance(node, And):
        factors: list[list[Node]] = []
        size = 1
        for operand in node.operands:
            factor = _multiplied_out(operand)
            factors.append(factor if size * len(factor) <= MAX_BRANCHES else [operand])
            size *= len(factors[-1])
        return [conjunction(list(choice), node.span) for choice in product(*factors)]
    return [node]


class _Compiler:
    def __init__(self, query: Query, names: CatalogNames, now_ns: int) -> None:
        self._query = query
        self._names = names
        self._now_ns = now_ns

    def branch(self, node: Node) -> Branch:
        """How the catalogue can find what ``node``, a conjunction or less, looks for."""
        operands = node.operands if isinstance(node, And) else (node,)
        parts = sorted_parts(operands)
        text = text_search(operands)
        conditions = [self.condition(other) for other in parts.others]
        drivers = [
            replace(driver, decides=one)
            for other, one in zip(parts.others, conditions, strict=True)
            if one.indexed is None and (driver := self._driver(other)) is not None
        ]
        if text is None and parts.unwanted:
            conditions.append(negation(text_condition(" OR ".join(parts.unwanted))))
        return Branch(text, tuple(conditions), tuple(drivers))

    def condition(self, node: Node) -> Condition:
        """The condition that ``node`` holds for a row of ``content``."""
        expression = match_expression(node)
        if expression is not None:
            return text_condition(expression)
        match node:
            case Not():
                return negation(self.condition(node.operand))
            case And():
                return all_of([self.condition(operand) for operand in node.operands])
            case Or():
                return any_of([self.condition(operand) for operand in node.operands])
            case Word() | Phrase() | TextMatch():
                return text_condition(leaf_expression(node))
            case _:
                return self._field_condition(node)

    def _field_condition(self, node: FieldLeaf) -> Condition:
        match node:
            case NameMatch():
                table, key = _NAME_TABLES[node.field]
                ids = self._ids(node)
                return exists(table, f"{key} IN ({marks(ids)})", ids, _NAME_WORDS[node.field])
            case NumberRange():
                return self._number_condition(node)
            case QualityRange():
                wanted = interval(self._query, node, self._names)
                if not by_resolution(node):
                    return worded(in_range("c.quality_rank", wanted), FacetWord.QUALITY_RANK, listed_ranks(wanted))
                resolutions = self._resolutions(wanted)
                has_one = f"resolution IN ({marks(resolutions)})"
                return exists("content_resolutions", has_one, resolutions, FacetWord.RESOLUTION)
            case KindMatch():
                return worded(Condition("(c.kind = ?)", (node.kind.value,)), FacetWord.KIND, (node.kind.value,))
            case LanguageMatch() if self._languages(node) == ():
                return NO_TITLE
            case LanguageMatch():
                has_it = "(instr(c.languages, ?) > 0 OR instr(c.languages, ?) > 0)"
                ends = (f" {node.tag} ", f" {node.tag}-")
                return worded(Condition(has_it, ends), FacetWord.LANGUAGE, (node.tag,))
            case Flag():
                return FLAGS[node.name]

    def _number_condition(self, node: NumberRange) -> Condition:
        wanted = Interval(node.low, node.high)
        match node.field:
            case NumberField.YEAR:
                within = in_range("c.year", wanted)
                dated = Condition(f"(c.year IS NOT NULL AND {within.sql})", within.parameters)
                return worded(dated, FacetWord.YEAR, listed_numbers(wanted))
            case NumberField.VIEWS:
                return viewed(wanted)
            case NumberField.SIZE:
                return in_range("c.total_size", wanted)
            case NumberField.ADDED:
                return in_range("c.added_ns", self._added(node))

    def _added(self, node: NumberRange) -> Interval:
        """From ages in whole seconds to times: the older, the smaller."""
        latest = None if node.low is None else max(SMALLEST, self._now_ns - node.low * _NANOSECONDS)
        earliest = None if node.high is None else max(SMALLEST, self._now_ns - (node.high + 1) * _NANOSECONDS + 1)
        return Interval(earliest, latest)

    def _ids(self, node: NameMatch) -> tuple[Parameter, ...]:
        return tuple(self._names.ids(node.field, node.text))

    def _resolutions(self, wanted: Interval) -> tuple[Parameter, ...]:
        return tuple(one for one in self._names.resolutions() if resolution_height(one) in wanted)

    def _driver(self, node: Node) -> Driver | None:
        match node:
            case NameMatch():
                table, key = _NAME_TABLES[node.field]
                return listed_driver(f"SELECT content_id FROM {table} WHERE {key}", self._ids(node))
            case NumberRange():
                return self._number_driver(node)
            case QualityRange():
                return self._quality_driver(node)
            case Flag() if node.name is FlagName.WATCHED:
                return WATCHED_DRIVER
            case _:
                return None

    def _languages(self, node: LanguageMatch) -> tuple[Parameter, ...] | None:
        """The lists of languages that hold this one, ``None`` when it is not known which there are."""
        lists = self._names.language_lists()
        if lists is None:
            return None
        return tuple(one for one in lists if f" {node.tag} " in one or f" {node.tag}-" in one)

    def _number_driver(self, node: NumberRange) -> Driver:
        wanted = Interval(node.low, node.high)
        match node.field:
            case NumberField.YEAR:
                return column_driver("year", "content_year_listing", wanted)
            case NumberField.VIEWS:
                within, ends = between("views", wanted)
                sql = f"SELECT content_id FROM {VIEWS_INDEX} WHERE {within}"
                return Driver(sql, ends, wanted.low is not None and wanted.low == wanted.high)
            case NumberField.SIZE:
                return column_driver("total_size", "content_size", wanted)
            case NumberField.ADDED:
                return column_driver("added_ns", "content_added", self._added(node))

    def _quality_driver(self, node: QualityRange) -> Driver | None:
        wanted = interval(self._query, node, self._names)
        if not by_resolution(node):
            return column_driver("quality_rank", "content_quality", wanted)
        return listed_driver("SELECT content_id FROM content_resolutions WHERE resolution", self._resolutions(wanted))


_NAME_TABLES: Final = {
    NameField.GENRE: ("content_genres", "genre_id"),
    NameField.TAG: ("content_tags", "tag_id"),
    NameField.COLLECTION: ("collection_content", "collection_id"),
}
_NAME_WORDS: Final = {
    NameField.GENRE: FacetWord.GENRE,
    NameField.TAG: FacetWord.TAG,
    NameField.COLLECTION: FacetWord.COLLECTION,
}
