"""Whatever a user does to the library, taking it all back gives the library of before, row by row."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from offliniofs.catalog.row_changes import DERIVED, RECORDED
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit
from offliniofs.domain.errors import NotFoundError, OfflinioError
from offliniofs.domain.history import Relation
from offliniofs.domain.ids import ContentId, FileId
from tests.unit.catalog_library import Library, episode, film, media, sidecar, track

TIMES = frozenset({"modified_ns"})
UNDECIDED = {
    "content_resolutions": "resolution, content_id",
    "view_times": "view, titles, total_size, kept",
    "library_totals": "subject, items, total_size",
}
CLIENTS = (None, Actor(1000, 1000, 4711, "rm"), Actor(1001, 1001, 815, "mv"))
contents = st.integers(1, 24).map(ContentId)
files = st.integers(1, 12).map(FileId)
values: st.SearchStrategy[tuple[EditableField, EditValue]] = st.sampled_from(
    [
        (EditableField.TITLE, "Alien"),
        (EditableField.TITLE, "Solaris"),
        (EditableField.YEAR, 1979),
        (EditableField.YEAR, 2050),
        (EditableField.GENRES, ("Drama", "Crime")),
        (EditableField.TAGS, ("seen",)),
        (EditableField.FAVOURITE, True),
        (EditableField.QUALITY, "WEBDL-720p"),
        (EditableField.PLOT, "A plot."),
        (EditableField.TITLE, None),
    ]
)


def state(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """Every table that people decide about, and what is kept of it; without times and logs."""
    database = library.writer.database
    found = {}
    for table in RECORDED:
        columns = [row[1] for row in database.script(f"PRAGMA table_info({table})") if row[1] not in TIMES]
        found[table] = sorted(database.script(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
    for table, names in UNDECIDED.items():
        rows = database.script(f"SELECT {names} FROM {table}")
        found[table] = sorted((row for row in rows if row[1:] != (0, 0, 0)), key=repr)
    # a word nobody uses any more may stay: no folder shows it
    for table, link in (("people", "content_people"), ("tags", "content_tags"), ("genres", "content_genres")):
        column = {"people": "person_id", "tags": "tag_id", "genres": "genre_id"}[table]
        used = {row[0] for row in database.script(f"SELECT {column} FROM {link}")}
        found[table] = [row for row in found[table] if row[0] in used]
    return found


class UndoMachine(RuleBasedStateMachine):
    """Rules are edits that may be refused; at the end all of them are taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="offliniofs-undo-"))
        self.library = Library(self.folder / "catalog.sqlite")
        first = media(film("Alien", 1979, genre=("Horror",)))
        self.library.file(
            first,
            sidecar(first, first.identification, FileRole.SUBTITLE, ".en.srt", name="alien.srt"),
            media(film("Alien", 1986)),
            media(film("Aliens", 1986), content="the same"),
            media(film("Alien", 1986, resolution="720p"), content="the same", name="again.mkv"),
            media(episode("Twin Peaks", 1, 1)),
            media(episode("Twin Peaks", 1, 2)),
            media(episode("Fargo", 1, 1, year=2014)),
            media(track("Artist", "One", 1, "Song")),
            media(film("Extra", 2001), subfolder=("extras",)),
        )
        self.library.writer.make_collection("Kept")
        self.before = state(self.library)
        self.began = self.library.writer.database.script("SELECT max(id) FROM audit_log")[0][0]

    def teardown(self) -> None:
        try:
            while self._last_step() > self.began:
                self.library.undo()
            assert self.library.findings() == []
            assert state(self.library) == self.before
        finally:
            self.library.close()
            shutil.rmtree(self.folder)

    def _last_step(self) -> int:
        sql = "SELECT max(step) FROM audit_log WHERE way_back IS NOT NULL AND undone_by IS NULL AND undoes IS NULL"
        found: int | None = self.library.writer.database.script(sql)[0][0]
        return found or 0

    def _do(self, edit: Callable[[Writer], object], client: Actor | None = None) -> None:
        """An edit that makes no sense is refused and changes nothing."""
        before = state(self.library)
        try:
            with self.library.writer.acting_as(client):
                edit(self.library.writer)
        except OfflinioError:
            assert state(self.library) == before

    @rule(content=contents, value=values)
    def edit(self, content: ContentId, value: tuple[EditableField, EditValue]) -> None:
        self._do(lambda writer: writer.edit_content(content, MetadataEdit(*value)))

    @rule(file=files, value=values)
    def edit_file(self, file: FileId, value: tuple[EditableField, EditValue]) -> None:
        self._do(lambda writer: writer.edit_file(file, MetadataEdit(*value)))

    @rule(content=contents, client=st.sampled_from(CLIENTS))
    def trash(self, content: ContentId, client: Actor | None) -> None:
        self._do(lambda writer: writer.trash_content(content), client)

    @rule(file=files, client=st.sampled_from(CLIENTS), prune=st.booleans())
    def trash_file(self, file: FileId, client: Actor | None, prune: bool) -> None:
        self._do(lambda writer: writer.trash_file(file, prune=prune), client)

    @rule(trash_id=st.integers(1, 12))
    def restore(self, trash_id: int) -> None:
        self._do(lambda writer: writer.restore(trash_id))

    @rule(content=contents, name=st.sampled_from(("Drama", "Sci-Fi", "Own words")))
    def add_genre(self, content: ContentId, name: str) -> None:
        self._do(lambda writer: writer.add_genre(content, name))

    @rule(content=contents, old=st.integers(1, 6), new=st.none() | st.integers(1, 6))
    def change_genre(self, content: ContentId, old: int, new: int | None) -> None:
        self._do(lambda writer: writer.change_genre(content, old, new))

    @rule(name=st.sampled_from(("Drama", "Empty")), genre=st.integers(1, 6), how=st.integers(0, 2))
    def shape_genres(self, name: str, genre: int, how: int) -> None:
        match how:
            case 0:
                self._do(lambda writer: writer.make_genre(name))
            case 1:
                self._do(lambda writer: writer.rename_genre(genre, name))
            case _:
                self._do(lambda writer: writer.remove_empty_genre(genre))

    @rule(make=st.booleans())
    def shape_years(self, make: bool) -> None:
        self._do(lambda writer: writer.make_year(2050) if make else writer.remove_empty_year(2050))

    @rule(collection=st.integers(1, 3), content=contents, name=st.sampled_from(("Kept", "New")), how=st.integers(0, 4))
    def shape_collections(self, collection: int, content: ContentId, name: str, how: int) -> None:
        edits: list[Callable[[Writer], object]] = [
            lambda writer: writer.make_collection(name),
            lambda writer: writer.rename_collection(collection, name),
            lambda writer: writer.remove_empty_collection(collection),
            lambda writer: writer.add_to_collection(collection, content),
            lambda writer: writer.remove_from_collection(collection, content),
        ]
        self._do(edits[how], CLIENTS[how % 3])

    @rule(file=files, name=st.sampled_from(("mine.mkv", "mine.srt", "yours.mkv")), client=st.sampled_from(CLIENTS))
    def rename(self, file: FileId, name: str, client: Actor | None) -> None:
        self._do(lambda writer: writer.rename_file(file, name), client)

    @rule(file=files, folder=contents)
    def move(self, file: FileId, folder: ContentId) -> None:
        self._do(lambda writer: writer.move_file(file, folder))

    @rule(content=contents, kind=st.sampled_from((ContentKind.MOVIE, ContentKind.SERIES, ContentKind.OTHER)))
    def change_kind(self, content: ContentId, kind: ContentKind) -> None:
        self._do(lambda writer: writer.change_kind(content, kind))

    @rule(content=contents, into=contents)
    def unite(self, content: ContentId, into: ContentId) -> None:
        self._do(lambda writer: writer.unite(content, into))

    @rule(first=contents, second=contents, add=st.booleans())
    def relate(self, first: ContentId, second: ContentId, add: bool) -> None:
        if add:
            self._do(lambda writer: writer.relate(first, Relation.SEQUEL, second))
        else:
            self._do(lambda writer: writer.unrelate(first, Relation.SEQUEL, second))

    @rule(content=contents, file=files, gid=st.none() | st.integers(0, 3), age=st.none() | st.integers(0, 18))
    def restrict(self, content: ContentId, file: FileId, gid: int | None, age: int | None) -> None:
        self._do(lambda writer: writer.restrict(content, gid=gid, minimum_age=age))
        self._do(lambda writer: writer.restrict_age(age or 12, gid=gid))
        self._do(lambda writer: writer.set_stat(content, is_file=False, mode=0o750, gid=gid))
        self._do(lambda writer: writer.set_stat(file, is_file=True, mode=0o640, mtime_ns=age))

    @rule(name=st.sampled_from(("a", "b")), search=st.integers(1, 4), how=st.integers(0, 2))
    def shape_searches(self, name: str, search: int, how: int) -> None:
        edits: list[Callable[[Writer], object]] = [
            lambda writer: writer.save_search(name, "alien"),
            lambda writer: writer.rename_saved_search(search, name),
            lambda writer: writer.forget_saved_search(search),
        ]
        self._do(edits[how])

    @rule(count=st.integers(1, 3))
    def go_back_and_forth(self, count: int) -> None:
        before = state(self.library)
        done = 0
        for _ in range(count):
            if self._last_step() > self.began:
                self.library.undo()
                done += 1
        assert self.library.findings() == []
        if done:
            self.library.redo(done)
        assert state(self.library) == before

    @rule()
    def go_back(self) -> None:
        with contextlib.suppress(NotFoundError):
            if self._last_step() > self.began:
                self.library.undo()

    @invariant()
    def fsck_finds_nothing(self) -> None:
        assert self.library.findings() == []


UndoMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
TestUndo = UndoMachine.TestCase


def test_derived_columns_are_columns_of_recorded_tables() -> None:
    assert set(DERIVED) <= set(RECORDED)
