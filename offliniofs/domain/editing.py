"""A user's own edit of one field: validated, and stronger than all other evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EditableField(StrEnum):
    """What a user can decide. Genres, tags, collections, people and the favourite mark belong to the title."""

    TITLE = "title"
    ORIGINAL_TITLE = "original_title"
    YEAR = "year"
    GENRES = "genres"
    TAGS = "tags"
    FAVOURITE = "favourite"
    RATING = "rating"
    PLOT = "plot"
    EDITION = "edition"
    """Of a file."""
    QUALITY = "quality"
    """Of a media file: the name of a quality class."""


EditValue = str | int | float | bool | tuple[str, ...] | None


def written_number(value: float) -> str:
    """A number as a person writes it: ``7``, ``7.5``."""
    return str(int(value)) if float(value).is_integer() else str(value)


@dataclass(frozen=True, slots=True)
class MetadataEdit:
    """One field's new value.

    ``value`` has the field's type: text; ``int`` for the year; ``float`` from 0 to 10 for the rating; ``bool`` for the
    favourite mark; names in order for genres and tags. ``None`` takes the user's edit back: other evidence decides
    again.
    """

    field: EditableField
    value: EditValue
