"""Unmounting on request, with a word about who still uses the mount."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from offliniofs.domain.errors import MountError
from offliniofs.fuse.mount_table import canonical, is_stale, mounted_at
from offliniofs.fuse.mounting import detach, unmount

_NAMED_USERS = 8


@dataclass(frozen=True, slots=True)
class MountUser:
    """A process that keeps a mount busy, and by what: a file it has open, or its current folder."""

    pid: int
    name: str
    path: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid}) uses {self.path}"


@dataclass(frozen=True, slots=True)
class Unmounted:
    """What an unmount did. ``users`` is empty unless the mount was busy and had to be detached."""

    mountpoint: Path
    users: tuple[MountUser, ...] = ()
    was_stale: bool = False


def mount_users(mountpoint: Path) -> tuple[MountUser, ...]:
    """Processes that use something below ``mountpoint``, as far as this user may see them; eight at most.

    Reads only /proc, never the mount itself, so a hung mount does not hang this.
    """
    import psutil

    found: list[MountUser] = []
    for process in psutil.process_iter(["pid", "name"]):
        path = _used_path(process.info["pid"], os.fspath(mountpoint))
        if path is not None:
            found.append(MountUser(process.info["pid"], process.info["name"] or "?", path))
        if len(found) == _NAMED_USERS:
            break
    return tuple(found)


def _used_path(pid: int, mountpoint: str) -> str | None:
    directory = f"/proc/{pid}"
    links = [f"{directory}/cwd", f"{directory}/root"]
    with contextlib.suppress(OSError):
        links += [f"{directory}/fd/{name}" for name in os.listdir(f"{directory}/fd")]
    for link in links:
        with contextlib.suppress(OSError):
            target = os.readlink(link)
            if target == mountpoint or target.startswith(mountpoint.rstrip("/") + "/"):
                return target
    return None


def unmount_on_request(path: Path, *, lazy: bool = False) -> Unmounted:
    """Unmounts the OfflinioFS mount at ``path``.

    A dead one is cleared. A busy one is refused, naming who uses it, unless ``lazy``: then it leaves the folder at once
    and ends when its last user closes. Raises :class:`MountError`.
    """
    mountpoint = canonical(path)
    entry = mounted_at(mountpoint)
    if entry is None:
        raise MountError(f"Nothing is mounted at {mountpoint}.")
    if not entry.is_ours:
        raise MountError(f"{mountpoint} is a mount of type {entry.filesystem}, not one of ours; use umount for it.")
    if is_stale(mountpoint):
        detach(mountpoint)
        return Unmounted(mountpoint, was_stale=True)
    if unmount(mountpoint):
        return Unmounted(mountpoint)
    users = mount_users(mountpoint)
    if not lazy:
        who = "; ".join(map(str, users)) or "by a process you may not see"
        raise MountError(f"{mountpoint} is busy: {who}. Close it and try again, or detach the folder with --lazy.")
    detach(mountpoint)
    return Unmounted(mountpoint, users)
