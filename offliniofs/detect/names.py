"""A name, and the folders it lies in, → facts with the evidence for each.

Pure and total: any string gives an answer, in bounded time, and the same string the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from offliniofs.detect.casing import is_in_lower_case, with_capitals
from offliniofs.detect.counts import Count
from offliniofs.detect.folders import FolderFacts, read_folders
from offliniofs.detect.layout import Layout, read_layout
from offliniofs.detect.marks import Field, Mark
from offliniofs.detect.quality import is_series, quality_of_extension
from offliniofs.detect.quality_rules import QualitySignals, read_quality
from offliniofs.detect.release import kind_of_extension
from offliniofs.detect.text import clean_title
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Evidence, EvidenceSource

MAXIMUM_FOLDERS = 4
"""Parent folders that are looked at."""

_SLASH = re.compile(r"(?<!\s)[/\\](?!\s)")
_QUOTED = 80


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name and its folders say. Fields as in :class:`offliniofs.domain.facts.Identification`."""

    name: str
    kind: ContentKind
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    """Episode numbers within the season or, where there is no season, counted from the first episode."""
    absolute_episodes: tuple[int, ...] = ()
    """The same numbers again when they are counted from the first episode, as anime does."""
    episode_title: str | None = None
    air_date: str | None = None
    quality: str = "Unknown"
    resolution: str | None = None
    source: str | None = None
    modifiers: tuple[str, ...] = ()
    codec: str | None = None
    hdr: str | None = None
    audio: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    edition: str | None = None
    group: str | None = None
    original_title: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    extension: str | None = None
    why: Mapping[str, Evidence] = field(default_factory=dict)


def identify_name(name: str, *, folders: Sequence[str] = (), kind: ContentKind | None = None) -> NameFacts:
    """Facts of a file's name; ``folders`` are its parents, innermost first, and speak where the name is silent.

    ``kind`` forces movie or series (season, episode) where the caller knows it. A path may be given as the name: its
    folders are then taken from it.
    """
    parts = _components(name)
    layout = read_layout(parts[-1], kind)
    parents = [*reversed(parts[:-1]), *folders][:MAXIMUM_FOLDERS]
    around = read_folders(parents, kind)
    if (release := around.release_of(layout)) is not None:
        layout = replace(release, extension=layout.extension)
        return _Decision(name, layout, read_folders(parents[1:], kind), kind, EvidenceSource.FOLDER).facts()
    return _Decision(name, layout, around, kind).facts()


def _components(name: str) -> list[str]:
    """The components of a path; a slash between spaces or inside brackets is part of a name."""
    if "/" not in name and "\\" not in name:
        return [name]
    parts = [part for part in _SLASH.split(name[-4096:]) if part.strip()]
    if not parts or any(part.count("[") != part.count("]") or part.count("(") != part.count(")") for part in parts):
        return [name]
    return parts


