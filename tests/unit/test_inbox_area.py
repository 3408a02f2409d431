"""The staging folder: nothing is followed, nothing half is taken for whole, a blob is never written through it."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.domain.ids import Digest
from offliniofs.ingest.inbox_area import DEEPEST, SAVES, Found, Owner, StagingArea
from offliniofs.ingest.inbox_groups import FilingGroups

ME = Owner(os.getuid(), os.getgid())


@pytest.fixture
def area(tmp_path: Path) -> Iterator[StagingArea]:
    made = StagingArea(tmp_path / "staging", boot="today")
    yield made
    made.close()


def _write(area: StagingArea, name: bytes, content: bytes, *, close: bool = True) -> None:
    descriptor = area.make_file((), name, 0o644, ME)
    os.write(descriptor, content)
    if close:
        area.marks.end_writing(descriptor)
    os.close(descriptor)


def _only(area: StagingArea) -> Found:
    (found,) = area.walk()
    return found


def test_a_folder_is_listed_whole_while_another_thread_lists_it(area: StagingArea) -> None:
    _write(area, b"clip.mkv", b"x")
    os.close(area.make_save(b"f7", b"film.mkv", ME, Digest(b"d" * 32)))
    held = [int(name) for name in os.listdir("/proc/self/fd")]
    here = [number for number in held if _leads_to(number).startswith(os.fsdecode(area.folder))]
    assert len(here) == 3
    with contextlib.ExitStack() as others:
        for descriptor in here:  # each is in the middle of being read
            next(others.enter_context(os.scandir(descriptor)), None)
        assert [found.way for found in area.walk()] == [(b"clip.mkv",)]
        assert [name for name, _ in area.entries(())] == [b"clip.mkv"]
        assert [found.way for found in area.walk_saves()] == [(SAVES, b"f7", b"film.mkv")]


def _leads_to(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except FileNotFoundError:  # that of the listing itself
        return ""


def test_a_file_is_unfinished_until_it_was_closed_in_this_run_of_the_machine(area: StagingArea, tmp_path: Path) -> None:
    _write(area, b"a", b"half", close=False)
    assert not _only(area).finished
    descriptor = area.open_to_write((b"a",))
    area.marks.end_writing(descriptor)
    os.close(descriptor)
    assert _only(area).finished
    after_power_cut = StagingArea(tmp_path / "staging", boot="tomorrow")
    assert not _only(after_power_cut).finished
    after_power_cut.close()
    os.close(area.open_to_write((b"a",)))
    assert not _only(area).finished


def test_no_link_is_followed(area: StagingArea, tmp_path: Path) -> None:
    """None can be made through the mount; should one be there, it leads nowhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"mine")
    inbox = tmp_path / "staging" / "inbox"
    (inbox / "folder").symlink_to(outside)
    (inbox / "file").symlink_to(outside / "file")
    for attempt in (
        lambda: area.open_to_read((b"file",)),
        lambda: area.open_to_write((b"file",)),
        lambda: area.open_to_read((b"folder", b"file")),
        lambda: area.make_file((b"folder",), b"new", 0o644, ME),
        lambda: area.make_folder((b"folder",), b"new", 0o755, ME),
        lambda: area.remove_file((b"folder", b"file"), keep=False),
        lambda: area.entries((b"folder",)),
    ):
        with pytest.raises(OSError, match=r".") as caught:
            attempt()
        assert caught.value.errno in {errno.ELOOP, errno.ENOTDIR}
    assert os.listdir(outside) == ["file"]
    assert (outside / "file").read_bytes() == b"mine"
    assert {item.way for item in area.walk()} == {(b"folder",), (b"file",)}


def test_a_blob_that_shares_the_file_is_never_written(area: StagingArea, tmp_path: Path) -> None:
    """A file that could not be filed may be a blob's second name already."""
    _write(area, b"a", b"blob")
    blob = tmp_path / "blob"
    os.link(tmp_path / "staging" / "inbox" / "a", blob)
    descriptor = area.open_to_write((b"a",))
    assert os.read(descriptor, 9) == b"blob"
    os.pwrite(descriptor, b"else", 0)
    os.close(descriptor)
    assert blob.read_bytes() == b"blob"
    assert (tmp_path / "staging" / "inbox" / "a").read_bytes() == b"else"


def test_only_what_was_found_is_claimed(area: StagingArea) -> None:
    groups = FilingGroups(area)
    _write(area, b"a", b"1")
    found = _only(area)
    os.utime(os.path.join(area.folder, b"inbox", b"a"))
    assert groups.claim(b"1", [(found, (b"inbox", b"a"))]) == []
    found = _only(area)
    assert groups.claim(b"1", [(found, (b"inbox", b"a"))]) == [(found, (b"inbox", b"a"))]
    assert area.walk() == []
    assert groups.left_in(b"1") == [(b"inbox", b"a")]
    _write(area, b"a", b"2")
    groups.give_back(b"1", (b"inbox", b"a"), (b"a",))
    groups.end_group(b"1")
    assert [item.way for item in area.walk()] == [(b"a",), (b"a (2)",)]
    assert groups.groups() == []
    groups.close()


def test_one_process_files(area: StagingArea) -> None:
    first, second = FilingGroups(area), FilingGroups(area)
    assert first.hold()
    assert not second.hold()
    first.close()
    assert second.hold()
    second.close()


def test_folders_are_only_so_deep(area: StagingArea) -> None:
    way: tuple[bytes, ...] = ()
    for _ in range(DEEPEST):
        area.make_folder(way, b"d", 0o755, ME)
        way = (*way, b"d")
    with pytest.raises(OSError, match=r".") as caught:
        area.make_folder(way, b"d", 0o755, ME)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert len(area.walk()) == DEEPEST


def test_removed_files_stay_under_their_number_while_they_are_open(area: StagingArea) -> None:
    _write(area, b"a", b"kept")
    number = _only(area).number
    area.remove_file((b"a",), keep=True)
    assert area.walk() == []
    descriptor = area.open_removed(number)
    assert os.read(descriptor, 9) == b"kept"
    os.close(descriptor)
    area.drop_removed(number)
    area.drop_removed(number)
    with pytest.raises(FileNotFoundError):
        area.open_removed(number)
    _write(area, b"b", b"x")
    area.remove_file((b"b",), keep=True)
    area.forget_old(0)
    assert os.listdir(os.path.join(area.folder, b"removed")) != []
    area.forget_old(time.time_ns() + 10**12)
    assert os.listdir(os.path.join(area.folder, b"removed")) == []


def test_a_save_knows_what_it_begins_with_until_it_is_written(area: StagingArea, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old bytes")
    descriptor = area.make_save(b"f7", b"film.mkv", ME, Digest(b"d" * 32))
    assert area.marks.base_of(descriptor) == b"d" * 32
    source = os.open(old, os.O_RDONLY)
    area.fill(descriptor, source)
    assert area.marks.base_of(descriptor) is None
    assert os.pread(descriptor, 99, 0) == b"old bytes"
    assert [item.way for item in area.walk_saves()] == [(SAVES, b"f7", b"film.mkv")]
    assert area.walk() == []
    area.end_save(b"f7")
    area.forget_old(time.time_ns() + 10**12)
    assert area.walk_saves() == []
    os.close(source)
    os.close(descriptor)
