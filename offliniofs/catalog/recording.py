"""Records what one transaction does to the rows of :data:`row_changes.RECORDED`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from offliniofs.catalog.connection import Database
from offliniofs.catalog.row_changes import DERIVED, RECORDED, RowChange, Value
from offliniofs.catalog.statements import Statement

COLUMNS = Statement("SELECT name FROM pragma_table_info(?)", scans=("pragma_table_info",))

_NOTHING: frozenset[str] = frozenset()
Taken = Callable[[], list[RowChange]]
"""What was changed up to now."""


class Recorder:
    """Recordings over one connection; the tables' columns are read once."""

    __slots__ = ("_columns", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._columns: dict[str, tuple[str, ...]] = {}

    @contextmanager
    def record(self) -> Iterator[Taken]:
        """Records until the block ends; what it gives answers with the changes so far."""
        session = self._database.session()
        try:
            session.table_filter(RECORDED.__contains__)
            yield lambda: self._changes(session)
        finally:
            session.close()

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table in their order."""
        known = self._columns.get(table)
        if known is None:
            known = tuple(name for (name,) in self._database.rows(COLUMNS, (table,)))
            self._columns[table] = known
        return known

    def _changes(self, session: apsw.Session) -> list[RowChange]:
        found = (self._change(change) for change in apsw.Changeset.iter(session.changeset()))
        return [change for change in found if change is not None]

    def _change(self, change: apsw.TableChange) -> RowChange | None:
        columns = self.columns(change.name)
        derived = DERIVED.get(change.name, _NOTHING)
        known = change.old if change.old is not None else change.new
        key: dict[str, Value] = {columns[at]: _value(known, at) for at in sorted(change.pk_columns)}
        chosen = [at for at, name in enumerate(columns) if name not in key and name not in derived]
        if change.op == "UPDATE":
            chosen = [at for at in chosen if change.new is not None and change.new[at] is not apsw.no_change]
            if not chosen:
                return None
        return RowChange(change.name, key, _row(columns, chosen, change.old), _row(columns, chosen, change.new))


def _row(columns: tuple[str, ...], chosen: list[int], row: tuple[object, ...] | None) -> dict[str, Value] | None:
    return None if row is None else {columns[at]: _value(row, at) for at in chosen}


def _value(row: tuple[object, ...] | None, at: int) -> Value:
    value = row[at] if row is not None else None
    return value if isinstance(value, int | float | str | bytes) else None
