"""Files what somebody put into a folder of the library: it belongs to the title whose folder that is.

What it is in that title its name says: another version of the film, another episode or track, a subtitle or a picture
of one of its files, or of the title as a whole. Where the library has a name for such a thing the file gets it; a name
that is the library's already, or that says more than the library would keep, stays as the user's own.
"""

from __future__ import annotations

from dataclasses import replace

from offliniofs.catalog.cleaning import clean_text
from offliniofs.catalog.companions import Companion, companions_of, place_among
from offliniofs.catalog.editing import SET_FILE_WHY
from offliniofs.catalog.filing import Filing, MediaFile, Standing
from offliniofs.catalog.placing import NAME
from offliniofs.catalog.shelving import TITLE_KIND_OF, Place, Title
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.title_folders import TitleFolder, folder_of
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.detect.arrangement import stem_of
from offliniofs.detect.sidecar_names import disc_of_folder, extra_folder
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import UsageError
from offliniofs.domain.facts import EvidenceSource, Identification
from offliniofs.domain.naming import Naming

OCCUPANT = Statement("SELECT id FROM files WHERE folder_id = ? AND name = ? AND deleted_ns IS NULL")
TRASHED_HERE = Statement(
    """SELECT 1 FROM files f INDEXED BY files_blob CROSS JOIN blobs b ON b.id = f.blob_id
    WHERE f.blob_id = ? AND f.folder_id = ? AND f.name = ? AND f.trash_id IS NOT NULL"""
)

_ITEM_OF = {ContentKind.SERIES: ContentKind.EPISODE, ContentKind.ALBUM: ContentKind.TRACK}
_LONGEST_NAME = 255


