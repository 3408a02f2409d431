"""What every part of the writer shares: the connection, and how one change is made."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from offliniofs import __version__
from offliniofs.catalog.connection import Access, ConnectionSettings, Database, open_database
from offliniofs.catalog.migration import Clock, require_current
from offliniofs.catalog.recording import Recorder
from offliniofs.catalog.row_changes import in_order, pack
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

ADD_CHANGES = Statement("INSERT INTO audit_changes (audit_id, changes) VALUES (?, ?)")
TAKEN_BACK = Statement("SELECT 1 FROM audit_log WHERE id = ? AND undone_by IS NOT NULL")
SET_WAY_BACK = Statement("UPDATE audit_log SET way_back = 'changes' WHERE id = ?")


def this_process() -> Actor:
    """This program itself, when nobody else asked."""
    return Actor(os.getuid(), os.getgid(), None, f"offliniofs {__version__}")


@dataclass(slots=True)
class OneStep:
    """The step that several changes belong to, once the first of them was made."""

    step: int | None = None
    begins: bool = True
    """Whether it is a new one; otherwise the first change may continue what the same process has just begun."""


class WriterBase:
    """Changes the catalogue at ``path``."""

    def __init__(
        self,
        path: Path,
        naming: Naming,
        *,
        clock: Clock = time.time_ns,
        settings: ConnectionSettings | None = None,
        actor: Actor | None = None,
        retention: Retention | None = None,
    ) -> None:
        self._database = open_database(path, Access.WRITE, settings)
        try:
            require_current(self._database)
        except OfflinioError:
            self._database.close()
            raise
        self._naming = naming
        self._clock = clock
        self._actor = actor or this_process()
        self._retention = retention or Retention()
        self._recorder = Recorder(self._database)
        self._steps: OneStep | None = None
        self._together: UnitOfWork | None = None
        self._in_one = False
        self.texts_left = 0
        """How many changes so far have left texts for :meth:`TrashWriter.write_late_texts`."""

    @property
    def database(self) -> Database:
        """The connection, for the checks."""
        return self._database

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()

    @contextmanager
    def acting_as(self, actor: Actor | None) -> Iterator[None]:
        """Changes inside are asked for by somebody else: the audit log says so."""
        before = self._actor
        self._actor = actor or before
        try:
            yield
        finally:
            self._actor = before

    @contextmanager
    def one_step(self, step: OneStep | None = None) -> Iterator[None]:
        """All changes made inside are one step, in as many transactions, however long they take.

        ``step``: given again, it goes on, with other changes in between. One that was taken back meanwhile does not.
        """
        self._steps = step or OneStep()
        try:
            yield
        finally:
            self._steps = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes made inside are one: one transaction, taken back as one; if any is refused, none is made."""
        with self._change() as unit:
            self._together = unit
            try:
                yield
            finally:
                self._together = None

    @contextmanager
    def in_one_transaction(self) -> Iterator[None]:
        """All changes made inside are seen, and survive a crash, together; each is taken back for itself."""
        with self._database.transaction():
            self._in_one = True
            try:
                yield
            finally:
                self._in_one = False

    def _transaction(self) -> AbstractContextManager[None]:
        return nullcontext() if self._in_one else self._database.transaction()

    @contextmanager
    def _change(self) -> Iterator[UnitOfWork]:
        """One transaction, recorded so that it can be taken back; or a part of one, see :meth:`together`."""
        if self._together is not None:
            yield self._together
            return
        with self._transaction(), self._recorder.record() as taken:
            unit = self._unit()
            yield unit
            unit.settle()
            self._made(unit)
            changes = taken()
            if changes and unit.last_audit is not None:
                self._database.rows(ADD_CHANGES, (unit.last_audit, pack(in_order(changes))))
                self._database.rows(SET_WAY_BACK, (unit.last_audit,))

    @contextmanager
    def _final_change(self) -> Iterator[UnitOfWork]:
        """One transaction that is not recorded: arrivals, which go back into the trash, and what cannot go back."""
        with self._transaction():
            unit = self._unit()
            unit.frees_folders = False
            yield unit
            unit.settle()
            self._made(unit)

    def _unit(self) -> UnitOfWork:
        unit = UnitOfWork(self._database, self._clock(), self._actor)
        if self._steps is not None:
            unit.step, unit.begins_step = self._goes_on(self._steps.step), self._steps.begins
        return unit

    def _goes_on(self, step: int | None) -> int | None:
        """The step, unless somebody took it back meanwhile."""
        return None if step is None or self._database.row(TAKEN_BACK, (step,)) is not None else step

    def _made(self, unit: UnitOfWork) -> None:
        self.texts_left += unit.leaves_texts
        if self._steps is not None:
            self._steps.step = unit.step
