"""A title that is of another kind than an import thought: a film that is a series, something else that is a film.

The title keeps its id; its files are shelved anew. A season's number and an episode's come from the file's own name,
and where that is silent files are numbered in the order of their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.free_names import free_entry_name, free_shelf_name, free_title_name, original_name
from offliniofs.catalog.membership import SHELF_OF_KIND
from offliniofs.catalog.merging import SET_WHY
from offliniofs.catalog.renaming import Renaming
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.detect.names import identify_name
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource, Identification
from offliniofs.domain.naming import Naming

TITLE = Statement(
    """SELECT kind, title, year, shelf, folder_name, title_name FROM content
    WHERE id = ? AND title_name IS NOT NULL AND deleted_ns IS NULL"""
)
SET_TITLE = Statement(
    """UPDATE content SET kind = ?, shelf = ?, folder_name = ?, title_name = ?, title = ?, sort_title = ?, year = ?
    WHERE id = ?"""
)
MEDIA = Statement(
    """SELECT f.id, f.folder_id, f.content_id, f.name, f.original_name, d.kind, d.season, d.folder_name
    FROM files f INDEXED BY files_title CROSS JOIN content d ON d.id = f.folder_id
    WHERE f.title_id = ? AND f.role = 'media' AND f.deleted_ns IS NULL ORDER BY f.name, f.id"""
)
SIDECARS = Statement("SELECT id, folder_id, content_id, name FROM files WHERE sidecar_of = ? AND deleted_ns IS NULL")
OTHERS = Statement(
    """SELECT f.id, f.folder_id, f.content_id, f.name FROM files f INDEXED BY files_title
    CROSS JOIN content d ON d.id = f.folder_id
    WHERE f.title_id = ? AND d.kind = 'season' AND f.deleted_ns IS NULL"""
)
MOVE_FILE = Statement("UPDATE files SET folder_id = ?, content_id = ?, name = ? WHERE id = ?")
ROWS_BELOW = Statement(
    """SELECT id, kind, parent_id, folder_name FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind IN ('season', 'episode') ORDER BY id DESC"""
)
REFERRED = Statement(
    """SELECT 1 FROM files INDEXED BY files_content WHERE content_id = ?1
    UNION ALL SELECT 1 FROM content INDEXED BY content_parent WHERE parent_id = ?1"""
)
DELETE = Statement("DELETE FROM content WHERE id = ?")
SEASON_OF = Statement(
    """SELECT id FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'season' AND season = ? AND deleted_ns IS NULL"""
)
FOLDERS = Statement(
    """SELECT id, folder_name FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'folder' AND parent_id = title_id AND deleted_ns IS NULL"""
)
TO_SEASON = Statement("UPDATE content SET kind = 'season', season = ? WHERE id = ?")
TO_FOLDER = Statement("UPDATE content SET kind = 'folder', season = NULL WHERE id = ?")
ADD_ROW = Statement(
    """INSERT INTO content (kind, parent_id, title_id, folder_name, title, sort_title, season, episode, last_episode,
    added_ns, modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
)

