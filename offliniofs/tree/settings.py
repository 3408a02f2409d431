"""Attributes that can be set, which edits the catalogue: what a name and its bytes mean, or why they mean nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from offliniofs.detect.genres import normalise_genres
from offliniofs.detect.quality import quality_named
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit
from offliniofs.domain.errors import UsageError
from offliniofs.query.parser import parse
from offliniofs.tree.xattrs import PREFIX, XDG_TAGS

MAX_TEXT: Final = 1024
"""Characters of a title, edition or tag."""

MAX_PLOT: Final = 16_384
MAX_TAGS: Final = 256

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PLOT_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_YEAR: Final = re.compile(r"1[89][0-9]{2}|2[0-9]{3}")
_RATING: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,4})?")
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


def edit_of(name: str, value: bytes) -> MetadataEdit:
    """The edit that setting the attribute ``name`` (its full name) to ``value`` means.

    Raises:
        UsageError: the attribute cannot be set, or not to this; the message says what it takes.
    """
    field = settable_field(name)
    text = _text(name, value)
    return MetadataEdit(field, _READERS[field](name, text))


def withdrawal_of(name: str) -> MetadataEdit:
    """The edit that removing the attribute ``name`` means: the user's own value goes, other evidence decides again.

    Raises:
        UsageError: the attribute cannot be set.
    """
    return MetadataEdit(settable_field(name), None)


def settable_field(name: str) -> EditableField:
    """The field behind an attribute's full name. Raises ``UsageError`` for one that cannot be set."""
    if name == XDG_TAGS:
        return EditableField.TAGS
    try:
        return EditableField(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else _not_settable(name)
    except ValueError:
        return _not_settable(name)


def query_of(value: bytes) -> str:
    """The query a saved search is set to. Raises ``UsageError`` (``QuerySyntaxError``) for one that cannot be read."""
    text = _text(PREFIX + "query", value)
    parse(text)
    return text


def _not_settable(name: str) -> EditableField:
    names = ", ".join(field.value for field in EditableField)
    raise UsageError(f"{name} cannot be set. What can be set, each after {PREFIX}: {names}.")


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise UsageError(f"The value of {name} is not UTF-8 text.") from None


def _short(name: str, text: str) -> str:
    if not text or len(text) > MAX_TEXT or _CONTROL.search(text):
        raise UsageError(f"{name} takes one line of 1 to {MAX_TEXT} characters.")
    return text


def _plot(name: str, text: str) -> str:
    if len(text) > MAX_PLOT or _PLOT_CONTROL.search(text):
        raise UsageError(f"{name} takes at most {MAX_PLOT} characters, without control characters.")
    return text


def _year(name: str, text: str) -> int:
    if not _YEAR.fullmatch(text):
        raise UsageError(f"{name} takes a year from 1800 to 2999, not {text[:40]!r}.")
    return int(text)


def _rating(name: str, text: str) -> float:
    rating = float(text) if _RATING.fullmatch(text) else -1.0
    if not 0 <= rating <= 10:
        raise UsageError(f"{name} takes a number from 0 to 10, not {text[:40]!r}.")
    return rating


def _favourite(name: str, text: str) -> bool:
    folded = text.casefold()
    if folded not in _TRUE | _FALSE:
        raise UsageError(f"{name} takes 1 or 0, not {text[:40]!r}.")
    return folded in _TRUE


def _genres(name: str, text: str) -> tuple[str, ...]:
    _plot(name, text)
    genres = tuple(genre.name for genre in normalise_genres([text]))
    if text and not genres:
        raise UsageError(f"{name} takes genres with commas between them, not {text[:40]!r}.")
    return genres


def _tags(name: str, text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
    if len(tags) > MAX_TAGS:
        raise UsageError(f"{name} takes at most {MAX_TAGS} tags.")
    return tuple(_short(name, tag) for tag in tags)


def _quality(name: str, text: str) -> str:
    quality = quality_named(text)
    if quality is None:
        raise UsageError(f"{name} takes the name of a quality class such as WEBDL-1080p, not {text[:40]!r}.")
    return quality.name


_READERS: Final[dict[EditableField, Callable[[str, str], EditValue]]] = {
    EditableField.TITLE: _short,
    EditableField.ORIGINAL_TITLE: _short,
    EditableField.YEAR: _year,
    EditableField.GENRES: _genres,
    EditableField.TAGS: _tags,
    EditableField.FAVOURITE: _favourite,
    EditableField.RATING: _rating,
    EditableField.PLOT: _plot,
    EditableField.EDITION: _short,
    EditableField.QUALITY: _quality,
}
