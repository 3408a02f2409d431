"""Gives a title, and the files of it, the names that follow from what they are called now.

Only names that change by the edit are touched: what naming gave for the old words is compared with what it gives for
the new ones, so a name that was made distinct, or came from older rules, stays when it need not change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from offliniofs.catalog.free_names import free_entry_name, free_shelf_name, free_title_name, original_name
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Identification
from offliniofs.domain.naming import Naming

TITLE_WORDS = Statement(
    """SELECT c.kind, c.title, c.year, c.artist, c.parent_id, c.shelf, c.folder_name, c.title_name, a.title
    FROM content c LEFT JOIN content a ON a.id = c.parent_id WHERE c.id = ?"""
)
MEDIA_FILES = Statement(
    """SELECT f.id, f.folder_id, f.name, f.original_name, f.resolution, f.edition, f.quality, c.kind, c.title,
    c.season, c.episode, c.last_episode, c.air_date, c.disc, c.track
    FROM files f INDEXED BY files_title CROSS JOIN content c ON c.id = f.content_id
    WHERE f.title_id = ? AND f.role = 'media' AND f.deleted_ns IS NULL AND NOT EXISTS (
        SELECT 1 FROM file_evidence e WHERE e.file_id = f.id AND e.field = 'name' AND e.source = 'user')"""
)
SIDECARS = Statement("SELECT id, folder_id, name FROM files WHERE sidecar_of = ? AND deleted_ns IS NULL")
SET_FILE_NAME = Statement("UPDATE files SET name = ? WHERE id = ?")
SET_TITLE_NAMES = Statement("UPDATE content SET folder_name = ?, title_name = ? WHERE id = ?")


@dataclass(frozen=True, slots=True)
class _Named:
    """A file, and what naming makes of it at the moment."""

    file_id: int
    folder_id: int
    name: str
    wanted: str


@dataclass(frozen=True, slots=True)
class TitleNames:
    """What naming makes of a title and its media files at the moment."""

    folder: str
    title_name: str
    files: dict[int, _Named]


class Renaming:
    """Renames in one change: take :meth:`names` before an edit, call :meth:`follow` after it."""

    __slots__ = ("_database", "_naming", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming

    def names(self, title_id: int) -> TitleNames:
        """The names that follow from the rows as they are."""
        row = self._database.rows(TITLE_WORDS, (title_id,))[0]
        title, folder = _title_of(row), row[6]
        rows = self._database.rows(MEDIA_FILES, (title_id,))
        # an episode without a title of its own is called as one of its files was
        unnamed = frozenset(original_name(file[3]) for file in rows)
        files = {
            file[0]: _Named(file[0], file[1], file[2], self._naming.media_file(*_file_of(title, file, unnamed), folder))
            for file in rows
        }
        return TitleNames(self._naming.title_folder(title), self._naming.title_name(title), files)

    def follow(self, title_id: int, before: TitleNames) -> None:
        """Renames what is called differently than ``before``. The title must have been touched."""
        self._rename_title(title_id, before)
        self.follow_files(title_id, before)

    def follow_files(self, title_id: int, before: TitleNames) -> None:
        """Renames the files that are called differently than ``before``, of this title or of another."""
        after = self.names(title_id)
        for file_id, file in after.files.items():
            old = before.files.get(file_id)
            if old is not None and old.wanted != file.wanted:
                self._rename_media(file)

    def _rename_title(self, title_id: int, before: TitleNames) -> None:
        row = self._database.rows(TITLE_WORDS, (title_id,))[0]
        _, _, _, _, parent_id, shelf, folder, title_name, _ = row
        wanted, wanted_title_name = self._naming.title_folder(_title_of(row)), self._naming.title_name(_title_of(row))
        new_folder, new_title_name = folder, title_name
        if wanted != before.folder:
            new_folder = (
                free_shelf_name(self._database, self._naming, shelf, wanted)
                if parent_id is None
                else free_entry_name(self._database, self._naming, parent_id, wanted)
            )
        if wanted_title_name != before.title_name:
            new_title_name = free_title_name(self._database, self._naming, wanted_title_name)
        self._database.rows(SET_TITLE_NAMES, (new_folder, new_title_name, title_id))
        if new_folder == folder:
            return
        for action, name in (("removed", folder), ("added", new_folder)):
            if parent_id is None:
                self._unit.view_entry(f"shelf:{shelf}", action, title_id, name)
            else:
                self._unit.entry("content", action, title_id, parent_id, name)

    def _rename_media(self, file: _Named) -> None:
        new_name = self._rename_file(file.file_id, file.folder_id, file.name, file.wanted)
        old_stem = file.name.rpartition(".")[0] or file.name
        for sidecar_id, folder_id, name in self._database.rows(SIDECARS, (file.file_id,)):
            if name.startswith(old_stem):
                wanted = self._naming.sidecar(new_name, name[len(old_stem) :])
                self._rename_file(sidecar_id, folder_id, name, wanted)

    def _rename_file(self, file_id: int, folder_id: int, name: str, wanted: str) -> str:
        if wanted == name:
            return name
        new_name = free_entry_name(self._database, self._naming, folder_id, wanted)
        self._database.rows(SET_FILE_NAME, (new_name, file_id))
        self._unit.entry("file", "removed", file_id, folder_id, name)
        self._unit.entry("file", "added", file_id, folder_id, new_name)
        return new_name


def _title_of(row: Row) -> Identification:
    """The title as naming asks for it."""
    kind, title, year, artist, _, _, _, _, above = row
    return Identification(
        name=title,
        kind=ContentKind(kind),
        title=title,
        year=year,
        artist=artist or above,
        album=title if kind == ContentKind.ALBUM.value else None,
    )


def _file_of(title: Identification, row: Row, unnamed: frozenset[str]) -> tuple[Identification, str]:
    """One media file of a title, and its extension."""
    (_, _, name, original, resolution, edition, quality, kind, words, season, first, last, aired, disc, track) = row
    stem, dot, extension = name.rpartition(".")
    identification = replace(
        title,
        name=original_name(original),
        resolution=resolution,
        edition=edition,
        quality=quality,
    )
    if kind == ContentKind.EPISODE.value:
        identification = replace(
            identification,
            kind=ContentKind.EPISODE,
            season=season,
            episodes=tuple(range(first, (last if last is not None else first) + 1)) if first is not None else (),
            episode_title=words if words not in unnamed else None,
            air_date=aired,
        )
    elif kind == ContentKind.TRACK.value:
        identification = replace(identification, kind=ContentKind.TRACK, title=words, disc=disc, track=track)
    return identification, f"{dot}{extension}" if stem and dot else ""
