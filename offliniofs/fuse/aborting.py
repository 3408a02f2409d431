"""Ending a mount for all who wait for it: they are answered with an error, and the mount stays, saying "not connected".

The kernel does that itself when the last descriptor of the mount is closed. But a daemon that was killed while a thread
of it waited for a client keeps its own, and the client waits for the daemon.

Loaded by the supervisor, so it uses nothing but the standard library, and loads ctypes only where it is needed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import Final

CONNECTIONS: Final = "/sys/fs/fuse/connections"
"""Where the kernel's control files (fusectl) belong."""
_MNT_FORCE: Final = 1
_TABLE: Final = "/proc/self/mountinfo"
_ESCAPED: Final = ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\"))


def abort(device: str, connections: str = CONNECTIONS) -> bool:
    """Ends the mount of that ``major:minor``; whether the kernel did it.

    By its control file, which belongs to whoever mounted (https://docs.kernel.org/filesystems/fuse.html). Where that is
    not there, as in many containers, by umount2(2) with ``MNT_FORCE``, which only root may.
    """
    minor = device.rpartition(":")[2]
    try:
        with open(f"{connections}/{minor}/abort", "w") as control:
            control.write("1")
    except OSError:
        return any(_force(place, device) for place in _places(device))
    return True


def _places(device: str) -> list[bytes]:
    """The folders on which a device is mounted (format: proc_pid_mountinfo(5))."""
    return [_plain(fields[4]) for fields in _mounts() if fields[2] == device.encode()]


def _mounts() -> list[list[bytes]]:
    try:
        with open(_TABLE, "rb") as table:
            return [line.split() for line in table]
    except OSError:
        return []


def _plain(field: bytes) -> bytes:
    for escaped, plain in _ESCAPED:
        field = field.replace(escaped, plain)
    return field


def _force(place: bytes, device: str) -> bool:
    """Aborts what is mounted on a folder, and leaves it there: as long as it is in use it is not unmounted.

    The descriptor uses it and asks it nothing (``O_PATH``). It also says which mount is meant, should another one have
    been made on the same folder meanwhile. "Busy" is therefore the answer to be had; it comes after the mount was
    aborted (``do_umount`` in fs/namespace.c, ``fuse_umount_begin`` in fs/fuse/inode.c).
    """
    import ctypes

    with contextlib.suppress(OSError):
        held = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if _device_of(held) != device:
                return False
            library = ctypes.CDLL(None, use_errno=True)
            library.umount2(b"/proc/self/fd/%d" % held, _MNT_FORCE)
            return ctypes.get_errno() == errno.EBUSY
        finally:
            os.close(held)
    return False


def _device_of(held: int) -> str | None:
    """``major:minor`` of the mount that a descriptor leads to; fstat(2) would ask the mount itself."""
    with open(f"/proc/self/fdinfo/{held}", "rb") as told:
        number = next((line.split()[1] for line in told if line.startswith(b"mnt_id:")), b"")
    return next((fields[2].decode() for fields in _mounts() if fields[0] == number), None)
