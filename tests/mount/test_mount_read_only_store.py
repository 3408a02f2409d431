"""A store on a filesystem that is mounted read-only."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.app.layout import StoreLayout
from offliniofs.domain.errors import ConfigError
from offliniofs.fuse.mount_table import mounted_at
from tests.mount.support import Library, small_library


@pytest.fixture
def frozen(library: Library, tmp_path: Path) -> Iterator[Library]:
    """A library whose store is a read-only bind mount."""
    small_library(library)
    subprocess.run(["mount", "--bind", library.root, library.root], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", library.root], check=True)
    yield library
    subprocess.run(["umount", library.root], check=True)


def _run(library: Library, runtime: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "offliniofs", "--store", str(library.root), *arguments],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_can_be_mounted_read_only(frozen: Library, tmp_path: Path) -> None:
    mountpoint, runtime = tmp_path / "mount", tmp_path / "runtime"
    mountpoint.mkdir()
    runtime.mkdir(mode=0o700)
    refused = _run(frozen, runtime, "mount", str(mountpoint))
    assert refused.returncode == 1
    assert "read-only filesystem. Mount it with --read-only" in refused.stderr
    mounted = _run(frozen, runtime, "mount", "--read-only", str(mountpoint))
    assert mounted.returncode == 0, mounted.stderr
    try:
        for path, content in frozen.contents.items():
            assert (mountpoint / path).read_bytes() == content
        assert "Heat (1995)" in os.listdir(mountpoint / "search" / "heat")
        assert str(mountpoint) in _run(frozen, runtime, "status").stdout
        assert (mountpoint / ".offliniofs" / "health.txt").read_text() == "Everything is in order.\n"
        (folder,) = runtime.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        ended = _run(frozen, runtime, "umount", str(mountpoint))
    assert ended.returncode == 0, ended.stderr
    assert mounted_at(mountpoint) is None


def test_commands_that_read_work(frozen: Library, tmp_path: Path) -> None:
    listed = _run(frozen, tmp_path, "list")
    assert listed.returncode == 0, listed.stderr
    assert "Heat" in listed.stdout


def test_a_folder_that_somebody_else_made_is_not_used(
    frozen: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    layout = StoreLayout(frozen.root)
    layout.run.mkdir(mode=0o755)
    with pytest.raises(ConfigError, match="not a folder of yours alone"):
        assert layout.run
