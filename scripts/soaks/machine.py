"""A small Debian that boots: systemd as the first process of its own namespaces, in a tree made by debootstrap(8).

Enough of a machine to restart, reload and kill a service in, without touching the one it runs on. The repository and
the interpreter's own tree are seen inside at the same paths, so that the program there is this one.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_PACKAGES = "systemd,systemd-sysv,dbus,fuse3,libfuse3-3,libmediainfo0v5"
_NAMESPACES = ("--mount", "--pid", "--ipc", "--uts", "--cgroup")
_BOOT_SECONDS = 60.0

_BOOT = """set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t sysfs sys "$ROOT/sys"
mkdir -p "$ROOT/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
for place in run dev tmp; do mount -t tmpfs -o mode=755 tmpfs "$ROOT/$place"; done
chmod 1777 "$ROOT/tmp"
for device in null zero full random urandom tty fuse; do
    touch "$ROOT/dev/$device"
    mount --bind "/dev/$device" "$ROOT/dev/$device"
done
mkdir -p "$ROOT/dev/pts" "$ROOT/dev/shm" "$ROOT/old"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOT/dev/pts"
ln -s pts/ptmx "$ROOT/dev/ptmx"
ln -s /proc/self/fd "$ROOT/dev/fd"
for shared in $SHARED; do
    mkdir -p "$ROOT$shared"
    mount --bind "$shared" "$ROOT$shared"
done
cd "$ROOT"
pivot_root . old
umount -l old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=false
"""


def _release() -> str:
    """The release of Debian that this machine has, so that what was built here runs there."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")


class Machine:
    """A booted tree. Its folder is kept between runs, because making it takes a minute."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._leader: subprocess.Popen[bytes] | None = None
        self._init = 0

    def make(self) -> None:
        """Makes the tree where there is none. Needs root, debootstrap and Debian's packages."""
        if (self.root / "usr/bin/fusermount3").exists():
            return
        if shutil.which("debootstrap") is None:
            raise SystemExit("debootstrap is not installed. Install it: apt install debootstrap")
        shutil.rmtree(self.root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _release(), str(self.root)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (self.root / "etc/hostname").write_text("soak\n")

    def boot(self) -> None:
        """Starts systemd in it and waits until it has come up."""
        shared = {REPOSITORY, Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
        outermost = [path for path in sorted(shared) if not any(other in path.parents for other in shared)]
        self._leader = subprocess.Popen(
            ["unshare", "--fork", *_NAMESPACES, "sh", "-c", _BOOT],
            env={**os.environ, "ROOT": str(self.root), "SHARED": " ".join(map(str, outermost))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < deadline:
            children = Path(f"/proc/{self._leader.pid}/task/{self._leader.pid}/children").read_text().split()
            if children:
                self._init = int(children[0])
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in {"running", "degraded"}:
                    return
            time.sleep(0.1)
        raise SystemExit(f"The machine in {self.root} did not boot within {_BOOT_SECONDS:.0f} seconds.")

    def enter(self, *command: str) -> list[str]:
        """The command line that runs ``command`` inside."""
        return [
            "nsenter",
            "--target",
            str(self._init),
            "--mount",
            "--pid",
            "--ipc",
            "--uts",
            "--cgroup",
            "--",
            *command,
        ]

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs ``command`` inside and returns what it said."""
        return subprocess.run(self.enter(*command), check=check, capture_output=True, text=True, timeout=180)

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Starts ``command`` inside; what it says can be read."""
        return subprocess.Popen(self.enter(*command), stdout=subprocess.PIPE, text=True)

    def halt(self) -> None:
        """Ends every process in it."""
        if self._init:
            os.kill(self._init, signal.SIGKILL)  # the first process of a pid namespace takes all others with it
        if self._leader is not None:
            self._leader.wait()
