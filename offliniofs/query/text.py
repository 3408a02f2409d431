"""How text becomes the words that search compares: the one definition shared by the index, queries and the oracle.

:func:`index_text` is applied to everything written into the full-text index and to every word of a query. What it
leaves are words of letters and digits, separated by single spaces, without case and without accents. FTS5's own
``unicode61 remove_diacritics 2`` (https://www.sqlite.org/fts5.html#unicode61_tokenizer) then has nothing left to
decide; alone it would keep the accents of Greek and Cyrillic, and the difference between full and half width.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_FIRST_ACCENT: Final = "\u0300"
_LAST_ACCENT: Final = "\u036f"
"""Unicode's block "Combining Diacritical Marks": the accents of Latin, Greek and Cyrillic."""

_UNKNOWN_TO_SQLITE: Final = frozenset(
    chr(code) for start, end in ((0x19B0, 0x19C0), (0x19C8, 0x19C9), (0x1CF2, 0x1CF3)) for code in range(start, end + 1)
)
"""Letters that SQLite's tables (older than Python's) take for marks, so that they end a word there."""

_ASCII_WORDS: Final = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))


def index_text(text: str) -> str:
    """The words of ``text`` in the form the index holds, separated by single spaces. Empty when it has none.

    Total: any string is accepted, lone surrogates and control characters only separate words.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII_WORDS).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(character for character in folded if not _FIRST_ACCENT <= character <= _LAST_ACCENT)
    composed = unicodedata.normalize("NFC", bare)
    return " ".join("".join(character if _in_word(character) else " " for character in composed).split())


def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` as the index compares them."""
    return tuple(index_text(text).split())


@lru_cache(maxsize=4096)
def _in_word(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LN" or category == "Co") and character not in _UNKNOWN_TO_SQLITE
