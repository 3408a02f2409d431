"""The second stage: leaves out what an earlier import took and nobody has changed since.

That is what makes a second import of the same folder cost one ``stat`` a file, and a stopped one go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from offliniofs.domain.arrival import SourceFile
from offliniofs.ingest.discover import Gathering

IsKnown: TypeAlias = Callable[[SourceFile], bool]
"""Whether the catalogue has the file, unchanged. Blocks; may raise ``CatalogError``."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """A gathering and which of its files are to be taken; the others are there because sidecars need to see them."""

    gathering: Gathering
    wanted: frozenset[bytes]

    @property
    def wanted_files(self) -> tuple[SourceFile, ...]:
        """The files to take."""
        return tuple(file for file in self.gathering.files if file.path in self.wanted)


def sift(gathering: Gathering, is_known: IsKnown) -> Sifted:
    """Asks for each file whether the catalogue has it, unchanged. Raises ``CatalogError``."""
    return Sifted(gathering, frozenset(file.path for file in gathering.files if not is_known(file)))
