"""Folders of the inbox listed, and what is coming into folders of the library."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pyfuse3
import trio

from offliniofs.fuse.errors import answers
from offliniofs.fuse.inbox import RECEIVED_COOKIE, InboxPart, as_refusal, inode_of, number_of
from offliniofs.ingest.inbox_ledger import INBOX_NUMBER, Look, look_of
from offliniofs.tree.inodes import Static

_DOTS = 2


class InboxListing(InboxPart):
    """readdir."""

    @answers
    async def readdir(self, fh: int, start_id: int, token: pyfuse3.ReaddirToken) -> None:
        """Lists a folder in the order of the numbers, which are the cookies."""
        parent = number_of(fh)
        await self.way(parent)
        if start_id < _DOTS and not await self._dots(token, parent, start_id):
            return
        for number, name, look in await self._listed(parent):
            if number + _DOTS <= start_id:
                continue
            if not pyfuse3.readdir_reply(token, name, self.entry(number, look), number + _DOTS):
                return

    async def list_received(
        self, token: pyfuse3.ReaddirToken, inode: int, start_id: int, hidden: Callable[[bytes], bool]
    ) -> bool:
        """Lists what is coming into a folder of the library; whether all of it found room.

        ``hidden``: names that the library itself lists. Cookies are above those of the library.
        """
        for number, name, look in await self._listed(number_of(inode)):
            cookie = RECEIVED_COOKIE | number
            if cookie <= start_id or hidden(name):
                continue
            if not pyfuse3.readdir_reply(token, name, self.entry(number, look), cookie):
                return False
        return True

    async def coming_into(self, inode: int) -> dict[bytes, pyfuse3.EntryAttributes]:
        """What is coming into a folder of the library, by name."""
        parent = number_of(inode)
        if parent not in self.ledger.targets:
            return {}
        return {name: self.entry(number, look) for number, name, look in await self._listed(parent)}

    @answers
    async def is_inhabited(self, inode: int) -> bool:
        """Whether anything shows in a folder."""
        return bool(await self._listed(number_of(inode)))

    async def _listed(self, parent: int) -> list[tuple[int, bytes, Look]]:
        """Everything in a folder, in the order of the numbers."""
        try:
            listed = await trio.to_thread.run_sync(self._area.entries, await self.way(parent))
        except FileNotFoundError:
            listed = []
        except OSError as error:
            raise as_refusal(error) from error
        names = {name for name, _ in listed}
        for name, status in listed:
            if status.st_ino not in self.ledger.shown:
                self.ledger.put(status.st_ino, parent, name)
        found = [(status.st_ino, name, look_of(status)) for name, status in listed]
        found += [(one.number, one.name, one.look) for one in self.ledger.shown_in(parent) if one.name not in names]
        return sorted(found, key=lambda each: each[0])

    async def _dots(self, token: pyfuse3.ReaddirToken, number: int, start_id: int) -> bool:
        entry = self.entry(number, await self.look(number))
        if start_id < 1 and not pyfuse3.readdir_reply(token, b".", entry, 1):
            return False
        entry.st_ino = int(Static.ROOT) if number == INBOX_NUMBER else inode_of(self.ledger.places[number][0])
        return pyfuse3.readdir_reply(token, b"..", entry, _DOTS)

    async def _names_in(self, parent: int) -> set[bytes]:
        way = await self.way(parent)
        names = {shown.name for shown in self.ledger.shown_in(parent)}
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            names.update(name for name, _ in await trio.to_thread.run_sync(self._area.entries, way))
        return names
