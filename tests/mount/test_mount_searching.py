"""Searches as folders."""

from __future__ import annotations

import errno
import os

import pytest

from tests.conftest import Mount
from tests.mount.support import MARKS, Daemon, Library, small_library, wait_until


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount()


def _found(daemon: Daemon, query: str) -> set[str]:
    return set(os.listdir(daemon.mountpoint / "search" / query)) - MARKS


def test_any_query_is_a_folder(daemon: Daemon) -> None:
    assert _found(daemon, "blade runner") == {"Blade Runner (1982)"}
    assert _found(daemon, "amelie") == {"Amélie (2001)"}
    assert _found(daemon, "genre:crime year:1990..1999") == {"Heat (1995)"}
    assert _found(daemon, "type:movie -genre:drama") == {"Amélie (2001)"}
    inside = daemon.mountpoint / "search" / "blade runner" / "Blade Runner (1982)"
    assert len([name for name in os.listdir(inside) if name.endswith(".mkv")]) == 2


def test_a_bad_query_says_what_is_wrong(daemon: Daemon) -> None:
    folder = daemon.mountpoint / "search" / "year:what"
    assert set(os.listdir(folder)) == MARKS | {"ERROR.txt"}
    text = (folder / "ERROR.txt").read_text()
    assert "year:what" in text
    assert "^" in text


def test_a_near_miss_is_linked(daemon: Daemon) -> None:
    (name,) = _found(daemon, "blade runer")
    assert name == "did you mean blade runner"
    link = daemon.mountpoint / "search" / "blade runer" / name
    assert os.readlink(link) == "../blade runner"
    assert "Blade Runner (1982)" in os.listdir(link)


def test_opened_searches_are_listed_later(daemon: Daemon) -> None:
    os.listdir(daemon.mountpoint / "search" / "heat")
    os.stat(daemon.mountpoint / "search" / "only looked at")
    wait_until(lambda: "heat" in os.listdir(daemon.mountpoint / "search"), 3, "the search is listed")
    assert "only looked at" not in os.listdir(daemon.mountpoint / "search")


def test_a_search_is_saved_renamed_changed_and_forgotten(daemon: Daemon) -> None:
    saved = daemon.mountpoint / "saved"
    os.mkdir(saved / "genre:crime")
    assert set(os.listdir(saved / "genre:crime")) - MARKS == {"Heat (1995)", "The Wire (2002)"}
    os.rename(saved / "genre:crime", saved / "Crime")
    assert set(os.listdir(saved)) - MARKS == {"Crime"}
    assert os.getxattr(saved / "Crime", "user.offliniofs.query") == b"genre:crime"
    os.setxattr(saved / "Crime", "user.offliniofs.query", b"genre:comedy")
    assert set(os.listdir(saved / "Crime")) - MARKS == {"Amélie (2001)"}
    os.rmdir(saved / "Crime")
    assert set(os.listdir(saved)) - MARKS == set()
    assert (daemon.mountpoint / "movies" / "Amélie (2001)").is_dir()


def test_what_cannot_be_saved(daemon: Daemon) -> None:
    saved = daemon.mountpoint / "saved"
    os.mkdir(saved / "heat")
    with pytest.raises(FileExistsError):
        os.mkdir(saved / "heat")
    with pytest.raises(FileExistsError):
        os.mkdir(daemon.mountpoint / "search" / "heat")
    os.mkdir(saved / "blade")
    for call, arguments, number in (
        (os.mkdir, (saved / "year:what",), errno.EINVAL),
        (os.mkdir, (saved / ".hidden",), errno.EPERM),
        (os.rename, (saved / "heat", saved / "blade"), errno.EEXIST),
        (os.rename, (saved / "heat", daemon.mountpoint / "movies" / "heat"), errno.EPERM),
        (os.rmdir, (saved / "nothing",), errno.ENOENT),
        (os.rmdir, (saved / "heat" / "Heat (1995)",), errno.EPERM),
    ):
        with pytest.raises(OSError, match=r".") as caught:
            call(*arguments)
        assert caught.value.errno == number, (call, arguments)
    with pytest.raises(OSError, match=r".") as refused:
        os.setxattr(saved / "heat", "user.offliniofs.query", b"year:what")
    assert refused.value.errno == errno.EINVAL
