"""The README's first command, as a stranger runs it, on the demo library."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import detach

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    if mounted_at(tmp_path / "Offlinio") is not None:
        detach(tmp_path / "Offlinio")


def quickstart(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "OFFLINIOFS_"))}
    return subprocess.run(
        [str(ROOT / "scripts" / "quickstart"), *arguments],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_everything_it_prints_works(home: Path) -> None:
    done = quickstart(home)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines() if line.startswith("  ")]
    commands = [line for line in lines if not line.startswith("mpv ")]
    (player,) = [line for line in lines if line.startswith("mpv ")]
    assert Path(shlex.split(player)[1]).stat().st_size > 10_000
    again = quickstart(home)
    assert again.returncode == 0, again.stderr
    assert "they cost nothing" in again.stdout
    assert "is mounted already" in again.stdout
    assert re.search(r"umount", commands[-1])
    for command in commands:
        result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert result.returncode == 0, (command, result.stderr)
        assert result.stdout
    assert mounted_at(home / "Offlinio") is None


def test_a_folder_of_ones_own(home: Path) -> None:
    media = home / "My Videos"
    media.mkdir()
    samples = home / "samples"
    subprocess.run([str(ROOT / "scripts" / "demo-library"), str(samples)], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(samples / "Films", media / "Films")
    done = quickstart(home, str(media), str(home / "Offlinio"))
    assert done.returncode == 0, done.stderr
    assert (home / "Offlinio" / "movies" / "Metropolis (1927)").is_dir()
    assert (media / "Films").is_dir()


@pytest.mark.parametrize(("arguments", "code"), [(("/no/such/folder",), 2), (("a", "b", "c"), 2), (("--help",), 0)])
def test_wrong_use_costs_nothing(home: Path, arguments: tuple[str, ...], code: int) -> None:
    done = quickstart(home, *arguments)
    assert done.returncode == code
    assert done.stderr or "usage" in done.stdout
    assert not list(home.iterdir())
