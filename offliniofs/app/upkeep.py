"""What a daemon tidies while it runs, so that nothing in the catalogue grows without end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import trio

from offliniofs.catalog.writer import Writer
from offliniofs.domain.errors import OfflinioError

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
KEPT_NS = 7 * 24 * 3600 * 1_000_000_000
"""How long the change log goes back. Daemons follow it within a second; a week is for one that was suspended."""
BATCH = 10_000
"""Entries of one transaction, so that nobody waits long for the writer."""


class Changeable(Protocol):
    """The catalogue, as far as it is needed here."""

    async def change(self, edit: Callable[[Writer], int]) -> int:
        """Runs one change on the writer."""
        ...


async def keep_tidy(catalogue: Changeable, clock: Callable[[], int] = time.time_ns) -> None:
    """Drops old entries of the change log, at the start and every hour, until cancelled."""
    while True:
        try:
            trim = partial(_trim, clock() - KEPT_NS)
            while await catalogue.change(trim) == BATCH:
                pass
        except OfflinioError as error:
            logger.warning("cannot shorten the change log", extra={"reason": str(error)})
        except Exception:
            logger.exception("cannot shorten the change log")  # what nobody waits for must not end the mount
        await trio.sleep(EVERY_SECONDS)


def _trim(before_ns: int, writer: Writer) -> int:
    return writer.trim_change_log(before_ns, BATCH)
