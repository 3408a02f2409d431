"""An import that is killed, interrupted or run twice at once: in the end everything is there, and there once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import trio
import trio.testing

from offliniofs.blobs.protocol import BlobStore, Source, Staged, Stored
from offliniofs.blobs.protocol import Progress as BlobProgress
from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobCorruptError, CatalogBusyError, CatalogError, ExitCode, StoreError, UsageError
from offliniofs.ingest.file import Filing
from offliniofs.ingest.importer import run_import
from offliniofs.ingest.progress import Progress
from offliniofs.ingest.report import ImportedFile
from tests.faults.ingest_workload import holdings, imported, make_store, opened, put, sound, temporary_files

FILES = 40


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return make_store(tmp_path / "store")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for number in range(FILES):
        put(folder / f"Album {number // 10}" / f"{number}.wav", sound(seed=number * 1000))
    put(folder / "large.bin", bytes(range(256)) * (24 << 12))
    return folder


def expected(source: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in source.rglob("*") if path.is_file()}


def start(store: Path, source: Path) -> subprocess.Popen[str]:
    """An import in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.ingest_workload", str(store), str(source)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_files(process: subprocess.Popen[str], count: int) -> None:
    """Waits until so many files are filed."""
    assert process.stdout is not None
    for _ in range(count):
        assert process.stdout.readline() == "filed\n"


