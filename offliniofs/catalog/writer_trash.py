"""The part of the writer that deletes, restores and purges."""

from __future__ import annotations

from offliniofs.catalog.restoring import Restoring
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.writer_base import WriterBase
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.trash import Purged, Restored


class TrashWriter(WriterBase):
    """Every method raises ``NotFoundError`` for what is not there, and ``UsageError`` for what makes no sense."""

    def trash_content(self, content_id: ContentId) -> int:
        """Moves a title, season, folder or artist with all that is in it into the trash; the entry's id.

        What the same step deleted from it before comes to lie in that entry too.
        """
        with self._change() as unit:
            return Trash(unit, self._naming, self._retention).content(content_id)

    def trash_file(self, file_id: FileId, *, prune: bool = False) -> int:
        """Moves a file into the trash; the entry's id. ``prune``: with its title, when that has no other file."""
        with self._change() as unit:
            return Trash(unit, self._naming, self._retention).file(file_id, prune=prune)

    def restore(self, trash_id: int) -> Restored:
        """Brings an entry of the trash back to where it was."""
        with self._change() as unit:
            return Restoring(unit, self._naming, self._retention).restore(trash_id)

    def purge(self, trash_id: int) -> Purged:
        """Removes an entry for good. The caller removes the blobs it is told of, now that no row names them.

        Raises ``UsageError`` as long as retention forbids it.
        """
        with self._final_change() as unit:
            return Restoring(unit, self._naming, self._retention).purge(trash_id)

    def purge_expired(self, limit: int = 100) -> Purged:
        """Purges at most ``limit`` entries whose time is over."""
        with self._final_change() as unit:
            return Restoring(unit, self._naming, self._retention).purge_expired(limit)
