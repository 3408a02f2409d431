"""Seasons and episodes: where a name counts rather than describes.

Patterns are tried from the most explicit (``S01E02``) to the least (a bare number between brackets); the first that
fits decides. Every pattern is anchored on a literal or a digit and repeats nothing without a bound: no name is slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from offliniofs.detect.bare_numbers import absolute_bracket, absolute_hyphen, read_bare_number, special
from offliniofs.detect.counts import Count, Numbering, expand, span
from offliniofs.detect.dates import read_date

_I = re.IGNORECASE
_START = r"(?<![^\W_])"
# The escapes are the Russian words for season and episode, whose letters look like Latin ones.
_SEASON_WORD = (
    r"(?:seasons?|series|saisons?|staffel|stagion[ei]|temporadas?|temp|sezon|sez|seizoen|säsong|sesong|"
    r"\u0441\u0435\u0437\u043e\u043d[\u044b\u0430]?)"
)
_EPISODE_WORD = (
    r"(?:episodes?|episodios?|épisodes?|folge|capitulos?|capítulos?|cap|chapter|eps?|odcinek|aflevering|bölüm|bolum|\u0441\u0435\u0440\u0438\u044f|\u0441\u0435\u0440\u0438\u0438|"
    r"\u0441\u0435\u0440|\u044d\u043f\u0438\u0437\u043e\u0434|seri[yj]?a|seri[ij]|serya|ser)"
)
_NUMBER_GAP = r"[\s._#№:\-(]{0,3}"
_SXE = re.compile(
    rf"{_START}(?:s(?:e|n|eason)?|t(?=\d{{1,2}}x?e))[\s._]?(\d{{1,4}})[\s._\-]{{0,3}}[\[(x]?(?:eps?|episode|e|x|é)[\s._\-#]?(\d{{1,4}})(?!\d)",
    _I,
)
_NXN = re.compile(
    r"(?<!\d)(?<!\D\d\.)(?:(?<![^\W_])|(?=\d{1,2}x\d\d(?![^\W_])))(\d{1,2}|(?:19|20)\d\d)(\s?)[x\u00d7\u0445]\2(?:ep?)?(\d{1,4})(?!\d)(?!p(?![^\W_]))",
    _I,
)
_WORDS = re.compile(
    rf"{_START}{_SEASON_WORD}{_NUMBER_GAP}(\d{{1,4}})[\s._,\-:/(\[]{{0,4}}{_EPISODE_WORD}{_NUMBER_GAP}(\d{{1,4}})(?!\d)",
    _I,
)
_ORDINAL_WORDS = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|-?\u0439|\.)?[\s._]{_SEASON_WORD}[\s._,\-]{{1,3}}(\d{{1,4}})(?:-?\u044f)?[\s._]{{1,2}}{_EPISODE_WORD}",
    _I,
)
_NUMBER_WORD = re.compile(
    r"(?<!\d)(?<![^\W_])(\d{1,4})(?:-?\u044f)?[\s._]{0,2}(?:bölüm|bolum|\u0441\u0435\u0440\u0438\u044f|\u0441\u0435\u0440|seri[yj]?a|serya|ser)(?![^\W_])",
    _I,
)
_LETTERLESS = re.compile(rf"{_START}(?:s|season[\s._])(\d{{1,2}})[\s._](\d{{2,3}})(?![^\W_])", _I)
_SEASON_HYPHEN = re.compile(rf"{_START}s(\d)-(\d\d)(?![^\W_])", _I)
_OF_TOTAL = re.compile(r"(?<![^\W_])(\d{1,3})[\s._]?(?:of|iz|\u0438\u0437)[\s._]?(\d{1,3})(?![^\W_])", _I)
_GLUED_SXE = re.compile(r"(?<![^\W_])(\d{1,2})[\s._]?e(?:p)?(\d{2,3})(?![^\W_])", _I)
_MORE = re.compile(
    r"[\s._]{0,2}(?:([-~&+,/]|to|and|au|a|à|et)[\s._]{0,2})?(?:s\d{1,4}[\s._]?)?(?:\d{1,2}(?=x))?(ep?|x|é)?[\s._]?"
    r"(\d{1,4})(?![\dpi])(?!\s?(?:bit|st|nd|rd|th|ch|fps|mb|gb|x\d{3}))",
    _I,
)
_SEASON_RANGE = re.compile(
    rf"{_START}(?:(?P<short>s)|(?P<word>{_SEASON_WORD})[\s._:(]{{0,3}})(?P<first>\d{{1,2}})(?P<joint>[\s._]{{0,2}}(?:[-~&+,/]|to|a|thru|through|and|à|al)[\s._]{{0,2}})"
    rf"(?P<again>s|{_SEASON_WORD}[\s._]?)?(?P<last>\d{{1,2}})(?![\dpi])(?![\s._]?(?:ch|bit)\b)",
    _I,
)
_ORDINAL_RANGE = re.compile(
    rf"(?<!\d)(\d{{1,2}})[ªºa°]{{0,2}}[\s._]?(?:-|a|to|e)[\s._]?(\d{{1,2}})[ªºa°]{{0,2}}[\s._]{_SEASON_WORD}", _I
)
_SEASON_SHORT = re.compile(r"(?<![^\W_])s([0-5]?\d|(?:19|20)\d\d)(?=d\d|extras|[\W_]|\Z)", _I)
_SEASON_WORDED = re.compile(rf"{_START}{_SEASON_WORD}(?:[\s._#№:]{{0,3}}|-)(\d{{1,4}})(?![^\W_])", _I)
_SEASON_ORDINAL = re.compile(
    rf"(?<!\d)(\d{{1,2}})[\s._]?(?:st|nd|rd|th|[aªº°]|Â?º|-?\u0439)?\.?[\s._]{{1,2}}{_SEASON_WORD}(?![^\W_])", _I
)
_SERIES_WHOLE = re.compile(
    r"(?<![^\W_])(?:complete[\s._]series|the[\s._]complete[\s._]series|all[\s._]seasons|int[eé]grale|complete[\s._]mini[\s._]?series|s[eé]rie[\s._]compl[eéè]te?|serie[\s._]completa)(?![^\W_])",
    _I,
)
_EPISODE_ONLY = re.compile(rf"{_START}(?:{_EPISODE_WORD}{_NUMBER_GAP}|ep?[\s._]?|#)(\d{{1,4}})(?:v\d)?(?![^\W_])", _I)
_EPISODE_GLUED = re.compile(rf"{_START}ep?(\d{{1,4}})(?=ep?\d|[-~]\d|v\d)", _I)
_CJK_NUMERALS = "一二三四五六七八九十"
_EPISODE_CJK = re.compile(
    rf"第[\s._]?(\d{{1,4}}|[{_CJK_NUMERALS}]{{1,3}})[\s._]?(?:[-~][\s._]?(\d{{1,4}})[\s._]?)?[話话集回期]"
)
_SEASON_CJK = re.compile(rf"第[\s._]?(\d{{1,2}}|[{_CJK_NUMERALS}]{{1,3}})[\s._]?[季期部]")


def read_numbering(
    text: str, *, anime: bool = False, strong_start: int | None = None, broadcast: bool = False
) -> Numbering | None:
    """The count a name holds, or None.

    ``anime``: the name begins with a group in brackets or bears a check sum, so that a bare number is an episode.
    ``strong_start``: where the first word about the file stands; a three digit number right in front of it
    (``Show.101.HDTV``) is season and episode, and in front of a word for television (``broadcast``) any number counts.
    """
    for pattern in _EXPLICIT:
        if found := pattern(text):
            return found
    return read_bare_number(text, anime=anime, strong_start=strong_start, broadcast=broadcast)


def _episode(text: str, match: re.Match[str], season: int | None, first: int) -> Numbering:
    episodes, end = _continued(text, first, match.end())
    return Numbering(Count.EPISODE, match.start(), end, text[match.start() : end], season, episodes)


def _continued(text: str, first: int, end: int) -> tuple[tuple[int, ...], int]:
    """Further episodes behind the first: ``E02``, ``-E03``, ``-03``, ``x03``; returns them all and where they end."""
    numbers = [(first, False)]
    while len(numbers) < 50:
        match = _MORE.match(text, end)
        if match is None:
            break
        joint, letter, number = (match[1] or "").lower(), match[2], int(match[3])
        if letter is None and not (joint and _plausible(joint, match, numbers[-1][0], text)):
            break
        numbers.append((number, joint in {"-", "~", "to", "a", "à", "au"}))
        end = match.end()
    return expand(numbers), end


def _plausible(joint: str, match: re.Match[str], last: int, text: str) -> bool:
    """Whether a bare number behind an episode counts on: greater, near, and not the start of a word such as a title."""
    if joint in {"a", "and", "et"} or not last < int(match[3]) <= last + 60:
        return False
    loose = text[match.start() : match.start(3)] not in {"-", "~", "+", "&", ","}
    if loose and joint == "-" and (len(match[3]) < 2 or text[match.end() : match.end() + 2].strip()[:1].isalnum()):
        return False
    return not text[match.end() : match.end() + 1].isalpha()


def _season_and_episode(text: str) -> Numbering | None:
    for pattern in (_SXE, _ORDINAL_WORDS, _WORDS):
        if match := pattern.search(text):
            return _episode(text, match, int(match[1]), int(match[2]))
    return None


def _by_cross(text: str) -> Numbering | None:
    for match in _NXN.finditer(text):
        if len(match[3]) <= 3 and match[3] not in {"264", "265"}:
            return _episode(text, match, int(match[1]), int(match[3]))
    return None


def _letterless(text: str) -> Numbering | None:
    """``S02 03``, ``S2-07``, ``01E06``: one of the letters is missing."""
    for pattern in (_LETTERLESS, _SEASON_HYPHEN, _GLUED_SXE):
        if match := pattern.search(text):
            return _episode(text, match, int(match[1]), int(match[2]))
    return None


def _cjk(text: str) -> Numbering | None:
    match = _EPISODE_CJK.search(text)
    if match is None:
        return _cjk_season(text)
    season = _SEASON_CJK.search(text, 0, match.start())
    start = season.start() if season else match.start()
    number = _cjk_number(season[1]) if season else None
    return Numbering(
        Count.EPISODE,
        start,
        match.end(),
        text[start : match.end()],
        number,
        span(str(_cjk_number(match[1])), match[2]),
    )


def _cjk_season(text: str) -> Numbering | None:
    match = _SEASON_CJK.search(text)
    if match is None:
        return None
    found = Numbering(Count.SEASON, match.start(), match.end(), match[0], _cjk_number(match[1]))
    return _with_episode(text, found)


def _cjk_number(figures: str) -> int:
    """A number up to 99 in Chinese numerals (as in 二十三, two tens three) or in figures."""
    if figures.isdecimal():
        return int(figures)
    tens, ten, ones = figures.rpartition("十")
    value = (_CJK_NUMERALS.index(tens[-1]) + 1 if tens else 1) * 10 if ten else 0
    return value + (_CJK_NUMERALS.index(ones[-1]) + 1 if ones else 0)


def _season_range(text: str) -> Numbering | None:
    match = _ORDINAL_RANGE.search(text)
    if match and int(match[1]) < int(match[2]):
        return Numbering(Count.SERIES, match.start(), match.end(), match[0], int(match[1]))
    match = _SEASON_RANGE.search(text)
    if match is None or int(match["first"]) >= int(match["last"]):
        return None
    plural = match["word"] is not None and match["word"].lower().endswith(("s", "\u044b"))
    if match["joint"] != match["joint"].strip() and not (plural or match["again"]):
        return None
    return Numbering(Count.SERIES, match.start(), match.end(), match[0], int(match["first"]))


def _season(text: str) -> Numbering | None:
    for pattern in (_SEASON_SHORT, _SEASON_ORDINAL, _SEASON_WORDED):
        if match := pattern.search(text):
            return _with_episode(text, Numbering(Count.SEASON, match.start(), match.end(), match[0], int(match[1])))
    if match := _SERIES_WHOLE.search(text):
        return Numbering(Count.SERIES, match.start(), match.end(), match[0])
    return None


def _with_episode(text: str, season: Numbering) -> Numbering:
    """A season that an episode's own number follows further on: ``S2 - 01``, ``Season 2 [03]``, ``2nd Season - 11``."""
    rest = text[season.end :]
    for find in (_episode_only, absolute_hyphen, absolute_bracket, _bare_behind_season):
        episode = find(rest)
        if episode is not None:
            numbers = _without_season(episode.episodes or episode.absolute_episodes, season.season)
            end = season.end + episode.end
            return replace(
                season, count=Count.EPISODE, episodes=numbers, end=end, text=text[season.start : end].strip()
            )
    return season


