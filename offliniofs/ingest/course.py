"""What the tasks of one import share, and how one of them ends it for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import trio

from offliniofs.domain.errors import OfflinioError
from offliniofs.ingest.discover import Discovery, Gathering
from offliniofs.ingest.progress import Tally
from offliniofs.ingest.report import ImportedFile


@dataclass(slots=True)
class Course:
    """Touched on the event loop alone."""

    tally: Tally
    on_file: Callable[[ImportedFile], None]
    retry: dict[tuple[bytes, bytes], set[bytes]] = field(default_factory=dict)
    """(root, folder) → files that changed while they were read, for a second pass."""
    stopping: bool = False
    fatal: OfflinioError | None = None
    _front: trio.CancelScope | None = None

    def begin(self) -> trio.CancelScope:
        """The scope for the front of a pass; cancelled already when the import is stopping."""
        self._front = trio.CancelScope()
        if self.stopping:
            self._front.cancel()
        return self._front

    def stop(self, error: OfflinioError | None = None) -> None:
        """Ends the front. The first error is the one that counts."""
        self.fatal = self.fatal or error
        self.stopping = True
        if self._front is not None:
            self._front.cancel()

    def try_again(self, gathering: Gathering, path: bytes) -> None:
        """Notes a file for the second pass."""
        self.retry.setdefault((gathering.root, gathering.folder), set()).add(path)


@dataclass(slots=True)
class Pass:
    """One run through all stages."""

    discovery: Iterator[Discovery]
    only: frozenset[bytes] | None = None
    """The files to take, in a second pass: all others have been dealt with."""
    seen: set[bytes] = field(default_factory=set)
    """Those of ``only`` that are still there."""

    @property
    def first(self) -> bool:
        """Whether a file that changes gets another chance."""
        return self.only is None
