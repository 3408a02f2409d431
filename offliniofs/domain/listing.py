"""What a folder of the library lists: selections of titles, and the rows that answer them.

``tree/`` asks in these words, ``catalog/`` answers in them. Rows that listings are made of are named tuples: one
is made for every name a folder shows, in half the time of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.ids import ContentId, Digest, FileId


class Shelf(StrEnum):
    """A top folder that a media server scans; every top-level row of ``content`` stands on one."""

    MOVIES = "movies"
    SERIES = "series"
    MUSIC = "music"
    OTHER = "other"


class Facet(StrEnum):
    """A way to narrow the set of all titles. The value is the facet's word in the tree."""

    GENRE = "by-genre"
    YEAR = "by-year"
    QUALITY = "by-quality"
    RECENT = "recent"
    UNWATCHED = "unwatched"
    FAVOURITES = "favourites"
    COLLECTION = "collections"
    SEARCH = "search"
    SAVED = "saved"


VALUED_FACETS = frozenset({Facet.GENRE, Facet.YEAR, Facet.QUALITY, Facet.COLLECTION, Facet.SEARCH, Facet.SAVED})
"""Facets whose folder lists values first; the others list titles at once."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One condition on titles.

    ``key`` is the row id of a genre, collection or saved search, the number of a year, the height in pixels of a
    resolution (1080 for ``1080p``), the text of a search, and ``None`` for ``recent``, ``unwatched``, ``favourites``.
    """

    facet: Facet
    key: int | str | None = None


Selection = tuple[FacetValue, ...]
"""Conditions that must all hold, in the order they were nested. The empty selection is every title."""


class DirectoryRow(NamedTuple):
    """A content row shown as a directory. ``name`` is the name in the asked listing."""

    content_id: ContentId
    kind: ContentKind
    name: str
    modified_ns: int


class UnnamedRow(NamedTuple):
    """A folder that waits for its name. ``place``: the key of a view's folder, or ``content:`` and a number.

    ``became``: the inode number, in the canonical tree, of what its name has made of it.
    """

    number: int
    place: str
    name: str
    made_ns: int
    became: int | None


class FileRow(NamedTuple):
    """A file as ``stat`` and ``open`` need it. Size in bytes; ``mode``, ``uid``, ``gid``: ``None`` for the mount's."""

    file_id: FileId
    folder_id: ContentId
    title_id: ContentId
    role: FileRole
    name: str
    size: int
    mtime_ns: int
    added_ns: int
    digest: Digest
    link_count: int
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


class FacetRow(NamedTuple):
    """One value of a facet as a directory, e.g. the genre Drama. ``changed_ns`` is its listing's mtime."""

    value: FacetValue
    name: str
    changed_ns: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One entry of the change log: what a mount must invalidate.

    ``directory_id`` is the content row whose listing holds ``name``; ``view`` the key of a view whose listing changed:
    ``shelf:movies``, ``genre:5``, ``year:1999``, ``resolution:1080``, ``collection:2``, ``recent``, ``unwatched``,
    ``favourites``, ``saved``, and ``facet:by-genre``, ``facet:by-year`` … when a facet gained or lost a value.
    """

    sequence: int
    subject: str
    action: str
    subject_id: int | None
    directory_id: ContentId | None
    view: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class SelectionTotals:
    """Number of titles in a selection and the bytes of their files."""

    titles: int
    total_bytes: int
