"""Cuts the text of a query into tokens with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.query.ast import NOWHERE, Span

MAX_LENGTH: Final = 1024
"""Longest query, in characters. A file name in the mount is shorter still (255 bytes)."""

_FIELD = re.compile(r"([A-Za-z]+):")
_WORD_END = re.compile(r"[\s()\"]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class TokenType(Enum):
    """What a token is."""

    WORD = auto()
    PHRASE = auto()
    FIELD = auto()
    """``text`` is the field's name in lower case, ``value`` what follows the colon."""
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query. ``quoted`` says that a field's value stood in quotes."""

    type: TokenType
    text: str
    span: Span
    value: str = ""
    value_span: Span = NOWHERE
    quoted: bool = False


OPERATORS: Final = {"AND": TokenType.AND, "OR": TokenType.OR, "NOT": TokenType.NOT}
_PARENTHESES: Final = {"(": TokenType.OPEN, ")": TokenType.CLOSE}


def tokens(text: str) -> Iterator[Token]:
    """All tokens of ``text``, the last one END.

    Raises:
        QuerySyntaxError: too long, a control character, or quotes that are not closed.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(
            f"the query is too long: {len(text)} characters, at most {MAX_LENGTH} are read", text, MAX_LENGTH
        )
    control = _CONTROL.search(text)
    if control is not None:
        raise QuerySyntaxError(
            f"the query holds a control character (U+{ord(control[0]):04X}); leave it out", text, control.start()
        )
    position = 0
    while (position := _skip_space(text, position)) < len(text):
        token = _token(text, position)
        yield token
        position = token.span.end
    yield Token(TokenType.END, "", Span(len(text), len(text)))


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _token(text: str, position: int) -> Token:
    character = text[position]
    if character in _PARENTHESES:
        return Token(_PARENTHESES[character], character, Span(position, position + 1))
    if character == '"':
        end = _closing_quote(text, position)
        return Token(TokenType.PHRASE, text[position + 1 : end], Span(position, end + 1))
    if character == "-" and position + 1 < len(text) and not text[position + 1].isspace() and text[position + 1] != ")":
        return Token(TokenType.NOT, character, Span(position, position + 1))
    field = _FIELD.match(text, position)
    if field is not None:
        return _field(text, position, field)
    return _word(text, position)


def _word(text: str, position: int) -> Token:
    end = _end_of_word(text, position)
    word = text[position:end]
    return Token(OPERATORS.get(word, TokenType.WORD), word, Span(position, end))


def _field(text: str, position: int, field: re.Match[str]) -> Token:
    start = field.end()
    name = field[1].lower()
    if start < len(text) and text[start] == '"':
        end = _closing_quote(text, start)
        return Token(
            TokenType.FIELD, name, Span(position, end + 1), text[start + 1 : end], Span(start, end + 1), quoted=True
        )
    end = _end_of_word(text, start)
    return Token(TokenType.FIELD, name, Span(position, end), text[start:end], Span(start, end))


def _end_of_word(text: str, position: int) -> int:
    """Where the word at ``position`` ends: before a space, a parenthesis, a quote or the end."""
    found = _WORD_END.search(text, position)
    return len(text) if found is None else found.start()


def _closing_quote(text: str, opening: int) -> int:
    end = text.find('"', opening + 1)
    if end < 0:
        raise QuerySyntaxError(
            'a quote is opened but not closed; add a " at the end of the phrase', text, opening, len(text) - opening
        )
    return end
