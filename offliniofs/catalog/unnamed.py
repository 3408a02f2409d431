"""Folders that wait for their name: made, forgotten, and told to the mounts. None of this is a step of the history."""

from __future__ import annotations

from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import UsageError

ADD = Statement(
    "INSERT INTO unnamed_folders (place, name, made_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"
)
COUNT = Statement("SELECT count(*) FROM unnamed_folders", scans=("unnamed_folders",))
DROP = Statement("DELETE FROM unnamed_folders WHERE id = ? RETURNING place, name")
OLD = Statement("SELECT id FROM unnamed_folders WHERE made_ns < ? LIMIT ?", scans=("unnamed_folders",))

_MOST = 1000
"""Folders that may wait at a time. A user makes one, and names it."""


def make(unit: UnitOfWork, place: str, name: str) -> None:
    """Makes one. Raises ``UsageError`` when there is one of that name already, or too many are waiting."""
    if unit.database.value(COUNT) >= _MOST:
        raise UsageError(f"{_MOST} folders are waiting for a name already; rename or remove some first.")
    if unit.database.row(ADD, (place, name, unit.now_ns)) is None:
        raise UsageError(f"There is a folder {name!r} already; rename it first.")
    _tell(unit, "added", place, name)


def forget(unit: UnitOfWork, number: int) -> None:
    """Removes one, if it is still there."""
    row = unit.database.row(DROP, (number,))
    if row is not None:
        _tell(unit, "removed", *row)


def forget_before(unit: UnitOfWork, before_ns: int, limit: int) -> int:
    """Removes those that are older; how many."""
    old = unit.database.rows(OLD, (before_ns, limit))
    for (number,) in old:
        forget(unit, number)
    return len(old)


def _tell(unit: UnitOfWork, action: str, place: str, name: str) -> None:
    prefix, _, number = place.partition(":")
    if prefix == "content":
        unit.entry("view", action, None, int(number), name)
    else:
        unit.view_entry(place, action, None, name)
