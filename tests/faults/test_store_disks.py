"""Stores on real, small disks: full ones, and ones that clone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store
from offliniofs.blobs.protocol import Method, Source, Stored
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import ModeUnsupportedError, StoreError, StoreFullError
from tests.faults.store_loop import loop_disk
from tests.faults.store_workload import content_of

SIZES = (0, 20_000, CHUNK + 1)


def _optimist(root: Path) -> FilesystemStore:
    """A store that believes there is room, as one does when another program takes it meanwhile."""
    return open_store(root, reserve=-(1 << 40))


def _waiting(root: Path) -> list[Path]:
    return [path for path in (root / "blobs/tmp").rglob("*") if path.is_file()]


def test_a_disk_that_fills_up_is_reported_and_left_clean(tmp_path: Path) -> None:
    with loop_disk("ext4", tmp_path) as disk:
        root = disk.mountpoint / "store"
        initialise(root)
        large, small = tmp_path / "large", tmp_path / "small"
        large.write_bytes(content_of("large", 24 << 20))
        small.write_bytes(content_of("small", 20_000))
        with open_store(root, reserve=1 << 20) as store, pytest.raises(StoreFullError, match="free some space"):
            store.add(Source.at(large))
        with _optimist(root) as store:
            before = store.free_space().available
            with pytest.raises(StoreFullError, match="no room left"):
                store.add(Source.at(large))
            assert _waiting(root) == []
            stored = store.add(Source.at(small))
            store.verify(stored.digest, from_disk=True)
            assert before - store.free_space().available < 1 << 20
            assert list(store.iterate()) == [stored.digest]


def _fill(store: FilesystemStore, source: Path, committed: list[Stored]) -> None:
    for batch in range(100):
        staged = []
        for index in range(10):
            source.write_bytes(content_of(f"{batch}.{index}", 50_000))
            staged.append(store.stage(Source.at(source)))
        committed += store.commit(staged)


def test_a_disk_filled_by_many_small_files_keeps_what_was_committed(tmp_path: Path) -> None:
    with loop_disk("ext4", tmp_path) as disk:
        root = disk.mountpoint / "store"
        initialise(root)
        committed: list[Stored] = []
        with _optimist(root) as store:
            with pytest.raises(StoreFullError):
                _fill(store, tmp_path / "small", committed)
            assert len(committed) > 20
            for stored in committed:
                store.verify(stored.digest, from_disk=True)
            held = len(list(store.iterate()))
            store.remove(committed[0].digest)
            assert len(list(store.iterate())) == held - 1, "what is full can be emptied"


@pytest.mark.parametrize("kind", ["xfs", "btrfs"])
def test_clones_share_their_blocks_and_stand_alone(tmp_path: Path, kind: str) -> None:
    with loop_disk(kind, tmp_path, 640 << 20) as disk:
        root = disk.mountpoint / "store"
        initialise(root)
        with open_store(root, reserve=0) as store:
            for size in SIZES:
                path = disk.mountpoint / f"{size}"
                path.write_bytes(content_of("original", size))
                os.utime(path, ns=(1, 2))
                stored = store.add(Source.at(path), PlacementMode.REFLINK)
                assert (stored.method, stored.existed) == (Method.REFLINK, False)
                assert (store.stat(stored.digest).inode, store.stat(stored.digest).links) != (path.stat().st_ino, 2)
                for mode in (PlacementMode.AUTO, PlacementMode.MOVE, PlacementMode.COPY):
                    assert store.add(Source.at(path), mode).existed
                assert (path.stat().st_atime_ns, path.stat().st_mtime_ns) == (1, 2)
                path.write_bytes(b"overwritten")
                store.verify(stored.digest, from_disk=True)


@pytest.mark.parametrize("mode", [PlacementMode.AUTO, PlacementMode.MOVE])
def test_auto_and_move_clone_where_they_can(tmp_path: Path, mode: PlacementMode) -> None:
    with loop_disk("xfs", tmp_path) as disk:
        root = disk.mountpoint / "store"
        initialise(root)
        path = disk.mountpoint / "large"
        path.write_bytes(content_of("large", 32 << 20))
        os.sync()
        with open_store(root, reserve=0) as store:
            before = store.free_space().available
            stored = store.add(Source.at(path), mode)
            assert stored.method is Method.REFLINK
            assert before - store.free_space().available < 8 << 20, "the blocks are shared"
            store.discard_source(stored)
            assert not path.exists()
            store.verify(stored.digest, from_disk=True)


def test_a_copy_has_blocks_of_its_own_even_where_clones_are_to_be_had(tmp_path: Path) -> None:
    with loop_disk("xfs", tmp_path) as disk:
        root = disk.mountpoint / "store"
        initialise(root)
        path = disk.mountpoint / "large"
        path.write_bytes(content_of("large", 32 << 20))
        os.sync()
        with open_store(root, reserve=0) as store:
            before = store.free_space().available
            assert store.add(Source.at(path), PlacementMode.COPY).method is Method.COPY
            assert before - store.free_space().available >= 32 << 20


def test_a_clone_from_another_disk_is_refused_and_auto_copies(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"elsewhere")
    with loop_disk("xfs", tmp_path) as disk:
        initialise(disk.mountpoint / "store")
        with open_store(disk.mountpoint / "store", reserve=0) as store:
            with pytest.raises(ModeUnsupportedError, match="cannot be cloned"):
                store.add(Source.at(tmp_path / "film"), PlacementMode.REFLINK)
            assert store.add(Source.at(tmp_path / "film")).method is Method.COPY


def test_a_read_only_disk_is_reported(tmp_path: Path) -> None:
    with loop_disk("ext4", tmp_path) as disk:
        initialise(disk.mountpoint / "store")
        with open_store(disk.mountpoint / "store", reserve=0) as store:
            (tmp_path / "film").write_bytes(b"kept")
            stored = store.add(Source.at(tmp_path / "film"))
        disk.remount(read_only=True)
        with open_store(disk.mountpoint / "store") as store:
            store.verify(stored.digest)
            assert list(store.iterate()) == [stored.digest]
            with pytest.raises(StoreError, match="Read-only file system"):
                store.add(Source.at(tmp_path / "film"))
            with pytest.raises(StoreError, match="Read-only file system"):
                store.remove(stored.digest)
