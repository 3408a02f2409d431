"""The catalogue's writer for an import of the inbox: each filing is one change, run where all changes are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import trio

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import Aim, Purpose

if TYPE_CHECKING:
    from offliniofs.catalog.reader import Reader
    from offliniofs.catalog.writer import Writer
    from offliniofs.catalog.writer_base import OneStep
    from offliniofs.domain.actors import Actor
    from offliniofs.domain.arrival import Arrival, Filed

_T = TypeVar("_T")

LOOSE = b"inbox"
"""The folder of a group in which files lie that came without one."""
_PLAYED = frozenset({FileRole.MEDIA, FileRole.EXTRA})

_Client: TypeAlias = tuple[int | None, str] | None
"""A user and a program; ``None`` where nobody knows, after a crash."""


class Changeable(Protocol):
    """The catalogue, as far as it is needed here."""

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        """Puts a question in a worker thread."""
        ...

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        """Runs one change on the writer, for ``actor``."""
        ...


class FilingFromThread:
    """Files arrivals as they are meant: for themselves, in a place of the library, or for the trash."""

    def __init__(
        self,
        catalogue: Changeable,
        actors: Mapping[bytes, Actor],
        aim: Aim | None = None,
        homes: Mapping[bytes, ContentId] | None = None,
    ) -> None:
        """Both by paths. ``actors``: who wrote the files; ``homes``: the titles that sidecars go with which came a
        moment after their films."""
        self._catalogue = catalogue
        self._actors = actors
        self._aim = aim
        self._homes = homes or {}
        self._steps: dict[_Client, tuple[Actor | None, OneStep]] = {}

    def file_arrivals(self, batch: Sequence[Arrival]) -> list[Filed]:
        """See ``Filing.file_arrivals``. What one client brought is one step of the history."""
        clients: dict[_Client, list[int]] = {}
        for place, each in enumerate(batch):
            clients.setdefault(self._client(each), []).append(place)
        filed: dict[int, Filed] = {}
        for client, places in clients.items():
            filed.update(zip(places, self._file_for(client, [batch[place] for place in places]), strict=True))
        return [filed[place] for place in range(len(batch))]

    def _client(self, arrival: Arrival) -> _Client:
        """The user and the program a file came by; that of its film for what goes with one."""
        from offliniofs.catalog.writer_base import OneStep

        actor = self._actors.get(arrival.sidecar_of or arrival.source.path)
        client = None if actor is None else (actor.uid, actor.program)
        self._steps.setdefault(client, (actor, OneStep(begins=False)))
        return client

    def _file_for(self, client: _Client, batch: Sequence[Arrival]) -> list[Filed]:
        actor, step = self._steps[client]
        if self._aim is None or self._aim.purpose is not Purpose.REMOVED:
            return self._change(partial(self._go_on, batch, step), actor)
        return self._change(partial(_file_and_trash, batch), actor)

    def _change(self, edit: Callable[[Writer], _T], actor: Actor | None) -> _T:
        return trio.from_thread.run(self._catalogue.change, edit, actor)

    def _go_on(self, batch: Sequence[Arrival], step: OneStep, writer: Writer) -> list[Filed]:
        """However many files a folder has, and however long they take, their filing is one step."""
        with writer.one_step(step):
            return self._file(batch, writer)

    def _file(self, batch: Sequence[Arrival], writer: Writer) -> list[Filed]:
        match self._aim:
            case Aim(Purpose.REPLACE, key):
                return [writer.replace_file(FileId(key), arrival) for arrival in batch]
            case Aim(Purpose.INTO, key):
                return [writer.file_into(ContentId(key), _name(arrival), arrival) for arrival in batch]
            case _:
                return self._file_each(batch, writer)

    def _file_each(self, batch: Sequence[Arrival], writer: Writer) -> list[Filed]:
        """Those that go with a title which is there already, into its folder; all others together."""
        homes = {place: home for place, each in enumerate(batch) if (home := self._home(each, writer)) is not None}
        if not homes:
            return writer.file_arrivals(batch)
        alone = [each for place, each in enumerate(batch) if place not in homes]
        others = iter(writer.file_arrivals(alone) if alone else ())
        return [
            writer.file_beside(homes[place], _name(each), each) if place in homes else next(others)
            for place, each in enumerate(batch)
        ]

    def _home(self, arrival: Arrival, writer: Writer) -> ContentId | None:
        from offliniofs.domain.facts import EvidenceSource

        found = arrival.identification
        if arrival.sidecar_of is not None or found.kind is not ContentKind.OTHER or arrival.role in _PLAYED:
            return None
        title = found.why.get("title")
        in_folder = title is not None and title.source is EvidenceSource.FOLDER
        folders = [_text(name) for name in (*reversed(arrival.subfolder), found.title)] if in_folder else []
        return self._homes.get(arrival.source.path) or writer.home_of(_name(arrival), folders)


def _name(arrival: Arrival) -> str:
    return arrival.source.name.decode("utf-8", "replace")


def _text(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _file_and_trash(batch: Sequence[Arrival], writer: Writer) -> list[Filed]:
    """Nobody sees these files in the library. What it had already is not what was removed, and stays.

    Two steps of the history: what the client did is the removal; taken back, it leaves the file in the library.
    """
    from offliniofs.catalog.writer_base import this_process
    from offliniofs.domain.arrival import ArrivalOutcome

    with writer.in_one_transaction():
        with writer.acting_as(this_process()):
            filed = writer.file_arrivals(batch)
        for each in filed:
            if each.outcome in {ArrivalOutcome.ADDED, ArrivalOutcome.RESTORED}:
                writer.trash_file(each.file_id, prune=True)
    return filed


def roots(group: bytes, files: Mapping[bytes, Way]) -> list[bytes]:
    """What to import: the dropped folder, or the files that came without one."""
    loose = [path for path, way in files.items() if len(way) == 1]
    folders = {os.path.join(group, way[0]) for way in files.values() if len(way) > 1}
    return [*loose, *sorted(folders)]


def way_back(way: Way, aim: Aim | None) -> Way:
    """Where in the inbox a file of a group belongs: one that came without a folder stands in one that was not there."""
    if aim is not None:
        return way[-1:]
    return way[1:] if len(way) == 2 and way[0] == LOOSE else way


def not_known(_: object) -> bool:
    """The inbox takes every file."""
    return False
