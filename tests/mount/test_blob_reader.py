"""Reading when the page cache cannot answer, and when the descriptor was closed to make room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio
import trio.testing

from offliniofs.domain.content import FileRole
from offliniofs.domain.ids import Digest, FileId
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.descriptors import DescriptorTable
from offliniofs.fuse.handles import OpenFile
from offliniofs.fuse.reading import BlobReader

SIZE = 24 << 20
STEP = 256 * 1024
DIGEST = Digest(bytes(32))
OTHER = Digest(bytes([1]) * 32)


class _Blob:
    """One file of random bytes behind every digest, and a reader of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = os.urandom(SIZE)
        path.write_bytes(self.content)
        self.counters = Counters()
        limiter = trio.CapacityLimiter(8)
        self.table = DescriptorTable(lambda _: os.open(path, os.O_RDONLY), 1, limiter, self.counters.descriptors)
        self.reader = BlobReader(self.table, limiter, self.counters)

    async def opened(self, size: int = SIZE) -> OpenFile:
        descriptor = await self.reader.descriptor(DIGEST)
        file = OpenFile(FileId(1), DIGEST, size, FileRole.MEDIA, descriptor)
        file.opens = descriptor.opens = 1
        return file

    async def evict(self) -> None:
        """The table has room for one descriptor: another blob takes it."""
        await self.table.obtain(OTHER)

    def forget_pages(self) -> None:
        with self.path.open("rb") as stream:
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@pytest.fixture
def blob(tmp_path: Path) -> _Blob:
    return _Blob(tmp_path / "blob")


async def test_cold_reads_of_many_tasks_do_not_mix(blob: _Blob) -> None:
    file = await blob.opened()
    found: dict[int, bytes] = {}
    # Without its descriptor the first read goes through a worker thread on any disk.
    await blob.evict()
    assert file.descriptor.number == -1
    blob.forget_pages()

    async def read(offset: int) -> None:
        found[offset] = bytes(await blob.reader.read(file, offset, STEP))

    async with trio.open_nursery() as nursery:
        for offset in range(0, SIZE, STEP):
            nursery.start_soon(read, offset)
    assert len(found) == SIZE // STEP
    assert all(found[offset] == blob.content[offset : offset + STEP] for offset in found)
    assert blob.counters.page_cache.misses > 0
    assert blob.counters.bytes_read == SIZE
    assert file.coverage.distinct_bytes() == SIZE
    blob.table.close_all()


async def test_an_evicted_descriptor_is_opened_again_once(blob: _Blob) -> None:
    file = await blob.opened()
    await blob.evict()
    opened = blob.counters.descriptors.misses
    for offset in (0, STEP, SIZE - 10):
        expected = blob.content[offset : offset + STEP]
        assert bytes(await blob.reader.read(file, offset, STEP)) == expected
    assert blob.counters.descriptors.misses == opened + 1
    assert file.descriptor.opens == 1
    blob.table.close_all()


async def test_warm_and_cold_reads_take_turns_with_their_buffers(blob: _Blob) -> None:
    file = await blob.opened()
    for turn in range(6):
        offset = turn * STEP
        if turn % 2:
            await blob.evict()
        assert bytes(await blob.reader.read(file, offset, STEP)) == blob.content[offset : offset + STEP]
    blob.table.close_all()


async def test_ends(blob: _Blob) -> None:
    file = await blob.opened()
    assert bytes(await blob.reader.read(file, SIZE, STEP)) == b""
    assert bytes(await blob.reader.read(file, SIZE - 3, STEP)) == blob.content[-3:]
    assert bytes(await blob.reader.read(file, 1 << 62, STEP)) == b""
    assert bytes(await blob.reader.read(file, 0, 0)) == b""
    blob.table.close_all()


async def test_a_blob_that_is_shorter_than_its_row_says_ends_early(blob: _Blob) -> None:
    file = await blob.opened(size=SIZE + 5000)
    assert bytes(await blob.reader.read(file, SIZE - 100, STEP)) == blob.content[-100:]
    assert bytes(await blob.reader.read(file, SIZE + 100, STEP)) == b""
    blob.table.close_all()


async def test_reading_ahead_goes_with_a_reader_who_goes_forward(blob: _Blob) -> None:
    file = await blob.opened()
    await blob.evict()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(blob.reader.run)
        for offset in range(0, SIZE, STEP):
            assert bytes(await blob.reader.read(file, offset, STEP)) == blob.content[offset : offset + STEP]
            assert file.advised > offset
        assert file.advised >= SIZE
        await blob.reader.read(file, 0, STEP)
        assert file.advised < SIZE, "who jumps back is followed anew"
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert file.descriptor.holds == 0
    blob.table.close_all()


async def test_a_read_that_fails_is_told(blob: _Blob) -> None:
    file = await blob.opened()
    await blob.evict()
    blob.path.unlink()
    with pytest.raises(FileNotFoundError):
        await blob.reader.read(file, 0, STEP)
    assert file.descriptor.holds == 0
    blob.table.close_all()
