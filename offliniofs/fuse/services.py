"""What the mount needs of the rest of the program, as it sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from offliniofs.catalog.reader import Reader
from offliniofs.domain.actors import Actor

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")

Suggest = Callable[[Reader, str], str | None]
"""The query that may have been meant instead of one that finds nothing; ``None`` when there is none."""


class Catalogue(Protocol):
    """The catalogue, from the event loop."""

    @property
    def reader(self) -> Reader:
        """The loop's own connection, for prepared reads of a row or a page, which take microseconds."""
        ...

    def hold(self) -> None:
        """Requests follow each other: :attr:`reader` keeps what it sees until :meth:`let_go`."""
        ...

    def let_go(self) -> None:
        """The event loop has its turn: :attr:`reader` sees the newest again."""
        ...

    def changed(self) -> bool:
        """Whether anything was committed since the last call, by any process. Takes microseconds."""
        ...

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        """Puts a question that may take long, in a worker thread with a connection of the pool."""
        ...

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        """Runs one change on the writer, in a worker thread, for ``actor``. It is committed when this returns."""
        ...
