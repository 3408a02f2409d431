"""One change of the catalogue: what it touched, and everything that has to follow in the same transaction.

The code that changes rows says which titles it is about to change (:meth:`UnitOfWork.touch`, before it does) and what
directory entries came, changed or went. At the end :meth:`UnitOfWork.settle` compares each title with what it was and
brings the columns "kept by the writer" into step: view times and totals, link counts, the search text, the change log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from offliniofs.catalog.connection import Database
from offliniofs.catalog.membership import (
    FACET_OF_PREFIX,
    RELINK_FILE,
    RELINK_TITLE,
    TitleState,
    title_state,
)
from offliniofs.catalog.search_text import LATE_TEXT, rebuild_text
from offliniofs.catalog.statements import Bindings, Statement
from offliniofs.domain.actors import Actor
from offliniofs.domain.listing import Shelf

VIEW = Statement("SELECT changed_ns, titles, total_size, kept FROM view_times WHERE view = ?")
SET_VIEW = Statement(
    """INSERT INTO view_times (view, changed_ns, titles, total_size) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (view) DO UPDATE SET changed_ns = ?2, titles = ?3, total_size = ?4"""
)
KEEP_VIEW = Statement(
    """INSERT INTO view_times (view, changed_ns, kept) VALUES (?1, ?2, ?3)
    ON CONFLICT (view) DO UPDATE SET kept = ?3, changed_ns = max(?2, changed_ns + 1)"""
)
FORGET_KEPT = Statement("DELETE FROM kept_folders WHERE view = ?")
GENRE_FOLDER = Statement("SELECT folder_name FROM genres WHERE id = ?")
LOG_CHANGE = Statement(
    """INSERT INTO change_log (changed_ns, subject, action, subject_id, directory_id, view, name)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
)
LOG_AUDIT = Statement(
    """INSERT INTO audit_log (happened_ns, actor, pid, program, action, subject, before, after, step, way_back)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
)
OWN_STEP = Statement("UPDATE audit_log SET step = id WHERE id = ?")
LAST_OF_PROCESS = Statement(
    """SELECT step, happened_ns, actor, program, undoes, undone_by FROM audit_log INDEXED BY audit_log_process
    WHERE pid = ? AND action NOT IN ('refused', 'purge', 'view', 'enter view') ORDER BY id DESC LIMIT 1"""
)
ARTIST = Statement(
    """SELECT c.folder_name, c.listed, EXISTS (SELECT 1 FROM content a INDEXED BY content_child_listing
    WHERE a.parent_id = c.id AND a.folder_name IS NOT NULL AND a.deleted_ns IS NULL),
    EXISTS (SELECT 1 FROM kept_folders k WHERE k.view = 'artist:' || c.id)
    FROM content c WHERE c.id = ? AND c.kind = 'artist' AND c.deleted_ns IS NULL"""
)
SET_LISTED = Statement("UPDATE content SET listed = ? WHERE id = ?")
TOUCH_DIRECTORY = Statement("UPDATE content SET modified_ns = max(?, modified_ns + 1) WHERE id = ?")
ADD_TOTALS = Statement("UPDATE library_totals SET items = items + ?, total_size = total_size + ? WHERE subject = ?")


@dataclass(slots=True)
class _ViewChange:
    """What this change adds to a view; ``listed``: whether its listing is another one now."""

    titles: int = 0
    size: int = 0
    listed: bool = False


class UnitOfWork:
    """Lives for one transaction."""

    __slots__ = (
        "_artists",
        "_before",
        "_changes",
        "_directories",
        "_files",
        "_late",
        "_made",
        "_relink",
        "_retext",
        "_views",
        "actor",
        "begins_step",
        "database",
        "frees_folders",
        "last_audit",
        "now_ns",
        "step",
    )

    def __init__(self, database: Database, now_ns: int, actor: Actor) -> None:
        self.database = database
        self.now_ns = now_ns
        self.actor = actor
        self._before: dict[int, TitleState | None] = {}
        self._retext: set[int] = set()
        self._late: set[int] = set()
        self._made: set[int] = set()
        self._relink: set[int] = set()
        self._artists: set[int] = set()
        self._files: dict[int, int] = {}
        self._directories: set[int] = set()
        self._views: dict[str, _ViewChange] = {}
        self._changes: list[Bindings] = []
        self.step: int | None = None
        self.begins_step = False
        self.frees_folders = True
        """Whether an empty folder that somebody made is like any other from the moment a title comes into it. Not where
        that could not be taken back."""
        self.last_audit: int | None = None

    def touch(self, title_id: int, *, text: bool = True) -> None:
        """A title is about to change. ``text``: perhaps also what it is found by."""
        if title_id not in self._before:
            self._before[title_id] = title_state(self.database, title_id)
        if text:
            self._retext.add(title_id)

    def retext(self, title_id: int) -> None:
        """What a title is found by changed, and nothing that decides where it shows."""
        self._retext.add(title_id)
        self.content_changed(title_id)

    def retext_later(self, title_id: int) -> None:
        """Of what a title is found by only names of files went: that may be written down later."""
        self._late.add(title_id)

    @property
    def leaves_texts(self) -> bool:
        """Whether texts are left to be written by another change."""
        return bool(self._late - self._retext)

    def kept_changed(self, view: str, *, kept: bool) -> None:
        """A folder of a facet stays, or no longer stays, while no title is in it."""
        found = self.database.row(VIEW, (view,))
        self.database.rows(KEEP_VIEW, (view, self.now_ns, int(kept)))
        prefix, _, number = view.partition(":")
        if prefix == "artist":
            self.artist_changed(int(number))
        elif found is None or found[1] == 0:
            self._settle_facet(view, "added" if kept else "removed")

    def artist_changed(self, content_id: int) -> None:
        """What is perhaps an artist came, or has other albums."""
        self._artists.add(content_id)

    def made(self, title_id: int) -> None:
        """A title was made just now."""
        self._made.add(title_id)
        self._before[title_id] = None
        self._retext.add(title_id)

    def directory_made(self, content_id: int) -> None:
        """A directory was made just now: its time is that of this change already."""
        self._made.add(content_id)

    def relink(self, title_id: int) -> None:
        """The link counts of all of a touched title's files may be others."""
        self._relink.add(title_id)

    def file_added(self, file_id: int, title_id: int, folder_id: int, name: str) -> None:
        """A file came into a directory."""
        self._files[file_id] = title_id
        self.entry("file", "added", file_id, folder_id, name)

    def entry(self, subject: str, action: str, subject_id: int | None, directory_id: int, name: str) -> None:
        """A directory gained, lost or changed an entry; ``None``: one that is none of the library's."""
        if action != "changed":
            self._directories.add(directory_id)
        self._changes.append((self.now_ns, subject, action, subject_id, directory_id, None, name))

    def view_entry(self, view: str, action: str, subject_id: int | None, name: str | None) -> None:
        """A view (or shelf) gained, lost or changed an entry; without a name, any of them."""
        self._view(view).listed = True
        subject = "view" if subject_id is None else "content"
        self._changes.append((self.now_ns, subject, action, subject_id, None, view, name))

    def content_changed(self, content_id: int) -> None:
        """A row's details changed: generated files and attributes that show them are others now."""
        self._changes.append((self.now_ns, "content", "changed", content_id, None, None, None))

    def add_totals(self, subject: str, items: int, size: int) -> None:
        """The library has more (or less) blobs or files."""
        self.database.rows(ADD_TOTALS, (items, size, subject))

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        *,
        way_back: str | None = None,
        alone: bool = False,
    ) -> int:
        """Writes the row that says who did what; its id. ``alone``: it continues no step of the same process."""
        if alone:
            self.step = None
        elif self.step is None and not self.begins_step:
            self.step = self._step_to_continue()
        bindings = (
            self.now_ns,
            self.actor.name,
            self.actor.pid,
            self.actor.program,
            action,
            subject,
            None if before is None else json.dumps(before),
            None if after is None else json.dumps(after),
            self.step,
            way_back,
        )
        self.last_audit = self.database.insert(LOG_AUDIT, bindings)
        if self.step is None:
            self.step = self.last_audit
            self.database.rows(OWN_STEP, (self.last_audit,))
        return self.last_audit

    def _step_to_continue(self) -> int | None:
        """The step that the same process began a moment ago and nobody took back."""
        actor = self.actor
        found = self.database.row(LAST_OF_PROCESS, (actor.pid,)) if actor.pid is not None else None
        if found is None:
            return None
        step, happened_ns, name, program, undoes, undone_by = found
        same = (name, program, undoes, undone_by) == (actor.name, actor.program, None, None)
        return int(step) if same and 0 <= self.now_ns - happened_ns < actor.pause_ns else None

    def settle(self) -> None:
        """Brings everything that follows from the change into step. To be called once, at the end."""
        for title_id, before in self._before.items():
            self._settle_title(title_id, before)
        self._settle_links()
        for artist_id in sorted(self._artists):
            self._settle_artist(artist_id)
        self.database.many(
            TOUCH_DIRECTORY, [(self.now_ns, directory) for directory in sorted(self._directories - self._made)]
        )
        self.database.many(LATE_TEXT, [(title_id,) for title_id in sorted(self._late - self._retext)])
        for title_id in sorted(self._retext):
            rebuild_text(self.database, title_id, new=title_id in self._before and self._before[title_id] is None)
        if self._before:
            self._view("library").listed = True
        self._settle_views()
        self.database.many(LOG_CHANGE, self._changes)

    def _view(self, key: str) -> _ViewChange:
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = _ViewChange()
        return found

    def _settle_title(self, title_id: int, before: TitleState | None) -> None:
        after = title_state(self.database, title_id)
        old_keys = before.keys if before else frozenset()
        new_keys = after.keys if after else frozenset()
        for state, sign in ((before, -1), (after, 1)):
            if state is not None:
                for key in (state.shelf_key, *state.keys):
                    change = self._view(key)
                    change.titles += sign
                    change.size += sign * state.size
        renamed = before is not None and after is not None and before.name != after.name
        if before is not None:
            for key in sorted(old_keys if renamed else old_keys - new_keys):
                self.view_entry(key, "removed", title_id, before.name)
        if after is not None:
            for key in sorted(new_keys if renamed else new_keys - old_keys):
                self.view_entry(key, "added", title_id, after.name)
        self._artists.update(state.artist for state in (before, after) if state and state.artist is not None)
        self._settle_recent(title_id, before, after)
        if after is not None and (
            before is None or before.links != after.links or before.resolutions != after.resolutions
        ):
            self._relink.add(title_id)

    def _settle_artist(self, artist_id: int) -> None:
        """``music/`` shows an artist with the first album and no longer when the last one goes."""
        row = self.database.row(ARTIST, (artist_id,))
        if row is None:
            return
        folder, listed, has_albums, kept = row
        if has_albums and kept:
            self.database.rows(FORGET_KEPT, (f"artist:{artist_id}",))
            self.database.rows(KEEP_VIEW, (f"artist:{artist_id}", self.now_ns, 0))
        shows = bool(has_albums or kept)
        if shows is not bool(listed):
            self.database.rows(SET_LISTED, (int(shows), artist_id))
            self.view_entry(f"shelf:{Shelf.MUSIC.value}", "added" if shows else "removed", artist_id, folder)

    def _settle_recent(self, title_id: int, before: TitleState | None, after: TitleState | None) -> None:
        """A new title pushes the oldest of the recent ones out: which, only its listing knows."""
        if before is not None and after is not None and before.name == after.name:
            return
        if before is not None:
            self.view_entry("recent", "removed", title_id, before.name)
        if after is not None:
            self.view_entry("recent", "added", title_id, after.name)

    def _settle_links(self) -> None:
        links: dict[int, int] = {}
        for title_id in self._relink | set(self._files.values()):
            state = title_state(self.database, title_id)
            links[title_id] = state.links if state else 1
        for title_id in sorted(self._relink):
            self.database.rows(RELINK_TITLE, (links[title_id], title_id))
        alone = [(links[title], file) for file, title in self._files.items() if title not in self._relink]
        self.database.many(RELINK_FILE, alone)

    def _settle_views(self) -> None:
        for key in sorted(self._views):
            self._settle_view(key, self._views[key])
        for key in sorted(key for key in self._views if key.startswith("facet:")):
            self._settle_view(key, self._views[key])

    def _settle_view(self, key: str, change: _ViewChange) -> None:
        if not (change.titles or change.size or change.listed):
            return
        found = self.database.row(VIEW, (key,))
        changed_ns, titles, size, kept = found if found is not None else (0, 0, 0, 0)
        after = titles + change.titles
        if change.listed:
            changed_ns = max(self.now_ns, changed_ns + 1)
        self.database.rows(SET_VIEW, (key, changed_ns, after, size + change.size))
        if kept and after > titles == 0 and self.frees_folders:
            self.database.rows(FORGET_KEPT, (key,))
            self.database.rows(KEEP_VIEW, (key, changed_ns, 0))
        elif not kept and (titles > 0) != (after > 0):
            self._settle_facet(key, "added" if after > 0 else "removed")
        change.titles = change.size = 0
        change.listed = False

    def _settle_facet(self, key: str, action: str) -> None:
        """The first title of a genre, year or quality makes its folder, the last one takes it away."""
        prefix, _, value = key.partition(":")
        facet = FACET_OF_PREFIX.get(prefix)
        if facet is None:
            return
        name = f"{value}p" if prefix == "resolution" else value
        if prefix == "genre":
            found = self.database.row(GENRE_FOLDER, (int(value),))
            if found is None:
                return
            name = found[0]
        self.view_entry(f"facet:{facet.value}", action, None, name)
