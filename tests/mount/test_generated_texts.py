"""Copying a title brings its generated NFO files along: they do not become the user's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, settings, staged
from tests.mount.support import Library, small_library, wait_until

HEAT = "movies/Heat (1995)"
WIRE = "series/The Wire (2002)"
NFO = {HEAT: "movie.nfo", WIRE: "Season 01/The Wire (2002) S01E01 - The Target.nfo"}


@pytest.fixture
def top(library: Library, mount: Mount) -> Path:
    small_library(library)
    settings(library)
    return mount().mountpoint


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def _follows(top: Path, library: Library, title: str) -> None:
    """Nothing waits to be filed, and the NFO says what is edited."""
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    nfo = top / title / NFO[title]
    wait_until(nfo.is_file, SOON, "it shows")
    plotted = nfo if title == HEAT else top / title / "tvshow.nfo"
    for path, edited in ((plotted, top / title), (nfo, nfo.with_suffix(".mkv"))):
        if path.with_suffix(".mkv").exists() or edited.is_dir():
            os.setxattr(edited, "user.offliniofs.plot", b"A thief.")
            assert "<plot>A thief.</plot>" in path.read_text()


@pytest.mark.parametrize("title", [HEAT, WIRE])
def test_copied_into_a_genre(top: Path, library: Library, title: str) -> None:
    _run("cp", "-r", top / title, top / "by-genre/Comedy")
    assert (top / "by-genre/Comedy" / Path(title).name).is_dir()
    _follows(top, library, title)


@pytest.mark.parametrize("title", [HEAT, WIRE])
def test_copied_out_and_back(top: Path, library: Library, tmp_path: Path, title: str) -> None:
    out = tmp_path / "out"
    _run("cp", "-r", top / title, out)
    _run("rsync", "-r", f"{out}/", top / title)
    _follows(top, library, title)


def test_another_text_is_the_users(top: Path, library: Library) -> None:
    nfo = top / HEAT / "movie.nfo"
    text = nfo.read_text().replace("Heat", "Warmth")
    nfo.write_text(text)
    wait_until(lambda: staged(library) == [] and nfo.read_text() == text, SOON, "it is filed")
    os.setxattr(top / HEAT, "user.offliniofs.plot", b"A thief.")
    assert nfo.read_text() == text
