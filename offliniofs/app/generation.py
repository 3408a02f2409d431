"""``python -m offliniofs.app.generation MOUNTPOINT ASSIGNMENT FUSE MEMORY CHANNEL``: one daemon of a mount.

Its supervisor starts it. How long this takes from exec to the first answer is how long clients wait when the daemon
before has died, so nothing is imported here that serving does not need, and nothing is scanned.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from functools import partial
from pathlib import Path

import trio

from offliniofs.app.assignment import Assignment
from offliniofs.app.config import Settings, load_settings
from offliniofs.app.daemon import serve_library
from offliniofs.app.later import load_rest
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import open_library
from offliniofs.app.link import SupervisorGoneError, SupervisorLink
from offliniofs.app.logs import configure_logging
from offliniofs.app.nursery_errors import only_error
from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.handed import take
from offliniofs.domain.errors import ExitCode, MigrationError, OfflinioError
from offliniofs.fuse.init_request import GreetingError
from offliniofs.fuse.mounting import Mounted
from offliniofs.fuse.session import Session
from offliniofs.fuse.session_memory import SessionMemory

_LEFT_ALONE_SECONDS = 0.3
"""After the supervisor's end: the daemon may be killed a moment later, or be about to start another supervisor."""

logger = logging.getLogger(__name__)


async def serve_generation(
    assignment: Assignment, link: SupervisorLink, fuse: int, memory: SessionMemory | None, *, waits: bool
) -> int:
    """Serves the mount behind ``fuse`` as assigned; the exit status, of which the supervisor was told the reason.

    One that ``waits`` opens nothing before it is told to go: the catalogue may be another by then.
    """
    layout = StoreLayout(assignment.options.store)
    mounted = Mounted(assignment.options.mountpoint, fuse, assignment.device)
    session = Session(mounted, memory, link.may_begin, link.hand_over)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(link.listen)
            if waits:
                await load_rest()
                await link.may_begin()
            settings = load_settings(layout.configuration)
            if assignment.may_migrate:
                await _migrate(layout, link)
            with open_library(layout, settings) as library:
                ending = await serve_library(library, assignment.options, session, link)
            nursery.cancel_scope.cancel()
    except (OfflinioError, ExceptionGroup) as error:
        inner = only_error(error)
        if isinstance(inner, SupervisorGoneError):
            await _free_clients(layout, mounted.mountpoint)
        if not isinstance(inner, OfflinioError):
            raise
        logger.error("cannot serve", extra={"reason": str(inner)})
        link.failed(str(inner), inner.exit_code, mount_anew=isinstance(inner, GreetingError))
        return inner.exit_code
    link.ended(ending.value)
    return ExitCode.DONE


async def _free_clients(layout: StoreLayout, mountpoint: Path) -> None:
    """A spare that is left alone: if the daemon was killed too, nobody will answer those who wait for it."""
    from offliniofs.app.supervised import end_the_dead  # loaded with the rest, before a spare waits

    await trio.sleep(_LEFT_ALONE_SECONDS)
    await trio.to_thread.run_sync(end_the_dead, layout.run, mountpoint)


async def _migrate(layout: StoreLayout, link: SupervisorLink) -> None:
    """Brings an older catalogue up to date between the last request of the old version and the first of this one.

    What can be checked is checked while the old version serves. Raises :class:`MigrationError` with the reason.
    """
    from offliniofs.catalog.migration import check, migrate

    report = await trio.to_thread.run_sync(check, layout.catalogue)
    if not report.pending or report.version > report.newest:
        return
    if not report.sound:
        raise MigrationError(f"The catalogue cannot be migrated: {'; '.join(report.problems)}.")
    await link.may_begin()
    await trio.to_thread.run_sync(migrate, layout.catalogue, layout.backups)


def _configure_logging(assignment: Assignment, settings: Settings) -> None:
    path = StoreLayout(assignment.options.store).log if assignment.log_to_file else None
    configure_logging(settings.log_level, path=path, timestamp="JOURNAL_STREAM" not in os.environ)


def main(arguments: list[str]) -> int:
    """Takes its place in the mount."""
    faulthandler.enable()  # the supervisor sends SIGABRT to one that hangs: let the log say where
    handed, fuse, memory, channel = map(int, arguments[1:5])
    assignment = Assignment.from_json(take(handed))
    for descriptor in (fuse, memory):
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
    link = SupervisorLink(Channel.of_descriptor(channel), fuse, memory)
    try:
        _configure_logging(assignment, load_settings(StoreLayout(assignment.options.store).configuration))
        kept = None if memory < 0 else SessionMemory(memory)
    except (OfflinioError, ValueError) as error:
        link.failed(str(error), ExitCode.FAILED)
        return ExitCode.FAILED
    return trio.run(partial(serve_generation, assignment, link, fuse, kept, waits="wait" in arguments[5:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
