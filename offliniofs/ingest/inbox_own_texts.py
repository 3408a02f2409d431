"""NFO files that say what the library says itself: who copies a title's folder brings the generated ones along.

Kept as the user's own they would stay what they are, and no later edit would reach a media server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from offliniofs.ingest.inbox_area import Found, StagingArea
from offliniofs.ingest.inbox_filing import Changeable
from offliniofs.ingest.inbox_ledger import InboxLedger
from offliniofs.ingest.inbox_purposes import Aim, Purpose

if TYPE_CHECKING:
    from offliniofs.catalog.reader import Reader

_LARGEST = 1024 * 1024
"""Bytes; a generated NFO is smaller by far."""


class OwnTexts:
    """Drops them instead of filing them. Used on the event loop."""

    def __init__(self, area: StagingArea, catalogue: Changeable, ledger: InboxLedger) -> None:
        self.is_generated: Callable[[Reader, int, bytes, bytes], bool] = _never
        """Whether a folder of the library shows a text under a name by itself. Runs in a worker thread."""
        self._area = area
        self._catalogue = catalogue
        self._ledger = ledger

    async def drop(self, found: Found, aim: Aim) -> bool:
        """Removes what came into a folder, if nothing is lost with it and nobody has it open; whether it did."""
        name = found.way[-1]
        if aim.purpose is not Purpose.INTO or not name.endswith(b".nfo") or found.status.st_size > _LARGEST:
            return False
        text = await trio.to_thread.run_sync(self._read, found)
        if not await self._catalogue.ask(lambda reader: self.is_generated(reader, aim.key, name, text)):
            return False
        async with self._ledger.lock:
            status = await trio.to_thread.run_sync(self._area.status, found.way)
            if found.number in self._ledger.open_files or status.st_ctime_ns != found.status.st_ctime_ns:
                return False
            await trio.to_thread.run_sync(lambda: self._area.remove_file(found.way, keep=False))
            self._ledger.places.pop(found.number, None)
            self._ledger.end_save(found.number)
            self._ledger.closed.discard(found.number)
            self._ledger.actors.pop(found.number, None)
            await trio.to_thread.run_sync(self._area.end_save, found.way[1])
        return True

    def _read(self, found: Found) -> bytes:
        with open(self._area.open_to_read(found.way), "rb") as stream:
            return stream.read(_LARGEST + 1)


def _never(_reader: Reader, _folder: int, _name: bytes, _text: bytes) -> bool:
    """Nobody shows the library."""
    return False
