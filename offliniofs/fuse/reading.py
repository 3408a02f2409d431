"""The bytes of stored files: from the page cache on the event loop, from the disk in a worker thread.

``preadv2(2)`` with ``RWF_NOWAIT`` answers from the page cache or says EAGAIN; the loop never waits for a disk. What was
read lies in a buffer that the next request uses again. That is safe because pyfuse3 hands an answer to the kernel
before anything else runs on the loop: there is no ``await`` between the handler's return and the reply. The buffers
lie in huge pages, which makes copying a quarter faster.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
from typing import cast

import trio

from offliniofs.domain.ids import Digest
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.descriptors import Descriptor, DescriptorTable
from offliniofs.fuse.handles import OpenFile

_WINDOW = 8 << 20
"""How far a sequential reader's disk is kept ahead of him, in bytes. A 4K film at 100 Mbit/s takes 0.6 s for it."""
_JUMBLE = 4 << 20
"""Requests of one sequential reader arrive out of order by at most this much."""

_WISHES = 32
_SPARE_BUFFERS = 8
_HUGE_PAGE = 2 << 20
"""Bytes; of x86-64 and of arm64 with 4 KiB pages. The kernel asks for no more than 256 pages of 4 KiB at a time."""

_NOWAIT_REFUSED = frozenset({errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


class BlobReader:
    """Reads open files; keeps nothing of a file but its descriptor."""

    def __init__(self, descriptors: DescriptorTable, limiter: trio.CapacityLimiter, counters: Counters) -> None:
        self._descriptors = descriptors
        self._limiter = limiter
        self._wanted, self._wishes = trio.open_memory_channel[tuple[OpenFile, int, int]](_WISHES)
        self._counters = counters
        self._view = _new_buffer()
        self._spare: list[memoryview] = []

    async def descriptor(self, digest: Digest) -> Descriptor:
        """The blob's descriptor, shared by everybody who has it open. Raises what the store's ``open`` raises."""
        return await self._descriptors.obtain(digest)

    async def read(self, file: OpenFile, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``offset``, fewer only at the end of the file. Raises ``OSError``."""
        end = min(offset + min(size, _HUGE_PAGE), file.size)
        if end <= offset:
            return b""
        wanted = end - offset
        done = 0
        try:
            done = os.preadv(file.descriptor.number, (self._view[:wanted],), offset, os.RWF_NOWAIT)
        except OSError as error:
            if error.errno not in _NOWAIT_REFUSED and file.descriptor.number != -1:
                raise
        if done == wanted:
            answer = self._view[:wanted]
            self._counters.page_cache.hits += 1
        else:
            file.cold = True
            self._counters.page_cache.misses += 1
            answer = await self._read_from_disk(file, offset, wanted)
        file.coverage.add(offset, offset + len(answer))
        self._counters.bytes_read += len(answer)
        if file.cold:
            self._read_ahead(file, offset, end)
        return cast("bytes", answer)  # pyfuse3 takes anything with a contiguous buffer

    async def _read_from_disk(self, file: OpenFile, offset: int, wanted: int) -> memoryview:
        """What a worker thread read; valid until this task waits for something else."""
        descriptor = await self._usable(file)
        buffer = self._spare.pop() if self._spare else _new_buffer()
        descriptor.holds += 1
        try:
            length = await trio.to_thread.run_sync(
                _read_fully, descriptor.number, buffer[:wanted], offset, limiter=self._limiter
            )
        finally:
            descriptor.holds -= 1
        if len(self._spare) < _SPARE_BUFFERS:
            self._spare.append(buffer)
        return buffer[:length]

    async def _usable(self, file: OpenFile) -> Descriptor:
        if file.descriptor.number == -1:
            replaced = await self._descriptors.obtain(file.digest)
            if file.descriptor is not replaced:
                replaced.opens += file.opens
                file.descriptor = replaced
        return file.descriptor

    def _read_ahead(self, file: OpenFile, offset: int, end: int) -> None:
        """Keeps the disk ahead of a reader who goes forward; the advice itself may wait, so a thread gives it."""
        if abs(offset - file.position) > _JUMBLE:
            file.advised = 0
        file.position = end
        start = max(end, file.advised)
        if start >= file.size or start - end > _WINDOW // 2:
            return
        with contextlib.suppress(trio.WouldBlock):  # a disk that is this far behind needs no advice
            self._wanted.send_nowait((file, start, end + _WINDOW - start))
            file.advised = end + _WINDOW

    async def run(self) -> None:
        """Gives the advice that reads asked for, until cancelled."""
        async for file, start, length in self._wishes:
            await self._advise(file, start, length)

    async def _advise(self, file: OpenFile, start: int, length: int) -> None:
        descriptor = file.descriptor
        if descriptor.number == -1:
            return
        descriptor.holds += 1
        try:
            with contextlib.suppress(OSError):  # advice that cannot be given is no failure of the read
                await trio.to_thread.run_sync(
                    os.posix_fadvise, descriptor.number, start, length, os.POSIX_FADV_WILLNEED, limiter=self._limiter
                )
        finally:
            descriptor.holds -= 1


def _read_fully(descriptor: int, buffer: memoryview, offset: int) -> int:
    """Reads until ``buffer`` is full or the file ends; returns the number of bytes."""
    done = 0
    while done < len(buffer):
        length = os.preadv(descriptor, (buffer[done:],), offset + done)
        if length == 0:
            break
        done += length
    return done


def _new_buffer() -> memoryview:
    """Room for the largest read, in one huge page where the kernel has one to give."""
    area = mmap.mmap(-1, _HUGE_PAGE)
    with contextlib.suppress(OSError):
        area.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(area)
