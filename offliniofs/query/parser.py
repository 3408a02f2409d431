"""Reads the search language.

    query  = all { "OR" all }
    all    = part { ["AND"] part }
    part   = ("NOT" | "-") part | "(" query ")" | field ":" value | '"' phrase '"' | word

``OR``, ``AND`` and ``NOT`` count only in capitals. The last word that is not negated is a prefix, and so is any word
with a ``*`` at its end. A word of nothing but punctuation (the ``&`` of ``Tom & Jerry``) is passed over. A word and a
colon that is followed by a space (``Mission: Impossible``) is a word, unless there is such a field.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.query.ast import (
    And,
    Flag,
    FlagName,
    KindMatch,
    LanguageMatch,
    NameField,
    NameMatch,
    Node,
    Not,
    NumberField,
    Or,
    Phrase,
    Query,
    Span,
    TextField,
    TextMatch,
    Word,
    conjunction,
    disjunction,
)
from offliniofs.query.languages import language_tag
from offliniofs.query.lexer import Token, TokenType, tokens
from offliniofs.query.text import index_text
from offliniofs.query.values import Value, number_range, quality_range

MAX_DEPTH: Final = 16
"""Groups and negations inside each other."""

MAX_TERMS: Final = 64
"""Words, phrases and fields in one query."""

KINDS: Final[Mapping[str, ContentKind]] = {
    "movie": ContentKind.MOVIE,
    "movies": ContentKind.MOVIE,
    "film": ContentKind.MOVIE,
    "films": ContentKind.MOVIE,
    "series": ContentKind.SERIES,
    "show": ContentKind.SERIES,
    "shows": ContentKind.SERIES,
    "tv": ContentKind.SERIES,
    "album": ContentKind.ALBUM,
    "albums": ContentKind.ALBUM,
    "music": ContentKind.ALBUM,
    "other": ContentKind.OTHER,
}
"""What ``type:`` accepts."""

_FLAGS: Final[Mapping[str, FlagName]] = {
    **{flag.value: flag for flag in FlagName},
    "favorite": FlagName.FAVOURITE,
    "seen": FlagName.WATCHED,
    "unseen": FlagName.UNWATCHED,
}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "genres": "genre",
    "tags": "tag",
    "people": "person",
    "actor": "person",
    "director": "person",
    "artist": "person",
    "language": "lang",
    "kind": "type",
}


def parse(text: str) -> Query:
    """Reads a query.

    Raises:
        QuerySyntaxError: with the place, for every text that is not a query. Nothing else is ever raised.
    """
    root = _Parser(text).query()
    return Query(_with_last_word_as_prefix(root), text)


class _Parser:
    """Recursive descent over the tokens of one query. ``None`` stands for what says nothing, such as ``&``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._next = 0
        self._terms = 0

    def query(self) -> Node:
        root = self._any(0)
        closing = self._peek()
        if closing.type is TokenType.CLOSE:
            raise self._error("this parenthesis closes nothing; remove it or open one before", closing.span)
        if root is None:
            what = "the query is empty" if not self._text.strip() else "the query has no letters or digits"
            raise QuerySyntaxError(f"{what}; write a word of the title, or a field such as year:1999", self._text, 0)
        return root

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _error(self, message: str, span: Span) -> QuerySyntaxError:
        return QuerySyntaxError(message, self._text, span.start, span.end - span.start)

    def _any(self, depth: int) -> Node | None:
        operands: list[Node] = []
        start = self._peek().span.start
        first = self._all(depth)
        if self._peek().type is not TokenType.OR:
            return first
        self._add_alternative(operands, first, self._peek())
        while self._peek().type is TokenType.OR:
            operator = self._take()
            self._add_alternative(operands, self._all(depth), operator)
        return disjunction(operands, self._span_from(start))

    def _add_alternative(self, operands: list[Node], operand: Node | None, operator: Token) -> None:
        if operand is None:
            raise self._error(
                'OR needs something to search for on both sides; for the word itself write "or"', operator.span
            )
        operands.append(operand)

    def _all(self, depth: int) -> Node | None:
        operands: list[Node] = []
        start = self._peek().span.start
        pending: Token | None = None
        while (token := self._peek()).type not in (TokenType.END, TokenType.CLOSE, TokenType.OR):
            if token.type is TokenType.AND:
                if pending is not None or not operands:
                    raise self._one_sided_and(token)
                pending = self._take()
                continue
            operand = self._part(depth)
            if operand is not None:
                operands.append(operand)
                pending = None
        if pending is not None:
            raise self._one_sided_and(pending)
        return conjunction(operands, self._span_from(start)) if operands else None

    def _one_sided_and(self, operator: Token) -> QuerySyntaxError:
        return self._error(
            'AND needs something to search for on both sides; for the word itself write "and"', operator.span
        )

    def _span_from(self, start: int) -> Span:
        return Span(start, max(start, self._tokens[self._next - 1].span.end))

    def _part(self, depth: int) -> Node | None:
        token = self._take()
        if token.type in (TokenType.NOT, TokenType.OPEN) and depth >= MAX_DEPTH:
            raise self._error(f"the query is nested more than {MAX_DEPTH} deep; write it with fewer groups", token.span)
        match token.type:
            case TokenType.NOT:
                return self._negation(token, depth + 1)
            case TokenType.OPEN:
                return self._group(token, depth + 1)
            case TokenType.PHRASE:
                return self._counted(self._phrase(token))
            case TokenType.FIELD:
                return self._counted(self._field(token))
            case _:
                return self._counted(_word(token))

    def _counted(self, node: Node | None) -> Node | None:
        self._terms += node is not None
        if self._terms > MAX_TERMS:
            raise self._error(
                f"the query has more than {MAX_TERMS} words and fields; search for fewer",
                self._tokens[self._next - 1].span,
            )
        return node

    def _negation(self, operator: Token, depth: int) -> Node:
        following = self._peek().type
        if following in (TokenType.END, TokenType.CLOSE, TokenType.OR, TokenType.AND):
            raise self._error(f"{operator.text} needs something after it that must not be there", operator.span)
        operand = self._part(depth)
        if operand is None:
            raise self._error(f"what follows {operator.text} has no letters or digits", operator.span)
        return Not(operand, self._span_from(operator.span.start))

    def _group(self, opening: Token, depth: int) -> Node | None:
        if self._peek().type is TokenType.CLOSE:
            raise self._error(
                "the parentheses are empty; write something between them",
                Span(opening.span.start, self._peek().span.end),
            )
        inner = self._any(depth)
        if self._peek().type is not TokenType.CLOSE:
            raise self._error("this parenthesis is opened but not closed; add a )", opening.span)
        self._take()
        return inner

    def _phrase(self, token: Token) -> Node | None:
        return Phrase(token.text, token.span) if index_text(token.text) else None

    def _field(self, token: Token) -> Node | None:
        name = _OTHER_NAMES.get(token.text, token.text)
        reader = _FIELDS.get(name)
        if reader is None:
            if not token.value and not token.quoted:
                return _word(replace(token, text=self._text[token.span.start : token.span.end]))
            raise self._unknown_field(token)
        value = Value(name, token.value, token.value_span, self._text)
        if not token.value.strip():
            raise self._error(f"{token.text}: needs a value right after the colon", token.span)
        return reader(value, token)

    def _unknown_field(self, token: Token) -> QuerySyntaxError:
        near = difflib.get_close_matches(token.text[:32], [*_FIELDS, *_OTHER_NAMES], n=1)
        hint = f"did you mean {_OTHER_NAMES.get(near[0], near[0])}:?" if near else f"there are {', '.join(_FIELDS)}"
        return self._error(
            f"there is no field {token.text[:32]!r}; {hint} (to search for the text itself, put it in quotes)",
            Span(token.span.start, token.span.start + len(token.text)),
        )


