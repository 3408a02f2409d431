"""The user's own decisions, which win over all evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from offliniofs.detect.evidence import Ledger, UserValue, shown
from offliniofs.detect.genres import normalise_genres
from offliniofs.detect.quality import classify, quality_named
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import UsageError
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification

_REASON: Final = Evidence(EvidenceSource.USER)
_QUALITY_PARTS: Final = frozenset({"resolution", "source", "modifiers"})


def chosen_kind(user: Mapping[str, UserValue]) -> tuple[ContentKind, Evidence] | None:
    """The kind the user chose, if any. Raises ``UsageError`` when there is none of that name."""
    value = user.get("kind")
    return None if value is None else (_kind(value), _REASON)


def apply_edits(found: Identification, user: Mapping[str, UserValue], ledger: Ledger) -> Identification:
    """The identification as the user wants it. Raises ``UsageError`` for fields and values that do not exist."""
    edited: dict[str, Any] = {}
    for field, value in user.items():
        read = _FIELDS.get(field)
        if read is None:
            raise UsageError(f"there is no field {field!r} to set; there are: {', '.join(_FIELDS)}")
        edited[field] = read(value)
        ledger.note(field, EvidenceSource.USER, shown(value) if value is not None else "cleared")
    changed = replace(found, **edited)
    if _QUALITY_PARTS & set(edited) and "quality" not in edited:
        quality = classify(changed.source, changed.resolution, changed.modifiers, changed.kind)
        ledger.note("quality", EvidenceSource.USER, "follows from resolution and source")
        return replace(changed, quality=quality.name)
    return changed


def _kind(value: UserValue) -> ContentKind:
    try:
        return ContentKind(str(value))
    except ValueError:
        raise UsageError(f"there is no kind {value!r}; there are: {', '.join(ContentKind)}") from None


def _quality(value: UserValue) -> str:
    quality = quality_named(str(value))
    if quality is None:
        raise UsageError(f"there is no quality {value!r}; see “offliniofs list --help” for the names")
    return quality.name


def _title(value: UserValue) -> str:
    text = _text(value)
    if text is None:
        raise UsageError("a title cannot be empty")
    return text


def _text(value: UserValue) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError(f"{value!r} is no text")
    return " ".join(value.split())[:16_384] or None


def _count(value: UserValue) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 99_999:
        raise UsageError(f"{value!r} is no whole number from 0 to 99999")
    return value


def _rating(value: UserValue) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10:
        raise UsageError(f"{value!r} is no rating from 0 to 10")
    return float(value)


def _texts(value: UserValue) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if parts is None:
        return ()
    if not isinstance(parts, tuple | list) or not all(isinstance(part, str) for part in parts):
        raise UsageError(f"{value!r} is no list of texts")
    return tuple(dict.fromkeys(text for part in parts if (text := " ".join(str(part).split())[:512])))[:64]


def _genres(value: UserValue) -> tuple[Genre, ...]:
    return normalise_genres(_texts(value))


def _episodes(value: UserValue) -> tuple[int, ...]:
    if value is None:
        return ()
    numbers = value if isinstance(value, tuple) else (value,)
    return tuple(dict.fromkeys(number for part in numbers if (number := _count(part)) is not None))[:100]


_FIELDS: Final[Mapping[str, Callable[[UserValue], object]]] = {
    "kind": _kind,
    "title": _title,
    "original_title": _text,
    "year": _count,
    "season": _count,
    "episodes": _episodes,
    "episode_title": _text,
    "air_date": _text,
    "quality": _quality,
    "resolution": _text,
    "source": _text,
    "modifiers": _texts,
    "edition": _text,
    "group": _text,
    "genres": _genres,
    "languages": _texts,
    "tags": _texts,
    "plot": _text,
    "rating": _rating,
    "collection": _text,
    "artist": _text,
    "album": _text,
    "track": _count,
    "disc": _count,
}
"""What a user may set, and how a value is read."""
