"""Rules that read from a name's marks what decides its quality class.

Where several words name a source, the last one does: titles come first, and release names put the true source behind
the words that a title happens to share with it. Of several resolutions the first one counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.marks import Field, Mark
from offliniofs.detect.quality import QualityClass, classify, is_series
from offliniofs.detect.text import words
from offliniofs.domain.content import ContentKind


@dataclass(frozen=True, slots=True)
class QualitySignals:
    """What the words of a name say about quality, and which words."""

    source: str | None = None
    source_words: str = ""
    resolution: str | None = None
    resolution_words: str = ""
    modifiers: tuple[tuple[str, str], ...] = ()
    """Modifier and the words that say it."""
    codec: str | None = None
    codec_words: str = ""
    encoder: str | None = None
    """The codec as classes see it: ``h264-encode`` is the word x264, which only encoders write."""
    bracketed: bool = False

    @property
    def modifier_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.modifiers)

    def quality(self, kind: ContentKind | None, extension: str | None) -> QualityClass:
        """The class these signals add up to."""
        return classify(
            self.source,
            self.resolution,
            self.modifier_names,
            kind,
            codec=self.encoder,
            extension=extension,
            bracketed=self.bracketed,
        )


_MEANS_MODIFIER = {"bluray-rip": "rip", "dvdr": "remux", "screener": "screener", "regional": "regional"}
_PUBLIC_SOURCE = {
    "bluray-rip": "bluray",
    "dvdr": "dvd",
    "screener": "dvd",
    "regional": "dvd",
    "hd tv": "hdtv",
    "sd tv": "tv",
}
_MOVIE_ONLY = words("ts tc wp scr cam regional r0 r1 r2 r3 r4 r5 r6 r7 r8 r9")
"""Words too short to mean anything in the name of an episode; no series is sold as a telesync."""
_MODEST_SOURCES = words("ntsc, pal, hd tv, sd tv, tv, vhs, vod, ppv", ",")
"""Words that name a source only when no other does."""
_MODEST_RESOLUTIONS = words("4k uhd 1080 720 480")
_DISC_CODECS = words("avc, hevc, vc1, vc 1, mvc, mpeg2, mpeg 2, bdmv, bdiso, bd iso, iso", ",")
_DISC_SOURCES = words("bluray, blu ray, bd, hd dvd, hddvd, uhd bluray, uhd blu ray, bdmv", ",")
_DISC_WORDS = words(
    "br disk, brdisk, 3d bd, bd3d, bdiso, bd iso, uhd iso, full blu ray, full bluray, bd25, bd50, bd66, bd100, bd 25,"
    "bd 50, bd 66, bd 100, uhd25, uhd50, uhd66, uhd100, uhd 50, uhd 66, uhd 100, complete bluray, complete blu ray,"
    "complete uhd bluray, complete uhd blu ray",
    ",",
)
_ENCODED = words(
    "x264, h264, x 264, h 264, x265, h265, x 265, h 265, xvid, wmv, wmv9, wmvhd, bdrip, bd rip, remux, bdremux,"
    "bd remux, uhdremux, 720p, 720, dvd, dvdrip, dvdr, mkv, mp4, avi, m4v",
    ",",
)
"""Words that show that a disc was encoded again, or put into another container."""
_REMUX_WORDS = frozenset({"bdremux", "bd remux", "uhdremux", "uhd remux", "br remux", "brremux"})
_GERMAN = re.compile(r"\bgerman\b", re.IGNORECASE)
_GERMAN_DUAL = re.compile(r"\bgerman\b.{0,40}?\b[dm]l\b", re.IGNORECASE)
_WIDE_BROADCAST = re.compile(r"\bhr[\s._-]ws\b", re.IGNORECASE)


def read_quality(
    text: str, marks: Sequence[Mark], kind: ContentKind | None, *, extension: str | None = None
) -> QualitySignals:
    """The quality signals of a name; ``marks`` are those of its marks that are not words of the title."""
    return _Rules(text, marks, kind, extension).signals()


class _Rules:
    def __init__(self, text: str, marks: Sequence[Mark], kind: ContentKind | None, extension: str | None) -> None:
        self.text = text.replace("_", " ")
        self.marks = marks
        self.extension = extension
        self.series = is_series(kind)
        self.words = {mark.word for mark in marks}
        if extension:
            self.words.add(extension)

    def signals(self) -> QualitySignals:
        source = self._source()
        resolution = self._resolution()
        codec = next((mark for mark in self.marks if mark.field is Field.CODEC), None)
        named_codec = codec.value if codec else self.extension if self.extension in {"xvid", "divx"} else None
        modifiers = dict(self._modifiers(source))
        return QualitySignals(
            source=self._public_source(source),
            source_words=source.text if source else "",
            resolution=resolution.value if resolution else self._implied_resolution(source),
            resolution_words=resolution.text if resolution else "",
            modifiers=tuple(modifiers.items()),
            codec=named_codec,
            codec_words=codec.text if codec else "",
            encoder="h264-encode" if "x264" in self.words else named_codec,
            bracketed=source is not None and self._bracketed(source),
        )

    def _source(self) -> Mark | None:
        """The last word that names a source; modest ones only if there is no other."""
        found: Mark | None = None
        for mark in self.marks:
            if mark.field is not Field.SOURCE or (self.series and mark.word in _MOVIE_ONLY):
                continue
            if mark.word in {"ntsc", "pal"} and not self.series and self._resolution() is not None:
                continue
            if found is None or not (mark.word in _MODEST_SOURCES or mark.value == "hdrip"):
                found = mark
        return found

    def _public_source(self, source: Mark | None) -> str | None:
        if source is None or source.value == "hdrip":
            return None
        return _PUBLIC_SOURCE.get(source.value, source.value)

    def _resolution(self) -> Mark | None:
        """The first resolution; ``4K`` and ``UHD`` are words of marketing, so that any figure outranks them."""
        marks = [mark for mark in self.marks if mark.field is Field.RESOLUTION]
        return next((mark for mark in marks if mark.word not in _MODEST_RESOLUTIONS), marks[0] if marks else None)

    def _implied_resolution(self, source: Mark | None) -> str | None:
        """A size that only the source speaks of: ultra HD discs, and the broadcasts called HD."""
        if source is None:
            return None
        if "uhd" in source.word:
            return "2160p"
        if source.value == "hd tv" or (source.value == "tv" and _WIDE_BROADCAST.search(self.text)):
            return "720p"
        return None

    def _bracketed(self, source: Mark) -> bool:
        before, after = self.text[: source.start].rstrip()[-1:], self.text[source.end :].lstrip()[:1]
        if source.word in {"hdtv", "webdl", "web"}:
            return (before == "[" and after == "]") or (source.word == "web" and before in {"[", "("})
        return False

    def _modifiers(self, source: Mark | None) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        remux = self._remux()
        if remux:
            found.append(("remux", remux))
        if source and source.value in _MEANS_MODIFIER:
            found.append((_MEANS_MODIFIER[source.value], source.text))
        disc = self._disc(source)
        if disc:
            found.append(("brdisk", disc))
        raw = self._raw(source)
        if raw:
            found.append(("rawhd", raw))
        found.extend(self._revisions())
        return found

    def _revisions(self) -> list[tuple[str, str]]:
        """Proper, repack and real; an anime group's second version of an episode is a proper."""
        found = []
        for mark in self.marks:
            if mark.field is Field.MODIFIER and mark.value in {"proper", "repack", "real"}:
                found.append((mark.value, mark.text))
            elif mark.field is Field.MODIFIER and mark.value.startswith("v") and mark.value[1:].isdigit():
                found.append(("proper", mark.text))
        return found

    def _remux(self) -> str:
        """The word remux, unless it is a group's name behind the last hyphen; or a German disc's own video."""
        for mark in self.marks:
            if mark.word in _REMUX_WORDS or (mark.value == "remux" and mark.field is Field.MODIFIER):
                behind_hyphen = self.text[: mark.start].endswith("-")
                if behind_hyphen and mark.end >= len(self.text.rstrip()) and not self._joined(mark):
                    continue
                return mark.text
        return "" if self.series else self._german_remux()

    def _joined(self, mark: Mark) -> bool:
        return bool(re.search(r"(?:\d{3,4}p|hybrid)-\Z", self.text[: mark.start], re.IGNORECASE))

    def _german_remux(self) -> str:
        german = _GERMAN.search(self.text)
        if german is None or not re.search(r"\d{4}", self.text[: german.start()]):
            return ""
        behind = [mark for mark in self.marks if mark.start > german.end()]
        codec = next((mark for mark in behind if mark.word in _DISC_CODECS and mark.field is Field.CODEC), None)
        disc = any(mark.value == "bluray" for mark in behind)
        return codec.text if codec and disc else ""

    def _disc(self, source: Mark | None) -> str:
        """An untouched disc: a Blu-ray with the codec names that discs use, or called complete, and no encoder.

        Series have no such class.
        """
        if self.series or (source and source.value != "bluray"):
            return ""
        if self.words & _ENCODED or {"1080p", "hevc"} <= self.words or _GERMAN_DUAL.search(self.text):
            return ""
        explicit = self.words & _DISC_WORDS
        if explicit:
            return min(explicit)
        if source is None or source.word not in _DISC_SOURCES:
            return ""
        clue = self.words & _DISC_CODECS or self.words & {"complete", "disc", "disk"}
        return f"{source.text} {min(clue)}" if clue else ""

    def _raw(self, source: Mark | None) -> str:
        """Untouched broadcasts: the word itself, or HDTV that is still MPEG-2."""
        for mark in self.marks:
            if mark.value == "rawhd":
                return mark.text
            if source and source.value == "hdtv" and mark.value == "mpeg2" and mark.text.isupper():
                return f"{source.text} {mark.text}"
        return ""
