"""Who removes or copies a whole folder is told from who touches a file in it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyfuse3
import pytest

from offliniofs.domain.actors import Actor
from offliniofs.fuse.clients import actor_of, process_of
from offliniofs.fuse.refusals import Refusals
from offliniofs.fuse.whole_folders import WholeFolders
from offliniofs.tree.inodes import TRASH, directory_base

TITLE = directory_base(1 << 24 | 5) | 7
SEASON = directory_base(1 << 24 | 5) | 8
CANONICAL = directory_base(0) | 7
GONE = directory_base(TRASH) | 7
ME = os.getpid()


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@contextmanager
def another_thread() -> Iterator[int]:
    """The number of a thread of this process that lives for a while."""
    ready, over = threading.Event(), threading.Event()
    number: list[int] = []

    def live() -> None:
        number.append(threading.get_native_id())
        ready.set()
        over.wait()

    thread = threading.Thread(target=live)
    thread.start()
    ready.wait()
    yield number[0]
    over.set()
    thread.join()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folders(clock: Clock) -> WholeFolders:
    return WholeFolders(clock)


@pytest.mark.parametrize("inode", [TITLE, GONE])
def test_who_has_just_listed_a_folder_may_empty_it(folders: WholeFolders, clock: Clock, inode: int) -> None:
    assert not folders.is_removing(inode, ME)
    folders.listed(inode, ME)
    assert folders.is_removing(inode, ME)
    assert not folders.is_removing(inode, ME + 1)
    assert not folders.is_removing(inode, None)
    clock.now += 11
    assert not folders.is_removing(inode, ME)


def test_a_folder_above_waits_for_those_below(folders: WholeFolders, clock: Clock) -> None:
    folders.listed(TITLE, ME)
    folders.listed(SEASON, ME)
    for _ in range(5):
        clock.now += 9
        assert folders.is_removing(SEASON, ME)
    assert folders.is_removing(TITLE, ME)


def test_threads_of_one_process_are_one_client(folders: WholeFolders) -> None:
    with another_thread() as thread:
        folders.listed(TITLE, thread)
        assert folders.is_removing(TITLE, ME)


def test_shelves_need_no_prelude(folders: WholeFolders) -> None:
    folders.listed(CANONICAL, ME)
    assert not folders.is_removing(CANONICAL, ME)


def test_memory_is_bounded(folders: WholeFolders) -> None:
    for number in range(2000):
        folders.listed(TITLE + number, ME)
        folders.begin_copy(TITLE + number, ME)
    assert not folders.is_removing(TITLE, ME)
    assert not folders.is_copying(TITLE, ME)
    assert folders.is_removing(TITLE + 1999, ME)
    assert folders.is_copying(TITLE + 1999, ME)


def test_who_copies_does_not_see_what_it_has_not_copied_yet(folders: WholeFolders, clock: Clock) -> None:
    assert not folders.hides(TITLE, b"a.mkv", ME)
    folders.begin_copy(TITLE, None)
    assert not folders.hides(TITLE, b"a.mkv", ME)
    folders.begin_copy(TITLE, ME)
    assert folders.is_copying(TITLE, ME)
    assert folders.hides(TITLE, b"a.mkv", ME)
    assert not folders.hides(TITLE, b"a.mkv", 1)
    assert not folders.hides(SEASON, b"a.mkv", ME)
    folders.copied(TITLE, "a.mkv")
    folders.copied(SEASON, "a.mkv")
    assert not folders.hides(TITLE, b"a.mkv", ME)
    assert folders.hides(TITLE, b"b.mkv", ME)
    clock.now += 11
    assert not folders.hides(TITLE, b"b.mkv", ME)
    assert not folders.is_copying(TITLE, ME)


def test_a_client_is_a_process_with_a_name() -> None:
    assert process_of(ME)[0] == ME
    assert process_of(ME)[1]
    assert process_of(2**22 + 1) == (2**22 + 1, "")
    with another_thread() as thread:
        assert process_of(thread)[0] == ME
    ctx = pyfuse3.RequestContext()
    assert actor_of(ctx) == Actor(ctx.uid, ctx.gid)


def test_refusals_are_told_once_and_kept_bounded() -> None:
    refusals = Refusals()
    rm = Actor(1000, 1000, 77, "rm")
    assert refusals.note(rm, "unlink", "no")
    assert not refusals.note(rm, "unlink", "no")
    assert refusals.note(rm, "rmdir", "no")
    assert len(refusals.latest()) == 2
    assert "rmdir by rm (uid:1000): no" in refusals.latest()[0]
    for number in range(1000):
        assert refusals.note(rm, "unlink", f"no {number}")
    assert len(refusals.latest()) == 20
    assert refusals.latest()[0].endswith("no 999")


def test_a_generated_file_that_was_removed_stays_away_for_a_while(folders: WholeFolders, clock: Clock) -> None:
    folders.remove_generated(TITLE, b"movie.nfo")
    assert folders.is_gone(TITLE, b"movie.nfo")
    assert folders.hides(TITLE, b"movie.nfo", ME)
    assert not folders.is_gone(SEASON, b"movie.nfo")
    clock.now += 11
    assert not folders.is_gone(TITLE, b"movie.nfo")
    folders.remove_generated(TITLE, b"movie.nfo")
    folders.removed_folder(TITLE)
    assert not folders.is_gone(TITLE, b"movie.nfo"), "should the folder come back, it comes whole"
    for number in range(5000):
        folders.remove_generated(number, b"movie.nfo")
    assert not folders.is_gone(0, b"movie.nfo")
    assert folders.is_gone(4999, b"movie.nfo")


def test_what_went_along_is_found_by_who_moved_it_for_a_moment(clock: Clock) -> None:
    folders = WholeFolders(clock)
    assert folders.along(SEASON, b"a.srt", ME) is None
    folders.took_along(SEASON, {b"a.srt": 70, b"a.nfo": 71}, CANONICAL, ME)
    assert folders.along(SEASON, b"a.srt", ME) == (70, CANONICAL)
    with another_thread() as thread:
        assert folders.along(SEASON, b"a.srt", thread) == (70, CANONICAL)
    assert folders.along(SEASON, b"a.srt", 1) is None
    assert folders.along(SEASON, b"a.srt", None) is None
    assert folders.along(TITLE, b"a.srt", ME) is None
    clock.now += 1.5
    folders.took_along(SEASON, {b"b.srt": 72}, CANONICAL, ME)  # it goes on moving
    clock.now += 1.5
    assert folders.along(SEASON, b"a.srt", ME) == (70, CANONICAL)
    folders.forget_along(SEASON, b"a.srt")
    assert folders.along(SEASON, b"a.srt", ME) is None
    clock.now += 2.5
    assert folders.along(SEASON, b"b.srt", ME) is None


def test_what_went_along_is_bounded_and_needs_a_process(clock: Clock) -> None:
    folders = WholeFolders(clock)
    folders.took_along(SEASON, {b"%d" % number: number for number in range(5000)}, CANONICAL, ME)
    assert folders.along(SEASON, b"0", ME) is None
    assert folders.along(SEASON, b"4999", ME) == (4999, CANONICAL)
    folders.took_along(SEASON, {b"x": 1}, CANONICAL, None)
    assert folders.along(SEASON, b"x", ME) is None
