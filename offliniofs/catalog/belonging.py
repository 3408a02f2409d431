"""What a file of the library becomes in the folder of another title, or in that of another season.

It stays what it was as far as the other title has such things: a version of a film, an episode, a track, an extra, a
subtitle. Its number comes from the name it is given and from the season's folder, and where both are silent from what
it was. A name of the library's own gives way to the name such a file has there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from offliniofs.catalog.companions import companions_of, place_among
from offliniofs.catalog.connection import Database
from offliniofs.catalog.free_names import original_name
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.title_folders import TitleFolder
from offliniofs.detect.arrangement import stem_of
from offliniofs.detect.filetypes import FileClass, classify_file
from offliniofs.detect.names import identify_name
from offliniofs.detect.sidecar_names import extra_folder, extra_kind
from offliniofs.detect.tracks import parse_track_name
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import Identification
from offliniofs.domain.naming import Naming

FILE = Statement(
    """SELECT f.id, f.folder_id, f.content_id, f.title_id, f.role, f.name, f.original_name, f.resolution, f.edition,
    f.quality, f.languages, d.folder_name, c.kind, c.title, c.season, c.episode, c.last_episode, c.air_date, c.disc,
    c.track
    FROM files f CROSS JOIN content d ON d.id = f.folder_id CROSS JOIN content c ON c.id = f.content_id
    WHERE f.id = ? AND f.deleted_ns IS NULL"""
)
FOLDER_OF_TITLE = Statement("SELECT folder_name, artist FROM content WHERE id = ?")

_EXTRAS = ("extras",)


class MovedFile(NamedTuple):
    """A file as it is: its row, the name of its folder, and what it is a file of."""

    file_id: int
    folder_id: int
    content_id: int
    title_id: int
    role: str
    name: str
    original_name: bytes
    resolution: str | None
    edition: str | None
    quality: str
    languages: str
    folder: str
    kind: str
    words: str
    season: int | None
    episode: int | None
    last_episode: int | None
    air_date: str | None
    disc: int | None
    track: int | None

    @property
    def extension(self) -> str:
        """With its dot, or empty."""
        stem, dot, extension = self.name.rpartition(".")
        return f"{dot}{extension}" if stem and dot else ""

    @property
    def own_words(self) -> str | None:
        """The title of its episode, unless that is only what the file was called."""
        is_title = self.kind == ContentKind.EPISODE.value and self.words != original_name(self.original_name)
        return self.words if is_title else None


@dataclass(frozen=True, slots=True)
class Belonging:
    """What the file is there. ``item``: the episode or track it is; else it belongs to the folder or to ``beside``."""

    role: FileRole
    name: str
    own_name: bool
    """Whether the name is the user's, and stays whatever the title is called later."""
    subfolder: tuple[str, ...] = ()
    """Folders below the title, for an extra."""
    item: Identification | None = None
    beside: int | None = None
    """The media file that it goes with."""


def moved_file(database: Database, file_id: int) -> MovedFile:
    """The file. Raises ``NotFoundError``."""
    row = database.row(FILE, (file_id,))
    if row is None:
        raise NotFoundError(f"There is no file {file_id} in the library.")
    return MovedFile(*row)


