"""What clients did that is worth a row, written in the background: searches entered, films seen.

A request never waits for these. The queue is bounded; when the writer cannot keep up, notes are dropped.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import trio

from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.ids import FileId
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import ViewNode, decode

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer

    _Note: TypeAlias = tuple[Callable[[Writer], object], Actor | None]

logger = logging.getLogger(__name__)

_WAITING = 256
_REMEMBERED = 1024
_AGAIN_SECONDS = 600.0
"""A folder that is opened again within this time is not noted again."""


class Notes:
    """Takes notes on the event loop; :meth:`run` writes them."""

    def __init__(
        self, catalogue: Catalogue, contexts: ContextRegistry, changed: Callable[[], None], *, read_only: bool
    ) -> None:
        self._catalogue = catalogue
        self._contexts = contexts
        self._changed = changed
        self._read_only = read_only
        self._entered: OrderedDict[int, float] = OrderedDict()
        self._send, self._receive = trio.open_memory_channel["tuple[Callable[[Writer], object], Actor | None]"](
            _WAITING
        )

    def entered(self, inode: int) -> None:
        """Somebody opened the folder ``inode``."""
        node = decode(inode)
        if not isinstance(node, ViewNode):
            return
        stored = self._contexts.stored_form(node.context)
        now = trio.current_time()
        if stored is None or now - self._entered.get(node.context, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            return
        self._entered[node.context] = now
        self._entered.move_to_end(node.context)
        if len(self._entered) > _REMEMBERED:
            self._entered.popitem(last=False)
        number, text = stored
        self._note(lambda writer: writer.remember_view(number, text))

    def viewed(self, file_id: FileId, size: int) -> None:
        """Somebody read most of a file: ``size`` distinct bytes."""
        self._note(lambda writer: writer.record_view(file_id, size))

    def refused(self, actor: Actor, request: str, reason: str) -> None:
        """Somebody wanted a change that was refused."""
        self._note(lambda writer: writer.note_refusal(request, reason), actor)

    def _note(self, write: Callable[[Writer], object], actor: Actor | None = None) -> None:
        if self._read_only:
            return
        try:
            self._send.send_nowait((write, actor))
        except trio.WouldBlock:
            logger.warning("a note is dropped: the catalogue's writer cannot keep up")

    async def run(self) -> None:
        """Writes what is noted, until cancelled."""
        async for write, actor in self._receive:
            try:
                await self._catalogue.change(write, actor)
                self._changed()
            except OfflinioError as error:
                logger.warning("a note is lost", extra={"reason": str(error)})
            except Exception:
                logger.exception("a note is lost")  # what nobody waits for must not end the mount
