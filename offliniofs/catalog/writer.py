"""The one writer: every change of the catalogue is one method here, in one IMMEDIATE transaction with its audit row.

Used by one thread at a time; other processes may write too, each waits for the other. A method either does all it says
or nothing, also when the process is killed in the middle of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from offliniofs.catalog import marks
from offliniofs.catalog.editing import Editing
from offliniofs.catalog.filing import Filing
from offliniofs.catalog.pieces import merge_pieces
from offliniofs.catalog.writer_editing import EditingWriter
from offliniofs.catalog.writer_trash import TrashWriter
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.editing import MetadataEdit
from offliniofs.domain.ids import ContentId, FileId


class Writer(EditingWriter, TrashWriter):
    """Changes the catalogue at ``path``.

    Opening raises ``CatalogAccessError``, ``CatalogCorruptError``, ``SchemaTooNewError`` or ``MigrationError``; every
    method may raise ``CatalogBusyError`` when another process writes for longer than ``settings.busy_seconds``.
    """

    def file_arrivals(self, batch: Sequence[Arrival]) -> list[Filed]:
        """Files a batch, all of it or nothing; what became of each, in the order of the batch.

        The blobs must be durable. Titles, seasons, albums and folders are found or made, sidecars go beside their media
        file when it is in the batch or was imported before, a file whose bytes its title has already is a duplicate.
        """
        with self._final_change() as unit:
            return Filing(unit, self._naming).file(batch)

    def file_into(self, folder_id: ContentId, name: str, arrival: Arrival) -> Filed:
        """Files an arrival that somebody put into a folder of the library under ``name``, and what became of it.

        It belongs to the folder's title, whatever it says of itself: another version, an episode or track by its name,
        or what goes with one of the title's files or with the title. If a file of that name stands there it is
        replaced. The blob must be durable. Raises ``NotFoundError`` when there is no such folder any more, and
        ``UsageError`` for what makes no sense in it.
        """
        from offliniofs.catalog.filing_into import OCCUPANT

        standing = self._database.row(OCCUPANT, (folder_id, name))
        if standing is not None:
            return self.replace_file(FileId(standing[0]), arrival)
        return self.file_beside(folder_id, name, arrival)

    def file_beside(self, folder_id: ContentId, name: str, arrival: Arrival) -> Filed:
        """As :meth:`file_into`, beside a file of that name; it is a duplicate if that one has the same bytes."""
        from offliniofs.catalog.filing_into import FilingInto

        with self._final_change() as unit:
            return FilingInto(unit, self._naming, folder_id, name).into(arrival)

    def home_of(self, name: str, folders: Sequence[str] = ()) -> ContentId | None:
        """The folder of the one title that a file called ``name`` goes with, if it came after its film or album.

        ``folders``: those it came in, innermost first.
        """
        from offliniofs.catalog.homes import home_of

        found = home_of(self._database, name, folders)
        return None if found is None else ContentId(found)

    def edit_content(self, content_id: ContentId, edit: MetadataEdit) -> None:
        """Applies a user's edit to a title, episode or track; it wins over all other evidence from now on.

        Genres, tags, the year and the favourite mark of anything below a title are the title's. A new title or year
        renames folders and files. Raises ``NotFoundError``, and ``UsageError`` for what cannot be set there.
        """
        with self._change() as unit:
            Editing(unit, self._naming).content(content_id, edit)

    def edit_file(self, file_id: FileId, edit: MetadataEdit) -> None:
        """As :meth:`edit_content`, of what the file is a file of; edition and quality are the file's own."""
        with self._change() as unit:
            Editing(unit, self._naming).file(file_id, edit)

    def save_search(self, name: str, query: str) -> int:
        """Saves a search; its id. Raises ``QuerySyntaxError``, and ``UsageError`` for a name that is taken or bad."""
        with self._change() as unit:
            return marks.save_search(unit, name, query)

    def rename_saved_search(self, search_id: int, name: str) -> None:
        """Renames a saved search. Raises ``NotFoundError``, and ``UsageError`` for a name that is taken or bad."""
        with self._change() as unit:
            marks.rename_saved_search(unit, search_id, name)

    def edit_saved_search(self, search_id: int, query: str) -> None:
        """Changes what a saved search looks for. Raises ``NotFoundError``, ``QuerySyntaxError``."""
        with self._change() as unit:
            marks.edit_saved_search(unit, search_id, query)

    def forget_saved_search(self, search_id: int) -> None:
        """Removes a saved search. Raises ``NotFoundError``."""
        with self._change() as unit:
            marks.forget_saved_search(unit, search_id)

    def note_refusal(self, request: str, reason: str) -> None:
        """Writes into the history that a change was asked for and refused, and why."""
        with self._final_change() as unit:
            marks.note_refusal(unit, request, reason)

    def remember_view(self, context: int, path: str) -> None:
        """Remembers a folder that was entered: ``context`` is its number inside inode numbers."""
        with self._final_change() as unit:
            marks.remember_view(unit, context, path)

    def record_view(self, file_id: FileId, size: int) -> None:
        """Counts a view of a file, of which ``size`` bytes were read. Raises ``NotFoundError``."""
        with self._final_change() as unit:
            marks.record_view(unit, file_id, size)

    def trim_change_log(self, before_ns: int, limit: int = 10_000) -> int:
        """Drops change log entries older than ``before_ns``, at most ``limit``; how many went."""
        with self._final_change() as unit:
            return marks.trim_change_log(unit, before_ns, limit)

    def merge_search_index(self, pages: int) -> bool:
        """Puts pieces of the full-text index together, about ``pages`` pages of it; whether anything was left to do.

        No row of the audit log: nothing that anybody could see or want back is changed.
        """
        with self._final_change() as unit:
            return merge_pieces(unit.database, pages)

    def trim_access_events(self, before_ns: int, limit: int = 10_000) -> int:
        """Drops single views older than ``before_ns`` or too many, at most ``limit``; how many went. Totals stay."""
        with self._final_change() as unit:
            return marks.trim_access_events(unit, before_ns, limit)
