"""What was changed, by whom, and whether it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from offliniofs.domain.ids import ContentId


class WayBack(StrEnum):
    """How a step is taken back."""

    CHANGES = "changes"
    """The rows become what they were."""
    TRASH = "trash"
    """What came goes into the trash."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. ``subject`` such as ``content:12:genres``; ``before`` and ``after`` are JSON."""

    audit_id: int
    happened_ns: int
    action: str
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """Changes that are taken back together. ``step`` is what ``undo --step`` takes."""

    step: int
    happened_ns: int
    actor: str
    pid: int | None
    program: str
    entries: tuple[AuditEntry, ...]
    """The first of them; ``count`` says how many there are."""
    count: int
    undoable: bool
    """Whether it can be taken back, as far as is known without trying."""
    undoes: int | None
    """The step that this one took back."""
    undone_by: int | None
    """The step that took this one back."""
    imported: int = 0
    """Files that it brought into the library, which go into the trash when it is taken back."""
    headline: AuditEntry | None = None
    """What people know it by, where that is not its first entry: the folder that ``rm -r`` removed last."""


class Relation(StrEnum):
    """How one title relates to another: ``from`` is the … of ``to``."""

    SEQUEL = "sequel"
    PREQUEL = "prequel"
    REMAKE = "remake"
    SPIN_OFF = "spin-off"
    ADAPTATION = "adaptation"
    RELATED = "related"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class RelatedTitle:
    """One relation of a title, seen from it. ``outgoing``: it is the ``relation`` of the other."""

    content_id: ContentId
    name: str
    relation: Relation
    outgoing: bool
