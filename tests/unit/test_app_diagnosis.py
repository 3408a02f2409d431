from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil
import pymediainfo
import pytest

from offliniofs.app.diagnosis import (
    Check,
    Machine,
    Verdict,
    check_allow_other,
    check_device,
    check_fusermount,
    check_kernel,
    check_mediainfo,
    check_space,
    check_stale_mounts,
    check_store,
    diagnose,
)
from offliniofs.app.layout import StoreLayout
from offliniofs.fuse.mount_table import MountEntry


def test_this_machine_can_mount(tmp_path: Path) -> None:
    checks = {check.name: check for check in diagnose(StoreLayout(tmp_path / "store"))}
    assert checks["fuse device"].verdict is Verdict.OK
    assert checks["fusermount3"].verdict is Verdict.OK
    assert checks["store"] == Check(
        "store", Verdict.WARNING, f"There is no store at {tmp_path / 'store'} yet.", "offliniofs init"
    )


def test_a_missing_device_is_named_with_its_remedy(tmp_path: Path) -> None:
    check = check_device(Machine(device=tmp_path / "fuse"))
    assert (check.verdict, check.remedy) == (Verdict.PROBLEM, "sudo modprobe fuse")


def test_a_closed_device_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path / "fuse"
    device.touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert check_device(Machine(device=device)).remedy == f"sudo chmod 0666 {device}"


def test_a_missing_fusermount_is_named(tmp_path: Path) -> None:
    assert check_fusermount(Machine(path=str(tmp_path))).remedy == "sudo apt install fuse3"


@pytest.mark.parametrize(
    ("text", "uid", "verdict"),
    [
        ("user_allow_other\n", 1000, Verdict.OK),
        ("#user_allow_other\n", 1000, Verdict.WARNING),
        (None, 1000, Verdict.WARNING),
        ("", 0, Verdict.OK),
    ],
)
def test_allow_other_is_read_from_the_configuration(
    tmp_path: Path, text: str | None, uid: int, verdict: Verdict
) -> None:
    configuration = tmp_path / "fuse.conf"
    if text is not None:
        configuration.write_text(text)
    check = check_allow_other(Machine(configuration=configuration, uid=uid))
    assert check.verdict is verdict
    assert (verdict is Verdict.OK) == (not check.remedy)


def test_a_missing_mediainfo_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymediainfo.MediaInfo, "can_parse", lambda: False)
    assert check_mediainfo(Machine()).verdict is Verdict.PROBLEM


@pytest.mark.parametrize(
    ("release", "verdict"), [("6.1.0-18-amd64", Verdict.WARNING), ("6.9.0", Verdict.OK), ("7.0-rc1", Verdict.OK)]
)
def test_old_kernels_are_warned_about(release: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: release)
    assert check_kernel(Machine()).verdict is verdict


def test_a_mount_without_daemon_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, alive = tmp_path / "with blank", tmp_path / "alive"
    mounts = [
        MountEntry(os.fsencode(gone), "0:40", "fuse.offliniofs", b"offliniofs"),
        MountEntry(os.fsencode(alive), "0:41", "fuse.offliniofs", b"offliniofs"),
        MountEntry(b"/nowhere", "0:42", "fuse.other", b"other"),
    ]
    monkeypatch.setattr("offliniofs.app.diagnosis.is_stale", lambda path: path != alive)
    check = check_stale_mounts(Machine(mounts=lambda: mounts))
    assert check.verdict is Verdict.PROBLEM
    assert check.remedy == f"offliniofs umount '{gone}'"
    assert check_stale_mounts(Machine(mounts=lambda: mounts[1:])).verdict is Verdict.OK


def test_the_store_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = StoreLayout(tmp_path)
    layout.marker.parent.mkdir()
    layout.marker.write_text("{}")
    layout.catalogue.touch()
    assert check_store(layout).verdict is Verdict.OK
    monkeypatch.setattr("os.access", lambda *_: False)
    assert check_store(layout).verdict is Verdict.PROBLEM


def test_a_store_that_may_not_be_looked_into_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    check = check_store(StoreLayout(tmp_path))
    assert check.verdict is Verdict.PROBLEM
    assert "may not look into the store" in check.message


def test_little_space_is_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1024**3

    monkeypatch.setattr(psutil, "disk_usage", lambda _: Usage)
    check = check_space(StoreLayout(tmp_path / "a" / "b"))
    assert (check.verdict, check.message) == (Verdict.WARNING, f"1.0 GiB are free at {tmp_path}.")
