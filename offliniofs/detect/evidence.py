"""Weighing evidence: of several sources that speak of one field the strongest decides, and the rest is remembered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from offliniofs.detect.filetypes import FileType
from offliniofs.detect.names import NameFacts
from offliniofs.detect.nfo import NfoFacts
from offliniofs.domain.facts import Evidence, EvidenceSource, MediaFacts

MAX_DISAGREEMENTS = 16
_QUOTED = 80

Value = TypeVar("Value")
UserValue = str | int | float | tuple[str, ...] | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """Everything that is known of one file before it is identified."""

    name: str
    """The file's name, its last component."""
    name_facts: NameFacts
    file_type: FileType
    folders: Sequence[str] = ()
    """The folders it lies in, innermost first."""
    nfo: NfoFacts | None = None
    """The NFO of this very file or, for a track, of its album."""
    show_nfo: NfoFacts | None = None
    """The ``tvshow.nfo`` above it."""
    media: MediaFacts | None = None
    labels: tuple[str, ...] = ()
    """Tags that its owner gave the file itself, as file managers do."""
    beside_clips: bool = False
    """Whether its folder is one of photographs or clips that a camera named."""
    user: Mapping[str, UserValue] = field(default_factory=dict)
    """What the user decided: a field of ``Identification`` → its value. It always wins."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[Value]):
    """What one source says of a field. None and empty values are no claims."""

    source: EvidenceSource
    value: Value | None
    detail: str = ""


class Ledger:
    """Decides field by field and writes down why, and what lost."""

    def __init__(self) -> None:
        self.why: dict[str, Evidence] = {}
        self._lost: dict[str, None] = {}

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What lost, in words."""
        return tuple(self._lost)[:MAX_DISAGREEMENTS]

    def decide(self, name: str, *claims: Claim[Value]) -> Value | None:
        """The value of the first claim that has one; the claims stand in the order of their strength."""
        made = [claim for claim in claims if claim.value not in (None, "", ())]
        if not made:
            return None
        winner = made[0]
        self.note(name, winner.source, winner.detail or shown(winner.value))
        for loser in made[1:]:
            if not same(winner.value, loser.value):
                self.disagree(name, winner, loser)
        return winner.value

    def note(self, name: str, source: EvidenceSource, detail: str = "") -> None:
        """Record what decided a field."""
        self.why[name] = Evidence(source, detail[:_QUOTED])

    def adopt(self, name: str, evidence: Evidence | None) -> None:
        """Record evidence that was found elsewhere, if any."""
        if evidence is not None:
            self.why[name] = evidence

    def disagree(self, name: str, winner: Claim[Value], loser: Claim[Value]) -> None:
        """Record that one claim lost against another."""
        self.remark(f"{name}: {winner.source} says {shown(winner.value)}, {loser.source} says {shown(loser.value)}")

    def remark(self, words: str) -> None:
        """Record any other contradiction."""
        self._lost[words[:300]] = None


def shown(value: object) -> str:
    """A value in few words."""
    text = ", ".join(str(part) for part in value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def same(one: object, other: object) -> bool:
    """Whether two values mean the same: texts without regard to case, accents and punctuation."""
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) == folded(other)
    return one == other


def folded(text: str) -> str:
    """A text for comparison."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("&", "and"))
    return re.sub(r"[\W_]+", "", "".join(part for part in decomposed if not unicodedata.combining(part)))
