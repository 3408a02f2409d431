"""The meaning of ``quality:`` in numbers: a range of heights, or a range of ranks."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.query.ast import QualityBound, QualityRange, Query, leaves
from offliniofs.query.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Interval:
    """Whole numbers from ``low`` to ``high``, both included; ``None`` is open."""

    low: int | None
    high: int | None

    def __contains__(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def by_resolution(node: QualityRange) -> bool:
    """Whether the range is one of resolutions rather than of classes."""
    bound = node.low or node.high
    return bound is not None and bound.height is not None


def check_qualities(query: Query, vocabulary: Vocabulary) -> None:
    """Raises ``QuerySyntaxError`` unless every quality that the query names exists."""
    for leaf in leaves(query.root):
        if isinstance(leaf, QualityRange):
            interval(query, leaf, vocabulary)


def interval(query: Query, node: QualityRange, vocabulary: Vocabulary) -> Interval:
    """Heights in pixels, or ranks of classes (:func:`by_resolution` tells which).

    Raises:
        QuerySyntaxError: there is no class of that name, or the range runs backwards.
    """
    low = None if node.low is None else _number(query, node.low, vocabulary) + (0 if node.low.inclusive else 1)
    high = None if node.high is None else _number(query, node.high, vocabulary) - (0 if node.high.inclusive else 1)
    if low is not None and high is not None and low > high:
        raise QuerySyntaxError(
            "the range of qualities runs backwards; write the worse one first",
            query.text,
            node.span.start,
            node.span.end - node.span.start,
        )
    return Interval(low, high)


def _number(query: Query, bound: QualityBound, vocabulary: Vocabulary) -> int:
    if bound.height is not None:
        return bound.height
    name = bound.class_name or ""
    rank = vocabulary.quality_rank(name)
    if rank is None:
        raise QuerySyntaxError(
            f"there is no quality {name!r}; there are resolutions, as 1080p or 4k, and classes, as WEBDL-1080p",
            query.text,
            bound.span.start,
            bound.span.end - bound.span.start,
        )
    return rank


def resolution_height(resolution: str) -> int:
    """1080 for ``1080p``; 0 for what does not begin with a number."""
    digits = resolution.rstrip("pi")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
