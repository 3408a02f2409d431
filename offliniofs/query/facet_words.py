"""Words that stand in the full-text index for what is no text: a title's genre, year, kind and so on; and once more
for the words of its titles, so that these are found without reading where else a common word stands.

With them one expression narrows a word by facets inside the index, where long lists of titles are met in a few
milliseconds, in order, and without reading a row of any table. Each begins with :data:`MARK`, a character that
:func:`~offliniofs.query.text.index_text` never lets through and the index's tokenizer keeps: no text holds such a word
and no query can ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from offliniofs.query.text import words

MARK: Final = "="
AFTER_MARK: Final = chr(ord(MARK) + 1)
"""Sorts after every facet word and before every word of letters."""


class FacetWord(Enum):
    """What a facet word says of a title."""

    GENRE = "g"
    TAG = "t"
    COLLECTION = "c"
    YEAR = "y"
    RESOLUTION = "r"
    QUALITY_RANK = "q"
    KIND = "k"
    LANGUAGE = "l"
    FAVOURITE = "f"
    UNWATCHED = "u"
    TITLE = "w"

    def of(self, value: int | str = "") -> str:
        """The word: ``=y1999``, ``=lpt=br``, ``=u``."""
        return f"{MARK}{self.value}{MARK.join(words(str(value)))}"

    def expression(self, values: Iterable[int | str] = ("",)) -> str:
        """The FTS5 expression of titles that have one of the values."""
        found = [f'"{self.of(value)}"' for value in values]
        return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def title_words(*titles: str) -> tuple[str, ...]:
    """The facet words of the words of a title and of its original title, each once: ``=wblade``."""
    return tuple(FacetWord.TITLE.of(word) for word in dict.fromkeys(word for title in titles for word in words(title)))


def language_words(languages: str) -> tuple[str, ...]:
    """The facet words of a list of languages separated by spaces, each once: ``pt-br`` is also ``pt``."""
    parts = [language.split("-") for language in languages.split()]
    found = [FacetWord.LANGUAGE.of("-".join(part[:length])) for part in parts for length in range(1, len(part) + 1)]
    return tuple(dict.fromkeys(found))
