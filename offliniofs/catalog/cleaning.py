"""What an import says, made fit for the tables: bounded, inside the CHECKs, and text that UTF-8 can hold.

Names, tags and NFO files are other people's; one absurd number must not make a whole batch fail.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from offliniofs.domain.errors import UsageError
from offliniofs.domain.facts import Evidence, Genre, Identification, Person

SHORT_TEXT = 300
LONG_TEXT = 16_384
LONG_GENRE = 100
MOST_PEOPLE = 200
MOST_VALUES = 64
MOST_EPISODES = 200

_LANGUAGE = re.compile(r"[a-z0-9]{2,8}(?:-[a-z0-9]{1,8}){0,3}")
_PROVIDER = re.compile(r"[a-z0-9_-]{1,32}")
_RESOLUTION = re.compile(r"[1-9]\d{2,3}p")
_NOT_WORD = re.compile(r"[\W_]+")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_ARTICLE = re.compile(r"(the|an|a) (.+)")


def clean_text(text: str | None, limit: int = SHORT_TEXT) -> str | None:
    """The text as :func:`storable` and without control characters; one of ``LONG_TEXT`` may have several lines."""
    kept = storable(text, limit)
    if kept is None or kept.isprintable():
        return kept
    return _control(limit).sub(" ", kept).strip() or None


def storable(text: str | None, limit: int = SHORT_TEXT) -> str | None:
    """The text without what cannot be stored (lone surrogates, NUL), cut to ``limit`` characters; ``None`` if empty.

    Bytes of a name that are not UTF-8 (as ``os.fsdecode`` escapes them) are read as Windows' Western code page: that is
    what such names mostly are.
    """
    if not text:
        return None
    return _decoded(text[:limit]).replace("\0", " ").strip() or None


def said_text(what: str, text: str, limit: int = SHORT_TEXT) -> str:
    """What a user says of ``what``: as :func:`clean_text`, but refused where anything would be lost.

    Raises ``UsageError`` for control characters, for nothing, and for more than ``limit`` characters.
    """
    said = _decoded(text).strip()
    if not said or len(said) > limit or _control(limit).search(said):
        wanted = "text" if limit >= LONG_TEXT else "one line"
        raise UsageError(
            f"{what} takes {wanted} of 1 to {limit} characters, without control characters, not {said[:40]!r}."
        )
    return said


def _control(limit: int) -> re.Pattern[str]:
    return _CONTROL_IN_LINES if limit >= LONG_TEXT else _CONTROL


def _decoded(text: str) -> str:
    if text.isascii():
        return text
    return _ESCAPED_BYTE.sub(_western, text).encode("utf-8", "replace").decode("utf-8")


def _western(escaped: re.Match[str]) -> str:
    return bytes([ord(escaped[0]) - 0xDC00]).decode("cp1252", "replace")


def clean_number(number: int | None, low: int, high: int) -> int | None:
    """The number, or ``None`` when it lies outside ``low`` … ``high``."""
    return number if number is not None and low <= number <= high else None


def clean_languages(languages: Iterable[str]) -> tuple[str, ...]:
    """Language tags in lower case, each once."""
    found = dict.fromkeys(tag.lower() for tag in languages)
    return tuple(tag for tag in found if _LANGUAGE.fullmatch(tag))[:MOST_VALUES]


def clean_resolution(resolution: str | None) -> str | None:
    """A resolution that can be a folder of ``by-quality``: a height and ``p``."""
    return resolution if resolution is not None and _RESOLUTION.fullmatch(resolution) else None


def spaced(words: Iterable[str]) -> str:
    """Words as a column holds them: a space before and after each, so that ``instr`` finds whole words."""
    joined = " ".join(words)
    return f" {joined} " if joined else ""


def sort_key(title: str) -> str:
    """A title for sorting and for telling whether two are the same one.

    Case, accents, punctuation and ``&`` do not matter, a leading English article goes to the end.
    """
    plain = title.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _NOT_WORD.sub(" ", plain.replace("'", "").replace("&", " and ")).strip()
    if not words:
        return plain.strip() or title
    article = _ARTICLE.fullmatch(words)
    return f"{article[2]} {article[1]}" if article else words


def clean(identification: Identification) -> Identification:
    """The identification with every field bounded. A title is never empty."""
    title = clean_text(identification.title) or clean_text(identification.name) or "Untitled"
    return replace(
        identification,
        name=clean_text(identification.name, 512) or title,
        title=title,
        year=clean_number(identification.year, 1800, 2999),
        season=clean_number(identification.season, 0, 99_999),
        episodes=tuple(number for number in identification.episodes[:MOST_EPISODES] if 0 <= number <= 999_999),
        episode_title=clean_text(identification.episode_title),
        air_date=clean_text(identification.air_date, 32),
        quality=clean_text(identification.quality, 64) or "Unknown",
        resolution=clean_resolution(identification.resolution),
        source=clean_text(identification.source, 64),
        modifiers=_texts(identification.modifiers),
        codec=clean_text(identification.codec, 64),
        hdr=clean_text(identification.hdr, 64),
        audio=_texts(identification.audio),
        languages=clean_languages(identification.languages),
        edition=clean_text(identification.edition),
        group=clean_text(identification.group),
        genres=_genres(identification.genres),
        people=_people(identification.people),
        tags=_texts(identification.tags),
        plot=clean_text(identification.plot, LONG_TEXT),
        rating=_rating(identification.rating),
        original_title=clean_text(identification.original_title),
        collection=clean_text(identification.collection),
        external_ids=_external_ids(identification.external_ids),
        artist=clean_text(identification.artist),
        album=clean_text(identification.album),
        track=clean_number(identification.track, 0, 99_999),
        disc=clean_number(identification.disc, 0, 9_999),
        why=_why(identification.why),
        disagreements=_texts(identification.disagreements, 16),
    )


def _texts(texts: Iterable[str], most: int = MOST_VALUES) -> tuple[str, ...]:
    found = dict.fromkeys(clean_text(text) for text in texts)
    return tuple(text for text in found if text is not None)[:most]


def _genres(genres: Iterable[Genre]) -> tuple[Genre, ...]:
    found = {name: genre.known for genre in genres if (name := clean_text(genre.name, LONG_GENRE))}
    return tuple(Genre(name, known) for name, known in found.items())[:MOST_VALUES]


def _people(people: tuple[Person, ...]) -> tuple[Person, ...]:
    found: dict[tuple[str, str], Person] = {}
    for person in people[: 2 * MOST_PEOPLE]:
        name, role = clean_text(person.name), clean_text(person.role, 64) or "actor"
        if name is not None:
            found.setdefault((name, role), Person(name, role, clean_text(person.character)))
    return tuple(found.values())[:MOST_PEOPLE]


def _rating(rating: float | None) -> float | None:
    return float(rating) if rating is not None and math.isfinite(rating) and 0 <= rating <= 10 else None


def _external_ids(external_ids: Mapping[str, str]) -> dict[str, str]:
    found = {name: clean_text(value, 128) for name, value in external_ids.items() if _PROVIDER.fullmatch(name)}
    return dict([(name, value) for name, value in found.items() if value is not None][:MOST_VALUES])


def _why(why: Mapping[str, Evidence]) -> dict[str, Evidence]:
    return {
        field: Evidence(evidence.source, clean_text(evidence.detail) or "")
        for field, evidence in list(why.items())[:MOST_VALUES]
        if field.isascii() and len(field) <= 64
    }
