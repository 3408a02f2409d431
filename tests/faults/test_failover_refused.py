"""libfuse that cannot take a mount over: the folder is mounted anew, once with and once without fail-over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Daemon, Library, small_library, wait_until

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"

# Loaded into every Python of the test.
REFUSE_GREETING = """
import os
import sys

if "offliniofs.app.generation" in sys.orig_argv:
    from offliniofs.fuse import greeting

    def refuse(*_):
        raise greeting.GreetingError("This libfuse cannot do it.")

    plain = greeting._settle

    def settle(*arguments):
        (refuse if os.path.exists(os.environ["REFUSE_GREETING"]) else plain)(*arguments)

    greeting._settle = settle
"""


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """While this file exists no daemon can be greeted."""
    (tmp_path / "fault").mkdir()
    (tmp_path / "fault" / "sitecustomize.py").write_text(REFUSE_GREETING)
    return tmp_path / "refusing"


def start(mount: Mount, refusing: Path) -> Daemon:
    environment = {"PYTHONPATH": str(refusing.parent / "fault"), "REFUSE_GREETING": str(refusing)}
    return mount(environment=environment)


def test_a_libfuse_that_cannot_be_greeted_serves_a_mount_that_does_not_outlive_it(
    library: Library, mount: Mount, refusing: Path
) -> None:
    small_library(library)
    refusing.touch()
    daemon = start(mount, refusing)
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    assert daemon.state()["outlives_daemon"] is False


def test_a_libfuse_that_was_changed_serves_a_new_mount(library: Library, mount: Mount, refusing: Path) -> None:
    small_library(library)
    (library.root / "offliniofs.toml").write_text("standby = false\n")
    daemon = start(mount, refusing)
    refusing.touch()
    daemon.kill_daemon()
    wait_until(lambda: daemon.restarts >= 2, 20, "the next daemon could not be greeted")
    refusing.unlink()
    wait_until(lambda: daemon.state().get("state") == "serving", 20, "another mount is served")
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    assert "mounting anew" in (refusing.parent / "said").read_text()
    assert daemon.state()["outlives_daemon"] is True
