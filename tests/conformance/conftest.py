"""Fixtures of the suite that every blob store passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offliniofs.blobs.protocol import BlobStore, Source
from tests.conformance.blob_stores import STORES


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    """Each of them, empty."""
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Source]:
    """Makes files to be stored."""

    def make(content: bytes, name: str = "film.mkv") -> Source:
        path = tmp_path / name
        path.write_bytes(content)
        return Source.at(path)

    return make
