"""Capitals for titles whose whole name is in lower case: ``the lord of the rings`` → ``The Lord of the Rings``.

As English titles have them and the databases of films write them: all words but short ones in the middle.
"""

from __future__ import annotations

import re
from typing import Final

from offliniofs.detect.text import words

_SMALL: Final = words(
    "a an and as at but by for from in nor of on or the to via vs with de del der des du et und von y"
)
"""Articles, conjunctions and short prepositions; of other languages those that are no English words."""
_CAPITALS: Final = words("ii iii iv vi vii viii ix xi xii xiii xiv xv usa uk fbi cia csi ncis nypd tv bbc ufo dj")
"""Numerals and abbreviations that are no other words."""
_WORD: Final = re.compile(r"[^\s]+")
_PART: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?")
_ENDS: Final = (":", "-", "\u2013", "\u2014", "!", "?", ".")


def is_in_lower_case(name: str) -> bool:
    """Whether a name has letters that could be capitals, and none that is."""
    return any(map(str.islower, name)) and not any(character.isupper() or character.istitle() for character in name)


def with_capitals(title: str) -> str:
    """The title with capitals."""
    found = list(_WORD.finditer(title))
    result, end, opens = [], 0, True
    for position, match in enumerate(found):
        word = match[0]
        inner = not opens and position < len(found) - 1
        result += [title[end : match.start()], word if inner and word in _SMALL else _capital(word)]
        end, opens = match.end(), word.endswith(_ENDS)
    return "".join([*result, title[end:]])


def _capital(word: str) -> str:
    if _INITIALS.fullmatch(word):
        return word.upper()
    return _PART.sub(lambda match: _part(match, word), word)


def _part(match: re.Match[str], word: str) -> str:
    part = match[0]
    if part in _CAPITALS:
        return part.upper()
    inner = match.start() > 0 and match.end() < len(word)
    if inner and part in _SMALL:
        return part
    first = part[0].upper()
    return (first if len(first) == 1 else part[0]) + part[1:]
