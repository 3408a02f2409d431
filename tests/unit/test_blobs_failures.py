"""The filesystem store: damaged blobs, disks that fail, and what is made durable when."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import Failure, Fault, FaultyCalls, Schedule
from offliniofs.blobs.filesystem import FilesystemStore, open_store
from offliniofs.blobs.protocol import Source, Staged
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    BlobCorruptError,
    StoreError,
    StoreFullError,
)
from tests.unit.blob_files import faulty, mode_of, source, waiting


@pytest.mark.parametrize("size", [10, CHUNK + 1])
@pytest.mark.parametrize("maybe_stored", [True, False])
def test_a_blob_of_the_wrong_size_is_replaced(
    root: Path, store: FilesystemStore, tmp_path: Path, size: int, maybe_stored: bool
) -> None:
    taken = source(tmp_path, os.urandom(size))
    stored = store.add(taken)
    os.truncate(store.path_of(stored.digest), size - 1)
    again = store.add(taken, maybe_stored=maybe_stored)
    assert (again.existed, again.replaced) == (False, True)
    store.verify(stored.digest)
    assert mode_of(store.path_of(stored.digest)) == 0o400
    assert waiting(root) == []
    assert not store.add(taken).replaced


@pytest.mark.parametrize("mode", [PlacementMode.COPY, PlacementMode.HARDLINK])
def test_what_lies_in_the_place_of_a_blob_and_is_no_file_is_replaced(
    store: FilesystemStore, tmp_path: Path, mode: PlacementMode
) -> None:
    taken = source(tmp_path)
    stored = store.add(taken)
    place = Path(store.path_of(stored.digest))
    place.unlink()
    place.symlink_to(tmp_path / "film.mkv")
    assert store.add(taken, mode).replaced
    assert not place.is_symlink()
    store.verify(stored.digest)


def test_a_blob_that_is_damaged_between_staging_and_commit_is_replaced_or_reported(
    root: Path, store: FilesystemStore, tmp_path: Path
) -> None:
    taken = source(tmp_path)
    staged = store.stage(taken)
    stored = store.add(taken)
    os.truncate(store.path_of(stored.digest), 1)
    assert store.commit([staged])[0].replaced
    superfluous = store.stage(taken)
    os.truncate(store.path_of(stored.digest), 1)
    with pytest.raises(BlobCorruptError, match="import it again"):
        store.commit([superfluous])
    assert waiting(root) == []


@pytest.mark.parametrize("failure", [Failure.NO_SPACE, Failure.INPUT_OUTPUT])
def test_a_replacement_that_fails_leaves_what_was_there(root: Path, tmp_path: Path, failure: Failure) -> None:
    taken = source(tmp_path)
    with faulty(root, Fault("replace", failure)) as store:
        stored = store.add(taken)
        os.truncate(store.path_of(stored.digest), 3)
        with pytest.raises(StoreError):
            store.add(taken)
        assert store.stat(stored.digest).size == 3
        assert waiting(root) == []
        assert store.add(taken).replaced
        store.verify(stored.digest)


def test_the_reserve_stays_free(root: Path, tmp_path: Path) -> None:
    for size in (10, CHUNK + 1):
        with (
            open_store(root, reserve=1 << 60) as store,
            pytest.raises(StoreFullError, match="stay in reserve; free some space"),
        ):
            store.add(source(tmp_path, bytes(size)), PlacementMode.COPY)
    assert waiting(root) == []


_STEPS = {
    "create": 1,
    "write": 1,
    "start_writeback": CHUNK + 1,
    "truncate": CHUNK + 1,
    "fsync": 1,
    "publish": 1,
    "mkdir": 1,
}


@pytest.mark.parametrize("point", _STEPS)
@pytest.mark.parametrize("failure", [Failure.NO_SPACE, Failure.INPUT_OUTPUT])
@pytest.mark.parametrize("large", [False, True])
def test_whatever_call_fails_nothing_is_left_and_the_next_try_succeeds(
    root: Path, tmp_path: Path, point: str, failure: Failure, large: bool
) -> None:
    size = 2 * CHUNK if large else _STEPS[point]
    path = tmp_path / "film.mkv"
    path.write_bytes(b"x")
    os.truncate(path, size)
    expected = StoreFullError if failure is Failure.NO_SPACE else StoreError
    # Only what is written through the page cache needs a write-back.
    refused = [Fault("set_direct", Failure.INPUT_OUTPUT, 0)] if point == "start_writeback" else []
    with faulty(root, Fault(point, failure), *refused) as store:
        with pytest.raises(expected) as caught:
            store.add(Source.at(path), PlacementMode.COPY)
        assert type(caught.value) is expected
        assert waiting(root) == []
        stored = store.add(Source.at(path), PlacementMode.COPY)
        store.verify(stored.digest)


def test_a_large_copy_asks_for_its_room_before_it_writes(root: Path, tmp_path: Path) -> None:
    taken = source(tmp_path, os.urandom(CHUNK + 1))
    schedule = Schedule([Fault("reserve", Failure.NO_SPACE)])
    with open_store(root, calls=FaultyCalls(LinuxCalls(), schedule)) as store:
        with pytest.raises(StoreFullError, match="free some space"):
            store.add(taken, PlacementMode.COPY)
        assert (schedule.reached("reserve"), schedule.reached("write")) == (1, 0)
        assert waiting(root) == []


def _stage_many(store: FilesystemStore, folder: Path, count: int = 10) -> list[Staged]:
    return [store.stage(source(folder, bytes([index]), f"{index}")) for index in range(count)]


@pytest.mark.parametrize("occurrence", [1, 2])
def test_a_failed_group_sync_fails_the_batch_and_all_that_was_staged_before(
    root: Path, tmp_path: Path, occurrence: int
) -> None:
    with faulty(root, Fault("syncfs", Failure.INPUT_OUTPUT, occurrence)) as store:
        batch = _stage_many(store, tmp_path)
        other = [store.stage(source(tmp_path, b"other" + bytes([index]))) for index in range(10)]
        with pytest.raises(StoreError, match="look at the disk"):
            store.commit(batch)
        with pytest.raises(StoreError, match="import them again"):
            store.commit(other)
        assert waiting(root) == []
        for stored in store.commit(_stage_many(store, tmp_path)):
            store.verify(stored.digest)


def test_a_failure_halfway_through_a_batch_abandons_the_rest(root: Path, tmp_path: Path) -> None:
    with faulty(root, Fault("publish", Failure.NO_SPACE, 7)) as store:
        with pytest.raises(StoreFullError):
            store.commit(_stage_many(store, tmp_path))
        assert waiting(root) == []
        for digest in store.iterate():
            store.verify(digest)
        assert len(store.commit(_stage_many(store, tmp_path))) == 10


def test_a_removal_that_fails_is_reported(root: Path, tmp_path: Path) -> None:
    with faulty(root, Fault("unlink", Failure.INPUT_OUTPUT)) as store:
        stored = store.add(source(tmp_path), PlacementMode.COPY)
        with pytest.raises(StoreError, match="removing blob"):
            store.remove(stored.digest)
        store.verify(stored.digest)


def test_few_files_are_synced_alone_and_many_together(root: Path, tmp_path: Path) -> None:
    schedule = Schedule()
    with open_store(root, calls=FaultyCalls(LinuxCalls(), schedule)) as store:
        store.commit(_stage_many(store, tmp_path, 2))
        assert (schedule.reached("syncfs"), schedule.reached("fsync")) == (0, 2 + 2 + 2 + 1)
        store.commit(_stage_many(store, tmp_path, 40))
        assert (schedule.reached("syncfs"), schedule.reached("fsync")) == (2, 7)
        store.commit(_stage_many(store, tmp_path, 1))
        assert schedule.reached("fsync") == 7 + 1, "its folder is known to be durable, but its name may not be"


def test_without_a_reliable_syncfs_every_file_is_synced(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = os.uname_result(("Linux", "host", "5.7.19-generic", "#1", "x86_64"))
    monkeypatch.setattr("offliniofs.blobs.batch.os.uname", lambda: old)
    schedule = Schedule()
    with open_store(root, calls=FaultyCalls(LinuxCalls(), schedule)) as store:
        store.commit(_stage_many(store, tmp_path, 20))
    assert schedule.reached("syncfs") == 0
    assert schedule.reached("fsync") >= 20 + 20


def test_a_removed_folder_is_made_and_synced_again(root: Path, tmp_path: Path) -> None:
    schedule = Schedule()
    with open_store(root, calls=FaultyCalls(LinuxCalls(), schedule)) as store:
        digest = store.add(source(tmp_path)).digest
        leaf = Path(store.path_of(digest)).parent
        store.remove(digest)
        leaf.rmdir()
        leaf.parent.rmdir()
        before = schedule.reached("fsync")
        store.add(source(tmp_path))
        assert schedule.reached("fsync") - before == 1 + 3


def test_an_unreadable_blob_is_reported_as_damaged(store: FilesystemStore, tmp_path: Path) -> None:
    digest = store.add(source(tmp_path)).digest
    path = Path(store.path_of(digest))
    path.unlink()
    path.mkdir()
    with pytest.raises(BlobCorruptError, match="cannot be read"):
        store.verify(digest)


def test_a_link_at_the_place_of_a_blob_is_not_followed(store: FilesystemStore, tmp_path: Path) -> None:
    digest = store.add(source(tmp_path)).digest
    path = Path(store.path_of(digest))
    path.unlink()
    path.symlink_to(tmp_path / "film.mkv")
    with pytest.raises(StoreError, match="opening blob"):
        store.open(digest)
