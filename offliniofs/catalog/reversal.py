"""Sets rows back to what they were, if nothing was decided about them since.

All rows are compared before the first is written. Then come new rows, changed rows and rows that go, children before
what they refer to; a row that another one still stands in the way of (a name to be freed) waits for the next round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import apsw

from offliniofs.catalog.recording import Recorder
from offliniofs.catalog.row_changes import RECORDED, RowChange, Value, in_order, unpack
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import CatalogError, GoneForGoodError, UsageError

VOCABULARY = frozenset({"genres", "people", "tags"})
"""Tables whose rows go only when nothing uses them, and may stay otherwise."""

REFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "content": (
        ("content", "parent_id"),
        ("files", "content_id"),
        ("files", "title_id"),
        ("content_genres", "content_id"),
        ("content_people", "content_id"),
        ("content_tags", "content_id"),
        ("collection_content", "content_id"),
        ("content_relationships", "from_id"),
        ("content_relationships", "to_id"),
        ("trash", "content_id"),
    ),
    "files": (("trash", "file_id"), ("files", "sidecar_of"), ("import_sources", "file_id")),
    "genres": (("content_genres", "genre_id"),),
    "people": (("content_people", "person_id"),),
    "tags": (("content_tags", "tag_id"),),
    "collections": (("collection_content", "collection_id"),),
    "trash": (("content", "trash_id"), ("files", "trash_id")),
}
"""Who refers to a table's rows: such a row does not go as long as it is referred to."""

_PARKED: Mapping[str, tuple[str, ...]] = {
    "content": ("folder_name", "title_name"),
    "files": ("name",),
    "genres": ("name", "folder_name"),
    "collections": ("name", "folder_name"),
    "saved_searches": ("name",),
    "trash": ("name",),
}
"""Columns whose values must be free: rows that exchange names give them up first."""


LENIENT = frozenset({"kept_folders"})
"""Tables whose rows other changes may have made superfluous: what is not as it was stays as it is."""

USES: Mapping[str, tuple[Statement, ...]] = {
    table: tuple(Statement(f"SELECT 1 FROM {other} WHERE {column} = ? LIMIT 1") for other, column in references)
    for table, references in REFERENCES.items()
}
LIVE_BELOW = Statement(
    """WITH RECURSIVE below (id) AS (VALUES (?1) UNION
    SELECT c.id FROM below CROSS JOIN content c INDEXED BY content_parent ON c.parent_id = below.id)
    SELECT 1 FROM below CROSS JOIN files f INDEXED BY files_content ON f.content_id = below.id
    WHERE f.deleted_ns IS NULL LIMIT 1""",
    scans=("below",),
)
LATER_STEPS = Statement(
    """SELECT a.step, c.changes FROM audit_log a CROSS JOIN audit_changes c ON c.audit_id = a.id
    WHERE a.id > ? AND a.undone_by IS NULL AND a.undoes IS NULL ORDER BY a.id DESC LIMIT ?"""
)
_STEPS_LOOKED_AT = 1000
_NAMES = ("name", "folder_name", "title")
_PARKED_NAME = ".undo {}"


