"""What the machine in ``test_mount_machine.py`` expects: a library in memory, and a mounted one in comparable words.

The model knows titles, what stands in their folders, and in which views they show. It says nothing of times of folders,
which move with every change, and of ``unwatched``, which follows from reading.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

OURS = "user.offliniofs."
SET_BY_PEOPLE = {"rating": OURS + "rating", "plot": OURS + "plot", "tags": "user.xdg.tags"}
"""What nothing but people says anything about, and how it is read."""
MARKS = frozenset({".ignore", ".plexignore", ".nomedia"})
SHELVES = ("movies", "series", "music", "other")
SHELF_OF = {"movie": "movies", "series": "series", "album": "music", "other": "other"}
_VIEWS = (*SHELVES, "by-genre", "by-year", "by-quality", "favourites", "collections", "recent", "saved")
_PASSING = frozenset({OURS + name for name in ("views", "last_viewed", "downloads")})
_STAT = ("mode", "uid", "gid", "size", "nlink", "ino")


@dataclass(slots=True)
class Title:
    """A title of the library, wherever it is now."""

    content_id: int
    kind: str
    name: str
    year: int
    files: dict[int, str]
    """Names by file number, for what still stands in it; a name is empty where another rule makes it."""
    artist: str = ""
    genres: set[str] = field(default_factory=set)
    collections: set[str] = field(default_factory=set)
    attributes: dict[str, str] = field(default_factory=dict)
    """What somebody set: ``rating``, ``plot`` and ``tags``."""
    united: bool = False
    """Another title came into it: it may have several episodes, and then can be no film."""
    favourite: bool = False
    trashed: bool = False
    purged: bool = False

    @property
    def folder(self) -> str:
        """What it is called on its shelf."""
        return self.name if self.kind == "other" else f"{self.name} ({self.year})"

    @property
    def shown(self) -> str:
        """What it is called in the views."""
        return f"{self.artist} - {self.folder}" if self.artist else self.folder

    @property
    def path(self) -> str:
        """Below the mount point, unless it lies in the trash."""
        return "/".join(filter(None, (SHELF_OF[self.kind], self.artist, self.folder)))


@dataclass(slots=True)
class Model:
    """The whole library."""

    titles: dict[int, Title] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    """Empty folders that somebody made, or that lost their last title: paths below the mount point."""
    collections: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    trashed_files: dict[int, int] = field(default_factory=dict)
    """Files that were deleted alone, and their titles."""
    purged_files: set[int] = field(default_factory=set)
    """Files that are gone for good."""

    @property
    def live(self) -> list[Title]:
        """Titles that show."""
        return [title for title in self.titles.values() if not title.trashed and not title.purged]

    def genres(self) -> set[str]:
        """What ``by-genre`` lists."""
        found = {genre for title in self.live for genre in title.genres}
        return found | {path.removeprefix("by-genre/") for path in self.kept if path.startswith("by-genre/")}

    def years(self) -> set[str]:
        """What ``by-year`` lists."""
        found = {str(title.year) for title in self.live if title.kind != "other"}
        return found | {path.removeprefix("by-year/") for path in self.kept if path.startswith("by-year/")}

    def nested(self, genre: str, year: int) -> set[str]:
        """What a genre within a year, or a year within a genre, lists."""
        return {title.shown for title in self.live if genre in title.genres and title.year == year}

    def purge_title(self, title: Title) -> None:
        """A title left the trash for good, with the files of it that lay there alone."""
        alone = {number for number, of in self.trashed_files.items() if of == title.content_id}
        self.purged_files |= alone | title.files.keys()
        self.trashed_files = {number: of for number, of in self.trashed_files.items() if number not in alone}
        title.purged = True

    def entered(self, path: str) -> None:
        """A title came into a folder: it is as good as any other from now on."""
        self.kept.discard(path)

    def left(self, path: str) -> None:
        """A title was taken out of a genre by its folder: the folder stays, though it be empty."""
        if path.removeprefix("by-genre/") not in self.genres():
            self.kept.add(path)

    def expected(self) -> dict[str, set[str]]:
        """What each folder must list."""
        live = self.live
        found: dict[str, set[str]] = {
            "movies": {title.folder for title in live if title.kind == "movie"},
            "series": {title.folder for title in live if title.kind == "series"},
            "music": {title.artist for title in live if title.kind == "album"},
            "other": {title.folder for title in live if title.kind == "other"},
            "by-genre": self.genres(),
            "by-year": self.years(),
            "favourites": {title.shown for title in live if title.favourite},
            "collections": set(self.collections),
            "saved": set(self.saved),
            "recent": {title.shown for title in live},
        }
        for genre in self.genres():
            found[f"by-genre/{genre}"] = {title.shown for title in live if genre in title.genres}
        for year in self.years():
            found[f"by-year/{year}"] = {
                title.shown for title in live if title.kind != "other" and str(title.year) == year
            }
        for name in self.collections:
            found[f"collections/{name}"] = {title.shown for title in live if name in title.collections}
        return found


def listed(folder: Path) -> set[str]:
    """What a folder lists, without markers."""
    return set(os.listdir(folder)) - MARKS


def disagreement(model: Model, top: Path) -> str:
    """Where the mount is not as the model says; empty if it is."""
    for folder, names in model.expected().items():
        try:
            found = listed(top / folder)
        except OSError as error:
            return f"{folder}: {error}"
        if found != names:
            return f"{folder}: {sorted(found)}, expected {sorted(names)}"
    return _title_disagreement(model, top) or _trash_disagreement(model, top)


def _title_disagreement(model: Model, top: Path) -> str:
    for title in model.live:
        found = files_of(top / title.path)
        if set(found) != set(title.files):
            return f"{title.path}: {found}, expected {title.files}"
        for number, name in title.files.items():
            if name and found[number] != name:
                return f"{title.path}: {found[number]!r}, expected {name!r}"
        said = {name: _attribute(top / title.path, shown) for name, shown in SET_BY_PEOPLE.items()}
        if said != {name: title.attributes.get(name, "") for name in SET_BY_PEOPLE}:
            return f"{title.path}: {said}, expected {title.attributes}"
    return ""


def _attribute(path: Path, name: str) -> str:
    try:
        return os.getxattr(path, name).decode()
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        return ""


def _trash_disagreement(model: Model, top: Path) -> str:
    titles, files = set(), set()
    for name in listed(top / ".trash"):
        path = top / ".trash" / name
        if path.is_dir():
            titles.add(int(os.getxattr(path, OURS + "id")))
        else:
            files.add(path.stat().st_ino & 0xFFFFFFFF)
    wanted = {title.content_id for title in model.titles.values() if title.trashed and not title.purged}
    if titles != wanted or files != set(model.trashed_files):
        return f".trash: {titles} and files {files}, expected {wanted} and {set(model.trashed_files)}"
    return ""


def files_of(folder: Path) -> dict[int, str]:
    """Files of the library below a folder by number, with their names; none that are made when asked for."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(parent, name))
            if status.st_ino >> 60 == 1:  # see tree/inodes.py
                found[status.st_ino & 0xFFFFFFFF] = name
    return found


