"""What the machine in ``test_mount_machine.py`` does with favourites, collections, searches and attributes."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.mount.programs import program
from tests.property.mount_frame import MountFrame, change
from tests.property.mount_model import OURS
from tests.property.mount_titles import genres, titles

COLLECTIONS = ("Kept", "Noir", "Trains")
SEARCHES = ("heat", "genre:drama", "year:1980..1999")


class MarkRules(MountFrame):
    """What people say of titles, without moving them."""

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
            ran = program("setfattr", *how, self.top / title.path)
            title.attributes.pop(name, None)
            if not remove:
                title.attributes[name] = "7"
            self.done(ran)

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
