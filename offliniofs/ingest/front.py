"""The stages that only read, walk and describe: all of a dry run, and the first half of an import."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import trio

from offliniofs.domain.errors import OfflinioError
from offliniofs.ingest.course import Course, Pass
from offliniofs.ingest.describe import Description
from offliniofs.ingest.discover import Gathering
from offliniofs.ingest.known import IsKnown, Sifted, sift
from offliniofs.ingest.problem import Problem, Skipped

_PORTION_FILES = 256
"""Files, or notes, or empty folders, after which the walk hands over what it found."""
_BUNDLE_FILES = 16
"""Files of small folders that are described in one go."""

Describe: TypeAlias = Callable[[Sifted], Description]
"""Blocks; raises nothing."""
Take: TypeAlias = Callable[[Gathering, Description], Awaitable[None]]
"""Waits while the stage that follows is busy."""


@dataclass(slots=True)
class _Portion:
    sifted: list[Sifted] = field(default_factory=list)
    notes: list[Problem | Skipped] = field(default_factory=list)
    last: bool = False


class Front:
    """Runs both stages."""

    def __init__(self, course: Course, is_known: IsKnown, describe: Describe, describers: int) -> None:
        self._course = course
        self._is_known = is_known
        self._describe = describe
        self._describers = describers
        self._limiter = trio.CapacityLimiter(describers)

    async def run(self, this: Pass, take: Take) -> None:
        """Hands every description to ``take``."""
        send, receive = trio.open_memory_channel[list[Sifted]](2 * self._describers)
        async with trio.open_nursery() as nursery, receive:
            nursery.start_soon(self._walk, this, send)
            for _ in range(self._describers):
                nursery.start_soon(self._describe_each, receive.clone(), take)

    async def _walk(self, this: Pass, found: trio.MemorySendChannel[list[Sifted]]) -> None:
        async with found:
            last = False
            while not last:
                try:
                    portion = await trio.to_thread.run_sync(self._next_portion, this)
                except OfflinioError as error:
                    self._course.stop(error)
                    return
                self._count(this, portion)
                last = portion.last
                for bundle in _bundles(portion.sifted):
                    await found.send(bundle)
        self._course.tally.found_all = True

    def _next_portion(self, this: Pass) -> _Portion:
        portion = _Portion()
        weight = 0
        for entry in this.discovery:
            if isinstance(entry, Gathering):
                known = self._is_known if this.only is None else _not_in(this.only)
                portion.sifted.append(sift(entry, known))
                weight += max(1, len(entry.files))
            else:
                portion.notes.append(entry)
                weight += 1
            if weight >= _PORTION_FILES:
                return portion
        portion.last = True
        return portion

    def _count(self, this: Pass, portion: _Portion) -> None:
        tally = self._course.tally
        for note in portion.notes if this.first else ():
            tally.add_note(note)
        for sifted in portion.sifted:
            if this.first:
                tally.find(sifted.gathering.files, sifted.wanted)
            else:
                this.seen.update(sifted.wanted)
                tally.find_again(sifted.wanted_files)

    async def _describe_each(self, found: trio.MemoryReceiveChannel[list[Sifted]], take: Take) -> None:
        async with found:
            async for bundle in found:
                descriptions = await trio.to_thread.run_sync(self._describe_bundle, bundle, limiter=self._limiter)
                for sifted, description in zip(bundle, descriptions, strict=True):
                    await take(sifted.gathering, description)

    def _describe_bundle(self, bundle: Sequence[Sifted]) -> list[Description]:
        return [self._describe(sifted) for sifted in bundle]


def _not_in(only: frozenset[bytes]) -> IsKnown:
    return lambda file: file.path not in only


def _bundles(portion: Sequence[Sifted]) -> Iterator[list[Sifted]]:
    """What has anything to take, several small folders together."""
    bundle: list[Sifted] = []
    count = 0
    for sifted in portion:
        if not sifted.wanted:
            continue
        if bundle and count + len(sifted.wanted) > _BUNDLE_FILES:
            yield bundle
            bundle, count = [], 0
        bundle.append(sifted)
        count += len(sifted.wanted)
    if bundle:
        yield bundle
