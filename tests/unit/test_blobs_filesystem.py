"""The filesystem store: what lies where, with which permissions, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import Failure, Fault, FaultyCalls, Schedule
from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store, read_identity
from offliniofs.blobs.protocol import Method, Source, Staged
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    BlobCorruptError,
    ModeUnsupportedError,
    SourceChangedError,
    SourceError,
    StoreError,
    StoreFullError,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    initialise(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> Iterator[FilesystemStore]:
    with open_store(root) as opened:
        yield opened


def source(folder: Path, content: bytes = b"content", name: str = "film.mkv") -> Source:
    (folder / name).write_bytes(content)
    return Source.at(folder / name)


def mode_of(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def waiting(root: Path) -> list[Path]:
    return [path for path in (root / "blobs/tmp").rglob("*") if path.is_file()]


def faulty(root: Path, *faults: Fault) -> FilesystemStore:
    return open_store(root, calls=FaultyCalls(LinuxCalls(), Schedule(faults)))


# Layout and identity


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


# Modes


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


# Failures


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


# Temporary files


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
