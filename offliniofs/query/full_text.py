"""The full-text side of a query: expressions for FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax).

Words reach FTS5 as quoted strings of letters and digits, so that nothing somebody types is syntax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from offliniofs.query.ast import (
    And,
    Node,
    Not,
    Or,
    Phrase,
    TextField,
    TextLeaf,
    TextMatch,
    Word,
    text_leaves,
)
from offliniofs.query.facet_words import MARK, FacetWord
from offliniofs.query.text import index_text, words

INDEXED_PREFIX: Final = 3
"""Letters of the longest prefixes that ``search_index`` keeps lists of (its option ``prefix``)."""

_NO_TITLE: Final = f'"{MARK}"'
"""Finds nothing: each facet word has a letter behind its mark."""

_MOST_NESTED: Final = 12
"""Operands that are met one after the other; FTS5 bounds how deep an expression is."""

_COLUMNS: Final = {TextField.TITLE: "{title original_title}", TextField.PERSON: "{people}"}


@dataclass(frozen=True, slots=True)
class Conjunction:
    """What all of ``wanted`` and none of ``unwanted`` find, each an FTS5 expression."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSearch:
    """The full-text side of a branch.

    ``match`` is the FTS5 expression; ``in_title`` finds those of its matches that have all their words in a title.
    ``operands`` and ``operands_in_title`` are what they consist of, in one order.
    ``phrases`` are its parts, each an expression. ``plain`` is what was asked when it was nothing but words.
    ``whole_words`` is there when a word is a prefix of more letters than the index has prefixes of, which costs time in
    proportion to all that matches it: the same search with such prefixes taken for whole words.
    """

    match: str
    in_title: str
    operands: Conjunction
    operands_in_title: Conjunction
    phrases: tuple[str, ...]
    plain: str | None
    whole_words: TextSearch | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The operands of a conjunction, sorted: texts that must match, texts that must not, and the rest."""

    wanted: list[str]
    unwanted: list[str]
    others: list[Node]

    def conjunction(self) -> Conjunction:
        """The texts."""
        return Conjunction(tuple(self.wanted), tuple(self.unwanted))

    def expression(self) -> str | None:
        """The FTS5 expression of the texts, when any must match."""
        if not self.wanted:
            return None
        wanted = " AND ".join(self.wanted)
        return f"(({wanted}) NOT ({' OR '.join(self.unwanted)}))" if self.unwanted else f"({wanted})"


def match_expression(node: Node, *, in_title: bool = False) -> str | None:
    """The FTS5 expression of a part that speaks of texts alone and is not only a negation, else ``None``.

    ``in_title``: the words that must be there must be so in a title.
    """
    match node:
        case Word() | Phrase() | TextMatch():
            return leaf_expression(node, in_title=in_title)
        case Or():
            alternatives = [match_expression(operand, in_title=in_title) for operand in node.operands]
            found = [text for text in alternatives if text is not None]
            return f"({' OR '.join(found)})" if len(found) == len(alternatives) else None
        case And():
            parts = sorted_parts(node.operands, in_title=in_title)
            return None if parts.others else parts.expression()
        case _:
            return None


def leaf_expression(node: TextLeaf, *, in_title: bool = False) -> str:
    """The FTS5 expression of one word, phrase or field.

    A word of a title is a facet word, too, and found by that: to see which of the titles that have a common word
    somewhere have it there, FTS5 reads all its places. Not a short prefix, of which the index keeps a list.
    """
    text = index_text(node.text)
    phrase = f'"{text}"'
    star = " *" if not isinstance(node, Phrase) and node.prefix else ""
    field = node.field if isinstance(node, TextMatch) else None
    if in_title and field in (None, TextField.TITLE):
        if " " not in text and not (star and len(text) <= INDEXED_PREFIX):
            return f"{FacetWord.TITLE.expression((text,))}{star}"
        field = TextField.TITLE
    return f"{phrase}{star}" if field is None else f"{_COLUMNS[field]} : {phrase}{star}"


def text_search(operands: Sequence[Node]) -> TextSearch | None:
    """The full-text side of a conjunction."""
    parts, parts_in_title = sorted_parts(operands), sorted_parts(operands, in_title=True)
    match, in_title = parts.expression(), parts_in_title.expression()
    if match is None or in_title is None:
        return None
    texts = [operand for operand in operands if match_expression(operand) is not None]
    plain = [operand for operand in texts if isinstance(operand, Word | Phrase)]
    negated = any(isinstance(operand, Not) for operand in operands)
    leaves = [leaf for operand in texts for leaf in text_leaves(operand)]
    return TextSearch(
        match,
        in_title,
        parts.conjunction(),
        parts_in_title.conjunction(),
        tuple(leaf_expression(leaf) for leaf in leaves),
        " ".join(operand.text for operand in plain) if len(plain) == len(texts) and not negated else None,
        text_search([_whole(operand) for operand in operands]) if any(map(_long_prefix, leaves)) else None,
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


def sorted_parts(operands: Sequence[Node], *, in_title: bool = False) -> Parts:
    """The operands of a conjunction, sorted."""
    parts = Parts([], [], [])
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


def rarest_first(operands: Conjunction, order: Sequence[int]) -> str:
    """The FTS5 expression of a conjunction whose operands are met in ``order``, those that find fewest first.

    FTS5 takes ``a AND b AND c`` together, however it is put in parentheses, and goes on in every list for each title of
    any. With a negation between it looks into each further list only for what the ones before have in common.
    """
    wanted = [operands.wanted[position] for position in order]
    expression = " AND ".join(wanted[:2])
    for one in wanted[2:_MOST_NESTED]:
        expression = f"(({expression}) NOT {_NO_TITLE}) AND {one}"
    expression = " AND ".join((expression, *wanted[_MOST_NESTED:]))
    return f"(({expression}) NOT ({' OR '.join(operands.unwanted)}))" if operands.unwanted else f"({expression})"


def indexed_conjunction(wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[str | None, str | None]:
    """The FTS5 expression of the titles that all of ``wanted`` and none of ``unwanted`` find.

    There is none when nothing is wanted; then the second one finds the titles that are not meant.
    """
    others = f"({' OR '.join(unwanted)})"
    if not wanted:
        return None, others
    together = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
    return (f"({together} NOT {others})" if unwanted else together), None
