"""What the import's tests stand on: small real media, a library to import into, and a look at what it holds.

Run as a program (``python -m tests.faults.ingest_workload STORE SOURCE``) it imports until it is done or SIGINT stops
it, and prints the report's numbers as JSON. It says ``filed`` on a line of its own after each file.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import trio

from offliniofs.blobs.calls import StoreCalls
from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store
from offliniofs.catalog.migration import check, create
from offliniofs.catalog.reader import open_reader
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.writer import Writer
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.ids import Digest
from offliniofs.ingest.importer import Library, run_import
from offliniofs.ingest.report import ImportedFile, ImportReport
from offliniofs.ingest.settings import ImportSettings
from offliniofs.tree.names import LibraryNaming

_SOURCES = Statement(
    """SELECT s.path, b.digest, b.size, f.role, f.name FROM import_sources s
    JOIN files f ON f.id = s.file_id JOIN blobs b ON b.id = f.blob_id ORDER BY s.path"""
)
_BLOBS = Statement("SELECT digest FROM blobs")


def sound(seconds: float = 0.05, seed: int = 0) -> bytes:
    """A playable WAV file, another one for each seed (https://www.rfc-editor.org/rfc/rfc2361, WAVE_FORMAT_PCM)."""
    data = b"".join((seed + step).to_bytes(8, "little") for step in range(int(seconds * 8000) // 8 + 1))
    form = b"WAVEfmt " + (16).to_bytes(4, "little") + b"\1\0\1\0" + (8000).to_bytes(4, "little") * 2 + b"\1\0\x08\0"
    form += b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(form).to_bytes(4, "little") + form


def put(path: Path, content: bytes) -> Path:
    """Writes a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def make_store(folder: Path) -> Path:
    """An empty store with its catalogue."""
    initialise(folder)
    create(folder / "catalog.sqlite")
    return folder


@contextlib.contextmanager
def opened(folder: Path, calls: StoreCalls | None = None, reserve: int = 0) -> Iterator[Library]:
    """The library in a store, ready for an import."""
    naming = LibraryNaming()
    catalogue = folder / "catalog.sqlite"
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_store(folder, calls=calls, reserve=reserve))
        writer, reader = Writer(catalogue, naming), open_reader(catalogue, lambda *_: [])
        stack.callback(writer.close)
        stack.callback(reader.close)
        yield Library(folder, store, writer, lambda source: reader.known_source(source) is not None, naming)


async def imported(
    folder: Path,
    *paths: Path,
    mode: PlacementMode = PlacementMode.AUTO,
    dry_run: bool = False,
    on_file: Callable[[ImportedFile], None] | None = None,
    calls: StoreCalls | None = None,
    verify: bool = False,
    on_failure: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Imports into the store and returns the report."""
    with opened(folder, calls) as library:
        return await run_import(
            paths,
            library,
            mode=mode,
            dry_run=dry_run,
            on_file=on_file,
            settings=ImportSettings(probers=1),
            verify=verify,
            on_failure=on_failure,
        )


def holdings(folder: Path) -> dict[str, bytes]:
    """Name of each source that was imported → its bytes as the store has them. Everything is checked on the way."""
    report = check(folder / "catalog.sqlite")
    assert report.sound, report.problems
    writer = Writer(folder / "catalog.sqlite", LibraryNaming())
    try:
        rows = writer.database.rows(_SOURCES)
        digests = {Digest(row[0]) for row in writer.database.rows(_BLOBS)}
    finally:
        writer.close()
    with open_store(folder) as store:
        for digest in digests:
            store.verify(digest)
        return {os.fsdecode(os.path.basename(row[0])): _content(store, Digest(row[1])) for row in rows}


def temporary_files(folder: Path) -> list[str]:
    """What lies in the store's temporary folders, once those of dead processes were cleaned up."""
    with open_store(folder) as store:
        store.clean_temporary()
    return [name for _, _, names in os.walk(folder / "blobs" / "tmp") for name in names]


def _content(store: FilesystemStore, digest: Digest) -> bytes:
    with open(store.open(digest), "rb") as stream:
        return stream.read()


async def _main(store: Path, source: Path) -> None:
    stop = trio.Event()

    async def listen(*, task_status: trio.TaskStatus[None]) -> None:
        with trio.open_signal_receiver(signal.SIGINT) as signals:
            task_status.started()
            async for _ in signals:
                stop.set()

    def say(_: ImportedFile) -> None:
        print("filed", flush=True)

    async with trio.open_nursery() as nursery:
        await nursery.start(listen)
        with opened(store) as library:
            report = await run_import([source], library, on_file=say, stop=stop, settings=ImportSettings(probers=1))
        nursery.cancel_scope.cancel()
    found = {"filed": report.filed_files, "known": report.known_files, "interrupted": report.interrupted}
    print(json.dumps({**found, "problems": [str(problem) for problem in report.problems]}), flush=True)


if __name__ == "__main__":
    trio.run(_main, Path(sys.argv[1]), Path(sys.argv[2]))
