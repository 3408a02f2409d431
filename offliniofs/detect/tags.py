"""What the tags embedded in a media file say.

Music lives by its tags. In a video they are weak: whoever packed it often left the release's name, an address or an
advertisement in the title, so that is only taken when it reads like a title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from offliniofs.detect.genres import normalise_genres
from offliniofs.domain.facts import Genre, Person

VARIOUS_ARTISTS = "Various Artists"
"""The album artist of a compilation, as media servers write it."""

_MAX_NAME = 300
_YEAR: Final = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_POSITION: Final = re.compile(r"\s*0*(\d{1,4})(?!\d)\s*(?:(?:/|of)\s*\d{1,4})?\s*$")
_ADVERTISEMENT: Final = re.compile(
    r"https?:|www\.|\b[\w-]{2,}\.(?:com|net|org|info|tv|me|to|cc|ru|io|xyz|club|site|online|ws|in)\b|"
    r"\b(?:\d{3,4}[pi]|x26[45]|h\.?26[45]|hevc|xvid|divx|web-?dl|web-?rip|blu-?ray|b[dr]-?rip|hd-?tv|dvd-?rip|remux|"
    r"aac|ac3|rip(?:ped)? by|encoded by|uploaded by|torrents?|download(?:ed)?|subscribe|telegram)\b",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"(?:untitled|unknown|no title|title|track ?\d*|video|movie|file|audiotrack ?\d*|\d+|[\W_]*)", re.IGNORECASE
)
_UNKNOWN_NAME: Final = re.compile(
    r"(?:unknown|unbekannter?|<unknown>|no) (?:artist|album|interpret)|<?unknown>?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TagFacts:
    """The facts in one file's tags; None and empty where it says nothing."""

    title: str | None = None
    artist: str | None = None
    album_artist: str | None = None
    """The artist under whom the album is filed."""
    album: str | None = None
    year: int | None = None
    track: int | None = None
    disc: int | None = None
    genres: tuple[Genre, ...] = ()
    show: str | None = None
    season: int | None = None
    episode: int | None = None
    description: str | None = None
    people: tuple[Person, ...] = ()


def read_tags(tags: Mapping[str, str]) -> TagFacts:
    """The facts in embedded tags (keys as in ``MediaFacts.tags``). Total; placeholders (``Track 3``) are no facts."""
    artist = _name(tags.get("artist"))
    album_artist = _name(tags.get("album_artist"))
    if album_artist is None and tags.get("compilation", "").strip().casefold() in {"1", "yes", "true"}:
        album_artist = VARIOUS_ARTISTS
    return TagFacts(
        title=_title(tags.get("title")),
        artist=artist,
        album_artist=album_artist or artist,
        album=_name(tags.get("album")),
        year=_year(tags.get("date")),
        track=_position(tags.get("track")),
        disc=_position(tags.get("disc")),
        genres=normalise_genres([tags["genre"]] if "genre" in tags else []),
        show=_title(tags.get("show")),
        season=_position(tags.get("season"), least=0),
        episode=_position(tags.get("episode")),
        description=_text(tags.get("description")),
        people=_people(artist, tags),
    )


def is_advertisement(text: str) -> bool:
    """Whether a title is a release's name or somebody's address rather than a title."""
    dotted = " " not in text.strip() and len(re.findall(r"[._]", text)) >= 2
    return dotted or _ADVERTISEMENT.search(text[:_MAX_NAME]) is not None


def _text(value: str | None) -> str | None:
    return " ".join((value or "").split()) or None


def _name(value: str | None) -> str | None:
    text = _text((value or "")[:_MAX_NAME])
    return None if text is None or _UNKNOWN_NAME.fullmatch(text) else text


def _title(value: str | None) -> str | None:
    text = _name(value)
    return None if text is None or _PLACEHOLDER.fullmatch(text) else text


def _year(value: str | None) -> int | None:
    found = _YEAR.search((value or "")[:64])
    return int(found[1]) if found else None


def _position(value: str | None, least: int = 1) -> int | None:
    """The number before the slash in ``3/10``."""
    found = _POSITION.match((value or "")[:32])
    return int(found[1]) if found and int(found[1]) >= least else None


def _people(artist: str | None, tags: Mapping[str, str]) -> tuple[Person, ...]:
    named = ((artist, "artist"), (_name(tags.get("composer")), "composer"), (_name(tags.get("director")), "director"))
    return tuple(Person(name, role) for name, role in named if name)
