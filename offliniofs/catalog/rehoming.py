"""Moves a file to another title, or an episode to another season, with the sidecars that go with it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

from offliniofs.catalog.belonging import Belonging, Deciding, MovedFile, moved_file
from offliniofs.catalog.cleaning import sort_key, spaced
from offliniofs.catalog.editing import FORGET_FILE_WHY, SET_FILE_WHY
from offliniofs.catalog.free_names import free_entry_name
from offliniofs.catalog.shelving import Place, Shelving, Title, season_number
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.title_folders import TitleFolder, folder_of
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.detect.arrangement import stem_of
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.facts import EvidenceSource, Identification
from offliniofs.domain.ids import FileId
from offliniofs.domain.naming import Naming

NAME = "name"
EPISODE = Statement(
    """SELECT id FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'episode' AND season IS ? AND episode IS ? AND last_episode IS ? AND air_date IS ?
    AND deleted_ns IS NULL LIMIT 1"""
)
TRACK = Statement(
    """SELECT id FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'track' AND disc IS ? AND track IS ? AND sort_title = ? AND deleted_ns IS NULL
    LIMIT 1"""
)
OTHER_FILES = Statement(
    """SELECT 1 FROM files INDEXED BY files_content
    WHERE content_id = ?1 AND id <> ?2 AND sidecar_of IS NOT ?2 LIMIT 1"""
)
TAKE_EPISODE = Statement(
    """UPDATE content SET parent_id = ?, title_id = ?, season = ?, episode = ?, last_episode = ?, air_date = ?
    WHERE id = ?"""
)
TAKE_TRACK = Statement(
    """UPDATE content SET parent_id = ?, title_id = ?, disc = ?, track = ?, title = ?, sort_title = ? WHERE id = ?"""
)
MEDIA = Statement("SELECT folder_id, content_id, resolution FROM files WHERE id = ?")
SIDECARS = Statement(
    "SELECT id, folder_id, content_id, name FROM files WHERE sidecar_of = ? AND deleted_ns IS NULL ORDER BY id"
)
PUT = Statement(
    """UPDATE files SET name = ?, folder_id = ?, content_id = ?, title_id = ?, role = ?, sidecar_of = ?, resolution = ?
    WHERE id = ?"""
)
TAKE_ALONG = Statement("UPDATE files SET name = ?, folder_id = ?, content_id = ?, title_id = ? WHERE id = ?")
MOVED_BEFORE = Statement(
    "SELECT subject, before FROM audit_log WHERE step = ? AND action = 'move' ORDER BY id DESC LIMIT 200"
)
SIDECAR = Statement(
    """SELECT folder_id, content_id, name, role FROM files
    WHERE id = ? AND title_id = ? AND role IN ('subtitle', 'artwork', 'nfo', 'data') AND deleted_ns IS NULL"""
)
LANGUAGES = Statement(
    """SELECT c.languages FROM content c WHERE c.id = ? AND NOT EXISTS (SELECT 1 FROM content_evidence e
    WHERE e.content_id = c.id AND e.field = 'languages' AND e.source = 'user')"""
)
SET_LANGUAGES = Statement("UPDATE content SET languages = ? WHERE id = ?")


Spot = tuple[int, int, int]
"""The folder a file stands in, what it is a file of, and its title."""


class Along(NamedTuple):
    """A file that went with another one, and what it was called beside it."""

    file_id: FileId
    name: str


class Rehoming:
    """Moves in one change."""

    __slots__ = ("_database", "_naming", "_shelving", "_sums", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._shelving = Shelving(unit, naming)
        self._sums = Sums(unit)

    def move(self, file_id: int, folder_id: int, given: str) -> list[Along]:
        """Puts a file into a folder under ``given``, or under the name that such a file has there; what went along.

        Raises ``NotFoundError`` for what is gone, ``UsageError`` for what makes no sense there.
        """
        file, folder = moved_file(self._database, file_id), folder_of(self._database, folder_id)
        becomes = Deciding(self._database, self._naming, file, folder, given).belonging()
        for title_id in sorted({file.title_id, folder.title_id}):
            self._unit.touch(title_id)
        self._sums.changed(file.content_id)
        name, place = self._put(file, folder, becomes)
        self._unit.audit(
            "move",
            f"file:{file_id}",
            {"name": file.name, "folder": file.folder_id},
            {"name": name, "folder": place[0]},
        )
        self._name_is(file, becomes, name)
        along: list[Along] = []
        if becomes.role in {FileRole.MEDIA, FileRole.EXTRA}:
            along = self._take_along(file, place, name)
            self._take_what_came_before(file, place, name)
        if becomes.role is FileRole.MEDIA:
            self._speaks(folder.title_id, file.languages)
        self._sums.write()
        for title_id in {file.title_id, folder.title_id}:
            self._unit.relink(title_id)
            self._unit.content_changed(title_id)
        return along

    def _put(self, file: MovedFile, folder: TitleFolder, becomes: Belonging) -> tuple[str, Spot]:
        """Gives the file its place; its name there, and where that is."""
        standing, content_id = self._standing(file, folder, becomes)
        resolution = file.resolution if becomes.role in {FileRole.MEDIA, FileRole.EXTRA} else None
        if becomes.beside is not None:
            standing, content_id, resolution = self._database.rows(MEDIA, (becomes.beside,))[0]
        name = self._free(becomes.name, file.name, file.folder_id, standing)
        bindings = (name, standing, content_id, folder.title_id, becomes.role.value, becomes.beside, resolution)
        self._database.rows(PUT, (*bindings, file.file_id))
        self._moved(file.file_id, (file.folder_id, file.name), (standing, name))
        self._sums.changed(content_id)
        return name, (standing, content_id, folder.title_id)

    def _standing(self, file: MovedFile, folder: TitleFolder, becomes: Belonging) -> tuple[int, int]:
        """The folder it stands in, and what it is a file of."""
        title = self._shelving.known_title(folder.title_id, folder.title_kind)
        if becomes.subfolder:
            extras = self._shelving.folder(title, becomes.subfolder).content_id
            return extras, extras
        found = becomes.item
        if found is None:
            in_title = becomes.role is FileRole.MEDIA and folder.title_kind is ContentKind.MOVIE
            return folder.content_id, folder.title_id if in_title else folder.content_id
        if found.kind is ContentKind.TRACK:
            return folder.title_id, self._track(file, title, found)
        season = self._shelving.season(title, found)
        return season.content_id, self._episode(file, title, season, found)

    # --- episodes and tracks ------------------------------------------------------------------------------------------

    def _episode(self, file: MovedFile, title: Title, season: Place, found: Identification) -> int:
        """The episode of that number; what the file was a file of comes along if nothing else is."""
        first = found.episodes[0] if found.episodes else None
        last = max(found.episodes, default=None)
        last = None if last == first else last
        numbers = (season_number(found), first, last, found.air_date)
        same = self._database.row(EPISODE, (title.content_id, *numbers))
        if same is not None:
            return int(same[0])
        if self._comes_along(file, ContentKind.EPISODE):
            self._database.rows(TAKE_EPISODE, (season.content_id, title.content_id, *numbers, file.content_id))
            return file.content_id
        return self._shelving.episode(title, season, replace(found, episode_title=found.episode_title or file.words))

    def _track(self, file: MovedFile, title: Title, found: Identification) -> int:
        numbers, key = (found.disc, found.track), sort_key(found.title)
        same = self._database.row(TRACK, (title.content_id, *numbers, key))
        if same is not None:
            return int(same[0])
        if self._comes_along(file, ContentKind.TRACK):
            bindings = (title.content_id, title.content_id, *numbers, found.title, key, file.content_id)
            self._database.rows(TAKE_TRACK, bindings)
            return file.content_id
        return self._shelving.track(title, found)

    def _comes_along(self, file: MovedFile, kind: ContentKind) -> bool:
        """Whether nothing but this file, in the library or the trash, is of the episode or track that it is."""
        return file.kind == kind.value and self._database.row(OTHER_FILES, (file.content_id, file.file_id)) is None

    # --- what follows -------------------------------------------------------------------------------------------------

    def _take_along(self, file: MovedFile, place: Spot, name: str) -> list[Along]:
        """Its subtitles and pictures stand beside it, called as it is where they were."""
        old_stem = stem_of(file.name)
        along: list[Along] = []
        for sidecar_id, folder_id, content_id, sidecar in self._database.rows(SIDECARS, (file.file_id,)):
            follows = sidecar.startswith(old_stem)
            wanted = self._naming.sidecar(name, sidecar[len(old_stem) :]) if follows else sidecar
            new_name = self._free(wanted, sidecar, folder_id, place[0])
            self._sums.changed(content_id)
            self._database.rows(TAKE_ALONG, (new_name, *place, sidecar_id))
            self._moved(sidecar_id, (folder_id, sidecar), (place[0], new_name))
            if folder_id == file.folder_id:
                along.append(Along(FileId(sidecar_id), sidecar))
        return along

    def _take_what_came_before(self, file: MovedFile, place: Spot, name: str) -> None:
        """Who moves all files of a folder moves some subtitles before their film; they still are that film's."""
        old_stem = stem_of(file.name)
        for subject, text in self._database.rows(MOVED_BEFORE, (self._unit.step,)):
            before = json.loads(text)
            sidecar_id = int(subject.removeprefix("file:"))
            row = self._database.row(SIDECAR, (sidecar_id, place[2]))
            if row is None or before["folder"] != file.folder_id or not before["name"].startswith(old_stem):
                continue
            folder_id, content_id, sidecar, role = row
            wanted = self._naming.sidecar(name, before["name"][len(old_stem) :])
            new_name = self._free(wanted, sidecar, folder_id, place[0])
            self._sums.changed(content_id)
            self._database.rows(PUT, (new_name, *place, role, file.file_id, file.resolution, sidecar_id))
            self._moved(sidecar_id, (folder_id, sidecar), (place[0], new_name))

    def _name_is(self, file: MovedFile, becomes: Belonging, name: str) -> None:
        if becomes.own_name:
            self._database.rows(SET_FILE_WHY, (file.file_id, NAME, EvidenceSource.USER.value, file.name))
        elif name != file.name:
            self._database.rows(FORGET_FILE_WHY, (file.file_id, NAME))

    def _speaks(self, title_id: int, languages: str) -> None:
        """A title speaks every language that one of its files does, if nobody said otherwise."""
        row = self._database.row(LANGUAGES, (title_id,))
        known = [] if row is None else row[0].split()
        more = dict.fromkeys([*known, *languages.split()])
        if row is not None and len(more) > len(known):
            self._database.rows(SET_LANGUAGES, (spaced(more), title_id))

    def _free(self, wanted: str, name: str, folder_id: int, new_folder: int) -> str:
        if (wanted, new_folder) == (name, folder_id):
            return name
        return free_entry_name(self._database, self._naming, new_folder, wanted)

    def _moved(self, file_id: int, before: tuple[int, str], after: tuple[int, str]) -> None:
        self._unit.entry("file", "removed", file_id, *before)
        self._unit.entry("file", "added", file_id, *after)
