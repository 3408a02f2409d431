"""The catalogue for a program that runs in trio: one reader for the loop, a pool for worker threads, one writer.

Nothing here blocks the event loop but reads through :attr:`Catalogue.reader`, which the caller keeps short.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import trio

from offliniofs.catalog.connection import ConnectionSettings, QueryCosts, file_identity
from offliniofs.catalog.pool import PoolSnapshot, ReaderPool
from offliniofs.catalog.reader import Reader, TitleSearch, ViewLimits, open_reader
from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import CatalogAccessError, CatalogCorruptError
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

if TYPE_CHECKING:
    from offliniofs.catalog.migration import Clock
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")
_LOOK_SECONDS = 1.0
_QUIET_SECONDS = 1.0
"""Who changes one thing often changes the next within that time."""
_LONGEST_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """How a catalogue is used. ``readers``: connections of the pool; ``wait_seconds``: for one of them to be free."""

    readers: int = 4
    wait_seconds: float = 30.0
    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    limits: ViewLimits = field(default_factory=ViewLimits)
    retention: Retention = field(default_factory=Retention)


class Catalogue:
    """An open catalogue. Made and used on the event loop's thread."""

    def __init__(
        self,
        path: Path,
        naming: Naming,
        search: TitleSearch,
        *,
        settings: CatalogueSettings | None = None,
        clock: Clock = time.time_ns,
    ) -> None:
        """Opens the loop's reader; pool and writer are opened when first used.

        Raises ``CatalogAccessError``, ``CatalogCorruptError``, ``SchemaTooNewError`` or ``MigrationError``.
        """
        self._path = path
        self._naming = naming
        self._search = search
        self._settings = settings or CatalogueSettings()
        self._clock = clock
        self._reader = self._open_reader()
        self._version = self._reader.database.data_version()
        self._pool = ReaderPool(
            self._open_reader, size=self._settings.readers, wait_seconds=self._settings.wait_seconds
        )
        self._asking = trio.CapacityLimiter(self._settings.readers)
        self._writer: Writer | None = None
        self._writing = trio.CapacityLimiter(1)
        self._texts_left = False
        """Set by the writer's thread."""
        self._texts_wait = trio.Event()
        self._asked_at = -math.inf
        """When somebody last asked for a change, on trio's clock."""

    @property
    def reader(self) -> Reader:
        """The loop's own connection, for reads of a row or a page: microseconds."""
        return self._reader

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        """Puts a question that may take over a millisecond, in a worker thread with a connection of the pool.

        Raises what the question raises. A cancelled question is still answered, nobody reads the answer.
        """
        try:
            return await trio.to_thread.run_sync(self._ask, question, limiter=self._asking)
        finally:
            self.let_go()

    def look(self, question: Callable[[Reader], _T]) -> _T:
        """Puts a short question through a connection opened for it alone, which sees the file as it is at this moment.

        An open connection goes on answering from its memory when the file is damaged or gone. For worker threads;
        raises what opening a reader raises, ``CatalogBusyError`` after a second.
        """
        impatient = replace(self._settings.connection, busy_seconds=_LOOK_SECONDS)
        with closing(open_reader(self._path, self._search, settings=impatient)) as reader:
            return question(reader)

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        """Runs one change on the writer, one after the other, in a worker thread; it is committed when this returns.

        ``actor``: who asked for it, for the audit log; this process itself where nobody is named.

        A change that has begun is never left half: cancellation waits for its end, and takes effect only before it
        begins. Raises what the change raises.
        """
        if actor is not None:
            self._asked_at = trio.current_time()
        try:
            return await trio.to_thread.run_sync(self._change, edit, actor, limiter=self._writing)
        finally:
            self.let_go()
            if self._texts_left:
                self._texts_wait.set()

    async def wait_for_late_texts(self) -> None:
        """Returns once a change has left what a title is found by to be written later.

        A change that is running now counts as well: whatever the caller asks for comes after it.
        """
        await self._texts_wait.wait()
        self._texts_wait = trio.Event()
        self._texts_left = False

    async def wait_for_quiet(self) -> None:
        """Returns once nobody has asked for a change for a second; after ten seconds in any case.

        To be waited for before a change that can wait, so that what people ask for does not have to.
        """
        latest = trio.current_time() + _LONGEST_WAIT
        while True:
            quiet_at = min(self._asked_at + _QUIET_SECONDS, latest)
            if quiet_at <= trio.current_time():
                return
            await trio.sleep_until(quiet_at)

    def changed(self) -> bool:
        """Whether anything was committed since the last call, by this or another process. Takes microseconds.

        A catalogue whose file was replaced (a backup put back) is opened anew.
        """
        self.let_go()
        if file_identity(self._path) != self._reader.database.identity:
            fresh = self._open_reader()
            self._reader.close()
            self._reader = fresh
            self._version = fresh.database.data_version()
            return True
        version = self._reader.database.data_version()
        if version == self._version:
            return False
        self._version = version
        return True

    def hold(self) -> None:
        """Until :meth:`let_go`, reads through :attr:`reader` see one state, which makes each of them much cheaper.

        For many reads in one turn of the event loop. Whatever is answered by another connection (:meth:`ask`,
        :meth:`change`) lets go, so that nobody reads less than he knows already.
        """
        self._reader.database.hold()

    def let_go(self) -> None:
        """Later reads see what was committed by then. Does nothing where nothing is held."""
        self._reader.database.let_go()

    def pool_snapshot(self) -> PoolSnapshot:
        """The pool at this moment."""
        return self._pool.snapshot()

    def costs(self) -> QueryCosts:
        """What all reads cost so far."""
        return self._reader.database.costs() + self._pool.snapshot().costs

    def finish_asking(self, seconds: float) -> None:
        """The program is ending: questions may take ``seconds`` more, then they raise ``QueryTooSlowError``.

        A change is never stopped.
        """
        self._pool.stop_within(seconds)

    async def close(self) -> None:
        """Waits for the change that is running, then closes every connection.

        The writer's is the last: only it can move the write-ahead log into the file.
        """
        with trio.CancelScope(shield=True):
            async with self._writing:
                self._pool.close()
                self._reader.close()
                if self._writer is not None:
                    self._writer.close()
                    self._writer = None

    def _open_reader(self) -> Reader:
        return open_reader(self._path, self._search, settings=self._settings.connection, limits=self._settings.limits)

    def _ask(self, question: Callable[[Reader], _T]) -> _T:
        with self._pool.reader() as reader:
            return question(reader)

    def _change(self, edit: Callable[[Writer], _T], actor: Actor | None) -> _T:
        writer = self._writer
        if writer is not None and file_identity(self._path) != writer.database.identity:
            writer.close()
            writer = self._writer = None
        if writer is None:
            from offliniofs.catalog.writer import Writer

            writer = self._writer = Writer(
                self._path,
                self._naming,
                clock=self._clock,
                settings=self._settings.connection,
                retention=self._settings.retention,
            )
        left = writer.texts_left
        try:
            with writer.acting_as(actor):
                return edit(writer)
        except (CatalogAccessError, CatalogCorruptError):
            writer.close()
            self._writer = None
            raise
        finally:
            self._texts_left = self._texts_left or writer.texts_left > left
