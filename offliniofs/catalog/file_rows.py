"""The row of a file: its media facts in columns, and why each has its value."""

from __future__ import annotations

from typing import NamedTuple

from offliniofs.catalog.cleaning import clean_languages, clean_number, clean_text, spaced, storable
from offliniofs.catalog.connection import Database
from offliniofs.catalog.reader_details import DISAGREEMENTS
from offliniofs.catalog.statements import Bindings, Statement
from offliniofs.detect.quality import quality_named
from offliniofs.domain.arrival import Arrival, SourceFile
from offliniofs.domain.content import FileRole
from offliniofs.domain.facts import EvidenceSource, Identification

FILE_FIELDS = frozenset(
    {"quality", "resolution", "source", "modifiers", "codec", "hdr", "audio", "languages", "edition", "group"}
)
"""Fields of an identification that describe the file, not its content."""

_GREATEST = 2**62

INSERT_FILE = Statement(
    """INSERT INTO files (content_id, folder_id, title_id, blob_id, sidecar_of, role, name, size, mtime_ns,
    original_name, original_path, origin_url, added_ns, quality, quality_rank, resolution, source, modifiers, edition,
    release_group, mime_type, container, video_codec, audio_codec, hdr, width, height, duration_ms, bit_rate,
    languages)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
)
REMEMBER_SOURCE = Statement(
    """INSERT OR REPLACE INTO import_sources (path, device, inode, size, mtime_ns, file_id, imported_ns)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
)
UPDATE_FACTS = Statement(
    """UPDATE files SET quality = ?, quality_rank = ?, resolution = ?, source = ?, modifiers = ?, edition = ?,
    release_group = ?, mime_type = ?, container = ?, video_codec = ?, audio_codec = ?, hdr = ?, width = ?, height = ?,
    duration_ms = ?, bit_rate = ?, languages = ? WHERE id = ?"""
)
CLEAR_FILE_WHY = Statement("DELETE FROM file_evidence WHERE file_id = ? AND source <> 'user'")
ADD_FILE_WHY = Statement("INSERT OR IGNORE INTO file_evidence (file_id, field, source, detail) VALUES (?, ?, ?, ?)")


class FileFacts(NamedTuple):
    """The columns that describe the file, in the order the statements bind them."""

    quality: str
    quality_rank: int
    resolution: str | None
    source: str | None
    modifiers: str
    edition: str | None
    release_group: str | None
    mime_type: str | None
    container: str | None
    video_codec: str | None
    audio_codec: str | None
    hdr: str | None
    width: int | None
    height: int | None
    duration_ms: int | None
    bit_rate: int | None
    languages: str


def file_facts(arrival: Arrival, identification: Identification, resolution: str | None) -> FileFacts:
    """What is known of the file itself. ``resolution``: of the media file that a sidecar goes with."""
    media = arrival.media
    described = arrival.role in (FileRole.MEDIA, FileRole.EXTRA)
    video = media.video[0] if media is not None and media.video else None
    audio = media.audio[0].codec if media is not None and media.audio else None
    is_media = arrival.role is FileRole.MEDIA
    quality = quality_named(identification.quality) if is_media else None
    duration = media.duration if media is not None else None
    return FileFacts(
        quality=identification.quality if is_media else "Unknown",
        quality_rank=quality.rank if quality is not None else 0,
        resolution=identification.resolution if is_media else resolution,
        source=identification.source if is_media else None,
        modifiers=spaced(identification.modifiers) if is_media else "",
        edition=identification.edition if is_media else None,
        release_group=identification.group if is_media else None,
        mime_type=clean_text(media.mime_type, 128) if media is not None else None,
        container=clean_text(media.container, 64) if media is not None else None,
        video_codec=(identification.codec if is_media else None) or (clean_text(video.codec, 64) if video else None),
        audio_codec=clean_text(audio, 64) or (identification.audio[0] if described and identification.audio else None),
        hdr=(identification.hdr if is_media else None) or (clean_text(video.hdr, 64) if video else None),
        width=clean_number(video.width, 1, 1_000_000) if video else None,
        height=clean_number(video.height, 1, 1_000_000) if video else None,
        duration_ms=clean_number(round(duration * 1000), 0, _GREATEST) if duration and duration < 1e12 else None,
        bit_rate=clean_number(media.bit_rate, 0, _GREATEST) if media is not None else None,
        languages=spaced(_languages(arrival, identification)),
    )


def file_why(file_id: int, arrival: Arrival, identification: Identification) -> list[Bindings]:
    """Rows of ``file_evidence``. Only a media file's own: a sidecar carries its title's identification."""
    if arrival.role is not FileRole.MEDIA:
        return []
    rows: list[Bindings] = [
        (file_id, field, evidence.source.value, evidence.detail)
        for field, evidence in identification.why.items()
        if field in FILE_FIELDS
    ]
    if identification.disagreements:
        detail = "\n".join(" ".join(text.split()) for text in identification.disagreements)
        rows.append((file_id, DISAGREEMENTS, EvidenceSource.PROBE.value, detail))
    return rows


def _languages(arrival: Arrival, identification: Identification) -> tuple[str, ...]:
    if arrival.role is not FileRole.MEDIA:
        return clean_languages([arrival.language]) if arrival.language else ()
    if identification.languages or arrival.media is None:
        return identification.languages
    return clean_languages(stream.language for stream in arrival.media.audio if stream.language)


class FilePlace(NamedTuple):
    """Where a file stands in the library. ``role`` is the column's text."""

    content_id: int
    folder_id: int
    title_id: int
    sidecar_of: int | None
    role: str
    name: str


def insert_file(
    database: Database, place: FilePlace, blob_id: int, arrival: Arrival, facts: FileFacts, now_ns: int
) -> int:
    """Writes the row of a file that arrived; its id."""
    source = arrival.source
    bindings = (
        place.content_id,
        place.folder_id,
        place.title_id,
        blob_id,
        place.sidecar_of,
        place.role,
        place.name,
        arrival.blob.size,
        source.mtime_ns,
        source.name,
        source.path,
        storable(arrival.origin_url, 2048),
        now_ns,
        *facts,
    )
    return database.insert(INSERT_FILE, bindings)


def remember_source(database: Database, source: SourceFile, file_id: int, now_ns: int) -> None:
    """Remembers which file on disk became that file of the library."""
    bindings = (source.path, source.device, source.inode, source.size, source.mtime_ns, file_id, now_ns)
    database.rows(REMEMBER_SOURCE, bindings)
