"""Views: what a folder outside the canonical tree shows, and the two ways of writing one down.

A view that is one condition on titles has a number that follows from it (``view_number``); every other one (a search, a
nested facet) has a text made of keys (``view_text``), from which it can be made again after a restart although names
have changed meanwhile. ``contexts.py`` gives such a text its number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from offliniofs.domain.listing import VALUED_FACETS, Facet, FacetValue, Selection

MAX_DEPTH: Final = 8
"""Conditions one path may nest: bounds every path, and every query that is made of one."""

VALUE_BITS: Final = 24
MAX_VALUE: Final = (1 << VALUE_BITS) - 1
DYNAMIC: Final = 15
"""The facet number of contexts whose value is a hash, see ``contexts.py``."""

REPEATABLE: Final = frozenset({Facet.GENRE, Facet.COLLECTION, Facet.SEARCH, Facet.SAVED})
"""Facets a title can meet with several values. A second year could only be empty, a second quality ambiguous."""

_FACET_NUMBERS: Final = {
    Facet.GENRE: 1,
    Facet.YEAR: 2,
    Facet.QUALITY: 3,
    Facet.RECENT: 4,
    Facet.UNWATCHED: 5,
    Facet.FAVOURITES: 6,
    Facet.COLLECTION: 7,
    Facet.SAVED: 8,
}
_FLEETING: Final = frozenset({DYNAMIC, _FACET_NUMBERS[Facet.SAVED]})
_FACETS_BY_NUMBER: Final = {number: facet for facet, number in _FACET_NUMBERS.items()}
_FACETS_BY_NAME: Final = {facet.value: facet for facet in Facet}
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,7}")


@dataclass(frozen=True, slots=True)
class View:
    """A folder that shows titles, or the values of a facet.

    ``selection``: conditions on titles. ``facet``: ``None`` for a folder of titles; else the folder lists the values of
    that facet which some title of the selection has (``by-genre/Action/by-year``).
    """

    selection: Selection
    facet: Facet | None = None

    def condition(self, value: FacetValue) -> View | None:
        """This view narrowed by one more condition; ``None`` when the condition is there already."""
        return None if value in self.selection else View((*self.selection, value))

    def nested(self, name: str) -> View | None:
        """The view that the facet of this name makes inside this view of titles, or ``None`` if there is none."""
        facet = _FACETS_BY_NAME.get(name)
        if facet is None or self.facet is not None or len(self.selection) >= MAX_DEPTH:
            return None
        if facet not in REPEATABLE and any(value.facet is facet for value in self.selection):
            return None
        return View(self.selection, facet) if facet in VALUED_FACETS else self.condition(FacetValue(facet))

    @property
    def parent(self) -> View | None:
        """The view whose folder holds this one; ``None`` when that is a folder which always exists."""
        if self.facet is not None:
            return View(self.selection) if self.selection else None
        last, rest = self.selection[-1], self.selection[:-1]
        if not rest:
            return None
        return View(rest, last.facet) if last.facet in VALUED_FACETS else View(rest)

    @property
    def height(self) -> int | None:
        """Picture height in pixels that files must have to be shown here, or ``None`` for all."""
        for value in self.selection:
            if value.facet is Facet.QUALITY and isinstance(value.key, int):
                return value.key
        return None

    @property
    def search(self) -> str | None:
        """The query that was entered last, if this view is a search."""
        if self.facet is None and self.selection[-1].facet is Facet.SEARCH:
            return str(self.selection[-1].key)
        return None

    @property
    def change_key(self) -> str:
        """The key under which the catalogue keeps when this view's listing last changed.

        A view of several conditions, or a search, has none of its own: any change of the library may change it.
        """
        if self.facet is not None or len(self.selection) != 1:
            return LIBRARY_KEY
        return value_change_key(self.selection[0])


LIBRARY_KEY: Final = "library"
"""Key of view_times that changes with everything."""

TRASH_KEY: Final = "trash"
"""Key of ``.trash``."""

_CHANGE_WORDS: Final = {
    Facet.GENRE: "genre",
    Facet.YEAR: "year",
    Facet.QUALITY: "resolution",
    Facet.COLLECTION: "collection",
}


def value_change_key(value: FacetValue) -> str:
    """Key of view_times of a view with one condition."""
    word = _CHANGE_WORDS.get(value.facet)
    if word is not None:
        return f"{word}:{value.key}"
    return LIBRARY_KEY if value.facet in {Facet.SEARCH, Facet.SAVED} else value.facet.value


def view_number(view: View) -> int | None:
    """The context number that follows from a view of one condition; ``None`` for any other view."""
    if view.facet is not None or len(view.selection) != 1:
        return None
    value = view.selection[0]
    number = _FACET_NUMBERS.get(value.facet)
    if number is None:
        return None
    if value.facet not in VALUED_FACETS:
        return number << VALUE_BITS
    if isinstance(value.key, int) and 0 < value.key <= MAX_VALUE:
        return number << VALUE_BITS | value.key
    return None


def is_fleeting(context: int) -> bool:
    """Whether any change may change that view: a search, a saved search or a nested facet has no key of its own."""
    return context >> VALUE_BITS in _FLEETING


def numbered_view(context: int) -> View | None:
    """The view of a context number that :func:`view_number` gives; ``None`` for every other number."""
    facet = _FACETS_BY_NUMBER.get(context >> VALUE_BITS)
    value = context & MAX_VALUE
    if facet is None or (value == 0) is (facet in VALUED_FACETS):
        return None
    return View((FacetValue(facet, value if value else None),))


def view_text(view: View) -> str:
    """The view as text: ``search/blade runner``, ``by-genre/5/by-year``. The inverse of :func:`parse_view`."""
    parts: list[str] = []
    for value in view.selection:
        parts.append(value.facet.value)
        if value.key is not None:
            parts.append(str(value.key))
    if view.facet is not None:
        parts.append(view.facet.value)
    return "/".join(parts)


def parse_view(text: str) -> View | None:
    """The view that :func:`view_text` wrote, or ``None`` for any other text."""
    parts = text.split("/")
    view = View(())
    index = 0
    while index < len(parts):
        nested = view.nested(parts[index])
        if nested is None:
            return None
        index += 1
        if nested.facet is not None and index < len(parts):
            narrowed = _keyed(nested, parts[index])
            if narrowed is None:
                return None
            nested = narrowed
            index += 1
        view = nested
    return view


def _keyed(view: View, text: str) -> View | None:
    if view.facet is None:
        return None
    if view.facet is Facet.SEARCH:
        return view.condition(FacetValue(view.facet, text)) if text else None
    if not _NUMBER.fullmatch(text) or int(text) > MAX_VALUE:
        return None
    return view.condition(FacetValue(view.facet, int(text)))
