"""Writes what titles are found by, where a change left that for later: who removes file by file is not kept waiting.

What was left stands in the catalogue: a daemon that dies leaves it to the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import trio

from offliniofs.domain.errors import OfflinioError

if TYPE_CHECKING:
    from offliniofs.catalog.writer import Writer

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 0.05
"""How long texts are left, but for the time that writing them takes: within that a change shall show."""
BATCH: Final = 20
"""Titles whose texts are written in one transaction."""


class LeavingTexts(Protocol):
    """The catalogue, as far as it is needed here."""

    async def change(self, edit: Callable[[Writer], _T]) -> _T:
        """Runs one change on the writer."""
        ...

    async def wait_for_late_texts(self) -> None:
        """Returns once a change has left texts."""
        ...


async def write_late_texts(catalogue: LeavingTexts) -> None:
    """Writes what is left, at the start and whenever something was, until cancelled."""
    while True:
        try:
            while await catalogue.change(_write) == BATCH:
                pass
        except OfflinioError as error:
            logger.warning("cannot bring the search index up to date", extra={"reason": str(error)})
        except Exception:
            logger.exception("cannot bring the search index up to date")  # nobody waits for it: the mount goes on
        await catalogue.wait_for_late_texts()
        await trio.sleep(WAIT_SECONDS)


def _write(writer: Writer) -> int:
    return writer.write_late_texts(BATCH)
