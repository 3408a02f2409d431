"""The inbox: waits until what clients wrote has come to rest, files it, and lets it disappear.

One task looks and files, one batch after the other; another one ends what has been shown long enough. A batch goes
through the importer like any import in mode ``move``: a file's bytes are durable, verified and named by the catalogue
before its staged file is removed. What a crash leaves in ``filing/`` is imported again at the start; whatever was filed
already turns out to be there, so nothing is filed twice.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import trio

from offliniofs.blobs.protocol import BlobStore
from offliniofs.domain.actors import Actor
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import FileRow, Shelf
from offliniofs.domain.naming import Naming
from offliniofs.ingest.file import Filing
from offliniofs.ingest.inbox_area import Found, StagingArea
from offliniofs.ingest.inbox_filing import LOOSE, Changeable, FilingFromThread, not_known, roots, way_back
from offliniofs.ingest.inbox_groups import FilingGroups
from offliniofs.ingest.inbox_ledger import Failure, InboxLedger, InboxState, Shown, look_of
from offliniofs.ingest.inbox_own_texts import OwnTexts
from offliniofs.ingest.inbox_paths import Way
from offliniofs.ingest.inbox_purposes import Aim, Purpose, aim_of, aim_of_group, group_name, target_number, target_of
from offliniofs.ingest.inbox_quiet import Batch, RestWatch, batches, is_litter, is_temporary
from offliniofs.ingest.problem import shown as shown_path
from offliniofs.ingest.settings import ImportSettings

if TYPE_CHECKING:
    from offliniofs.ingest.report import ImportedFile

logger = logging.getLogger(__name__)

_LOOKS_PER_REST = 4
"""How often the inbox is looked at while a file comes to rest."""
_RETRY_SECONDS = 30.0
_ABANDONED_NS = 24 * 3600 * 1_000_000_000
"""A client that had a file open when its daemon died goes on at once, or never."""


@dataclass(frozen=True, slots=True)
class InboxSettings:
    """``quiet_seconds``: how long a file must be left alone; ``linger_seconds``: how long it shows once it is filed;
    ``reserve``: bytes of the disk that writing leaves free."""

    quiet_seconds: float = 2.0
    linger_seconds: float = 10.0
    reserve: int = 0
    mode: int = 0o755
    """Permission bits of the inbox itself."""
    imports: ImportSettings = field(default_factory=ImportSettings)


class Inbox:
    """The engine behind the folder. Used on the event loop."""

    def __init__(
        self, area: StagingArea, store: BlobStore, catalogue: Changeable, naming: Naming, settings: InboxSettings
    ) -> None:
        self.area = area
        self.settings = settings
        self.ledger = InboxLedger()
        self.on_gone: Callable[[Sequence[tuple[int, bytes]]], None] = _nobody
        """Told in a worker thread of names (folder number, name) that have disappeared."""
        self.on_filed: Callable[[], None] = _nothing
        """Told on the event loop that the library has changed."""
        self._store = store
        self._catalogue = catalogue
        self._naming = naming
        self.own_texts = OwnTexts(area, catalogue, self.ledger)
        self._watch = RestWatch(settings.quiet_seconds)
        self._woken = trio.Event()
        self._ending = trio.Event()
        self._groups = FilingGroups(area)
        self._count = 0
        into = (aim_of(folder) for folder in area.save_folders())
        self.ledger.targets = {target_number(aim.key) for aim in into if aim and aim.purpose is Purpose.INTO}

    def wake(self) -> None:
        """Something was written, made, renamed or removed."""
        self._woken.set()

    async def run(self) -> None:
        """Files whatever comes until cancelled. A failure is logged and tried again; it never ends the mount."""
        await self._wait_for_turn()
        await self._guarded(self._take_up)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._end_shown)
            while True:
                self._woken = trio.Event()
                busy = await self._guarded(self._look)
                pause = self.settings.quiet_seconds / _LOOKS_PER_REST if busy else _RETRY_SECONDS
                with trio.move_on_after(pause):
                    await self._woken.wait()
                if not busy:
                    continue
                await trio.sleep(pause if self._woken.is_set() else 0)

    async def _wait_for_turn(self) -> None:
        """Until no other daemon of this store files: it may be about to end."""
        held = self._groups.hold()
        while not held:
            await trio.sleep(self.settings.quiet_seconds)
            held = self._groups.hold()

    async def _guarded(self, work: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await work()
        except (OSError, OfflinioError) as error:
            logger.warning("the inbox cannot go on for now", extra={"reason": str(error)})
        except Exception:
            logger.exception("the inbox cannot go on for now")
        await trio.sleep(self.settings.quiet_seconds)
        return True

    # --- looking ------------------------------------------------------------------------------------------------------

    async def _look(self) -> bool:
        """Files what is ready; returns whether anything may become ready without anybody saying so."""
        found = await trio.to_thread.run_sync(self.area.walk)
        closed = self.ledger.closed
        found = [replace(item, finished=True) if item.number in closed else item for item in found]
        saves = await trio.to_thread.run_sync(self.area.walk_saves)
        resting = self._watch.at_rest([*found, *saves], trio.current_time())
        for batch in batches(found, resting, self.ledger.writers, self._has_failed):
            await self._file(batch)
        for item in saves:
            done = item.finished or item.number in closed
            if done and item.number in resting and self._may_leave(item):
                await self._file_save(item)
        if saves or self.ledger.targets:
            await self._find_targets()
        await self._remove_empty(found, resting)
        return any(item.number not in resting for item in [*found, *saves]) or bool(self.ledger.shown)

    def _may_leave(self, item: Found) -> bool:
        aim, name = aim_of(item.way[1]), item.way[-1]
        waits = aim is not None and aim.purpose is Purpose.INTO and is_temporary(name) and not is_litter(name)
        return aim is not None and not waits and not self.ledger.writers(item.number)

    async def _find_targets(self) -> None:
        """Looks into which folders of the library something is coming, also through another mount."""
        async with self.ledger.lock:
            aims = map(aim_of, await trio.to_thread.run_sync(self.area.save_folders))
            alive = {target_number(aim.key) for aim in aims if aim is not None and aim.purpose is Purpose.INTO}
            alive |= {shown.parent for shown in self.ledger.shown.values() if target_of(shown.parent) is not None}
            self.ledger.targets = alive

    def _has_failed(self, item: Found) -> bool:
        failure = self.ledger.failures.get(item.number)
        return failure is not None and failure.ctime_ns == item.status.st_ctime_ns

    async def _remove_empty(self, found: Sequence[Found], resting: set[int]) -> None:
        """Removes folders from which everything was filed, innermost first."""
        inhabited = {item.parent for item in found} | {shown.parent for shown in self.ledger.shown.values()}
        gone: list[tuple[int, bytes]] = []
        for item in reversed(found):
            if not item.is_folder or item.number not in self.ledger.used_folders:
                continue
            if item.number in inhabited or item.number not in resting:
                continue
            async with self.ledger.lock:
                try:
                    await trio.to_thread.run_sync(self.area.remove_folder, item.way)
                except OSError:
                    continue  # somebody put something in, or renamed it
            self.ledger.used_folders.discard(item.number)
            self.ledger.used_folders.add(item.parent)
            self.ledger.places.pop(item.number, None)
            gone.append((item.parent, item.way[-1]))
        if gone:
            await trio.to_thread.run_sync(self.on_gone, gone)
            self.wake()

    # --- filing -------------------------------------------------------------------------------------------------------

    async def _file(self, batch: Batch) -> None:
        await trio.to_thread.run_sync(self._make_durable, batch)
        group = self._new_group()
        async with self.ledger.lock:
            wanted = [pair for pair in batch.files if not self.ledger.writers(pair[0].number)]
            taken = await trio.to_thread.run_sync(self._groups.claim, group, wanted)
            for found, way in taken:
                self._show(found, group, way)
        files = {self._groups.filing_path(group, way): found.way for found, way in taken}
        actors = self._actors(group, taken)
        await self._import(group, files, FilingFromThread(self._catalogue, actors, homes=self._homes(files)))

    def _actors(self, group: bytes, taken: Sequence[tuple[Found, Way]]) -> dict[bytes, Actor]:
        """Who wrote the files of a group, by their paths there."""
        actors = ((way, self.ledger.actors.pop(found.number, None)) for found, way in taken)
        return {self._groups.filing_path(group, way): actor for way, actor in actors if actor is not None}

    def _homes(self, files: Mapping[bytes, Way]) -> dict[bytes, ContentId]:
        """The titles of sidecars whose film has been filed a moment ago and still shows: its name begins theirs.

        Covers and their like that come without a folder go with the one album that did.
        """
        from offliniofs.detect.sidecar_names import is_album_sidecar

        homes: dict[bytes, ContentId] = {}
        loose = [one for one in self.ledger.shown.values() if one.parent == 0 and one.title_id is not None]
        albums = {one.title_id for one in loose if one.title_id and one.path.startswith(f"{Shelf.MUSIC}/")}
        for path, way in files.items():
            if len(way) == 1 and len(albums) == 1 and is_album_sidecar(os.fsdecode(way[0])):
                homes[path] = next(iter(albums))
            for shown in self.ledger.shown.values():
                stem = shown.name.rpartition(b".")[0].lower()
                if stem and shown.title_id is not None and way[-1].lower().startswith((stem + b".", stem + b"-")):
                    homes[path] = shown.title_id
        return homes

    async def _file_save(self, found: Found) -> None:
        """Gives a file its place in the library or the trash. What cannot be filed turns up in the inbox."""
        _, folder, name = found.way
        aim = aim_of(folder)
        if aim is None:
            return
        if await self.own_texts.drop(found, aim):
            await trio.to_thread.run_sync(self.on_gone, [(target_number(aim.key), name)])
            return
        await trio.to_thread.run_sync(self.area.sync, found.way)
        way = (await self._folder_called(aim), name)
        group = self._new_group(aim)
        async with self.ledger.lock:
            if self.ledger.writers(found.number):
                return
            taken = await trio.to_thread.run_sync(self._groups.claim, group, [(found, way)])
            if taken and aim.purpose is Purpose.INTO:
                self._show(found, group, way)
            self.ledger.places.pop(found.number, None)
            self.ledger.end_save(found.number)
            await trio.to_thread.run_sync(self.area.end_save, folder)
        files: dict[bytes, Way] = {self._groups.filing_path(group, way): (name,) for _, way in taken}
        actors = self._actors(group, taken)
        await self._import(group, files, FilingFromThread(self._catalogue, actors, aim))

    async def _folder_called(self, aim: Aim) -> bytes:
        """The name of the folder a file comes into: ``Season 02`` says more of it than its own name may."""
        if aim.purpose is not Purpose.INTO:
            return LOOSE
        row = await self._catalogue.ask(lambda reader: reader.directory(ContentId(aim.key)))
        return LOOSE if row is None else row.name.encode()

    def _new_group(self, aim: Aim | None = None) -> bytes:
        self._count += 1
        return group_name(os.getpid(), self._count, aim)

    def _make_durable(self, batch: Batch) -> None:
        for found, _ in batch.files:
            try:
                self.area.sync(found.way)
            except FileNotFoundError:
                continue  # removed or renamed: it will not be taken either

    def _show(self, found: Found, group: bytes, way: Way) -> None:
        self.ledger.show(Shown(found.number, found.parent, found.way[-1], look_of(found.status), group=group, way=way))
        self.ledger.used_folders.add(found.parent)

    async def _import(self, group: bytes, files: Mapping[bytes, Way], filing: Filing) -> None:
        """Imports a group and puts back what could not be taken."""
        from offliniofs.ingest.importer import Library, run_import

        shown = {self._groups.filing_path(one.group, one.way): one for one in self.ledger.shown.values()}
        reasons: dict[bytes, str] = {}
        if files:
            try:
                report = await run_import(
                    roots(self._groups.filing_path(group, ()), files),
                    Library(
                        folder=self._store_folder(),
                        store=self._store,
                        catalogue=filing,
                        is_known=not_known,
                        naming=self._naming,
                    ),
                    mode=PlacementMode.MOVE,
                    settings=self.settings.imports,
                    whole=True,
                    on_file=partial(self._filed, shown),
                )
            except OfflinioError as error:
                reasons = dict.fromkeys(files, str(error))
            else:
                reasons = {note.path: note.reason for note in report.skipped}
                reasons |= {problem.path: problem.message for problem in report.problems}
        await self._put_back(group, files, reasons)
        self.on_filed()

    def _store_folder(self) -> str:
        """What must not be imported from: the blobs. The staging folder lies beside them."""
        return os.path.join(os.path.dirname(os.fsdecode(self.area.folder)), "blobs")

    def _filed(self, shown: Mapping[bytes, Shown], file: ImportedFile) -> None:
        from offliniofs.domain.arrival import ArrivalOutcome

        logger.info("filed from the inbox", extra={"path": file.path, "existed": file.existed})
        one = shown.get(file.source.path)
        if one is None:
            return
        added = file.outcome in {ArrivalOutcome.ADDED, ArrivalOutcome.RESTORED}
        one.state = InboxState.STORED if added else InboxState.DUPLICATE
        one.digest = file.digest
        one.path = file.path
        one.title_id = file.title_id
        one.until = trio.current_time() + self.settings.linger_seconds
        if one.parent in self.ledger.targets and file.path.endswith(f"/{os.fsdecode(one.name)}"):
            one.until = trio.current_time()  # from here on the library shows it, under the same name
        one.settled.set()
        self._ending.set()

    async def _put_back(self, group: bytes, files: Mapping[bytes, Way], reasons: Mapping[bytes, str]) -> None:
        gone: list[tuple[int, bytes]] = []
        aim = aim_of_group(group)
        removed = aim is not None and aim.purpose is Purpose.REMOVED
        async with self.ledger.lock:
            for way in await trio.to_thread.run_sync(self._groups.left_in, group):
                path = self._groups.filing_path(group, way)
                one = self.ledger.shown_from(group, way)
                if is_litter(way[-1]) or (removed and path not in reasons):
                    await trio.to_thread.run_sync(self._groups.drop, group, way)
                    gone += [] if one is None else [(one.parent, one.name)]
                else:
                    reason = reasons.get(path, "would not be kept by anybody")
                    status = await trio.to_thread.run_sync(
                        self._groups.give_back, group, way, files.get(path) or way_back(way, aim)
                    )
                    self.ledger.failures[status.st_ino] = Failure(reason, status.st_ctime_ns)
                    logger.warning("not filed from the inbox", extra={"file": shown_path(way[-1]), "reason": reason})
                if one is not None:
                    gone += [(one.parent, one.name)] if one.parent in self.ledger.targets else []
                    self.ledger.end(one)
            await trio.to_thread.run_sync(self._groups.end_group, group)
        if gone:
            await trio.to_thread.run_sync(self.on_gone, gone)

    async def _take_up(self) -> bool:
        """Files what a daemon that died had taken, and drops what nobody came back for."""
        await trio.to_thread.run_sync(self.area.forget_old, time.time_ns() - _ABANDONED_NS)
        for group in await trio.to_thread.run_sync(self._groups.groups):
            left = await trio.to_thread.run_sync(self._groups.left_in, group)
            aim = aim_of_group(group)
            files = {self._groups.filing_path(group, way): way_back(way, aim) for way in left}
            await self._import(group, files, FilingFromThread(self._catalogue, {}, aim))
        return True

    # --- disappearing -------------------------------------------------------------------------------------------------

    async def _end_shown(self) -> None:
        while True:
            self._ending = trio.Event()
            now = trio.current_time()
            ended = [one for one in self.ledger.shown.values() if one.until is not None and one.until <= now]
            for one in ended:
                if one.number not in self.ledger.open_files:
                    self.ledger.end(one)
                else:
                    self.ledger.hide(one)
                    one.until = now + self.settings.linger_seconds
            if ended:
                await trio.to_thread.run_sync(self.on_gone, [(one.parent, one.name) for one in ended])
                self.wake()
            waits = [one.until for one in self.ledger.shown.values() if one.until is not None]
            with trio.move_on_at(min(waits, default=now + _RETRY_SECONDS)):
                await self._ending.wait()

    def open_shown(self, shown: Shown) -> int:
        """A descriptor of a file that is being filed or was. Blocks. Raises ``OSError``, ``StoreError``."""
        try:
            return os.open(self._groups.filing_path(shown.group, shown.way), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            if shown.digest is None:
                raise
        return self._store.open(shown.digest)

    async def file_of(self, file_id: int) -> FileRow | None:
        """A file of the library; ``None`` if it has been removed."""
        return await self._catalogue.ask(lambda reader: reader.file(FileId(file_id)))

    def open_blob(self, digest: Digest) -> int:
        """A descriptor of bytes that the library has. Blocks. Raises ``StoreError``."""
        return self._store.open(digest)


def _nobody(_: Sequence[tuple[int, bytes]]) -> None:
    """Nobody shows the inbox."""


def _nothing() -> None:
    """Nobody wants to know."""
