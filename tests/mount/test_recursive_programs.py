"""Programs that go through a whole title and set everything: cp -a, chmod -R, chown -R."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Library, small_library

HEAT = "Heat (1995)"
WIRE = "The Wire (2002)"
OURS = "user.offliniofs."


@pytest.fixture
def top(library: Library, mount: Mount) -> Path:
    small_library(library)
    return mount().mountpoint


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def _attribute(path: Path, name: str) -> str:
    return os.getxattr(path, OURS + name).decode()


@pytest.mark.parametrize("title", [f"movies/{HEAT}", f"series/{WIRE}"])
def test_copying_with_all_attributes_says_nothing_of_a_title_but_where_it_is_put(
    top: Path, library: Library, title: str
) -> None:
    _run("cp", "-al", top / title, top / "by-genre/Comedy")
    copied = top / "by-genre/Comedy" / Path(title).name
    assert "Comedy" in _attribute(copied, "genres")
    decided = dict(line.split(": ", 1) for line in _attribute(copied, "why").splitlines())
    assert {field for field, why in decided.items() if why.startswith("user")} == {"genres"}
    reader = library.reader()
    try:
        assert "refused" not in {entry.action for step in reader.history(100) for entry in step.entries}
    finally:
        reader.close()


def test_a_value_that_differs_counts_also_while_a_title_is_copied(top: Path) -> None:
    folder = top / "by-genre/Comedy" / HEAT
    folder.mkdir()
    os.setxattr(folder, OURS + "year", b"1995")
    os.setxattr(folder, OURS + "rating", b"8")
    assert _attribute(folder, "rating") == "8"
    assert "rating: user" in _attribute(folder, "why")
    assert "year: user" not in _attribute(folder, "why")


@pytest.mark.parametrize("title", [f"movies/{HEAT}", f"series/{WIRE}"])
def test_modes_and_owners_are_set_through_a_whole_title(top: Path, title: str) -> None:
    place = top / title
    _run("chmod", "-R", "g-rx,o-rx", place)
    _run("chown", "-R", "1234:1235", place)
    for folder, _, files in os.walk(place):
        media = [Path(folder, name).stat() for name in files if not name.endswith(".nfo")]
        found = [Path(folder).stat(), *media]
        assert {(stat.S_IMODE(each.st_mode) & 0o077, each.st_uid, each.st_gid) for each in found} == {(0, 1234, 1235)}
