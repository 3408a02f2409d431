"""The audit log as people read it: steps, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.statements import Row, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offliniofs.domain.history import AuditEntry, HistoryStep

ENTRIES_SHOWN = 100
"""Entries of one step that are read; ``HistoryStep.count`` says how many there are."""

_STEP = "a.id, a.happened_ns, a.actor, a.pid, a.program, a.undoes, a.undone_by FROM audit_log a"
_QUIET = "('view', 'enter view', 'trim change log', 'trim access events', 'trim history')"
# An import of what was there already is written down as any other, and changed nothing.
_NOTHING_NEW = """(a.action = 'import' AND a.subject = '0 files' AND NOT EXISTS (
    SELECT 1 FROM audit_log o INDEXED BY audit_log_step WHERE o.step = a.id AND o.subject <> '0 files'))"""
_SHOWN = f"a.id < ? AND a.step = a.id AND (?2 OR (a.action NOT IN {_QUIET} AND NOT {_NOTHING_NEW}))"
STEPS = Statement(f"SELECT {_STEP} WHERE {_SHOWN} ORDER BY a.id DESC LIMIT ?3")
STEPS_OF_USER = Statement(f"SELECT {_STEP} WHERE {_SHOWN} AND a.actor = ?4 ORDER BY a.id DESC LIMIT ?3")
STEP = Statement(f"SELECT {_STEP} WHERE a.id = (SELECT step FROM audit_log WHERE id = ?)")
ENTRIES = Statement(
    """SELECT id, happened_ns, action, subject, before, after FROM audit_log INDEXED BY audit_log_step
    WHERE step = ? ORDER BY id LIMIT ?"""
)
COUNT = Statement("SELECT count(*) FROM audit_log INDEXED BY audit_log_step WHERE step = ?")
HAS_WAY_BACK = Statement(
    """SELECT EXISTS (SELECT 1 FROM audit_log INDEXED BY audit_log_step
    WHERE step = ? AND way_back IS NOT NULL AND undone_by IS NULL)"""
)
LAST_OF_STEP = Statement(
    """SELECT id, happened_ns, action, subject, before, after FROM audit_log INDEXED BY audit_log_step
    WHERE step = ? ORDER BY id DESC LIMIT 1"""
)
IMPORTED = Statement(
    """SELECT coalesce(sum(json_array_length(after, '$.files')), 0) FROM audit_log INDEXED BY audit_log_step
    WHERE step = ? AND action = 'import'"""
)
NEXT_STEPS = Statement(
    """SELECT DISTINCT step FROM audit_log INDEXED BY audit_log_undoable
    WHERE way_back IS NOT NULL AND undone_by IS NULL AND undoes IS NULL ORDER BY id DESC LIMIT ?""",
    scans=("audit_log_undoable",),
)
NEXT_UNDOS = Statement(
    """SELECT DISTINCT u.step FROM audit_log u INDEXED BY audit_log_undoing
    WHERE u.undoes IS NOT NULL AND u.undone_by IS NULL AND u.way_back IS NOT NULL
    AND (SELECT o.undoes FROM audit_log o WHERE o.id = u.undoes) IS NULL ORDER BY u.id DESC LIMIT ?""",
    scans=("audit_log_undoing", "u"),
)
NEWEST = 2**62
_LONGEST_CHAIN = 1000


class AuditReader(ReaderBase):
    """Questions about what was done."""

    __slots__ = ()

    def history(
        self, before: int = NEWEST, limit: int = 50, *, actor: str | None = None, views: bool = False
    ) -> list[HistoryStep]:
        """Steps older than ``before``, the newest first. ``actor``: of one user (``uid:1000``); ``views``: with what
        was only watched or entered."""
        if actor is None:
            rows = self._database.rows(STEPS, (before, int(views), limit))
        else:
            rows = self._database.rows(STEPS_OF_USER, (before, int(views), limit, actor))
        return [self._history_step(row) for row in rows]

    def history_step(self, audit_id: int) -> HistoryStep | None:
        """The step that an audit row belongs to."""
        row = self._database.row(STEP, (audit_id,))
        return self._history_step(row) if row else None

    def undoable_steps(self, count: int, *, redo: bool = False) -> list[HistoryStep]:
        """What the next ``count`` undos (or redos) would take back, the newest first."""
        rows = self._database.rows(NEXT_UNDOS if redo else NEXT_STEPS, (count,))
        found = (self.history_step(row[0]) for row in rows)
        return [step for step in found if step is not None]

    def files_put_away(self, step: HistoryStep) -> int:
        """Files that taking ``step`` back puts into the trash: those that it imported.

        Taking back the redo of an import, which brought its files a second time, does so too.
        """
        found, turns = step, 0
        while found.undoes is not None and turns < _LONGEST_CHAIN:
            origin = self.history_step(found.undoes)
            if origin is None:
                return 0
            found, turns = origin, turns + 1
        return 0 if turns % 2 else found.imported

    def _history_step(self, row: Row) -> HistoryStep:
        step, happened_ns, actor, pid, program, undoes, undone_by = row
        from offliniofs.domain.history import AuditEntry, HistoryStep

        shown = tuple(AuditEntry(*entry) for entry in self._database.rows(ENTRIES, (step, ENTRIES_SHOWN)))

        return HistoryStep(
            step=step,
            happened_ns=happened_ns,
            actor=actor,
            pid=pid,
            program=program,
            entries=shown,
            count=self._database.value(COUNT, (step,)),
            undoable=bool(self._database.value(HAS_WAY_BACK, (step,))),
            undoes=undoes,
            undone_by=undone_by,
            imported=self._database.value(IMPORTED, (step,)),
            headline=self._headline(step, shown),
        )

    def _headline(self, step: int, shown: Sequence[AuditEntry]) -> AuditEntry | None:
        """``rm -r`` removes what is in a folder and at last the folder, which is what it was for."""
        if len(shown) < 2 or shown[0].action != "remove":
            return None
        from offliniofs.domain.history import AuditEntry

        last = AuditEntry(*self._database.rows(LAST_OF_STEP, (step,))[0])
        return last if last.action == "remove" and last.subject.startswith("content:") else None
