"""The filesystem store: what lies where, with which permissions, and which folders are no store."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store, read_identity
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.errors import (
    StoreError,
)
from tests.unit.blob_files import mode_of, source


def test_a_blob_lies_below_two_pairs_of_its_digits(store: FilesystemStore, root: Path, tmp_path: Path) -> None:
    text = store.add(source(tmp_path)).digest.hex()
    assert (root / "blobs" / text[:2] / text[2:4] / text).read_bytes() == b"content"


def test_folders_and_blobs_are_private(store: FilesystemStore, tmp_path: Path) -> None:
    for size in (10, CHUNK + 1):
        path = store.path_of(store.add(source(tmp_path, bytes(size))).digest)
        assert mode_of(path) == 0o400
        folder = Path(path).parent
        while folder != tmp_path:
            assert mode_of(folder) == 0o700
            folder = folder.parent


def test_making_a_store_again_keeps_its_identity(root: Path) -> None:
    assert initialise(root) == read_identity(root)
    with open_store(root) as store:
        assert store.identity == read_identity(root)


def test_an_interrupted_start_is_completed(tmp_path: Path) -> None:
    (tmp_path / "store/blobs/tmp").mkdir(parents=True)
    (tmp_path / "store/blobs/VERSION.new").write_text("{")
    assert initialise(tmp_path / "store").layout == 1


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="offliniofs init"):
        open_store(tmp_path)


def test_somebody_elses_blobs_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "blobs/theirs").mkdir(parents=True)
    with pytest.raises(StoreError, match="choose another folder"):
        initialise(tmp_path)
    assert os.listdir(tmp_path / "blobs") == ["theirs"]


def test_a_store_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot make a store"):
        initialise(tmp_path / "file/store")
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(tmp_path / "file")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"layout": 1, "id": "x"}', '{"layout": 1, "id": 3}', "[" * 4000, "\xff"]
)
def test_a_damaged_marker_is_refused(root: Path, text: str) -> None:
    (root / "blobs/VERSION").write_text(text, encoding="latin-1")
    with pytest.raises(StoreError, match="damaged"):
        open_store(root)


def test_a_later_layout_is_refused(root: Path) -> None:
    marker = root / "blobs/VERSION"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"layout": 2}))
    with pytest.raises(StoreError, match="use a newer OfflinioFS"):
        open_store(root)


def test_a_store_open_to_others_is_refused(root: Path) -> None:
    (root / "blobs").chmod(0o750)
    with pytest.raises(StoreError, match="chmod 700"):
        open_store(root)


def test_the_store_of_another_user_is_refused(root: Path) -> None:
    os.chown(root / "blobs", 12345, -1)
    with pytest.raises(StoreError, match="belongs to user 12345"):
        open_store(root)


def test_blobs_behind_a_symbolic_link_are_refused(root: Path) -> None:
    (root / "blobs").rename(root / "elsewhere")
    (root / "blobs").symlink_to("elsewhere")
    with pytest.raises(StoreError, match="opening"):
        open_store(root)


def test_strange_files_in_the_store_are_not_blobs(store: FilesystemStore, root: Path, tmp_path: Path) -> None:
    stored = store.add(source(tmp_path))
    leaf = Path(store.path_of(stored.digest)).parent
    (leaf / "notes.txt").touch()
    (leaf / ("0" * 64)).touch()
    (root / "blobs/00").touch()
    (root / "blobs/lost+found").mkdir()
    assert list(store.iterate()) == [stored.digest]