# --- the whole tree ---------------------------------------------------------------------------------------------------

Picture = dict[str, dict[str, object]]


def picture(top: Path, *, trash: bool = False) -> Picture:
    """Everything that shows below the mount point: names, owners, modes, sizes, links, times of files, attributes.

    Attributes of titles and files are those on the shelves; in every view they are the same.
    """
    found: Picture = {}
    for view in (".trash",) if trash else _VIEWS:
        for parent, folders, files in os.walk(top / view):
            for name in (*folders, *files, ""):
                path = os.path.join(parent, name) if name else parent
                if name not in MARKS and (name or parent == str(top / view)):
                    relative = os.path.relpath(path, top)
                    told = view in (*SHELVES, ".trash") or relative.count("/") < 2
                    found[relative] = _look(path, attributes=told)
    return found


def _look(path: str, *, attributes: bool) -> dict[str, object]:
    status = os.lstat(path)
    told: dict[str, object] = {name: getattr(status, f"st_{name}") for name in _STAT}
    if stat.S_ISREG(status.st_mode) and status.st_ino >> 60 == 1:
        told["mtime"] = status.st_mtime_ns
    for name in os.listxattr(path) if attributes else ():
        if name not in _PASSING:
            told[name] = os.getxattr(path, name)
    return told


def difference(before: Picture, after: Picture) -> str:
    """What two pictures do not have in common; empty if they are equal."""
    lines = [f"- {path}" for path in sorted(before.keys() - after.keys())]
    lines += [f"+ {path}" for path in sorted(after.keys() - before.keys())]
    for path in sorted(before.keys() & after.keys()):
        old, new = before[path], after[path]
        lines += [
            f"{path}: {name}: {old.get(name)!r} → {new.get(name)!r}"
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ]
    return "\n".join(lines[:40])


def digests(top: Path) -> dict[int, str]:
    """The true digest of every file that shows on the shelves, by number; read through the mount."""
    found = {}
    for shelf in SHELVES:
        for parent, _, names in os.walk(top / shelf):
            for name in names:
                path = Path(parent, name)
                number = path.stat().st_ino
                if number >> 60 == 1:
                    found[number & 0xFFFFFFFF] = blake3(path.read_bytes()).hexdigest()
                    assert os.getxattr(path, OURS + "hash").decode() == found[number & 0xFFFFFFFF]
    return found
