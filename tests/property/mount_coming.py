"""What the machine in ``test_mount_machine.py`` brings into the library, deletes, restores and removes for good."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from tests.mount.inbox_support import SOON as FILED_SECONDS
from tests.mount.inbox_support import attribute, film
from tests.mount.programs import Ran, program
from tests.mount.support import Wanted, wait_until
from tests.property.mount_frame import SOON, MountFrame, change
from tests.property.mount_model import Title, files_of, listed
from tests.property.mount_titles import genres, titles


class ComingAndGoing(MountFrame):
    """Imports, the inbox and the trash."""

    # --- the trash ----------------------------------------------------------------------------------------------------

    @change(number=titles, how=st.integers(0, 2))
    def delete_a_title(self, number: int, how: int) -> None:
        title = self.title(number)
        if title is None or not title.files:
            return
        path = self.top / title.path
        self.refused(program("rmdir", path))
        if how == 0:
            ran = program("rm", "-r", path)
        elif how == 1:
            ran = program("mv", path, self.top / ".trash/")
        else:
            ran = self.cli.run("remove", title.path)
        title.trashed = True
        self.done(ran)

    @change(number=titles)
    def delete_a_file(self, number: int) -> None:
        title = self.title(number, "movie")
        if title is not None and len(title.files) > 1:
            file_id = min(title.files)
            ran = program("rm", self.top / title.path / files_of(self.top / title.path)[file_id])
            del title.files[file_id]
            self.model.trashed_files[file_id] = title.content_id
            self.done(ran)

    @change(number=titles, favoured=st.booleans())
    def restore(self, number: int, favoured: bool) -> None:
        entries = sorted(listed(self.top / ".trash"))
        if not entries:
            return
        entry = self.top / ".trash" / entries[number % len(entries)]
        if entry.is_file():
            file_id = entry.stat().st_ino & 0xFFFFFFFF
            title = self.model.titles[self.model.trashed_files[file_id]]
            if title.trashed:
                return
            ran = program("mv", entry, self.top / title.path)
            title.files[file_id] = ""
            del self.model.trashed_files[file_id]
        else:
            title = self.model.titles[int(entry.stat().st_ino & 0xFFFFFFFF)]
            ran = program("mv", entry, self.top / ("favourites" if favoured else Path(title.path).parts[0]))
            title.trashed = False
            title.favourite = title.favourite or favoured
            for genre in title.genres:
                self.model.entered(f"by-genre/{genre}")
            self.model.entered(f"by-year/{title.year}")
        self.done(ran)

    @change(number=titles, cli=st.booleans())
    def purge(self, number: int, cli: bool) -> None:
        """Removes an entry of the trash for good, and its bytes with it."""
        entries = sorted(listed(self.top / ".trash"))
        if not entries:
            return
        entry = self.top / ".trash" / entries[number % len(entries)]
        number = int(entry.stat().st_ino & 0xFFFFFFFF)
        if entry.is_file():
            del self.model.trashed_files[number]
            self.model.purged_files.add(number)
        else:
            inside = files_of(entry)
            if inside:
                name = next(path for path in entry.rglob("*") if path.stat().st_ino & 0xFFFFFFFF in inside)
                self.refused(program("rm", name))
            self.model.purge_title(self.model.titles[number])
        self.final(self.cli.run("remove", "--purge", entry.name) if cli else program("rm", "-r", entry))
        wait_until(lambda: self.blobs() == self.known_files(), SOON, "the bytes are gone")

    def blobs(self) -> int:
        """How many blobs the store has: none of the machine's files has the bytes of another."""
        return sum(len(path.name) == 64 for path in (self.library.root / "blobs").rglob("*"))

    def known_files(self) -> int:
        """How many files the library has, shown or in the trash."""
        titles = [title for title in self.model.titles.values() if not title.purged]
        return sum(len(title.files) for title in titles) + len(self.model.trashed_files)

    # --- the command line and imports ---------------------------------------------------------------------------------

    @change(number=titles, other=titles, remove=st.booleans())
    def relate(self, number: int, other: int, remove: bool) -> None:
        first, second = self.title(number), self.title(other)
        if first is not None and second is not None and first is not second and not remove:
            self.done(self.cli.run("relate", first.path, "sequel", second.path))

    @change(number=titles, favourite=st.booleans())
    def edit_from_the_command_line(self, number: int, favourite: bool) -> None:
        title = self.title(number)
        if title is not None:
            ran = self.cli.run("edit", title.path, "--favourite" if favourite else "--no-favourite", "--tag", "seen")
            title.favourite = favourite
            title.attributes["tags"] = "seen"
            self.done(ran)

    @change(genre=genres)
    def import_a_film(self, genre: str) -> None:
        if self.imported < 5:
            self._import(genre)

    def _import(self, genre: str) -> Title:
        self.imported += 1
        name = f"Film {'ABCDEFGHI'[self.imported]}"
        wanted = Wanted(name, name.encode() * 100, year=2000 + self.imported, genres=(genre,))
        self.library.add(wanted)
        title = Title(0, "movie", name, 2000 + self.imported, {}, "", {genre})
        wait_until((self.top / title.path).is_dir, SOON, "the import shows")
        self.know(title)  # an empty folder that somebody made is still his when the film goes into the trash again
        self.done(Ran(0, "import", elsewhere=True), arrival=True)
        return title

    # --- the inbox ----------------------------------------------------------------------------------------------------

    @change()
    def drop(self) -> None:
        """A film that nobody has seen here."""
        if self.dropped >= 4:
            return
        self.dropped += 1
        name, year = f"Dropped {'ABCD'[self.dropped - 1]}", 2010 + self.dropped
        path = self.folder / f"{name} {year} 1080p.mkv"
        path.write_bytes(_clip() + name.encode())
        ran = program("cp", path, self.top / "inbox")
        title = Title(0, "movie", name, year, {})
        wait_until((self.top / title.path).is_dir, FILED_SECONDS, "it is filed")
        self.know(title)
        self.sources[title.content_id] = path
        self._until_the_inbox_is_empty()
        self.done(ran, arrival=True)

    @change(number=titles)
    def drop_again(self, number: int) -> None:
        """What is there already goes; what lies in the trash comes back."""
        known = [title for title in self.model.titles.values() if title.content_id in self.sources and not title.purged]
        if not known:
            return
        title = known[number % len(known)]
        if len(title.files) != 1 or title.kind != "movie":
            return
        ran = program("cp", self.sources[title.content_id], self.top / "inbox")
        self._until_the_inbox_is_empty()
        if not title.trashed:
            assert ran.code == 0
            self.unchanged()
            return
        title.trashed = False
        self.done(ran, arrival=True)

    def _until_the_inbox_is_empty(self) -> None:
        with self.told("the inbox: {}", self._inbox):
            wait_until(lambda: not listed(self.top / "inbox"), FILED_SECONDS, "the inbox is empty")

    def _inbox(self) -> str:
        inbox = self.top / "inbox"
        return "; ".join(
            f"{name}: {attribute(inbox / name, 'state')}, {attribute(inbox / name, 'reason')}" for name in listed(inbox)
        )


@functools.cache
def _clip() -> bytes:
    folder = tempfile.mkdtemp(prefix="offliniofs-clip-")
    try:
        return film(Path(folder) / "clip.mkv")
    finally:
        shutil.rmtree(folder)
