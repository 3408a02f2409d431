"""An import from beginning to end: its stages, joined by bounded channels. What one cannot take, the one before keeps.

::

    walk ─→ describe (several) ─→ stage (several) ─→ commit ─→ file ─→ discard
    └────────────── front ───────────────────────┘   └──────── tail ────────┘

Blocking work runs in worker threads; only tasks of the event loop touch the course, the tally and the channels. When
an import ends early (stopped, cancelled, or something failed that stops everything) the front leaves off at once, in
the middle of a copy if need be; the tail is shielded from cancellation and takes what was staged to its end, which is
a moment's work. So nothing that was read to its end is lost, no temporary file stays, and no row names a blob that is
not durable.

A file that changes while it is read is tried once more when all others are done. If it changes again it is a problem.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import trio

from offliniofs.blobs.protocol import BlobStore
from offliniofs.detect.probe import Prober
from offliniofs.domain.arrival import SourceFile
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.naming import Naming
from offliniofs.ingest.course import Course, Pass
from offliniofs.ingest.describe import Description, describe
from offliniofs.ingest.discover import Arguments, Discovery, Gathering, discover, gather_again, resolve
from offliniofs.ingest.file import Filing
from offliniofs.ingest.front import Front
from offliniofs.ingest.guard import Guard, make_guard
from offliniofs.ingest.known import IsKnown
from offliniofs.ingest.plan import planned
from offliniofs.ingest.problem import Problem
from offliniofs.ingest.progress import Progress, Tally
from offliniofs.ingest.report import ImportedFile, ImportReport
from offliniofs.ingest.settings import ImportSettings
from offliniofs.ingest.stage import Parcel, StagedParcel, Stager, parcels
from offliniofs.ingest.tail import Staged, Tail

_WAITING_PARCELS = 32
"""Parcels between two stages."""


@dataclass(frozen=True, slots=True)
class Library:
    """What an import reads and writes besides its sources."""

    folder: str | os.PathLike[str]
    """The store's folder: nothing below it is imported."""
    store: BlobStore
    catalogue: Filing
    """Used by one thread at a time."""
    is_known: IsKnown
    """Used by one thread at a time, while ``catalogue`` may be in use by another."""
    naming: Naming


