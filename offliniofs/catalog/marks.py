"""Small changes: saved searches, views people entered, films they saw."""

from __future__ import annotations

from offliniofs.catalog.cleaning import clean_text
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.query.parser import parse

MOST_RECENT_VIEWS = 1_000
"""Entered folders that are remembered; the oldest go."""

MOST_SAVED_SEARCHES = 10_000
MOST_EVENTS = 1_000_000
"""Single views that are remembered, whatever their age; the oldest go. The totals in ``content_statistics`` stay."""

_LONGEST_NAME = 255
_LONGEST_REASON = 1_000
_LONGEST_PATH = 4096
_LARGEST_CONTEXT = 2**24 - 1

SAVED = Statement("SELECT name, query FROM saved_searches WHERE id = ?")
SAVED_NAME = Statement("SELECT id FROM saved_searches WHERE name = ?")
COUNT_SAVED = Statement("SELECT count(*) FROM saved_searches", scans=("saved_searches",))
ADD_SAVED = Statement("INSERT INTO saved_searches (name, query, created_ns, changed_ns) VALUES (?, ?, ?, ?)")
RENAME_SAVED = Statement("UPDATE saved_searches SET name = ?, changed_ns = ? WHERE id = ?")
EDIT_SAVED = Statement("UPDATE saved_searches SET query = ?, changed_ns = ? WHERE id = ?")
FORGET_SAVED = Statement("DELETE FROM saved_searches WHERE id = ?")
REMEMBER_VIEW = Statement("INSERT OR REPLACE INTO recent_views (context, path, used_ns) VALUES (?, ?, ?)")
VIEW_AT = Statement("SELECT path FROM recent_views WHERE context = ?")
TRIM_VIEWS = Statement(
    """DELETE FROM recent_views WHERE context IN (SELECT context FROM recent_views INDEXED BY recent_views_used
    ORDER BY used_ns DESC LIMIT -1 OFFSET ?)""",
    scans=("recent_views_used",),
)
FILE = Statement("SELECT content_id, title_id FROM files WHERE id = ? AND deleted_ns IS NULL")
VIEWS = Statement("SELECT views FROM content_statistics WHERE content_id = ?")
ADD_VIEW = Statement(
    """INSERT INTO content_statistics (content_id, views, bytes_read, last_viewed_ns) VALUES (?1, 1, ?2, ?3)
    ON CONFLICT (content_id) DO UPDATE SET views = views + 1, bytes_read = bytes_read + ?2,
    last_viewed_ns = max(coalesce(last_viewed_ns, 0), ?3)"""
)
ADD_EVENT = Statement(
    "INSERT INTO access_events (file_id, content_id, kind, happened_ns, bytes) VALUES (?, ?, 'view', ?, ?)"
)
TRIM_CHANGES = Statement(
    """DELETE FROM change_log WHERE sequence IN (SELECT sequence FROM change_log INDEXED BY change_log_time
    WHERE changed_ns < ? AND sequence < (SELECT max(sequence) FROM change_log) ORDER BY changed_ns LIMIT ?)"""
)
TRIM_OLD_EVENTS = Statement(
    """DELETE FROM access_events WHERE id IN (SELECT id FROM access_events INDEXED BY access_events_time
    WHERE happened_ns < ? ORDER BY happened_ns LIMIT ?)"""
)
TRIM_MANY_EVENTS = Statement(
    """DELETE FROM access_events WHERE id IN (SELECT id FROM access_events
    WHERE id <= (SELECT max(id) FROM access_events) - ? ORDER BY id LIMIT ?)"""
)


def save_search(unit: UnitOfWork, name: str, query: str) -> int:
    """Saves a search under a name; its id."""
    _check_name(unit, name)
    parse(query)
    if unit.database.value(COUNT_SAVED) >= MOST_SAVED_SEARCHES:
        raise UsageError(f"There are {MOST_SAVED_SEARCHES} saved searches already; remove one first.")
    search_id = unit.database.insert(ADD_SAVED, (name, query, unit.now_ns, unit.now_ns))
    unit.view_entry("saved", "added", None, name)
    unit.audit("save search", f"saved:{search_id}", after={"name": name, "query": query})
    return search_id


def rename_saved_search(unit: UnitOfWork, search_id: int, name: str) -> None:
    """Gives a saved search another name; its query stays."""
    before, query = _saved(unit, search_id)
    if name == before:
        return
    _check_name(unit, name)
    unit.database.rows(RENAME_SAVED, (name, unit.now_ns, search_id))
    unit.view_entry("saved", "removed", None, before)
    unit.view_entry("saved", "added", None, name)
    unit.audit("rename search", f"saved:{search_id}", {"name": before, "query": query}, {"name": name, "query": query})


