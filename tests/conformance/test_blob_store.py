"""The one suite that every blob store and every decorator of one passes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from blake3 import blake3

from offliniofs.blobs.protocol import BlobStore, Method, Source
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    BlobCorruptError,
    BlobMissingError,
    ModeUnsupportedError,
    SourceChangedError,
)
from offliniofs.domain.ids import Digest
from tests.adapters.memory_store import MemoryStore
from tests.conformance.blob_stores import EVERY_SIZE, SIZES, content_of, read

NOWHERE = Digest(bytes(32))


def damage(store: BlobStore, digest: Digest) -> None:
    path = store.path_of(digest)
    os.chmod(path, 0o600)
    with open(path, "r+b") as opened:
        first = opened.read(1)
        opened.seek(0)
        opened.write(bytes([first[0] ^ 1]))


@EVERY_SIZE
@pytest.mark.parametrize("mode", [PlacementMode.AUTO, PlacementMode.COPY, PlacementMode.MOVE])
def test_what_is_added_is_read_back(
    store: BlobStore, file: Callable[..., Source], size: int, mode: PlacementMode
) -> None:
    content = content_of(size)
    source = file(content)
    stored = store.add(source, mode, expected_size=size)
    assert stored.digest == blake3(content).digest()
    assert (stored.size, stored.existed) == (size, False)
    assert read(store, stored.digest) == content
    assert store.stat(stored.digest).size == size
    assert store.contains(stored.digest)
    assert Path(store.path_of(stored.digest)).read_bytes() == content
    assert Path(os.fsdecode(source.path)).read_bytes() == content, "the original stays, even of a move"
    store.verify(stored.digest)
    store.verify(stored.digest, from_disk=True)


@EVERY_SIZE
@pytest.mark.parametrize("maybe_stored", [False, True])
def test_the_same_content_is_kept_once(
    store: BlobStore, file: Callable[..., Source], size: int, maybe_stored: bool
) -> None:
    first = store.add(file(content_of(size)))
    inode = store.stat(first.digest).inode
    again = store.add(file(content_of(size), "other name.mkv"), maybe_stored=maybe_stored)
    assert (first.existed, again.existed) == (False, True)
    assert again.digest == first.digest
    assert store.stat(first.digest).inode == inode, "the blob in place is never replaced"
    assert list(store.iterate()) == [first.digest]


def test_a_wrong_guess_that_content_is_stored_does_no_harm(store: BlobStore, file: Callable[..., Source]) -> None:
    stored = store.add(file(content_of(CHUNK + 1)), maybe_stored=True)
    assert not stored.existed
    assert len(read(store, stored.digest)) == CHUNK + 1


def test_a_batch_is_invisible_until_it_is_committed(store: BlobStore, file: Callable[..., Source]) -> None:
    contents = [content_of(1000, seed) for seed in range(30)]
    staged = [store.stage(file(content, f"{index}")) for index, content in enumerate(contents)]
    assert list(store.iterate()) == []
    assert not store.contains(staged[0].digest)
    stored = store.commit(staged)
    assert [one.digest for one in stored] == [blake3(content).digest() for content in contents]
    assert list(store.iterate()) == sorted(one.digest for one in stored)
    for one, content in zip(stored, contents, strict=True):
        assert read(store, one.digest) == content


def test_an_empty_batch_is_committed(store: BlobStore) -> None:
    assert store.commit([]) == []


def test_equal_files_in_one_batch_are_kept_once(store: BlobStore, file: Callable[..., Source]) -> None:
    staged = [store.stage(file(b"equal", f"{index}")) for index in range(3)]
    assert [one.existed for one in store.commit(staged)] == [False, True, True]
    assert len(list(store.iterate())) == 1


def test_what_is_abandoned_leaves_nothing(store: BlobStore, file: Callable[..., Source]) -> None:
    before = store.free_space()
    staged = store.stage(file(content_of(CHUNK + 1)))
    store.abandon(staged)
    store.abandon(staged)
    assert list(store.iterate()) == []
    assert store.clean_temporary().files == 0
    if isinstance(store, MemoryStore):
        assert store.free_space() == before


def test_abandoning_after_the_commit_is_harmless(store: BlobStore, file: Callable[..., Source]) -> None:
    staged = store.stage(file(b"kept"))
    [stored] = store.commit([staged])
    store.abandon(staged)
    assert read(store, stored.digest) == b"kept"


def test_clean_up_spares_what_a_live_process_has_staged(store: BlobStore, file: Callable[..., Source]) -> None:
    staged = store.stage(file(b"waiting"))
    assert store.clean_temporary().files == 0
    [stored] = store.commit([staged])
    assert read(store, stored.digest) == b"waiting"


def test_a_blob_that_goes_between_staging_and_commit_is_reported(store: BlobStore, file: Callable[..., Source]) -> None:
    stored = store.add(file(b"short-lived"))
    staged = store.stage(file(b"short-lived", "again"))
    other = store.stage(file(b"beside it", "beside"))
    store.remove(stored.digest)
    with pytest.raises(BlobMissingError, match="import it again"):
        store.commit([staged, other])


@pytest.mark.parametrize("mode", [PlacementMode.REFLINK, PlacementMode.HARDLINK])
def test_a_demanding_mode_does_just_that_or_refuses(
    store: BlobStore, file: Callable[..., Source], mode: PlacementMode
) -> None:
    source = file(b"bytes")
    try:
        stored = store.add(source, mode)
    except ModeUnsupportedError:
        assert list(store.iterate()) == []
    else:
        assert stored.method == Method(mode)
        assert read(store, stored.digest) == b"bytes"


def test_a_blob_is_opened_for_reading_only(store: BlobStore, file: Callable[..., Source]) -> None:
    descriptor = store.open(store.add(file(b"constant")).digest)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.pwrite(descriptor, b"X", 0)
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


def test_what_is_missing_is_said_to_be(store: BlobStore) -> None:
    assert not store.contains(NOWHERE)
    for method in (store.open, store.stat, store.verify, store.remove, store.path_of):
        with pytest.raises(BlobMissingError, match="import the file again"):
            method(NOWHERE)


def test_a_removed_blob_is_gone_and_can_come_back(store: BlobStore, file: Callable[..., Source]) -> None:
    stored = store.add(file(b"comes and goes"))
    store.remove(stored.digest)
    assert not store.contains(stored.digest)
    assert list(store.iterate()) == []
    with pytest.raises(BlobMissingError):
        store.remove(stored.digest)
    assert not store.add(file(b"comes and goes")).existed


def test_an_open_blob_outlives_its_removal(store: BlobStore, file: Callable[..., Source]) -> None:
    stored = store.add(file(b"being watched"))
    descriptor = store.open(stored.digest)
    store.remove(stored.digest)
    with open(descriptor, "rb") as opened:
        assert opened.read() == b"being watched"


@pytest.mark.parametrize("size", SIZES[1:])
@pytest.mark.parametrize("maybe_stored", [True, False])
def test_a_damaged_blob_is_replaced_by_the_same_file_when_that_is_asked_for(
    store: BlobStore, file: Callable[..., Source], size: int, maybe_stored: bool
) -> None:
    source = file(content_of(size))
    stored = store.add(source)
    reader = store.open(stored.digest)
    damage(store, stored.digest)
    assert store.add(source, maybe_stored=maybe_stored).existed
    healed = store.add(source, maybe_stored=maybe_stored, verify_stored=True)
    assert (healed.existed, healed.replaced) == (False, True)
    assert read(store, stored.digest) == content_of(size)
    with open(reader, "rb") as old:
        assert old.read() != content_of(size)  # whoever has it open goes on with what it was
    again = store.add(source, maybe_stored=maybe_stored, verify_stored=True)
    assert (again.existed, again.replaced) == (True, False)
    assert list(store.iterate()) == [stored.digest]


def test_a_damaged_blob_is_found_out(store: BlobStore, file: Callable[..., Source]) -> None:
    stored = store.add(file(content_of(100_000)))
    damage(store, stored.digest)
    for from_disk in (False, True):
        with pytest.raises(BlobCorruptError, match="import the file again"):
            store.verify(stored.digest, from_disk=from_disk)


@pytest.mark.parametrize("mode", [PlacementMode.COPY, PlacementMode.MOVE])
def test_an_original_is_discarded_once_its_blob_is_safe(
    store: BlobStore, file: Callable[..., Source], mode: PlacementMode
) -> None:
    source = file(b"moves in")
    stored = store.add(source, mode)
    store.discard_source(stored)
    assert not os.path.lexists(source.path)
    assert read(store, stored.digest) == b"moves in"
    assert store.stat(stored.digest).links <= 1
    store.discard_source(stored)


def test_an_original_that_changed_is_not_discarded(store: BlobStore, file: Callable[..., Source]) -> None:
    source = file(b"first version")
    stored = store.add(source, PlacementMode.COPY)
    replacement = file(b"other version", "replacement")
    os.replace(replacement.path, source.path)
    with pytest.raises(SourceChangedError, match="stays"):
        store.discard_source(stored)
    assert Path(os.fsdecode(source.path)).read_bytes() == b"other version"


def test_an_original_is_not_discarded_for_a_bad_blob(store: BlobStore, file: Callable[..., Source]) -> None:
    source = file(b"precious")
    stored = store.add(source, PlacementMode.COPY)
    damage(store, stored.digest)
    with pytest.raises(BlobCorruptError):
        store.discard_source(stored)
    store.remove(stored.digest)
    with pytest.raises(BlobMissingError):
        store.discard_source(stored)
    assert Path(os.fsdecode(source.path)).read_bytes() == b"precious"


def test_progress_adds_up_to_the_size(store: BlobStore, file: Callable[..., Source]) -> None:
    size = 2 * CHUNK + 5
    for maybe_stored in (False, True):
        counted: list[int] = []
        stored = store.add(file(content_of(size)), maybe_stored=maybe_stored, progress=counted.append)
        assert sum(counted) == size
        store.remove(stored.digest)
    stored = store.add(file(content_of(size)))
    counted = []
    store.verify(stored.digest, progress=counted.append)
    assert sum(counted) == size


@EVERY_SIZE
def test_progress_can_cancel(store: BlobStore, file: Callable[..., Source], size: int) -> None:
    class Cancelled(BaseException):
        pass

    def cancel(_: int) -> None:
        raise Cancelled

    source = file(content_of(size))
    if size:
        with pytest.raises(Cancelled):
            store.add(source, progress=cancel)
        assert list(store.iterate()) == []
    assert store.add(source).size == size


def test_many_threads_storing_the_same_and_other_content(store: BlobStore, file: Callable[..., Source]) -> None:
    sources = [file(content_of(50_000, index % 10), f"{index}") for index in range(40)]
    with ThreadPoolExecutor(4) as executor:
        stored = list(executor.map(store.add, sources))
    assert sum(not one.existed for one in stored) == 10
    assert len(list(store.iterate())) == 10
    for one in stored:
        store.verify(one.digest)


def test_closing_twice_is_harmless(store: BlobStore, file: Callable[..., Source]) -> None:
    store.stage(file(b"never committed"))
    store.close()
    store.close()
