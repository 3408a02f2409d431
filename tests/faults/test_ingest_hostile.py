"""Whatever lies in a folder, the import takes the rest, says what it did not take, and ends with exit code 3."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from offliniofs.blobs.calls import Buffer, LinuxCalls
from offliniofs.domain.arrival import ArrivalOutcome, SourceFile
from offliniofs.domain.content import FileRole, PlacementMode
from offliniofs.domain.errors import ExitCode, ModeUnsupportedError, StoreFullError, UsageError
from offliniofs.ingest.importer import run_import
from offliniofs.ingest.report import ImportedFile, ImportReport
from tests.faults.ingest_workload import holdings, imported, make_store, opened, put, sound, temporary_files
from tests.faults.store_loop import loop_disk


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return make_store(tmp_path / "store")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    put(folder / "good.wav", sound())
    return folder


def messages(report: ImportReport) -> dict[str, str]:
    """Name → what is said of it."""
    return {os.fsdecode(os.path.basename(problem.path)): problem.message for problem in report.problems}


class HookedCalls(LinuxCalls):
    """The store's system calls; ``hook`` is called before each write."""

    def __init__(self, hook: Callable[[], None]) -> None:
        super().__init__()
        self._hook = hook

    def write(self, descriptor: int, data: Buffer, offset: int) -> int:
        self._hook()
        return super().write(descriptor, data, offset)


async def test_what_is_no_regular_file_is_reported_and_the_rest_is_taken(store: Path, source: Path) -> None:
    os.mkfifo(source / "pipe.wav")
    (source / "loop").symlink_to("loop")
    put(source / "empty.wav", b"")
    put(source / "half.mkv.part", b"x")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(source / "socket.wav"))
        report = await imported(store, source)
    assert set(messages(report)) == {"pipe.wav", "loop", "empty.wav", "half.mkv.part", "socket.wav"}
    assert report.exit_code is ExitCode.PARTLY_DONE
    assert holdings(store) == {"good.wav": sound()}


async def test_strange_names_are_taken(store: Path, source: Path) -> None:
    names = [
        b"caf\xe9.wav",
        b"two\nlines.wav",
        b"bell\x07\x1b[31m.wav",
        b"n" * 251 + b".wav",
        b"\xff\xfe\xfd.wav",
        b"-rf.wav",
    ]
    for seed, name in enumerate(names, 1):
        (source / os.fsdecode(name)).write_bytes(sound(seed=seed))
    report = await imported(store, source)
    assert report.problems == ()
    assert set(holdings(store)) == {"good.wav", *map(os.fsdecode, names)}


def nested(folder: Path, depth: int, name: str, content: bytes) -> None:
    """A file that lies so many folders of 200 letters down, made step by step, as its path may be too long to open."""
    before = os.getcwd()
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    try:
        for _ in range(depth):
            os.makedirs("d" * 200, exist_ok=True)
            os.chdir("d" * 200)
        Path(name).write_bytes(content)
    finally:
        os.chdir(before)


async def test_a_path_of_four_kilobytes_is_taken_and_a_longer_one_reported(store: Path, tmp_path: Path) -> None:
    source = tmp_path / "deep"
    nested(source, 18, "taken.wav", sound())
    nested(source, 22, "too deep.wav", sound(seed=1))
    report = await imported(store, source)
    assert "longer than 4095 bytes" in " ".join(messages(report).values())
    assert set(holdings(store)) == {"taken.wav"}


