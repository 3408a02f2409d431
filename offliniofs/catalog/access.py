"""Owners, modes and times that clients set, and restrictions of titles to a group."""

from __future__ import annotations

from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError

FILE = Statement("SELECT folder_id, name, mode, uid, gid, mtime_ns FROM files WHERE id = ? AND deleted_ns IS NULL")
SET_FILE = Statement("UPDATE files SET mode = ?, uid = ?, gid = ?, mtime_ns = ? WHERE id = ?")
DIRECTORY = Statement(
    "SELECT parent_id, shelf, folder_name, title_id, modified_ns FROM content WHERE id = ? AND deleted_ns IS NULL"
)
ACCESS = Statement("SELECT mode, uid, gid, minimum_age, only_gid FROM content_access WHERE content_id = ?")
SET_ACCESS = Statement(
    """INSERT INTO content_access (content_id, mode, uid, gid, minimum_age, only_gid) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (content_id) DO UPDATE SET mode = excluded.mode, uid = excluded.uid, gid = excluded.gid,
    minimum_age = excluded.minimum_age, only_gid = excluded.only_gid"""
)
FORGET_ACCESS = Statement("DELETE FROM content_access WHERE content_id = ?")
SET_MODIFIED = Statement("UPDATE content SET modified_ns = ? WHERE id = ?")
RULE = Statement("SELECT gid FROM age_rules WHERE minimum_age = ?")
SET_RULE = Statement("INSERT OR REPLACE INTO age_rules (minimum_age, gid) VALUES (?, ?)")
FORGET_RULE = Statement("DELETE FROM age_rules WHERE minimum_age = ?")
RESTRICT = Statement(
    """UPDATE content_access SET restricted_gid = coalesce(only_gid, (SELECT r.gid FROM age_rules r
    WHERE r.minimum_age <= content_access.minimum_age ORDER BY r.minimum_age DESC LIMIT 1)) WHERE content_id = ?"""
)
OF_AGE = Statement(
    """SELECT content_id FROM content_access INDEXED BY content_access_age
    WHERE minimum_age >= ? AND minimum_age IS NOT NULL"""
)

_HIGHEST_ID = 2**32 - 2
_HIGHEST_TIME = 2**63 - 1


def set_file_stat(
    unit: UnitOfWork, file_id: int, *, mode: int | None, uid: int | None, gid: int | None, mtime_ns: int | None
) -> None:
    """Sets what is given of a file's mode, owner, group and time; the rest stays."""
    row = unit.database.row(FILE, (file_id,))
    if row is None:
        raise NotFoundError(f"There is no file {file_id} in the library.")
    _check(mode, uid, gid, mtime_ns)
    folder_id, name, *before = row
    after = [old if new is None else new for old, new in zip(before, (mode, uid, gid, mtime_ns), strict=True)]
    if after == before:
        return
    unit.database.rows(SET_FILE, (*after, file_id))
    names = ("mode", "uid", "gid", "mtime_ns")
    unit.audit(
        "set attributes",
        f"file:{file_id}",
        dict(zip(names, before, strict=True)),
        dict(zip(names, after, strict=True)),
    )
    unit.entry("file", "changed", file_id, folder_id, name)


def set_folder_stat(
    unit: UnitOfWork, content_id: int, *, mode: int | None, uid: int | None, gid: int | None, mtime_ns: int | None
) -> None:
    """Sets what is given of a directory's mode, owner, group and time; the rest stays. The time cannot be undone."""
    row = _directory(unit, content_id)
    _check(mode, uid, gid, mtime_ns)
    before = _access(unit, content_id)
    wanted = (mode, uid, gid)
    after = (*(old if new is None else new for old, new in zip(before[:3], wanted, strict=True)), *before[3:])
    if mtime_ns is not None:
        unit.database.rows(SET_MODIFIED, (mtime_ns, content_id))
    elif after == before:
        return
    _store(unit, content_id, row, before, after, mtime_ns)


