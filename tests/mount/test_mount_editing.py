"""The library edited with the programs people have: mv, cp, rm, mkdir, rmdir, touch, chmod, setfattr."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from pathlib import Path

import pytest

from offliniofs.fuse.mount_table import mounted_at
from tests.conftest import Mount
from tests.mount.support import MARKS, Daemon, Library, small_library, wait_until

HEAT = "Heat (1995)"
HEAT_FILE = "Heat (1995) - 1080p.mkv"
OURS = "user.offliniofs."


@pytest.fixture
def top(library: Library, mount: Mount) -> Path:
    small_library(library)
    return mount().mountpoint


def run(*command: str | Path, cwd: Path | None = None, fails: bool = False) -> str:
    """Runs a program; what it said, on failure when ``fails``."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr if fails else done.stdout


def names(folder: Path) -> set[str]:
    """What a folder lists, without markers."""
    return set(os.listdir(folder)) - MARKS


def genres(title: Path) -> set[str]:
    """The genres of a title."""
    if OURS + "genres" not in os.listxattr(title):
        return set()
    return set(os.getxattr(title, OURS + "genres").decode().split(", "))


def wait_for_reason(top: Path, reason: str) -> None:
    """health.txt is made anew once a second."""
    wait_until(lambda: reason in (top / ".offliniofs/health.txt").read_text(), 3, reason)


def history(library: Library) -> list[tuple[str, str, str]]:
    """Actor, program and action of every row of the history, oldest first."""
    reader = library.reader()
    try:
        steps = reader.history(1000)
        return [(step.actor, step.program, entry.action) for step in reversed(steps) for entry in step.entries]
    finally:
        reader.close()


# --- moving -----------------------------------------------------------------------------------------------------------


def test_moving_a_title_between_genres_changes_its_genre(top: Path, library: Library) -> None:
    run("mv", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy")
    assert genres(top / "movies" / HEAT) == {"Crime", "Comedy"}
    assert HEAT in names(top / "by-genre/Comedy")
    assert HEAT not in names(top / "by-genre/Drama")
    assert (top / "by-genre/Comedy" / HEAT / HEAT_FILE).read_bytes() == library.contents[f"movies/{HEAT}/{HEAT_FILE}"]
    assert ("uid:0", "mv", "edit") in history(library)


def test_moving_into_other_facets_adds(top: Path) -> None:
    os.mkdir(top / "collections/Noir")
    run("mv", top / "movies" / HEAT, top / "collections/Noir")
    run("mv", top / "by-genre/Drama" / HEAT, top / "favourites")
    assert names(top / "collections/Noir") == names(top / "favourites") == {HEAT}
    assert HEAT in names(top / "movies")
    assert HEAT in names(top / "by-genre/Drama")
    assert (top / "movies" / HEAT / HEAT_FILE).stat().st_ino == (top / "favourites" / HEAT / HEAT_FILE).stat().st_ino


def test_moving_between_years_changes_the_year_and_the_name(top: Path) -> None:
    os.mkdir(top / "by-year/1971")
    run("mv", top / "by-year/1995" / HEAT, top / "by-year/1971")
    assert names(top / "by-year/1971") == {"Heat (1971)"}
    wait_until(lambda: not (top / "movies" / HEAT).exists(), 1, "the old name goes")
    assert names(top / "movies/Heat (1971)") == {"Heat (1971) - 1080p.mkv", "movie.nfo"}


def test_renaming_a_title_retitles_it_everywhere(top: Path) -> None:
    assert HEAT in names(top / "search/heat")
    run("mv", top / "movies" / HEAT, top / "movies/Warmth (1996)")
    for view in ("movies", "by-genre/Crime", "by-year/1996", "recent", "search/warmth"):
        assert "Warmth (1996)" in names(top / view), view
        assert HEAT not in names(top / view), view
    run("mv", "Warmth (1996)", "Cold (1996)", cwd=top / "by-genre/Crime")
    assert "Cold (1996)" in names(top / "movies")


def test_renaming_a_file_keeps_the_name_given(top: Path) -> None:
    folder = top / "movies" / HEAT
    run("mv", folder / HEAT_FILE, folder / "Heat - my own.mkv")
    assert names(folder) == {"Heat - my own.mkv", "movie.nfo"}
    run("mv", folder / "Heat - my own.mkv", folder / "Heat.avi", fails=True)
    run("mv", folder, top / "movies/Warmth (1996)")
    assert "Heat - my own.mkv" in names(top / "movies/Warmth (1996)")


def test_renaming_genres_and_collections(top: Path) -> None:
    run("mv", top / "by-genre/Crime", top / "by-genre/Underworld")
    assert "Underworld" in names(top / "by-genre")
    assert "Crime" not in names(top / "by-genre")
    assert genres(top / "movies" / HEAT) == {"Underworld", "Drama"}
    os.mkdir(top / "collections/Noir")
    run("mv", top / "collections/Noir", top / "collections/Dark")
    assert names(top / "collections") == {"Dark"}


def test_no_move_copies_a_byte(library: Library, mount: Mount) -> None:
    """A film of 50 GB, sparse, is moved about: its blob stays the same file, and nothing of it is read or written."""
    small_library(library)
    reader = library.reader()
    film = reader.file_at(f"movies/{HEAT}/{HEAT_FILE}")
    assert film is not None
    details = reader.file_details(film)
    reader.close()
    assert details is not None
    blob = next(library.root.glob(f"blobs/*/*/{details.digest.hex()}*"))
    os.chmod(blob, 0o600)
    os.truncate(blob, 50 << 30)
    daemon = mount()
    before, io = blob.stat(), _written(daemon)
    stored = set(library.root.glob("blobs/**/*"))
    for _ in range(20):
        os.rename(daemon.mountpoint / "by-genre/Drama" / HEAT, daemon.mountpoint / "by-genre/Comedy" / HEAT)
        os.rename(daemon.mountpoint / "by-genre/Comedy" / HEAT, daemon.mountpoint / "by-genre/Drama" / HEAT)
    after = blob.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_blocks) == (before.st_ino, before.st_mtime_ns, before.st_blocks)
    assert set(library.root.glob("blobs/**/*")) == stored
    assert _written(daemon) - io < 40 << 20  # forty edits of the catalogue, however large the film
    os.truncate(blob, details.size)


