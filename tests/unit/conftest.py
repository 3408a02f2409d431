"""Fixtures of the unit tests: a small catalogue, a store of blobs, and the demo library, real media made once a run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store
from offliniofs.cli.main import run
from tests.unit.catalog_library import Library

DEMO_SCRIPT = Path(__file__).parents[2] / "scripts" / "demo-library"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty catalogue, which must be sound after the test."""
    made = Library(tmp_path / "catalog.sqlite")
    yield made
    assert made.findings() == []
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of an empty store of blobs."""
    initialise(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> Iterator[FilesystemStore]:
    """That store, open."""
    with open_store(root) as opened:
        yield opened


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
