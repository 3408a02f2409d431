""".trash: what was deleted, as folders and files that can be looked at, read, moved back and removed for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyfuse3

from offliniofs.catalog.reader import Reader
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import FileRow
from offliniofs.domain.trash import TrashRow
from offliniofs.fuse.attributes import AttributeMaker
from offliniofs.fuse.errors import refused
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.inodes import FILE_BASE, TRASH, directory_base
from offliniofs.tree.plans import (
    FindInTrashed,
    FindTrashed,
    FindTrashedDirectory,
    Refusal,
    TrashedChildRows,
    TrashedFileRows,
    TrashRows,
)

PAGE = 512
_BASE = directory_base(TRASH)

TrashSection = TrashRows | TrashedChildRows | TrashedFileRows


class Listed(NamedTuple):
    """One entry of a listing."""

    key: int
    name: str
    entry: pyfuse3.EntryAttributes


class TrashView:
    """Answers for everything in the trash. Restricted titles stay restricted there."""

    def __init__(self, catalogue: Catalogue, make: AttributeMaker) -> None:
        self._catalogue = catalogue
        self._make = make

    async def lookup(self, plan: FindTrashed | FindInTrashed) -> pyfuse3.EntryAttributes:
        """A name in ``.trash`` or below. Raises FUSEError."""
        found = await self._catalogue.ask(lambda reader: self._find(reader, plan))
        if found is None:
            raise refused(Refusal.NOT_FOUND)
        return found

    def _find(self, reader: Reader, plan: FindTrashed | FindInTrashed) -> pyfuse3.EntryAttributes | None:
        if isinstance(plan, FindTrashed):
            row = reader.trash_named(plan.name)
            return None if row is None else self._entry(reader, row)
        entry = reader.trash_of_content(plan.folder_id)
        if entry is None:
            raise refused(Refusal.STALE)
        file = reader.trashed_file_named(entry, plan.folder_id, plan.name)
        if file is not None:
            return self._file(reader, file)
        child = reader.trashed_child_named(entry, plan.folder_id, plan.name)
        return None if child is None else self._folder(reader, child.content_id, child.modified_ns)

    def attributes(self, plan: FindTrashedDirectory) -> pyfuse3.EntryAttributes:
        """A deleted folder by its number. Raises FUSEError."""
        reader = self._catalogue.reader
        row = reader.trashed_directory(plan.content_id)
        if row is None:
            raise refused(Refusal.STALE)
        return self._folder(reader, row.content_id, row.modified_ns)

    async def page(self, section: TrashSection, after: int) -> tuple[Sequence[Listed], bool]:
        """Entries of a section after a key, and whether there may be more."""
        rows = await self._catalogue.ask(lambda reader: self._rows(reader, section, after))
        return rows, len(rows) == PAGE

    def _rows(self, reader: Reader, section: TrashSection, after: int) -> list[Listed]:
        match section:
            case TrashRows():
                entries = reader.trash_page(after, PAGE)
                made = [(row, self._entry(reader, row)) for row in entries]
                return [Listed(row.trash_id, row.name, entry) for row, entry in made if entry is not None]
            case TrashedChildRows(_, folder_id):
                entry = reader.trash_of_content(folder_id) or 0
                folders = reader.trashed_children(entry, folder_id, after, PAGE)
                return [
                    Listed(row.content_id, row.name, self._folder(reader, row.content_id, row.modified_ns))
                    for row in folders
                ]
            case TrashedFileRows(_, folder_id):
                entry = reader.trash_of_content(folder_id) or 0
                files = reader.trashed_files(entry, folder_id, after, PAGE)
                return [Listed(row.file_id, row.name, self._file(reader, row)) for row in files]

    def _entry(self, reader: Reader, row: TrashRow) -> pyfuse3.EntryAttributes | None:
        if row.content_id is not None:
            return self._folder(reader, row.content_id, row.deleted_ns)
        file = None if row.file_id is None else reader.stored_file(FileId(row.file_id))
        return None if file is None else self._file(reader, file)

    def _folder(self, reader: Reader, content_id: ContentId, changed_ns: int) -> pyfuse3.EntryAttributes:
        return self._make.folder(_BASE | content_id, changed_ns, access=reader.access_of(content_id))

    def _file(self, reader: Reader, row: FileRow) -> pyfuse3.EntryAttributes:
        """The folder that kept others from a file of a restricted title is not above it here."""
        entry = self._make.file(FILE_BASE | row.file_id, row, int(_BASE))
        self._make.restrict(entry, reader.access_of(row.title_id))
        return entry
