"""Takes steps back. An undo is a step like any other, so it can be taken back as well: that is a redo."""

from __future__ import annotations

import json
from collections.abc import Iterable

from offliniofs.catalog.following import Following
from offliniofs.catalog.recording import Recorder
from offliniofs.catalog.reversal import Reversal, composed
from offliniofs.catalog.row_changes import RowChange, unpack
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.history import WayBack
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

STEP_OF = Statement("SELECT step FROM audit_log WHERE id = ?")
ROWS_OF_STEP = Statement(
    """SELECT a.id, a.action, a.way_back, a.after, a.undoes, a.undone_by, c.changes
    FROM audit_log a INDEXED BY audit_log_step LEFT JOIN audit_changes c ON c.audit_id = a.id
    WHERE a.step = ? ORDER BY a.id"""
)
UNDOES = Statement("SELECT undoes FROM audit_log WHERE id = ?")
SET_UNDOES = Statement("UPDATE audit_log SET undoes = ? WHERE step = ?")
SET_UNDONE_BY = Statement("UPDATE audit_log SET undone_by = ? WHERE step = ?")
LIVE_FILE = Statement("SELECT title_id FROM files WHERE id = ? AND deleted_ns IS NULL")
LIVE_OF_TITLE = Statement("SELECT id FROM files INDEXED BY files_title WHERE title_id = ? AND deleted_ns IS NULL")

FORGET_QUIET = Statement(
    """DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log INDEXED BY audit_log_time WHERE happened_ns < ?
    AND action IN ('view', 'enter view', 'refused', 'trim change log', 'trim access events', 'trim history')
    AND step = id ORDER BY happened_ns LIMIT ?)"""
)
FORGET_CHANGES = Statement(
    """DELETE FROM audit_changes WHERE audit_id IN (SELECT id FROM audit_log INDEXED BY audit_log_time
    WHERE happened_ns < ?1 AND way_back IS NOT NULL ORDER BY happened_ns LIMIT ?2)"""
)
FORGET_WAYS_BACK = Statement(
    """UPDATE audit_log SET way_back = NULL WHERE id IN (SELECT id FROM audit_log INDEXED BY audit_log_time
    WHERE happened_ns < ? AND way_back IS NOT NULL ORDER BY happened_ns LIMIT ?)"""
)

LIVE_FOLDER = Statement("SELECT 1 FROM content WHERE id = ? AND folder_name IS NOT NULL AND deleted_ns IS NULL")

_LONGEST_CHAIN = 10_000


class History:
    """Undo and redo in one change."""

    __slots__ = ("_database", "_recorder", "_trash", "_unit")

    def __init__(self, unit: UnitOfWork, recorder: Recorder, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._recorder = recorder
        self._trash = Trash(unit, naming, retention)

    def undo(self, audit_id: int) -> int:
        """Takes the step of an audit row back; the step that does it."""
        found = self._database.row(STEP_OF, (audit_id,))
        step = int(found[0]) if found is not None and found[0] is not None else audit_id
        rows = self._database.rows(ROWS_OF_STEP, (step,))
        if not rows:
            raise NotFoundError(f"There is no step {audit_id}; 'offliniofs history' prints those there are.")
        undone_by = next((row[5] for row in rows if row[5] is not None), None)
        if undone_by is not None:
            raise UsageError(f"Step {step} was taken back by step {undone_by}; undo that one to have it again.")
        if all(row[2] is None for row in rows):
            raise UsageError(f"Step {step} ({rows[0][1]}) cannot be taken back.")
        is_redo = rows[0][4] is not None
        self._unit.frees_folders = False  # the rows say which were kept
        own = self._unit.audit("redo" if is_redo else "undo", f"step:{step}", alone=True)
        arrived = [file_id for row in rows if row[2] == WayBack.TRASH for file_id in json.loads(row[3])["files"]]
        self._put_away(arrived)  # before: it may stand in a folder that was made in this step
        self._set_back(step, (unpack(row[6]) for row in rows if row[6] is not None))
        self._put_away(arrived)  # after: it may have been removed in this step
        self._database.rows(SET_UNDOES, (step, own))
        self._mark(step, own)
        return own

    def _set_back(self, step: int, sets: Iterable[list[RowChange]]) -> None:
        changes = [change.inverse for change in composed(sets)]
        goes = {change.key["id"] for change in changes if change.table == "files" and change.after is None}
        for file_id in sorted(number for number in goes if isinstance(number, int)):
            if self._database.row(LIVE_FILE, (file_id,)) is not None:
                self._trash.file(file_id)
        changes = [change for change in changes if change.key.get("file_id") not in goes or change.table == "trash"]
        changes = [change for change in changes if change.table != "files" or change.key["id"] not in goes]
        following = Following(self._unit, changes)
        following.prepare()
        needed = Reversal(self._unit, self._recorder, step).apply(changes)
        following.follow()
        for content_id in needed:  # a folder that was made, and from which files lie in the trash, goes there too
            if self._database.row(LIVE_FOLDER, (content_id,)) is not None:
                self._trash.content(content_id)

    def _put_away(self, arrived: list[int]) -> None:
        """Puts what an import brought into the trash: whole titles where nothing else is in them."""
        titles: dict[int, list[int]] = {}
        for file_id in arrived:
            row = self._database.row(LIVE_FILE, (file_id,))
            if row is not None:
                titles.setdefault(row[0], []).append(file_id)
        for title_id, files in titles.items():
            if {row[0] for row in self._database.rows(LIVE_OF_TITLE, (title_id,))} == set(files):
                self._trash.content(title_id)
                continue
            for file_id in files:
                self._trash.file(file_id)

    def _mark(self, step: int, by: int) -> None:
        """A step that is taken back makes the step that it took back count again, and so on."""
        target: int | None = step
        taken_back = True
        for _ in range(_LONGEST_CHAIN):
            if target is None:
                return
            self._database.rows(SET_UNDONE_BY, (by if taken_back else None, target))
            row = self._database.row(UNDOES, (target,))
            by, target, taken_back = target, row[0] if row is not None else None, not taken_back


def trim_history(unit: UnitOfWork, quiet_before_ns: int, before_ns: int, limit: int) -> int:
    """Forgets views and refusals older than the one time, and how to take back what is older than the other; at most
    ``limit`` of each; how many. Who edited what stays."""
    trimmed = unit.database.changed(FORGET_QUIET, (quiet_before_ns, limit))
    unit.database.rows(FORGET_CHANGES, (before_ns, limit))
    trimmed += unit.database.changed(FORGET_WAYS_BACK, (before_ns, limit))
    if trimmed:
        unit.audit("trim history", f"{trimmed} entries")
    return trimmed
