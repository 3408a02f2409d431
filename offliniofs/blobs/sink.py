"""The file that a large copy is written to, past the page cache where the filesystem allows it.

Direct writes (open(2), O_DIRECT) go from our buffer to the disk: no second copy of the bytes, no pages to find for
them, and hardly anything left to do for the fsync at the end. They ask for aligned addresses, offsets and lengths, so
the last part of a file is written through the page cache; and so is everything where the filesystem refuses, with the
write-back begun at once to keep the final fsync short.
"""

from __future__ import annotations

import errno

from offliniofs.blobs.calls import Buffer, StoreCalls

_ALIGNMENT = 4096
"""Bytes. No disk in use has larger logical blocks, and the kernel demands no more than those."""


class Sink:
    """Writes an empty file from its start to its end. One thread at a time."""

    def __init__(self, descriptor: int, calls: StoreCalls, size: int | None) -> None:
        """``size``: bytes to set aside at once, in one piece where there is one; None for a file that may have holes.

        Raises ``OSError`` when there is no room for so much.
        """
        self._descriptor = descriptor
        self._calls = calls
        if size is not None:
            calls.reserve(descriptor, size)
        self._direct = calls.set_direct(descriptor, True)

    def write(self, part: Buffer, offset: int) -> None:
        """Writes all of ``part``, whose address and offset are aligned. Raises ``OSError``."""
        if self._direct and len(part) % _ALIGNMENT:
            self._leave_direct()
        try:
            write_all(self._calls, self._descriptor, part, offset)
        except OSError as error:
            if error.errno != errno.EINVAL or not self._direct:
                raise
            self._leave_direct()  # a disk that asks for more, or a write that ended between two blocks
            write_all(self._calls, self._descriptor, part, offset)
        if not self._direct:
            self._calls.start_writeback(self._descriptor, offset, len(part))

    def _leave_direct(self) -> None:
        self._direct = self._calls.set_direct(self._descriptor, False)


def write_all(calls: StoreCalls, descriptor: int, data: Buffer, offset: int) -> None:
    """Writes every byte, however little each call takes. Raises ``OSError``."""
    view = memoryview(data)
    while view:
        written = calls.write(descriptor, view, offset)
        view = view[written:]
        offset += written
