"""What a count in a name is: the value that every reader of numbers returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAXIMUM_SPAN = 400
"""Most episodes that one range (``E01-E99``) is taken to mean."""


class Count(StrEnum):
    """What kind of count a name holds."""

    EPISODE = "episode"
    SEASON = "season"
    SERIES = "series"
    DATE = "date"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True)
class Numbering:
    """A count found in a name, and where."""

    count: Count
    start: int
    end: int
    text: str
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    air_date: str | None = None


def expand(numbers: Sequence[tuple[int, bool]]) -> tuple[int, ...]:
    """Numbers in order; a flag says that the number closes a range from the one before."""
    episodes = [numbers[0][0]]
    for number, closes in numbers[1:]:
        if closes and episodes[-1] < number <= episodes[-1] + MAXIMUM_SPAN:
            episodes.extend(range(episodes[-1] + 1, number + 1))
        elif number not in episodes:
            episodes.append(number)
    return tuple(episodes)


def span(first: str, last: str | None) -> tuple[int, ...]:
    """The numbers from ``first`` to ``last``, or the first alone."""
    return expand([(int(first), False)] + ([(int(last), True)] if last else []))
