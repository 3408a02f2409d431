"""Did you mean: what somebody may have wanted whose search found nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from offliniofs.catalog.connection import Database
from offliniofs.catalog.search import finds_any
from offliniofs.catalog.search_names import NAMES, StoredNames
from offliniofs.catalog.statements import Statement
from offliniofs.domain.errors import QuerySyntaxError, QueryTooSlowError
from offliniofs.query.ast import And, NameMatch, Node, Or, Phrase, Query, TextLeaf, TextMatch, Word, text_leaves
from offliniofs.query.compile import Condition
from offliniofs.query.facet_words import AFTER_MARK, MARK
from offliniofs.query.nearness import NearTerm, distance, near_terms
from offliniofs.query.parser import parse
from offliniofs.query.text import index_text, words

SECONDS: Final = 0.1
"""Longest a suggestion may take; without one by then there is none."""
_LOOKING_SHARE: Final = 0.8
"""Part of that time after which no more words are looked for: the best of those found by then are tried."""

_SEEKS: Final = 350
"""Looks into the index's list of words for one suggestion, some 70 µs each."""
_LONGEST_WORD: Final = 40
_SHORTEST_WORD: Final = 3
_TWO_ERRORS_FROM: Final = 5
"""Letters a word must have for two errors in it to be looked for."""
_WEIGHED: Final = 16
_MOST_COUNTED: Final = 300
_IN_TITLE: Final = 10
"""What a title with the word in its name counts for."""
_OPTIONS: Final = 3
_ATTEMPTS: Final = 4
_MOST_NAMES: Final = 2000

NEXT_TERM: Final = Statement("SELECT term FROM search_terms WHERE term >= ? LIMIT 1", scans=("search_terms",))
COUNT: Final = Statement(
    "SELECT count(*) FROM (SELECT 1 FROM search_index WHERE search_index MATCH ? LIMIT ?)", scans=("search_index",)
)


def suggest(
    database: Database, query: Query, *, now_ns: int, conditions: Sequence[Condition] = (), seconds: float = SECONDS
) -> str | None:
    """A query nearly the same that finds something, for one that found nothing; ``None`` when there is none.

    Only words that no title has, and names of genres, tags and collections that there are not, are changed: to those
    that differ by one or two typing errors and stand in most titles.
    """
    begun = time.monotonic()
    for text in _Changes(database, query, begun + seconds * _LOOKING_SHARE).texts():
        left = begun + seconds - time.monotonic()
        try:
            if finds_any(database, parse(text), now_ns=now_ns, conditions=conditions, seconds=left):
                return text
        except QuerySyntaxError:
            continue  # the changed text has grown too long
        except QueryTooSlowError:
            return None
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """A word (the ``index``-th of a leaf) or a whole name (``index`` 0), and what it may become, likeliest first."""

    leaf: TextLeaf | NameMatch
    index: int
    options: tuple[str, ...]


