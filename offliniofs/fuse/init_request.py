"""The kernel's first message to a new mount: who it is and what it can do.

Format: struct fuse_in_header and struct fuse_init_in, include/uapi/linux/fuse.h in Linux.
"""

from __future__ import annotations

import os
import select
import struct
from dataclasses import dataclass

from offliniofs.domain.errors import MountError

_HEADER = struct.Struct("<IIQQIIIHH")
"""struct fuse_in_header: length, opcode, unique, nodeid, uid, gid, pid, total_extlen, padding."""
_INIT = struct.Struct("<IIIII")
"""struct fuse_init_in: major, minor, max_readahead, flags, flags2."""
_FLAGS_AT = _HEADER.size + 12
_OPCODE_INIT = 26
_INIT_EXT = 1 << 30
"""The request says more flags in ``flags2``."""
_HAS_RESEND = 1 << (39 - 32)
"""In ``flags2``: the kernel sends again what was not answered (Linux 6.9, protocol 7.40)."""
_ATOMIC_O_TRUNC = 1 << 3
_INIT_SECONDS = 10.0
_MAX_MESSAGE = 64 * 1024


class GreetingError(MountError):
    """libfuse and the kernel that mounted cannot be brought together (again)."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the kernel says of itself when it mounts."""

    major: int
    minor: int
    can_resend: bool
    """Whether requests that a dead daemon left unanswered can be had again."""


def read_greeting(descriptor: int) -> bytes:
    """Reads the kernel's first message from a mount that nobody serves yet. Blocks for ten seconds at most.

    Raises :class:`GreetingError` when none comes.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(_INIT_SECONDS * 1000):
        raise GreetingError("The kernel did not greet the new mount.")
    try:
        return os.read(descriptor, _MAX_MESSAGE)
    except OSError as error:
        raise GreetingError(f"The kernel did not greet the new mount: {error.strerror}.") from error


def parse_greeting(message: bytes) -> Greeting:
    """What a FUSE_INIT request says. Raises :class:`GreetingError` for anything else."""
    if len(message) < _HEADER.size + 16 or _HEADER.unpack_from(message)[1] != _OPCODE_INIT:
        raise GreetingError("The kernel's first message is no greeting.")
    major, minor, _, flags = struct.unpack_from("<IIII", message, _HEADER.size)
    more = 0
    if flags & _INIT_EXT and len(message) >= _HEADER.size + _INIT.size:
        more = _INIT.unpack_from(message, _HEADER.size)[4]
    return Greeting(major, minor, bool(more & _HAS_RESEND))


def without_atomic_truncation(message: bytes) -> bytes:
    """The request without the offer to send O_TRUNC along with an open.

    So it reaches us as an open and a change of size: only so can a save over a file leave those who read the old one
    alone. Raises :class:`GreetingError` for a message that is no such request.
    """
    parse_greeting(message)
    changed = bytearray(message)
    (flags,) = struct.unpack_from("<I", changed, _FLAGS_AT)
    struct.pack_into("<I", changed, _FLAGS_AT, flags & ~_ATOMIC_O_TRUNC)
    return bytes(changed)