def finish(process: subprocess.Popen[str]) -> dict[str, object]:
    """The report of an import that ends by itself."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    report: dict[str, object] = json.loads(output.splitlines()[-1])
    return report


@pytest.mark.parametrize("after", [0, 1, 11, 25])
def test_a_killed_import_goes_on_where_it_stopped(store: Path, source: Path, after: int) -> None:
    process = start(store, source)
    wait_for_files(process, after)
    process.kill()
    process.communicate()
    held = holdings(store)
    assert held.items() <= expected(source).items()
    assert len(held) >= after
    report = finish(start(store, source))
    assert report["problems"] == []
    assert report["known"] == len(held)
    assert holdings(store) == expected(source)
    assert temporary_files(store) == []


def test_an_interrupted_import_ends_in_order_and_goes_on_later(store: Path, source: Path) -> None:
    process = start(store, source)
    wait_for_files(process, 1)
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    assert stopped["problems"] == []
    assert len(holdings(store)) == stopped["filed"]
    assert temporary_files(store) == []
    finish(start(store, source))
    assert holdings(store) == expected(source)


def test_two_imports_of_the_same_folder_at_once(store: Path, source: Path) -> None:
    processes = [start(store, source), start(store, source)]
    reports = [finish(process) for process in processes]
    assert [report["problems"] for report in reports] == [[], []]
    assert holdings(store) == expected(source)
    assert temporary_files(store) == []
    assert finish(start(store, source))["known"] == len(expected(source))


class Wrapped:
    """A store that passes everything on; tests change single methods."""

    def __init__(self, inner: BlobStore) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


class Ending(Wrapped):
    """Calls ``end`` on the event loop in the middle of ``large.bin``, and waits until that has been noticed."""

    def __init__(self, inner: BlobStore, end: Callable[[], None]) -> None:
        super().__init__(inner)
        self._end = end

    def stage(
        self,
        source: Source,
        mode: PlacementMode = PlacementMode.AUTO,
        *,
        expected_size: int | None = None,
        maybe_stored: bool = False,
        verify_stored: bool = False,
        progress: BlobProgress | None = None,
    ) -> Staged:
        def told(count: int) -> None:
            if source.path.endswith(b"large.bin"):
                trio.from_thread.run_sync(self._end)
                with contextlib.suppress(trio.Cancelled):
                    trio.from_thread.run(trio.testing.wait_all_tasks_blocked)
            if progress is not None:
                progress(count)

        return self.inner.stage(source, mode, expected_size=expected_size, progress=told)


async def test_stopping_in_the_middle_of_a_copy_files_what_was_staged(store: Path, source: Path) -> None:
    stop = trio.Event()
    with opened(store) as library:
        stopping: BlobStore = Ending(library.store, stop.set)  # type: ignore[assignment]  # the rest is passed on
        report = await run_import([source], replace(library, store=stopping), stop=stop)
    assert report.interrupted
    assert report.exit_code is ExitCode.PARTLY_DONE
    assert "large.bin" not in holdings(store)
    assert len(holdings(store)) == report.filed_files
    assert temporary_files(store) == []
    await imported(store, source)
    assert holdings(store) == expected(source)


async def test_cancelling_leaves_no_temporary_file_and_no_dangling_row(store: Path, source: Path) -> None:
    seen: list[ImportedFile] = []
    with opened(store) as library, trio.CancelScope() as scope:
        cancelled: BlobStore = Ending(library.store, scope.cancel)  # type: ignore[assignment]  # the rest is passed on
        await run_import([source], replace(library, store=cancelled), on_file=seen.append)
    assert scope.cancelled_caught
    held = holdings(store)
    assert len(held) == len(seen)
    assert held.items() <= expected(source).items()
    assert "large.bin" not in held
    assert temporary_files(store) == []


class FailingCatalogue:
    """Raises what ``failure`` says of a batch, and files the others."""

    def __init__(self, inner: Filing, error: CatalogError, name: bytes) -> None:
        self._inner = inner
        self._error = error
        self._name = name

    def file_arrivals(self, batch: Sequence[Arrival]) -> list[Filed]:
        if any(arrival.source.name == self._name for arrival in batch):
            raise self._error
        return self._inner.file_arrivals(batch)


async def test_a_file_that_the_catalogue_refuses_does_not_take_others_with_it(store: Path, source: Path) -> None:
    with opened(store) as library:
        catalogue = FailingCatalogue(library.catalogue, CatalogError("no such year"), b"7.wav")
        report = await run_import([source], replace(library, catalogue=catalogue))
    assert [str(problem).rpartition("/")[2] for problem in report.problems] == ["7.wav: no such year"]
    assert set(holdings(store)) == set(expected(source)) - {"7.wav"}


async def test_a_locked_catalogue_ends_the_import(store: Path, source: Path) -> None:
    with opened(store) as library:
        catalogue = FailingCatalogue(library.catalogue, CatalogBusyError("locked"), b"7.wav")
        with pytest.raises(CatalogBusyError):
            await run_import([source], replace(library, catalogue=catalogue))
    assert "7.wav" not in holdings(store)
    assert temporary_files(store) == []


async def test_a_catalogue_that_cannot_be_asked_ends_the_import(store: Path, source: Path) -> None:
    def fail(_: object) -> bool:
        raise CatalogBusyError("locked")

    with opened(store) as library, pytest.raises(CatalogBusyError):
        await run_import([source], replace(library, is_known=fail))
    assert holdings(store) == {}


async def test_a_failing_disk_ends_the_import_and_no_row_is_written(store: Path, source: Path) -> None:
    class Failing(Wrapped):
        def commit(self, staged: Sequence[Staged]) -> list[Stored]:
            for one in staged:
                self.inner.abandon(one)
            raise StoreError("the disk failed")

    with opened(store) as library:
        failing: BlobStore = Failing(library.store)  # type: ignore[assignment]  # the rest is passed on
        with pytest.raises(StoreError, match="the disk failed"):
            await run_import([source], replace(library, store=failing))
    assert holdings(store) == {}
    assert temporary_files(store) == []


async def test_a_corrupt_blob_fails_only_the_files_that_have_its_bytes(store: Path, source: Path) -> None:
    class Corrupt(Wrapped):
        def commit(self, staged: Sequence[Staged]) -> list[Stored]:
            if any(one.origin.source.path.endswith(b"/7.wav") for one in staged):
                for one in staged:
                    self.inner.abandon(one)
                raise BlobCorruptError("its blob is damaged")
            return self.inner.commit(staged)

    with opened(store) as library:
        corrupt: BlobStore = Corrupt(library.store)  # type: ignore[assignment]  # the rest is passed on
        report = await run_import([source], replace(library, store=corrupt))
    assert [str(problem).rpartition("/")[2] for problem in report.problems] == ["7.wav: its blob is damaged"]
    assert set(holdings(store)) == set(expected(source)) - {"7.wav"}


async def test_an_original_that_cannot_be_removed_stays_and_is_reported(store: Path, source: Path) -> None:
    class Keeping(Wrapped):
        def discard_source(self, stored: Stored) -> None:
            if stored.origin.source.path.endswith(b"/7.wav"):
                raise StoreError("it is still in use")
            self.inner.discard_source(stored)

    with opened(store) as library:
        keeping: BlobStore = Keeping(library.store)  # type: ignore[assignment]  # the rest is passed on
        report = await run_import([source], replace(library, store=keeping), mode=PlacementMode.MOVE)
    assert report.removed_files == FILES
    assert [os.path.basename(problem.path) for problem in report.problems] == [b"7.wav"]
    assert set(expected(source)) == {"7.wav"}


async def test_progress_is_told_until_the_end(store: Path, source: Path) -> None:
    seen: list[Progress] = []
    with opened(store) as library:
        report = await run_import([source], library, report=seen.append)
    last = seen[-1]
    assert last.found_all
    assert (last.settled_files, last.read_bytes) == (last.found_files, last.found_bytes)
    assert (last.filed_files, last.problems) == (report.filed_files, 0)


async def test_wrong_use_is_told_before_anything_begins(store: Path, tmp_path: Path) -> None:
    with opened(store) as library, pytest.raises(UsageError):
        await run_import([tmp_path / "missing"], library)
