"""What kinds of things the library holds."""

from __future__ import annotations

from enum import StrEnum


class ContentKind(StrEnum):
    """The kind of one ``content`` row.

    A *title* is what a view lists: a movie, a series, an album, or anything else. Below a title come folders (season,
    extras) and what they hold (episodes, tracks).
    """

    MOVIE = "movie"
    SERIES = "series"
    SEASON = "season"
    EPISODE = "episode"
    ARTIST = "artist"
    ALBUM = "album"
    TRACK = "track"
    OTHER = "other"
    FOLDER = "folder"


TITLE_KINDS = frozenset({ContentKind.MOVIE, ContentKind.SERIES, ContentKind.ALBUM, ContentKind.OTHER})
"""Kinds that appear as a title folder in the facet views."""


class FileRole(StrEnum):
    """What a file is to its content."""

    MEDIA = "media"
    SUBTITLE = "subtitle"
    ARTWORK = "artwork"
    NFO = "nfo"
    EXTRA = "extra"
    DATA = "data"


class PlacementMode(StrEnum):
    """How a source file's bytes come into the store. ``auto`` tries reflink and else copies."""

    AUTO = "auto"
    REFLINK = "reflink"
    COPY = "copy"
    HARDLINK = "hardlink"
    MOVE = "move"
