"""What a supervisor is started with: one JSON argument, written by whoever made the mount.

It is the whole state of a supervisor that is not in descriptors, so a new version of it, or a new process after its
death, goes on where the other stopped.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from offliniofs.app.supervisor.handed import hand

FUSE_NAME = "offliniofs-fuse"
MEMORY_NAME = "offliniofs-session"
PLAN_NAME = "offliniofs-plan"
"""The names of the descriptors in the service manager's store."""

_FAILED = "the supervisor's plan is not understood"


class Plan(NamedTuple):
    """Descriptors are numbers this process has; paths are absolute; times are seconds."""

    mountpoint: str
    run: str
    """Folder of the state file and the socket for requests."""
    name: str
    """Their names, without the ending: follows from the mount point."""
    python: str
    daemon: str
    """The JSON that a daemon is started with (``app/generation.py``), without descriptors."""
    remount: tuple[str, ...]
    """The command that mounts anew when the mount cannot outlive its daemon."""
    fuse: int
    memory: int
    """-1: there is none."""
    outlives: bool
    """Whether the mount can outlive its daemon: not where the kernel is older than Linux 6.9."""
    log: str
    """Path of the log; empty for standard error."""
    kernel: str
    """What was agreed with the kernel when the mount was made; another daemon cannot change it."""
    tries: int
    """Deaths in a row after which the mount is given up."""
    hung_seconds: float
    """How long a daemon may be silent."""
    arguments: tuple[str, ...] = ()
    """The command line that mounted, without the program."""
    settings: str = ""
    """Path of the settings that were read, and when they were changed last (``stamp``, ns; 0: there were none)."""
    stamp: int = 0
    spare: bool = True
    """Whether a second daemon waits."""
    ready: int = -1
    """Where to tell whoever started us that the root lists; -1: nobody waits."""
    store_descriptors: bool = False
    """Whether the service manager holds copies of the descriptors."""
    served: bool = False
    """Whether a daemon has served this mount: from then on somebody may have files open."""
    restarts: int = 0
    deaths: int = 0
    """In a row."""
    last_death: str = ""
    adopted: int = 0
    """Process of a daemon that serves already; its channel is ``channel``."""
    channel: int = -1
    answer: int = -1
    """A connection to which a finished replacement is to be told."""

    @property
    def device(self) -> str:
        """The mount's ``major:minor``."""
        return str(json.loads(self.daemon)["device"])

    def command(self) -> list[str]:
        """The command line of a supervisor that follows this plan; for the next program of this process, or a child.

        Its descriptors, and the one that is made here for the plan itself, must be inherited.
        """
        return [self.python, "-P", "-m", "offliniofs.app.supervisor", self.mountpoint, str(hand(self.to_json()))]

    def to_json(self) -> str:
        """The argument."""
        return json.dumps(self._asdict())

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Raises ``ValueError`` for anything :meth:`to_json` did not write; knows plans of older versions."""
        try:
            fields = json.loads(text)
            for name in ("remount", "arguments"):
                fields[name] = tuple(fields.get(name, ()))
            return cls(**{name: value for name, value in fields.items() if name in cls._fields})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(_FAILED) from error


def settings_stamp(path: str) -> int:
    """When the settings at ``path`` were changed last, in nanoseconds; 0 when there are none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
