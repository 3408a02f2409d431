"""Reading the kernel's list of mounts."""

from __future__ import annotations

from pathlib import Path

from offliniofs.fuse.mount_table import canonical, is_stale, mount_table, mounted_at, parse_mountinfo

_SAMPLE = (
    b"36 35 98:0 /mnt1 /mnt\\040with\\134odd\\011name rw,noatime master:1 - ext4 /dev/root rw,errors=continue\n"
    b"40 35 0:44 / /media rw - fuse.offliniofs offliniofs:/store\\040one rw,user_id=0\n"
    b"41 35 0:45 / /media rw shared:3 propagate_from:2 - tmpfs none rw\n"
    b"a line the kernel never writes\n"
)


def test_fields_are_unescaped() -> None:
    first, second, third = parse_mountinfo(_SAMPLE)
    assert first.mountpoint == b"/mnt with\\odd\tname"
    assert (first.device, first.filesystem, first.is_ours) == ("98:0", "ext4", False)
    assert (second.source, second.is_ours) == (b"offliniofs:/store one", True)
    assert (third.device, third.filesystem) == ("0:45", "tmpfs")


def test_the_root_is_a_mount_and_a_fresh_folder_is_not(tmp_path: Path) -> None:
    assert mount_table()
    assert mounted_at(Path("/")) is not None
    assert mounted_at(tmp_path) is None


def test_links_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert canonical(tmp_path / "link" / "..") == tmp_path.resolve()
    assert canonical(tmp_path / "link") == (tmp_path / "real").resolve()
    assert canonical(Path("/")) == Path("/")


def test_a_living_folder_is_not_stale(tmp_path: Path) -> None:
    assert not is_stale(tmp_path)
    assert not is_stale(tmp_path / "missing")
