"""A step of the history as people and programs read it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from offliniofs.domain.editing import written_number
from offliniofs.domain.history import AuditEntry, HistoryStep
from offliniofs.domain.ids import ContentId, FileId

if TYPE_CHECKING:
    from offliniofs.catalog.reader import Reader

_LONGEST_VALUE = 60


def step_line(step: HistoryStep, reader: Reader) -> str:
    """One step in one line."""
    first = step.headline or (step.entries[0] if step.entries else None)
    if first is not None and {entry.action for entry in step.entries} == {"import"}:
        return f"step {step.step}: import {counted(step.imported)}"
    what = f"{first.action} {_subject(first, reader)}{_gist(first)}" if first else "nothing"
    more = f" and {step.count - 1} more" if step.count > 1 else ""
    return f"step {step.step}: {what}{more}"


def _subject(entry: AuditEntry, reader: Reader) -> str:
    """What was changed; of a field, also the name that its title or file has now, if it is there."""
    kind, _, rest = entry.subject.partition(":")
    key, _, field = rest.partition(":")
    if not field or not key.isdecimal():
        return entry.subject
    found = reader.directory(ContentId(int(key))) if kind == "content" else reader.file(FileId(int(key)))
    return entry.subject if found is None else f"{entry.subject} of {_shown(found.name)}"


def counted(files: int) -> str:
    """``1 file``, ``340 files``."""
    return f"{files} file{'' if files == 1 else 's'}"


def _gist(entry: AuditEntry) -> str:
    """What a person knows it by: the name of what was changed, or the value before and after."""
    before, after = _values(entry.before), _values(entry.after)
    if "value" in before or "value" in after:
        return f" ({_shown(before.get('value'))} → {_shown(after.get('value'))})"
    old, new = (_shown(values.get("name")) for values in (before, after))
    if "name" in before and "name" in after and old != new:
        return f" ({old} → {new})"
    return f" ({new if 'name' in after else old})" if "name" in before or "name" in after else ""


def step_state(step: HistoryStep) -> str:
    """Whether it was taken back, and whether it can be."""
    if step.undone_by is not None:
        return f"taken back by {step.undone_by}"
    return "" if step.undoable else "final"


def entry_line(entry: AuditEntry) -> str:
    """One change of a step: what was before and what is now."""
    before, after = _values(entry.before), _values(entry.after)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    changes = ", ".join(f"{name}: {_shown(before.get(name))} → {_shown(after.get(name))}" for name in names)
    return f"{entry.action} {entry.subject}{'  ' + changes if changes else ''}"


def step_document(step: HistoryStep) -> dict[str, object]:
    """A step for ``--json``."""
    document = asdict(step)
    document["entries"] = [_entry_document(entry) for entry in step.entries]
    document["headline"] = None if step.headline is None else _entry_document(step.headline)
    return document


def _entry_document(entry: AuditEntry) -> dict[str, object]:
    return {**asdict(entry), "before": _values(entry.before) or None, "after": _values(entry.after) or None}


def _values(text: str | None) -> dict[str, object]:
    value = json.loads(text) if text is not None else {}
    return value if isinstance(value, dict) else {}


def _shown(value: object) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, float):
        return written_number(value)
    text = " ".join((", ".join(str(part) for part in value) if isinstance(value, list) else str(value)).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
