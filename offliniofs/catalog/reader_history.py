"""What changed, what was saved and what was entered: the tail a mount follows, and the folders people made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.statements import Statement
from offliniofs.domain.ids import FileId
from offliniofs.domain.listing import ChangeRow

if TYPE_CHECKING:
    from offliniofs.domain.arrival import SourceFile

LAST_CHANGE = Statement("SELECT max(sequence) FROM change_log")
FIRST_CHANGE = Statement("SELECT min(sequence) FROM change_log")
CHANGES = Statement(
    """SELECT sequence, subject, action, subject_id, directory_id, view, name FROM change_log
    WHERE sequence > ? ORDER BY sequence LIMIT ?"""
)
SAVED_SEARCHES = Statement(
    "SELECT id, name, query, created_ns, changed_ns FROM saved_searches ORDER BY id LIMIT 100000",
    scans=("saved_searches",),
)
SAVED_NAMED = Statement("SELECT id, name, query, created_ns, changed_ns FROM saved_searches WHERE name = ?")
RECENT_VIEWS = Statement(
    "SELECT context, path, used_ns FROM recent_views INDEXED BY recent_views_used ORDER BY used_ns DESC LIMIT ?",
    scans=("recent_views_used",),
)
KNOWN_SOURCE = Statement(
    """SELECT s.file_id FROM import_sources s CROSS JOIN files f ON f.id = s.file_id WHERE s.path = ? AND s.device = ?
    AND s.inode = ? AND s.size = ? AND s.mtime_ns = ? AND f.deleted_ns IS NULL"""
)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search with a name: a folder in ``saved/``."""

    search_id: int
    name: str
    query: str
    created_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class RecentView:
    """A folder that exists because somebody entered it. ``context`` is its number inside inode numbers."""

    context: int
    path: str
    used_ns: int


class HistoryReader(ReaderBase):
    """Changes, saved searches, entered views and imported sources."""

    __slots__ = ()

    def last_change_sequence(self) -> int:
        """The newest entry of the change log; 0 when there is none."""
        return self._database.value(LAST_CHANGE)

    def first_change_sequence(self) -> int:
        """The oldest entry that is still there: who followed from before it must forget everything it holds."""
        return self._database.value(FIRST_CHANGE)

    def changes_since(self, sequence: int, limit: int) -> list[ChangeRow]:
        """At most ``limit`` entries after ``sequence``, oldest first."""
        return [ChangeRow(*row) for row in self._database.rows(CHANGES, (sequence, limit))]

    def saved_searches(self) -> list[SavedSearch]:
        """All of them, in the order they were made."""
        return [SavedSearch(*row) for row in self._database.rows(SAVED_SEARCHES)]

    def saved_named(self, name: str) -> SavedSearch | None:
        """The saved search of that name."""
        found = self._database.row(SAVED_NAMED, (name,))
        return SavedSearch(*found) if found else None

    def recent_views(self, limit: int) -> list[RecentView]:
        """Folders that were entered, the latest first."""
        return [RecentView(*row) for row in self._database.rows(RECENT_VIEWS, (limit,))]

    def known_source(self, source: SourceFile) -> FileId | None:
        """The file an earlier import made of this very source (same path, identity, size and time)."""
        bindings = (source.path, source.device, source.inode, source.size, source.mtime_ns)
        found = self._database.row(KNOWN_SOURCE, bindings)
        return FileId(found[0]) if found else None