def restrict(unit: UnitOfWork, content_id: int, *, gid: int | None, minimum_age: int | None) -> None:
    """Says which group alone may enter a title, and from what age on it is; ``None`` takes that back."""
    row = _directory(unit, content_id)
    if row[3] != content_id:
        raise UsageError("Only whole titles can be restricted; name the title.")
    if minimum_age is not None and not 0 <= minimum_age <= 99:
        raise UsageError(f"{minimum_age} is no age; give one from 0 to 99.")
    _check(None, None, gid, None)
    before = _access(unit, content_id)
    after = (*before[:3], minimum_age, gid)
    if after != before:
        _store(unit, content_id, row, before, after, None)


def restrict_age(unit: UnitOfWork, minimum_age: int, *, gid: int | None) -> None:
    """Makes titles of that age and above enterable by one group only; ``None`` takes the rule back."""
    if not 0 <= minimum_age <= 99:
        raise UsageError(f"{minimum_age} is no age; give one from 0 to 99.")
    _check(None, None, gid, None)
    found = unit.database.row(RULE, (minimum_age,))
    before = found[0] if found else None
    if before == gid:
        return
    if gid is None:
        unit.database.rows(FORGET_RULE, (minimum_age,))
    else:
        unit.database.rows(SET_RULE, (minimum_age, gid))
    unit.audit("restrict age", f"age:{minimum_age}", {"gid": before}, {"gid": gid})
    age_rule_changed(unit, minimum_age)


def age_rule_changed(unit: UnitOfWork, minimum_age: int) -> None:
    """Brings the titles of that age and above into step with the rules."""
    for (content_id,) in unit.database.rows(OF_AGE, (minimum_age,)):
        access_changed(unit, content_id)


def access_changed(unit: UnitOfWork, content_id: int) -> None:
    """Brings what is kept of a directory's access into step, and lets the mounts know."""
    unit.database.rows(RESTRICT, (content_id,))
    unit.content_changed(content_id)


def _store(unit: UnitOfWork, content_id: int, row: Row, before: Row, after: Row, mtime_ns: int | None) -> None:
    if any(value is not None for value in after):
        unit.database.rows(SET_ACCESS, (content_id, *after))
    else:
        unit.database.rows(FORGET_ACCESS, (content_id,))
    names = ("mode", "uid", "gid", "minimum_age", "only_gid")
    unit.audit(
        "set attributes",
        f"content:{content_id}",
        {**dict(zip(names, before, strict=True)), "mtime_ns": row[4]},
        {**dict(zip(names, after, strict=True)), "mtime_ns": mtime_ns or row[4]},
    )
    access_changed(unit, content_id)
    parent_id, shelf, folder, _, _ = row
    if parent_id is None:
        unit.view_entry(f"shelf:{shelf}", "changed", content_id, folder)
    else:
        unit.entry("content", "changed", content_id, parent_id, folder)


def _access(unit: UnitOfWork, content_id: int) -> Row:
    return unit.database.row(ACCESS, (content_id,)) or (None,) * 5


def _directory(unit: UnitOfWork, content_id: int) -> Row:
    row = unit.database.row(DIRECTORY, (content_id,))
    if row is None or row[2] is None:
        raise NotFoundError(f"There is no folder {content_id} in the library.")
    return row


def _check(mode: int | None, uid: int | None, gid: int | None, mtime_ns: int | None) -> None:
    for name, value, highest in (("mode", mode, 0o7777), ("owner", uid, _HIGHEST_ID), ("group", gid, _HIGHEST_ID)):
        if value is not None and not 0 <= value <= highest:
            raise UsageError(f"{value} cannot be a {name}.")
    if mtime_ns is not None and not -_HIGHEST_TIME <= mtime_ns <= _HIGHEST_TIME:
        raise UsageError("That time lies too far away to be kept.")
