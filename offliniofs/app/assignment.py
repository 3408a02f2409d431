"""What a daemon is told to serve: one JSON argument, so that starting one needs no command line parser."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from offliniofs.fuse.options import MountOptions


@dataclass(frozen=True, slots=True)
class Assignment:
    """One daemon's work."""

    options: MountOptions
    device: str
    """The mount's ``major:minor``."""
    log_to_file: bool
    """Whether to write to the store's log instead of standard error."""
    may_migrate: bool = False
    """Whether an older catalogue is brought up to date: when a new version takes over from an old one."""

    def to_json(self) -> str:
        """The argument."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Assignment:
        """The inverse of :meth:`to_json`."""
        fields = json.loads(text)
        options = fields.pop("options")
        for name in ("mountpoint", "store"):
            options[name] = Path(options[name])
        return cls(options=MountOptions(**options), **fields)