def _written(daemon: Daemon) -> int:
    fields = Path(f"/proc/{daemon.process.pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in fields if line.startswith("wchar"))


# --- copying ----------------------------------------------------------------------------------------------------------


def test_copying_with_links_adds_a_genre(top: Path) -> None:
    run("cp", "-rl", top / "movies" / HEAT, top / "by-genre/Comedy")
    assert genres(top / "movies" / HEAT) == {"Crime", "Drama", "Comedy"}
    run("cp", "-rl", top / "series/The Wire (2002)", top / "favourites/")
    assert names(top / "favourites") == {"The Wire (2002)"}
    assert names(top / "favourites/The Wire (2002)/Season 01")
    run("cp", "-rl", top / "music/John Coltrane/Blue Train (1957)", top / "by-genre/Comedy")
    assert "John Coltrane - Blue Train (1957)" in names(top / "by-genre/Comedy")


def test_linking_a_file_adds_its_title(top: Path) -> None:
    run("ln", top / "movies" / HEAT / HEAT_FILE, top / "favourites/")
    assert names(top / "favourites") == {HEAT}


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_deleting_on_a_shelf_leads_to_the_trash_and_back(top: Path, library: Library) -> None:
    content = library.contents[f"movies/{HEAT}/{HEAT_FILE}"]
    run("rm", "-r", top / "movies" / HEAT)
    for view in ("movies", "by-genre/Crime", "by-year", "recent", "search/heat"):
        assert HEAT not in names(top / view), view
    assert names(top / ".trash") == {HEAT}
    trashed = top / ".trash" / HEAT
    assert (trashed / HEAT_FILE).read_bytes() == content
    assert b"T" in os.getxattr(trashed, OURS + "deleted")
    assert b"T" in os.getxattr(trashed, OURS + "expires")
    run("mv", trashed, top / "movies")
    assert names(top / ".trash") == set()
    assert (top / "movies" / HEAT / HEAT_FILE).read_bytes() == content
    assert HEAT in names(top / "by-genre/Crime")


def test_rm_of_a_title_is_one_step_that_can_be_undone(top: Path, library: Library) -> None:
    run("rm", "-r", top / "series/The Wire (2002)")
    assert names(top / "series") == set()
    library.undo()
    wait_until(lambda: names(top / "series") == {"The Wire (2002)"}, 2, "the series is back")
    assert names(top / "series/The Wire (2002)/Season 01")
    assert names(top / ".trash") == set()


def test_deleting_in_the_trash_is_for_good(top: Path, library: Library) -> None:
    blobs = set(library.root.glob("blobs/*/*/*"))
    run("rm", top / "movies" / HEAT / HEAT_FILE)
    assert names(top / ".trash") == {HEAT_FILE}
    run("rm", "-f", top / ".trash" / HEAT_FILE)
    assert names(top / ".trash") == set()
    run("rm", "-r", top / "music/John Coltrane")
    (entry,) = names(top / ".trash")
    run("rm", "-r", top / ".trash" / entry)
    assert names(top / ".trash") == set()
    assert len(blobs - set(library.root.glob("blobs/*/*/*"))) == 2


def test_an_open_file_is_read_on_after_it_was_deleted(top: Path, library: Library) -> None:
    with (top / "movies" / HEAT / HEAT_FILE).open("rb", buffering=0) as stream:
        first = stream.read(10)
        run("rm", "-r", top / "movies" / HEAT)
        assert first + stream.read(1 << 20) == library.contents[f"movies/{HEAT}/{HEAT_FILE}"]


def test_rm_in_a_removable_view_takes_the_facet_away(top: Path) -> None:
    run("rm", "-r", top / "by-genre/Drama" / HEAT)
    assert genres(top / "movies" / HEAT) == {"Crime"}
    assert HEAT_FILE in names(top / "movies" / HEAT)
    run("rm", "-r", top / "by-genre/Crime")
    assert "Crime" not in names(top / "by-genre")
    assert genres(top / "series/The Wire (2002)") == set()
    assert len(names(top / "movies")) == 3
    assert names(top / ".trash") == set()


def test_rm_of_one_file_in_a_view_is_refused(top: Path) -> None:
    run("ls", "-l", top / "by-genre/Drama" / HEAT)
    assert "Operation not permitted" in run("rm", top / "by-genre/Drama" / HEAT / HEAT_FILE, fails=True)
    assert genres(top / "movies" / HEAT) == {"Crime", "Drama"}


@pytest.mark.parametrize("view", ["search/heat", "by-year/1995", "by-quality/1080p", "recent", "unwatched"])
def test_rm_in_any_other_view_is_refused_and_loses_nothing(top: Path, view: str) -> None:
    assert "Operation not permitted" in run("rm", "-rf", top / view, fails=True)
    assert HEAT_FILE in names(top / view / HEAT)
    assert names(top / ".trash") == set()
    health = (top / ".offliniofs/health.txt").read_text()
    assert "unlink by rm" in health
    assert view.split("/")[0] in health


def test_rm_of_everything_leaves_everything_in_the_trash_or_in_place(top: Path, library: Library) -> None:
    stored = set(library.root.glob("blobs/*/*/*"))
    subprocess.run(["rm", "-rf", *(str(top / name) for name in os.listdir(top) if name != ".trash")], check=False)
    assert len(names(top / ".trash")) == 5
    assert set(library.root.glob("blobs/*/*/*")) == stored
    assert {"movies", "README.txt", ".offliniofs", "by-genre"} <= names(top)


# --- making and removing folders --------------------------------------------------------------------------------------


def test_empty_genres_years_and_collections_stay_until_removed(top: Path) -> None:
    for folder in ("by-genre/Western", "by-year/1903", "collections/Trains"):
        run("mkdir", top / folder)
        assert names(top / folder) == set()
        assert (top / folder).name in names((top / folder).parent)
        run("rmdir", top / folder)
        assert (top / folder).name not in names((top / folder).parent)
    assert "not empty" in run("rmdir", top / "by-genre/Drama", fails=True)
    assert "not empty" in run("rmdir", top / "movies" / HEAT, fails=True)
    assert "exists" in run("mkdir", top / "by-genre/Drama", fails=True)


def test_a_genre_stays_where_its_last_title_left(top: Path) -> None:
    run("mv", top / "by-genre/Comedy/Amélie (2001)", top / "by-genre/Drama")
    assert names(top / "by-genre/Comedy") == set()
    run("rmdir", top / "by-genre/Comedy")
    assert "Comedy" not in names(top / "by-genre")


def test_a_genre_made_under_another_word_is_the_known_one(top: Path) -> None:
    run("mv", top / "by-genre/Comedy/Amélie (2001)", top / "favourites")
    os.mkdir(top / "by-genre/Westerns")
    wait_until(lambda: "Westerns" in names(top / "by-genre") or "Western" in names(top / "by-genre"), 1, "the genre")


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_refusal_says_why_in_health_history_and_log(top: Path, library: Library) -> None:
    assert "not permitted" in run("mv", top / "movies" / HEAT, top / "by-quality/720p", fails=True)
    health = (top / ".offliniofs/health.txt").read_text()
    assert "rename by mv (uid:0): No title can be put into by-quality/" in health
    assert "No title can be put into by-quality/" in (top.parent / "said").read_text()
    wait_until(lambda: ("uid:0", "mv", "refused") in history(library), 2, "the history says so")
    assert HEAT in names(top / "movies")


def test_wrong_values_are_refused_with_a_reason(top: Path) -> None:
    run("setfattr", "-n", OURS + "year", "-v", "1996", top / "movies" / HEAT)
    assert "Heat (1996)" in names(top / "movies")
    run("setfattr", "-n", OURS + "year", "-v", "soon", top / "movies/Heat (1996)", fails=True)
    assert "takes a year from 1800 to 2999" in (top / ".offliniofs/health.txt").read_text()
    run("setfattr", "-x", OURS + "year", top / "movies/Heat (1996)")
    assert HEAT in names(top / "movies")


# --- owners, modes, times ---------------------------------------------------------------------------------------------


def test_chmod_chown_and_touch_persist(top: Path, library: Library, mount: Mount) -> None:
    file, folder = top / "movies" / HEAT / HEAT_FILE, top / "movies" / HEAT
    run("chmod", "640", file)
    run("chown", "1234:1235", file)
    run("touch", "-d", "2001-02-03 04:05:06 UTC", file)
    run("chmod", "750", folder)
    run("chown", "1234:1235", folder)
    run("touch", "-d", "2002-02-03 04:05:06 UTC", folder)

    def told() -> list[tuple[int, int, int, int]]:
        found = [path.stat() for path in (file, folder, top / "by-genre/Crime" / HEAT)]
        return [(stat.S_IMODE(each.st_mode), each.st_uid, each.st_gid, int(each.st_mtime)) for each in found]

    expected = [(0o640, 1234, 1235, 981173106), (0o750, 1234, 1235, 1012709106), (0o750, 1234, 1235, 1012709106)]
    assert told() == expected
    subprocess.run(["fusermount3", "-u", str(top)], check=True)
    wait_until(lambda: mounted_at(top) is None, 10, "unmounted")
    mount()
    assert told() == expected
    with pytest.raises(OSError, match=r".") as caught:
        os.truncate(file, 1)
    assert caught.value.errno == errno.EPERM
    with pytest.raises(PermissionError):
        os.chmod(top / "by-genre", 0o700)


# --- kinds and unions -------------------------------------------------------------------------------------------------


def test_moving_between_shelves_changes_the_kind(top: Path) -> None:
    run("mv", top / "movies" / HEAT, top / "series")
    assert os.getxattr(top / "series" / HEAT, OURS + "type") == b"series"
    assert HEAT not in names(top / "movies")
    run("mv", top / "series" / HEAT, top / "movies")
    assert os.getxattr(top / "movies" / HEAT, OURS + "type") == b"movie"
    assert "not permitted" in run("mv", top / "movies" / HEAT, top / "music", fails=True)
    assert HEAT in names(top / "movies")


def test_giving_a_title_the_name_of_another_unites_them(top: Path) -> None:
    run("mv", "-T", top / "movies/Amélie (2001)", top / "movies" / HEAT)
    assert names(top / "movies") == {HEAT, "Blade Runner (1982)"}
    assert len([name for name in names(top / "movies" / HEAT) if name.endswith(".mkv")]) == 2


def test_copying_with_all_attributes_is_quiet(top: Path) -> None:
    before = (top / "movies" / HEAT).stat().st_mtime_ns
    run("cp", "-al", top / "movies" / HEAT, top / "favourites")
    assert names(top / "favourites") == {HEAT}
    assert (top / "movies" / HEAT).stat().st_mtime_ns == before


def test_what_belongs_elsewhere_is_refused_with_a_reason(top: Path) -> None:
    file = top / "movies" / HEAT / HEAT_FILE
    tries: list[tuple[tuple[str | Path, ...], str]] = [
        (("mv", file, top / "movies"), "stands in the folder of its title"),
        (("mv", top / "movies" / HEAT, top / "movies/Blade Runner (1982)"), "cannot stand inside another"),
        (("mv", top / "by-year/1995", top / "by-year/1996"), "A year is a year"),
        (
            ("mv", top / "series/The Wire (2002)/Season 01", top / "movies"),
            "can only be moved into another title",
        ),
        (("mkdir", top / "movies/New"), "Copy what is new into inbox/"),
        (("mkdir", top / "by-genre/Crime/Unknown (1990)"), "no title of this name"),
        (("ln", "-s", file, top / "favourites/link"), "no symbolic links"),
        (("mv", top / "README.txt", top / "movies"), "always exists"),
    ]
    for command, reason in tries:
        run(*command, fails=True)
        wait_for_reason(top, reason)
    with pytest.raises(PermissionError):
        os.truncate(file, 0)
    wait_for_reason(top, "never changes")
