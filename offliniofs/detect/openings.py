"""What may stand in front of a title: a web site, groups in brackets, words about the file, a year.

Anime names put the group first and sometimes every part into brackets of its own, the title too:
``[Group][Title][01][1080p]``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.marks import Field, Mark

_MAXIMUM_BRACKETS = 12
_SITE = re.compile(
    r"\s*[\[({]?\s*(?:w{2,3}[\s.,][\w\-]{1,40}[\s.]\w{2,5}(?:[\s.]\w{2,3})?|"
    r"[\w\-]{2,40}\.(?:com|org|net|info|to|me|cc|tv|se|ws|biz|site|xyz|li|ag|ru|pl|es|fr|it|in|io))"
    r"\s*(?:[\])}]\s*[-\u2013_.]{0,3}\s*|[\s_]{0,2}[-\u2013]+[\s_]{0,2})",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[\s★☆_.\-]*\[{1,2}(?P<inside>[^\[\]]{1,80})\][\s._\-]*")
_YEAR = re.compile(r"\s*[\[(](?P<year>(?:19|20)\d\d)[\])][\s._\-]+(?=[^\W\d])")
_BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_COUNT = re.compile(
    r"(?:(?:19|20)\d\d|\d{1,4}(?:v\d)?(?:[\s_]?[-~][\s_]?\d{1,4})?(?:[\s_]?(?:end|fin))?|\d{1,2}x\d{1,3}|\d{1,2}\.\d{2,3}|\.\d+\.|s\d{1,2}[\s._-]?e\d{1,3}|"
    r"ep?[\s._]?\d{1,4}|\d{1,3}[\s_]of[\s_]\d{1,3})\Z",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z]{2}")
_WORD = re.compile(r"[^\W\d_]{2}")
_FILE_FIELDS = frozenset({Field.SOURCE, Field.RESOLUTION, Field.CODEC, Field.AUDIO})


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the title begins, and what stood in front. ``end``: where it ends, if it has brackets of its own."""

    start: int = 0
    end: int | None = None
    group: str | None = None
    year: int | None = None


def read_opening(text: str, marks: Sequence[Mark]) -> Opening:
    """What stands in front of the title of a name."""
    site = _SITE.match(text)
    start = site.end() if site and site.end() < len(text) else 0
    if match := _YEAR.match(text, start):
        return Opening(match.end(), year=int(match["year"]))
    brackets = _brackets(text, start)
    if not brackets:
        return Opening(start)
    if _WORD.search(_BRACKETED.sub(" ", text[brackets[-1].end() :])):
        return _in_front(start, brackets, marks)
    return _listed(start, brackets, marks)


def _brackets(text: str, start: int) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    while len(found) < _MAXIMUM_BRACKETS and (match := _BRACKET.match(text, found[-1].end() if found else start)):
        found.append(match)
    return found


def _speaks_of_file(bracket: re.Match[str], marks: Sequence[Mark]) -> bool:
    return any(
        mark.strong and mark.field in _FILE_FIELDS and bracket.start() <= mark.start < bracket.end() for mark in marks
    )


def _counts(bracket: re.Match[str]) -> bool:
    return _COUNT.match(bracket["inside"].strip()) is not None


def _in_front(start: int, brackets: Sequence[re.Match[str]], marks: Sequence[Mark]) -> Opening:
    """Brackets in front of a title that has none: the first that neither counts nor speaks of the file is the group."""
    group = None
    for bracket in brackets:
        if _counts(bracket):
            break
        if group is None and not _speaks_of_file(bracket, marks):
            group = bracket["inside"].strip()
        start = bracket.end()
    return Opening(start, group=group)


def _listed(start: int, brackets: Sequence[re.Match[str]], marks: Sequence[Mark]) -> Opening:
    """Brackets alone: the group, then titles, until one counts or speaks of the file; the first in Latin letters."""
    heads = []
    for bracket in brackets:
        if _counts(bracket) or _speaks_of_file(bracket, marks):
            break
        heads.append(bracket)
    if not heads:
        return Opening(start)
    group, titles = (heads[0]["inside"].strip(), heads[1:]) if len(heads) > 1 else (None, heads)
    title = next((each for each in titles if _LATIN.search(each["inside"])), titles[0])
    return Opening(title.start("inside"), title.end("inside"), group)
