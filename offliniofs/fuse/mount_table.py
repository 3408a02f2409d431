"""The kernel's list of mounts, and whether the daemon behind one still lives.

Format of mountinfo: proc_pid_mountinfo(5).
"""

from __future__ import annotations

import errno
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from offliniofs.fuse.options import FILESYSTEM_TYPE

_OCTAL = re.compile(rb"\\([0-7]{3})")
_ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class MountEntry:
    """One mount of this process's namespace. ``device`` is ``major:minor``."""

    mountpoint: bytes
    device: str
    filesystem: str
    source: bytes

    @property
    def is_ours(self) -> bool:
        """Whether OfflinioFS made this mount."""
        return self.filesystem == FILESYSTEM_TYPE


def _unescape(field: bytes) -> bytes:
    return _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), field)


def parse_mountinfo(content: bytes) -> list[MountEntry]:
    """Every mount in ``content``, in the order they were made (the last one on a path is the visible one)."""
    entries = []
    for line in content.splitlines():
        fields = line.split(b" ")
        if b"-" not in fields[6:]:
            continue
        separator = fields.index(b"-", 6)
        filesystem, source = fields[separator + 1], fields[separator + 2]
        entries.append(MountEntry(_unescape(fields[4]), fields[2].decode(), filesystem.decode(), _unescape(source)))
    return entries


def mount_table() -> list[MountEntry]:
    """Every mount of this process's namespace."""
    with open("/proc/self/mountinfo", "rb") as stream:
        return parse_mountinfo(stream.read())


def mounted_at(path: Path) -> MountEntry | None:
    """The visible mount whose root is ``path``, an absolute path without symbolic links below its parent."""
    wanted = os.fsencode(path)
    return next((entry for entry in reversed(mount_table()) if entry.mountpoint == wanted), None)


def library_around(path: Path) -> MountEntry | None:
    """The mounted library in which ``path`` lies, or would lie once it is made. Nothing is made to find out."""
    device = next(filter(None, map(_device, (path, *path.parents))), None)
    return next((entry for entry in mount_table() if entry.is_ours and entry.device == device), None)


def _device(path: Path) -> str | None:
    try:
        number = os.stat(path).st_dev
    except OSError:
        return None
    return f"{os.major(number)}:{os.minor(number)}"


def canonical(path: Path) -> Path:
    """``path`` with the symbolic links of its parents resolved.

    The last component is left alone when it is a mount: asking a dead mount for anything fails, a hung one never ends.
    """
    absolute = Path(os.path.abspath(path))
    parent = Path(os.path.realpath(absolute.parent)) / absolute.name if absolute.name else absolute
    return parent if mounted_at(parent) is not None else Path(os.path.realpath(parent))


def is_stale(path: Path) -> bool:
    """Whether ``path`` is a mount whose daemon has died ("Transport endpoint is not connected").

    A daemon that lives but does not answer within five seconds is not stale: somebody may be waiting for a slow disk.
    """
    outcome: list[int] = []

    def ask() -> None:
        # Not stat: of a folder looked at a moment ago the kernel answers that itself, whoever has died.
        try:
            os.statvfs(path)
        except OSError as error:
            outcome.append(error.errno or 0)

    asking = threading.Thread(target=ask, name="mount-check", daemon=True)
    asking.start()
    asking.join(_ANSWER_SECONDS)
    return outcome in ([errno.ENOTCONN], [errno.ECONNABORTED])
