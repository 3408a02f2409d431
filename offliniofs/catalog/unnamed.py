"""Folders that wait for their name: made, forgotten, and told to the mounts. None of this is a step of the history."""

from __future__ import annotations

from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError

ADD = Statement(
    "INSERT INTO unnamed_folders (place, name, made_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"
)
COUNT = Statement("SELECT count(*) FROM unnamed_folders WHERE became IS NULL", scans=("unnamed_folders_waiting",))
SHORTEN = Statement("DELETE FROM unnamed_folders WHERE id <= ? AND became IS NOT NULL")
WAITING = Statement("SELECT place, name FROM unnamed_folders WHERE id = ? AND became IS NULL")
RENAME = Statement("UPDATE OR IGNORE unnamed_folders SET name = ? WHERE id = ? RETURNING id")
NAME = Statement("UPDATE unnamed_folders SET became = ?, made_ns = ? WHERE id = ?")
DROP = Statement("DELETE FROM unnamed_folders WHERE id = ?")
OLD = Statement("SELECT id FROM unnamed_folders WHERE made_ns < ? LIMIT ?", scans=("unnamed_folders",))

_MOST = 1000
"""Folders that may wait at a time, and that are known after they got their name. A user makes one, and names it."""


def make(unit: UnitOfWork, place: str, name: str) -> None:
    """Makes one. Raises ``UsageError`` when there is one of that name already, or too many are waiting."""
    if unit.database.value(COUNT) >= _MOST:
        raise UsageError(f"{_MOST} folders are waiting for a name already; rename or remove some first.")
    row = unit.database.row(ADD, (place, name, unit.now_ns))
    if row is None:
        raise UsageError(f"There is a folder {name!r} already; rename it first.")
    unit.database.rows(SHORTEN, (row[0] - _MOST,))
    _tell(unit, "added", place, name)


def rename(unit: UnitOfWork, number: int, name: str) -> None:
    """Gives one another name without a meaning. Raises ``UsageError`` when there is one of that name."""
    place, old = _waiting(unit, number)
    if unit.database.row(RENAME, (name, number)) is None:
        raise UsageError(f"There is a folder {name!r} already; rename it first.")
    _tell(unit, "removed", place, old)
    _tell(unit, "added", place, name)


def name(unit: UnitOfWork, number: int, became: int) -> None:
    """One has got its name, and is something else now: that inode number."""
    place, old = _waiting(unit, number)
    unit.database.rows(NAME, (became, unit.now_ns, number))
    _tell(unit, "removed", place, old)


def forget(unit: UnitOfWork, number: int) -> None:
    """Removes one, if it is still there."""
    row = unit.database.row(WAITING, (number,))
    unit.database.rows(DROP, (number,))
    if row is not None:
        _tell(unit, "removed", *row)


def forget_before(unit: UnitOfWork, before_ns: int, limit: int) -> int:
    """Removes those that are older; how many."""
    old = unit.database.rows(OLD, (before_ns, limit))
    for (number,) in old:
        forget(unit, number)
    return len(old)


def _waiting(unit: UnitOfWork, number: int) -> tuple[str, str]:
    row = unit.database.row(WAITING, (number,))
    if row is None:
        raise NotFoundError(f"There is no folder {number} that waits for a name any more.")
    return str(row[0]), str(row[1])


def _tell(unit: UnitOfWork, action: str, place: str, name: str) -> None:
    prefix, _, number = place.partition(":")
    if prefix == "content":
        unit.entry("view", action, None, int(number), name)
    else:
        unit.view_entry(place, action, None, name)
