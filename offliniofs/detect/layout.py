"""The parts of one name: title, count, year, marks and group, and where each stands.

One component of a path is read here by itself; :mod:`offliniofs.detect.names` puts a name and its folders together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.aliases import split_alias
from offliniofs.detect.counts import Count, Numbering
from offliniofs.detect.lexicon import PHRASES
from offliniofs.detect.marks import Field, Mark, read_marks
from offliniofs.detect.numbering import read_numbering
from offliniofs.detect.openings import read_opening
from offliniofs.detect.quality import is_series
from offliniofs.detect.release import (
    Identifier,
    read_identifiers,
    split_extension,
    trailing_group,
)
from offliniofs.detect.text import clean_title, tame
from offliniofs.detect.titles import Year, choose_year, read_years, title_end, year_end
from offliniofs.domain.content import ContentKind

_WRAPPED = re.compile(r"\s*\[([^\[\]]*)\]\s*\Z")
_OTHER_SEPARATOR = re.compile(r"[\s._]")
_SQUARE = re.compile(r"[^\W_][^\[{]*([\[{])")


@dataclass(frozen=True, slots=True)
class Layout:
    """What one name holds, as found; nothing is decided yet but where its title ends."""

    text: str
    extension: str | None
    title: str
    alias: str | None
    title_start: int
    title_end: int
    year: Year | None
    numbering: Numbering | None
    episode_title: str | None
    marks: tuple[Mark, ...]
    group: str | None
    identifiers: tuple[Identifier, ...]

    @property
    def counted(self) -> list[Mark]:
        """The marks that speak of the file: all strong ones, and weak ones outside the title.

        Inside it a source in capitals counts too (``Some.Film.TS.Group``), where the title itself is not shouted.
        """
        title = self.text[self.title_start : self.title_end]
        shouted = title.isupper()
        return [mark for mark in self.marks if mark.strong or self._outside(mark) or self._stands_out(mark, shouted)]

    def _outside(self, mark: Mark) -> bool:
        return mark.start >= self.title_end or mark.end <= self.title_start

    def _stands_out(self, mark: Mark, shouted: bool) -> bool:
        return mark.field is Field.SOURCE and not shouted and mark.start > self.title_start and mark.text.isupper()


def read_layout(name: str, kind: ContentKind | None = None, *, folder: bool = False) -> Layout:
    """Read one component of a path; ``folder``: it has no extension. Total and deterministic."""
    stem, extension = (name, None) if folder else split_extension(name.strip())
    return _Reading(_unwrapped(tame(stem)), extension, kind).layout()


def _unwrapped(text: str) -> str:
    """A name without the one pair of brackets that holds all of it."""
    match = _WRAPPED.match(text)
    return match[1] if match else text


class _Reading:
    def __init__(self, text: str, extension: str | None, kind: ContentKind | None) -> None:
        self.text = text
        self.flat = text.replace("_", " ")
        self.extension = extension
        self.kind = kind
        self.marks = read_marks(text, PHRASES)
        self.opening = read_opening(text, self.marks)
        self.start = self.opening.start
        self.identifiers = read_identifiers(text)

    def layout(self) -> Layout:
        numbering = self._numbering()
        if numbering is not None and self._is_part_of_film(numbering):
            numbering = None
        if numbering is not None and self.opening.group and numbering.start <= self.start < numbering.end:
            self.start = numbering.end
        limit = self._limit(numbering)
        years = [year for year in read_years(self.text) if not _inside(year, numbering)]
        year = choose_year(years, self.start, limit, self.text)
        if year is None and self.opening.year is not None:
            year = Year(self.opening.year, 0, 0)
        ends = (
            [limit, self._bracket()]
            if year is None
            else [limit, self._bracket(), _outside_bracket(self.text, year.start)]
        )
        end = title_end(self.text, self.start, ends, self.marks)
        title, alias = split_alias(self._spaced(self.text[self.start : end]))
        if not title and numbering is not None and self.opening.group is not None:
            title, alias = self._episode_title(numbering, None) or "", None
        return Layout(
            text=self.text,
            extension=self.extension,
            title=title,
            alias=alias,
            title_start=self.start,
            title_end=end,
            year=year,
            numbering=numbering,
            episode_title=self._episode_title(numbering, year) if numbering else None,
            marks=tuple(self.marks),
            group=self._group(end),
            identifiers=tuple(self.identifiers),
        )

    def _spaced(self, title: str) -> str:
        """A title from a name whose only separators are hyphens (``movie-name-2010``), with spaces for them."""
        hyphens_alone = self.text.count("-") > 1 and not _OTHER_SEPARATOR.search(self.text)
        return title.replace("-", " ") if hyphens_alone else title

    def _bracket(self) -> int:
        """Where the first bracket behind words of the title opens, or where the title's own bracket closes."""
        if self.opening.end is not None:
            return self.opening.end
        bracket = _SQUARE.search(self.text, self.start)
        return bracket.start(1) if bracket else len(self.text)

    def _strong_start(self) -> int | None:
        starts = [mark.start for mark in self.marks if mark.strong and mark.start > self.start]
        starts += [found.start for found in self.identifiers if found.start > self.start]
        return min(starts, default=None)

    def _numbering(self) -> Numbering | None:
        if self.kind is ContentKind.MOVIE:
            return None
        hashed = any(mark.value == "hash" for mark in self.marks)
        anime = self.opening.group is not None or hashed or is_series(self.kind)
        blanked = self._blanked()
        strong = self._strong_start()
        broadcast = any(mark.start == strong and mark.value in {"hdtv", "tv"} for mark in self.marks)
        return read_numbering(blanked, anime=anime, strong_start=strong, broadcast=broadcast)

    def _is_part_of_film(self, numbering: Numbering) -> bool:
        """``Star Wars Episode 4 A New Hope 1977``: an episode spelled out, without a season, before a year."""
        if numbering.count is not Count.EPISODE or numbering.season is not None or self.kind is not None:
            return False
        spelled = numbering.text.lower().startswith("episode") and self.opening.group is None
        return spelled and any(year.start > numbering.end for year in read_years(self.text))

    def _blanked(self) -> str:
        """The name with the words of its marks hidden, lest ``5.1``, ``x264`` or ``10bit`` be taken for counts."""
        characters = list(self.flat)
        for mark in self.marks:
            if (mark.strong and mark.value != "pack") or (
                mark.field is Field.RESOLUTION and not self.flat[: mark.start].endswith(" - ")
            ):
                characters[mark.start : mark.end] = "\1" * (mark.end - mark.start)
        if self.start:
            characters[: self.start] = " " * self.start
        return "".join(characters)

    def _limit(self, numbering: Numbering | None) -> int:
        strong = self._strong_start()
        ends = [len(self.text)]
        if strong is not None:
            ends.append(_outside_bracket(self.text, strong))
        if numbering is not None and numbering.start > self.start:
            ends.append(_outside_bracket(self.text, numbering.start))
        return min(ends)

    def _episode_title(self, numbering: Numbering, year: Year | None) -> str | None:
        """The words between the count and the first word about the file."""
        if numbering.count in {Count.SEASON, Count.SERIES}:
            return None
        start = numbering.end
        if year is not None and year.start >= start and not self.text[start : year.start].strip(" ._-(["):
            start = year_end(self.text, year)
        ends = [len(self.text)]
        ends += [_outside_bracket(self.text, mark.start) for mark in self.marks if mark.strong and mark.start >= start]
        ends += [at for at in (self.text.find("[", start), self._group_start(start)) if at >= start]
        end = title_end(self.text, start, [min(ends)], self.marks) if min(ends) > start else start
        title = clean_title(self.text[start:end])
        return title if any(character.isalpha() for character in title) else None

    def _group_start(self, start: int) -> int:
        has_marks = any(mark.strong and mark.start >= start for mark in self.marks)
        found = trailing_group(self.text, self.marks, start) if has_marks else None
        return found[1] if found else -1

    def _group(self, end: int) -> str | None:
        marked = any(mark.strong or mark.start >= end for mark in self.marks)
        trailing = trailing_group(self.text, self.marks, end) if marked else None
        if self.opening.group is not None:
            return self.opening.group
        return trailing[0] if trailing else None


def _inside(year: Year, numbering: Numbering | None) -> bool:
    return numbering is not None and numbering.start <= year.start < numbering.end


def _outside_bracket(text: str, at: int) -> int:
    """The place in front of the bracket that a word opens or lies in, if only words of that bracket stand between."""
    opening = max(text.rfind("[", 0, at), text.rfind("(", 0, at), text.rfind("{", 0, at))
    if opening < 0:
        return at
    closing = {"[": "]", "(": ")", "{": "}"}[text[opening]]
    return opening if closing not in text[opening:at] else at


def strong_words(marks: Sequence[Mark]) -> int:
    """How many words about the file a name holds; what tells a release's folder from any other."""
    return sum(1 for mark in marks if mark.strong and mark.field is not Field.NOISE)
