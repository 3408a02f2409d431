"""Fixtures for tests of the real mount.

``library`` is an empty store, ``mount`` starts daemons on it (``daemon = mount()``; use ``daemon.mountpoint``) and
ends them after the test: nothing may be left mounted, no process may be left, and the catalogue must be sound. What
they give is described in ``tests/mount/support.py``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import detach
from tests.mount.programs import CommandLine
from tests.mount.support import END_SECONDS, Daemon, Library, processes_of, start_daemon, wait_until

Mount = Callable[..., Daemon]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """An empty store."""
    made = Library(tmp_path / "store", tmp_path / "sources")
    made.create()
    return made


def _no_process_left(library: Library) -> None:
    """Spare daemons and supervisors that were started by a daemon end with the mount, too."""
    try:
        wait_until(lambda: not processes_of(library.root.parent), END_SECONDS, "every process has ended")
    except AssertionError:
        left = processes_of(library.root.parent)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        raise AssertionError(f"processes were left behind: {left}") from None


@pytest.fixture
def mount(library: Library, tmp_path: Path) -> Iterator[Mount]:
    """Starts a daemon: ``mount(*options, at=path, python=interpreter, environment=variables)``."""
    started: list[Daemon] = []

    def start(
        *options: str,
        at: Path | None = None,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
    ) -> Daemon:
        mountpoint = at or tmp_path / "mount"
        if mounted_at(mountpoint) is None:
            mountpoint.mkdir(exist_ok=True)
        daemon = start_daemon(library, mountpoint, tmp_path / "said", options, python=python, environment=environment)
        started.append(daemon)
        return daemon

    yield start
    for daemon in started:
        if daemon.process.poll() is None or daemon.state().get("supervisor") in processes_of(library.root.parent):
            daemon.stop()
    _no_process_left(library)
    left = [daemon.mountpoint for daemon in started if daemon.mounted]
    for mountpoint in left:
        detach(mountpoint)
    assert not left, "a mount was left behind"
    said = (tmp_path / "said").read_text(errors="replace") if started else ""
    log = library.log.read_text(errors="replace") if library.log.exists() else ""
    assert "Traceback" not in said + log, said + log
    assert check_integrity(library.catalogue) == []


@pytest.fixture
def command(library: Library) -> Iterator[CommandLine]:
    """The command line on the library, for tests that call it often."""
    with closing(CommandLine(library.root)) as line:
        yield line
