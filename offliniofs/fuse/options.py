"""What a mount is asked to be."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

FILESYSTEM_TYPE = "fuse.offliniofs"
"""How our mounts are called in mountinfo; the part after the dot is the ``subtype`` option."""


@dataclass(frozen=True, slots=True)
class MountOptions:
    """One mount. ``mountpoint`` and ``store`` are absolute; modes are permission bits, ``umask`` is taken off them."""

    mountpoint: Path
    store: Path
    allow_other: bool = False
    read_only: bool = False
    uid: int = field(default_factory=os.getuid)
    gid: int = field(default_factory=os.getgid)
    umask: int = 0
    file_mode: int = 0o644
    directory_mode: int = 0o755
    read_ahead_kib: int = 1024
    """How far the kernel reads ahead of a sequential reader; only root may raise it (KiB)."""
    case_insensitive: bool = False
    """Whether a name that is not there leads to one that differs in case alone, as Windows expects of Samba."""
    view_share: int = 90
    """Percent of a file that must really be read before it counts as viewed."""

    def kernel_options(self) -> str:
        """The ``-o`` argument for fusermount3(1).

        The kernel checks permissions only where somebody else may enter: alone on his mount, the owner may edit
        attributes of files that say 0444, because their bytes never change.
        """
        source = f"offliniofs:{self.store}".replace("\\", "\\\\").replace(",", "\\,")
        chosen = [f"fsname={source}", "subtype=offliniofs", "nosuid", "nodev", "noatime"]
        if self.allow_other:
            chosen += ["allow_other", "default_permissions"]
        if self.read_only:
            chosen.append("ro")
        return ",".join(chosen)
