"""Marks: the words in a release name that say something about the file rather than name it.

A name is cut into tokens (runs of letters and digits) and read from left to right; at every token the longest phrase of
the vocabulary (:mod:`offliniofs.detect.lexicon`) wins. Reading by tokens instead of by one long pattern keeps the cost
linear in the length of the name, whatever the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """What a mark speaks of."""

    SOURCE = "source"
    RESOLUTION = "resolution"
    CODEC = "codec"
    AUDIO = "audio"
    HDR = "hdr"
    EDITION = "edition"
    LANGUAGE = "language"
    MODIFIER = "modifier"
    DISC = "disc"
    SERVICE = "service"
    NOISE = "noise"


class Strength(StrEnum):
    """How far a word can be trusted not to be part of a title.

    ``STRONG`` words end a title wherever they stand. ``WEAK`` words do so only behind something that ended it, or right
    in front of that. ``UPPER`` words are weak and count only when written in capitals, as ``ITA`` or ``TS``.
    """

    STRONG = "strong"
    WEAK = "weak"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase of the vocabulary says."""

    field: Field
    value: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase found in a name: where, what it says, and the words as they were written."""

    field: Field
    value: str
    strength: Strength
    start: int
    end: int
    text: str
    word: str
    """The phrase in normal form: lower case, its parts joined by single spaces."""

    @property
    def strong(self) -> bool:
        return self.strength is Strength.STRONG


Phrases = Mapping[str, Sequence[tuple[tuple[str, ...], Meaning]]]
"""First token → the phrases that begin with it, longest first."""

MAXIMUM_TOKENS = 400
"""Tokens read of one name; a name that a filesystem can hold has far fewer."""

_TOKEN = re.compile(r"(?:dd|hdr10)\+|[^\W_]+(?:['\u2019][^\W_]+)*", re.IGNORECASE)
_JOINT = re.compile(r"[\s._\-+]{1,3}\Z")
_FRAME = re.compile(r"([1-9]\d{2,3})[x\u00d7]([1-9]\d{2,3})p?\Z", re.IGNORECASE)
_LINES = re.compile(
    r"(bdrip|brrip|bdremux|bluray|hdtv|pdtv|web-?dl|webrip|dvdrip|web|dvd|bd|(?:hd)?t[cs]|(?:hd)?cam|hdrip)?(\d{3,4})([pi])(?:hd|x|bd|br|\d\d)?\Z"
)
_VERSION = re.compile(r"(?:\d{1,4})?v([2-9])\Z", re.IGNORECASE)
_HASH = re.compile(r"(?=[0-9A-F]*[0-9])[0-9A-F]{8}\Z", re.IGNORECASE)
_LINE_COUNTS = {
    "360": "360p",
    "480": "480p",
    "540": "540p",
    "576": "576p",
    "720": "720p",
    "960": "720p",
    "1080": "1080p",
    "1440": "1080p",
    "2160": "2160p",
    "4320": "2160p",
}
_GLUED_SOURCES = {
    "bdrip": "bluray-rip",
    "brrip": "bluray-rip",
    "bdremux": "bluray",
    "bluray": "bluray",
    "bd": "bluray",
    "hdtv": "hdtv",
    "pdtv": "tv",
    "webdl": "webdl",
    "web-dl": "webdl",
    "web": "webdl",
    "webrip": "webrip",
    "dvdrip": "dvd",
    "dvd": "dvd",
    "tc": "telecine",
    "hdtc": "telecine",
    "ts": "telesync",
    "hdts": "telesync",
    "cam": "cam",
    "hdcam": "cam",
    "hdrip": "hdrip",
}


def frame_resolution(width: int, height: int) -> str:
    """The resolution a picture of ``width`` by ``height`` pixels belongs to: the first that either side reaches.

    A film keeps the width of its format and loses height to its shape (1920x800), an old broadcast keeps the height and
    loses width (1440x1080), so one side is enough. The limits lie below the nominal sizes, for cropped pictures.
    """
    for resolution, least_width, least_height in (
        ("2160p", 3200, 2000),
        ("1080p", 1800, 1000),
        ("720p", 1200, 700),
        ("576p", 1000, 560),
        ("540p", 900, 530),
        ("480p", 700, 400),
    ):
        if width >= least_width or height >= least_height:
            return resolution
    return "360p"


class _Reader:
    """Reads the marks of one name."""

    def __init__(self, text: str, phrases: Phrases) -> None:
        self.text = text
        self.phrases = phrases
        self.tokens: list[tuple[str, int, int]] = []
        for match in _TOKEN.finditer(text):
            self.tokens.append((match[0].lower(), match.start(), match.end()))
            if len(self.tokens) >= MAXIMUM_TOKENS:
                break

    def marks(self) -> list[Mark]:
        found: list[Mark] = []
        at = 0
        while at < len(self.tokens):
            length, marks = self._phrase(at)
            if not marks:
                length, marks = 1, self._shape(at)
            found.extend(marks)
            at += length
        return found

    def _phrase(self, at: int) -> tuple[int, list[Mark]]:
        for words, meaning in self.phrases.get(self.tokens[at][0], ()):
            if self._matches(at, words):
                start, end = self.tokens[at][1], self.tokens[at + len(words) - 1][2]
                text = self.text[start:end]
                if meaning.strength is Strength.UPPER and not text.isupper():
                    continue
                mark = Mark(meaning.field, meaning.value, meaning.strength, start, end, text, " ".join(words))
                return len(words), [mark]
        return 1, []

    def _matches(self, at: int, words: tuple[str, ...]) -> bool:
        if at + len(words) > len(self.tokens):
            return False
        for offset, word in enumerate(words):
            if self.tokens[at + offset][0] != word:
                return False
            if offset and not _JOINT.match(self.text[self.tokens[at + offset - 1][2] : self.tokens[at + offset][1]]):
                return False
        return True

    def _shape(self, at: int) -> list[Mark]:
        """Marks told by their form: line counts, frame sizes, versions and check sums."""
        word, start, end = self.tokens[at]
        text = self.text[start:end]
        if frame := _FRAME.match(text):
            value = frame_resolution(int(frame[1]), int(frame[2]))
            return [Mark(Field.RESOLUTION, value, Strength.STRONG, start, end, text, word)]
        if lines := _LINES.match(word):
            return self._lines(lines, start, end, text)
        if version := _VERSION.match(text):
            return [Mark(Field.MODIFIER, f"v{version[1]}", Strength.WEAK, start, end, text, word)]
        if _HASH.match(text) and self.text[start - 1 : start] in {"[", "("}:
            return [Mark(Field.NOISE, "hash", Strength.STRONG, start, end, text, word)]
        return []

    def _lines(self, lines: re.Match[str], start: int, end: int, text: str) -> list[Mark]:
        resolution = _LINE_COUNTS.get(lines[2])
        if resolution is None:
            return []
        marks = []
        if lines[1]:
            marks.append(Mark(Field.SOURCE, _GLUED_SOURCES[lines[1]], Strength.STRONG, start, end, text, lines[0]))
        marks.append(Mark(Field.RESOLUTION, resolution, Strength.STRONG, start, end, text, lines[2] + lines[3]))
        return marks


def read_marks(text: str, phrases: Phrases) -> list[Mark]:
    """All marks of a name in order; of overlapping phrases the longest one that begins first."""
    return _Reader(text, phrases).marks()
