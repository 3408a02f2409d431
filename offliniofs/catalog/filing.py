"""Files a batch of arrivals: each gets a title, a directory, a name and a row, or is told apart as one we have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.catalog.cleaning import clean
from offliniofs.catalog.file_rows import (
    ADD_FILE_WHY,
    CLEAR_FILE_WHY,
    UPDATE_FACTS,
    FileFacts,
    FilePlace,
    file_facts,
    file_why,
    insert_file,
    remember_source,
)
from offliniofs.catalog.free_names import free_entry_name, original_name
from offliniofs.catalog.merging import Merging
from offliniofs.catalog.releasing import blob_of
from offliniofs.catalog.restoring import Restoring
from offliniofs.catalog.shelving import TITLE_KIND_OF, Place, Shelving, Title
from offliniofs.catalog.statements import Bindings, Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.catalog.vocabularies import Vocabularies
from offliniofs.domain.arrival import Arrival, ArrivalOutcome, Filed
from offliniofs.domain.content import TITLE_KINDS, ContentKind, FileRole
from offliniofs.domain.facts import EvidenceSource, Identification
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

FROM_SOURCE = Statement(
    """SELECT f.id, f.blob_id, f.content_id, f.folder_id, f.title_id, f.name, f.resolution
    FROM import_sources s CROSS JOIN files f ON f.id = s.file_id WHERE s.path = ? AND f.deleted_ns IS NULL"""
)
SAME_MEDIA = Statement(
    """SELECT id, content_id, folder_id, name FROM files INDEXED BY files_blob
    WHERE blob_id = ? AND title_id = ? AND role = 'media' AND deleted_ns IS NULL LIMIT 1"""
)
SAME_ITEM = Statement(
    """SELECT id, content_id, folder_id, name FROM files INDEXED BY files_blob
    WHERE blob_id = ? AND content_id = ? AND role = 'media' AND deleted_ns IS NULL LIMIT 1"""
)
SAME_BYTES = Statement(
    """SELECT id, content_id, folder_id, name, title_id FROM files INDEXED BY files_blob
    WHERE blob_id = ? AND role = 'media' AND deleted_ns IS NULL ORDER BY id LIMIT 1"""
)
IN_TRASH = Statement(
    """SELECT f.id, f.content_id, f.title_id, f.folder_id FROM files f INDEXED BY files_blob
    CROSS JOIN content t ON t.id = f.title_id
    WHERE f.blob_id = ? AND f.role = ?2 AND f.trash_id IS NOT NULL AND (?2 = 'media' OR f.original_name = ?3)
    AND t.kind = ?4 AND (t.deleted_ns IS NULL OR NOT EXISTS (
        SELECT 1 FROM content o WHERE o.title_name = t.title_name AND o.deleted_ns IS NULL))
    ORDER BY f.deleted_ns DESC LIMIT 1"""
)
NAME_OF = Statement("SELECT name FROM files WHERE id = ?")
NAMED = Statement(
    """SELECT id, content_id, folder_id, name, blob_id FROM files
    WHERE folder_id = ? AND name = ? AND deleted_ns IS NULL"""
)
EDITED_FIELDS = Statement("SELECT field FROM file_evidence WHERE file_id = ? AND source = 'user'")
EDITED_FACTS = Statement("SELECT quality, quality_rank, resolution, source, edition FROM files WHERE id = ?")
FOLLOW_RESOLUTION = Statement("UPDATE files SET resolution = ? WHERE sidecar_of = ?")
FOLDER_PATH_STEP = Statement("SELECT parent_id, shelf, folder_name FROM content WHERE id = ?")

_ITEM_KINDS = frozenset({ContentKind.EPISODE, ContentKind.TRACK})
_SAYS_NOTHING = frozenset({EvidenceSource.NAME, EvidenceSource.DEFAULT})
_CAME = frozenset({ArrivalOutcome.ADDED, ArrivalOutcome.RESTORED})
_DISTINCTIONS_TRIED = 8
"""How many variants of a name are looked at for the same bytes, so that thousands of one name stay cheap."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file goes: what it is, in which directory, and the media file it goes with."""

    content_id: int
    folder: Place
    media: MediaFile | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A media file that sidecars refer to."""

    file_id: int
    content_id: int
    folder_id: int
    title_id: int
    name: str
    resolution: str | None


class Filing:
    """Files one batch in one change."""

    __slots__ = (
        "_blobs",
        "_cleaned",
        "_database",
        "_file_why",
        "_media",
        "_merging",
        "_naming",
        "_new_blobs",
        "_paths",
        "_shelving",
        "_sums",
        "_unit",
    )

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._shelving = Shelving(unit, naming)
        self._merging = Merging(unit, Vocabularies(unit, naming))
        self._sums = Sums(unit)
        self._cleaned: dict[int, Identification] = {}
        self._blobs: dict[bytes, int] = {}
        self._new_blobs = [0, 0]
        self._media: dict[bytes, MediaFile] = {}
        self._paths: dict[int, str] = {}
        self._file_why: list[Bindings] = []

    def file(self, batch: Sequence[Arrival]) -> list[Filed]:
        """Files every arrival, media before what goes with it; answers in the order of the batch."""
        filed: dict[int, Filed] = {}
        for first in (True, False):
            for position, arrival in enumerate(batch):
                if (arrival.sidecar_of is None) is first:
                    filed[position] = self._file(arrival)
        self._merging.finish()
        self._database.many(ADD_FILE_WHY, self._file_why)
        self._sums.write()
        if any(self._new_blobs):
            self._unit.add_totals("blobs", *self._new_blobs)
        self._audit(list(filed.values()))
        return [filed[position] for position in range(len(batch))]

    def _file(self, arrival: Arrival) -> Filed:
        identification = self._clean(arrival.identification)
        blob_id = self._blob(arrival)
        row = self._database.row(FROM_SOURCE, (arrival.source.path,))
        if row is not None and row[1] == blob_id:
            return self._update(arrival, identification, row)
        known = self._revived(arrival, blob_id) or self._renamed(arrival, identification, blob_id)
        if known is not None:
            return known
        media = self._media_file(arrival.sidecar_of) if arrival.sidecar_of is not None else None
        title = self._title(identification, media)
        if not title.new:
            self._unit.touch(title.content_id)
        standing = self._standing(arrival, identification, title, media)
        self._merge(title, standing, identification)
        wanted = self._name(arrival, identification, title, standing)
        same = self._same(arrival, blob_id, title, standing, wanted)
        if same is not None:
            file_id, content_id, folder_id, name = same
            outcome = ArrivalOutcome.DUPLICATE
        else:
            content_id, folder_id = standing.content_id, standing.folder.content_id
            name = free_entry_name(self._database, self._naming, folder_id, wanted)
            file_id = self._insert(arrival, identification, title, standing, blob_id, name)
            outcome = ArrivalOutcome.ADDED
        self._remember(arrival, file_id)
        path = f"{self._path(folder_id)}/{name}"
        return Filed(outcome, FileId(file_id), ContentId(content_id), ContentId(title.content_id), path)

    def _update(self, arrival: Arrival, identification: Identification, row: Row) -> Filed:
        """The very source of a file we have came again: its facts are brought up to date, its place stays."""
        file_id, _, content_id, folder_id, title_id, name, resolution = row
        self._unit.touch(title_id)
        facts = file_facts(arrival, identification, None)
        if arrival.role is FileRole.MEDIA:
            facts = self._without_edited(file_id, facts)
            self._database.rows(UPDATE_FACTS, (*facts, file_id))
            self._sums.changed(content_id)
            if facts.resolution != resolution:
                self._database.rows(FOLLOW_RESOLUTION, (facts.resolution, file_id))
                self._unit.relink(title_id)
            self._database.rows(CLEAR_FILE_WHY, (file_id,))
            self._file_why += file_why(file_id, arrival, identification)
        own = identification.kind in TITLE_KINDS
        self._merging.title(title_id, identification, new=False, own=own)
        if not own and content_id != title_id and identification.kind in _ITEM_KINDS:
            self._merging.item(content_id, identification, new=False)
        self._remember(arrival, file_id)
        path = f"{self._path(folder_id)}/{name}"
        return Filed(ArrivalOutcome.UPDATED, FileId(file_id), ContentId(content_id), ContentId(title_id), path)

    def _revived(self, arrival: Arrival, blob_id: int) -> Filed | None:
        """The file, if its bytes lay in the trash: it comes back, alone, to where it was.

        Not if another title has taken its title's name meanwhile: the file belongs to that one now.
        """
        kind = TITLE_KIND_OF[arrival.identification.kind].value
        row = self._database.row(IN_TRASH, (blob_id, arrival.role.value, arrival.source.name, kind))
        if row is None:
            return None
        file_id, content_id, title_id, folder_id = row
        Restoring(self._unit, self._naming, Retention()).revive(file_id, self._sums)
        self._remember(arrival, file_id)
        name = self._database.rows(NAME_OF, (file_id,))[0][0]
        path = f"{self._path(folder_id)}/{name}"
        return Filed(ArrivalOutcome.RESTORED, FileId(file_id), ContentId(content_id), ContentId(title_id), path)

    def _renamed(self, arrival: Arrival, identification: Identification, blob_id: int) -> Filed | None:
        """The film, clip or track whose bytes these are, if they came under a name that says nothing of it."""
        playable = arrival.role is FileRole.MEDIA and arrival.media is not None
        if not playable or arrival.subfolder or _is_told(identification):
            return None
        row = self._database.row(SAME_BYTES, (blob_id,))
        if row is None:
            return None
        file_id, content_id, folder_id, name, title_id = row
        self._remember(arrival, file_id)
        path = f"{self._path(folder_id)}/{name}"
        return Filed(ArrivalOutcome.DUPLICATE, FileId(file_id), ContentId(content_id), ContentId(title_id), path)

    def _without_edited(self, file_id: int, facts: FileFacts) -> FileFacts:
        """What a user decided about the file stays as it is."""
        edited = {field for (field,) in self._database.rows(EDITED_FIELDS, (file_id,))}
        if not edited:
            return facts
        quality, rank, resolution, source, edition = self._database.rows(EDITED_FACTS, (file_id,))[0]
        if "quality" in edited:
            facts = facts._replace(quality=quality, quality_rank=rank, resolution=resolution, source=source)
        return facts._replace(edition=edition) if "edition" in edited else facts

    def _clean(self, identification: Identification) -> Identification:
        cleaned = self._cleaned.get(id(identification))
        if cleaned is None:
            cleaned = self._cleaned[id(identification)] = clean(identification)
        return cleaned

    def _blob(self, arrival: Arrival) -> int:
        digest, size = arrival.blob.digest, arrival.blob.size
        known = self._blobs.get(digest)
        if known is None:
            known, new = blob_of(self._unit, arrival.blob)
            if new:
                self._new_blobs[0] += 1
                self._new_blobs[1] += size
            self._blobs[digest] = known
        return known

    def _title(self, identification: Identification, media: MediaFile | None) -> Title:
        """The title; what goes with a media file stays with it, whatever else its own name says."""
        if media is None:
            return self._shelving.title(identification)
        return self._shelving.known_title(media.title_id, TITLE_KIND_OF[identification.kind])

    def _standing(
        self, arrival: Arrival, identification: Identification, title: Title, media: MediaFile | None
    ) -> Standing:
        if media is not None:
            folder = Place(media.folder_id, self._path(media.folder_id), "")
            return Standing(media.content_id, folder, media)
        if arrival.subfolder:
            folder = self._shelving.folder(title, arrival.subfolder)
            return Standing(folder.content_id, folder)
        of_file = arrival.role is FileRole.MEDIA or arrival.sidecar_of is not None
        match identification.kind:
            case ContentKind.EPISODE if of_file:
                season = self._shelving.season(title, identification)
                return Standing(self._shelving.episode(title, season, identification), season)
            case ContentKind.SEASON:
                season = self._shelving.season(title, identification)
                return Standing(season.content_id, season)
            case ContentKind.TRACK if of_file:
                return Standing(self._shelving.track(title, identification), title)
            case _:
                return Standing(title.content_id, title)

    def _media_file(self, path: bytes) -> MediaFile | None:
        known = self._media.get(path)
        if known is None:
            row = self._database.row(FROM_SOURCE, (path,))
            if row is not None:
                file_id, _, content_id, folder_id, title_id, name, resolution = row
                known = self._media[path] = MediaFile(file_id, content_id, folder_id, title_id, name, resolution)
        return known

    def _merge(self, title: Title, standing: Standing, identification: Identification) -> None:
        own = identification.kind in TITLE_KINDS
        self._merging.title(title.content_id, identification, new=title.new, own=own)
        if identification.kind in _ITEM_KINDS and standing.content_id not in (
            title.content_id,
            standing.folder.content_id,
        ):
            self._merging.item(standing.content_id, identification, new=False)

    def _same(
        self, arrival: Arrival, blob_id: int, title: Title, standing: Standing, wanted: str
    ) -> tuple[int, int, int, str] | None:
        """The file that this one is again: the same bytes as the same film, episode or track.

        Of anything else (sidecars, extras, documents) the name is part of what it is: the same subtitle can go with two
        versions of a film, and two equal files of a folder are two files.
        """
        kind = arrival.identification.kind
        if arrival.role is FileRole.MEDIA and kind is ContentKind.MOVIE:
            row = self._database.row(SAME_MEDIA, (blob_id, title.content_id))
        elif arrival.role is FileRole.MEDIA and kind in _ITEM_KINDS and not arrival.subfolder:
            row = self._database.row(SAME_ITEM, (blob_id, standing.content_id))
        else:
            row = self._same_named(blob_id, standing.folder.content_id, wanted)
        return (row[0], row[1], row[2], row[3]) if row is not None else None

    def _same_named(self, blob_id: int, folder_id: int, wanted: str) -> Row | None:
        name = wanted
        for ordinal in range(2, 2 + _DISTINCTIONS_TRIED):
            row = self._database.row(NAMED, (folder_id, name))
            if row is None or row[4] == blob_id:
                return row
            name = self._naming.distinct(wanted, ordinal)
        return None

    def _name(self, arrival: Arrival, identification: Identification, title: Title, standing: Standing) -> str:
        naming, suffix = self._naming, arrival.name_suffix
        if arrival.role is FileRole.MEDIA:
            return naming.media_file(identification, arrival.extension, title.name)
        if suffix is None:
            return naming.component(original_name(arrival.source.name))
        if standing.media is not None:
            return naming.sidecar(standing.media.name, suffix)
        if arrival.sidecar_of is not None:
            return naming.sidecar(naming.media_file(identification, arrival.extension, title.name), suffix)
        return naming.sidecar(None, suffix)

    def _insert(
        self,
        arrival: Arrival,
        identification: Identification,
        title: Title,
        standing: Standing,
        blob_id: int,
        name: str,
    ) -> int:
        source, media = arrival.source, standing.media
        facts: FileFacts = file_facts(arrival, identification, media.resolution if media is not None else None)
        folder_id = standing.folder.content_id
        place = FilePlace(
            standing.content_id,
            folder_id,
            title.content_id,
            media.file_id if media is not None else None,
            arrival.role.value,
            name,
        )
        file_id = insert_file(self._database, place, blob_id, arrival, facts, self._unit.now_ns)
        if arrival.role is FileRole.MEDIA:
            content_id, resolution = standing.content_id, facts.resolution
            self._media[source.path] = MediaFile(file_id, content_id, folder_id, title.content_id, name, resolution)
            self._merging.languages(title.content_id, facts.languages.split())
        self._file_why += file_why(file_id, arrival, identification)
        above = self._shelving.ancestors(standing.content_id)
        self._sums.add(above, title.content_id, arrival.role, arrival.blob.size, facts)
        self._unit.file_added(file_id, title.content_id, folder_id, name)
        return file_id

    def _remember(self, arrival: Arrival, file_id: int) -> None:
        remember_source(self._database, arrival.source, file_id, self._unit.now_ns)

    def _path(self, folder_id: int) -> str:
        known = self._paths.get(folder_id)
        if known is None:
            names: list[str] = []
            above: int | None = folder_id
            while above is not None:
                above, shelf, name = self._database.rows(FOLDER_PATH_STEP, (above,))[0]
                names += [part for part in (name, shelf) if part is not None]
            known = self._paths[folder_id] = "/".join(reversed(names))
        return known

    def _audit(self, filed: Sequence[Filed]) -> None:
        added = [entry.file_id for entry in filed if entry.outcome in _CAME]
        if filed:
            known = {entry.file_id for entry in filed if entry.outcome not in _CAME}
            self._unit.audit(
                "import",
                f"{len(added)} files",
                after={"files": added, "known": sorted(known)},
                way_back="trash" if added else None,
            )


def _is_told(identification: Identification) -> bool:
    """Whether more than some words of a file's name say which title it is."""
    title = identification.why.get("title")
    named = title is None or title.source in _SAYS_NOTHING
    of_name = identification.kind in (ContentKind.MOVIE, ContentKind.OTHER) and named
    return not of_name or identification.year is not None or bool(identification.external_ids)
