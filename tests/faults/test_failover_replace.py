"""One version takes over from another while clients use the mount."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import pytest

import offliniofs
from offliniofs.fuse.mount_table import mounted_at
from tests.conftest import Mount
from tests.mount.support import (
    END_SECONDS,
    READY_SECONDS,
    Daemon,
    Library,
    processes_of,
    small_library,
    wait_until,
)

HEAT = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
NEW_VERSION = "9.9.9"


class Version:
    """A copy of the program under an interpreter of its own, to be changed."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=False)
        self.python = str(folder / "bin" / "python")
        self.package = folder / "copied" / "offliniofs"
        shutil.copytree(
            Path(offliniofs.__file__).parent, self.package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        self.change("__init__.py", f'"{offliniofs.__version__}"', f'"{NEW_VERSION}"')
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "first.pth").write_text(f"{self.package.parent}\n{Path(click.__file__).parents[1]}\n")

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces a text in one of its files."""
        path = self.package / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def add_migration(self, statements: str) -> None:
        """Makes its schema one newer."""
        (self.package / "catalog" / "migrations" / "0002_next.sql").write_text(statements)

    def replace(self, library: Library, daemon: Daemon, *options: str) -> subprocess.CompletedProcess[str]:
        """``mount --replace`` with this version."""
        process = self.begin(library, daemon, *options)
        said, complained = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, said, complained)

    def begin(self, library: Library, daemon: Daemon, *options: str) -> subprocess.Popen[str]:
        """Begins it."""
        command = [self.python, "-P", "-m", "offliniofs", "--store", str(library.root), "mount", "--replace"]
        return subprocess.Popen(
            [*command, "--foreground", *options, str(daemon.mountpoint)],
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def plain_environment() -> dict[str, str]:
    """Without what would put other copies of the program first."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture
def newer(tmp_path: Path) -> Version:
    return Version(tmp_path / "newer")


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount(environment={"PYTHONPATH": ""})


def version(daemon: Daemon) -> str:
    """Which version serves, by its interpreter."""
    return Path(f"/proc/{daemon.daemon_pid()}/cmdline").read_bytes().split(b"\0")[0].decode()


