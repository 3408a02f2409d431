"""The part of the writer that deletes, restores, purges and takes back."""

from __future__ import annotations

from collections.abc import Callable

from offliniofs.catalog.history import History, trim_history
from offliniofs.catalog.releasing import release_next
from offliniofs.catalog.replacing import replace_file
from offliniofs.catalog.restoring import Restoring
from offliniofs.catalog.search_text import LATE_TEXTS
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.writer_base import WriterBase
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.trash import Purged, Restored


class TrashWriter(WriterBase):
    """Every method raises ``NotFoundError`` for what is not there, and ``UsageError`` for what makes no sense."""

    def trash_content(self, content_id: ContentId) -> int:
        """Moves a title, season, folder or artist with all that is in it into the trash; the entry's id.

        What the same step deleted from it before comes to lie in that entry too.
        """
        with self._change() as unit:
            return Trash(unit, self._naming, self._retention).content(content_id)

    def trash_file(self, file_id: FileId, *, prune: bool = False, text_later: bool = False) -> int:
        """Moves a file into the trash; the entry's id. ``prune``: with its title, when that has no other file.

        ``text_later``: whoever calls sees to it that :meth:`write_late_texts` follows soon; until then a search may
        still find the title by the file's name.
        """
        with self._change() as unit:
            return Trash(unit, self._naming, self._retention).file(file_id, prune=prune, text_later=text_later)

    def write_late_texts(self, limit: int = 100) -> int:
        """Brings up to date what titles are found by, where that was left for later; how many, at most ``limit``."""
        with self._final_change() as unit:
            left = self._database.rows(LATE_TEXTS, (limit,))
            for (title_id,) in left:
                unit.touch(title_id)
        return len(left)

    def restore(self, trash_id: int) -> Restored:
        """Brings an entry of the trash back to where it was."""
        with self._change() as unit:
            return Restoring(unit, self._naming, self._retention).restore(trash_id)

    def replace_file(self, file_id: FileId, arrival: Arrival) -> Filed:
        """Puts a stored arrival in the place of a file, under its name, with an id of its own.

        The old file goes to the trash; it keeps its id, so whoever has it open reads on. The blob must be durable.
        """
        with self._change() as unit:
            return replace_file(unit, self._naming, self._retention, file_id, arrival)

    def undo_step(self, audit_id: int) -> int:
        """Takes back the step that an audit row belongs to; of an undo, that is a redo. The step that does it.

        Raises ``NotFoundError`` when there is none, and ``UsageError`` when it cannot be taken back, was already, or a
        later change stands in the way.
        """
        with self._change() as unit:
            return History(unit, self._recorder, self._naming, self._retention).undo(audit_id)

    def trim_history(self, quiet_before_ns: int, before_ns: int, limit: int = 10_000) -> int:
        """Forgets views and refusals older than the first time, and how to take back what is older than the second, at
        most ``limit`` of each; how many. Who edited what stays in the history."""
        with self._final_change() as unit:
            return trim_history(unit, quiet_before_ns, before_ns, limit)

    def purge(self, trash_id: int) -> Purged:
        """Removes an entry for good; :meth:`release_blobs` then frees the space.

        Raises ``UsageError`` as long as retention forbids it.
        """
        with self._final_change() as unit:
            return Restoring(unit, self._naming, self._retention).purge(trash_id)

    def purge_expired(self, limit: int = 100) -> Purged:
        """Purges at most ``limit`` entries whose time is over."""
        with self._final_change() as unit:
            return Restoring(unit, self._naming, self._retention).purge_expired(limit)

    def release_blobs(self, remove: Callable[[Digest], None]) -> int:
        """Removes from the store what no row names any more, each blob in a transaction of its own; how many went.

        ``remove`` is the store's. Raises ``StoreError`` when it cannot; what is left waits for the next call.
        """
        after, count = b"", 0
        while True:
            with self._final_change() as unit:
                found = release_next(unit, after, remove)
            if found is None:
                return count
            after, count = found, count + 1
