"""A user's own name of a file, and the folder it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offliniofs.catalog.cleaning import clean_text
from offliniofs.catalog.editing import SET_FILE_WHY
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource
from offliniofs.domain.naming import Naming

if TYPE_CHECKING:
    from offliniofs.catalog.rehoming import Along

NAME = "name"
"""The field of ``file_evidence`` that says who named the file."""

FILE = Statement(
    """SELECT f.name, f.folder_id, f.content_id, f.title_id, f.role, d.kind
    FROM files f CROSS JOIN content d ON d.id = f.folder_id WHERE f.id = ? AND f.deleted_ns IS NULL"""
)
FOLDER = Statement(
    "SELECT kind, title_id, folder_name FROM content WHERE id = ? AND deleted_ns IS NULL AND kind <> 'artist'"
)
ENTRY_NAMED = Statement(
    """SELECT 1 FROM files WHERE folder_id = ?1 AND name = ?2 AND deleted_ns IS NULL
    UNION ALL SELECT 1 FROM content WHERE parent_id = ?1 AND folder_name = ?2 AND deleted_ns IS NULL"""
)
SET_NAME = Statement("UPDATE files SET name = ? WHERE id = ?")
SET_PLACE = Statement("UPDATE files SET name = ?, folder_id = ?, content_id = ?, role = ? WHERE id = ?")

_LONGEST_NAME = 255


class Placing:
    """Renames and moves of files in one change."""

    __slots__ = ("_database", "_naming", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming

    def rename(self, file_id: int, name: str) -> None:
        """Gives a file a name of the user's own: no later title, year or import changes it."""
        self.move(file_id, None, name)

    def move(self, file_id: int, folder_id: int | None, name: str | None) -> list[Along]:
        """Puts a file into another folder, perhaps under another name; what stood beside it and went along.

        In the folder of another title, or of another season, it becomes what :mod:`offliniofs.catalog.belonging` says.
        """
        before, old_folder, content_id, title_id, role, _ = self._file(file_id)
        target = old_folder if folder_id is None else folder_id
        if target != old_folder and self._belongs_elsewhere(target, title_id, role):
            from offliniofs.catalog.rehoming import Rehoming

            return Rehoming(self._unit, self._naming).move(
                file_id, target, before if name is None else self._checked(before, name)
            )
        wanted = before if name is None else self._checked(before, name)
        if (target, wanted) == (old_folder, before):
            return []
        if self._database.row(ENTRY_NAMED, (target, wanted)) is not None:
            raise UsageError(f"There is a {wanted!r} in that folder already; remove it first.")
        self._unit.touch(title_id, text=False)
        if target == old_folder:
            self._database.rows(SET_NAME, (wanted, file_id))
        else:
            item, role = self._item(file_id, target, content_id, title_id, role)
            self._database.rows(SET_PLACE, (wanted, target, item, role, file_id))
            self._recount(content_id, item, title_id)
        if wanted != before:
            self._database.rows(SET_FILE_WHY, (file_id, NAME, EvidenceSource.USER.value, before))
        self._unit.audit(
            "rename" if target == old_folder else "move",
            f"file:{file_id}",
            {"name": before, "folder": old_folder},
            {"name": wanted, "folder": target},
        )
        self._unit.entry("file", "removed", file_id, old_folder, before)
        self._unit.entry("file", "added", file_id, target, wanted)
        return []

    def _belongs_elsewhere(self, folder_id: int, title_id: int, role: str) -> bool:
        """Whether a folder is that of another title, or of a season, whose files are episodes."""
        row = self._database.row(FOLDER, (folder_id,))
        in_season = row is not None and row[0] == ContentKind.SEASON.value and role == FileRole.MEDIA.value
        return row is not None and (row[1] != title_id or in_season)

    def _item(self, file_id: int, folder_id: int, content_id: int, title_id: int, role: str) -> tuple[int, str]:
        """What the file is in its new folder: an extra below a folder of extras, else what it was."""
        row = self._database.row(FOLDER, (folder_id,))
        if row is None or row[2] is None:
            raise NotFoundError(f"There is no folder {folder_id} in the library.")
        if row[0] in {ContentKind.FOLDER.value, ContentKind.SEASON.value}:
            return folder_id, role
        return (title_id, role) if content_id != title_id else (content_id, role)

    def _recount(self, old: int, new: int, title_id: int) -> None:
        sums = Sums(self._unit)
        for content_id in (old, new):
            sums.changed(content_id)
        sums.write()
        self._unit.relink(title_id)

    def _file(self, file_id: int) -> Row:
        row = self._database.row(FILE, (file_id,))
        if row is None:
            raise NotFoundError(f"There is no file {file_id} in the library.")
        return row

    def _checked(self, before: str, name: str) -> str:
        """The name, if the file can have it: legal everywhere, and with the extension players know it by."""
        if clean_text(name, _LONGEST_NAME) != name or self._naming.component(name) != name:
            raise UsageError(f"A file cannot be called {name[:80]!r}; {self._naming.component(name)!r} would do.")
        if _extension(before) != _extension(name):
            raise UsageError(
                f"{before!r} keeps its ending {_extension(before) or '(none)'!r}: it says what the file is."
            )
        return name


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return f"{dot}{extension}".casefold() if stem and dot else ""
