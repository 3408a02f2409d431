"""The daemon is killed while it receives or files: what was half written stays half written, nothing is filed twice."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, attribute, film, settings, staged, wait_for, wait_for_state
from tests.mount.support import Daemon, Library, wait_until

NAME = "Heat.1995.576p.WEB-DL.mkv"
FILED = Path("movies/Heat (1995)/Heat (1995) - 576p.mkv")


@pytest.fixture
def content(library: Library, tmp_path: Path) -> bytes:
    settings(library)
    return film(tmp_path / NAME)


def _cut_off(daemon: Daemon, content: bytes) -> Path:
    """Writes half of a file, kills everything that serves the mount, and lets the writer end."""
    path = daemon.mountpoint / "inbox" / NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, content[: len(content) // 2])
    daemon.kill_both()
    with contextlib.suppress(OSError):  # whatever a dead mount says
        os.close(descriptor)
    return path


def _let_the_inbox_look(daemon: Daemon) -> None:
    """Returns when the inbox has filed something that came later: what could be filed before has been."""
    later = daemon.mountpoint / "inbox" / "later.bin"
    later.write_bytes(b"later" * 999)
    wait_for_state(later, "stored", "duplicate")


def test_a_half_written_file_is_never_filed_and_can_be_finished(content: bytes, mount: Mount, library: Library) -> None:
    path = _cut_off(mount(), content)
    daemon = mount()
    _let_the_inbox_look(daemon)
    assert path.read_bytes() == content[: len(content) // 2]
    assert attribute(path, "state") == "receiving"
    assert "stopped" in attribute(path, "reason")
    assert os.listdir(daemon.mountpoint / "movies") == []
    with path.open("r+b", buffering=0) as stream:
        stream.seek(len(content) // 2)
        stream.write(content[len(content) // 2 :])
    wait_for(daemon.mountpoint / FILED, content)
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_a_half_written_file_can_be_removed_or_declared_whole(content: bytes, mount: Mount, library: Library) -> None:
    path = _cut_off(mount(), content)
    daemon = mount()
    _let_the_inbox_look(daemon)
    os.setxattr(path, "user.offliniofs.state", b"complete")
    wait_for_state(path, "stored")
    path = _cut_off(daemon, content)
    daemon = mount()
    path.unlink()
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_a_writer_goes_on_when_only_the_daemon_dies(content: bytes, mount: Mount, library: Library) -> None:
    daemon = mount()
    path = daemon.mountpoint / "inbox" / NAME
    with path.open("w+b", buffering=0) as stream:
        stream.write(content[:5000])
        daemon.wait_for_another(daemon.kill_daemon())
        _let_the_inbox_look(daemon)
        assert attribute(path, "state") == "receiving"
        stream.write(content[5000:])
        stream.seek(0)
        assert stream.read() == content
    wait_for(daemon.mountpoint / FILED, content)
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_a_removed_file_outlives_the_daemon_for_whoever_has_it_open(content: bytes, mount: Mount) -> None:
    daemon = mount()
    path = daemon.mountpoint / "inbox" / NAME
    with path.open("w+b", buffering=0) as stream:
        stream.write(content)
        path.unlink()
        daemon.wait_for_another(daemon.kill_daemon())
        stream.write(b"more")
        stream.seek(0)
        assert stream.read() == content + b"more"


def test_a_death_while_filing_files_once(content: bytes, mount: Mount, library: Library, tmp_path: Path) -> None:
    daemon = mount()
    inbox = daemon.mountpoint / "inbox"
    shutil.copyfile(tmp_path / NAME, inbox / NAME)
    wait_until(lambda: any(name.startswith("filing") for name in staged(library)), SOON, "taken to be filed")
    daemon.wait_for_another(daemon.kill_daemon())
    wait_for(daemon.mountpoint / FILED, content)
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert [name for name in os.listdir(daemon.mountpoint / FILED.parent) if name.endswith(".mkv")] == [FILED.name]


def test_what_was_filed_before_the_crash_is_not_filed_again(
    content: bytes, mount: Mount, library: Library, tmp_path: Path
) -> None:
    """As if the daemon had died between the catalogue's commit and the removal of the staged file."""
    daemon = mount()
    shutil.copyfile(tmp_path / NAME, daemon.mountpoint / "inbox" / NAME)
    wait_for(daemon.mountpoint / FILED, content)
    daemon.kill_both()
    for group, folder in (("1-1", "inbox"), ("1-2", "Heat (1995)")):
        left = library.root / "staging" / "filing" / group / folder
        left.mkdir(parents=True)
        shutil.copyfile(tmp_path / NAME, left / NAME)
    (library.root / "staging" / "filing" / "1-3").mkdir()
    daemon = mount()
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    wait_until(lambda: os.listdir(library.root / "staging" / "filing") == [], SOON, "no group left")
    assert [name for name in os.listdir(daemon.mountpoint / FILED.parent) if name.endswith(".mkv")] == [FILED.name]
