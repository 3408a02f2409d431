"""The filesystem store: files that are not stored yet, and who removes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.blobs.filesystem import open_store
from offliniofs.domain.errors import (
    StoreError,
)
from tests.unit.blob_files import source, waiting


def test_a_closed_store_leaves_no_temporary_file(root: Path, tmp_path: Path) -> None:
    with open_store(root) as store:
        store.stage(source(tmp_path))
        assert len(waiting(root)) == 1
    assert os.listdir(root / "blobs/tmp") == []


def test_stale_files_are_removed_and_those_of_the_living_stay(root: Path, tmp_path: Path) -> None:
    stale = root / "blobs/tmp/1-dead"
    stale.mkdir()
    (stale / "half").write_bytes(b"12345")
    (root / "blobs/tmp/stray").write_bytes(b"123")
    with open_store(root) as other:
        cleaned = other.clean_temporary()
        assert (cleaned.files, cleaned.size) == (2, 8)
        staged = other.stage(source(tmp_path))
        with open_store(root) as store:
            assert store.clean_temporary().files == 0
            store.stage(source(tmp_path, b"2"))
        assert other.commit([staged])[0].size == 7


def test_the_first_staging_cleans_up(root: Path, tmp_path: Path) -> None:
    stale = root / "blobs/tmp/1-dead"
    stale.mkdir()
    (stale / "half").touch()
    with open_store(root) as store:
        store.abandon(store.stage(source(tmp_path)))
    assert not stale.exists()


def test_a_missing_temporary_folder_is_made_again(root: Path, tmp_path: Path) -> None:
    (root / "blobs/tmp").rmdir()
    with open_store(root) as store:
        store.add(source(tmp_path))


def test_a_full_temporary_folder_is_reported(root: Path, tmp_path: Path) -> None:
    (root / "blobs/tmp").rmdir()
    (root / "blobs/tmp").touch()
    with open_store(root) as store, pytest.raises(StoreError, match="temporary folder"):
        store.add(source(tmp_path))
    with open_store(root) as store, pytest.raises(StoreError, match="cleaning"):
        store.clean_temporary()