def _word(token: Token) -> Word | None:
    text = token.text.rstrip("*")
    return Word(text, prefix=text != token.text, span=token.span) if index_text(text) else None


def _text_field(field: TextField) -> Callable[[Value, Token], Node]:
    def read(value: Value, token: Token) -> Node:
        text = value.text if token.quoted else value.text.rstrip("*")
        if not index_text(text):
            raise value.error(f"{value.field}: needs a value with letters or digits")
        return TextMatch(field, text, text != value.text, token.span)

    return read


def _name_field(field: NameField) -> Callable[[Value, Token], Node]:
    def read(value: Value, token: Token) -> Node:
        if not index_text(value.text):
            raise value.error(f"{value.field}: needs a value with letters or digits")
        return NameMatch(field, value.text, token.span)

    return read


def _number_field(field: NumberField) -> Callable[[Value, Token], Node]:
    def read(value: Value, token: Token) -> Node:
        return number_range(field, value, token.span)

    return read


def _kind(value: Value, token: Token) -> Node:
    kind = KINDS.get(value.text.strip().lower())
    if kind is None:
        raise value.error(f"there is no type {value.text!r}; there are movie, series, album, other")
    return KindMatch(kind, token.span)


def _language(value: Value, token: Token) -> Node:
    tag = language_tag(value.text)
    if tag is None:
        raise value.error(f"{value.text!r} is no language; write a code, as lang:en, or a name, as lang:english")
    return LanguageMatch(tag, token.span)


def _flag(value: Value, token: Token) -> Node:
    flag = _FLAGS.get(value.text.strip().lower())
    if flag is None:
        raise value.error(f"{value.text!r} is nothing a title can be; there are {', '.join(flag for flag in FlagName)}")
    return Flag(flag, token.span)


_FIELDS: Final[Mapping[str, Callable[[Value, Token], Node]]] = {
    "genre": _name_field(NameField.GENRE),
    "year": _number_field(NumberField.YEAR),
    "quality": lambda value, token: quality_range(value, token.span),
    "type": _kind,
    "person": _text_field(TextField.PERSON),
    "lang": _language,
    "tag": _name_field(NameField.TAG),
    "added": _number_field(NumberField.ADDED),
    "views": _number_field(NumberField.VIEWS),
    "size": _number_field(NumberField.SIZE),
    "title": _text_field(TextField.TITLE),
    "collection": _name_field(NameField.COLLECTION),
    "is": _flag,
}


def last_word(node: Node) -> Word | None:
    """The last word outside every negation."""
    match node:
        case Word():
            return node
        case And() | Or():
            return next((word for operand in reversed(node.operands) if (word := last_word(operand))), None)
        case _:
            return None


def _with_last_word_as_prefix(root: Node) -> Node:
    last = last_word(root)
    return root if last is None else _replaced(root, last, replace(last, prefix=True))


def _replaced(node: Node, old: Word, new: Word) -> Node:
    """``node`` with the very node ``old`` replaced."""
    if node is old:
        return new
    if isinstance(node, And | Or):
        return replace(node, operands=tuple(_replaced(operand, old, new) for operand in node.operands))
    return node
