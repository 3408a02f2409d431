"""Writing through the mount on disks that fill up, have quotas, refuse to be written, or lose their power."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.store_loop import LoopDisk, loop_disk, run
from tests.faults.writing_support import FILE, HEAT, assert_sound, genres, library_at, mounted, names, residue
from tests.mount.inbox_support import SOON, attribute, film, wait_for, wait_for_state
from tests.mount.programs import program
from tests.mount.support import END_SECONDS, processes_of, small_library, wait_until

MEBIBYTE = 1 << 20
CLIP = "Stalker.1979.576p.WEB-DL.mkv"
FILED = "movies/Stalker (1979)/Stalker (1979) - 576p.mkv"


# --- full -------------------------------------------------------------------------------------------------------------


def test_edits_on_a_full_disk_are_refused_and_lose_nothing(tmp_path: Path) -> None:
    with loop_disk("ext4", tmp_path, 48 * MEBIBYTE) as disk:
        library = library_at(disk.mountpoint, tmp_path / "sources")
        small_library(library)
        with mounted(library, tmp_path) as daemon:
            top, filler = daemon.mountpoint, disk.mountpoint / "filler"
            _fill(filler)
            refusals = 0
            for number in range(400):
                ran = program("setfattr", "-n", "user.offliniofs.plot", "-v", f"{number}" * 4000, top / "movies" / HEAT)
                if ran.code != 0:
                    refusals += 1
                    assert "No space left on device" in ran.said
                    break
            assert refusals, "the disk was full"
            assert (top / "movies" / HEAT / FILE).read_bytes() == library.contents[f"movies/{HEAT}/{FILE}"]
            filler.unlink()
            ran = program("mv", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy" / HEAT)
            assert ran.code == 0, ran.said
            assert genres(top / "movies" / HEAT) == {"Crime", "Comedy"}
        assert_sound(library)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as stream:
        for size in (MEBIBYTE, 4096):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


# --- quota ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[Path]:
    """A folder that may hold 24 MiB, on a larger disk: Btrfs has quotas whatever the kernel was built with."""
    with loop_disk("btrfs", tmp_path) as disk:
        limited = disk.mountpoint / "limited"
        run("btrfs", "quota", "enable", disk.mountpoint)
        run("btrfs", "subvolume", "create", limited)
        run("btrfs", "qgroup", "limit", "24m", limited)
        run("btrfs", "quota", "rescan", "-w", disk.mountpoint)
        yield limited


def test_a_quota_is_told_to_the_writer_and_leaves_nothing(quota: Path, tmp_path: Path) -> None:
    library = library_at(quota, tmp_path / "sources")
    small_library(library)
    source = tmp_path / CLIP
    content = film(source)
    with source.open("ab") as stream:
        stream.write(os.urandom(40 * MEBIBYTE))
    with mounted(library, tmp_path) as daemon:
        top = daemon.mountpoint
        ran = program("cp", source, top / "inbox")
        assert ran.code == 1
        assert "Disk quota exceeded" in ran.said
        assert attribute(top / "inbox" / CLIP, "state") == "failed"
        (top / "inbox" / CLIP).unlink()
        assert residue(library, top) == []
        run("btrfs", "filesystem", "sync", quota)  # what was freed counts as free from the next commit on
        ran = program("mv", top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy" / HEAT)
        assert ran.code == 0, ran.said
        source.write_bytes(content)
        assert program("cp", source, top / "inbox").code == 0
        wait_for(top / FILED, content)
    assert_sound(library)


# --- permission -------------------------------------------------------------------------------------------------------


def test_a_store_that_refuses_a_film_says_so_and_takes_it_later(tmp_path: Path) -> None:
    """The blobs cannot be written: ``chattr +i`` binds root as well."""
    with loop_disk("ext4", tmp_path, 48 * MEBIBYTE) as disk:
        library = library_at(disk.mountpoint, tmp_path / "sources")
        small_library(library)
        content = film(tmp_path / CLIP)
        blobs = library.root / "blobs"
        with mounted(library, tmp_path) as daemon:
            path = daemon.mountpoint / "inbox" / CLIP
            run("chattr", "-R", "+i", blobs)
            try:
                path.write_bytes(content)
                wait_for_state(path, "failed")
                assert "not permitted" in attribute(path, "reason"), attribute(path, "reason")
                assert names(daemon.mountpoint / "movies") == {"Amélie (2001)", "Blade Runner (1982)", HEAT}
                assert path.read_bytes() == content
            finally:
                run("chattr", "-R", "-i", blobs)
            os.utime(path)
            wait_for(daemon.mountpoint / FILED, content)
            wait_until(lambda: residue(library, daemon.mountpoint) == [], SOON, "nothing is left over")
        assert_sound(library)


# --- power ------------------------------------------------------------------------------------------------------------


def test_a_power_cut_never_makes_a_library_entry_of_half_a_file(tmp_path: Path) -> None:
    with loop_disk("xfs", tmp_path) as disk:
        for number, moment in enumerate(("half", "filing", "stored")):
            cut_power(disk, tmp_path, moment, number)


def cut_power(disk: LoopDisk, folder: Path, moment: str, seed: int) -> None:
    """One power cut at a moment of a film's way through the inbox, and what is there afterwards."""
    where = disk.mountpoint / f"{moment}{seed}"
    where.mkdir()
    library = library_at(where, folder / f"sources{moment}{seed}")
    source = folder / CLIP
    content = film(source, seed) + os.urandom(2 * MEBIBYTE)
    source.write_bytes(content)
    run("sync", "-f", where)  # the settings
    with mounted(library, folder) as daemon:
        path, filed = daemon.mountpoint / "inbox" / CLIP, daemon.mountpoint / FILED
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, content[: len(content) // 2])
        if moment == "half":
            os.fsync(descriptor)
        else:
            os.write(descriptor, content[len(content) // 2 :])
            os.close(descriptor)
        if moment == "filing":
            wait_until(lambda: attribute(path, "state") != "receiving", SOON, "the inbox takes it")
            _wait_a_little(random.Random(seed))
        if moment == "stored":
            wait_until(filed.exists, SOON, "it is stored")
        serving = (daemon.supervisor_pid(), daemon.daemon_pid())
        disk.cut_power(flush_log=seed % 2 == 1)
        for pid in serving:
            os.kill(pid, signal.SIGKILL)
        daemon.process.wait(END_SECONDS)
        wait_until(lambda: not processes_of(folder), END_SECONDS, "every process has ended")
        if moment == "half":
            os.close(descriptor)
    disk.remount()
    assert_sound(library)
    with mounted(library, folder) as daemon:
        path, filed = daemon.mountpoint / "inbox" / CLIP, daemon.mountpoint / FILED
        if moment == "half":
            assert path.read_bytes() == content[: len(content) // 2], "what was synced is there"
            assert attribute(path, "state") == "receiving"
        if moment == "stored":
            assert filed.read_bytes() == content
        if not filed.exists():
            assert names(daemon.mountpoint / "movies") in (set(), {"Stalker (1979)"})
            path.unlink(missing_ok=True)
            path.write_bytes(content)
        wait_for(filed, content)
        assert names(daemon.mountpoint / "other") == set()
        if moment == "filing" and path.exists():
            # The disk forgot that it had been taken out of the inbox: there it stands, for its owner to remove.
            path.unlink()
        wait_until(lambda: residue(library, daemon.mountpoint) == [], SOON, "nothing is left over")
    assert_sound(library)


def _wait_a_little(chance: random.Random) -> None:
    """Spends up to 50 ms, so that the power goes at another step of filing each time."""
    subprocess.run(["sleep", f"{chance.random() * 0.05:.3f}"], check=True)
