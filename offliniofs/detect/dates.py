"""The date a daily show was aired, in the spellings that names use."""

from __future__ import annotations

import re
from datetime import date

from offliniofs.detect.counts import Count, Numbering

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)([\s._\-/]{1,3})(\d{1,2})\2(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([\s._\-/])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_MONTH_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[\s._\-](?:of[\s._])?({'|'.join(_MONTHS)})[a-z]{{0,6}}[\s._,\-]{{1,2}}"
    r"((?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?<!\d\.)(?<![^\W_])(\d\d)[._](\d\d)[._](\d\d)(?![\d.]\d)(?![^\W_])")


def read_date(text: str) -> Numbering | None:
    """The air date in a name, or None: ``2015.03.21``, ``21.03.2015``, ``20150321``, ``21st March 2015``, ``15.03.21``.

    Where day and month could be either, the year decides the order: month before day behind a year, day before month in
    front of one, and the other way round only where that makes a date.
    """
    for reader in (_year_first, _year_last, _month_name, _compact, _short_year):
        if found := reader(text):
            return found
    return None


def _aired(match: re.Match[str], year: int, month: int, day: int) -> Numbering | None:
    try:
        aired = date(year, month, day).isoformat()
    except ValueError:
        return None
    return Numbering(Count.DATE, match.start(), match.end(), match[0], air_date=aired)


def _year_first(text: str) -> Numbering | None:
    match = _YEAR_FIRST.search(text)
    if match is None:
        return None
    year, second, third = int(match[1]), int(match[3]), int(match[4])
    return _aired(match, year, second, third) or _aired(match, year, third, second)


def _year_last(text: str) -> Numbering | None:
    match = _YEAR_LAST.search(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    return _aired(match, year, second, first) or _aired(match, year, first, second)


def _month_name(text: str) -> Numbering | None:
    match = _MONTH_NAME.search(text)
    return _aired(match, int(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1])) if match else None


def _compact(text: str) -> Numbering | None:
    match = _COMPACT.search(text)
    return _aired(match, int(match[1]), int(match[2]), int(match[3])) if match else None


def _short_year(text: str) -> Numbering | None:
    match = _SHORT_YEAR.search(text)
    return _aired(match, 2000 + int(match[1]), int(match[2]), int(match[3])) if match else None