def _without_season(numbers: tuple[int, ...], season: int | None) -> tuple[int, ...]:
    """Spanish names repeat the season in the episode: ``Temporada 4 [Cap.408]`` is episode 8."""
    if season and all(number // 100 == season for number in numbers):
        return tuple(number % 100 for number in numbers)
    return numbers


_BEHIND_SEASON = re.compile(
    r"[\s._]{1,2}[\[(]?(\d{2,3})(?:[\s._]?[-~][\s._]?(\d{2,3}))?[\])]?(?=[\s._]{0,2}(?:[\[(\x01]|\Z))"
)


def _bare_behind_season(rest: str) -> Numbering | None:
    match = _BEHIND_SEASON.match(rest)
    if match is None:
        return None
    return Numbering(Count.EPISODE, match.start(), match.end(), match[0], episodes=span(match[1], match[2]))


def _episode_only(text: str) -> Numbering | None:
    for pattern in (_EPISODE_GLUED, _EPISODE_ONLY, _NUMBER_WORD):
        if match := pattern.search(text):
            return _episode(text, match, None, int(match[1]))
    return None


def _of_total(text: str) -> Numbering | None:
    match = _OF_TOTAL.search(text)
    if match is None or int(match[1]) > int(match[2]):
        return None
    return Numbering(Count.EPISODE, match.start(), match.end(), match[0], episodes=(int(match[1]),))


_EXPLICIT: tuple[Callable[[str], Numbering | None], ...] = (
    _season_and_episode,
    _by_cross,
    _cjk,
    read_date,
    _letterless,
    _season_range,
    _season,
    _episode_only,
    _of_total,
    special,
)