def edit_saved_search(unit: UnitOfWork, search_id: int, query: str) -> None:
    """Gives a saved search another query; its name stays."""
    name, before = _saved(unit, search_id)
    parse(query)
    unit.database.rows(EDIT_SAVED, (query, unit.now_ns, search_id))
    unit.view_entry(f"saved:{search_id}", "changed", None, None)
    unit.audit("edit search", f"saved:{search_id}", {"name": name, "query": before}, {"name": name, "query": query})


def forget_saved_search(unit: UnitOfWork, search_id: int) -> None:
    """Removes a saved search. What it found stays, of course."""
    name, query = _saved(unit, search_id)
    unit.database.rows(FORGET_SAVED, (search_id,))
    unit.view_entry("saved", "removed", None, name)
    unit.audit("forget search", f"saved:{search_id}", before={"name": name, "query": query})


def note_refusal(unit: UnitOfWork, request: str, reason: str) -> None:
    """Writes down that a client wanted a change and did not get it. There is nothing to take back."""
    unit.audit("refused", f"request:{request}", after={"reason": reason[:_LONGEST_REASON]}, alone=True)


def remember_view(unit: UnitOfWork, context: int, path: str) -> None:
    """Remembers a folder that was entered, so that its inode number is understood after a restart.

    Entering it again only moves its time; nothing else could be wanted back, so only the first time is audited.
    """
    if not 0 <= context <= _LARGEST_CONTEXT or not path or len(path) > _LONGEST_PATH:
        raise UsageError(f"The view {path[:80]!r} cannot be remembered as number {context}.")
    known = unit.database.row(VIEW_AT, (context,))
    unit.database.rows(REMEMBER_VIEW, (context, path, unit.now_ns))
    if known is None or known[0] != path:
        unit.database.rows(TRIM_VIEWS, (MOST_RECENT_VIEWS,))
        unit.view_entry("recent_views", "changed", None, None)
        unit.audit("enter view", f"view:{context}", after={"path": path})


def record_view(unit: UnitOfWork, file_id: int, size: int) -> None:
    """Counts one view of a file's content and of its title."""
    row = unit.database.row(FILE, (file_id,))
    if row is None:
        raise NotFoundError(f"There is no file {file_id} in the library.")
    content_id, title_id = row
    unit.touch(title_id, text=not unit.database.value(VIEWS, (title_id,)))  # the first takes it out of the unwatched
    for identifier in dict.fromkeys((content_id, title_id)):
        unit.database.rows(ADD_VIEW, (identifier, max(0, size), unit.now_ns))
        unit.content_changed(identifier)
    unit.database.rows(ADD_EVENT, (file_id, content_id, unit.now_ns, max(0, size)))
    unit.audit("view", f"file:{file_id}", after={"bytes": max(0, size)})


def trim_change_log(unit: UnitOfWork, before_ns: int, limit: int) -> int:
    """Drops entries older than ``before_ns``, at most ``limit``, never the newest; how many went."""
    trimmed = unit.database.changed(TRIM_CHANGES, (before_ns, limit))
    if trimmed:
        unit.audit("trim change log", f"{trimmed} entries")
    return trimmed


def trim_access_events(unit: UnitOfWork, before_ns: int, limit: int) -> int:
    """Drops single views older than ``before_ns`` or beyond the newest ``MOST_EVENTS``, at most ``limit``; how many
    went."""
    trimmed = unit.database.changed(TRIM_OLD_EVENTS, (before_ns, limit))
    trimmed += unit.database.changed(TRIM_MANY_EVENTS, (MOST_EVENTS, limit - trimmed))
    if trimmed:
        unit.audit("trim access events", f"{trimmed} entries")
    return trimmed


def _saved(unit: UnitOfWork, search_id: int) -> Row:
    row = unit.database.row(SAVED, (search_id,))
    if row is None:
        raise NotFoundError(f"There is no saved search {search_id}; 'ls saved' lists those there are.")
    return row


def _check_name(unit: UnitOfWork, name: str) -> None:
    if clean_text(name, _LONGEST_NAME) != name or "/" in name or len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        raise UsageError(f"A search cannot be saved as {name[:80]!r}; use a name of at most 255 bytes without '/'.")
    if unit.database.row(SAVED_NAME, (name,)) is not None:
        raise UsageError(f"There is a saved search {name!r} already; remove it first or use another name.")