async def run_import(
    paths: Sequence[str | bytes | os.PathLike[str]],
    library: Library,
    *,
    mode: PlacementMode = PlacementMode.AUTO,
    dry_run: bool = False,
    settings: ImportSettings | None = None,
    report: Callable[[Progress], None] | None = None,
    on_file: Callable[[ImportedFile], None] | None = None,
    stop: trio.Event | None = None,
    verify: bool = False,
    whole: bool = False,
    on_failure: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Imports files and folders and sums up what became of them.

    ``report`` is called some times a second and once at the end, ``on_file`` for each file that was filed (in a dry
    run: would be), both on the event loop. Setting ``stop`` ends the import early and in order: what was staged is
    filed, the report says ``interrupted``, and the same import again goes on from there. Cancellation does the same but
    for the report.

    ``verify``: take no file for known, and hash the blob of each that is stored already. A blob in whose place other
    bytes lie is replaced by the copy that was verified on its way in; a wrong size shows without it.

    ``whole``: each folder among ``paths`` is itself what somebody put together, so what cannot be identified in it is
    filed under its name; otherwise under those of the folders in it (see ``detect/heaps.py``).

    ``on_failure`` is told the sum before an error is raised that ended the import when it was under way.

    Raises ``UsageError`` when the paths cannot be imported at all, ``ModeUnsupportedError`` before anything is stored
    when the mode cannot work between these filesystems, ``StoreFullError``, ``StoreError`` and ``CatalogError`` when
    storing or filing cannot go on; what was filed until then stays. A problem with one file is in the report instead.
    """
    guard = await trio.to_thread.run_sync(make_guard, [library.folder])
    arguments = await trio.to_thread.run_sync(resolve, paths, guard)
    run = _Import(library, mode, settings or ImportSettings(), on_file or _ignore, verify)
    async with _reporting(run.tally, report, run.settings), _stopping(run.course, stop):
        await run.all_passes(arguments, guard, dry_run=dry_run, whole=whole)
    if run.course.fatal:
        if on_failure is not None:
            on_failure(run.report(dry_run))
        raise run.course.fatal
    return run.report(dry_run)


class _Import:
    def __init__(
        self,
        library: Library,
        mode: PlacementMode,
        settings: ImportSettings,
        on_file: Callable[[ImportedFile], None],
        verify: bool,
    ) -> None:
        self.library = library
        self.mode = mode
        self.settings = settings
        self.tally = Tally(trio.current_time)
        self.course = Course(self.tally, on_file)
        self._takes_all = verify or mode is PlacementMode.MOVE
        self._limiter = trio.CapacityLimiter(settings.stagers)
        self._stager = Stager(library.store, mode, self.tally.add_read, _cancelled, verify=verify)

    async def all_passes(self, arguments: Arguments, guard: Guard, *, dry_run: bool, whole: bool) -> None:
        """The first pass, and a second one for files that changed."""
        this = Pass(discover(arguments, guard, whole=whole))
        with Prober(workers=self.settings.probers) as prober:
            is_known = _unknown if self._takes_all else self.library.is_known
            front = Front(self.course, is_known, partial(describe, prober=prober), self.settings.describers)
            if dry_run:
                with self.course.begin():
                    await front.run(this, partial(self._plan, this))
                return
            await self._one_pass(front, this)
            if self.course.retry and not self.course.stopping:
                roots = frozenset(arguments.folders) if whole else frozenset()
                await self._second_pass(front, gather_again(tuple(self.course.retry), guard, whole=roots))

    async def _second_pass(self, front: Front, discovery: Iterator[Discovery]) -> None:
        only = frozenset(path for paths in self.course.retry.values() for path in paths)
        this = Pass(discovery, only)
        await self._one_pass(front, this)
        if not self.course.stopping:
            for path in sorted(only - this.seen):
                self.tally.fail(Problem(path, "changed while it was read, and now it is gone"))

    async def _one_pass(self, front: Front, this: Pass) -> None:
        tail = Tail(self.course, self.library.store, self.library.catalogue, self.mode)
        send_parcels, receive_parcels = trio.open_memory_channel[Parcel](_WAITING_PARCELS)
        send_staged, receive_staged = trio.open_memory_channel[Staged](_WAITING_PARCELS)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(tail.run, receive_staged, alone=not this.first))
            async with send_staged:
                with self.course.begin():
                    async with trio.open_nursery() as workers, receive_parcels:
                        for _ in range(self.settings.stagers):
                            workers.start_soon(self._stage_each, this, receive_parcels.clone(), send_staged.clone())
                        async with send_parcels:
                            await front.run(this, partial(self._pack, this, send_parcels))

    async def _pack(
        self, this: Pass, send: trio.MemorySendChannel[Parcel], gathering: Gathering, description: Description
    ) -> None:
        self._note(this, description)
        for parcel in parcels(gathering, description.files):
            await send.send(parcel)

    async def _plan(self, this: Pass, _: Gathering, description: Description) -> None:
        await trio.lowlevel.checkpoint()
        self._note(this, description)
        for file in description.files:
            self.tally.add_read(file.source.size)
            self.tally.filed_files += 1
            self.tally.add_notes(file.remarks)
            self.course.on_file(planned(file, self.library.naming))

    def _note(self, this: Pass, description: Description) -> None:
        for refusal in description.refused:
            self.tally.fail(refusal)
        for note in description.skipped if this.first else ():
            self.tally.add_note(note)
        self.tally.left_files += len(description.skipped)

    async def _stage_each(
        self, this: Pass, waiting: trio.MemoryReceiveChannel[Parcel], done: trio.MemorySendChannel[Staged]
    ) -> None:
        async with waiting, done:
            async for parcel in waiting:
                try:
                    result = await trio.to_thread.run_sync(self._stager.stage, parcel, limiter=self._limiter)
                except OfflinioError as error:
                    self.course.stop(error)
                    return
                self._count(this, parcel, result)
                with trio.CancelScope(shield=True):  # what is staged must reach the tail, which always takes it
                    for group in (result.files,) if this.first else ((file,) for file in result.files):
                        await done.send(group)

    def _count(self, this: Pass, parcel: Parcel, result: StagedParcel) -> None:
        self.tally.add_read(result.given_up_bytes)
        for problem in result.problems:
            self.tally.fail(problem)
        for path in result.changed:
            if this.first:
                self.course.try_again(parcel.gathering, path)
            else:
                self.tally.fail(Problem(path, "kept changing while it was read; import it again when it is complete"))

    def report(self, dry_run: bool) -> ImportReport:
        """The sum of what happened."""
        tally = self.tally
        return ImportReport(
            dry_run=dry_run,
            interrupted=self.course.stopping,
            failed=self.course.fatal is not None,
            found_files=tally.found_files,
            found_bytes=tally.found_bytes,
            filed_files=tally.filed_files,
            stored_bytes=tally.stored_bytes,
            duplicate_files=tally.duplicate_files,
            restored_files=tally.restored_files,
            saved_bytes=tally.saved_bytes,
            known_files=tally.known_files,
            known_bytes=tally.known_bytes,
            removed_files=tally.removed_files,
            replaced_blobs=tally.replaced_blobs,
            problems=tuple(tally.problems),
            problem_count=tally.problem_count,
            skipped=tuple(tally.skipped),
            skipped_count=tally.skipped_count,
            elapsed=tally.snapshot().elapsed,
        )


@contextlib.asynccontextmanager
async def _reporting(
    tally: Tally, report: Callable[[Progress], None] | None, settings: ImportSettings
) -> AsyncIterator[None]:
    """Reports now and then while the body runs, and once when it is over, however it ended."""
    if report is None:
        yield
        return

    async def repeat() -> None:
        while True:
            report(tally.snapshot())
            await trio.sleep(settings.report_seconds)

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(repeat)
            yield
            nursery.cancel_scope.cancel()
    finally:
        report(tally.snapshot())


@contextlib.asynccontextmanager
async def _stopping(course: Course, stop: trio.Event | None) -> AsyncIterator[None]:
    """Stops the course when the event is set while the body runs."""
    if stop is None:
        yield
        return

    async def wait() -> None:
        await stop.wait()
        course.stop()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        yield
        nursery.cancel_scope.cancel()


def _ignore(_: ImportedFile) -> None:
    """For a caller who wants the sum alone."""


def _unknown(_: SourceFile) -> bool:
    """For imports that take every file: ``move`` has to remove what is stored already, ``verify`` to look at it."""
    return False


def _cancelled() -> bool:
    """Whether the task that waits for this thread was cancelled."""
    try:
        trio.from_thread.check_cancelled()
    except trio.Cancelled:
        return True
    return False
