"""Changes that a daemon made and did not live to answer, and changes that are made while none lives."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.ids import ContentId
from tests.conftest import Mount
from tests.mount.support import Daemon, Library, Wanted, small_library, wait_until

DIE_UNANSWERED = '''
"""Loaded into every Python of the test: a daemon kills itself after it has committed a change and before it answers."""

import os
import signal
import sys

if sys.argv and sys.argv[0] != "-c" and "offliniofs" in " ".join(sys.orig_argv):
    from offliniofs.catalog import service

    plain = service.Catalogue.change
    told = os.environ["DEATHS_LEFT"]

    async def change(self, *arguments, **named):
        result = await plain(self, *arguments, **named)
        if len(arguments) < 2 or arguments[1] is None:
            return result  # no client asked for it
        with open(told) as stream:
            left = int(stream.read() or 0)  # empty while it is written
        if left:
            with open(told, "w") as stream:
                stream.write(str(left - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    service.Catalogue.change = change
'''


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    """How many changes will not be answered: write a number into it."""
    path = tmp_path / "deaths"
    path.write_text("0")
    return path


@pytest.fixture
def dying(library: Library, mount: Mount, tmp_path: Path, deaths: Path) -> Daemon:
    """A mount whose daemons die of changes when they are told to."""
    small_library(library)
    fault = tmp_path / "fault"
    fault.mkdir()
    (fault / "sitecustomize.py").write_text(DIE_UNANSWERED)
    return mount(environment={"PYTHONPATH": str(fault), "DEATHS_LEFT": str(deaths)})


def shown(folder: Path) -> list[str]:
    """What a folder holds, without what tells media servers to stay out."""
    return [name for name in os.listdir(folder) if not name.startswith(".")]


def test_changes_that_were_made_but_not_answered_succeed(dying: Daemon, deaths: Path) -> None:
    saved = dying.mountpoint / "saved"
    film = dying.mountpoint / "movies" / "Heat (1995)"
    changes: list[Callable[[], object]] = [
        lambda: (saved / "coffee").mkdir(),
        lambda: (saved / "coffee").rename(saved / "tea"),
        lambda: os.setxattr(film, "user.offliniofs.genres", b"Crime, Western"),
        lambda: os.removexattr(film, "user.offliniofs.genres"),
        lambda: (saved / "tea").rmdir(),
    ]
    for number, change in enumerate(changes, 1):
        deaths.write_text("1")
        change()
        assert deaths.read_text() == "0"
        assert dying.restarts == number
    assert shown(saved) == []


def test_one_that_was_asked_for_three_times_is_made_once(dying: Daemon, deaths: Path) -> None:
    saved = dying.mountpoint / "saved"
    deaths.write_text("2")
    (saved / "coffee").mkdir()
    deaths.write_text("0")
    assert shown(saved) == ["coffee"]
    with pytest.raises(FileExistsError):
        (saved / "coffee").mkdir()
    (saved / "coffee").rmdir()
    with pytest.raises(FileNotFoundError):
        (saved / "coffee").rmdir()


def test_a_change_asked_for_again_after_a_death_still_fails(dying: Daemon, deaths: Path) -> None:
    saved = dying.mountpoint / "saved"
    deaths.write_text("1")
    (saved / "coffee").mkdir()
    with pytest.raises(FileExistsError):
        (saved / "coffee").mkdir()
    with pytest.raises(FileNotFoundError):
        (saved / "tea").rmdir()


def test_what_changes_while_no_daemon_lives_is_told_to_the_kernel(library: Library, mount: Mount) -> None:
    """The supervisor is stopped meanwhile, so that none is started."""
    small_library(library)
    (library.root / "offliniofs.toml").write_text("standby = false\n")
    daemon = mount()
    movies = daemon.mountpoint / "movies"
    crime = daemon.mountpoint / "by-genre" / "Crime"
    title = int(os.getxattr(movies / "Heat (1995)", "user.offliniofs.id"))
    (crime / "Heat (1995)").stat()
    (movies / "Amélie (2001)").stat()
    os.kill(daemon.supervisor_pid(), signal.SIGSTOP)
    before = daemon.kill_daemon()
    writer = library.writer()
    try:
        writer.edit_content(ContentId(title), MetadataEdit(EditableField.TITLE, "Warmth"))
    finally:
        writer.close()
    library.add(Wanted("New", b"new" * 1000, year=2020))
    os.kill(daemon.supervisor_pid(), signal.SIGCONT)
    daemon.wait_for_another(before)
    old = (movies / "Heat (1995)", crime / "Heat (1995)")  # the kernel is told of one name after the other
    wait_until(lambda: not any(path.exists() for path in old), 3, "the old names are gone")
    assert (crime / "Warmth (1995)").is_dir()
    assert {"New (2020)", "Warmth (1995)"} < set(os.listdir(movies))
    assert (movies / "New (2020)" / "New (2020) - 1080p.mkv").read_bytes() == b"new" * 1000
