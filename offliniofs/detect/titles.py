"""Where the title of a name ends, and which of its figures is the year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.marks import Field, Mark

EARLIEST_YEAR = 1888
"""The year of the oldest film there is."""
LATEST_YEAR = 2035
"""Later figures (Blade Runner 2049) are words of a title. A constant, so that a name means the same next year."""

_YEAR = re.compile(r"(?<![\d])(?<![^\W_])(1[89]\d\d|20\d\d)(?:\u0433\.?)?(?![^\W_])")
_YEAR_SPAN = re.compile(r"\s?[-\u2013~]\s?((?:19|20)\d\d|\d\d(?!\d)|present|now)?", re.IGNORECASE)
_NOT_SPACE = re.compile(r"[^\s._\-\[\](){}]")


@dataclass(frozen=True, slots=True)
class Year:
    """A year and where it stands; ``framed`` when brackets make sure that it is one."""

    value: int
    start: int
    end: int
    framed: bool = False


def read_years(text: str) -> list[Year]:
    """All figures of a name that can be years."""
    found = []
    for match in _YEAR.finditer(text):
        value = int(match[1])
        if EARLIEST_YEAR <= value <= LATEST_YEAR:
            framed = text[match.start() - 1 : match.start()] in {"(", "["} and match.start() > 0
            found.append(Year(value, match.start(), match.end(), framed))
    return found[:12]


def choose_year(years: Sequence[Year], start: int, limit: int, text: str) -> Year | None:
    """The year of a title that begins at ``start`` and is over, at the latest, at ``limit``.

    A framed year first; else the last one in front of the limit, since years in titles stand before the year of the
    title (``Blade.Runner.2049.2017``); else, where the words about the file come first, the one behind them. A figure
    that opens the title is its first word.
    """
    first_word = _NOT_SPACE.search(text, start)
    opening = first_word.start() if first_word else start
    ahead = [year for year in years if opening < year.start < limit]
    framed = [year for year in ahead if year.framed and year.start > opening + 1]
    if framed:
        return framed[0]
    if ahead:
        return ahead[-1]
    behind = [year for year in years if year.start >= limit and year.framed] or [y for y in years if y.start >= limit]
    return behind[0] if behind and limit > opening else None


def title_end(text: str, start: int, ends: Sequence[int], marks: Sequence[Mark]) -> int:
    """The end of the title: the first of ``ends``, less weak words that stand right in front of it."""
    end = min((at for at in ends if at > start), default=len(text))
    if end == len(text):
        return _cut_back(text, start, end, marks, lenient=False)
    return _cut_back(text, start, end, marks, lenient=any(mark.strong and mark.start == end for mark in marks))


def _cut_back(text: str, start: int, end: int, marks: Sequence[Mark], *, lenient: bool) -> int:
    """Move the end before weak words: any in front of a strong word, elsewhere (a year, a number) those in capitals."""
    for mark in reversed([mark for mark in marks if start < mark.start and mark.end <= end and not mark.strong]):
        if _NOT_SPACE.search(text, mark.end, end) or not _NOT_SPACE.search(text, start, mark.start):
            break
        title = text[start : mark.start]
        bracketed = title.endswith(("[", "("))
        ends_here = lenient and (mark.field is not Field.NOISE or _shouts(mark, title))
        if not (bracketed or ends_here or _stands_out(mark, title)):
            break
        end = mark.start
    return end


def _stands_out(mark: Mark, title: str) -> bool:
    """Whether a weak word was written so that it cannot belong to the title: in capitals, when the title is not.

    German names put the language in front of the year.
    """
    if mark.word == "german" and " " not in title:
        return True
    if not _shouts(mark, title):
        return False
    if mark.field is Field.SOURCE:
        return mark.word in {"web", "dvd", "bd"}
    return mark.field in {Field.LANGUAGE, Field.EDITION, Field.MODIFIER, Field.DISC} or mark.value == "genre"


def _shouts(mark: Mark, title: str) -> bool:
    return mark.text.isupper() and not title.isupper()


def year_end(text: str, year: Year) -> int:
    """Where a year ends, with the second year of a span (``2008-2013``)."""
    match = _YEAR_SPAN.match(text, year.end)
    return match.end() if match and match[1] else year.end
