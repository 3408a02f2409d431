"""A stored file on its way into the catalogue, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from offliniofs.domain.content import FileRole, PlacementMode
from offliniofs.domain.facts import Identification, MediaFacts
from offliniofs.domain.ids import ContentId, Digest, FileId


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file an import took, as ``stat`` saw it. ``path`` is absolute, as bytes; size in bytes."""

    path: bytes
    device: int
    inode: int
    size: int
    mtime_ns: int

    @property
    def name(self) -> bytes:
        """The last component of the path."""
        return self.path.rpartition(b"/")[2]


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob that is durable in the store, and how it came there."""

    digest: Digest
    size: int
    placed_by: PlacementMode
    existed: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file to be filed. Its blob is durable already (invariant 1).

    A sidecar (subtitle, poster, NFO, extra) carries the identification of the title it goes with, ``role`` says what it
    is and ``sidecar_of`` names its media file's source path when it belongs to one file rather than to the title.
    ``name_suffix`` is what follows the media file's stem (or stands alone for artwork of the title):
    ``.en.forced.srt``, ``-poster.jpg``, ``poster.jpg``. ``subfolder`` is the folder below the title for extras, e.g.
    ``extras``.
    """

    source: SourceFile
    blob: StoredBlob
    identification: Identification
    role: FileRole
    extension: str
    """Lower case with its dot, or empty."""
    media: MediaFacts | None = None
    sidecar_of: bytes | None = None
    name_suffix: str | None = None
    subfolder: tuple[str, ...] = ()
    language: str | None = None
    origin_url: str | None = None


class ArrivalOutcome(StrEnum):
    """What filing one arrival did."""

    ADDED = "added"
    DUPLICATE = "duplicate"
    """The same bytes already stand in that title; nothing was added."""
    UPDATED = "updated"
    """The file was known; facts were brought up to date."""
    RESTORED = "restored"
    """The same bytes lay in the trash; they are back where they were."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Where an arrival went."""

    outcome: ArrivalOutcome
    file_id: FileId
    content_id: ContentId
    title_id: ContentId
    path: str
    """Path below the mount's root, e.g. ``movies/Film (1999)/Film (1999) - 1080p.mkv``."""
