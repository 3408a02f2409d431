"""The numbers of views that have none of their own: searches and nested facets.

A view's text is hashed to 24 bits; where another text has that number already, the next free one is taken. The table is
in memory and bounded: what was not used for longest is forgotten, and a forgotten number is answered "stale", upon
which the kernel looks the path up again. Numbers of views that somebody opened are stored (``recent_views``) and given
back to :meth:`ContextRegistry.seed` at start, so that they mean the same after a restart. Nothing here does I/O, and
nothing is safe for several threads at once: the registry belongs to the mount's event loop.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from offliniofs.tree.views import (
    DYNAMIC,
    MAX_VALUE,
    VALUE_BITS,
    View,
    numbered_view,
    parse_view,
    view_number,
    view_text,
)

DEFAULT_CAPACITY: Final = 16_384
"""Views remembered at once: about 10 MB at most."""

_DYNAMIC_BASE: Final = DYNAMIC << VALUE_BITS


def text_hash(text: str) -> int:
    """24 bits that follow from a view's text alone; never 0."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=3).digest()
    return int.from_bytes(digest) or 1


class ContextRegistry:
    """Which context number means which view, in both directions."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        if not 0 < capacity < MAX_VALUE // 2:
            raise ValueError(f"capacity must be between 1 and {MAX_VALUE // 2 - 1}, not {capacity}")
        self._capacity = capacity
        self._views: OrderedDict[int, View] = OrderedDict()
        self._numbers: dict[View, int] = {}

    def __len__(self) -> int:
        return len(self._views)

    def context(self, view: View) -> int:
        """The number of a view: its own, the one it was given before, or a new one."""
        number = view_number(view)
        if number is not None:
            return number
        number = self._numbers.get(view)
        if number is None:
            number = self._free(text_hash(view_text(view)))
            self._remember(number, view)
        else:
            self._views.move_to_end(number)
        return _DYNAMIC_BASE | number

    def view(self, context: int) -> View | None:
        """The view a number means; ``None`` for a number that is not, or no longer, known."""
        if context >> VALUE_BITS != DYNAMIC:
            return numbered_view(context)
        number = context & MAX_VALUE
        view = self._views.get(number)
        if view is not None:
            self._views.move_to_end(number)
        return view

    def seed(self, rows: Iterable[tuple[int, str]]) -> None:
        """Takes back stored numbers and texts, least recently used first. What cannot be understood is left out.

        A number may be given as a whole context.
        """
        for context, text in rows:
            number = context & MAX_VALUE
            view = parse_view(text)
            if view is None or not view.selection or view_number(view) is not None or view in self._numbers:
                continue
            if 0 < number <= MAX_VALUE and number not in self._views:
                self._remember(number, view)

    def stored_form(self, context: int) -> tuple[int, str] | None:
        """Number and text to store for a view that was opened; ``None`` for one whose number needs no storing."""
        if context >> VALUE_BITS != DYNAMIC:
            return None
        number = context & MAX_VALUE
        view = self._views.get(number)
        return None if view is None else (number, view_text(view))

    def _free(self, number: int) -> int:
        while number in self._views:
            number = number % MAX_VALUE + 1
        return number

    def _remember(self, number: int, view: View) -> None:
        self._views[number] = view
        self._numbers[view] = number
        while len(self._views) > self._capacity:
            _, forgotten = self._views.popitem(last=False)
            del self._numbers[forgotten]
