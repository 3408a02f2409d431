"""The end of a release name: extension and group; and the identifiers of databases."""

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
_TAIL = re.compile(
    r"[\s._\-]*[\[({]\s*(?:rartv|rarbg|eztv[x\d]?(?:[.\s][a-z]{1,3}){0,2}|ettv|tgx|ethd|prime|no rar|vtv|glodls|"
    r"publichd|www\.[^\])]{1,40}|[\w.\-]{2,40}\.(?:com|org|net|to|me|re|in|ru|tv|info))\s*[\])}]\s*\Z|"
    r"[\-.](?:xpost|postbot|asrequested|obfuscated|obfuscation|scrambled|sample|proof|buymore|nzbgeek|rakuvfinhel|rakuv\w{0,6}|whiterev|"
    r"chamele0n|alternativetorequested|4p|4planet\w{0,3}|z0ids3n|repost|rp|vtv)\s*\Z",
    re.IGNORECASE,
)
_HYPHEN_GROUP = re.compile(r"-[\s]?(?P<group>[^\s\-\[\](){}]{1,40}(?:\[[^\[\]]{1,20}\])?)\s*\Z")
_SPACED_GROUP = re.compile(r"[\s._]-[\s_](?P<group>[^\s\-\[\](){}._]{2,30}(?:[\s_][^\s\-\[\](){}._]{1,20})?)\s*\Z")
_BRACKET_GROUP = re.compile(r"[\[({](?P<group>[^\[\](){}]{1,40})[\])}]\s*\Z")
_LAST_WORD = re.compile(r"[\s._]+(?:by[\s._]+)?(?P<group>[^\W_](?:[^\W_]|[@&]){1,24})[\])}]?\s*\Z", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[\[({]?(?P<base>imdb|tmdb|tvdb|anidb|tvmaze)(?:id)?[\s]?[-=:][\s]?(?P<id>tt\d{5,9}|\d{1,9})[\])}]?|[\[({]?(?<![^\W_])(?P<imdb>tt\d{7,9})(?![^\W_])[\])}]?",
    re.IGNORECASE,
)
_NO_GROUP = re.compile(
    r"(?:\d{1,3}|\d{4}-\d\d-\d\d|(?:19|20)\d\d|\d{3,4}[pi]|s\d{1,2}(?:e\d{1,3})?|e\d{1,3}|dl|ma|hd|rip|ray|r|sample|trailer|cd\d|disc\d|part\d|pt\d|[xh]26[45]|hdma|es|unknown)\Z",
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


def trailing_group(text: str, marks: Sequence[Mark], least: int) -> tuple[str, int] | None:
    """The group behind the last hyphen, in the last brackets or behind the last word about the file; and its place.

    ``least``: only behind that place, the end of the title, can a group stand.
    """
    body = _without_tail(text)
    for pattern in (_HYPHEN_GROUP, _SPACED_GROUP, _BRACKET_GROUP, _LAST_WORD):
        match = pattern.search(body)
        if match is None or match.start() < least:
            continue
        if pattern is _LAST_WORD and not any(mark.start >= least and mark.end == match.start() for mark in marks):
            continue
        group = _undotted(match["group"].strip(" ._"))
        if group and not _NO_GROUP.match(group) and not _is_mark(match.start("group"), match.end("group"), marks):
            return group, match.start()
    return None


def _without_tail(text: str) -> str:
    """A name without what sites and posting programs have added behind it."""
    for _ in range(3):
        cut = _TAIL.search(text)
        if cut is None:
            break
        text = text[: cut.start()]
    return text


def _undotted(group: str) -> str:
    """A group's own word: names of groups hold no dots, but for those of web sites."""
    first, dot, rest = group.partition(".")
    return group if not dot or len(rest) <= 3 else first


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