class _Changes:
    """The changes that could be made to one query."""

    def __init__(self, database: Database, query: Query, deadline: float) -> None:
        self._database = database
        self._deadline = deadline
        self._query = query
        self._names = StoredNames(database)
        self._seeks = _SEEKS

    def texts(self) -> Iterator[str]:
        """Changed queries, likeliest first: everything at its best, then one place after the other at its next best."""
        places = self._places()
        if not places or any(not place.options for place in places):
            return
        best = [place.options[0] for place in places]
        choices = [best]
        for number, place in enumerate(places):
            choices += [[*best[:number], option, *best[number + 1 :]] for option in place.options[1:]]
        for choice in choices[:_ATTEMPTS]:
            yield self._changed(dict(zip(((place.leaf, place.index) for place in places), choice, strict=True)))

    def _places(self) -> list[_Place]:
        missing = [(leaf, index) for leaf in text_leaves(self._query.root) for index in self._missing_words(leaf)]
        found = [_Place(leaf, index, self._similar_words(words(leaf.text)[index])) for leaf, index in missing]
        unknown = [leaf for leaf in _name_leaves(self._query.root) if not self._names.ids(leaf.field, leaf.text)]
        return found + [_Place(leaf, 0, self._similar_names(leaf)) for leaf in unknown]

    def _missing_words(self, leaf: TextLeaf) -> list[int]:
        """Which of the leaf's words no title has."""
        phrases = [f'"{word}"' for word in words(leaf.text)]
        if not isinstance(leaf, Phrase) and leaf.prefix:
            phrases[-1] += " *"
        return [index for index, phrase in enumerate(phrases) if not self._count(phrase, 1)]

    def _count(self, match: str, most: int) -> int:
        return self._database.value(COUNT, (match, most))

    def _similar_words(self, word: str) -> tuple[str, ...]:
        """Words of the index that are nearest to ``word``, the commonest first."""
        if not _SHORTEST_WORD <= len(word) <= _LONGEST_WORD:
            return ()
        # the first letters are seldom wrong, and knowing them saves most of the looking
        tries = [(1, word[:1]), (1, ""), (2, word[:2])]
        for errors, beginning in tries if len(word) >= _TWO_ERRORS_FROM else tries[:2]:
            near = near_terms(word, errors, self._next_term, budget=self._seeks, beginning=beginning)
            if near:
                near.sort(key=lambda one: (one.distance, abs(len(one.term) - len(word))))
                weighed = sorted(near[:_WEIGHED], key=self._weight)
                return tuple(one.term for one in weighed[:_OPTIONS])
        return ()

    def _next_term(self, key: str) -> str | None:
        if time.monotonic() > self._deadline:
            return None
        self._seeks -= 1
        row = self._database.row(NEXT_TERM, (key,))
        if row is not None and str(row[0]).startswith(MARK):
            row = self._database.row(NEXT_TERM, (AFTER_MARK,))
        return None if row is None else str(row[0])

    def _weight(self, near: NearTerm) -> tuple[int, int]:
        """Sorts the nearest first, and of these the one that most titles have."""
        titled = self._count(f'{{title original_title people}} : "{near.term}"', _MOST_COUNTED)
        return near.distance, -(titled * _IN_TITLE + self._count(f'"{near.term}"', _MOST_COUNTED))

    def _similar_names(self, leaf: NameMatch) -> tuple[str, ...]:
        """Names of that field that are nearest to the one asked for."""
        wanted = index_text(leaf.text)
        rows = self._database.rows(NAMES[leaf.field])
        if not _SHORTEST_WORD <= len(wanted) <= _LONGEST_WORD or len(rows) > _MOST_NAMES:
            return ()
        most = 2 if len(wanted) >= _TWO_ERRORS_FROM else 1
        close = [(name, index_text(name)) for _, name in rows if abs(len(index_text(name)) - len(wanted)) <= most]
        near = sorted((distance(wanted, text), name) for name, text in close)
        return tuple(name for errors, name in near if errors <= most and '"' not in name)[:_OPTIONS]

    def _changed(self, choice: Mapping[tuple[TextLeaf | NameMatch, int], str]) -> str:
        """The query's text with the places changed, last first, so that those before keep where they are."""
        text = self._query.text
        changed = {leaf.span: leaf for leaf, _ in choice}
        for span, leaf in sorted(changed.items(), key=lambda one: -one[0].start):
            text = text[: span.start] + _written(leaf, choice, text[span.start : span.end]) + text[span.end :]
        return text


def _written(leaf: TextLeaf | NameMatch, choice: Mapping[tuple[TextLeaf | NameMatch, int], str], before: str) -> str:
    """The leaf as a query writes it, with the chosen words; ``before`` is how it was written."""
    if isinstance(leaf, NameMatch):
        name = choice[leaf, 0]
        return f"{leaf.field}:{name}" if name.isalnum() else f'{leaf.field}:"{name}"'
    found = [choice.get((leaf, index), word) for index, word in enumerate(words(leaf.text))]
    star = "*" if before.endswith("*") else ""
    match leaf:
        case Word():
            return "-".join(found) + star
        case Phrase():
            return f'"{" ".join(found)}"'
        case TextMatch():
            return (
                f"{leaf.field}:{'-'.join(found)}{star}"
                if star or len(found) == 1
                else f'{leaf.field}:"{" ".join(found)}"'
            )


def _name_leaves(node: Node) -> list[NameMatch]:
    """Names that a match must have; what is negated is left out."""
    if isinstance(node, And | Or):
        return [leaf for operand in node.operands for leaf in _name_leaves(operand)]
    return [node] if isinstance(node, NameMatch) else []
