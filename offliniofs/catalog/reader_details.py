"""Everything about one content row or one file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.reader_listing import KINDS, ROLES
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Shelf

if TYPE_CHECKING:
    from offliniofs.domain.details import ContentDetails, FileDetails, Statistics
    from offliniofs.domain.facts import Evidence

DISAGREEMENTS = "disagreements"
"""The field of ``file_evidence`` that holds evidence that lost, a line each."""

_DEEPEST = 64
"""Folders above one another that a path is made of, at most."""

CONTENT = Statement(
    """SELECT c.id, c.kind, c.title_id, c.parent_id, c.shelf, c.folder_name, c.title_name, c.title, t.title,
    c.original_title, coalesce(c.year, t.year), c.season, c.episode, c.last_episode, c.disc, c.track, c.air_date,
    c.plot, c.rating, c.edition, c.languages, coalesce(c.artist, t.artist),
    max(c.favourite, coalesce(t.favourite, 0)), c.quality_rank, c.media_count, c.file_count, c.total_size,
    c.added_ns, c.modified_ns
    FROM content c LEFT JOIN content t ON t.id = c.title_id WHERE c.id = ? AND c.deleted_ns IS NULL"""
)
FILE = Statement(
    """SELECT f.id, f.content_id, f.folder_id, f.title_id, f.sidecar_of, f.role, f.name, f.size, f.mtime_ns,
    f.added_ns, b.digest, f.link_count, f.quality, f.resolution, f.source, f.modifiers, f.edition, f.release_group,
    f.mime_type, f.container, f.video_codec, f.audio_codec, f.hdr, f.width, f.height, f.duration_ms, f.bit_rate,
    f.languages, f.original_name, f.original_path, f.origin_url
    FROM files f CROSS JOIN blobs b ON b.id = f.blob_id WHERE f.id = ? AND f.deleted_ns IS NULL"""
)
GENRES = Statement(
    """SELECT g.name, g.known FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id
    WHERE cg.content_id = ? ORDER BY cg.position"""
)
PEOPLE = Statement(
    """SELECT p.name, cp.role, cp.character FROM content_people cp CROSS JOIN people p ON p.id = cp.person_id
    WHERE cp.content_id = ? ORDER BY cp.position"""
)
TAGS = Statement(
    """SELECT t.name FROM content_tags ct CROSS JOIN tags t ON t.id = ct.tag_id
    WHERE ct.content_id = ? ORDER BY t.name"""
)
COLLECTIONS = Statement(
    """SELECT k.name FROM collection_content cc CROSS JOIN collections k ON k.id = cc.collection_id
    WHERE cc.content_id = ? ORDER BY k.name"""
)
RESOLUTIONS = Statement("SELECT resolution FROM content_resolutions WHERE content_id = ?")
EXTERNAL_IDS = Statement("SELECT provider, value FROM content_external_ids WHERE content_id = ?")
STATISTICS = Statement(
    "SELECT views, downloads, bytes_read, last_viewed_ns FROM content_statistics WHERE content_id = ?"
)
CONTENT_WHY = Statement("SELECT field, source, detail FROM content_evidence WHERE content_id = ?")
FILE_WHY = Statement("SELECT field, source, detail FROM file_evidence WHERE file_id = ?")
STEP_UP = Statement("SELECT parent_id, shelf, folder_name FROM content WHERE id = ?")


class DetailsReader(ReaderBase):
    """Details of a row. A read takes some dozens of microseconds."""

    __slots__ = ()

    def content_details(self, content_id: ContentId) -> ContentDetails | None:
        """All about one content row; ``None`` when there is none, or it is in the trash."""
        row = self._database.row(CONTENT, (content_id,))
        if row is None:
            return None
        (identifier, kind, title_id, parent_id, shelf, folder_name, title_name, title, title_of, *facts) = row
        (original, year, season, episode, last_episode, disc, track, air_date, plot, rating, *kept) = facts
        edition, languages, artist, favourite, rank, media, files, size, added_ns, modified_ns = kept
        owner = title_id or identifier
        from offliniofs.domain.details import ContentDetails
        from offliniofs.domain.facts import Genre, Person

        return ContentDetails(
            content_id=ContentId(identifier),
            kind=KINDS[kind],
            title_id=title_id,
            parent_id=parent_id,
            shelf=Shelf(shelf) if shelf else None,
            path=self.path_of(content_id) if folder_name is not None else None,
            title_name=title_name,
            title=title,
            title_of=title_of or title,
            original_title=original,
            year=year,
            season=season,
            episode=episode,
            last_episode=last_episode,
            disc=disc,
            track=track,
            air_date=air_date,
            plot=plot,
            rating=rating,
            edition=edition,
            languages=tuple(languages.split()),
            artist=artist,
            favourite=bool(favourite),
            quality=quality_name(rank),
            media_count=media,
            file_count=files,
            total_size=size,
            added_ns=added_ns,
            modified_ns=modified_ns,
            genres=tuple(Genre(name, bool(known)) for name, known in self._rows(GENRES, owner)),
            people=tuple(Person(*person) for person in self._rows(PEOPLE, identifier)),
            tags=tuple(name for (name,) in self._rows(TAGS, owner)),
            collections=tuple(name for (name,) in self._rows(COLLECTIONS, owner)),
            resolutions=self.resolutions_of(identifier),
            external_ids=MappingProxyType(dict(self._rows(EXTERNAL_IDS, identifier))),
            statistics=self._statistics(identifier),
            why=_evidence(self._rows(CONTENT_WHY, identifier)),
        )

    def file_details(self, file_id: FileId) -> FileDetails | None:
        """All about one file; ``None`` when there is none, or it is in the trash."""
        row = self._database.row(FILE, (file_id,))
        if row is None:
            return None
        (identifier, content_id, folder_id, title_id, sidecar_of, role, name, size, mtime_ns, added_ns, *facts) = row
        digest, links, quality, resolution, source, modifiers, edition, group, mime_type, container, *stream = facts
        video, audio, hdr, width, height, duration_ms, bit_rate, languages, *origin = stream
        original_name, original_path, origin_url = origin
        why = dict(_evidence(self._rows(FILE_WHY, identifier)))
        lost = why.pop(DISAGREEMENTS, None)
        from offliniofs.domain.details import FileDetails

        return FileDetails(
            file_id=FileId(identifier),
            content_id=content_id,
            folder_id=folder_id,
            title_id=title_id,
            sidecar_of=sidecar_of,
            role=ROLES[role],
            path=f"{self.path_of(folder_id)}/{name}",
            name=name,
            size=size,
            mtime_ns=mtime_ns,
            added_ns=added_ns,
            digest=digest,
            link_count=links,
            quality=quality,
            resolution=resolution,
            source=source,
            modifiers=tuple(modifiers.split()),
            edition=edition,
            group=group,
            mime_type=mime_type,
            container=container,
            video_codec=video,
            audio_codec=audio,
            hdr=hdr,
            width=width,
            height=height,
            duration_ms=duration_ms,
            bit_rate=bit_rate,
            languages=tuple(languages.split()),
            original_name=original_name,
            original_path=original_path,
            origin_url=origin_url,
            statistics=self._statistics(content_id),
            why=MappingProxyType(why),
            disagreements=tuple(lost.detail.splitlines()) if lost else (),
        )

    def path_of(self, content_id: ContentId) -> str:
        """The directory's path below the mount's root, in the canonical tree; empty for what is not there."""
        names: list[str] = []
        above: int | None = content_id
        while above is not None and len(names) < _DEEPEST:
            found = self._database.row(STEP_UP, (above,))
            if found is None:
                return ""
            above, shelf, name = found
            if name is not None:
                names.append(name)
            if shelf is not None:
                names.append(shelf)
        return "/".join(reversed(names))

    def resolutions_of(self, content_id: ContentId) -> tuple[str, ...]:
        """Picture sizes of the media files at or below a directory, the largest first."""
        found = [name for (name,) in self._rows(RESOLUTIONS, content_id)]
        return tuple(sorted(found, key=lambda name: -int(name[:-1])))

    def _rows(self, statement: Statement, identifier: int) -> list[Row]:
        return self._database.rows(statement, (identifier,))

    def _statistics(self, content_id: int) -> Statistics:
        from offliniofs.domain.details import Statistics

        found = self._database.row(STATISTICS, (content_id,))
        return Statistics(*found) if found else Statistics()


def quality_name(rank: int) -> str:
    """The name of the quality class of that rank."""
    from offliniofs.detect.quality import QUALITIES

    return QUALITIES[rank].name if 0 <= rank < len(QUALITIES) else QUALITIES[0].name


def _evidence(rows: list[Row]) -> Mapping[str, Evidence]:
    from offliniofs.domain.facts import Evidence, EvidenceSource

    return MappingProxyType({field: Evidence(EvidenceSource(source), detail) for field, source, detail in rows})
