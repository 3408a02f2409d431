"""Facts about a file and the evidence each rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from offliniofs.domain.content import ContentKind


class EvidenceSource(StrEnum):
    """Where a fact came from, strongest first. A user's own edit always wins."""

    USER = "user"
    PROBE = "probe"
    NFO = "nfo"
    TAG = "tag"
    NAME = "name"
    FOLDER = "folder"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field has its value: the kind of source and the words it used, e.g. ``name: "WEB-DL"``."""

    source: EvidenceSource
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.source}: {self.detail}" if self.detail else str(self.source)


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre in normal form; ``known`` is false for one that no vocabulary has (kept, but marked)."""

    name: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class VideoStream:
    """Facts a probe read from one video stream. Sizes in pixels."""

    codec: str
    width: int
    height: int
    interlaced: bool = False
    hdr: str | None = None
    """``HDR10``, ``HDR10+``, ``DV`` or ``HLG``."""
    bit_depth: int | None = None


@dataclass(frozen=True, slots=True)
class AudioStream:
    """Facts a probe read from one audio stream."""

    codec: str
    channels: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """Facts a probe read from one embedded subtitle stream."""

    codec: str
    language: str | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a probe read from a file. Cover pictures do not count as video."""

    mime_type: str
    container: str | None = None
    duration: float | None = None
    """Seconds."""
    bit_rate: int | None = None
    """Bits per second."""
    video: tuple[VideoStream, ...] = ()
    audio: tuple[AudioStream, ...] = ()
    subtitles: tuple[SubtitleStream, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    """Embedded tags, keys in lower case: title, artist, album, date, genre, track, disc, …"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part, and as what (``actor``, ``director``, ``writer``, ``artist``)."""

    name: str
    role: str
    character: str | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """Everything known about one media file, and why.

    ``why`` maps a field's name to the evidence that decided it; ``disagreements`` records evidence that lost, such as a
    name that says 2160p over a picture of 1920x800.
    """

    name: str
    kind: ContentKind
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    episode_title: str | None = None
    air_date: str | None = None
    """ISO date of a daily show."""
    quality: str = "Unknown"
    """Name of the quality class, e.g. ``WEBDL-1080p``."""
    resolution: str | None = None
    """``2160p``, ``1080p``, ``720p``, ``576p``, ``540p``, ``480p``, ``360p``."""
    source: str | None = None
    """``bluray``, ``webdl``, ``webrip``, ``hdtv``, ``dvd``, ``tv``, ``cam``, …"""
    modifiers: tuple[str, ...] = ()
    """``remux``, ``proper``, ``repack``, ``real``, ``rawhd``, ``brdisk``, ``screener``, ``regional``."""
    codec: str | None = None
    hdr: str | None = None
    audio: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47 primary tags, e.g. ``en``."""
    edition: str | None = None
    group: str | None = None
    genres: tuple[Genre, ...] = ()
    people: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    plot: str | None = None
    rating: float | None = None
    """0 to 10."""
    original_title: str | None = None
    collection: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """``imdb``, ``tmdb``, ``tvdb`` → id."""
    artist: str | None = None
    album: str | None = None
    track: int | None = None
    disc: int | None = None
    why: Mapping[str, Evidence] = field(default_factory=dict)
    disagreements: tuple[str, ...] = ()