class _Decision:
    """Weighs a name's layout against its folders, field by field, and writes down why."""

    def __init__(
        self,
        name: str,
        layout: Layout,
        folders: FolderFacts,
        kind: ContentKind | None,
        origin: EvidenceSource = EvidenceSource.NAME,
    ) -> None:
        self.name = name
        self.layout = layout
        self.folders = folders
        self.forced = kind
        self.origin = origin
        self.why: dict[str, Evidence] = {}

    def facts(self) -> NameFacts:
        season, episodes, absolute, air_date = self._count()
        kind = self._kind(season, episodes, air_date)
        title, original, year = self._title(kind)
        signals = self._signals(kind)
        quality = signals.quality(kind, self.layout.extension)
        self._explain_quality(signals, kind)
        return NameFacts(
            name=self.name,
            kind=kind,
            title=title,
            year=year,
            season=season,
            episodes=episodes,
            absolute_episodes=absolute,
            episode_title=self._episode_title(kind),
            air_date=air_date,
            quality=quality.name,
            resolution=signals.resolution,
            source=signals.source,
            modifiers=signals.modifier_names,
            codec=signals.codec,
            hdr=self._hdr(),
            audio=self._all(Field.AUDIO, "audio"),
            languages=self._all(Field.LANGUAGE, "languages"),
            edition=self._edition(),
            group=self._group(),
            original_title=original,
            external_ids=self._identifiers(),
            extension=self.layout.extension,
            why=dict(self.why),
        )

    def _note(self, field_name: str, words: str, source: EvidenceSource | None = None) -> None:
        self.why[field_name] = Evidence(source or self.origin, f'"{words.strip()[:_QUOTED]}"' if words.strip() else "")

    def _count(self) -> tuple[int | None, tuple[int, ...], tuple[int, ...], str | None]:
        """Season, episodes, absolute episodes, air date; the season from the folder where the name gives none."""
        numbering = self.layout.numbering
        season: int | None = None
        episodes: tuple[int, ...] = ()
        absolute: tuple[int, ...] = ()
        air_date: str | None = None
        if numbering is not None:
            season, absolute, air_date = numbering.season, numbering.absolute_episodes, numbering.air_date
            episodes = numbering.episodes or absolute
            for name, value in (("season", season), ("episodes", episodes), ("air_date", air_date)):
                if value not in (None, ()):
                    self._note(name, numbering.text)
        if season is None and self.folders.season is not None and self.forced is not ContentKind.MOVIE:
            if not episodes and (bare := self.folders.bare_episode(self.layout)) is not None:
                episodes = (bare,)
                self._note("episodes", self.layout.text)
            season, absolute = self.folders.season, ()
            if season and all(number // 100 == season for number in episodes):
                episodes = tuple(number % 100 for number in episodes)
            self._note("season", self.folders.season_words, EvidenceSource.FOLDER)
        return season, episodes, absolute, air_date

    def _kind(self, season: int | None, episodes: tuple[int, ...], air_date: str | None) -> ContentKind:
        if self.forced is not None and self.forced not in {ContentKind.SERIES, ContentKind.SEASON}:
            return self.forced
        by_extension = kind_of_extension(self.layout.extension)
        named = self.layout.numbering or self.layout.year or self._counted(Field.SOURCE)
        if by_extension is ContentKind.TRACK or (by_extension is not None and not named):
            self._note("kind", f".{self.layout.extension}")
            return by_extension
        numbering = self.layout.numbering
        if numbering is not None:
            self._note("kind", numbering.text)
        elif season is not None:
            self._note("kind", self.folders.season_words, EvidenceSource.FOLDER)
        if episodes or air_date or (season is not None and self.layout.extension):
            return ContentKind.EPISODE
        if season is not None and (numbering is None or numbering.count is not Count.SERIES):
            return ContentKind.SEASON
        if numbering is not None or self.forced is not None:
            return ContentKind.SERIES
        self.why["kind"] = Evidence(EvidenceSource.DEFAULT, "no season, episode or date in the name")
        return ContentKind.MOVIE

    def _title(self, kind: ContentKind) -> tuple[str, str | None, int | None]:
        """Title, other title and year; all of one and the same place, so that they belong together."""
        layout, folder = self.layout, self.folders.title_layout
        if folder is not None and self.folders.knows_better(layout, is_series(kind)):
            title = self._titled(folder.title, folder.text, EvidenceSource.FOLDER)
            year = folder.year or layout.year
            if year:
                origin = EvidenceSource.FOLDER if folder.year else self.origin
                self._note("year", str(year.value), origin)
            return title, folder.alias, year.value if year else None
        title = layout.title or clean_title(layout.text) or clean_title(self.name) or "Unknown"
        title = self._titled(title, layout.text, self.origin)
        if layout.year:
            self._note("year", str(layout.year.value))
            return title, layout.alias, layout.year.value
        if folder is not None and folder.year and folder.title.casefold() == title.casefold():
            self._note("year", str(folder.year.value), EvidenceSource.FOLDER)
            return title, layout.alias, folder.year.value
        return title, layout.alias, None

    def _titled(self, title: str, text: str, source: EvidenceSource) -> str:
        """The title that ``text`` gives, with capitals if there are none in all of it."""
        self._note("title", title, source)
        if not is_in_lower_case(text):
            return title
        said = self.why["title"]
        self.why["title"] = replace(said, detail=f"{said.detail}, all in lower case")
        return with_capitals(title)

    def _signals(self, kind: ContentKind) -> QualitySignals:
        """Quality from the name; where it names no source, from the nearest folder that does and says no other size."""
        layout = self.layout
        signals = read_quality(layout.text, layout.counted, kind, extension=layout.extension)
        self.quality_origin = self.origin
        if signals.source or signals.modifiers:
            return signals
        for folder in self.folders.layouts:
            other = read_quality(folder.text, folder.counted, kind, extension=layout.extension)
            silent = not signals.resolution and (other.source or other.resolution)
            if silent or (other.source and other.resolution in {None, signals.resolution}):
                other = replace(other, resolution=other.resolution or signals.resolution)
                self.quality_origin = EvidenceSource.FOLDER
                return other
        return signals

    def _explain_quality(self, signals: QualitySignals, kind: ContentKind) -> None:
        origin = self.quality_origin
        for name, value, words in (
            ("source", signals.source, signals.source_words),
            ("resolution", signals.resolution, signals.resolution_words or signals.source_words),
            ("codec", signals.codec, signals.codec_words),
            ("modifiers", signals.modifiers, " ".join(words for _, words in signals.modifiers)),
        ):
            if value:
                self._note(name, words, origin)
        words = " ".join(filter(None, dict.fromkeys((signals.source_words, signals.resolution_words))))
        if words or signals.modifiers:
            self._note("quality", words or signals.modifiers[0][1], origin)
        elif signals.encoder == "h264-encode":
            self._note("quality", signals.codec_words, origin)
        elif quality_of_extension(self.layout.extension, kind).rank:
            self.why["quality"] = Evidence(EvidenceSource.DEFAULT, f"container .{self.layout.extension}")
        else:
            self.why["quality"] = Evidence(EvidenceSource.DEFAULT, "the name says nothing")

    def _episode_title(self, kind: ContentKind) -> str | None:
        title = self.layout.episode_title
        if title is None and kind is ContentKind.EPISODE and "episodes" in self.why:
            title = self.folders.bare_title(self.layout)
        if title is not None and kind is ContentKind.EPISODE:
            self._note("episode_title", title)
            return with_capitals(title) if is_in_lower_case(self.layout.text) else title
        return None

    def _counted(self, wanted: Field) -> list[Mark]:
        return [mark for mark in self.layout.counted if mark.field is wanted]

    def _marked(self, wanted: Field) -> tuple[list[Mark], EvidenceSource]:
        """The words about a field in the name, or else in the folder of its release."""
        marks = self._counted(wanted)
        folder = self.folders.release
        if marks or folder is None:
            return marks, self.origin
        return [mark for mark in folder.counted if mark.field is wanted], EvidenceSource.FOLDER

    def _all(self, wanted: Field, name: str) -> tuple[str, ...]:
        marks, origin = self._marked(wanted)
        if marks:
            self._note(name, " ".join(mark.text for mark in marks), origin)
        return tuple(dict.fromkeys(mark.value for mark in marks))

    def _hdr(self) -> str | None:
        """The richest format named, since a picture with Dolby Vision carries HDR10 as well."""
        found, origin = self._marked(Field.HDR)
        marks = [mark for mark in found if mark.value != "SDR"]
        best = min(marks, key=lambda mark: ("DV", "HDR10+", "HDR10", "HLG").index(mark.value), default=None)
        if best is None:
            return None
        self._note("hdr", best.text, origin)
        return best.value

    def _edition(self) -> str | None:
        found = self._all(Field.EDITION, "edition")
        return " ".join(found[:3]) if found else None

    def _group(self) -> str | None:
        group, origin = self.layout.group, self.origin
        if group is None and self.folders.release is not None:
            group, origin = self.folders.release.group, EvidenceSource.FOLDER
        if group:
            self._note("group", group, origin)
        return group

    def _identifiers(self) -> Mapping[str, str]:
        found = {each.database: each.value for each in self.layout.identifiers}
        if found:
            self._note("external_ids", " ".join(found.values()))
        return found or self._folder_identifiers()

    def _folder_identifiers(self) -> Mapping[str, str]:
        for folder in self.folders.layouts:
            if folder.identifiers:
                self._note("external_ids", folder.text, EvidenceSource.FOLDER)
                return {each.database: each.value for each in folder.identifiers}
        return {}
