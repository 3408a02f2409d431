"""The sixth stage: writes the catalogue's rows for files that are durable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from offliniofs.domain.errors import CatalogAccessError, CatalogBusyError, CatalogCorruptError, CatalogError
from offliniofs.ingest.problem import Problem

if TYPE_CHECKING:
    from offliniofs.domain.arrival import Arrival, Filed
    from offliniofs.ingest.commit import DurableFile

_STOPS_EVERYTHING = (CatalogBusyError, CatalogCorruptError, CatalogAccessError)


class Filing(Protocol):
    """The part of the catalogue's writer that an import needs."""

    def file_arrivals(self, batch: Sequence[Arrival]) -> list[Filed]:
        """Files all of them in one transaction, or none. Blocks. Raises ``CatalogError``."""
        ...


@dataclass(frozen=True, slots=True)
class FiledGroup:
    """What became of a group. A file among the problems leaves a blob that no row names: ``gc`` finds it."""

    files: tuple[tuple[DurableFile, Filed], ...]
    problems: tuple[Problem, ...]


def file_group(catalogue: Filing, group: Sequence[DurableFile]) -> FiledGroup:
    """Files a group in one transaction; when the catalogue refuses it, each file alone, to find the one it refuses.

    Blocks. Raises ``CatalogError`` when the catalogue is locked, damaged or cannot be written.
    """
    try:
        filed = catalogue.file_arrivals([file.arrival for file in group])
    except _STOPS_EVERYTHING:
        raise
    except CatalogError as error:
        if len(group) == 1:
            return FiledGroup((), (Problem(group[0].arrival.source.path, str(error)),))
        parts = [file_group(catalogue, [file]) for file in group]
        return FiledGroup(
            tuple(pair for part in parts for pair in part.files),
            tuple(problem for part in parts for problem in part.problems),
        )
    return FiledGroup(tuple(zip(group, filed, strict=True)), ())
