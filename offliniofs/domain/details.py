"""Everything the catalogue knows about one row: for ``info``, extended attributes and generated NFO files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import Shelf

if TYPE_CHECKING:
    from offliniofs.domain.facts import Evidence, Genre, Person


@dataclass(frozen=True, slots=True)
class Statistics:
    """How often something was viewed and downloaded. Bytes and ns; for a title, over all its files."""

    views: int = 0
    downloads: int = 0
    bytes_read: int = 0
    last_viewed_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ContentDetails:
    """One content row with all that hangs on it. Genres, tags, collections and the favourite mark are those of its
    title; so are the year and the artist where it has none of its own.

    ``path`` is the directory below the mount's root; ``None`` for episodes and tracks. Sizes in bytes, over all files
    at or below the row. ``why``: which evidence decided each field.
    """

    content_id: ContentId
    kind: ContentKind
    title_id: ContentId | None
    parent_id: ContentId | None
    shelf: Shelf | None
    path: str | None
    title_name: str | None
    title: str
    title_of: str
    """The title's own title: the series of an episode, the album of a track."""
    original_title: str | None
    year: int | None
    season: int | None
    episode: int | None
    last_episode: int | None
    disc: int | None
    track: int | None
    air_date: str | None
    plot: str | None
    rating: float | None
    edition: str | None
    languages: tuple[str, ...]
    artist: str | None
    favourite: bool
    quality: str
    """Class of the best media file."""
    media_count: int
    file_count: int
    total_size: int
    added_ns: int
    modified_ns: int
    genres: tuple[Genre, ...]
    people: tuple[Person, ...]
    tags: tuple[str, ...]
    collections: tuple[str, ...]
    resolutions: tuple[str, ...]
    external_ids: Mapping[str, str]
    statistics: Statistics
    why: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True)
class FileDetails:
    """One file with its media facts and where it came from. Sizes in bytes, the picture's in pixels."""

    file_id: FileId
    content_id: ContentId
    folder_id: ContentId
    title_id: ContentId
    sidecar_of: FileId | None
    role: FileRole
    path: str
    """Below the mount's root."""
    name: str
    size: int
    mtime_ns: int
    added_ns: int
    digest: Digest
    link_count: int
    quality: str
    resolution: str | None
    source: str | None
    modifiers: tuple[str, ...]
    edition: str | None
    group: str | None
    mime_type: str | None
    container: str | None
    video_codec: str | None
    audio_codec: str | None
    hdr: str | None
    width: int | None
    height: int | None
    duration_ms: int | None
    bit_rate: int | None
    languages: tuple[str, ...]
    original_name: bytes
    original_path: bytes
    origin_url: str | None
    statistics: Statistics
    why: Mapping[str, Evidence]
    disagreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TitleSummary:
    """A title as a list shows it. Size in bytes."""

    content_id: ContentId
    kind: ContentKind
    name: str
    title: str
    artist: str | None
    year: int | None
    genres: tuple[str, ...]
    quality: str
    resolutions: tuple[str, ...]
    file_count: int
    total_size: int
    added_ns: int
    path: str


@dataclass(frozen=True, slots=True)
class LibraryTotals:
    """How much there is. ``stored_bytes`` is what the blobs take, ``shown_bytes`` what the files that name them add up
    to; the difference is what keeping everything once saves."""

    movies: int
    series: int
    albums: int
    others: int
    files: int
    blobs: int
    shown_bytes: int
    stored_bytes: int

    @property
    def titles(self) -> int:
        """Titles of every kind."""
        return self.movies + self.series + self.albums + self.others

    @property
    def saved_bytes(self) -> int:
        """Bytes that are not stored a second time."""
        return max(0, self.shown_bytes - self.stored_bytes)
