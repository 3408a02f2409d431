"""The stages that make things last: commit, file and discard. Once a file is staged, they see it through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import trio

from offliniofs.blobs.protocol import BlobStore
from offliniofs.domain.arrival import ArrivalOutcome, Filed
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, OfflinioError
from offliniofs.ingest.commit import GROUP_FILES, GROUP_SECONDS, DurableFile, commit_group
from offliniofs.ingest.course import Course
from offliniofs.ingest.discard import discard_sources
from offliniofs.ingest.file import FiledGroup, Filing, file_group
from offliniofs.ingest.problem import Problem
from offliniofs.ingest.report import ImportedFile
from offliniofs.ingest.stage import StagedFile

Staged: TypeAlias = Sequence[StagedFile]
"""Files that one thread staged together."""


class Tail:
    """Runs the three stages, shielded from cancellation: they end when the channel into them is closed."""

    def __init__(self, course: Course, store: BlobStore, catalogue: Filing, mode: PlacementMode) -> None:
        self._course = course
        self._tally = course.tally
        self._store = store
        self._catalogue = catalogue
        self._mode = mode
        self._broken = False  # the disk or the catalogue failed under us: what still comes is given up

    async def run(self, staged: trio.MemoryReceiveChannel[Staged], *, alone: bool = False) -> None:
        """Takes files until the channel ends. ``alone``: no file shares the fate of another."""
        send_durable, receive_durable = trio.open_memory_channel[list[DurableFile]](1)
        send_filed, receive_filed = trio.open_memory_channel[list[DurableFile]](1)
        with trio.CancelScope(shield=True):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._commit, staged, send_durable, 1 if alone else GROUP_FILES)
                nursery.start_soon(self._file, receive_durable, send_filed)
                nursery.start_soon(self._discard, receive_filed)

    async def _commit(
        self,
        staged: trio.MemoryReceiveChannel[Staged],
        durable: trio.MemorySendChannel[list[DurableFile]],
        limit: int,
    ) -> None:
        async with staged, durable:
            async for first in staged:
                group = await _gather(first, staged, limit)
                if self._broken:
                    await trio.to_thread.run_sync(self._abandon, group)
                    continue
                try:
                    files = await trio.to_thread.run_sync(commit_group, self._store, self._mode, group)
                except (BlobCorruptError, BlobMissingError) as error:
                    self._refuse(group, error, final=limit == 1)
                except OfflinioError as error:
                    self._fail(error)
                else:
                    await durable.send(files)

    def _fail(self, error: OfflinioError) -> None:
        self._broken = True
        self._course.stop(error)

    def _refuse(self, group: Sequence[StagedFile], error: OfflinioError, *, final: bool) -> None:
        """A blob in the store is not what it should be; which file wanted it shows when each is committed alone."""
        for file in group:
            if final:
                self._tally.fail(Problem(file.described.source.path, str(error)))
            else:
                self._course.try_again(file.gathering, file.described.source.path)

    def _abandon(self, group: Sequence[StagedFile]) -> None:
        for file in group:
            self._store.abandon(file.staged)

    async def _file(
        self,
        durable: trio.MemoryReceiveChannel[list[DurableFile]],
        filed: trio.MemorySendChannel[list[DurableFile]],
    ) -> None:
        async with durable, filed:
            async for group in durable:
                if self._broken:
                    continue  # their blobs are orphans, no harm
                try:
                    result = await trio.to_thread.run_sync(file_group, self._catalogue, group)
                except OfflinioError as error:
                    self._fail(error)
                    continue
                self._count(result)
                if self._mode is PlacementMode.MOVE:
                    await filed.send([file for file, _ in result.files])

    def _count(self, result: FiledGroup) -> None:
        for problem in result.problems:
            self._tally.fail(problem)
        for durable, filed in result.files:
            restored = filed.outcome is ArrivalOutcome.RESTORED
            self._tally.file(durable.stored.size, durable.stored.existed, restored=restored)
            self._tally.replaced_blobs += durable.stored.replaced
            self._tally.add_notes(durable.file.described.remarks)
            self._course.on_file(_imported(durable, filed))

    async def _discard(self, filed: trio.MemoryReceiveChannel[list[DurableFile]]) -> None:
        async with filed:
            async for group in filed:
                result = await trio.to_thread.run_sync(discard_sources, self._store, group)
                self._tally.removed_files += result.removed
                self._tally.add_notes(result.problems)


async def _gather(first: Staged, staged: trio.MemoryReceiveChannel[Staged], limit: int) -> list[StagedFile]:
    """A group that begins with ``first``: what comes within a moment, until there is enough or nothing more comes."""
    group = list(first)
    with trio.move_on_after(GROUP_SECONDS):
        while len(group) < limit:
            try:
                group.extend(await staged.receive())
            except trio.EndOfChannel:
                break
    return group


def _imported(durable: DurableFile, filed: Filed) -> ImportedFile:
    described = durable.file.described
    return ImportedFile(
        source=described.source,
        role=described.role,
        identification=described.identification,
        path=filed.path,
        outcome=filed.outcome,
        file_id=filed.file_id,
        title_id=filed.title_id,
        digest=durable.stored.digest,
        existed=durable.stored.existed,
    )
