"""What the supervisors of a store's mounts say of themselves: their state files, for ``status`` and ``doctor``."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

_SUFFIX = ".state"
_MOST_BYTES = 64 * 1024
GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class SupervisedMount:
    """One mount. ``since`` is seconds of the epoch; ``deaths`` are those in a row."""

    mountpoint: str
    state: str
    supervisor: int
    since: float
    restarts: int
    deaths: int
    last_death: str

    @property
    def trouble(self) -> str | None:
        """What is wrong with it and what to do; ``None`` when clients are served, or will be in a moment."""
        remedy = f"Mount again: offliniofs mount {self.mountpoint}"
        if self.state == GIVEN_UP:
            return (
                f"{self.mountpoint} was given up: the daemon died {self.deaths} times in a row, the last time because "
                f"it {self.last_death}. {remedy}"
            )
        if not os.path.exists(f"/proc/{self.supervisor}"):
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


def _read(path: Path) -> SupervisedMount | None:
    try:
        with path.open("rb") as stream:
            fields = json.loads(stream.read(_MOST_BYTES))
        return SupervisedMount(
            mountpoint=str(fields["mountpoint"]),
            state=str(fields["state"]),
            supervisor=int(fields["supervisor"]),
            since=float(fields["since"]),
            restarts=int(fields["restarts"]),
            deaths=int(fields["deaths"]),
            last_death=str(fields["last_death"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # written by another version, or gone meanwhile