KINDS = frozenset({ContentKind.MOVIE, ContentKind.SERIES, ContentKind.OTHER})
_SEASON = re.compile(r"(?:season|staffel|saison|series)[ ._-]?(\d{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Number:
    season: int
    first: int
    last: int | None
    words: str


class Kinds:
    """Changes of kind in one change of the catalogue."""

    __slots__ = ("_database", "_naming", "_sums", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._sums = Sums(unit)

    def change(self, content_id: int, kind: ContentKind) -> None:
        """Makes a title one of another kind and shelves its files as that kind's are."""
        row = self._database.row(TITLE, (content_id,))
        if row is None:
            raise NotFoundError(
                f"There is no title {content_id} in the library; 'offliniofs list' prints those there are."
            )
        before = ContentKind(row[0])
        if before is kind:
            return
        if not {before, kind} <= KINDS:
            raise UsageError(f"{row[4]!r} is of the kind {before.value} and cannot become a {kind.value}.")
        media = self._database.rows(MEDIA, (content_id,))
        if kind is ContentKind.MOVIE and len({file[2] for file in media if file[2] != content_id}) > 1:
            raise UsageError(f"{row[4]!r} has files of several episodes or folders; a film is one.")
        self._unit.touch(content_id)
        renaming = Renaming(self._unit, self._naming)
        names = renaming.names(content_id)
        self._unit.audit("change kind", f"content:{content_id}", {"kind": before.value}, {"kind": kind.value})
        self._title(content_id, row, kind)
        match kind:
            case ContentKind.SERIES:
                self._to_series(content_id, media)
            case ContentKind.MOVIE:
                self._to_film(content_id, media)
            case _:
                self._to_other(content_id, media)
        self._forget_empty(content_id, keep_items=kind is ContentKind.SERIES)
        self._sums.changed(content_id)
        self._sums.write()
        self._unit.relink(content_id)
        renaming.follow_files(content_id, names)
        self._unit.content_changed(content_id)

    def _title(self, content_id: int, row: Row, kind: ContentKind) -> None:
        _, title, year, shelf, folder, title_name = row
        new_shelf = SHELF_OF_KIND[kind].value
        if kind is not ContentKind.OTHER and year is None:
            found = identify_name(title)
            title, year = (found.title or title, found.year) if found.year is not None else (title, year)
        words = Identification(name=title, kind=kind, title=title, year=year)
        new_folder = free_shelf_name(self._database, self._naming, new_shelf, self._naming.title_folder(words))
        wanted = self._naming.title_name(words)
        new_name = title_name if wanted == title_name else free_title_name(self._database, self._naming, wanted)
        self._database.rows(
            SET_TITLE, (kind.value, new_shelf, new_folder, new_name, title, sort_key(title), year, content_id)
        )
        self._database.rows(SET_WHY, (content_id, "kind", EvidenceSource.USER.value, ""))
        self._unit.view_entry(f"shelf:{shelf}", "removed", content_id, folder)
        self._unit.view_entry(f"shelf:{new_shelf}", "added", content_id, new_folder)

    def _to_series(self, title_id: int, media: list[Row]) -> None:
        for folder_id, name in self._database.rows(FOLDERS, (title_id,)):
            matched = _SEASON.fullmatch(name)
            if matched and self._database.row(SEASON_OF, (title_id, int(matched[1]))) is None:
                self._database.rows(TO_SEASON, (int(matched[1]), folder_id))
        taken: set[tuple[int, int]] = set()
        for file_id, folder_id, _, name, original, kind, _, folder in media:
            matched = _SEASON.fullmatch(folder or "")
            if kind == ContentKind.FOLDER.value and matched is None:
                continue  # an extra stays one
            number = _number(original_name(original), int(matched[1]) if matched else None, taken)
            season_id = self._season(title_id, number.season)
            episode_id = self._add(ContentKind.EPISODE, season_id, title_id, None, number.words, number)
            self._place(file_id, folder_id, name, season_id, episode_id)

    def _to_film(self, title_id: int, media: list[Row]) -> None:
        for file_id, folder_id, _, name, _, kind, _, _ in media:
            if kind != ContentKind.FOLDER.value:
                self._place(file_id, folder_id, name, title_id, title_id)
        for file_id, folder_id, _, name in self._database.rows(OTHERS, (title_id,)):
            self._move(file_id, folder_id, name, title_id, title_id)

    def _to_other(self, title_id: int, media: list[Row]) -> None:
        for file_id, folder_id, content_id, name, _, kind, _, _ in media:
            if kind == ContentKind.SEASON.value:
                self._sums.changed(content_id)
                self._place(file_id, folder_id, name, folder_id, folder_id)
        for file_id, folder_id, _, name in self._database.rows(OTHERS, (title_id,)):
            self._move(file_id, folder_id, name, folder_id, folder_id)
        for content_id, kind, _, _ in self._database.rows(ROWS_BELOW, (title_id,)):
            if kind == ContentKind.SEASON.value:
                self._database.rows(TO_FOLDER, (content_id,))

    def _forget_empty(self, title_id: int, *, keep_items: bool) -> None:
        """Seasons and episodes that hold nothing any more go; what the trash still needs stays, unseen if it can be."""
        if keep_items:
            return
        for content_id, kind, parent_id, folder in self._database.rows(ROWS_BELOW, (title_id,)):
            if self._database.row(REFERRED, (content_id,)) is not None:
                if kind == ContentKind.SEASON.value:
                    raise UsageError("Files of this title's seasons are in the trash; restore or remove them first.")
                continue
            self._database.rows(DELETE, (content_id,))
            if folder is not None:
                self._unit.entry("content", "removed", content_id, parent_id, folder)

    def _season(self, title_id: int, season: int) -> int:
        row = self._database.row(SEASON_OF, (title_id, season))
        if row is not None:
            return int(row[0])
        name = free_entry_name(self._database, self._naming, title_id, self._naming.season_folder(season))
        season_id = self._add(ContentKind.SEASON, title_id, title_id, name, name, _Number(season, 0, None, name))
        self._unit.directory_made(season_id)
        self._unit.entry("content", "added", season_id, title_id, name)
        return season_id

    def _add(
        self, kind: ContentKind, parent_id: int, title_id: int, folder: str | None, words: str, number: _Number
    ) -> int:
        now_ns = self._unit.now_ns
        first, last = (number.first, number.last) if kind is ContentKind.EPISODE else (None, None)
        key = sort_key(words)
        bindings = (kind.value, parent_id, title_id, folder, words, key, number.season, first, last, now_ns, now_ns)
        return self._database.insert(ADD_ROW, bindings)

    def _place(self, file_id: int, folder_id: int, name: str, new_folder: int, content_id: int) -> None:
        """Moves a media file and what goes with it."""
        for sidecar_id, sidecar_folder, _, sidecar_name in self._database.rows(SIDECARS, (file_id,)):
            self._move(sidecar_id, sidecar_folder, sidecar_name, new_folder, content_id)
        self._move(file_id, folder_id, name, new_folder, content_id)

    def _move(self, file_id: int, folder_id: int, name: str, new_folder: int, content_id: int) -> None:
        new_name = name if folder_id == new_folder else free_entry_name(self._database, self._naming, new_folder, name)
        self._database.rows(MOVE_FILE, (new_folder, content_id, new_name, file_id))
        for changed in (folder_id, content_id):
            self._sums.changed(changed)
        if folder_id != new_folder:
            self._unit.entry("file", "removed", file_id, folder_id, name)
            self._unit.entry("file", "added", file_id, new_folder, new_name)


def _number(name: str, season: int | None, taken: set[tuple[int, int]]) -> _Number:
    """Season and episode as a name says them; else the next number of the season that no file has."""
    found = identify_name(name)
    season = found.season if found.season is not None else season if season is not None else 1
    first = found.episodes[0] if found.episodes else None
    if first is None:
        first = next(number for number in range(1, 10**6) if (season, number) not in taken)
    last = max(found.episodes, default=first)
    taken.add((season, first))
    return _Number(season, first, last if last != first else None, found.episode_title or name)
