"""What a mount says of itself when its catalogue is lost while it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offliniofs.app.control_client import ControlAddress, ask
from offliniofs.app.layout import StoreLayout
from tests.conftest import Mount
from tests.mount.support import Daemon, Library, small_library, wait_until


def _delete(catalogue: Path) -> None:
    catalogue.unlink()


def _damage(catalogue: Path) -> None:
    size = catalogue.stat().st_size
    with catalogue.open("r+b") as stream:
        stream.write(os.urandom(size))


def _truncate(catalogue: Path) -> None:
    os.truncate(catalogue, 0)


def _hide(catalogue: Path) -> None:
    catalogue.unlink()
    catalogue.mkdir()


@pytest.fixture(params=[_delete, _damage, _truncate, _hide])
def lost(request: pytest.FixtureRequest, library: Library, mount: Mount) -> Iterator[Daemon]:
    """A mount whose catalogue is lost; it comes back after the test."""
    small_library(library)
    daemon = mount()
    os.stat(daemon.mountpoint / "movies")
    lose: Callable[[Path], None] = request.param
    kept = library.catalogue.read_bytes()
    lose(library.catalogue)
    yield daemon
    daemon.stop()
    if library.catalogue.is_dir():
        library.catalogue.rmdir()
    for suffix in ("-wal", "-shm"):
        library.catalogue.with_name(library.catalogue.name + suffix).unlink(missing_ok=True)
    library.catalogue.write_bytes(kept)


def test_health_says_what_happened_and_what_to_do(lost: Daemon, library: Library) -> None:
    state = lost.mountpoint / ".offliniofs"
    wait_until(lambda: (state / "health.txt").read_text() != "Everything is in order.\n", 5, "the trouble is told")
    text = (state / "health.txt").read_text()
    for words in ("The catalogue cannot be used", str(library.catalogue), "offliniofs fsck", "To restore: unmount"):
        assert words in text
    assert set(os.listdir(state)) == {"health.txt", "status.json", "metrics.prom"}
    status = json.loads((state / "status.json").read_bytes())
    assert status["titles"] is None
    assert "The catalogue cannot be used" in status["health"][0]
    assert "offliniofs_troubles 1\n" in (state / "metrics.prom").read_text()


def test_status_says_it_too(lost: Daemon, library: Library) -> None:
    asked = ask(ControlAddress.for_mount(StoreLayout(library.root).run, lost.mountpoint), "status")
    assert "The catalogue cannot be used" in str(asked["health"])
    shown = subprocess.run(
        [sys.executable, "-m", "offliniofs", "--store", str(library.root), "status"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr
    assert str(lost.mountpoint) in shown.stdout
    assert "The catalogue cannot be used" in shown.stdout


def test_a_failed_read_is_named(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    for path in library.root.glob("blobs/??/??/*"):
        path.unlink()
    with pytest.raises(OSError, match="Input/output"):
        (daemon.mountpoint / "movies/Heat (1995)/Heat (1995) - 1080p.mkv").read_bytes()
    text = (daemon.mountpoint / ".offliniofs" / "health.txt").read_text()
    assert "1 requests failed with an input/output error" in text
    assert "The last one:" in text
