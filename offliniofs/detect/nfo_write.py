"""Writes NFO files as Kodi documents them (https://kodi.wiki/view/NFO_files), so that a media server needs no internet.

The same source always gives the same bytes. ``parse_nfo`` reads back what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import AudioStream, Person, SubtitleStream, VideoStream

_ROOTS: Final = {
    ContentKind.MOVIE: "movie",
    ContentKind.SERIES: "tvshow",
    ContentKind.SEASON: "season",
    ContentKind.EPISODE: "episodedetails",
    ContentKind.ALBUM: "album",
    ContentKind.ARTIST: "artist",
    ContentKind.OTHER: "movie",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class NfoSource:
    """What is to be written. Fields that a kind of NFO does not have are left out of it."""

    kind: ContentKind
    title: str
    original_title: str | None = None
    sort_title: str | None = None
    show_title: str | None = None
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    plot: str | None = None
    rating: float | None = None
    """0 to 10."""
    runtime: int | None = None
    """Minutes."""
    aired: str | None = None
    """ISO date: an episode's first showing, a film's premiere, an album's release."""
    collection: str | None = None
    artist: str | None = None
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """``imdb``, ``tmdb``, ``tvdb``, ``musicbrainz`` → id."""
    duration: float | None = None
    """Seconds."""
    video: tuple[VideoStream, ...] = ()
    audio: tuple[AudioStream, ...] = ()
    subtitles: tuple[SubtitleStream, ...] = ()


def nfo_bytes(*sources: NfoSource) -> bytes:
    """The NFO of one thing, or of the several episodes that one file holds (one root after another).

    Raises ``ValueError`` for no source, for several that are not episodes, and for a kind that has no NFO.
    """
    if not sources:
        raise ValueError("an NFO needs something to say")
    if len(sources) > 1 and any(source.kind is not ContentKind.EPISODE for source in sources):
        raise ValueError("only episodes share an NFO")
    return (_DECLARATION + "".join(_root(source) for source in sources)).encode()


def _root(source: NfoSource) -> str:
    name = _ROOTS.get(source.kind)
    if name is None:
        raise ValueError(f"there are no NFO files for the kind {source.kind}")
    lines = [*_heading(source), *_numbers(source), *_lists(source), *_people(source), *_streams(source)]
    return f"<{name}>\n" + "".join(f"  {line}\n" for line in lines) + f"</{name}>\n"


def _element(name: str, value: object, attributes: Mapping[str, str] | None = None) -> list[str]:
    """One element on a line, or nothing without a value."""
    text = "" if value is None else _text(str(value))
    if not text:
        return []
    written = "".join(f" {key}={quoteattr(_text(said))}" for key, said in (attributes or {}).items())
    return [f"<{name}{written}>{escape(text)}</{name}>"]


def _text(value: str) -> str:
    return _NOT_XML.sub("", value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _heading(source: NfoSource) -> list[str]:
    is_artist = source.kind is ContentKind.ARTIST
    of_episode = source.kind is ContentKind.EPISODE
    return [
        *_element("name" if is_artist else "title", source.title),
        *_element("originaltitle", source.original_title),
        *_element("sorttitle", source.sort_title),
        *_element("showtitle", source.show_title if of_episode else None),
        *_element("artist", source.artist),
        *_element("biography" if is_artist else "review" if source.kind is ContentKind.ALBUM else "plot", source.plot),
    ]


def _numbers(source: NfoSource) -> list[str]:
    numbered = source.kind in {ContentKind.EPISODE, ContentKind.SEASON}
    date = {ContentKind.EPISODE: "aired", ContentKind.ALBUM: "releasedate"}.get(source.kind, "premiered")
    lines = [
        *_element(
            "season" if source.kind is ContentKind.EPISODE else "seasonnumber", source.season if numbered else None
        ),
        *_element("episode", source.episode if source.kind is ContentKind.EPISODE else None),
        *_element("year", source.year),
        *_element(date, source.aired),
        *_element("runtime", source.runtime),
    ]
    if source.rating is not None and 0 < source.rating <= 10:
        value = f"{source.rating:.2f}".rstrip("0").rstrip(".")
        lines.append(
            f'<ratings><rating name="default" max="10" default="true"><value>{value}</value></rating></ratings>'
        )
    return lines


def _lists(source: NfoSource) -> list[str]:
    lines: list[str] = []
    for position, (site, identifier) in enumerate(sorted(source.external_ids.items())):
        default = {"default": "true"} if position == 0 else {}
        lines += _element("uniqueid", identifier, {"type": site, **default})
    for genre in source.genres:
        lines += _element("genre", genre)
    for tag in source.tags:
        lines += _element("tag", tag)
    if collection := _text(source.collection or ""):
        lines.append(f"<set><name>{escape(collection)}</name></set>")
    return lines


def _people(source: NfoSource) -> list[str]:
    lines: list[str] = []
    for person in source.people:
        if person.role == "director":
            lines += _element("director", person.name)
        elif person.role == "writer":
            lines += _element("credits", person.name)
    actors = (person for person in source.people if person.role == "actor" and _text(person.name))
    for order, actor in enumerate(actors):
        parts = [*_element("name", actor.name), *_element("role", actor.character), *_element("order", order)]
        lines.append(f"<actor>{''.join(parts)}</actor>")
    return lines


def _streams(source: NfoSource) -> list[str]:
    parts: list[str] = []
    for video in source.video:
        fields = [
            *_element("codec", video.codec),
            *_element("width", video.width or None),
            *_element("height", video.height or None),
            *_element("durationinseconds", int(source.duration) if source.duration else None),
            *_element("scantype", "interlaced" if video.interlaced else "progressive"),
            *_element("hdrtype", _hdr_type(video.hdr)),
        ]
        parts.append(f"<video>{''.join(fields)}</video>")
    for audio in source.audio:
        fields = [
            *_element("codec", audio.codec),
            *_element("language", audio.language),
            *_element("channels", audio.channels or None),
        ]
        parts.append(f"<audio>{''.join(fields)}</audio>")
    parts += [f"<subtitle>{''.join(_element('language', text.language))}</subtitle>" for text in source.subtitles]
    return [f"<fileinfo><streamdetails>{''.join(parts)}</streamdetails></fileinfo>"] if parts else []


def _hdr_type(hdr: str | None) -> str | None:
    """Kodi's words: ``hdr10``, ``dolbyvision``, ``hlg``; it has none of its own for HDR10+."""
    return {"DV": "dolbyvision", "HDR10": "hdr10", "HDR10+": "hdr10", "HLG": "hlg"}.get(hdr or "")
