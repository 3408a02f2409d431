"""The frame of a release name: extension, web site, group, and identifiers of databases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.marks import Mark
from offliniofs.detect.text import words
from offliniofs.domain.content import ContentKind

AUDIO_EXTENSIONS = words("flac mp3 m4a m4b ogg oga opus wav wma aac ape wv aif aiff alac dsf dff mka mpc tta ac3 dts")
VIDEO_EXTENSIONS = words(
    "3g2 3gp asf asx avc avi bin bivx dat divx dv dvr-ms f4v fli flv ifo img iso m2ts m2v m3u m4v mk3d mkv mov mp4 mpe"
    " mpeg mpg mts mxf nrg nsv nuv ogm ogv pva qt rm rmvb strm svq3 ts ty vdr viv vob vp3 webm wmv wpl wtv xvid"
)
OTHER_EXTENSIONS = words(
    "srt ass ssa sub idx sup vtt smi txt nfo sfv md5 jpg jpeg png webp gif bmp tbn xml json zip rar 7z tar gz par2 nzb"
    " torrent exe epub pdf mobi cbz cbr azw3 doc docx html htm url lnk part ico svg log cue"
)

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,4}|torrent|dvr-ms)\s*\Z")
_SITE = re.compile(
    r"\s*[\[({]?\s*(?:www[\s.][\w\-]{1,40}[\s.]\w{2,5}(?:[\s.]\w{2,3})?|"
    r"[\w\-]{2,40}\.(?:com|org|net|info|to|me|cc|tv|se|ws|biz|site|xyz|li|ag|ru|pl|es|fr|it|in|io))"
    r"\s*(?:[\])}]\s*[-\u2013_.]{0,3}\s*|[\s_]{0,2}[-\u2013]+[\s_]{0,2})",
    re.IGNORECASE,
)
_LEADING_GROUP = re.compile(
    r"\s*[\[](?P<group>[^\[\]]{1,60})[\]][\s._\-]*|\s*\((?P<round>[^()\d]{2,30})\)[\s._]*(?=[^\s])"
)
_TRAILING_SITE = re.compile(
    r"[\s._\-]*[\[({]\s*(?:rartv|rarbg|eztv(?:[.x][a-z]{1,3}){0,2}|ettv|eztvx?\.to|tgx|ethd|prime|no rar|vtv|glodls|"
    r"publichd|usabit\.com|www\.[^\])]{1,40}|[\w\-]{2,30}\.(?:com|org|net|to|me|re|in))\s*[\])}]\s*\Z",
    re.IGNORECASE,
)
_HYPHEN_GROUP = re.compile(r"-[\s]?(?P<group>[^\s\-\[\](){}]{1,40}(?:\[[^\[\]]{1,20}\])?)\s*\Z")
_SPACED_GROUP = re.compile(r"[\s._]-[\s_](?P<group>[^\s\-\[\](){}._]{2,30}(?:[\s_][^\s\-\[\](){}._]{1,20})?)\s*\Z")
_BRACKET_GROUP = re.compile(r"[\[({](?P<group>[^\[\](){}]{1,40})[\])}]\s*\Z")
_IDENTIFIER = re.compile(
    r"[\[({]?(?P<base>imdb|tmdb|tvdb|anidb|tvmaze)(?:id)?[\s]?[-=:][\s]?(?P<id>tt\d{5,9}|\d{1,9})[\])}]?|[\[({]?(?<![^\W_])(?P<imdb>tt\d{7,9})(?![^\W_])[\])}]?",
    re.IGNORECASE,
)
_COUNT = re.compile(r"[\d.\sx\-]{1,9}\Z|s\d{1,2}[\s._-]?e\d{1,3}\Z", re.IGNORECASE)
_NO_GROUP = re.compile(
    r"(?:\d{1,3}|(?:19|20)\d\d|\d{3,4}[pi]|s\d{1,2}(?:e\d{1,3})?|e\d{1,3}|dl|ma|hd|rip|ray|r|sample|trailer|cd\d|disc\d|part\d|pt\d|[xh]26[45]|hdma|es|unknown)\Z",
    re.IGNORECASE,
)


def split_extension(name: str) -> tuple[str, str | None]:
    """The name without its extension, and the extension in lower case; only what is known to be one is split off."""
    match = _EXTENSION.search(name)
    if match is None or match.start() == 0:
        return name, None
    extension = match[1].lower()
    if extension in VIDEO_EXTENSIONS or extension in AUDIO_EXTENSIONS or extension in OTHER_EXTENSIONS:
        return name[: match.start()], extension
    return name, None


def kind_of_extension(extension: str | None) -> ContentKind | None:
    """TRACK for sound, OTHER for what is neither sound nor pictures, None where the words of the name must decide."""
    if extension in AUDIO_EXTENSIONS:
        return ContentKind.TRACK
    if extension in OTHER_EXTENSIONS:
        return ContentKind.OTHER
    return None


def strip_site(text: str) -> int:
    """Where the name proper begins behind the address of a web site that put itself in front; 0 if none did."""
    match = _SITE.match(text)
    return match.end() if match and match.end() < len(text) else 0


@dataclass(frozen=True, slots=True)
class LeadingGroup:
    """A group in brackets in front of the title, as anime is named, and where the title begins."""

    name: str
    end: int


def leading_group(text: str, start: int, marks: Sequence[Mark]) -> LeadingGroup | None:
    """The group in front, unless the bracket holds a word about the file, a number, or the whole name."""
    match = _LEADING_GROUP.match(text, start)
    if match is None or match.end() >= len(text) or match["group"] is None:
        return None
    inside = match["group"].strip()
    if _COUNT.match(inside) or any(mark.strong and match.start() <= mark.start < match.end() for mark in marks):
        return None
    return LeadingGroup(inside, match.end())


def trailing_group(text: str, marks: Sequence[Mark], least: int) -> tuple[str, int] | None:
    """The group behind the last hyphen or in the last brackets, and where it begins.

    ``least``: only behind that place, the end of the title, can a group stand.
    """
    cut = _TRAILING_SITE.search(text)
    body = text[: cut.start()] if cut else text
    for pattern in (_HYPHEN_GROUP, _SPACED_GROUP, _BRACKET_GROUP):
        match = pattern.search(body)
        if match is None or match.start() < least:
            continue
        group = match["group"].strip(" ._")
        if group and not _NO_GROUP.match(group) and not _is_mark(match.start("group"), match.end("group"), marks):
            return group, match.start()
    return None


def _is_mark(start: int, end: int, marks: Sequence[Mark]) -> bool:
    """Whether the words are about the file: a mark lies there, or reaches in from before (``WEB-DL``, ``DTS-HD``)."""
    for mark in marks:
        if mark.start < start < mark.end:
            return True
        if start <= mark.start and mark.end <= end and (mark.strong or mark.end - mark.start >= end - start):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Identifier:
    """A database's number for the title, written into the name as Jellyfin, Plex and Kodi read it."""

    database: str
    value: str
    start: int
    end: int


def read_identifiers(text: str) -> list[Identifier]:
    """All identifiers in a name: ``[imdbid-tt0133093]``, ``{tmdb-603}``, ``tt0133093``."""
    found = []
    for match in _IDENTIFIER.finditer(text):
        database = (match["base"] or "imdb").lower()
        value = match["id"] or match["imdb"]
        if database == "imdb" and not value.lower().startswith("tt"):
            continue
        found.append(Identifier(database, value.lower(), match.start(), match.end()))
    return found[:8]
