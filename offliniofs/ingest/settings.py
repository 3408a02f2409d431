"""The limits of one import."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


def _processors() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How much is done at the same time. The defaults fit the machine."""

    stagers: int = field(default_factory=lambda: min(4, max(2, _processors())))
    """Files that are read and stored at the same time; a large one keeps two processors busy."""
    describers: int = field(default_factory=lambda: _processors() + 1)
    """Title folders that are probed and identified at the same time."""
    probers: int = field(default_factory=_processors)
    """Processes that read media files."""
    report_seconds: float = 0.1
    """How often progress is reported."""