async def test_nfo_files_that_are_none_are_kept_and_reported(store: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("Bomb (2001)", "Huge (2002)", "Broken (2003)"):
        put(source / name / f"{name}.wav", sound(seed=len(name)))
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><movie><title>&b;</title></movie>'
    put(source / "Bomb (2001)" / "Bomb (2001).nfo", bomb)
    put(source / "Broken (2003)" / "Broken (2003).nfo", b"<movie><title>x</movie>")
    with put(source / "Huge (2002)" / "Huge (2002).nfo", b"<movie>").open("r+b") as huge:
        huge.truncate(1 << 26)
    report = await imported(store, source)
    assert set(messages(report)) == {"Bomb (2001).nfo", "Huge (2002).nfo", "Broken (2003).nfo"}
    assert report.filed_files == 6


async def test_a_sparse_nfo_of_a_gigabyte_is_described_without_reading_it(store: Path, tmp_path: Path) -> None:
    put(tmp_path / "source" / "film.wav", sound())
    with put(tmp_path / "source" / "film.nfo", b"<movie>").open("r+b") as huge:
        huge.truncate(1 << 30)
    report = await imported(store, tmp_path / "source", dry_run=True)
    assert "larger than" in messages(report)["film.nfo"]


async def test_a_file_that_lies_about_its_type_is_kept_and_reported(store: Path, source: Path) -> None:
    put(source / "Film (1999).mkv", b"#!/bin/sh\necho this is no film\n")
    put(source / "noise.mp3", os.urandom(4096))
    report = await imported(store, source)
    assert "is not what its name says" in messages(report)["Film (1999).mkv"]
    assert set(holdings(store)) == {"good.wav", "Film (1999).mkv", "noise.mp3"}


async def test_a_file_that_changes_once_while_it_is_read_is_taken_in_the_end(store: Path, source: Path) -> None:
    growing = put(source / "growing.bin", bytes(5 << 20))
    put(source / "growing.nfo", b"https://www.imdb.com/title/tt0083658/")
    done: list[bool] = []

    def grow() -> None:
        if not done:
            done.append(True)
            with growing.open("ab") as stream:
                stream.write(b"more")

    report = await imported(store, growing, source, calls=HookedCalls(grow))
    assert report.problems == ()
    assert holdings(store)["growing.bin"] == bytes(5 << 20) + b"more"
    assert temporary_files(store) == []


async def test_sidecars_share_the_fate_of_their_media_file(store: Path, tmp_path: Path) -> None:
    film = put(tmp_path / "source" / "film.wav", sound(seconds=700))
    put(film.with_suffix(".en.srt"), b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")

    def grow() -> None:
        with film.open("ab") as stream:
            stream.write(b"more")

    report = await imported(store, film.parent, calls=HookedCalls(grow))
    assert set(messages(report)) == {"film.wav", "film.en.srt"}
    assert holdings(store) == {}
    again = await imported(store, film.parent)
    assert again.problems == ()
    assert set(holdings(store)) == {"film.wav", "film.en.srt"}


def _damage(store: Path, size: int | None = None) -> None:
    """Spoils the one blob of the store: gives it another size, or other bytes."""
    (damaged,) = (path for path in (store / "blobs").glob("??/??/*"))
    damaged.chmod(0o600)
    if size is not None:
        os.truncate(damaged, size)
    else:
        damaged.write_bytes(bytes(damaged.stat().st_size))


async def test_a_blob_of_the_wrong_size_is_replaced_by_any_file_with_its_bytes(store: Path, source: Path) -> None:
    await imported(store, source)
    _damage(store, 7)
    os.utime(source / "good.wav", (1, 1))
    report = await imported(store, source)
    assert (report.filed_files, report.problem_count, report.replaced_blobs) == (1, 0, 1)
    assert holdings(store)["good.wav"] == (source / "good.wav").read_bytes()


async def test_verifying_replaces_a_blob_with_other_bytes_though_its_source_is_known(store: Path, source: Path) -> None:
    await imported(store, source)
    _damage(store)
    assert (await imported(store, source)).known_files == 1
    report = await imported(store, source, verify=True)
    assert (report.known_files, report.replaced_blobs, report.problem_count) == (0, 1, 0)
    assert holdings(store)["good.wav"] == (source / "good.wav").read_bytes()
    again = await imported(store, source, verify=True)
    assert (again.duplicate_files, again.replaced_blobs) == (1, 0)
    assert temporary_files(store) == []


async def test_a_sidecar_of_a_file_that_cannot_be_read_is_not_taken_alone(store: Path, tmp_path: Path) -> None:
    film = put(tmp_path / "source" / "film.wav", sound())
    put(film.with_suffix(".en.srt"), b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    with opened(store) as library:

        def vanish(file: SourceFile) -> bool:
            film.unlink(missing_ok=True)
            return False

        report = await run_import([film.parent], replace(library, is_known=vanish))
    assert "goes with a file that could not be taken" in messages(report)["film.en.srt"]
    assert (report.filed_files, report.problem_count) == (0, 2)


async def test_a_file_that_keeps_changing_is_reported(store: Path, source: Path) -> None:
    growing = put(source / "growing.bin", bytes(5 << 20))

    def grow() -> None:
        with growing.open("ab") as stream:
            stream.write(b"more")

    report = await imported(store, source, calls=HookedCalls(grow))
    assert "kept changing" in messages(report)["growing.bin"]
    assert set(holdings(store)) == {"good.wav"}
    assert temporary_files(store) == []


async def test_a_file_that_changes_and_then_vanishes_is_reported(store: Path, tmp_path: Path) -> None:
    growing = put(tmp_path / "source" / "growing.bin", bytes(5 << 20))

    def grow() -> None:
        if growing.exists():
            with growing.open("ab") as stream:
                stream.write(b"more")
            growing.unlink()

    report = await imported(store, growing.parent, calls=HookedCalls(grow))
    assert "now it is gone" in messages(report)["growing.bin"]


async def test_a_file_that_vanishes_after_it_was_found_is_reported(store: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number in range(3):
        put(source / f"{number}" / f"{number}.wav", sound(seed=number))
    with opened(store) as library:

        def vanish(file: SourceFile) -> bool:
            if file.name == b"1.wav":
                os.unlink(file.path)
            return False

        report = await run_import([source], replace(library, is_known=vanish))
    assert "No such file" in messages(report)["1.wav"]
    assert set(holdings(store)) == {"0.wav", "2.wav"}


def test_a_folder_that_nobody_may_read_is_reported(tmp_path: Path) -> None:
    """As another user, since root may read everything."""
    source = tmp_path / "source"
    put(source / "good.wav", sound())
    put(source / "secret" / "film.wav", sound(seed=1))
    put(source / "locked.wav", sound(seed=2))
    store = make_store(tmp_path / "store")
    (source / "secret").chmod(0)
    (source / "locked.wav").chmod(0)
    code = (
        "import trio, sys\nfrom pathlib import Path\nfrom tests.faults.ingest_workload import imported\n"
        "report = trio.run(lambda: imported(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "print(sorted(problem.path.rpartition(b'/')[2].decode() for problem in report.problems), report.filed_files)"
    )
    command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    done = subprocess.run(
        [*command, sys.executable, "-c", code, str(store), str(source)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "['locked.wav', 'secret'] 1", done.stderr


async def test_the_same_bytes_under_two_names_are_stored_once(store: Path, source: Path) -> None:
    os.link(source / "good.wav", source / "linked.wav")
    put(source / "Second" / "copy.wav", sound())
    report = await imported(store, source)
    assert report.problems == ()
    assert (report.filed_files, report.duplicate_files) == (3, 2)
    assert (report.stored_bytes, report.saved_bytes) == (len(sound()), 2 * len(sound()))


async def test_a_second_import_reads_nothing(store: Path, source: Path) -> None:
    await imported(store, source)
    report = await imported(store, source)
    assert (report.known_files, report.filed_files, report.known_bytes) == (1, 0, len(sound()))
    assert report.exit_code is ExitCode.DONE


async def test_a_file_that_has_changed_since_is_imported_again(store: Path, source: Path) -> None:
    await imported(store, source)
    put(source / "good.wav", sound(seed=7))
    report = await imported(store, source)
    assert (report.known_files, report.filed_files) == (0, 1)
    assert holdings(store)["good.wav"] == sound(seed=7)


async def test_a_new_subtitle_finds_the_film_of_an_earlier_import(store: Path, tmp_path: Path) -> None:
    film = put(tmp_path / "in" / "Film (1999)" / "Film (1999).wav", sound())
    await imported(store, tmp_path / "in")
    put(film.with_suffix(".en.srt"), b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    seen: list[ImportedFile] = []
    report = await imported(store, tmp_path / "in", on_file=seen.append)
    assert (report.known_files, report.filed_files) == (1, 1)
    assert seen[0].role is FileRole.SUBTITLE
    assert seen[0].path.endswith(".en.srt")


async def test_a_dry_run_touches_nothing_and_says_what_would_be_filed(store: Path, source: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in (store / "blobs").rglob("*"))
    seen: list[ImportedFile] = []
    report = await imported(store, source, dry_run=True, on_file=seen.append)
    assert (report.dry_run, report.filed_files) == (True, 1)
    assert seen[0].path.startswith("music/")
    assert seen[0].digest is None
    assert sorted((path, path.stat().st_mtime_ns) for path in (store / "blobs").rglob("*")) == before
    assert holdings(store) == {}


async def test_moving_removes_originals_once_they_are_filed(store: Path, source: Path) -> None:
    report = await imported(store, source, mode=PlacementMode.MOVE)
    assert report.removed_files == 1
    assert not (source / "good.wav").exists()
    assert holdings(store) == {"good.wav": sound()}


async def test_moving_what_is_stored_already_removes_it_too(store: Path, source: Path) -> None:
    seen: list[ImportedFile] = []
    await imported(store, source)
    report = await imported(store, source, mode=PlacementMode.MOVE, on_file=seen.append)
    assert (report.removed_files, report.duplicate_files) == (1, 1)
    assert seen[0].outcome is ArrivalOutcome.UPDATED
    assert holdings(store) == {"good.wav": sound()}


async def test_a_hard_link_shares_the_original(store: Path, source: Path) -> None:
    await imported(store, source, mode=PlacementMode.HARDLINK)
    assert (source / "good.wav").stat().st_nlink == 2
    assert holdings(store) == {"good.wav": sound()}


@pytest.mark.parametrize("mode", [PlacementMode.HARDLINK, PlacementMode.REFLINK])
async def test_a_mode_that_cannot_work_here_ends_the_import_before_anything_is_stored(
    store: Path, tmp_path: Path, mode: PlacementMode
) -> None:
    with loop_disk("ext4", tmp_path) as disk:
        put(disk.mountpoint / "a.wav", sound())
        put(disk.mountpoint / "b" / "b.wav", sound(seed=1))
        with pytest.raises(ModeUnsupportedError):
            await imported(store, disk.mountpoint, mode=mode)
    assert holdings(store) == {}
    assert temporary_files(store) == []


async def test_a_full_disk_ends_the_import_and_leaves_what_was_filed(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number in range(6):
        put(source / f"{number}.bin", os.urandom(3 << 20))
    with loop_disk("ext4", tmp_path) as disk:
        store = make_store(disk.mountpoint / "store")
        sums: list[ImportReport] = []
        with pytest.raises(StoreFullError):
            await imported(store, source, on_failure=sums.append)
        held = holdings(store)
        assert [(one.filed_files, one.failed, one.exit_code) for one in sums] == [(len(held), True, 3)]
        assert 0 < len(held) < 6
        assert all(held[name] == (source / name).read_bytes() for name in held)
        assert temporary_files(store) == []


async def test_the_store_itself_is_refused(store: Path) -> None:
    with pytest.raises(UsageError, match="is the store itself"):
        await imported(store, store / "blobs")