@contextmanager
def load(library: Library, daemon: Daemon) -> Iterator[list[str]]:
    """Lists, stats and reads without a pause meanwhile; what went wrong is in the list afterwards."""
    wrong: list[str] = []
    over = threading.Event()
    turns = [0, 0]

    def read(place: int) -> None:
        while not over.is_set():
            try:
                for path, content in library.contents.items():
                    with (daemon.mountpoint / path).open("rb", buffering=0) as stream:
                        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                        if stream.readall() != content:
                            wrong.append(f"{path} has other bytes")
                names = os.listdir(daemon.mountpoint / "search" / "heat")
                if "Heat (1995)" not in names:
                    wrong.append(f"search/heat holds {names}")
            except OSError as error:
                wrong.append(str(error))
            turns[place] += 1

    threads = [threading.Thread(target=read, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    yield wrong
    at = list(turns)
    wait_until(lambda: all(now > then for now, then in zip(turns, at, strict=True)), READY_SECONDS, "more reading")
    over.set()
    for thread in threads:
        thread.join()


def test_a_new_version_takes_over_under_load(library: Library, daemon: Daemon, newer: Version) -> None:
    supervisor, before = daemon.supervisor_pid(), daemon.daemon_pid()
    with (daemon.mountpoint / HEAT).open("rb", buffering=0) as stream, load(library, daemon) as wrong:
        stream.read(6)
        replaced = newer.replace(library, daemon)
        assert (replaced.returncode, replaced.stderr) == (0, "")
        assert daemon.supervisor_pid() == supervisor == daemon.process.pid
        assert daemon.wait_for_another(before) != before
        assert stream.read(6) == b"coffee"
    assert wrong == []
    assert version(daemon) == newer.python
    command = Path(f"/proc/{supervisor}/cmdline").read_bytes().split(b"\0")
    assert command[0].decode() == newer.python
    assert (daemon.mountpoint / ".offliniofs" / "status.json").read_text().count(NEW_VERSION) == 1
    daemon.wait_for_another(daemon.kill_daemon())
    assert version(daemon) == newer.python
    assert (daemon.mountpoint / HEAT).read_bytes() == library.contents[HEAT]


def test_the_same_version_can_take_over_too(library: Library, daemon: Daemon) -> None:
    before = daemon.daemon_pid()
    command = [sys.executable, "-P", "-m", "offliniofs", "--store", str(library.root), "mount", "--replace"]
    with load(library, daemon) as wrong:
        for _ in range(2):
            subprocess.run([*command, str(daemon.mountpoint)], check=True, capture_output=True, timeout=60)
    assert wrong == []
    assert daemon.daemon_pid() != before
    assert daemon.restarts == 0


def test_an_older_catalogue_is_migrated_in_between(library: Library, daemon: Daemon, newer: Version) -> None:
    newer.add_migration("CREATE TABLE next_things (id INTEGER PRIMARY KEY) STRICT;\n")
    with load(library, daemon) as wrong:
        replaced = newer.replace(library, daemon)
        assert (replaced.returncode, replaced.stderr) == (0, "")
    assert wrong == []
    assert schema(library) == 2
    daemon.wait_for_another(daemon.kill_daemon())
    assert version(daemon) == newer.python
    leave_at(library, 1)


def schema(library: Library) -> int:
    asked = subprocess.run(
        ["sqlite3", "-cmd", ".timeout 10000", str(library.catalogue), "PRAGMA user_version"],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(asked.stdout)


def leave_at(library: Library, number: int) -> None:
    """Takes the migration back: what looks at the store after the test is the old version."""
    script = (
        f"DROP TABLE next_things; DELETE FROM schema_migrations WHERE number > {number}; PRAGMA user_version = {number}"
    )
    subprocess.run(["sqlite3", "-cmd", ".timeout 10000", str(library.catalogue), script], check=True)


@pytest.mark.parametrize("fault", ["the migration fails", "the catalogue is damaged", "it cannot be loaded"])
def test_a_version_that_cannot_serve_is_refused_with_the_reason(
    library: Library, daemon: Daemon, newer: Version, fault: str
) -> None:
    old = version(daemon)
    match fault:
        case "the migration fails":
            newer.add_migration("CREATE TABLE contents (id INTEGER PRIMARY KEY) STRICT; SELECT nonsense;\n")
            reason = "0002"
        case "the catalogue is damaged":
            newer.add_migration("CREATE TABLE next_things (id INTEGER PRIMARY KEY) STRICT;\n")
            subprocess.run(
                ["sqlite3", "-cmd", ".timeout 10000", str(library.catalogue), "CREATE TABLE stranger (id INTEGER)"],
                check=True,
            )
            reason = "stranger"
        case _:
            newer.change("app/generation.py", "import faulthandler", "import faulthandler, no_such_module")
            reason = "ended with status 1"
    with load(library, daemon) as wrong:
        replaced = newer.replace(library, daemon)
    assert replaced.returncode == 1
    assert reason in replaced.stderr
    assert "The old version goes on" in replaced.stderr
    assert wrong == []
    assert schema(library) == 1
    wait_until(lambda: daemon.state()["state"] == "serving", READY_SECONDS, "the old version serves")
    assert version(daemon) == old
    daemon.wait_for_another(daemon.kill_daemon())
    assert version(daemon) == old
    if fault == "the catalogue is damaged":
        subprocess.run(["sqlite3", "-cmd", ".timeout 10000", str(library.catalogue), "DROP TABLE stranger"], check=True)
    if fault == "it cannot be loaded":
        said = daemon.log.read_text()
        daemon.log.write_text(said.replace("Traceback", "(expected)"))


def test_what_was_settled_with_the_kernel_cannot_be_changed(library: Library, daemon: Daemon, newer: Version) -> None:
    before = daemon.daemon_pid()
    for option in ("--read-only", "--allow-other"):
        refused = newer.replace(library, daemon, option)
        assert refused.returncode == 1
        assert "settled when a folder is mounted" in refused.stderr
    assert daemon.daemon_pid() == before


def test_without_a_mount_there_is_one_afterwards(library: Library, tmp_path: Path, newer: Version) -> None:
    small_library(library)
    (tmp_path / "mount").mkdir()
    command = [newer.python, "-P", "-m", "offliniofs", "--store", str(library.root)]
    mountpoint = tmp_path / "mount"
    subprocess.run([*command, "mount", "--replace", str(mountpoint)], check=True, env=plain_environment(), timeout=60)
    assert (mountpoint / HEAT).read_bytes() == library.contents[HEAT]
    subprocess.run([*command, "umount", str(mountpoint)], check=True, env=plain_environment(), timeout=60)
    assert mounted_at(mountpoint) is None
    wait_until(lambda: not processes_of(tmp_path), END_SECONDS, "every process has ended")


def is_another(daemon: Daemon, before: int) -> bool:
    return daemon.state()["daemon"] not in {None, before}


def stopped_while_starting(daemon: Daemon) -> int:
    """A daemon that does not serve yet, and does not go on before it is told to."""
    for _ in range(3):
        another = partial(is_another, daemon, daemon.kill_daemon())
        wait_until(another, READY_SECONDS, "the next one starts")
        starting = daemon.daemon_pid()
        os.kill(starting, signal.SIGSTOP)
        if daemon.state()["state"] == "starting":
            return starting
        os.kill(starting, signal.SIGCONT)
    raise AssertionError("every daemon served before it could be stopped")


def test_a_daemon_that_is_being_started_is_not_replaced(library: Library, mount: Mount, newer: Version) -> None:
    small_library(library)
    (library.root / "offliniofs.toml").write_text("standby = false\n")
    daemon = mount(environment={"PYTHONPATH": ""})
    starting = stopped_while_starting(daemon)
    refused = newer.replace(library, daemon)
    os.kill(starting, signal.SIGCONT)
    assert refused.returncode == 1
    assert "being started" in refused.stderr
    assert (daemon.mountpoint / HEAT).read_bytes() == library.contents[HEAT]
    assert daemon.daemon_pid() == starting
    replaced = newer.replace(library, daemon)
    assert (replaced.returncode, replaced.stderr) == (0, "")
    assert version(daemon) == newer.python


# --- deaths in between


def newcomer(newer: Version, tmp_path: Path) -> int:
    """The new version's daemon, as soon as there is one."""

    def found() -> list[int]:
        lines = processes_of(tmp_path).items()
        return [pid for pid, line in lines if line.startswith(newer.python) and "offliniofs.app.generation" in line]

    wait_until(lambda: bool(found()), READY_SECONDS, "the new version starts")
    return found()[0]


def test_the_new_version_dies_while_it_loads(library: Library, daemon: Daemon, newer: Version, tmp_path: Path) -> None:
    before = daemon.daemon_pid()
    with load(library, daemon) as wrong:
        replacing = newer.begin(library, daemon)
        os.kill(newcomer(newer, tmp_path), signal.SIGKILL)
        _, complained = replacing.communicate(timeout=60)
    assert replacing.returncode == 1
    assert "was killed by SIGKILL" in complained
    assert wrong == []
    assert (daemon.daemon_pid(), daemon.restarts) == (before, 0)


def test_the_old_version_dies_while_the_new_one_loads(
    library: Library, daemon: Daemon, newer: Version, tmp_path: Path
) -> None:
    with load(library, daemon) as wrong:
        replacing = newer.begin(library, daemon)
        newcomer(newer, tmp_path)
        daemon.kill_daemon()
        _, complained = replacing.communicate(timeout=60)
    assert (replacing.returncode, complained) == (0, "")
    assert wrong == []
    assert version(daemon) == newer.python


@pytest.mark.parametrize("migrated", [False, True])
def test_the_new_version_dies_after_the_old_one_let_go(
    library: Library, daemon: Daemon, newer: Version, migrated: bool
) -> None:
    """The old version goes on, unless the catalogue is one that only the new version understands."""
    old = version(daemon)
    if migrated:
        newer.add_migration("CREATE TABLE next_things (id INTEGER PRIMARY KEY) STRICT;\n")
    died = newer.package / "died"
    newer.change(
        "app/generation.py",
        "            with open_library(",
        f"            if not os.path.exists({str(died)!r}):\n"
        f"                await link.may_begin()\n"
        f"                open({str(died)!r}, 'x').close()\n"
        f"                os.kill(os.getpid(), 9)\n"
        "            with open_library(",
    )
    with load(library, daemon) as wrong:
        replaced = newer.replace(library, daemon)
        wait_until(lambda: daemon.state()["state"] == "serving", READY_SECONDS, "one of them serves")
    assert died.exists()
    assert replaced.returncode == 1
    assert "was killed by SIGKILL" in replaced.stderr
    assert wrong == []
    assert version(daemon) == (newer.python if migrated else old)
    if migrated:
        assert schema(library) == 2
        leave_at(library, 1)


def test_the_supervisor_dies_while_the_new_version_loads(
    library: Library, daemon: Daemon, newer: Version, tmp_path: Path
) -> None:
    with load(library, daemon) as wrong:
        replacing = newer.begin(library, daemon)
        newcomer(newer, tmp_path)
        before = daemon.supervisor_pid()
        os.kill(before, signal.SIGKILL)
        _, complained = replacing.communicate(timeout=60)
        wait_until(lambda: daemon.state()["supervisor"] != before, READY_SECONDS, "another supervisor")
        daemon.wait_for_another(daemon.kill_daemon())
    assert replacing.returncode == 1
    assert "does not answer" in complained
    assert wrong == []
