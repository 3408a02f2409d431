"""The filesystem store: links, moves and clones, and what becomes of the original."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import Failure, Fault, FaultyCalls, Schedule
from offliniofs.blobs.filesystem import FilesystemStore, open_store
from offliniofs.blobs.protocol import Method, Source
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    BlobCorruptError,
    ModeUnsupportedError,
    SourceChangedError,
    SourceError,
)
from tests.unit.blob_files import mode_of, source, waiting


def test_a_hard_link_shares_the_inode_and_touches_nothing(store: FilesystemStore, tmp_path: Path) -> None:
    for size in (10, CHUNK + 1):
        taken = source(tmp_path, bytes(size), f"{size}")
        os.chmod(taken.path, 0o640)
        os.utime(taken.path, ns=(1, 2))
        stored = store.add(taken, PlacementMode.HARDLINK)
        status = os.stat(taken.path)
        assert (stored.method, store.stat(stored.digest).inode) == (Method.HARDLINK, status.st_ino)
        assert (stat.S_IMODE(status.st_mode), status.st_atime_ns, status.st_mtime_ns) == (0o640, 1, 2)
        assert store.stat(stored.digest).links == 2


def test_writing_to_a_hard_linked_original_is_found_out(store: FilesystemStore, tmp_path: Path) -> None:
    taken = source(tmp_path)
    stored = store.add(taken, PlacementMode.HARDLINK)
    (tmp_path / "film.mkv").write_bytes(b"CONTENT")
    with pytest.raises(BlobCorruptError):
        store.verify(stored.digest)


def test_a_hard_link_across_filesystems_is_refused(store: FilesystemStore) -> None:
    path = Path(f"/dev/shm/offliniofs-{os.getpid()}")
    path.write_bytes(b"elsewhere")
    try:
        for mode in (PlacementMode.HARDLINK, PlacementMode.REFLINK):
            with pytest.raises(ModeUnsupportedError, match="choose another mode"):
                store.add(Source.at(path), mode)
        assert list(store.iterate()) == []
        stored = store.add(Source.at(path), PlacementMode.MOVE)
        assert stored.method is Method.COPY
        store.discard_source(stored)
        assert not path.exists()
    finally:
        path.unlink(missing_ok=True)


def test_a_move_within_a_filesystem_keeps_the_inode(root: Path, tmp_path: Path) -> None:
    no_clones = Fault("clone", Failure.INPUT_OUTPUT)
    taken = source(tmp_path)
    inode = os.stat(taken.path).st_ino
    with open_store(root, calls=_Uncloneable(LinuxCalls(), Schedule([no_clones]))) as store:
        stored = store.add(taken, PlacementMode.MOVE)
        assert (stored.method, store.stat(stored.digest).inode) == (Method.HARDLINK, inode)
        store.discard_source(stored)
        assert mode_of(store.path_of(stored.digest)) == 0o400
        assert store.stat(stored.digest).links == 1


def test_a_file_with_several_names_is_copied_by_a_move(root: Path, tmp_path: Path) -> None:
    taken = source(tmp_path)
    (tmp_path / "second name").hardlink_to(tmp_path / "film.mkv")
    with open_store(root, calls=_Uncloneable(LinuxCalls(), Schedule())) as store:
        stored = store.add(taken, PlacementMode.MOVE)
        assert stored.method is Method.COPY
        store.discard_source(stored)
        (tmp_path / "second name").write_bytes(b"CONTENT")
        store.verify(stored.digest)


def test_the_first_name_of_a_shared_blob_can_go(root: Path, tmp_path: Path) -> None:
    taken = source(tmp_path)
    with open_store(root) as store:
        stored = store.add(taken, PlacementMode.HARDLINK)
        (tmp_path / "second name").hardlink_to(tmp_path / "film.mkv")
        before = mode_of(tmp_path / "second name")
        store.discard_source(stored)
        assert mode_of(tmp_path / "second name") == before, "another name is somebody's file still"


class _Uncloneable(FaultyCalls):
    """A filesystem without clones, whatever the tests run on."""

    def clone(self, descriptor: int, source: int) -> None:
        raise OSError(95, "Operation not supported")


def test_auto_asks_a_filesystem_without_clones_only_once(root: Path, tmp_path: Path) -> None:
    schedule = Schedule()

    class Counting(_Uncloneable):
        def clone(self, descriptor: int, source: int) -> None:
            schedule.strike("clone")
            super().clone(descriptor, source)

    with open_store(root, calls=Counting(LinuxCalls(), schedule)) as store:
        for index in range(3):
            assert store.add(source(tmp_path, bytes([index]))).method is Method.COPY
    assert schedule.reached("clone") == 1
    assert waiting(root) == []


def test_the_access_time_of_an_original_stays(store: FilesystemStore, tmp_path: Path) -> None:
    taken = source(tmp_path)
    os.utime(taken.path, ns=(1, 2))
    store.add(taken)
    assert os.stat(taken.path).st_atime_ns == 1


def test_nothing_is_discarded_from_the_store_itself(store: FilesystemStore, tmp_path: Path) -> None:
    digest = store.add(source(tmp_path)).digest
    for mode in (PlacementMode.COPY, PlacementMode.MOVE, PlacementMode.HARDLINK):
        again = store.add(Source.at(store.path_of(digest)), mode)
        with pytest.raises(SourceError, match="in the store itself"):
            store.discard_source(again)
    store.verify(digest)


def test_discarding_where_the_folder_has_gone_is_done(store: FilesystemStore, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    stored = store.add(source(tmp_path / "folder"))
    (tmp_path / "folder").rename(tmp_path / "other")
    store.discard_source(stored)
    assert (tmp_path / "other/film.mkv").exists()
    (tmp_path / "folder").symlink_to("folder")
    with pytest.raises(SourceError, match="could not be removed"):
        store.discard_source(stored)


def test_a_swapped_folder_discards_nothing(store: FilesystemStore, tmp_path: Path) -> None:
    stored = store.add(source(tmp_path))
    os.utime(tmp_path / "film.mkv", ns=(5, 5))
    with pytest.raises(SourceChangedError):
        store.discard_source(stored)
    assert (tmp_path / "film.mkv").exists()
