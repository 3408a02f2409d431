"""What lies at the place of a blob that is about to be stored: nothing, the same bytes, or damaged ones."""

from __future__ import annotations

import os
import stat
from enum import Enum, auto

from offliniofs.blobs.layout import relative_path
from offliniofs.blobs.protocol import Progress
from offliniofs.blobs.transfer import hash_descriptor
from offliniofs.domain.ids import Digest

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Existing(Enum):
    """What was found."""

    NOTHING = auto()
    SOUND = auto()
    DAMAGED = auto()
    """Bytes that are not those of the name, or that cannot be read."""


def existing(blobs: int, digest: Digest, size: int, progress: Progress | None = None) -> Existing:
    """Looks at a place below the ``blobs/`` descriptor. The size must be right; with ``progress``, all bytes.

    Raises ``OSError`` when the place cannot be looked at.
    """
    path = relative_path(digest)
    try:
        status = os.stat(path, dir_fd=blobs, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return Existing.DAMAGED
        if progress is None:
            return Existing.SOUND
        descriptor = os.open(path, _FLAGS, dir_fd=blobs)
    except FileNotFoundError:
        return Existing.NOTHING
    try:
        return Existing.SOUND if _holds(descriptor, digest, progress) else Existing.DAMAGED
    finally:
        os.close(descriptor)


def _holds(descriptor: int, digest: Digest, progress: Progress) -> bool:
    # What is in memory may be better than what is on the disk, and it is the disk that is doubted.
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        return hash_descriptor(descriptor, progress) == digest
    except OSError:
        return False
