"""Words that are nearly the same: what somebody meant who mistyped.

Distance is that of optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one
each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Row = tuple[int, ...]
"""Distances of one text to every beginning of the word."""

Seek = Callable[[str], str | None]
"""The first term of a sorted dictionary that is not before a text, ``None`` after the last one."""

_LAST: Final = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class NearTerm:
    """A term of the dictionary and how far it is from the word."""

    term: str
    distance: int


def distance(first: str, second: str) -> int:
    """The number of typing errors that make ``second`` of ``first``."""
    rows = [tuple(range(len(second) + 1))]
    for length in range(1, len(first) + 1):
        rows.append(_next_row(second, rows, first[:length]))
    return rows[-1][-1]


def near_terms(word: str, most: int, seek: Seek, *, budget: int, beginning: str = "") -> list[NearTerm]:
    """Terms at a distance of at most ``most``, but not the word itself, in order.

    Walks the dictionary as if it were a tree: a beginning that no ending can bring near is left at once for the next
    one that can be. After ``budget`` seeks it ends with what it has. Only terms with that ``beginning`` are looked at.
    """
    found: list[NearTerm] = []
    key: str | None = beginning
    letters = sorted(set(word))
    while key is not None and budget > 0:
        budget -= 1
        term = seek(key)
        if term is None or not term.startswith(beginning):
            break
        rows = _rows(word, term, most)
        if len(rows) <= len(term) and min(rows[-1]) > most:
            key = _next_beginning(term[: len(rows) - 1], rows[:-1], letters, word, most)
            continue
        if rows[-1][-1] <= most and term != word:
            found.append(NearTerm(term, rows[-1][-1]))
        key = term + "\0"
    return found


def _rows(word: str, term: str, most: int) -> list[Row]:
    """The rows of ``term``'s beginnings, up to and with the first that is too far to come near again."""
    rows = [tuple(range(len(word) + 1))]
    for length in range(1, len(term) + 1):
        rows.append(_next_row(word, rows, term[:length]))
        if min(rows[-1]) > most:
            break
    return rows


def _next_row(word: str, rows: list[Row], text: str) -> Row:
    """The row of ``text``, given the rows of its beginnings."""
    previous = rows[-1]
    row = [previous[0] + 1]
    letter = text[-1]
    for index, other in enumerate(word, 1):
        best = min(row[index - 1] + 1, previous[index] + 1, previous[index - 1] + (letter != other))
        if index > 1 and len(text) > 1 and letter == word[index - 2] and text[-2] == other:
            best = min(best, rows[-2][index - 2] + 1)
        row.append(best)
    return tuple(row)


def _next_beginning(dead: str, rows: list[Row], letters: list[str], word: str, most: int) -> str | None:
    """The first beginning after ``dead`` and all that begins with it that may still come near.

    ``rows`` are those of ``dead`` without its last letter, and of that one's beginnings.
    """
    parent, after = dead[:-1], dead[-1]
    while True:
        if min(_next_row(word, rows, parent + _LAST)) <= most:
            return parent + _following(after)  # any letter will do
        for letter in letters:
            if letter > after and min(_next_row(word, rows, parent + letter)) <= most:
                return parent + letter
        if not parent:
            return None
        parent, after = parent[:-1], parent[-1]
        rows = rows[:-1]


def _following(letter: str) -> str:
    """The next code point that is not a surrogate."""
    code = ord(letter) + 1
    return chr(0xE000 if 0xD800 <= code <= 0xDFFF else min(code, 0x10FFFF))
