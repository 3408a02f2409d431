"""Making a mount and taking it down, apart from serving it.

The mount is made with fusermount3(1), which hands over the kernel's descriptor (``_FUSE_COMMFD``, as libfuse's own
mount.c does). Serving gets that descriptor and nothing else, so another process may hold it for us.
"""

from __future__ import annotations

import array
import contextlib
import logging
import os
import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from offliniofs.domain.errors import MountError
from offliniofs.fuse.mount_table import MountEntry, canonical, is_stale, mounted_at
from offliniofs.fuse.options import MountOptions

logger = logging.getLogger(__name__)

_TOOL = "fusermount3"
_TOOL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Mounted:
    """A mount that exists and that somebody must serve. Whoever gets it owns ``descriptor``."""

    mountpoint: Path
    descriptor: int
    device: str
    """``major:minor``."""


def check_mountpoint(options: MountOptions) -> Path:
    """The canonical mount point, after clearing a dead mount that lies there.

    Raises :class:`MountError` saying why the folder cannot be used and what to do.
    """
    mountpoint = canonical(options.mountpoint)
    entry = mounted_at(mountpoint)
    if entry is not None:
        _clear_stale(mountpoint, entry)
    _check_directory(mountpoint)
    _check_apart(mountpoint, options.store)
    return mountpoint


def _clear_stale(mountpoint: Path, entry: MountEntry) -> None:
    if is_stale(mountpoint):
        logger.warning("clearing the mount of a daemon that has died", extra={"mountpoint": str(mountpoint)})
        detach(mountpoint)
    elif entry.is_ours:
        raise MountError(
            f"{mountpoint} is mounted already ({os.fsdecode(entry.source)}). "
            f"Use it, or unmount it first: offliniofs umount {mountpoint}"
        )


def _check_directory(mountpoint: Path) -> None:
    try:
        status = os.stat(mountpoint)
    except FileNotFoundError:
        raise MountError(f"There is no folder {mountpoint}. Make it first: mkdir -p {mountpoint}") from None
    except OSError as error:
        raise MountError(f"Cannot use {mountpoint}: {error.strerror}.") from error
    if not stat.S_ISDIR(status.st_mode):
        raise MountError(f"{mountpoint} is not a folder. Give the path of an empty folder.")
    try:
        with os.scandir(mountpoint) as entries:
            held = next(entries, None)
    except OSError as error:
        raise MountError(f"Cannot look into {mountpoint}: {error.strerror}.") from error
    if held is not None:
        raise MountError(
            f"{mountpoint} is not empty (it holds {held.name!r}), and a mount would hide what is in it. "
            "Give an empty folder."
        )
    if not os.access(mountpoint, os.W_OK):
        raise MountError(f"You may not write to {mountpoint}, so you may not mount there. Give a folder of your own.")


def _check_apart(mountpoint: Path, store: Path) -> None:
    """A store inside its own mount would read itself; a mount inside the store would be scanned and backed up."""
    if _contains(store, mountpoint):
        raise MountError(f"{mountpoint} lies inside the store {store}. Mount somewhere else.")
    if _contains(mountpoint, store):
        raise MountError(f"The store {store} lies inside {mountpoint}; mounting there would hide it. Mount elsewhere.")


def _contains(outer: Path, inner: Path) -> bool:
    """Whether ``inner`` is ``outer`` or below it, also by way of a symbolic link or a bind mount."""
    try:
        wanted = os.stat(outer)
        resolved = Path(os.path.realpath(inner))
        return any(os.path.samestat(wanted, os.stat(folder)) for folder in (resolved, *resolved.parents))
    except OSError:
        return False


def mount(options: MountOptions) -> Mounted:
    """Makes the mount. Blocks; run it in a worker thread.

    Raises :class:`MountError` with fusermount3's own reason and what to do about it.
    """
    mountpoint = check_mountpoint(options)
    if shutil.which(_TOOL) is None:
        raise MountError("fusermount3 is not installed. Install it: sudo apt install fuse3")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        finished = _run(
            "-o",
            options.kernel_options(),
            "--",
            str(mountpoint),
            environment={"_FUSE_COMMFD": str(theirs.fileno())},
            pass_fds=(theirs.fileno(),),
        )
        if finished.returncode != 0:
            raise MountError(_refusal(mountpoint, finished.stderr))
        descriptor = _receive_descriptor(ours)
    os.set_inheritable(descriptor, False)
    entry = mounted_at(mountpoint)
    if entry is None:
        os.close(descriptor)
        raise MountError(f"{mountpoint} was mounted and is gone again; somebody else unmounted it. Try again.")
    return Mounted(mountpoint, descriptor, entry.device)


def _run(
    *arguments: str, environment: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [_TOOL, *arguments],
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_TOOL_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise MountError("fusermount3 is not installed. Install it: sudo apt install fuse3") from None
    except subprocess.TimeoutExpired:
        raise MountError(f"fusermount3 did not answer within {_TOOL_SECONDS:.0f} seconds.") from None


def _receive_descriptor(channel: socket.socket) -> int:
    channel.settimeout(_TOOL_SECONDS)
    _, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(array.array("i").itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            return array.array("i", data)[0]
    raise MountError("fusermount3 mounted the folder but handed over no descriptor. Unmount it and try again.")


_REMEDIES = (
    ("user_allow_other", "Add the line user_allow_other to /etc/fuse.conf, or mount without --allow-other."),
    ("/dev/fuse", "Load the kernel's FUSE module (sudo modprobe fuse); in a container, pass the device /dev/fuse in."),
    ("Operation not permitted", "In a container, FUSE needs the device /dev/fuse and the capability SYS_ADMIN."),
    ("too many FUSE filesystems", "Raise mount_max in /etc/fuse.conf."),
    ("no write access", "Give a folder of your own."),
)


def _refusal(mountpoint: Path, reason: str) -> str:
    told = reason.strip().removeprefix(f"{_TOOL}: ") or "no reason given"
    remedy = next((advice for words, advice in _REMEDIES if words in told), "")
    return f"Cannot mount {mountpoint}: {told}. {remedy}".rstrip()


def raise_read_ahead(mounted: Mounted, kibibytes: int) -> None:
    """Raises the mount's read-ahead; only root may, and nothing but speed depends on it.

    Only after the kernel's greeting was answered: that sets it to 128 KiB.
    """
    with contextlib.suppress(OSError), open(f"/sys/class/bdi/{mounted.device}/read_ahead_kb", "w") as setting:
        setting.write(str(kibibytes))


def detach(mountpoint: Path) -> None:
    """Takes the mount off its folder at once; whoever still uses it keeps what he has open (``umount -l``).

    Raises :class:`MountError`.
    """
    finished = _run("-u", "-z", "--", str(mountpoint))
    if finished.returncode != 0 and mounted_at(mountpoint) is not None:
        raise MountError(_unmount_refusal(mountpoint, finished.stderr))


def unmount(mountpoint: Path) -> bool:
    """Unmounts an idle mount. Returns False when somebody uses it. Raises :class:`MountError` for anything else."""
    finished = _run("-u", "--", str(mountpoint))
    if finished.returncode == 0 or mounted_at(mountpoint) is None:
        return True
    if "busy" in finished.stderr:
        return False
    raise MountError(_unmount_refusal(mountpoint, finished.stderr))


def _unmount_refusal(mountpoint: Path, reason: str) -> str:
    return f"Cannot unmount {mountpoint}: {reason.strip().removeprefix(f'{_TOOL}: ') or 'no reason given'}"
