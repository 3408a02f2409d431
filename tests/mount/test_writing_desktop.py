"""What file managers do: GIO, which is behind those of GNOME, Xfce and LXDE, and one of them on a screen of its own.

``gio`` runs within a session bus of its own, without the desktop's volume daemons: nothing of the machine's session is
touched.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import film, settings, wait_for
from tests.mount.support import END_SECONDS, READY_SECONDS, Library, small_library, wait_until

HEAT = "Heat (1995)"
FILE = f"{HEAT} - 1080p.mkv"


@pytest.fixture
def top(library: Library, mount: Mount) -> Path:
    small_library(library)
    settings(library)
    return mount().mountpoint


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and no bus or display."""
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True, mode=0o700)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DBUS_", "DISPLAY"))}
    return {
        **kept,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "GIO_USE_VFS": "local",
        "GIO_USE_VOLUME_MONITOR": "unix",
        "NO_AT_BRIDGE": "1",
        "LC_ALL": "C.UTF-8",
    }


def gio(environment: dict[str, str], *arguments: str | Path, fails: bool = False) -> str:
    """One ``gio`` command; what it said."""
    line = ["gio", *map(str, arguments)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def test_gio_lists_and_describes(top: Path, environment: dict[str, str]) -> None:
    assert HEAT in gio(environment, "list", top / "movies")
    told = gio(environment, "info", top / "movies" / HEAT / FILE)
    assert "standard::content-type: video/x-matroska" in told
    assert f"standard::size: {(top / 'movies' / HEAT / FILE).stat().st_size}" in told
    assert "access::can-trash: TRUE" in told or "access::can-delete: TRUE" in told
    assert "type: directory" in gio(environment, "info", top / "by-genre/Drama" / HEAT)


def test_gio_edits_by_moving(top: Path, environment: dict[str, str]) -> None:
    gio(environment, "move", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy" / HEAT)
    assert HEAT in os.listdir(top / "by-genre/Comedy")
    assert HEAT not in os.listdir(top / "by-genre/Drama")
    gio(environment, "rename", top / "movies" / HEAT, "Warmth (1995)")
    assert "Warmth (1995)" in os.listdir(top / "by-genre/Comedy")
    gio(environment, "mkdir", top / "collections/Noir")
    gio(environment, "move", top / "movies/Warmth (1995)", top / "collections/Noir/Warmth (1995)")
    assert "Warmth (1995)" in os.listdir(top / "movies")
    assert "Warmth (1995)" in os.listdir(top / "collections/Noir")
    gio(environment, "move", top / "movies/Warmth (1995)", top / "by-quality/720p/Warmth (1995)", fails=True)
    assert "Warmth (1995)" in os.listdir(top / "movies")


def test_gio_copies_into_the_inbox(top: Path, environment: dict[str, str], tmp_path: Path) -> None:
    content = film(tmp_path / "Stalker.1979.576p.WEB-DL.mkv")
    gio(environment, "copy", "--preserve", tmp_path / "Stalker.1979.576p.WEB-DL.mkv", top / "inbox/")
    wait_for(top / "movies/Stalker (1979)/Stalker (1979) - 576p.mkv", content)
    content = film(tmp_path / "Solaris.1972.576p.WEB-DL.mkv", seed=3)
    gio(environment, "move", tmp_path / "Solaris.1972.576p.WEB-DL.mkv", top / "inbox/")
    wait_for(top / "movies/Solaris (1972)/Solaris (1972) - 576p.mkv", content)
    assert not (tmp_path / "Solaris.1972.576p.WEB-DL.mkv").exists()


def test_what_gio_removes_lies_in_the_trash_of_the_library(top: Path, environment: dict[str, str]) -> None:
    gio(environment, "remove", top / "movies/Blade Runner (1982)/Blade Runner (1982) - 2160p.mkv")
    assert "Blade Runner (1982) - 2160p.mkv" in os.listdir(top / ".trash")
    said = gio(environment, "trash", top / "movies" / HEAT, fails=True)
    assert "rash" in said
    assert HEAT in os.listdir(top / "movies"), "a file manager now offers to delete, which leads to .trash"


# --- a file manager ---------------------------------------------------------------------------------------------------


@pytest.fixture
def screen(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with an X server and a session bus that nobody else uses."""
    reading, writing = os.pipe()
    with (tmp_path / "x").open("wb") as said:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdout=said,
            stderr=said,
        )
    os.close(writing)
    try:
        with open(reading) as told:
            number = told.readline().strip()
        assert number, (tmp_path / "x").read_text()
        yield {**environment, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(END_SECONDS)


def _windows(screen: dict[str, str]) -> str:
    command = ["xdotool", "search", "--onlyvisible", "--class", "pcmanfm", "getwindowname"]
    return subprocess.run(command, env=screen, capture_output=True, text=True, check=False, timeout=30).stdout


def _press(screen: dict[str, str], *arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], env=screen, check=True, timeout=30, capture_output=True)


def test_a_file_manager_browses_and_edits(top: Path, screen: dict[str, str], tmp_path: Path) -> None:
    """PCManFM opens the films, selects all of them and deletes them with the keyboard: they are in the trash."""
    with (tmp_path / "manager").open("wb") as said:
        manager = subprocess.Popen(
            ["dbus-run-session", "--", "pcmanfm", "--no-desktop", str(top / "movies")],
            env=screen,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "movies" in _windows(screen), READY_SECONDS, "the file manager shows the films")
        films = {name for name in os.listdir(top / "movies") if not name.startswith(".")}

        def deleted() -> bool:
            if films <= set(os.listdir(top / ".trash")):
                return True
            _press(screen, "search", "--onlyvisible", "--class", "pcmanfm", "windowfocus", "key", "ctrl+a")
            _press(screen, "key", "shift+Delete")
            _press(screen, "key", "Return")
            return False

        wait_until(deleted, READY_SECONDS, "the films lie in the trash")
        assert os.listdir(top / "movies") == []
    finally:
        os.killpg(manager.pid, signal.SIGTERM)
        manager.wait(END_SECONDS)
    assert "cannot" not in (tmp_path / "manager").read_text(errors="replace")
