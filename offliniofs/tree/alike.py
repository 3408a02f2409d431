"""Names that are the same but for their case, for clients (Windows, macOS) that make no difference.

An exact name always comes first; only when there is none does another spelling count, and of several the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from offliniofs.domain.content import ContentKind
from offliniofs.tree import given
from offliniofs.tree.text import folded

_DISTINCTION: Final = re.compile(r" \([0-9]{1,5}\)\Z")


def first_alike(name: str, names: Iterable[str]) -> str | None:
    """The first of ``names`` that differs from ``name`` in case alone."""
    wanted = folded(name)
    return next((other for other in names if folded(other) == wanted), None)


def titles_in(name: str) -> tuple[str, ...]:
    """The titles that a folder's name may speak of: with or without a year, a number, an artist before it."""
    plain = name
    title = given.words(_DISTINCTION.sub("", given.words(plain, ContentKind.MOVIE).title), ContentKind.MOVIE).title
    _, dash, album = title.partition(" - ")
    return tuple(dict.fromkeys(text for text in (title, plain, album if dash else "") if text))
