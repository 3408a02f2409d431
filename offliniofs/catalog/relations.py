"""How titles relate to one another."""

from __future__ import annotations

from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.history import Relation

TITLE = Statement("SELECT title_id FROM content WHERE id = ? AND deleted_ns IS NULL")
ADD = Statement(
    """INSERT OR IGNORE INTO content_relationships (from_id, to_id, relationship_type, created_ns)
    VALUES (?, ?, ?, ?)"""
)
REMOVE = Statement("DELETE FROM content_relationships WHERE from_id = ? AND relationship_type = ? AND to_id = ?")


def relate(unit: UnitOfWork, from_id: int, relation: Relation, to_id: int) -> None:
    """Says that one title is the sequel (…) of another; nothing happens when that is known."""
    first, second = _title(unit, from_id), _title(unit, to_id)
    if first == second:
        raise UsageError("A title cannot be related to itself.")
    if unit.database.changed(ADD, (first, second, relation.value, unit.now_ns)):
        unit.audit("relate", f"content:{first}", after={"relation": relation.value, "to": second})
        _changed(unit, first, second)


def unrelate(unit: UnitOfWork, from_id: int, relation: Relation, to_id: int) -> None:
    """Forgets a relation. Raises ``NotFoundError`` when there is none."""
    first, second = _title(unit, from_id), _title(unit, to_id)
    if not unit.database.changed(REMOVE, (first, relation.value, second)):
        raise NotFoundError(f"Title {first} is no {relation.value} of {second}.")
    unit.audit("unrelate", f"content:{first}", before={"relation": relation.value, "to": second})
    _changed(unit, first, second)


def _changed(unit: UnitOfWork, *titles: int) -> None:
    for title_id in titles:
        unit.content_changed(title_id)


def _title(unit: UnitOfWork, content_id: int) -> int:
    row = unit.database.row(TITLE, (content_id,))
    if row is None or row[0] is None:
        raise NotFoundError(f"There is no title {content_id} in the library; 'offliniofs list' prints those there are.")
    return int(row[0])
