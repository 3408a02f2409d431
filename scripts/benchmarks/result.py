"""One measured figure, what it is held against, and the table of all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """A figure (the median of several runs) and the bound that was set for it."""

    measure: str
    value: float
    unit: str
    goal: str
    reached: bool
    peers: Mapping[str, float] = field(default_factory=dict)
    """The same figure for each peer, in the same unit, from the same run."""


def as_json(results: Sequence[Result]) -> str:
    """All results as one JSON array."""
    return json.dumps([asdict(result) for result in results], indent=2)


def as_table(results: Sequence[Result]) -> str:
    """All results as a Markdown table, ready for the README."""
    lines = ["| measure | OfflinioFS | peers | to reach | reached |", "|---|---|---|---|---|"]
    for result in results:
        peers = ", ".join(f"{name} {value:.4g}" for name, value in result.peers.items())
        lines.append(
            f"| {result.measure} | {result.value:.4g} {result.unit} | {peers} | {result.goal} | "
            f"{'yes' if result.reached else 'NO'} |"
        )
    return "\n".join(lines)
