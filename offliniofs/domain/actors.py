"""Who asked for a change: what the audit log says of it."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_PROGRAM = 64
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Actor:
    """A process and the user it runs for; ``None`` for what is not known.

    ``program`` is what the process calls itself (``/proc/<pid>/comm``). Changes that one process asks for within a
    moment are one step for ``undo``; without a ``pid`` every change is a step of its own.
    """

    uid: int | None = None
    gid: int | None = None
    pid: int | None = None
    program: str = _UNKNOWN
    pause_ns: int = 1_000_000_000
    """How long after one change of the process another one still belongs to the same step."""

    def __post_init__(self) -> None:
        """Makes the program's name fit to be stored and printed: a process can call itself anything."""
        shown = "".join(letter if letter.isprintable() else "?" for letter in self.program)
        stored = shown.encode("utf-8", "replace").decode()[:_LONGEST_PROGRAM].strip()
        object.__setattr__(self, "program", stored or _UNKNOWN)

    @property
    def name(self) -> str:
        """As the audit log names the user: ``uid:1000``, or ``system``."""
        return "system" if self.uid is None else f"uid:{self.uid}"
