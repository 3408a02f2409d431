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
from offliniofs.blobs.calls import LinuxCalls, StoreCalls
from offliniofs.blobs.faulty import ANY, Failure, Fault, FaultyCalls, FaultyStore, Schedule
from offliniofs.blobs.protocol import Source, Staged
from offliniofs.blobs.source import opened
from offliniofs.blobs.transfer import CHUNK, copy, hash_descriptor, read_small
from offliniofs.blobs.verifying import VerifyingStore
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, SourceError, StoreError, StoreFullError
from offliniofs.domain.ids import Digest
from tests.adapters.memory_store import MemoryStore


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


# Writing past the page cache


class _Fussy(LinuxCalls):
    """A disk that takes direct writes in blocks of ``block`` bytes only, and ``limit`` bytes at a time."""

    def __init__(self, block: int = 1, limit: int = CHUNK) -> None:
        super().__init__()
        self._block = block
        self._limit = limit
        self.direct = False
        self.direct_bytes = self.cached_bytes = self.begun_bytes = 0

    def set_direct(self, descriptor: int, direct: bool) -> bool:
        self.direct = direct
        return direct

    def write(self, descriptor: int, data: bytes | memoryview, offset: int) -> int:
        if self.direct and (offset % self._block or len(data) % self._block):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        written = super().write(descriptor, data[: self._limit], offset)
        if self.direct:
            self.direct_bytes += written
        else:
            self.cached_bytes += written
        return written

    def start_writeback(self, descriptor: int, offset: int, length: int) -> None:
        self.begun_bytes += length


def _copied(folder: Path, content: bytes, calls: StoreCalls) -> bytes:
    (folder / "source").write_bytes(content)
    target = os.open(folder / "target", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with opened(Source.at(folder / "source")) as file:
            digest = copy(file, target, calls)
    finally:
        os.close(target)
    assert digest == blake3(content).digest()
    return (folder / "target").read_bytes()


@pytest.mark.parametrize("size", [1, 4096, CHUNK, CHUNK + 1, 5 * CHUNK + 4096, 9 * CHUNK - 1])
def test_a_copy_is_whole_whatever_its_length(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    assert _copied(tmp_path, content, LinuxCalls()) == content


def test_only_a_last_part_that_fills_no_block_goes_through_the_page_cache(tmp_path: Path) -> None:
    content = os.urandom(CHUNK + 4097)
    calls = _Fussy(block=4096)
    assert _copied(tmp_path, content, calls) == content
    assert (calls.direct_bytes, calls.cached_bytes, calls.begun_bytes) == (CHUNK, 4097, 4097)


@pytest.mark.parametrize("calls", [_Fussy(block=8 * CHUNK), _Fussy(block=4096, limit=CHUNK // 2 + 1)])
def test_a_disk_that_refuses_direct_writes_gets_others(tmp_path: Path, calls: _Fussy) -> None:
    content = os.urandom(3 * CHUNK)
    assert _copied(tmp_path, content, calls) == content
    assert not calls.direct
    assert calls.begun_bytes == len(content)


def test_other_failures_of_a_direct_write_are_not_tried_again(tmp_path: Path) -> None:
    schedule = Schedule([Fault("write", Failure.INPUT_OUTPUT)])
    with pytest.raises(OSError, match="Input/output"):
        _copied(tmp_path, os.urandom(2 * CHUNK), FaultyCalls(LinuxCalls(), schedule))


def test_room_is_set_aside_or_refused(tmp_path: Path) -> None:
    calls = LinuxCalls()
    with (tmp_path / "file").open("wb") as file:
        calls.reserve(file.fileno(), 10_000)
        assert os.fstat(file.fileno()).st_size == 10_000
        with pytest.raises(OSError, match=r"File too large|No space"):
            calls.reserve(file.fileno(), 1 << 62)
    reading, writing = os.pipe()
    try:
        calls.reserve(writing, 1)  # not possible, and no harm
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("cached", [True, False])
def test_a_copy_leaves_the_page_cache_as_it_found_it(tmp_path: Path, cached: bool) -> None:
    path = tmp_path / "film"
    path.write_bytes(os.urandom(2 * CHUNK))
    with path.open("rb") as file:
        os.fsync(file.fileno())
        if not cached:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    target = os.open(tmp_path / "target", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with opened(Source.at(path)) as file:
            copy(file, target, LinuxCalls())
            assert file.in_memory() is cached
    finally:
        os.close(target)