class Reversal:
    """Sets rows to what the changes say they become. Made for one transaction."""

    __slots__ = ("_database", "_now_ns", "_recorder", "_step")

    def __init__(self, unit: UnitOfWork, recorder: Recorder, step: int) -> None:
        """``step``: what is taken back, for the message that names what was done later."""
        self._database = unit.database
        self._now_ns = unit.now_ns
        self._recorder = recorder
        self._step = step

    def apply(self, changes: Sequence[RowChange]) -> list[int]:
        """Makes the changes; which content rows should go and stay, because what lies in the trash needs them.

        Raises ``UsageError`` when a row is not as they expect it; then nothing may be kept.
        """
        pending = [change for change in in_order(changes) if self._expected(change)]
        pending.sort(key=_rank)
        parked = False
        while pending:
            waiting = [change for change in pending if not self._made(change)]
            if len(waiting) == len(pending):
                if parked or not self._park(waiting):
                    waiting = [change for change in waiting if change.table not in VOCABULARY or change.after]
                    return [self._needed(change) for change in waiting]
                parked = True
            pending = waiting
        return []

    def _needed(self, change: RowChange) -> int:
        """The content row that only the trash needs any more. Raises ``UsageError`` for any other obstacle."""
        (key,) = change.key.values()
        if change.after is not None:
            raise UsageError(
                f"{self._subject(change)} would have a name that something else has now, which stands in the way; "
                "rename that, or restore under another name with 'offliniofs remove --restore'."
            )
        if change.table != "content" or not isinstance(key, int) or self._database.row(LIVE_BELOW, (key,)) is not None:
            raise self._obstacle(change)
        return key

    def _expected(self, change: RowChange) -> bool:
        """Whether the row is as the change expects it; what is lenient is then left alone."""
        columns = tuple(change.before or change.after or {})
        row = self._row(change, columns)
        if change.table in LENIENT:
            return (row is None) is (change.before is None)
        if change.before is None or row is None:
            if (row is None) is not (change.before is None):
                raise self._gone(change) if row is None else self._obstacle(change)
            return True
        goes_quietly = change.after is None and change.table in VOCABULARY
        if not goes_quietly and row != tuple(change.before.values()):
            raise self._obstacle(change)
        return True

    def _row(self, change: RowChange, columns: tuple[str, ...]) -> tuple[object, ...] | None:
        wanted = ", ".join(self._known(change.table, columns)) or "1"
        condition = " AND ".join(f"{name} = ?" for name in self._known(change.table, change.key))
        statement = Statement(f"SELECT {wanted} FROM {change.table} WHERE {condition}")
        row = self._database.row(statement, tuple(change.key.values()))
        return row if row is None or columns else ()

    def _made(self, change: RowChange) -> bool:
        """Makes one change; ``False`` when another row is in its way."""
        if change.after is None and self._used(change):
            return False
        sql, bindings = self._sql(change)
        try:
            self._database.rows(Statement(sql), bindings)
        except CatalogError as error:
            if isinstance(error.__cause__, apsw.ConstraintError):
                return False
            raise
        return True

    def _sql(self, change: RowChange) -> tuple[str, tuple[Value, ...]]:
        table, key = change.table, change.key
        condition = " AND ".join(f"{name} = ?" for name in self._known(table, key))
        if change.after is None:
            return f"DELETE FROM {table} WHERE {condition}", tuple(key.values())
        if change.before is None:
            row = {**key, **change.after, **({"modified_ns": self._now_ns} if table == "content" else {})}
            names = ", ".join(self._known(table, row))
            return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        settings = ", ".join(f"{name} = ?" for name in self._known(table, change.after))
        return f"UPDATE {table} SET {settings} WHERE {condition}", (*change.after.values(), *key.values())

    def _known(self, table: str, names: Iterable[str]) -> list[str]:
        """The names, all of them columns: they come from a stored text and go into SQL."""
        columns = self._recorder.columns(table)
        wrong = [name for name in names if name not in columns] or ([table] if table not in RECORDED else [])
        if wrong:
            raise UsageError(f"An older version recorded {wrong[0]!r} of {table}; this can no longer be taken back.")
        return list(names)

    def _used(self, change: RowChange) -> bool:
        key = tuple(change.key.values())
        return any(self._database.row(statement, key) is not None for statement in USES.get(change.table, ()))

    def _park(self, waiting: Sequence[RowChange]) -> bool:
        """Lets rows that wait for each other give up their names; whether any did."""
        found = False
        for change in waiting:
            names = [
                name
                for name in _PARKED.get(change.table, ())
                if change.after and change.before and name in change.after
            ]
            if names:
                found = True
                (key,) = change.key.values()
                settings = ", ".join(f"{name} = ?" for name in names)
                condition = next(iter(change.key))
                placeholder = _PARKED_NAME.format(key)
                statement = Statement(f"UPDATE {change.table} SET {settings} WHERE {condition} = ?")
                self._database.rows(statement, (*[placeholder] * len(names), key))
        return found

    def _subject(self, change: RowChange) -> str:
        """What a row is, with the name it has or had."""
        names = [name for name in _NAMES if name in self._recorder.columns(change.table)]
        found = self._row(change, tuple(names)) if names else None
        known = {**dict(zip(names, found or (), strict=False)), **(change.after or {}), **(change.before or {})}
        name = next((known[column] for column in _NAMES if known.get(column)), None)
        shown = " ".join(str(value) for value in change.key.values()) + (f" ({name!r})" if name else "")
        return f"{change.table.replace('_', ' ')} {shown}"

    def _gone(self, change: RowChange) -> UsageError:
        return GoneForGoodError(f"{self._subject(change)} was removed for good; this can no longer be taken back.")

    def _obstacle(self, change: RowChange) -> UsageError:
        step = self._later_step(change)
        where = "'offliniofs history' shows it" if step is None else f"'offliniofs undo --step {step}'"
        return UsageError(f"A later change of {self._subject(change)} stands in the way; undo that first: {where}.")

    def _later_step(self, change: RowChange) -> int | None:
        """The newest step that changed the row and was not taken back, as far as one is found."""
        for step, packed in self._database.rows(LATER_STEPS, (self._step, _STEPS_LOOKED_AT)):
            if any(other.table == change.table and other.key == change.key for other in unpack(packed)):
                return int(step)
        return None


def composed(sets: Iterable[Sequence[RowChange]]) -> list[RowChange]:
    """Changes that were made one after the other, as one."""
    found: dict[tuple[object, ...], RowChange] = {}
    for change in (change for changes in sets for change in changes):
        key = (change.table, *change.key.values())
        earlier = found.get(key)
        if earlier is None:
            found[key] = change
            continue
        before = None if earlier.before is None else {**(change.before or {}), **earlier.before}
        after = None if change.after is None else {**(earlier.after or {}), **change.after}
        found[key] = RowChange(change.table, change.key, before, after)
    return [only for change in found.values() if (only := _different(change)) is not None]


def _different(change: RowChange) -> RowChange | None:
    """The change without the columns that are as before; ``None`` when nothing is left."""
    before, after = change.before, change.after
    if before is None or after is None:
        return change if before != after else None
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return None
    columns = ({name: before.get(name) for name in names}, {name: after[name] for name in names})
    return RowChange(change.table, change.key, *columns)


def _rank(change: RowChange) -> tuple[int, int]:
    """New rows first, parents before children; then changed ones; then those that go, children before parents."""
    position = RECORDED.index(change.table)
    if change.before is None:
        return 0, position
    return (1, position) if change.after is not None else (2, -position)
