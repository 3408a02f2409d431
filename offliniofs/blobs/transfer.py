"""Moving bytes and hashing them: the fast path of an import.

A large copy is a pipeline of three threads over a few buffers: this one reads the source, one writes the blob, one
hashes the very bytes that are written. blake3 and the system calls all release the interpreter lock. Nothing of it
stays in the page cache: the blob is written past it (``sink``), and what was read of the source is let go, unless it
was in memory before. So a large import does not push out what other programs work with, and the kernel spends no time
on finding eight gigabytes of pages for a copy of four.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from blake3 import blake3

from offliniofs.blobs.calls import Buffer, StoreCalls
from offliniofs.blobs.protocol import Progress
from offliniofs.blobs.sink import Sink
from offliniofs.blobs.source import OpenSource, unreadable
from offliniofs.domain.ids import Digest

CHUNK = 4 << 20
"""Bytes read, hashed and written at a time."""
_BUFFERS = 4
"""So many times ``CHUNK`` is the memory of one large copy: one buffer each for three threads, and one between them."""
_ZEROS = bytes(CHUNK)
_THREADED_FROM = 16 << 20
"""Bytes above which blake3 hashes a file with two threads; below, starting them costs more than it brings."""


def silent(_: int) -> None:
    """Progress that nobody watches."""


def heartbeat(progress: Progress) -> Progress:
    """Progress that counts nothing but can still cancel: for a second pass over the same bytes."""
    return lambda _: progress(0)


def read_small(source: OpenSource) -> bytes:
    """The whole content of a source of at most ``CHUNK`` bytes. Raises ``SourceError``, ``SourceChangedError``."""
    return _read_exactly(source, source.size)


def hash_bytes(data: Buffer) -> Digest:
    """The BLAKE3 of bytes in memory."""
    return Digest(blake3(data).digest())


def hash_descriptor(descriptor: int, progress: Progress = silent) -> Digest:
    """The BLAKE3 of a file, read from its start to its end by a descriptor. Raises ``OSError``.

    It reads instead of mapping: a mapping of a file that shrinks meanwhile, or of a bad sector, kills the process.
    """
    hasher = blake3(max_threads=2 if os.fstat(descriptor).st_size >= _THREADED_FROM else 1)
    size = os.fstat(descriptor).st_size
    with mmap.mmap(-1, min(CHUNK, max(size, mmap.PAGESIZE))) as memory, memoryview(memory) as buffer:
        offset = 0
        while count := os.preadv(descriptor, [buffer], offset):
            with buffer[:count] as part:
                hasher.update(part)
            offset += count
            progress(count)
    return Digest(hasher.digest())


def copy(source: OpenSource, target: int, calls: StoreCalls, progress: Progress = silent) -> Digest:
    """Copies a large source into an empty file and hashes what was written. Keeps holes of whole chunks.

    Raises ``SourceError`` when the source cannot be read, ``SourceChangedError`` when it is shorter than it was, and
    ``OSError`` when the target cannot be written.
    """
    os.posix_fadvise(source.descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    hasher = blake3()
    sink = Sink(target, calls, None if source.sparse else source.size)
    with ThreadPoolExecutor(1, "blob-hash") as hashing, ThreadPoolExecutor(1, "blob-write") as writing:

        def pass_on(part: memoryview, offset: int) -> list[Future[object]]:
            hashed: Future[object] = hashing.submit(hasher.update, part)
            if source.sparse and _is_zero(part):
                return [hashed]
            return [hashed, writing.submit(sink.write, part, offset)]

        _pump(source, progress, pass_on)
    if source.sparse:
        calls.truncate(target, source.size)
    return Digest(hasher.digest())


def _pump(
    source: OpenSource, progress: Progress, pass_on: Callable[[memoryview, int], Sequence[Future[object]]]
) -> None:
    """Reads a source into the buffers, one after the other; none is filled again before it has been dealt with."""
    keep = source.in_memory()
    buffers = [memoryview(mmap.mmap(-1, CHUNK)) for _ in range(_BUFFERS)]  # page-aligned, as direct writing needs
    pending: list[Sequence[Future[object]]] = [()] * _BUFFERS
    for index, offset in enumerate(range(0, source.size, CHUNK)):
        slot = index % _BUFFERS
        for busy in pending[slot]:
            busy.result()
        part = buffers[slot][: min(CHUNK, source.size - offset)]
        _read_into(source, part, offset)
        if not keep:
            os.posix_fadvise(source.descriptor, offset, len(part), os.POSIX_FADV_DONTNEED)
        pending[slot] = pass_on(part, offset)
        progress(len(part))
    for group in pending:
        for last in group:
            last.result()


def _is_zero(part: memoryview) -> bool:
    return bytes(part) == _ZEROS[: len(part)]


def _read_exactly(source: OpenSource, size: int) -> bytes:
    buffer = bytearray(size)
    with memoryview(buffer) as view:
        _read_into(source, view, 0)
    return bytes(buffer)


def _read_into(source: OpenSource, part: memoryview, offset: int) -> None:
    filled = 0
    while filled < len(part):
        try:
            count = os.preadv(source.descriptor, [part[filled:]], offset + filled)
        except OSError as error:
            raise unreadable(source.source, error) from error
        if count == 0:
            raise source.changed()
        filled += count
