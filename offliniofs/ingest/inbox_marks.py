"""What a file of the staging folder says of itself: whether it is wholly written, and what it should begin with.

A file that is not wholly written carries the sticky bit, which means nothing on a file (inode(7)); it is set when the
file is made or opened for writing and taken away once its bytes are durable and it is about to be filed. In between, a
file that was closed in order says in an attribute in which run of the machine that was: after a crash of the daemon
alone its pages are safe, after a power cut they are not. Where no attribute can be kept, only memory knows.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from offliniofs.domain.ids import Digest
from offliniofs.ingest.inbox_paths import path_in

UNFINISHED: Final = stat.S_ISVTX
RESERVED: Final = "user.offliniofs."
"""Attributes under this prefix are the program's own."""

_CLOSED: Final = "user.offliniofs.closed"
_BASE: Final = "user.offliniofs.base"


class Marks:
    """Makes and reads them in one run of the machine; descriptors are those of open files."""

    def __init__(self, boot: str | None = None) -> None:
        """``boot``: what names this run of the machine; read from the kernel if not given."""
        self._boot = (boot or Path("/proc/sys/kernel/random/boot_id").read_text().strip()).encode()

    def is_finished(self, name: bytes, folder: int, status: os.stat_result) -> bool:
        """Whether the file of that name in a folder is wholly written: nobody was cut off."""
        if not status.st_mode & UNFINISHED:
            return True
        try:
            return os.getxattr(path_in(folder, name), _CLOSED, follow_symlinks=False) == self._boot
        except OSError:
            return False

    def begin_writing(self, descriptor: int) -> None:
        """Marks an open file as unfinished."""
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if not mode & UNFINISHED:
            os.fchmod(descriptor, mode | UNFINISHED)
        else:
            with contextlib.suppress(OSError):
                os.removexattr(descriptor, _CLOSED)

    def end_writing(self, descriptor: int) -> None:
        """Notes that the last writer closed the file in order."""
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, _CLOSED, self._boot)

    def note_base(self, descriptor: int, base: Digest) -> None:
        """Notes what a save should begin with, as long as nothing was written."""
        os.setxattr(descriptor, _BASE, base)

    def base_of(self, descriptor: int) -> Digest | None:
        """What a save should begin with, as long as nothing was written."""
        try:
            return Digest(os.getxattr(descriptor, _BASE))
        except OSError:
            return None

    def drop_base(self, descriptor: int) -> None:
        """The save has bytes of its own."""
        with contextlib.suppress(OSError):
            os.removexattr(descriptor, _BASE)

    def settle(self, descriptor: int) -> None:
        """Takes away all that was noted on a file: its bytes are durable and it is about to be filed."""
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & ~UNFINISHED)
        with contextlib.suppress(OSError):
            os.removexattr(descriptor, _CLOSED)
        self.drop_base(descriptor)
