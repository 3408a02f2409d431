"""Turns a query into SQL for the catalogue's schema. Pure: nothing here talks to SQLite.

The text of a query never becomes part of SQL: words reach FTS5 as quoted strings of letters and digits inside one bound
expression, everything else is a bound number or a bound name.

A query becomes a few :class:`Branch` es (the operands of its OR, multiplied out); each is a conjunction of at most
one full-text expression and of conditions on the row of ``content``, and names the indexes that can drive it. How a
branch is best run depends on how much each of these matches, which only the catalogue knows: see ``catalog/search.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
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
    TextField,
    TextLeaf,
    TextMatch,
    Word,
    conjunction,
    disjunction,
    text_leaves,
)
from offliniofs.query.facet_words import FacetWord
from offliniofs.query.qualities import Interval, by_resolution, interval, resolution_height
from offliniofs.query.text import index_text, words
from offliniofs.query.vocabulary import CatalogNames

Parameter = int | str

MOST_LISTED: Final = 50
"""Values of a range that are asked for one by one in the full-text index."""

MAX_BRANCHES: Final = 8
"""An OR that multiplies out to more is tested row by row."""

INDEXED_PREFIX: Final = 3
"""Letters of the longest prefixes that ``search_index`` keeps lists of (its option ``prefix``)."""

_NANOSECONDS: Final = 10**9
_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1
_TITLE: Final = "title_name IS NOT NULL AND deleted_ns IS NULL"
_COLUMNS: Final = {TextField.TITLE: "{title original_title}", TextField.PERSON: "{people}"}


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


@dataclass(frozen=True, slots=True)
class TextSearch:
    """The full-text side of a branch.

    ``match`` is the FTS5 expression; ``in_title`` finds those of its matches that have all their words in a title.
    ``phrases`` are its parts, each an expression. ``plain`` is what was asked when it was nothing but words.
    ``whole_words`` is there when a word is a prefix of more letters than the index has prefixes of, which costs time in
    proportion to all that matches it: the same search with such prefixes taken for whole words.
    """

    match: str
    in_title: str
    phrases: tuple[str, ...]
    plain: str | None
    whole_words: TextSearch | None


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


def match_expression(node: Node, *, in_title: bool = False) -> str | None:
    """The FTS5 expression of a part that speaks of texts alone and is not only a negation, else ``None``.

    ``in_title``: the words that must be there must be so in a title.
    """
    match node:
        case Word() | Phrase() | TextMatch():
            return _leaf_expression(node, in_title=in_title)
        case Or():
            alternatives = [match_expression(operand, in_title=in_title) for operand in node.operands]
            found = [text for text in alternatives if text is not None]
            return f"({' OR '.join(found)})" if len(found) == len(alternatives) else None
        case And():
            parts = _parts(node.operands, in_title=in_title)
            return None if parts.others else parts.expression()
        case _:
            return None


def _leaf_expression(node: TextLeaf, *, in_title: bool = False) -> str:
    phrase = f'"{index_text(node.text)}"'
    star = " *" if not isinstance(node, Phrase) and node.prefix else ""
    if isinstance(node, TextMatch):
        return f"{_COLUMNS[node.field]} : {phrase}{star}"
    return f"{_COLUMNS[TextField.TITLE]} : {phrase}{star}" if in_title else f"{phrase}{star}"


def _text_search(operands: Sequence[Node]) -> TextSearch | None:
    """The full-text side of a conjunction."""
    match = _parts(operands).expression()
    in_title = _parts(operands, in_title=True).expression()
    if match is None or in_title is None:
        return None
    texts = [operand for operand in operands if match_expression(operand) is not None]
    plain = [operand for operand in texts if isinstance(operand, Word | Phrase)]
    negated = any(isinstance(operand, Not) for operand in operands)
    leaves = [leaf for operand in texts for leaf in text_leaves(operand)]
    return TextSearch(
        match,
        in_title,
        tuple(_leaf_expression(leaf) for leaf in leaves),
        " ".join(operand.text for operand in plain) if len(plain) == len(texts) and not negated else None,
        _text_search([_whole(operand) for operand in operands]) if any(map(_long_prefix, leaves)) else None,
    )


def _long_prefix(leaf: TextLeaf) -> bool:
    return not isinstance(leaf, Phrase) and leaf.prefix and len(words(leaf.text)[-1]) > INDEXED_PREFIX


def _whole(node: Node) -> Node:
    """The same with long prefixes taken for whole words; what it matches, ``node`` matches too."""
    match node:
        case And() | Or():
            return replace(node, operands=tuple(_whole(operand) for operand in node.operands))
        case Word() | TextMatch() if _long_prefix(node):
            return replace(node, prefix=False)
        case _:
            return node


@dataclass(frozen=True, slots=True)
class _Parts:
    """The operands of a conjunction, sorted: texts that must match, texts that must not, and the rest."""

    wanted: list[str]
    unwanted: list[str]
    others: list[Node]

    def expression(self) -> str | None:
        if not self.wanted:
            return None
        wanted = " AND ".join(self.wanted)
        return f"(({wanted}) NOT ({' OR '.join(self.unwanted)}))" if self.unwanted else f"({wanted})"


def _parts(operands: Sequence[Node], *, in_title: bool = False) -> _Parts:
    parts = _Parts([], [], [])
    for operand in operands:
        expression = match_expression(operand, in_title=in_title)
        unwanted = match_expression(operand.operand) if isinstance(operand, Not) else None
        if expression is not None:
            parts.wanted.append(expression)
        elif unwanted is not None:
            parts.unwanted.append(unwanted)
        else:
            parts.others.append(operand)
    return parts


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
        parts = _parts(operands)
        text = _text_search(operands)
        conditions = [self.condition(other) for other in parts.others]
        drivers = [
            replace(driver, decides=one)
            for other, one in zip(parts.others, conditions, strict=True)
            if one.indexed is None and (driver := self._driver(other)) is not None
        ]
        if text is None and parts.unwanted:
            conditions.append(_negated(_text(" OR ".join(parts.unwanted))))
        return Branch(text, tuple(conditions), tuple(drivers))

    def condition(self, node: Node) -> Condition:
        """The condition that ``node`` holds for a row of ``content``."""
        expression = match_expression(node)
        if expression is not None:
            return _text(expression)
        match node:
            case Not():
                return _negated(self.condition(node.operand))
            case And():
                return _all_of([self.condition(operand) for operand in node.operands])
            case Or():
                return _any_of([self.condition(operand) for operand in node.operands])
            case Word() | Phrase() | TextMatch():
                return _text(_leaf_expression(node))
            case _:
                return self._field_condition(node)

    def _field_condition(self, node: FieldLeaf) -> Condition:
        match node:
            case NameMatch():
                table, key = _NAME_TABLES[node.field]
                ids = self._ids(node)
                return _exists(table, f"{key} IN ({_marks(ids)})", ids, _NAME_WORDS[node.field])
            case NumberRange():
                return self._number_condition(node)
            case QualityRange():
                wanted = interval(self._query, node, self._names)
                if not by_resolution(node):
                    return _worded(_within("c.quality_rank", wanted), FacetWord.QUALITY_RANK, _ranks(wanted))
                resolutions = self._resolutions(wanted)
                has_one = f"resolution IN ({_marks(resolutions)})"
                return _exists("content_resolutions", has_one, resolutions, FacetWord.RESOLUTION)
            case KindMatch():
                return _worded(Condition("(c.kind = ?)", (node.kind.value,)), FacetWord.KIND, (node.kind.value,))
            case LanguageMatch() if self._languages(node) == ():
                return NO_TITLE
            case LanguageMatch():
                has_it = "(instr(c.languages, ?) > 0 OR instr(c.languages, ?) > 0)"
                ends = (f" {node.tag} ", f" {node.tag}-")
                return _worded(Condition(has_it, ends), FacetWord.LANGUAGE, (node.tag,))
            case Flag():
                return _FLAGS[node.name]

    def _number_condition(self, node: NumberRange) -> Condition:
        wanted = Interval(node.low, node.high)
        match node.field:
            case NumberField.YEAR:
                within = _within("c.year", wanted)
                dated = Condition(f"(c.year IS NOT NULL AND {within.sql})", within.parameters)
                return _worded(dated, FacetWord.YEAR, _numbers(wanted))
            case NumberField.VIEWS:
                return _viewed(wanted)
            case NumberField.SIZE:
                return _within("c.total_size", wanted)
            case NumberField.ADDED:
                return _within("c.added_ns", self._added(node))

    def _added(self, node: NumberRange) -> Interval:
        """From ages in whole seconds to times: the older, the smaller."""
        latest = None if node.low is None else max(_SMALLEST, self._now_ns - node.low * _NANOSECONDS)
        earliest = None if node.high is None else max(_SMALLEST, self._now_ns - (node.high + 1) * _NANOSECONDS + 1)
        return Interval(earliest, latest)

    def _ids(self, node: NameMatch) -> tuple[Parameter, ...]:
        return tuple(self._names.ids(node.field, node.text))

    def _resolutions(self, wanted: Interval) -> tuple[Parameter, ...]:
        return tuple(one for one in self._names.resolutions() if resolution_height(one) in wanted)

    def _driver(self, node: Node) -> Driver | None:
        match node:
            case NameMatch():
                table, key = _NAME_TABLES[node.field]
                return _listed_driver(f"SELECT content_id FROM {table} WHERE {key}", self._ids(node))
            case NumberRange():
                return self._number_driver(node)
            case QualityRange():
                return self._quality_driver(node)
            case Flag() if node.name is FlagName.WATCHED:
                return _WATCHED_DRIVER
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
                return _column_driver("year", "content_year_listing", wanted)
            case NumberField.VIEWS:
                within, ends = _range("views", wanted)
                sql = f"SELECT content_id FROM content_statistics WHERE {within}"
                return Driver(sql, ends, wanted.low is not None and wanted.low == wanted.high)
            case NumberField.SIZE:
                return _column_driver("total_size", "content_size", wanted)
            case NumberField.ADDED:
                return _column_driver("added_ns", "content_added", self._added(node))

    def _quality_driver(self, node: QualityRange) -> Driver | None:
        wanted = interval(self._query, node, self._names)
        if not by_resolution(node):
            return _column_driver("quality_rank", "content_quality", wanted)
        return _listed_driver("SELECT content_id FROM content_resolutions WHERE resolution", self._resolutions(wanted))


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
_VIEWS: Final = "coalesce((SELECT views FROM content_statistics WHERE content_id = c.id), 0)"
_UNWATCHED: Final = FacetWord.UNWATCHED.expression()
_FLAGS: Final = {
    FlagName.FAVOURITE: Condition("(c.favourite = 1)", indexed=FacetWord.FAVOURITE.expression()),
    FlagName.WATCHED: Condition(f"({_VIEWS} > 0)", excluded=_UNWATCHED),
    FlagName.UNWATCHED: Condition(f"({_VIEWS} = 0)", indexed=_UNWATCHED),
}
_WATCHED_DRIVER: Final = Driver("SELECT content_id FROM content_statistics WHERE views > 0", (), newest_first=False)


def _text(expression: str) -> Condition:
    return Condition(
        "(c.id IN (SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid BETWEEN ? AND ?))",
        (expression, IdWindow.FIRST, IdWindow.LAST),
        indexed=f"({expression})",
    )


def _negated(condition: Condition) -> Condition:
    return Condition(
        f"(NOT {condition.sql})", condition.parameters, indexed=condition.excluded, excluded=condition.indexed
    )


def _exists(table: str, condition: str, parameters: tuple[Parameter, ...], word: FacetWord) -> Condition:
    if not parameters:
        return NO_TITLE
    found = Condition(f"(EXISTS (SELECT 1 FROM {table} WHERE {condition} AND content_id = c.id))", parameters)
    return _worded(found, word, parameters if len(parameters) <= MOST_LISTED else None)


def _worded(condition: Condition, word: FacetWord, values: Sequence[Parameter] | None) -> Condition:
    """The condition with the facet words of the values it asks for, when they can be listed."""
    return replace(condition, indexed=word.expression(values)) if values else condition


def _viewed(wanted: Interval) -> Condition:
    within = _within(_VIEWS, wanted)
    if wanted.high == 0:
        return replace(within, indexed=_UNWATCHED)
    return replace(within, excluded=_UNWATCHED) if wanted == Interval(1, None) else within


def _numbers(wanted: Interval) -> Sequence[int] | None:
    """The numbers of a range, when they are few."""
    if wanted.low is None or wanted.high is None or wanted.high - wanted.low >= MOST_LISTED:
        return None
    return range(wanted.low, wanted.high + 1)


def _ranks(wanted: Interval) -> Sequence[int] | None:
    """The ranks of a range; there are fewer than :data:`MOST_LISTED`."""
    return _numbers(Interval(wanted.low or 0, MOST_LISTED - 1 if wanted.high is None else wanted.high))


def _all_of(conditions: list[Condition]) -> Condition:
    indexed, excluded = _indexed_together(
        [condition.indexed for condition in conditions], [condition.excluded for condition in conditions]
    )
    return Condition(f"({' AND '.join(one.sql for one in conditions)})", _parameters(conditions), indexed, excluded)


def _any_of(conditions: list[Condition]) -> Condition:
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


def indexed_conjunction(wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[str | None, str | None]:
    """The FTS5 expression of the titles that all of ``wanted`` and none of ``unwanted`` find.

    There is none when nothing is wanted; then the second one finds the titles that are not meant.
    """
    others = f"({' OR '.join(unwanted)})"
    if not wanted:
        return None, others
    together = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
    return (f"({together} NOT {others})" if unwanted else together), None


def _parameters(conditions: list[Condition]) -> tuple[Parameter | IdWindow, ...]:
    return tuple(parameter for condition in conditions for parameter in condition.parameters)


def _range(expression: str, wanted: Interval) -> tuple[str, tuple[int, ...]]:
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


def _within(expression: str, wanted: Interval) -> Condition:
    return Condition(*_range(expression, wanted))


def _bound(number: int | None) -> int | None:
    return None if number is None else max(_SMALLEST, min(_LARGEST, number))


def _listed_driver(sql: str, values: tuple[Parameter, ...]) -> Driver | None:
    """The rows with one of the values; none without values, where the condition says already that there are none."""
    return Driver(f"{sql} IN ({_marks(values)})", values, newest_first=len(values) == 1) if values else None


def _column_driver(column: str, index: str, wanted: Interval) -> Driver:
    within, ends = _range(column, wanted)
    sql = f"SELECT id AS content_id FROM content INDEXED BY {index} WHERE {within} AND {_TITLE}"
    return Driver(sql, ends, wanted.low is not None and wanted.low == wanted.high, titles_only=True)


def _marks(parameters: Sequence[Parameter]) -> str:
    return ", ".join("?" * len(parameters))
