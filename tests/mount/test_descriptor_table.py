"""Sharing descriptors, and closing the right ones when the table is full."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio

from offliniofs.domain.errors import BlobMissingError
from offliniofs.domain.ids import Digest
from offliniofs.fuse.counters import Tally
from offliniofs.fuse.descriptors import Descriptor, DescriptorTable


def _digest(number: int) -> Digest:
    return Digest(number.to_bytes(32, "big"))


class _Blobs:
    """Opens files named by their digest and remembers how often."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opened = 0

    def open(self, digest: Digest) -> int:
        self.opened += 1
        try:
            return os.open(self.directory / digest.hex(), os.O_RDONLY)
        except FileNotFoundError:
            raise BlobMissingError(f"Blob {digest.hex()} is not in the store.") from None


@pytest.fixture
def blobs(tmp_path: Path) -> _Blobs:
    for number in range(8):
        (tmp_path / _digest(number).hex()).write_bytes(b"%d" % number)
    return _Blobs(tmp_path)


def _is_open(descriptor: Descriptor) -> bool:
    if descriptor.number == -1:
        return False
    os.fstat(descriptor.number)
    return True


async def test_a_blob_is_opened_once(blobs: _Blobs) -> None:
    table = DescriptorTable(blobs.open, 4, trio.CapacityLimiter(2), Tally())
    found: list[Descriptor] = []

    async def obtain() -> None:
        found.append(await table.obtain(_digest(1)))

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(obtain)
    assert found[0] is found[1] is found[2]
    assert await table.obtain(_digest(1)) is found[0]
    assert os.pread(found[0].number, 10, 0) == b"1"
    assert len(table) == 1
    table.close_all()
    assert not _is_open(found[0])


async def test_what_nobody_has_open_goes_first(blobs: _Blobs) -> None:
    table = DescriptorTable(blobs.open, 2, trio.CapacityLimiter(2), Tally())
    wanted = await table.obtain(_digest(0))
    wanted.opens += 1
    idle = await table.obtain(_digest(1))
    table.cached(_digest(1))
    await table.obtain(_digest(2))
    assert _is_open(wanted)
    assert not _is_open(idle)
    table.close_all()


async def test_a_full_table_closes_even_what_is_open_but_never_what_is_held(blobs: _Blobs) -> None:
    table = DescriptorTable(blobs.open, 2, trio.CapacityLimiter(2), Tally())
    held, wanted = await table.obtain(_digest(0)), await table.obtain(_digest(1))
    held.opens = wanted.opens = 1
    held.holds = 1
    await table.obtain(_digest(2))
    assert _is_open(held)
    assert not _is_open(wanted)
    held.holds = 0
    table.close_all()


async def test_a_missing_blob_is_told(blobs: _Blobs) -> None:
    table = DescriptorTable(blobs.open, 2, trio.CapacityLimiter(2), Tally())
    with pytest.raises(BlobMissingError):
        await table.obtain(_digest(99))
    assert len(table) == 0
