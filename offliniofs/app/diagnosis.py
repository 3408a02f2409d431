"""What this machine needs to mount a library: each check says what is wrong and the command that mends it."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from offliniofs.app.layout import StoreLayout
from offliniofs.app.supervised import supervised_mounts
from offliniofs.catalog.connection import Access, open_database
from offliniofs.catalog.migration import require_current
from offliniofs.domain.errors import OfflinioError, StoreError
from offliniofs.fuse.mount_table import MountEntry, is_stale, mount_table

_LOW_SPACE = 2 * 1024**3
_RECOMMENDED_KERNEL = (6, 9)


class Verdict(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``remedy`` is a command to type, or empty."""

    name: str
    verdict: Verdict
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The places on this machine that are looked at; tests point them elsewhere."""

    device: Path = Path("/dev/fuse")
    configuration: Path = Path("/etc/fuse.conf")
    mounts: Callable[[], Sequence[MountEntry]] = mount_table
    path: str | None = None
    uid: int = -1

    @property
    def user(self) -> int:
        """The user who would mount."""
        return os.getuid() if self.uid < 0 else self.uid


def check_device(machine: Machine) -> Check:
    """``/dev/fuse`` is there and may be opened."""
    if not machine.device.exists():
        return Check("fuse device", Verdict.PROBLEM, f"{machine.device} does not exist.", "sudo modprobe fuse")
    if not os.access(machine.device, os.R_OK | os.W_OK):
        message = f"{machine.device} may not be opened by you."
        return Check("fuse device", Verdict.PROBLEM, message, f"sudo chmod 0666 {machine.device}")
    return Check("fuse device", Verdict.OK, f"{machine.device} can be opened.")


def check_fusermount(machine: Machine) -> Check:
    """``fusermount3`` mounts for users and unmounts for everybody."""
    found = shutil.which("fusermount3", path=machine.path)
    if found is None:
        return Check("fusermount3", Verdict.PROBLEM, "fusermount3 is not installed.", "sudo apt install fuse3")
    return Check("fusermount3", Verdict.OK, f"{found} is installed.")


def check_allow_other(machine: Machine) -> Check:
    """``user_allow_other`` lets a user's mount be seen by Samba, Jellyfin and other users."""
    try:
        lines = machine.configuration.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    if machine.user == 0 or "user_allow_other" in (line.strip() for line in lines):
        return Check("allow-other", Verdict.OK, "--allow-other may be used.")
    message = f"{machine.configuration} does not allow --allow-other; only you will see your mounts."
    remedy = f"echo user_allow_other | sudo tee -a {machine.configuration}"
    return Check("allow-other", Verdict.WARNING, message, remedy)


def check_mediainfo(machine: Machine) -> Check:
    """MediaInfo reads sizes, codecs and languages out of media files."""
    from pymediainfo import MediaInfo

    if MediaInfo.can_parse():
        return Check("mediainfo", Verdict.OK, "libmediainfo loads.")
    message = "libmediainfo does not load; files would be identified by name alone."
    return Check("mediainfo", Verdict.PROBLEM, message, "sudo apt install libmediainfo0v5")


def check_kernel(machine: Machine) -> Check:
    """Linux 6.9 is the first that sends a restarted daemon what the old one had not answered."""
    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    if numbers >= _RECOMMENDED_KERNEL:
        return Check("kernel", Verdict.OK, f"Linux {release}.")
    message = f"Linux {release}; 6.9 or newer is recommended, all else works."
    return Check("kernel", Verdict.WARNING, message)


def check_stale_mounts(machine: Machine) -> Check:
    """A mount whose daemon died answers ENOTCONN to everything until it is taken away."""
    ours = [Path(os.fsdecode(entry.mountpoint)) for entry in machine.mounts() if entry.is_ours]
    stale = [mountpoint for mountpoint in ours if is_stale(mountpoint)]
    if stale:
        message = f"The daemon behind {', '.join(map(str, stale))} is gone."
        return Check("stale mounts", Verdict.PROBLEM, message, f"offliniofs umount {shlex.quote(str(stale[0]))}")
    return Check("stale mounts", Verdict.OK, "No mount has lost its daemon.")


def check_store(layout: StoreLayout) -> Check:
    """The store exists, is the user's own and may be written."""
    try:
        exists = layout.exists
    except StoreError as error:
        return Check("store", Verdict.PROBLEM, str(error), f"ls -ld {shlex.quote(str(layout.root))}")
    if not exists:
        message = f"There is no store at {layout.root} yet."
        return Check("store", Verdict.WARNING, message, "offliniofs init")
    if not os.access(layout.root, os.R_OK | os.W_OK | os.X_OK):
        message = f"{layout.root} may not be written by you."
        return Check("store", Verdict.PROBLEM, message, f"sudo chown -R $USER {shlex.quote(str(layout.root))}")
    return Check("store", Verdict.OK, f"{layout.root} is a store.")


def check_catalogue(layout: StoreLayout) -> Check:
    """The store's catalogue can be opened and is of this program's schema."""
    if not layout.catalogue.is_file():
        return Check("catalogue", Verdict.OK, "There is no catalogue to look at yet.")
    try:
        database = open_database(layout.catalogue, Access.READ)
        try:
            require_current(database)
        finally:
            database.close()
    except OfflinioError as error:
        return Check("catalogue", Verdict.PROBLEM, str(error), "offliniofs migrate --check")
    return Check("catalogue", Verdict.OK, f"{layout.catalogue} can be opened.")


def check_space(layout: StoreLayout) -> Check:
    """An import needs room; a catalogue on a full disk cannot be written."""
    place = layout.root
    while not place.exists():
        place = place.parent
    usage = psutil.disk_usage(str(place))
    free = f"{usage.free / 1024**3:.1f} GiB are free at {place}."
    if usage.free < _LOW_SPACE:
        return Check("free space", Verdict.WARNING, free, f"du -xsh {shlex.quote(str(place))}/* | sort -h")
    return Check("free space", Verdict.OK, free)


def check_supervisors(layout: StoreLayout) -> Check:
    """A mount whose daemon dies again and again is given up; one whose supervisor was killed as well is dead."""
    troubles = [mount.trouble for mount in supervised_mounts(layout.run) if mount.trouble is not None]
    if troubles:
        return Check("mounts", Verdict.PROBLEM, " ".join(troubles), f"less {shlex.quote(str(layout.log))}")
    return Check("mounts", Verdict.OK, "Every mount of the store is looked after.")


MACHINE_CHECKS: tuple[Callable[[Machine], Check], ...] = (
    check_device,
    check_fusermount,
    check_allow_other,
    check_mediainfo,
    check_kernel,
    check_stale_mounts,
)
STORE_CHECKS: tuple[Callable[[StoreLayout], Check], ...] = (
    check_store,
    check_catalogue,
    check_space,
    check_supervisors,
)


def diagnose(layout: StoreLayout, machine: Machine | None = None) -> list[Check]:
    """Runs every check, in the order in which a new user meets what they look at."""
    where = machine or Machine()
    return [check(where) for check in MACHINE_CHECKS] + [check(layout) for check in STORE_CHECKS]
