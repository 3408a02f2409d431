"""Files in the inbox are files: everything a program may do to one works, and what may not be done is refused."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.benchmarks.exerciser import Exerciser
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, attribute, film, settings, staged, wait_for, wait_for_state
from tests.mount.support import Daemon, Library, wait_until

NAME = "Heat.1995.576p.WEB-DL.mkv"


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library)
    return mount()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_file_does_what_a_file_must(seed: int, library: Library, mount: Mount) -> None:
    settings(library, quiet_ms=100)
    daemon = mount()
    path = daemon.mountpoint / "inbox" / "exercise.bin"
    exerciser = Exerciser(path, seed)
    exerciser.run(1500)
    content = exerciser.close()
    wait_for_state(path, "stored")
    assert (daemon.mountpoint / attribute(path, "path")).read_bytes() == content


def test_two_writers_share_one_file_and_the_last_one_decides(daemon: Daemon, tmp_path: Path) -> None:
    content = film(tmp_path / NAME)
    path = daemon.mountpoint / "inbox" / NAME
    half = len(content) // 2
    with path.open("wb", buffering=0) as first, path.open("r+b", buffering=0) as second:
        second.seek(half)
        second.write(content[half:])
        first.write(content[:half])
        second.close()
        wait_until(lambda: attribute(path, "state") == "receiving", SOON, "still open")
        assert path.read_bytes() == content
    wait_for(daemon.mountpoint / "movies" / "Heat (1995)" / "Heat (1995) - 576p.mkv", content)


def test_a_removed_file_lives_on_for_whoever_has_it_open(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / "inbox" / "gone.bin"
    with path.open("w+b", buffering=0) as stream:
        stream.write(b"before")
        path.unlink()
        assert not path.exists()
        path.write_bytes(b"another")
        stream.write(b" and after")
        stream.seek(0)
        assert stream.read() == b"before and after"
        assert os.fstat(stream.fileno()).st_size == 16
        path.unlink()
    wait_until(lambda: staged(library) == [], SOON, "nothing left")
    assert os.listdir(daemon.mountpoint / "other") == []


def test_a_file_may_be_replaced_while_it_is_open(daemon: Daemon, library: Library) -> None:
    inbox = daemon.mountpoint / "inbox"
    (inbox / "new.part").write_bytes(b"new")
    with (inbox / "file.part").open("w+b", buffering=0) as stream:
        stream.write(b"old")
        (inbox / "new.part").rename(inbox / "file.part")
        assert (inbox / "file.part").read_bytes() == b"new"
        stream.seek(0)
        assert stream.read() == b"old"
    wait_until(lambda: staged(library) == ["inbox/file.part"], SOON, "the new one alone")


def test_temporary_names_wait_until_they_are_renamed(daemon: Daemon, tmp_path: Path) -> None:
    inbox = daemon.mountpoint / "inbox"
    names = [".hidden.Xy12ab", "a.part", "b.crdownload", "c.mkv.tmp", "d.filepart"]
    for name in names:
        (inbox / name).write_bytes(name.encode() * 99)
    content = film(tmp_path / NAME)
    shutil.copyfile(tmp_path / NAME, inbox / NAME)
    wait_for(daemon.mountpoint / "movies" / "Heat (1995)" / "Heat (1995) - 576p.mkv", content)
    assert set(names) <= set(os.listdir(inbox))
    assert {attribute(inbox / name, "state") for name in names} == {"receiving"}
    (inbox / "a.part").rename(inbox / "a.bin")
    wait_for_state(inbox / "a.bin", "stored")


def test_folders_can_be_made_moved_listed_and_removed(daemon: Daemon) -> None:
    inbox = daemon.mountpoint / "inbox"
    (inbox / "a" / "b").mkdir(parents=True)
    for number in range(300):
        (inbox / "a" / "b" / f"{number}.part").touch()
    assert len(os.listdir(inbox / "a" / "b")) == 300
    (inbox / "a" / "b").rename(inbox / "c")
    assert {path.name for path in (inbox / "c").iterdir()} == {f"{number}.part" for number in range(300)}
    assert (inbox / "c" / "..").stat().st_ino == inbox.stat().st_ino
    with pytest.raises(OSError, match=r".") as caught:
        (inbox / "c").rmdir()
    assert caught.value.errno == errno.ENOTEMPTY
    shutil.rmtree(inbox / "c")
    (inbox / "a").rmdir()
    assert os.listdir(inbox) == []


def _bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))


def _swap(path: Path) -> None:
    (path.parent / "open.part").rename(path.parent.parent / "movies" / "open.part")


REFUSED: list[tuple[Callable[[Path], object], set[int]]] = [
    (lambda path: path.symlink_to("/etc/passwd"), {errno.EPERM}),
    (lambda path: os.mkfifo(path), {errno.EPERM}),
    (_bind, {errno.EPERM}),
    (lambda path: os.link(path.parent / "open.part", path), {errno.EPERM}),
    (lambda path: (path.parent / ("n" * 256)).touch(), {errno.ENAMETOOLONG}),
    (lambda path: (path.parent / "open.part" / "below").touch(), {errno.ENOTDIR}),
    (lambda path: os.setxattr(path.parent / "open.part", "user.offliniofs.state", b"stored"), {errno.EINVAL}),
    (lambda path: os.setxattr(path.parent / "open.part", "user.offliniofs.closed", b"x"), {errno.EOPNOTSUPP}),
    (lambda path: os.removexattr(path.parent / "open.part", "user.offliniofs.state"), {errno.EPERM}),
    (lambda path: path.parent.chmod(0o777), {errno.EPERM}),
    (lambda path: path.parent.rename(path.parent.parent / "movies" / "x"), {errno.EPERM, errno.EXDEV, errno.EBUSY}),
    (_swap, {errno.EXDEV, errno.EPERM}),
]


def test_what_makes_no_sense_in_the_inbox_is_refused(daemon: Daemon, library: Library) -> None:
    inbox = daemon.mountpoint / "inbox"
    (inbox / "open.part").write_bytes(b"waits")
    for number, (attempt, wanted) in enumerate(REFUSED):
        with pytest.raises(OSError, match=r".") as caught:
            attempt(inbox / "new")
        assert caught.value.errno in wanted, number
    assert staged(library) == ["inbox/open.part"]


def test_what_cannot_be_filed_says_why_and_is_tried_again(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / "inbox" / "empty.bin"
    path.touch()
    wait_for_state(path, "failed")
    assert "empty" in attribute(path, "reason")
    assert staged(library) == ["inbox/empty.bin"]
    path.write_bytes(b"no longer")
    wait_for_state(path, "stored")
    folder = daemon.mountpoint / "inbox" / "folder"
    folder.mkdir()
    (folder / "empty.bin").touch()
    (folder / "full.bin").write_bytes(b"something")
    wait_for_state(folder / "empty.bin", "failed")
    wait_for_state(folder / "full.bin", "stored")
    assert sorted(os.listdir(folder)) == ["empty.bin", "full.bin"]


def test_hostile_names_are_only_names(daemon: Daemon, library: Library) -> None:
    inbox = os.fsencode(daemon.mountpoint / "inbox")
    names = [
        b"\xff\xfe broken.bin",
        b"new\nline.bin",
        b"-rf.bin",
        b"$(reboot).bin",
        b"a\\..\\b.bin",
        b"~.bin",
        b"\xe2\x80\xae.bin",
    ]
    for number, name in enumerate(names):
        with open(os.path.join(inbox, name), "wb") as stream:
            stream.write(b"%d" % number * 4000)
    wait_until(lambda: staged(library) == [], SOON, "all of them filed")
    found = sorted(path.read_bytes() for path in (daemon.mountpoint / "other").rglob("*") if path.is_file())
    assert found == sorted(b"%d" % number * 4000 for number in range(len(names)))


def test_a_read_only_mount_receives_nothing(library: Library, mount: Mount) -> None:
    daemon = mount("--read-only")
    with pytest.raises(OSError, match=r".") as caught:
        (daemon.mountpoint / "inbox" / "film.mkv").touch()
    assert caught.value.errno == errno.EROFS
    assert os.listdir(daemon.mountpoint / "inbox") == []
