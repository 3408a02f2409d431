"""Looking at one file with every kind of evidence, without a store."""

from __future__ import annotations

import os

from offliniofs.detect.probe import Prober
from offliniofs.domain.errors import SourceError
from offliniofs.domain.facts import Identification
from offliniofs.ingest.describe import describe
from offliniofs.ingest.discover import Gathering, discover, resolve
from offliniofs.ingest.guard import make_guard
from offliniofs.ingest.known import sift
from offliniofs.ingest.problem import Problem


def examine(path: str | bytes | os.PathLike[str], prober: Prober) -> Identification:
    """What the file is, as an import of it alone would find. Blocks; reads nothing but the file.

    Raises :class:`SourceError` for what an import would not take.
    """
    guard = make_guard([])
    problems: list[Problem] = []
    for found in discover(resolve([path], guard), guard):
        if not isinstance(found, Gathering):
            problems += [found] if isinstance(found, Problem) else []
            continue
        description = describe(sift(found, lambda _: False), prober)
        if description.files:
            return description.files[0].identification
        problems += description.refused
    shown = os.fsdecode(path).encode(errors="backslashreplace").decode()
    raise SourceError(str(problems[0]) if problems else f"{shown}: nobody would keep this file.")
