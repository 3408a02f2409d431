"""Fixtures of the unit tests that need real media: the demo library, made once a run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from offliniofs.cli.main import run

DEMO_SCRIPT = Path(__file__).parents[2] / "scripts" / "demo-library"


@pytest.fixture(scope="session")
def demo_media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``scripts/demo-library`` makes. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("demo") / "media"
    subprocess.run([str(DEMO_SCRIPT), str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def demo_store(demo_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demo library imported. Tests only read it."""
    store = tmp_path_factory.mktemp("demo-store") / "store"
    assert run(["--store", str(store), "init"]) == 0
    assert run(["--store", str(store), "import", str(demo_media)]) == 0
    return store
