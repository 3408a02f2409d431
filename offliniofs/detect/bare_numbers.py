"""Numbers that nothing explains: anime episodes, and season and episode run together.

The text comes with the words about the file blanked out by ``\\1``, so that ``5.1`` and ``x264`` are never counts.
"""

from __future__ import annotations

import re

from offliniofs.detect.counts import Count, Numbering, span

_I = re.IGNORECASE
_DASH = r"[-\u2010-\u2015~]"
_BEFORE_FILE_WORDS = r"(?=[\s._\-]{0,3}(?:[\[(\x01]|\Z))"
_HYPHEN = re.compile(
    rf"(?<=[\s_.]){_DASH}[\s_.]{{1,2}}(?:#|ep?[\s._]?|episode[\s._]|sp|ova[\s_])?(\d{{1,4}})(?:\.5)?[a-c]?(?:v\d)?"
    rf"(?:[\s_]?[-~&+][\s_]?(\d{{1,4}})(?:v\d)?)?(?![^\W_])(?!\.\d)",
    _I,
)
_HYPHEN_SPAN_BRACKET = re.compile(rf"(?<=[\s_.]){_DASH}[\s_]{{1,2}}\((\d{{1,3}})[-~](\d{{1,3}})\)")
_DECIDED = re.compile(r"[\s._]{0,3}(?:(?:end|final|fin)[\s_]*)?(?:[-\u2010-\u2015\[(\x01]|\Z)", _I)
_BRACKET = re.compile(
    r"\[\.?(?:ep?[\s._]?)?(\d{1,3})(?:v\d)?(?:[\s_]?[-~][\s_]?(\d{1,3}))?(?:[\s_]?\(?(?:end|fin)\)?)?\.?\]", _I
)
_SPACED = re.compile(
    rf"(?<![^\W_])(\d{{2,4}}|(?<=[\s_.])\d)(?:[\s_]?v\d)?(?:[\s_]?[-~][\s_]?(\d{{2,4}})(?:v\d)?)?{_BEFORE_FILE_WORDS}",
    _I,
)
_ROUND = re.compile(rf"(?<=[\s_])\((\d{{1,3}})\){_BEFORE_FILE_WORDS}")
_COMPACT = re.compile(r"(?<=[\s._\-])([1-9]\d?)(\d\d)(?=[\s._\-]|\Z)")
_POINTED = re.compile(r"(?:(?<=\[)|(?<=-\s)|\A)(\d{1,2})\.(\d{2,3})(?=\]|\s-\s)")
_PAIR = re.compile(
    r"(?:(?<=[^\W\d_][\s._\-])|(?<=\d{4}-)|\A)(\d{1,2})(?:[-_.\s](\d\d)(?=(?:[.\-]f)?\s*\Z)|-(\d\d)(?=\.?\s(?=[^\W\d_])))",
    _I,
)
_LEADING = re.compile(r"\A\s*(?:(\d{2,4})(?:-(\d{2,4}))?\s-\s|(0\d{1,2})(?:-(\d{2,3}))?[\s._])")
_SPECIAL = re.compile(r"(?<![^\W_])(?:sp|ova|oad|ex)[\s._\-]?(\d{1,2})(?:v\d)?(?![^\W_])", _I)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def read_bare_number(text: str, *, anime: bool, strong_start: int | None, broadcast: bool = False) -> Numbering | None:
    """The count that a bare number makes, where the name's form says that it can be one."""
    dated = _YEAR.search(text) is not None
    for find in (absolute_hyphen, _pointed) if dated and not anime else (absolute_hyphen, absolute_bracket, _pointed):
        if found := find(text):
            return found
    if anime:
        return _spaced(text) or _round(text) or _leading(text)
    if strong_start is not None and (found := _compact(text, strong_start)):
        return found
    if broadcast and strong_start is not None and (found := _spaced(text[:strong_start])):
        return found
    return None if dated else _pair(text) or _leading(text)


def _absolute(match: re.Match[str], first: str, last: str | None) -> Numbering | None:
    if len(first) == 4 and 1900 <= int(first) <= 2099:
        return None
    text = match[0].strip(" _-~.\u2010\u2011\u2012\u2013\u2014\u2015")
    return Numbering(Count.ABSOLUTE, match.start(), match.end(), text, absolute_episodes=span(first, last))


def absolute_hyphen(text: str) -> Numbering | None:
    """``Show - 01``; a number that only words about the file follow, before one that could begin a title."""
    if match := _HYPHEN_SPAN_BRACKET.search(text):
        return _absolute(match, match[1], match[2])
    undecided: Numbering | None = None
    for match in _HYPHEN.finditer(text):
        found = _absolute(match, match[1], match[2])
        if found is None:
            continue
        if _DECIDED.match(text, match.end()):
            return found
        undecided = undecided or found
    return undecided


def absolute_bracket(text: str) -> Numbering | None:
    """``[Group][Show][01][1080p]``."""
    for match in _BRACKET.finditer(text):
        if match.start() > 0:
            return _absolute(match, match[1], match[2])
    return None


def special(text: str) -> Numbering | None:
    """``OVA 01``, ``SP2``: a special of a series, which media servers keep in season 0."""
    match = _SPECIAL.search(text)
    if match is None or match.start() == 0:
        return None
    return Numbering(Count.EPISODE, match.start(), match.end(), match[0], season=0, episodes=(int(match[1]),))


def _spaced(text: str) -> Numbering | None:
    for match in reversed(list(_SPACED.finditer(text))):
        if text[: match.start()].strip(" \x01") and (found := _absolute(match, match[1], match[2])):
            return found
    return None


def _round(text: str) -> Numbering | None:
    match = _ROUND.search(text)
    return _absolute(match, match[1], None) if match else None


def _compact(text: str, strong_start: int) -> Numbering | None:
    """``Show.101.HDTV``: three or four digits right in front of the first word about the file; never a year."""
    for match in _COMPACT.finditer(text, 0, strong_start):
        figures = match[0]
        year = len(figures) == 4 and 1900 <= int(figures) <= 2099
        adjacent = not text[match.end() : strong_start].strip(" ._-[(")
        if match.start() > 1 and not year and int(match[2]) > 0 and adjacent:
            return _season_episode(match, match[1], match[2])
    return None


def _season_episode(match: re.Match[str], season: str, episode: str) -> Numbering:
    return Numbering(Count.EPISODE, match.start(), match.end(), match[0], int(season), (int(episode),))


def _pointed(text: str) -> Numbering | None:
    """``Show - 6.01 - Title``, ``[5.01] Title``."""
    match = _POINTED.search(text)
    return _season_episode(match, match[1], match[2]) if match else None


def _pair(text: str) -> Numbering | None:
    """``Show 03-20``, ``show_03_19``, ``4-13 Title``."""
    match = _PAIR.search(text)
    return _season_episode(match, match[1], match[2] or match[3]) if match else None


def _leading(text: str) -> Numbering | None:
    """``004 - Title``, ``02 Title``: a padded number in front; films that are named by a number have no zero there."""
    match = _LEADING.match(text)
    if match is None:
        return None
    first, last = match[1] or match[3], match[2] or match[4]
    start = match.start(1) if match[1] else match.start(3)
    return Numbering(Count.ABSOLUTE, start, match.end(), match[0].strip(), absolute_episodes=span(first, last))