class Deciding:
    """Decides about one file and one folder; changes nothing. ``given``: the name it shall have there."""

    def __init__(self, database: Database, naming: Naming, file: MovedFile, folder: TitleFolder, given: str) -> None:
        self._database = database
        self._naming = naming
        self._file = file
        self._folder = folder
        self._given = given
        self._title_folder, self._artist = database.rows(FOLDER_OF_TITLE, (folder.title_id,))[0]

    def belonging(self) -> Belonging:
        """What it is there. Raises ``UsageError`` for what makes no sense."""
        role = FileRole(self._file.role)
        if role is FileRole.EXTRA:
            return self._extra()
        return self._media() if role is FileRole.MEDIA else self._sidecar(role)

    @property
    def _is_renamed(self) -> bool:
        return self._given != self._file.name

    # --- films, episodes, tracks, extras ------------------------------------------------------------------------------

    def _media(self) -> Belonging:
        folder = self._folder
        if folder.title_kind is ContentKind.OTHER:
            return Belonging(FileRole.MEDIA, self._given, own_name=True)
        sounds = self._file.kind == ContentKind.TRACK.value or (
            classify_file(self._file.name, b"").file_class is FileClass.AUDIO
        )
        says_extra = self._is_renamed and extra_kind(stem_of(self._given)) is not None
        if folder.kind is ContentKind.FOLDER or sounds is not (folder.title_kind is ContentKind.ALBUM) or says_extra:
            return self._extra()
        match folder.title_kind:
            case ContentKind.SERIES:
                found = self._episode()
            case ContentKind.ALBUM:
                found = self._track()
            case _:
                found = self._version()
        name = self._naming.media_file(found, self._file.extension, self._title_folder)
        own = self._is_renamed and folder.title_kind is not ContentKind.ALBUM and self._begins_as_the_title()
        item = None if folder.title_kind is ContentKind.MOVIE else found
        return Belonging(FileRole.MEDIA, self._given if own else name, own, item=item)

    def _begins_as_the_title(self) -> bool:
        """Whether media servers take a file of that name for one of this title."""
        stem = stem_of(self._given)
        return stem == self._title_folder or stem.startswith((f"{self._title_folder} ", f"{self._title_folder}."))

    def _extra(self) -> Belonging:
        folder = self._folder
        if folder.kind is ContentKind.FOLDER or folder.title_kind is ContentKind.OTHER:
            return Belonging(FileRole.EXTRA, self._given, own_name=True)
        kind = extra_kind(stem_of(self._given)) or extra_folder(self._file.folder)
        return Belonging(FileRole.EXTRA, self._given, own_name=True, subfolder=(kind,) if kind else _EXTRAS)

    def _version(self) -> Identification:
        file, folder = self._file, self._folder
        return Identification(
            name=original_name(file.original_name),
            kind=folder.title_kind,
            title=folder.title,
            year=folder.year,
            resolution=file.resolution,
            edition=file.edition,
            quality=file.quality,
            artist=self._artist,
        )

    def _episode(self) -> Identification:
        file, folder = self._file, self._folder
        said = identify_name(self._given, folders=(folder.name,) if folder.kind is ContentKind.SEASON else ())
        first = file.episode
        known = () if first is None else tuple(range(first, (file.last_episode or first) + 1))
        episodes, air_date = said.episodes or known, said.air_date or file.air_date
        if not episodes and not air_date:
            raise UsageError(
                f"{self._given[:120]!r} does not say which episode of {folder.title!r} it is; call it 'S01E02', say."
            )
        same = episodes == known and said.air_date in (None, file.air_date)
        return replace(
            self._version(),
            kind=ContentKind.EPISODE,
            season=self._season(identify_name(self._given).season),
            episodes=episodes,
            air_date=None if episodes else air_date,
            episode_title=file.own_words if same or not self._is_renamed else said.episode_title,
        )

    def _season(self, said: int | None) -> int | None:
        """The folder it is put into says the season; a new name may say it too, but not another one."""
        if self._folder.kind is not ContentKind.SEASON:
            return said if said is not None else self._file.season
        season = self._folder.season
        if self._is_renamed and said not in (None, season):
            raise UsageError(
                f"{self._given[:120]!r} is called an episode of season {said}, and {self._folder.name!r} is another."
            )
        return season

    def _track(self) -> Identification:
        file, folder = self._file, self._folder
        disc, track, words = file.disc, file.track, file.words
        if file.kind != ContentKind.TRACK.value or self._is_renamed:
            disc, track, words = parse_track_name(stem_of(self._given))
        return replace(
            self._version(),
            kind=ContentKind.TRACK,
            title=words or stem_of(self._given),
            album=folder.title,
            disc=disc,
            track=track,
        )

    # --- what goes with them ------------------------------------------------------------------------------------------

    def _sidecar(self, role: FileRole) -> Belonging:
        companions = companions_of(self._database, self._folder.title_id)
        place = place_among(companions, self._folder.below, self._given)
        media = next((each for each in companions if each.parts == place.media), None) if place.of_file else None
        if media is None or not place.name_suffix:
            return Belonging(role, self._given, own_name=self._is_renamed)
        if self._given.startswith(stem_of(media.name)):
            return Belonging(role, self._given, own_name=self._is_renamed, beside=media.file_id)
        name = self._naming.sidecar(media.name, place.name_suffix)
        return Belonging(role, name, own_name=False, beside=media.file_id)
