"""What the supervisors of a store's mounts say of themselves: their state files, for ``status`` and ``doctor``."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from offliniofs.fuse.aborting import abort
from offliniofs.fuse.mount_table import mounted_at

_SUFFIX = ".state"
_MOST_BYTES = 64 * 1024
GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class SupervisedMount:
    """One mount. ``since`` is seconds of the epoch; ``deaths`` are those in a row."""

    mountpoint: str
    state: str
    supervisor: int
    daemon: int | None
    since: float
    restarts: int
    deaths: int
    last_death: str

    @property
    def is_dead(self) -> bool:
        """Whether neither a supervisor nor a daemon of it runs any more."""
        return not _runs(self.supervisor) and (self.daemon is None or not _runs(self.daemon))

    @property
    def trouble(self) -> str | None:
        """What is wrong with it and what to do; ``None`` when clients are served, or will be in a moment."""
        remedy = f"Mount again: offliniofs mount {self.mountpoint}"
        if self.state == GIVEN_UP:
            return (
                f"{self.mountpoint} was given up: the daemon died {self.deaths} times in a row, the last time because "
                f"it {self.last_death}. {remedy}"
            )
        if not _runs(self.supervisor):
            return f"The daemon of {self.mountpoint} and its supervisor were killed. {remedy}"
        return None


def supervised_mounts(run: Path) -> list[SupervisedMount]:
    """Every mount of which a state file lies in ``run``, those that ended badly included."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(run)):
            if name.endswith(_SUFFIX):
                mount = _read(run / name)
                if mount is not None:
                    found.append(mount)
    return found


def end_the_dead(run: Path, mountpoint: Path) -> None:
    """Aborts the mount there if all who could serve it were killed, so that no client waits for them for ever."""
    entry = mounted_at(mountpoint)
    if entry is None or not entry.is_ours:
        return
    if any(mount.is_dead and mount.mountpoint == os.fspath(mountpoint) for mount in supervised_mounts(run)):
        abort(entry.device)


def _runs(pid: int) -> bool:
    """Whether that process runs: one whose main thread has ended does not (state Z or X, proc_pid_stat(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[:1] not in ([b"Z"], [b"X"])


def _read(path: Path) -> SupervisedMount | None:
    try:
        with path.open("rb") as stream:
            fields = json.loads(stream.read(_MOST_BYTES))
        return SupervisedMount(
            mountpoint=str(fields["mountpoint"]),
            state=str(fields["state"]),
            supervisor=int(fields["supervisor"]),
            daemon=None if fields["daemon"] is None else int(fields["daemon"]),
            since=float(fields["since"]),
            restarts=int(fields["restarts"]),
            deaths=int(fields["deaths"]),
            last_death=str(fields["last_death"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # written by another version, or gone meanwhile
