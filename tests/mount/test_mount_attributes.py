"""Extended attributes on the mount."""

from __future__ import annotations

import errno
import os

import blake3
import pytest

from tests.conftest import Mount
from tests.mount.support import Daemon, Library, small_library, wait_until

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
OURS = "user.offliniofs."


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    small_library(library)
    return mount()


def test_a_file_tells_what_is_known(daemon: Daemon, library: Library) -> None:
    file = daemon.mountpoint / FILE
    names = os.listxattr(file)
    values = {name.removeprefix(OURS): os.getxattr(file, name).decode() for name in names}
    assert values["title"] == "Heat"
    assert values["genres"] == "Crime, Drama"
    assert values["year"] == "1995"
    assert values["hash"] == blake3.blake3(library.contents[FILE]).hexdigest()
    assert values["size"] == str(len(library.contents[FILE]))
    assert "title: name" in values["why"]
    assert int(values["id"]) > 0


def test_folders_views_and_the_root_have_their_own(daemon: Daemon) -> None:
    top = daemon.mountpoint
    assert os.getxattr(top / "movies" / "Heat (1995)", OURS + "title") == b"Heat"
    assert os.getxattr(top / "by-genre" / "Crime", OURS + "count") == b"2"
    assert os.getxattr(top / "movies", OURS + "count") == b"3"
    assert os.getxattr(top / "search" / "genre:drama", OURS + "query") == b"genre:drama"
    assert os.getxattr(top / "search" / "year:what", OURS + "count") == b"0"
    assert os.getxattr(top, OURS + "count") == b"5"
    assert os.listxattr(top / "README.txt") == []


def test_what_is_not_there(daemon: Daemon) -> None:
    for name in (OURS + "nothing", "user.other", "security.capability", "system.posix_acl_access", "trusted.x"):
        with pytest.raises(OSError, match=r".") as caught:
            os.getxattr(daemon.mountpoint / FILE, name)
        assert caught.value.errno in {errno.ENODATA, errno.EOPNOTSUPP}, name


def test_setting_one_edits_the_catalogue(daemon: Daemon) -> None:
    folder = daemon.mountpoint / "movies" / "Heat (1995)"
    assert os.getxattr(folder, OURS + "genres") == b"Crime, Drama"  # remembered, and to be forgotten
    os.setxattr(folder, OURS + "genres", b"Western, Comedy")
    assert os.getxattr(folder, OURS + "genres") == b"Western, Comedy"
    wait_until(lambda: "Western" in os.listdir(daemon.mountpoint / "by-genre"), 2, "the new genre")
    assert "Heat (1995)" in os.listdir(daemon.mountpoint / "by-genre" / "Western")
    wait_until(
        lambda: "Heat (1995)" not in os.listdir(daemon.mountpoint / "by-genre" / "Crime"), 2, "gone from its old genre"
    )
    os.removexattr(folder, OURS + "genres")


def test_what_cannot_be_set(daemon: Daemon) -> None:
    file = daemon.mountpoint / FILE
    for name, value in ((OURS + "year", b"soon"), (OURS + "hash", b"00"), (OURS + "rating", b"11"), ("user.x", b"y")):
        with pytest.raises(OSError, match=r".") as caught:
            os.setxattr(file, name, value)
        assert caught.value.errno == errno.EINVAL, name
    with pytest.raises(OSError, match=r".") as refused:
        os.setxattr(file, "security.x", b"y")
    assert refused.value.errno == errno.EOPNOTSUPP
    with pytest.raises(OSError, match=r".") as exists:
        os.setxattr(file, OURS + "year", b"1999", os.XATTR_CREATE)
    assert exists.value.errno == errno.EEXIST
