"""A real mount, edited at random with the programs people have and from the command line, against a model in memory.

After every change every folder must list what the model says, and the catalogue must be sound. At the end everything
is taken back step by step: after each undo the whole tree must look as it did before that step. Then all undos are
taken back, and it must look as it did at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.mount.programs import Ran, program
from tests.mount.support import Wanted, wait_until
from tests.property.mount_frame import SOON, MountFrame
from tests.property.mount_model import OURS, Title, files_of, listed

GENRES = ("Comedy", "Crime", "Drama", "Horror", "War", "Western")
COLLECTIONS = ("Kept", "Noir", "Trains")
YEARS = (1982, 1995, 2001, 2010)
SEARCHES = ("heat", "genre:drama", "year:1980..1999")
titles = st.integers(0, 11)
genres = st.sampled_from(GENRES)


Change = tuple[str, dict[str, object]]
"""The name of a method of the machine and its arguments."""
_CHANGES: list[st.SearchStrategy[Change]] = []
_Method = TypeVar("_Method", bound=Callable[..., None])


def change(**arguments: st.SearchStrategy[object]) -> Callable[[_Method], _Method]:
    """Marks what the machine can do. Of several rules Hypothesis tries but a few in each run."""

    def marked(method: _Method) -> _Method:
        _CHANGES.append(st.tuples(st.just(method.__name__), st.fixed_dictionaries(arguments)))
        return method

    return marked


class MountMachine(MountFrame):
    """What people do; each either does what the model says, or is refused and changes nothing."""

    # --- genres -------------------------------------------------------------------------------------------------------

    @change(number=titles, old=genres, new=genres)
    def move_between_genres(self, number: int, old: str, new: str) -> None:
        title = self.title(number)
        if title is None or old not in title.genres or new not in self.model.genres():
            return
        there = self.top / "by-genre" / new
        ran = program("mv", "-T", self.top / "by-genre" / old / title.shown, there / title.shown)
        if new in title.genres:
            self.refused(ran) if old != new else None
            return
        title.genres = title.genres - {old} | {new}
        self.model.left(f"by-genre/{old}")
        self.model.entered(f"by-genre/{new}")
        self.done(ran)

    @change(number=titles, genre=genres, link=st.booleans())
    def add_genre(self, number: int, genre: str, link: bool) -> None:
        title = self.title(number)
        if title is None or genre not in self.model.genres() or genre in title.genres:
            return
        command = ("cp", "-rl") if link else ("mv",)
        ran = program(*command, self.top / title.path, self.top / "by-genre" / genre / title.shown)
        title.genres.add(genre)
        self.model.entered(f"by-genre/{genre}")
        self.done(ran)

    @change(number=titles, genre=genres)
    def remove_genre(self, number: int, genre: str) -> None:
        title = self.title(number)
        if title is not None and genre in title.genres:
            ran = program("rm", "-r", self.top / "by-genre" / genre / title.shown)
            title.genres.discard(genre)
            self.model.left(f"by-genre/{genre}")
            self.done(ran)

    @change(genre=genres)
    def make_or_remove_a_genre(self, genre: str) -> None:
        path = self.top / "by-genre" / genre
        if genre not in self.model.genres():
            ran = program("mkdir", path)
            self.model.kept.add(f"by-genre/{genre}")
            self.done(ran)
            return
        self.refused(program("mkdir", path))
        if f"by-genre/{genre}" not in self.model.kept:
            self.refused(program("rmdir", path))
        else:
            ran = program("rmdir", path)
            self.model.kept.discard(f"by-genre/{genre}")
            self.done(ran)

    @change(old=genres, new=genres)
    def rename_a_genre(self, old: str, new: str) -> None:
        if old not in self.model.genres() or old == new:
            return
        ran = program("mv", "-T", self.top / "by-genre" / old, self.top / "by-genre" / new)
        if ran.code != 0:  # the name may be that of a genre which titles in the trash have, and so cannot be seen
            self.refused(ran)
            return
        assert new not in self.model.genres()
        for title in self.model.titles.values():
            title.genres = {new if genre == old else genre for genre in title.genres}
        self.model.kept = {path.replace(f"by-genre/{old}", f"by-genre/{new}") for path in self.model.kept}
        self.done(ran)

    @change(genre=genres)
    def empty_a_genre(self, genre: str) -> None:
        if genre in self.model.genres():
            ran = program("rm", "-r", self.top / "by-genre" / genre)
            for title in self.model.live:
                title.genres.discard(genre)
            self.model.kept.discard(f"by-genre/{genre}")
            self.done(ran)

    # --- years, names, kinds ------------------------------------------------------------------------------------------

    @change(number=titles, year=st.sampled_from(YEARS))
    def change_the_year(self, number: int, year: int) -> None:
        title = self.title(number, "movie", "series", "album")
        if title is None or title.year == year or not self.free(title.name, year, title):
            return
        if str(year) not in self.model.years():
            ran = program("mkdir", self.top / f"by-year/{year}")
            self.model.kept.add(f"by-year/{year}")
            self.done(ran)
        ran = program("mv", self.top / f"by-year/{title.year}" / title.shown, self.top / f"by-year/{year}/")
        self.renamed(title, title.name, year)
        self.model.entered(f"by-year/{year}")
        self.done(ran)

    @change(number=titles, name=st.sampled_from(("Solaris", "Stalker", "Пример", "a b  c", "Up!")), year=st.booleans())
    def retitle(self, number: int, name: str, year: bool) -> None:
        title = self.title(number, "movie", "series")
        if title is None:
            return
        wanted = 1972 if year else title.year
        if not self.free(name, wanted, title):
            return
        folder = (self.top / title.path).parent
        ran = program("mv", "-T", title.folder, f"{name} ({wanted})", cwd=folder)
        if (name, wanted) == (title.name, title.year):
            return
        self.renamed(title, " ".join(name.split()), wanted)
        self.model.entered(f"by-year/{wanted}")
        self.done(ran)

    @change(number=titles)
    def change_the_kind(self, number: int) -> None:
        title = self.title(number, "movie", "series")
        if title is not None:
            kind = "series" if title.kind == "movie" else "movie"
            ran = program("mv", self.top / title.path, self.top / ("series" if kind == "series" else "movies"))
            title.kind = kind
            title.files = dict.fromkeys(title.files, "")
            self.done(ran)

    @change(number=titles, name=st.sampled_from(("mine", "Director's Cut", "1")))
    def rename_a_file(self, number: int, name: str) -> None:
        title = self.title(number, "movie")
        if title is None or not title.files:
            return
        file_id, folder = min(title.files), self.top / title.path
        old = files_of(folder)[file_id]
        ran = program("mv", "-n", "-T", old, name + Path(old).suffix, cwd=folder)
        if name + Path(old).suffix not in title.files.values():
            title.files[file_id] = name + Path(old).suffix
            self.done(ran)

    # --- favourites, collections, searches ----------------------------------------------------------------------------

    @change(number=titles, link=st.booleans())
    def favour(self, number: int, link: bool) -> None:
        title = self.title(number)
        if title is None or title.favourite:
            return
        source = self.top / title.path
        files = [path for path in source.rglob("*") if path.stat().st_ino >> 60 == 1]
        if link and files:
            ran = program("ln", files[0], self.top / "favourites")
        else:
            ran = program("mv", source, self.top / "favourites" / title.shown)
        title.favourite = True
        self.done(ran)

    @change(number=titles)
    def favour_no_more(self, number: int) -> None:
        title = self.title(number)
        if title is not None and title.favourite:
            ran = program("rm", "-r", self.top / "favourites" / title.shown)
            title.favourite = False
            self.done(ran)

    @change(name=st.sampled_from(COLLECTIONS), number=titles, cli=st.booleans())
    def collect(self, name: str, number: int, cli: bool) -> None:
        title = self.title(number)
        if title is None or name in title.collections:
            return
        if name not in self.model.collections:
            self.model.collections.add(name)
            self.done(
                self.cli.run("collection", "make", name) if cli else program("mkdir", self.top / "collections" / name)
            )
        if cli:
            ran = self.cli.run("collection", "add", name, title.path)
        else:
            ran = program("mv", self.top / title.path, self.top / "collections" / name / title.shown)
        title.collections.add(name)
        self.done(ran)

    @change(name=st.sampled_from(COLLECTIONS), whole=st.booleans())
    def take_out_of_a_collection(self, name: str, whole: bool) -> None:
        if name not in self.model.collections:
            return
        inside = [title for title in self.model.live if name in title.collections]
        path = self.top / "collections" / name
        if whole or not inside:
            ran = program("rm", "-r", path)
            self.model.collections.discard(name)
        else:
            self.refused(program("rmdir", path))
            ran = program("rm", "-r", path / inside[0].shown)
            inside = inside[:1]
        for title in inside:
            title.collections.discard(name)
        self.done(ran)

    @change(query=st.sampled_from(SEARCHES), name=st.sampled_from(("Mine", "Yours")))
    def save_rename_and_forget_a_search(self, query: str, name: str) -> None:
        saved = self.top / "saved"
        for old in sorted(self.model.saved):
            self.model.saved.discard(old)
            self.done(program("rmdir", saved / old))
            return
        self.model.saved.add(query)
        self.done(program("mkdir", saved / query))
        self.model.saved = {name}
        self.done(program("mv", saved / query, saved / name))

    # --- attributes ---------------------------------------------------------------------------------------------------

    @change(number=titles, chosen=st.sets(genres, max_size=3), cli=st.booleans())
    def set_genres(self, number: int, chosen: set[str], cli: bool) -> None:
        title = self.title(number)
        if title is None or not chosen:
            return
        if cli:
            ran = self.cli.run("edit", title.path, *(word for genre in sorted(chosen) for word in ("--genre", genre)))
        else:
            value = ", ".join(sorted(chosen))
            ran = program("setfattr", "-n", OURS + "genres", "-v", value, self.top / title.path)
        title.genres = set(chosen)
        for genre in chosen:
            self.model.entered(f"by-genre/{genre}")
        self.done(ran)

    @change(number=titles, name=st.sampled_from(("rating", "plot", "tags")), remove=st.booleans())
    def set_attributes(self, number: int, name: str, remove: bool) -> None:
        title = self.title(number)
        if title is not None:
            how = ("-x", OURS + name) if remove else ("-n", OURS + name, "-v", "7")
            self.done(program("setfattr", *how, self.top / title.path))

    @change(number=titles, wrong=st.sampled_from(("year=soon", "rating=11", "quality=good", "hash=0", "favourite=2")))
    def set_what_cannot_be(self, number: int, wrong: str) -> None:
        title = self.title(number)
        if title is not None:
            name, value = wrong.split("=")
            self.refused(program("setfattr", "-n", OURS + name, "-v", value, self.top / title.path))

    @change(number=titles, on_file=st.booleans(), how=st.integers(0, 2), value=st.integers(0, 3))
    def set_owner_mode_and_time(self, number: int, on_file: bool, how: int, value: int) -> None:
        title = self.title(number)
        if title is None:
            return
        path = self.top / title.path
        if on_file and title.files:
            path = next(found for found in path.rglob("*") if found.stat().st_ino >> 60 == 1)
        command = (
            ("chmod", f"7{value}{value}"),
            ("chown", f"{1000 + value}:{2000 + value}"),
            ("touch", "-d", f"200{value}-01-02 03:04:05 UTC"),
        )[how]
        self.done(program(*command, path))
        status = path.stat()
        assert (
            status.st_mode & 0o777 == int(command[1], 8)
            if how == 0
            else (status.st_uid, status.st_gid) == (1000 + value, 2000 + value)
            if how == 1
            else int(status.st_mtime) % 86_400 == 11_045
        )

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
            self.done(ran)

    @change()
    def undo_and_redo(self) -> None:
        """Takes the last step back and does it again: the tree of before, and then that of now."""
        if not self.steps:
            return
        last = self.steps[-1]
        self.runs(self.cli.run("undo", "--yes"))
        self.looks(last.before)
        self.runs(self.cli.run("undo", "--redo", "--yes"))
        self.looks(last.after)

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
        self.know(title)
        self.model.entered(f"by-genre/{genre}")
        self.model.entered(f"by-year/{title.year}")
        self.done(Ran(0, "import", elsewhere=True))
        return title

    # --- what is always refused ---------------------------------------------------------------------------------------

    @change(
        number=titles,
        what=st.sampled_from(
            (
                ("mv", "{}", "by-quality/720p"),
                ("mv", "{}", "search/heat"),
                ("mv", "{}", "recent/"),
                ("mv", "{}", "by-genre/"),
                ("mv", "{}", "music/"),
                ("mv", "by-year/{year}", "by-year/1903"),
                ("rm", "-rf", "search/{folder}"),
                ("rm", "-rf", "by-year/{year}"),
                ("rm", "-rf", "recent"),
                ("rm", "-rf", "by-quality/1080p"),
                ("mkdir", "{}/new"),
                ("mkdir", "movies/New"),
                ("ln", "-s", "{}", "favourites/link"),
                ("ln", "README.txt", "favourites/"),
                ("mkdir", "by-year/soon"),
                ("mkdir", "by-genre/a:b"),
                ("truncate", "-s", "1", "README.txt"),
                ("cp", "README.txt", "movies/"),
            )
        ),
    )
    def do_what_has_no_meaning(self, number: int, what: tuple[str, ...]) -> None:
        title = self.title(number, "movie", "series")
        if title is not None:
            words = (word.format(title.path, year=title.year, folder=title.folder) for word in what)
            ran = program(*words, cwd=self.top)
            self.refused(ran)

    @rule(change=st.one_of(_CHANGES))
    def do(self, change: Change) -> None:
        """Anything of the above."""
        name, arguments = change
        getattr(self, name)(**arguments)


MountMachine.TestCase.settings = settings(
    max_examples=4,
    stateful_step_count=20,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # a life takes seconds: making a failing one small takes hours
    suppress_health_check=list(HealthCheck),
)
TestMount = MountMachine.TestCase
