"""Folders that are refused as a mount point, each with the reason and the way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.domain.errors import MountError
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import check_mountpoint, mount
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.unmounting import mount_users, unmount_on_request


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def _refusal(mountpoint: Path, store: Path) -> str:
    with pytest.raises(MountError) as caught:
        mount(MountOptions(mountpoint, store))
    assert mounted_at(mountpoint) is None
    return str(caught.value)


def test_a_missing_folder(tmp_path: Path, store: Path) -> None:
    assert "mkdir -p" in _refusal(tmp_path / "missing", store)


def test_a_file(tmp_path: Path, store: Path) -> None:
    (tmp_path / "file").touch()
    assert "not a folder" in _refusal(tmp_path / "file", store)
    assert "Cannot use" in _refusal(tmp_path / "file" / "below", store)


def test_a_folder_that_holds_something(tmp_path: Path, store: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "holiday.mkv").touch()
    assert "holiday.mkv" in _refusal(tmp_path / "full", store)


def test_a_folder_inside_the_store_also_through_a_link(tmp_path: Path, store: Path) -> None:
    (store / "mount").mkdir()
    (tmp_path / "link").symlink_to(store / "mount")
    assert "inside the store" in _refusal(store / "mount", store)
    assert "inside the store" in _refusal(tmp_path / "link", store)


def test_the_store_itself(store: Path) -> None:
    assert "inside the store" in _refusal(store, store)


def test_a_folder_that_holds_the_store_is_refused_before_anything_else_could_hide_it(tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    (outer / "store").mkdir(parents=True)
    assert "not empty" in _refusal(outer, outer / "store")


def test_a_good_folder_is_found_through_links(tmp_path: Path, store: Path) -> None:
    (tmp_path / "mount").mkdir()
    (tmp_path / "link").symlink_to("mount")
    assert check_mountpoint(MountOptions(tmp_path / "link", store)) == tmp_path.resolve() / "mount"


def test_options_for_the_kernel(tmp_path: Path) -> None:
    plain = MountOptions(tmp_path / "mount", Path("/a,b\\c")).kernel_options()
    assert "fsname=offliniofs:/a\\,b\\\\c," in plain
    assert "allow_other" not in plain
    assert not plain.endswith(",ro")
    shared = MountOptions(tmp_path / "mount", Path("/s"), allow_other=True, read_only=True).kernel_options()
    assert ",allow_other,default_permissions,ro" in shared


def test_only_our_own_mounts_are_unmounted(tmp_path: Path) -> None:
    with pytest.raises(MountError, match="Nothing is mounted"):
        unmount_on_request(tmp_path)
    with pytest.raises(MountError, match="not one of ours"):
        unmount_on_request(Path("/proc"))


def test_who_uses_a_folder(tmp_path: Path) -> None:
    (tmp_path / "used").touch()
    with (tmp_path / "used").open():
        users = mount_users(tmp_path)
    assert [user.pid for user in users] == [os.getpid()]
    assert str(tmp_path / "used") in str(users[0])
