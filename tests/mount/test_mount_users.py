"""Two users on one mount: the kernel checks owners and modes, and who is in which group.

Needs root, as other users cannot be had otherwise; the users need not exist.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Library, small_library, wait_until

OWNER, GUEST, GROUP = 61_234, 61_235, 61_300
HEAT = "Heat (1995)"
FILE = f"movies/{HEAT}/{HEAT} - 1080p.mkv"


@pytest.fixture
def at() -> Iterator[Path]:
    """A folder that everybody can enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="offliniofs-users-") as folder:
        os.chmod(folder, 0o755)
        place = Path(folder, "mount")
        place.mkdir(mode=0o755)
        yield place


@pytest.fixture
def top(at: Path, library: Library, mount: Mount) -> Path:
    """A mount that belongs to OWNER, for all users."""
    small_library(library)
    return mount("--allow-other", "--uid", str(OWNER), "--gid", str(OWNER), at=at).mountpoint


def as_user(user: int, *command: str | Path, groups: tuple[int, ...] = (), fails: bool = False) -> str:
    """Runs a program as another user."""
    member = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    line = ["setpriv", "--reuid", str(user), "--regid", str(user), *member, "--", *map(str, command)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def test_a_guest_reads_what_modes_allow_and_changes_nothing(top: Path, library: Library) -> None:
    assert HEAT in as_user(GUEST, "ls", top / "movies")
    assert HEAT in as_user(GUEST, "ls", top / "search/heat")
    assert as_user(GUEST, "cat", top / FILE).encode() == library.contents[FILE]
    before = sorted(os.listdir(top / "by-genre/Drama"))
    for command in (
        ("mv", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy"),
        ("mv", top / "movies" / HEAT, top / "movies/Mine"),
        ("mv", top / "movies" / HEAT, top / ".trash"),
        ("rm", "-rf", top / "movies" / HEAT),
        ("rm", "-rf", top / "by-genre/Drama" / HEAT),
        ("rmdir", top / "by-genre/Drama" / HEAT),
        ("mkdir", top / "by-genre/New"),
        ("mkdir", top / "saved/heat"),
        ("ln", top / FILE, top / "favourites/x.mkv"),
        ("chmod", "777", top / FILE),
        ("chown", str(GUEST), top / FILE),
        ("touch", top / FILE),
        ("setfattr", "-n", "user.offliniofs.year", "-v", "1999", top / "movies" / HEAT),
    ):
        said = as_user(GUEST, *command, fails=True)
        assert "ermission denied" in said or "not permitted" in said, command
    assert sorted(os.listdir(top / "by-genre/Drama")) == before
    assert (top / FILE).read_bytes() == library.contents[FILE]


def test_the_owner_edits_without_being_root(top: Path, library: Library) -> None:
    as_user(OWNER, "mv", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy")
    as_user(OWNER, "setfattr", "-n", "user.offliniofs.favourite", "-v", "1", top / "movies" / HEAT)
    as_user(OWNER, "chmod", "600", top / FILE)
    as_user(GUEST, "cat", top / FILE, fails=True)
    as_user(OWNER, "mkdir", top / "collections/Noir")
    as_user(OWNER, "rm", "-r", top / "movies" / HEAT)
    assert HEAT in os.listdir(top / ".trash")
    reader = library.reader()
    try:
        assert {step.actor for step in reader.history() if step.program in {"mv", "rm"}} == {f"uid:{OWNER}"}
    finally:
        reader.close()


def test_a_title_is_for_one_group(top: Path, library: Library) -> None:
    reader, writer = library.reader(), library.writer()
    title = reader.directory_at(f"movies/{HEAT}")
    assert title is not None
    try:
        writer.restrict(title, gid=GROUP)
    finally:
        writer.close()
        reader.close()
    wait_until(lambda: (top / "movies" / HEAT).stat().st_gid == GROUP, 2, "the restriction shows")
    for view in ("movies", "by-genre/Drama", "by-year/1995", "recent", "search/heat"):
        assert "ermission denied" in as_user(GUEST, "ls", top / view / HEAT, fails=True), view
        as_user(GUEST, "ls", "-l", top / view)
        assert as_user(GUEST, "ls", top / view / HEAT, groups=(GROUP,))
    assert "ermission denied" in as_user(GUEST, "cat", top / FILE, fails=True)
    as_user(GUEST, "getfattr", "-n", "user.offliniofs.title", top / "movies" / HEAT, fails=True)
    as_user(OWNER, "rm", top / FILE, groups=(GROUP,))
    trashed = top / ".trash" / Path(FILE).name
    assert "ermission denied" in as_user(GUEST, "cat", trashed, fails=True)
    assert as_user(GUEST, "cat", trashed, groups=(GROUP,)).encode() == library.contents[FILE]


def test_ages_are_for_one_group(top: Path, library: Library) -> None:
    reader, writer = library.reader(), library.writer()
    title = reader.directory_at("movies/Amélie (2001)")
    assert title is not None
    try:
        writer.restrict(title, minimum_age=18)
        writer.restrict_age(16, gid=GROUP)
    finally:
        writer.close()
        reader.close()
    wait_until(lambda: (top / "movies/Amélie (2001)").stat().st_gid == GROUP, 2, "the rule shows")
    as_user(GUEST, "ls", top / "by-genre/Comedy/Amélie (2001)", fails=True)
    as_user(GUEST, "ls", top / "movies" / HEAT)
