"""Two at once: on one title, on one name in the inbox, on one genre. Both end, nothing is lost, one of them wins."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, settings, staged, wait_for
from tests.mount.programs import Ran, program
from tests.mount.support import Library, small_library, wait_until

HEAT = "Heat (1995)"
FILE = f"{HEAT} - 1080p.mkv"
OURS = "user.offliniofs."


@pytest.fixture
def top(library: Library, mount: Mount) -> Path:
    small_library(library)
    settings(library, linger_ms=0)
    return mount().mountpoint


def line(*words: str | Path) -> list[str]:
    """A program and its arguments."""
    return [os.fspath(word) for word in words]


def together(*lines: list[str]) -> list[int]:
    """Starts all of them, then waits for all; how each ended."""
    started = [subprocess.Popen(words, stderr=subprocess.PIPE) for words in lines]
    codes = []
    for process in started:
        process.communicate(timeout=60)
        codes.append(process.returncode)
    return codes


def genres(top: Path) -> set[str]:
    """Those of the one title."""
    return set(os.getxattr(top / "movies" / HEAT, OURS + "genres").decode().split(", "))


def test_two_moves_of_one_title(top: Path, library: Library) -> None:
    for genre in ("War", "Western"):
        os.mkdir(top / "by-genre" / genre)
    source = top / "by-genre/Drama" / HEAT
    codes = together(*(line("mv", "-T", source, top / "by-genre" / genre / HEAT) for genre in ("War", "Western")))
    assert 0 in codes
    found = genres(top)
    assert "Drama" not in found
    assert found & {"War", "Western"}
    assert "Crime" in found
    assert (top / "movies" / HEAT / FILE).read_bytes() == library.contents[f"movies/{HEAT}/{FILE}"]


def test_a_title_is_renamed_while_it_is_deleted(top: Path, library: Library) -> None:
    together(
        line("mv", "-T", top / "movies" / HEAT, top / "movies/Warmth (1995)"), line("rm", "-r", top / "movies" / HEAT)
    )
    shown, trashed = set(os.listdir(top / "movies")), set(os.listdir(top / ".trash"))
    assert len((shown | trashed) & {HEAT, "Warmth (1995)", FILE, "Warmth (1995) - 1080p.mkv"}) >= 1
    found = [path for place in ("movies", ".trash") for path in (top / place).rglob("*.mkv")]
    contents = [path.read_bytes() for path in found]
    assert contents.count(library.contents[f"movies/{HEAT}/{FILE}"]) == 1


def test_two_attributes_at_once(top: Path) -> None:
    lines = [
        line("setfattr", "-n", OURS + name, "-v", value, top / "movies" / HEAT)
        for name, value in (("year", "1996"), ("rating", "7"), ("genres", "War"), ("favourite", "1"))
    ]
    together(*lines)
    (folder,) = (path for path in (top / "movies").iterdir() if path.name.startswith("Heat"))
    told = {name: os.getxattr(folder, OURS + name) for name in ("rating", "favourite")}
    assert told == {"rating": b"7", "favourite": b"1"}


def test_two_name_one_file_in_the_inbox(top: Path, library: Library, tmp_path: Path) -> None:
    """Each writes a hidden file and renames it, as rsync does: one of the two films is filed, whole."""
    name = "Stalker.1979.576p.WEB-DL.mkv"
    contents = [film(tmp_path / "a" / name, 1), film(tmp_path / "b" / name, 2)]
    codes = together(
        *(line("rsync", "--whole-file", tmp_path / folder / name, top / "inbox" / name) for folder in "ab")
    )
    assert 0 in codes
    folder = top / "movies/Stalker (1979)"
    wait_until(folder.is_dir, SOON, "it is filed")
    wait_until(lambda: staged(library) == [], SOON, "nothing is left over")
    assert {path.read_bytes() for path in folder.glob("*.mkv")} <= set(contents)
    assert list(folder.glob("*.mkv"))


def test_only_one_can_make_a_new_file_of_a_name(top: Path) -> None:
    path = top / "inbox/notes.txt"
    command = line("python3", "-c", "import os, sys; os.open(sys.argv[1], os.O_CREAT | os.O_EXCL | os.O_WRONLY)", path)
    assert sorted(together(command, command, command)) == [0, 1, 1]


def test_two_make_and_remove_one_genre(top: Path) -> None:
    path = top / "by-genre/Western"
    assert sorted(together(line("mkdir", path), line("mkdir", path))) == [0, 1]
    assert sorted(together(line("rmdir", path), line("rmdir", path))) == [0, 1]
    assert program("ls", top / "by-genre").said.split() == ["Comedy", "Crime", "Drama", "Science", "Fiction"]


def test_a_whole_folder_is_synchronised_into_the_inbox_without_complaint(top: Path, tmp_path: Path) -> None:
    """rsync sets the times of the folder it was given, here those of the inbox itself."""
    content = film(tmp_path / "films/Stalker (1979)/Stalker.1979.576p.WEB-DL.mkv")
    ran = program("rsync", "-a", f"{tmp_path}/films/", f"{top}/inbox/")
    assert (ran.code, ran.said) == (0, "")
    wait_for(top / "movies/Stalker (1979)/Stalker (1979) - 576p.mkv", content)


def test_a_whole_archive_is_unpacked_into_the_inbox_without_complaint(top: Path, tmp_path: Path) -> None:
    """tar sets owner, mode and times of "." too: to what they are is no change, to anything else it is told."""
    content = film(tmp_path / "films/Stalker (1979)/Stalker.1979.576p.WEB-DL.mkv")
    (tmp_path / "films").chmod(0o755)
    archive, inbox = tmp_path / "films.tar", top / "inbox"
    assert program("tar", "-cf", archive, "-C", tmp_path / "films", ".").code == 0
    assert program("tar", "-xpf", archive, "-C", inbox) == Ran(0, "")
    wait_for(top / "movies/Stalker (1979)/Stalker (1979) - 576p.mkv", content)
    assert "not permitted" in program("chmod", "777", inbox).said
    assert "not permitted" in program("chown", "1", inbox).said
    assert inbox.stat().st_mode & 0o777 == 0o755