class FilingInto(Filing):
    """Files one arrival into one folder, in one change."""

    __slots__ = ("_companions", "_folder", "_given", "_is_media", "_wanted")

    def __init__(self, unit: UnitOfWork, naming: Naming, folder_id: int, name: str) -> None:
        """Raises ``NotFoundError`` when the folder is gone, ``UsageError`` when files cannot stand in it."""
        super().__init__(unit, naming)
        self._folder = self._proper(folder_of(unit.database, folder_id))
        self._given = naming.component(clean_text(name, _LONGEST_NAME) or "_")
        self._wanted = ""
        self._is_media = False
        self._companions = companions_of(unit.database, self._folder.title_id)

    def into(self, arrival: Arrival) -> Filed:
        """Files it. Raises ``UsageError`` for what makes no sense there."""
        described = self._in_context(arrival)
        self._is_media = described.role is FileRole.MEDIA
        filed = self.file([described])[0]
        if self._wanted and filed.path.endswith(f"/{self._given}") and self._wanted != self._given:
            row = (filed.file_id, NAME, EvidenceSource.USER.value, self._wanted)
            self._database.rows(SET_FILE_WHY, row)
        return filed

    def _proper(self, folder: TitleFolder) -> TitleFolder:
        """``Bonus`` holds extras, but media servers do not know that: what comes into it goes to ``extras``."""
        kind = extra_folder(folder.name) if folder.kind is ContentKind.FOLDER else None
        if kind in (None, folder.name.casefold()) or folder.title_kind is ContentKind.OTHER or len(folder.below) != 1:
            return folder
        title = self._shelving.known_title(folder.title_id, TITLE_KIND_OF[folder.title_kind])
        place = self._shelving.folder(title, (kind,))
        return replace(folder, content_id=place.content_id, name=place.name, below=(place.name,))

    # --- what it is there ---------------------------------------------------------------------------------------------

    def _in_context(self, arrival: Arrival) -> Arrival:
        """The arrival as it would have been described together with what stands in the folder."""
        place = place_among(self._companions, self._folder.below, self._given)
        if arrival.role is FileRole.MEDIA:
            if place.role is FileRole.EXTRA:
                return self._extra(arrival, place.subfolder)
            if place.role is FileRole.MEDIA:
                return self._item(arrival)
        elif arrival.role is FileRole.DATA and arrival.name_suffix and arrival.name_suffix.endswith(".nfo.txt"):
            self._given = f"{self._given}.txt"  # an NFO that nobody could read; media servers shall not try either
            return self._beside(arrival, None, "")
        role = FileRole.DATA if arrival.role is FileRole.MEDIA else arrival.role
        media = next((each for each in self._companions if each.parts == place.media), None) if place.of_file else None
        described = replace(arrival, role=role, media=None, language=place.language or arrival.language)
        return self._beside(described, media, place.name_suffix or "")

    def _beside(self, arrival: Arrival, media: Companion | None, suffix: str) -> Arrival:
        """A sidecar of one file, or of the title."""
        identification = replace(
            arrival.identification, kind=self._folder.title_kind, title=self._folder.title, year=self._folder.year
        )
        if media is None or not suffix:
            return replace(arrival, identification=identification, sidecar_of=None, name_suffix=self._given)
        key = b"%d" % media.file_id
        self._media[key] = MediaFile(
            media.file_id, media.content_id, media.folder_id, self._folder.title_id, media.name, media.resolution
        )
        return replace(arrival, identification=identification, sidecar_of=key, name_suffix=suffix)

    def _extra(self, arrival: Arrival, subfolder: tuple[str, ...]) -> Arrival:
        extra = self._beside(replace(arrival, role=FileRole.EXTRA, media=arrival.media), None, "")
        return replace(extra, subfolder=subfolder if self._folder.kind is not ContentKind.FOLDER else ())

    def _item(self, arrival: Arrival) -> Arrival:
        """Another version, episode or track of the title; in a folder of extras, one of these."""
        folder, found = self._folder, arrival.identification
        disc = disc_of_folder(folder.name) if folder.title_kind is ContentKind.ALBUM else None
        if folder.kind is ContentKind.FOLDER and disc is None:
            return self._extra(arrival, ())
        sounds = found.kind is ContentKind.TRACK
        if sounds is not (folder.title_kind is ContentKind.ALBUM) and folder.title_kind is not ContentKind.OTHER:
            return self._extra(arrival, ())
        known = replace(found, kind=_ITEM_OF.get(folder.title_kind, folder.title_kind))
        if folder.title_kind is ContentKind.SERIES:
            known = self._episode_of(known)
        elif folder.title_kind is ContentKind.ALBUM:
            known = replace(known, album=folder.title, disc=found.disc if disc is None else disc)
        else:
            known = replace(known, title=folder.title, year=folder.year)
        return replace(arrival, identification=replace(known, external_ids={}, collection=None))

    def _episode_of(self, found: Identification) -> Identification:
        folder = self._folder
        if not found.episodes and not found.air_date:
            raise UsageError(
                f"{self._given[:120]!r} does not say which episode of {folder.title!r} it is; call it 'S01E02', say."
            )
        season = folder.season if found.season is None else found.season
        return replace(found, title=folder.title, year=folder.year, season=season)

    # --- where it goes ------------------------------------------------------------------------------------------------

    def _title(self, identification: Identification, media: MediaFile | None) -> Title:
        return self._shelving.known_title(self._folder.title_id, TITLE_KIND_OF[self._folder.title_kind])

    def _revived(self, arrival: Arrival, blob_id: int) -> Filed | None:
        """Only what lay in this very folder under this name comes back; all else has come anew."""
        folder_id = self._folder.content_id
        if self._database.row(TRASHED_HERE, (blob_id, folder_id, self._given)) is None:
            return None
        return super()._revived(arrival, blob_id)

    def _standing(
        self, arrival: Arrival, identification: Identification, title: Title, media: MediaFile | None
    ) -> Standing:
        if arrival.role is FileRole.MEDIA or media is not None or arrival.subfolder:
            return super()._standing(arrival, identification, title, media)
        folder_id = self._folder.content_id
        path = "/".join((title.path, *self._folder.below))
        return Standing(folder_id, Place(folder_id, path, self._folder.name))

    def _merge(self, title: Title, standing: Standing, identification: Identification) -> None:
        """A sidecar that came alone says nothing of its title but that it goes with it."""
        if self._is_media:
            super()._merge(title, standing, identification)

    def _name(self, arrival: Arrival, identification: Identification, title: Title, standing: Standing) -> str:
        self._wanted = super()._name(arrival, identification, title, standing)
        return self._given if self._keeps_its_name(arrival, title, standing) else self._wanted

    def _keeps_its_name(self, arrival: Arrival, title: Title, standing: Standing) -> bool:
        """Whether the given name is one that media servers understand, or one for which there is no other."""
        if arrival.role is not FileRole.MEDIA:
            begins = standing.media is not None and self._given.startswith(stem_of(standing.media.name))
            return standing.media is None or begins
        if self._folder.title_kind is ContentKind.ALBUM:
            return False
        stem = stem_of(self._given)
        return stem == title.name or stem.startswith((f"{title.name} ", f"{title.name}."))
