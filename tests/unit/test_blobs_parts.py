"""The parts below and around the store: system calls, schedules of failures, decorators."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blake3 import blake3

from offliniofs.blobs.batch import _kernel_version
from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import ANY, Failure, Fault, FaultyCalls, FaultyStore, Schedule
from offliniofs.blobs.memory import MemoryStore
from offliniofs.blobs.protocol import Source, Staged
from offliniofs.blobs.source import opened
from offliniofs.blobs.transfer import CHUNK, copy, hash_descriptor, read_small
from offliniofs.blobs.verifying import VerifyingStore
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, SourceError, StoreError, StoreFullError
from offliniofs.domain.ids import Digest


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize("refused", [None, errno.EINVAL, errno.ENOSYS])
def test_publishing_never_replaces(
    tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch, refused: int | None
) -> None:
    calls = LinuxCalls()
    if refused is not None:
        monkeypatch.setattr(calls, "_renameat2", lambda *_: -1)
        monkeypatch.setattr("offliniofs.blobs.calls.ctypes.get_errno", lambda: refused)
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    with pytest.raises(FileExistsError):
        calls.publish("new", folder, "old", folder)
    assert (tmp_path / "old").read_text() == "old"
    calls.publish("new", folder, "free", folder)
    assert (tmp_path / "free").read_text() == "new"
    assert not (tmp_path / "new").exists()


def test_calls_report_their_errno() -> None:
    calls = LinuxCalls()
    with pytest.raises(OSError, match="Bad file descriptor"):
        calls.syncfs(-1)
    with pytest.raises(OSError, match="Bad file descriptor"):
        calls.publish("a", -1, "b", -1)


@pytest.mark.parametrize(
    ("release", "version"), [("6.1.0-28-amd64", (6, 1)), ("5.8", (5, 8)), ("odd", (0, 0)), ("5.10-rc1", (5, 10))]
)
def test_kernel_versions(release: str, version: tuple[int, ...]) -> None:
    assert _kernel_version(release) == version


def test_a_schedule_strikes_where_and_when_it_says() -> None:
    schedule = Schedule([Fault("write", Failure.NO_SPACE, 2), Fault("fsync", Failure.INPUT_OUTPUT, 0)])
    assert not schedule.strike("write")
    with pytest.raises(OSError, match="No space"):
        schedule.strike("write")
    assert not schedule.strike("write")
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output"):
            schedule.strike("fsync")
    assert (schedule.reached("write"), schedule.reached("fsync"), schedule.reached()) == (3, 2, 5)


def test_a_crash_is_a_sigkill(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("offliniofs.blobs.faulty.os.kill", lambda pid, number: killed.append((pid, number)))
    schedule = Schedule([Fault(ANY, Failure.CRASH, 2)])
    for point in ("create", "write", "fsync"):
        schedule.strike(point)
    assert killed == [(os.getpid(), signal.SIGKILL)]


def _stage(folder: Path, store: FaultyStore | MemoryStore, content: bytes = b"content") -> Staged:
    path = folder / "film"
    path.write_bytes(content)
    return store.stage(Source.at(path))


def test_a_faulty_store_fails_as_a_disk_would(tmp_path: Path) -> None:
    points = ("stage", "commit", "discard_source", "open", "verify", "remove")
    faults = [Fault(point, Failure.INPUT_OUTPUT) for point in points] + [Fault("stage", Failure.NO_SPACE, 2)]
    inner = MemoryStore()
    store = FaultyStore(inner, Schedule(faults))
    with pytest.raises(StoreError, match="at stage"):
        _stage(tmp_path, store)
    with pytest.raises(StoreFullError):
        _stage(tmp_path, store)
    empty = inner.free_space()
    with pytest.raises(StoreError, match="at commit"):
        store.commit([_stage(tmp_path, store)])
    assert inner.free_space() == empty, "what a failed commit was given is abandoned"
    [stored] = store.commit([_stage(tmp_path, store)])
    failing: list[Callable[[], object]] = [
        lambda: store.discard_source(stored),
        lambda: store.open(stored.digest),
        lambda: store.verify(stored.digest),
        lambda: store.remove(stored.digest),
    ]
    for method in failing:
        with pytest.raises(StoreError):
            method()
    store.verify(stored.digest)
    store.close()


def test_a_blob_is_hashed_before_it_is_first_opened_and_when_it_changed(tmp_path: Path) -> None:
    schedule = Schedule()
    memory = MemoryStore()
    store = VerifyingStore(FaultyStore(memory, schedule), remembered=1)
    [stored] = memory.commit([_stage(tmp_path, memory)])
    [other] = memory.commit([_stage(tmp_path, memory, b"other")])

    def open_and_count(digest: Digest) -> int:
        os.close(store.open(digest))
        return schedule.reached("verify")

    assert [open_and_count(stored.digest) for _ in range(3)] == [1, 1, 1]
    assert open_and_count(other.digest) == 2
    assert open_and_count(stored.digest) == 3, "only one is remembered"
    os.chmod(memory.path_of(stored.digest), 0o600)
    Path(memory.path_of(stored.digest)).write_bytes(b"CONTENT")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(BlobCorruptError):
        store.open(stored.digest)
    assert len(os.listdir("/proc/self/fd")) == before
    store.close()


def test_memory_gives_back_what_is_removed(tmp_path: Path) -> None:
    store = MemoryStore(capacity=100)
    [stored] = store.commit([_stage(tmp_path, store, bytes(80))])
    with pytest.raises(StoreFullError, match="make the store larger"):
        _stage(tmp_path, store, bytes(30))
    store.remove(stored.digest)
    assert store.free_space().available == 100
    assert _stage(tmp_path, store, bytes(30)).size == 30
    store.close()


def test_memory_abandons_the_rest_of_a_batch_that_fails(tmp_path: Path) -> None:
    store = MemoryStore()
    [stored] = store.commit([_stage(tmp_path, store)])
    superfluous = _stage(tmp_path, store)
    store.remove(stored.digest)
    empty = store.free_space()
    with pytest.raises(BlobMissingError):
        store.commit([superfluous, _stage(tmp_path, store, b"another")])
    assert store.free_space() == empty


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 17 << 20])
def test_hashes_are_those_of_blake3(tmp_path: Path, size: int) -> None:
    content = blake3(b"seed").digest(length=size) if size else b""
    (tmp_path / "file").write_bytes(content)
    expected = blake3(content).digest()
    with opened(Source.at(tmp_path / "file")) as file, (tmp_path / "copy").open("w+b") as target:
        assert hash_descriptor(file.descriptor) == expected
        assert copy(file, target.fileno(), LinuxCalls()) == expected
        assert (tmp_path / "copy").read_bytes() == content


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "film").write_bytes(b"content")
    with opened(Source.at(tmp_path / "film")) as file:
        monkeypatch.setattr("offliniofs.blobs.transfer.os.preadv", fail)
        with pytest.raises(SourceError, match="film cannot be read: Input/output error"):
            read_small(file)


def test_a_write_by_half_is_completed(tmp_path: Path) -> None:
    calls = FaultyCalls(LinuxCalls(), Schedule([Fault("write", Failure.SHORT_WRITE, 0)]))
    (tmp_path / "film").write_bytes(b"0123456789")
    with opened(Source.at(tmp_path / "film")) as file, (tmp_path / "copy").open("w+b") as target:
        copy(file, target.fileno(), calls)
    assert (tmp_path / "copy").read_bytes() == b"0123456789"
