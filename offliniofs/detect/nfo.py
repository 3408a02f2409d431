"""Reads NFO files, the text files beside a film in which Kodi and Jellyfin keep what they know of it.

The format is Kodi's (https://kodi.wiki/view/NFO_files): XML with a root named after the kind of thing, for a file of
several episodes one root after another, perhaps followed by a link to IMDb, TMDB or TheTVDB; or the link alone. People
write them by hand too, so bare ampersands, HTML's named characters and old encodings are forgiven. Document types are
not: no NFO needs one, and entity bombs do. Nothing is ever fetched.
"""

from __future__ import annotations

import codecs
import html
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from offliniofs.detect.genres import normalise_genres
from offliniofs.detect.languages import language_tag
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import SourceError
from offliniofs.domain.facts import Genre, Person

MAX_NFO_SIZE = 1 << 20
"""Longest NFO in bytes that is read; real ones have a few thousand."""

MAX_PEOPLE = 200
MAX_EPISODES = 100
MAX_VALUES = 64
"""Tags and languages that are kept."""

_MAX_LINE = 512
_MAX_TEXT = 16_384

_KINDS: Final = {
    "movie": ContentKind.MOVIE,
    "tvshow": ContentKind.SERIES,
    "season": ContentKind.SEASON,
    "episodedetails": ContentKind.EPISODE,
    "album": ContentKind.ALBUM,
    "artist": ContentKind.ARTIST,
    "musicvideo": ContentKind.OTHER,
}
_ROOT = re.compile(r"<(?:movie|tvshow|season|episodedetails|album|artist|musicvideo|multiepisodenfo)\b")
_DECLARATION = re.compile(r"<\?[^<>]{0,300}\?>")
_DECLARED_ENCODING = re.compile(
    rb"<\?xml[^>]{0,100}encoding\s*=\s*[\"']((?:iso-?8859|windows|cp|koi8|shift|euc|gb|big5)[a-z0-9_-]{0,12})[\"']",
    re.IGNORECASE,
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{1,31};)?")
_LINKS: Final = {
    "imdb": re.compile(r"imdb\.com/(?:[a-z-]{2,5}/)?title/(tt\d{5,10})", re.IGNORECASE),
    "tmdb": re.compile(r"themoviedb\.org/(?:movie|tv)/(\d{1,10})", re.IGNORECASE),
    "tvdb": re.compile(r"thetvdb\.com/(?:\S{0,60}[?&]id=|(?:dereferrer/)?series/)(\d{1,10})", re.IGNORECASE),
}
_LINK_KIND = re.compile(r"themoviedb\.org/(movie|tv)/\d|thetvdb\.com/\S{0,60}\d", re.IGNORECASE)
_ID_FORMS: Final = {
    "imdb": re.compile(r"tt\d{5,10}"),
    "tmdb": re.compile(r"\d{1,10}"),
    "tvdb": re.compile(r"\d{1,10}"),
    "musicbrainz": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
_ID_ELEMENTS: Final = {
    "imdbid": "imdb",
    "imdb_id": "imdb",
    "tmdbid": "tmdb",
    "tvdbid": "tvdb",
    "musicbrainzalbumid": "musicbrainz",
    "musicbrainzartistid": "musicbrainz",
}


@dataclass(frozen=True, slots=True)
class NfoFacts:
    """What one NFO says of what the catalogue keeps.

    ``kind`` is None when it is only a link, or text that says nothing.
    """

    kind: ContentKind | None = None
    title: str | None = None
    original_title: str | None = None
    show_title: str | None = None
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    plot: str | None = None
    rating: float | None = None
    """0 to 10."""
    runtime: int | None = None
    """Minutes."""
    premiered: str | None = None
    """ISO date of the first showing; of an episode, when it was aired."""
    collection: str | None = None
    genres: tuple[Genre, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47 primary tags."""
    people: tuple[Person, ...] = ()
    artist: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """``imdb``, ``tmdb``, ``tvdb``, ``musicbrainz`` → id. Those of an episode are the episode's, not its series'."""


def parse_nfo(data: bytes) -> NfoFacts:
    """The facts in an NFO's bytes. Of several episodes the numbers are joined and the rest is the first one's.

    Raises ``SourceError`` when the file is too large, declares a document type, or is XML that cannot be read. Text
    that says nothing (the release notes of a group) is no error: it has no facts.
    """
    if len(data) > MAX_NFO_SIZE:
        raise SourceError(f"the NFO is larger than {MAX_NFO_SIZE >> 10} KiB, so it is none; it is kept but not read")
    text = _NOT_XML.sub("", _decode(data))
    links = _links(text)
    if _ROOT.search(text) is None:
        return NfoFacts(kind=_kind_of_link(text), external_ids=links)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SourceError("the NFO declares a document type, which none needs; remove the declaration to have it read")
    roots = [_facts(root) for root in _roots(text)]
    if not roots:
        return NfoFacts(kind=_kind_of_link(text), external_ids=links)
    joined = _join_episodes(roots)
    from_links = {} if joined.kind is ContentKind.EPISODE else links
    return replace(joined, external_ids={**from_links, **joined.external_ids})


def _decode(data: bytes) -> str:
    """Text in whatever encoding: by its byte order mark, as UTF-8, as it declares, or as Western European."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    declared = _DECLARED_ENCODING.match(data.lstrip())
    for encoding in ("utf-8", *([declared[1].decode("ascii")] if declared else ())):
        try:
            return data.decode(encoding)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _links(text: str) -> dict[str, str]:
    found = {site: pattern.search(text) for site, pattern in _LINKS.items()}
    return {site: match[1].lower() for site, match in found.items() if match is not None}


def _kind_of_link(text: str) -> ContentKind | None:
    match = _LINK_KIND.search(text)
    if match is None:
        return None
    return ContentKind.MOVIE if match[1] and match[1].lower() == "movie" else ContentKind.SERIES


def _roots(text: str) -> list[ET.Element]:
    """The elements that are roots of NFOs. Text around them (links) is stepped over."""
    body = _DECLARATION.sub("", text)
    begin = _ROOT.search(body)
    start = begin.start() if begin else 0
    end = body.rfind(">") + 1
    parsed = _parse(f"<nfo>{body[start : end if end > start else None]}</nfo>")
    return [element for element in _top_elements(parsed) if element.tag in _KINDS][:MAX_EPISODES]


def _parse(document: str) -> ET.Element:
    try:
        return _strictly(document)
    except ET.ParseError:
        forgiven = _REFERENCE.sub(_mended_reference, document)
    try:
        return _strictly(forgiven)
    except ET.ParseError as error:
        line, column = error.position
        what = str(error).partition(":")[0]
        raise SourceError(
            f"the NFO is damaged XML ({what}, line {line}, column {column}); mend it or remove it"
        ) from error


def _strictly(document: str) -> ET.Element:
    try:
        parsed: ET.Element = fromstring(document, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise SourceError("the NFO declares entities, which none needs; remove them to have it read") from error
    return parsed


def _mended_reference(match: re.Match[str]) -> str:
    """A named character of HTML as itself; any other ampersand as an ampersand."""
    named = html.unescape(match[0]) if match[1] else match[0]
    return named if named != match[0] else "&amp;" + match[0][1:]


def _top_elements(parsed: ET.Element) -> Iterator[ET.Element]:
    for element in parsed:
        if element.tag == "multiepisodenfo":
            yield from element
        else:
            yield element


def _join_episodes(roots: list[NfoFacts]) -> NfoFacts:
    first = roots[0]
    if first.kind is not ContentKind.EPISODE or len(roots) == 1:
        return first
    same_season = [facts for facts in roots if facts.kind is ContentKind.EPISODE and facts.season == first.season]
    titles = dict.fromkeys(facts.title for facts in same_season if facts.title)
    plots = dict.fromkeys(facts.plot for facts in same_season if facts.plot)
    return replace(
        first,
        title=" + ".join(titles)[:_MAX_LINE] or None,
        plot="\n\n".join(plots)[:_MAX_TEXT] or None,
        episodes=tuple(dict.fromkeys(number for facts in same_season for number in facts.episodes)),
    )


def _facts(root: ET.Element) -> NfoFacts:
    kind = _KINDS[root.tag]
    premiered = _date(_first(root, "aired", "premiered", "releasedate", "originalreleasedate"))
    year = _number(_first(root, "year"), 1000, 9999) or (int(premiered[:4]) if premiered else None)
    number = _number(_first(root, "episode"), 0, 99_999) if kind is ContentKind.EPISODE else None
    numbered = kind in {ContentKind.EPISODE, ContentKind.SEASON}
    return NfoFacts(
        kind=kind,
        title=_first(root, "name", "title")
        if kind is ContentKind.ARTIST
        else _first(root, "title", "localtitle", "name"),
        original_title=_first(root, "originaltitle"),
        show_title=_first(root, "showtitle"),
        year=year,
        season=_number(_first(root, "season", "seasonnumber"), 0, 9999) if numbered else None,
        episodes=() if number is None else (number,),
        plot=_first(root, "plot", "review", "biography", "outline", limit=_MAX_TEXT),
        rating=_rating(root),
        runtime=_runtime(_first(root, "runtime")),
        premiered=premiered,
        collection=_first(root, "set/name", "set"),
        genres=normalise_genres(_all(root, "genre", "style")),
        tags=tuple(_all(root, "tag")),
        languages=_languages(root),
        people=_people(root),
        artist=_first(root, "artist", "albumartist", "albumArtistCredits/artist"),
        external_ids=_ids(root, kind),
    )


def _clean(text: str | None, limit: int = _MAX_LINE) -> str | None:
    if not text:
        return None
    lines = (" ".join(line.split()) for line in text[: limit * 4].splitlines())
    return "\n".join(lines).strip()[:limit].strip() or None


def _first(root: ET.Element, *paths: str, limit: int = _MAX_LINE) -> str | None:
    """The text of the first of these elements that has any."""
    for path in paths:
        value = _clean(root.findtext(path), limit)
        if value is not None:
            return value if limit > _MAX_LINE else " ".join(value.split())
    return None


def _all(root: ET.Element, *names: str) -> list[str]:
    values = (_clean(element.text) for name in names for element in root.iterfind(name))
    return list(dict.fromkeys(value for value in values if value))[:MAX_VALUES]


def _number(text: str | None, low: int, high: int) -> int | None:
    match = re.match(r"\d{1,6}(?!\d)", text or "")
    return int(match[0]) if match and low <= int(match[0]) <= high else None


def _date(text: str | None) -> str | None:
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", text or "")
    valid = match and int(match[1]) >= 1000 and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31
    return match[0] if match and valid else None


def _decimal(text: str | None) -> float | None:
    try:
        value = float((text or "").strip()[:20].replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rating(root: ET.Element) -> float | None:
    """The rating on a scale of ten: the default one of several, else the first, else the old single element."""
    several = sorted(root.iterfind("ratings/rating"), key=lambda element: element.get("default", "").lower() != "true")
    for element in several[:MAX_VALUES]:
        value, scale = _decimal(element.findtext("value")), _decimal(element.get("max", "10"))
        if value is not None and scale and 0 < value <= scale:
            return round(value * 10 / scale, 2)
    single = _decimal(root.findtext("rating"))
    return round(single, 2) if single is not None and 0 < single <= 10 else None


def _runtime(text: str | None) -> int | None:
    """Minutes, from ``136``, ``136 min`` or ``2h 16m``."""
    hours = re.match(r"(\d{1,2})\s*h\w*\s*(?:(\d{1,2})\s*m?)?", text or "", re.IGNORECASE)
    if hours is not None:
        return int(hours[1]) * 60 + int(hours[2] or 0)
    return _number(text, 1, 99_999)


def _languages(root: ET.Element) -> tuple[str, ...]:
    spoken = _all(root, "language", "languages", "fileinfo/streamdetails/audio/language")
    tags = (language_tag(word) for value in spoken for word in re.split(r"[,/|]", value))
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_VALUES]


def _people(root: ET.Element) -> tuple[Person, ...]:
    actors = (
        Person(name, "actor", _first(element, "role"))
        for element in root.iterfind("actor")
        if (name := _first(element, "name"))
    )
    writers = (Person(name, "writer") for name in _names(_all(root, "credits", "writer")))
    directors = (Person(name, "director") for name in _names(_all(root, "director")))
    artists = (Person(name, "artist") for name in _all(root, "artist", "albumartist"))
    return tuple(dict.fromkeys((*directors, *writers, *_limited(actors), *artists)))[:MAX_PEOPLE]


def _limited(people: Iterable[Person]) -> Iterator[Person]:
    return (person for _, person in zip(range(MAX_PEOPLE), people, strict=False))


def _names(values: Iterable[str]) -> Iterator[str]:
    """Single names: older files list several in one element, separated by `` / ``."""
    return (name for value in values for name in (part.strip() for part in value.split(" / ")) if name)


def _ids(root: ET.Element, kind: ContentKind) -> dict[str, str]:
    candidates: list[tuple[str, str | None]] = [
        (element.get("type", "").lower(), element.text) for element in root.iterfind("uniqueid")
    ]
    candidates += [(site, root.findtext(name)) for name, site in _ID_ELEMENTS.items()]
    plain = (root.findtext("id") or "").strip()
    if plain.startswith("tt"):
        candidates.append(("imdb", plain))
    elif kind is ContentKind.SERIES:
        candidates.append(("tvdb", plain))
    found: dict[str, str] = {}
    for site, value in candidates:
        cleaned = (value or "").strip().lower()
        if site in _ID_FORMS and _ID_FORMS[site].fullmatch(cleaned):
            found.setdefault(site, cleaned)
    return found
