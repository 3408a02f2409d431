"""What the machine in ``test_mount_machine.py`` does to genres, years, names and kinds of titles."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from tests.mount.programs import Ran, program
from tests.mount.support import wait_until
from tests.property.mount_frame import SOON, MountFrame, change
from tests.property.mount_model import Title, files_of, listed

YEARS = (1982, 1995, 2001, 2010)
titles = st.integers(0, 11)
genres = st.sampled_from(("Comedy", "Crime", "Drama", "Horror", "War", "Western"))


class TitleRules(MountFrame):
    """Moving, renaming and uniting titles."""

    # --- genres -------------------------------------------------------------------------------------------------------

    @change(number=titles, old=genres, new=genres)
    def move_between_genres(self, number: int, old: str, new: str) -> None:
        title = self.title(number)
        if title is None or old not in title.genres or new not in self.model.genres():
            return
        there = self.top / "by-genre" / new
        ran = program("mv", "-T", self.top / "by-genre" / old / title.shown, there / title.shown)
        if old == new:
            self.refused(ran)
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

    @change(genre=genres, twice=st.booleans())
    def make_or_remove_a_genre(self, genre: str, twice: bool) -> None:
        path = self.top / "by-genre" / genre
        if genre not in self.model.genres():
            ran = self.made(path, twice)
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
        if title is not None and not (title.united and title.kind == "series"):
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
        names = files_of(folder)
        old = names[file_id]
        ran = program("mv", "-n", "-T", old, name + Path(old).suffix, cwd=folder)
        if name + Path(old).suffix not in names.values():
            title.files[file_id] = name + Path(old).suffix
            self.done(ran)

    # --- views in each other ------------------------------------------------------------------------------------------

    @change(number=titles, genre=genres, year=st.sampled_from(YEARS), nested=st.booleans(), years_first=st.booleans())
    def move_into_a_nested_view(self, number: int, genre: str, year: int, nested: bool, years_first: bool) -> None:
        """Every condition of the target becomes true; of the source's only a genre is replaced."""
        title = self.title(number, "movie", "series", "album")
        known = genre in self.model.genres() and str(year) in self.model.years()
        if title is None or not known or genre in title.genres or not self.free(title.name, year, title):
            return
        old = min(title.genres, default="") if nested else ""
        source = self.top / (_nested(old, title.year, years_first) if old else "") / title.shown
        target = _nested(genre, year, years_first)
        ran = program("mv", source if old else self.top / title.path, self.top / target / title.shown)
        title.genres = title.genres - {old} | {genre}
        if title.year != year:
            self.renamed(title, title.name, year)
        if old:
            self.model.left(f"by-genre/{old}")
        self.model.entered(f"by-genre/{genre}")
        self.model.entered(f"by-year/{year}")
        self.done(ran)
        for view in (_nested(genre, year, years_first), _nested(genre, year, not years_first)):
            self.lists(view, self.model.nested(genre, year))

    @change(number=titles)
    def remove_from_a_nested_view(self, number: int) -> None:
        """What was nested last is lost, if it can be."""
        title = self.title(number, "movie", "series", "album")
        if title is None or not title.genres:
            return
        genre = max(title.genres)
        self.refused(program("rm", "-r", self.top / _nested(genre, title.year, years_first=False) / title.shown))
        self.lists(_nested(genre, title.year, years_first=True), self.model.nested(genre, title.year))
        ran = program("rm", "-r", self.top / _nested(genre, title.year, years_first=True) / title.shown)
        title.genres.discard(genre)
        self.model.left(f"by-genre/{genre}")
        self.done(ran)

    def lists(self, view: str, wanted: set[str]) -> None:
        """A nested view lists what it must; the kernel may believe for a second what it knew."""
        wait_until(lambda: listed(self.top / view) == wanted, SOON, f"{view} lists {wanted}")

    # --- two that are one ---------------------------------------------------------------------------------------------

    @change(number=titles, other=titles)
    def unite(self, number: int, other: int) -> None:
        """The files of the first come into the second; what is left of it goes to the trash."""
        first, second = self.title(number, "movie", "series"), self.title(other, "movie", "series")
        if first is None or second is None or first is second or first.kind != second.kind:
            return
        taken = files_of(self.top / second.path).values()
        ran = program("mv", "-T", self.top / first.path, self.top / second.path)
        second.files |= {
            number: "" if name in taken or name.startswith(first.folder) else name
            for number, name in first.files.items()
        }
        first.files = {}
        first.trashed = second.united = True
        self._take_over(first, second)
        self.done(ran)

    def _take_over(self, first: Title, second: Title) -> None:
        second.genres = second.genres or set(first.genres)
        second.collections |= first.collections
        tags = {tag for title in (second, first) for tag in title.attributes.get("tags", "").split(",") if tag}
        if tags:
            second.attributes["tags"] = ",".join(sorted(tags))

    # --- what stands in a title ---------------------------------------------------------------------------------------

    @change(number=titles, other=titles)
    def move_a_version(self, number: int, other: int) -> None:
        title, into = self.title(number, "movie"), self.title(other, "movie")
        if title is None or into is None or title is into or len(title.files) < 2:
            return
        file_id = min(title.files)
        name = files_of(self.top / title.path)[file_id]
        if name in files_of(self.top / into.path).values():
            return
        ran = program("mv", self.top / title.path / name, self.top / into.path)
        del title.files[file_id]
        into.files[file_id] = ""
        self.done(ran)

    @change(number=titles, name=st.sampled_from(("Miles Davis", "Trane")))
    def rename_an_artist(self, number: int, name: str) -> None:
        title = self.title(number, "album")
        if title is not None and title.artist != name:
            ran = program("mv", self.top / "music" / title.artist, self.top / "music" / name)
            title.artist = name
            self.done(ran)

    @change(number=titles, name=st.sampled_from(("extras", "Trailers", "Subs")), twice=st.booleans())
    def make_move_and_remove_a_folder(self, number: int, name: str, twice: bool) -> None:
        title = self.title(number)
        if title is not None:
            folder = self.top / title.path
            self.done(self.made(folder / name, twice))
            self.refused(program("mkdir", folder / name))
            self.done(program("mv", folder / name, folder / "clips"))
            self.done(program("rmdir", folder / "clips"))

    def made(self, folder: Path, twice: bool) -> Ran:
        """``mkdir``; ``twice``: as Explorer does it, which makes a folder and then gives it its name."""
        if not twice:
            return program("mkdir", folder)
        waiting = folder.with_name("New folder")
        ran = program("mkdir", waiting)
        return ran if ran.code else program("mv", "-T", waiting, folder)


def _nested(genre: str, year: int, years_first: bool) -> str:
    parts = (f"by-genre/{genre}", f"by-year/{year}")
    return "/".join(reversed(parts) if years_first else parts)
