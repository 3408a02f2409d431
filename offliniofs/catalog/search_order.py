"""Which parts of a query match least, so that these are met first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from offliniofs.catalog.search_plan import Filters
from offliniofs.query.compile import Conjunction, TextSearch, rarest_first

WORTH_ORDERING: Final = 3
"""Operands of a conjunction from which on their order matters."""


@dataclass(slots=True)
class Rarity:
    """How many titles each FTS5 expression matches, about: ``count`` tells, and is asked once for each."""

    count: Callable[[str], int]
    _known: dict[str, int] = field(default_factory=dict)
    _whole: dict[str, str] = field(default_factory=dict)

    def of(self, expression: str) -> int:
        """About how many titles match."""
        found = self._known.get(expression)
        if found is None:
            found = self._known[expression] = self.count(expression)
        return found

    def ordered_text(self, text: TextSearch) -> TextSearch:
        """The same search, in which the rarest words are met first."""
        whole = text.whole_words
        if whole is not None:
            self._whole.update(zip(text.operands.wanted, whole.operands.wanted, strict=True))
        if len(text.operands.wanted) < WORTH_ORDERING:
            return text
        order = self._order(text.operands)
        return replace(
            text,
            match=rarest_first(text.operands, order),
            in_title=rarest_first(text.operands_in_title, order),
            whole_words=None if whole is None else self.ordered_text(whole),
        )

    def ordered_filters(self, within: Filters) -> Filters:
        """The same filters, of which those that let fewest pass are met first."""
        if len(within.operands.wanted) < WORTH_ORDERING:
            return within
        return replace(within, match=rarest_first(within.operands, self._order(within.operands)))

    def _order(self, operands: Conjunction) -> Sequence[int]:
        """Positions. For what begins like a long word the word itself must do, which is counted quickly."""
        counts = [self.of(self._whole.get(one, one)) for one in operands.wanted]
        return sorted(range(len(counts)), key=counts.__getitem__)
