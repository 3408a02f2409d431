"""Supervisor and daemon die, hang, and are stopped at every moment: what is left is a mount that works, or none."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from offliniofs.app.background import READY
from offliniofs.fuse.mount_table import is_stale, mounted_at
from offliniofs.fuse.unmounting import unmount_on_request
from tests.conftest import Mount
from tests.mount.support import END_SECONDS, READY_SECONDS, Daemon, Library, processes_of, small_library, wait_until

NO_MOUNT = {errno.ENOTCONN, errno.ECONNABORTED}
"""The second is the answer to what had been asked when the mount was given up."""
FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"


def configure(library: Library, **settings: str | int) -> None:
    lines = (f"{name} = {value}\n" for name, value in settings.items())
    (library.root / "offliniofs.toml").write_text("".join(lines))


def supervisors(library: Library) -> list[int]:
    return [pid for pid, line in processes_of(library.root.parent).items() if "offliniofs.app.supervisor" in line]


def works(library: Library, daemon: Daemon) -> None:
    """It lists, and another death is survived."""
    before = daemon.kill_daemon()
    assert "movies" in os.listdir(daemon.mountpoint)
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    daemon.wait_for_another(before)


# --- the supervisor


def test_a_dead_supervisor_is_replaced_by_one(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    serving = daemon.daemon_pid()
    for _ in range(3):
        before = daemon.supervisor_pid()
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: daemon.state()["supervisor"] != before, READY_SECONDS, "another supervisor")  # noqa: B023
        assert daemon.daemon_pid() == serving
        # a process that is just being started looks like the one that starts it
        wait_until(lambda: supervisors(library) == [daemon.supervisor_pid()], READY_SECONDS, "one supervisor")
    works(library, daemon)
    wait_until(lambda: len(supervisors(library)) == 1, READY_SECONDS, "one supervisor")


def test_when_both_die_the_next_mount_clears_what_is_left(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    daemon.kill_both()
    assert is_stale(daemon.mountpoint)
    works(library, mount())


def test_a_supervisor_stays_small(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount(environment={"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""})
    works(library, daemon)
    assert psutil.Process(daemon.supervisor_pid()).memory_info().rss < 15_000_000


def test_a_supervisor_that_was_stopped_blames_nobody(library: Library, mount: Mount) -> None:
    """Suspended with its daemon, it wakes first."""
    small_library(library)
    configure(library, hung_seconds=2)
    daemon = mount()
    supervisor, serving = daemon.supervisor_pid(), daemon.daemon_pid()
    for pid in (supervisor, serving):
        os.kill(pid, signal.SIGSTOP)
    for pid in (serving, supervisor):
        os.kill(pid, signal.SIGCONT)
    assert "movies" in os.listdir(daemon.mountpoint)
    assert daemon.daemon_pid() == serving


# --- starting


def start(library: Library, mountpoint: Path, output: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Starts a mount; the process and where it will say that it is ready."""
    mountpoint.mkdir()
    reading, writing = os.pipe()
    arguments = ["--store", str(library.root), "mount", "--foreground", "--ready-fd", str(writing), str(mountpoint)]
    with output.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "offliniofs", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=[writing],
        )
    os.close(writing)
    return process, reading


def generations(library: Library) -> list[int]:
    return [pid for pid, line in processes_of(library.root.parent).items() if "offliniofs.app.generation" in line]


@pytest.mark.parametrize("moment", ["at once", "after the greeting was kept"])
def test_the_first_daemon_dies_before_it_serves(library: Library, tmp_path: Path, moment: str) -> None:
    small_library(library)
    process, reading = start(library, tmp_path / "mount", tmp_path / "said")
    wait_until(lambda: bool(generations(library)), READY_SECONDS, "the first daemon")
    (first,) = generations(library)
    if moment != "at once":
        wait_until(lambda: _has_pyfuse3(first), READY_SECONDS, "it is about to greet")
    os.kill(first, signal.SIGKILL)
    assert os.read(reading, 4096) == READY
    os.close(reading)
    daemon = Daemon(process, tmp_path / "mount", tmp_path / "said", library.root / "run")
    assert daemon.restarts == 1
    works(library, daemon)
    assert daemon.stop() == 0
    assert not daemon.mounted


def _has_pyfuse3(pid: int) -> bool:
    try:
        return "libfuse3" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


def test_one_that_dies_in_the_middle_of_starting_is_started_again(library: Library, mount: Mount) -> None:
    small_library(library)
    configure(library, standby="false")
    daemon = mount()
    killed = [daemon.kill_daemon()]
    for _ in range(3):
        wait_until(lambda: daemon.state()["daemon"] not in {None, *killed}, READY_SECONDS, "the next")
        killed.append(daemon.kill_daemon())
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    assert daemon.wait_for_another(killed[-1]) not in killed
    assert daemon.restarts == 4


@pytest.mark.parametrize("moment", ["starting", "serving"])
def test_a_spare_that_has_died_costs_time_only(library: Library, mount: Mount, moment: str) -> None:
    small_library(library)
    daemon = mount()
    wait_until(lambda: len(generations(library)) == 2, READY_SECONDS, "the spare")
    (spare,) = set(generations(library)) - {daemon.daemon_pid()}
    if moment == "serving":
        before = daemon.kill_daemon()
        assert daemon.wait_for_another(before) == spare
    os.kill(spare, signal.SIGKILL)
    works(library, daemon)


# --- hanging


def test_a_stopped_daemon_makes_clients_wait(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    serving = daemon.daemon_pid()
    os.kill(serving, signal.SIGSTOP)
    reader = subprocess.Popen(["cat", str(daemon.mountpoint / FILE)], stdout=subprocess.PIPE)
    wait_until(lambda: psutil.Process(reader.pid).status() != psutil.STATUS_RUNNING, 5, "it waits")
    os.kill(serving, signal.SIGCONT)
    said, _ = reader.communicate(timeout=READY_SECONDS)
    assert said == library.contents[FILE]
    assert (daemon.daemon_pid(), daemon.restarts) == (serving, 0)


def test_a_hung_daemon_is_killed_and_replaced(library: Library, mount: Mount) -> None:
    small_library(library)
    configure(library, hung_seconds=2)
    daemon = mount()
    hung = daemon.daemon_pid()
    os.kill(hung, signal.SIGSTOP)
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    assert daemon.wait_for_another(hung) != hung
    assert "the daemon does not answer; killing it" in daemon.log.read_text()


# --- dying again and again


@pytest.mark.parametrize("damage", ["catalogue", "memory"])
def test_a_daemon_that_cannot_start_is_given_up(library: Library, mount: Mount, damage: str) -> None:
    small_library(library)
    configure(library, restart_tries=3, standby="false")
    daemon = mount()
    kept = library.catalogue.read_bytes()
    if damage == "catalogue":
        spoiled = library.catalogue.with_name("spoiled")
        spoiled.write_bytes(b"this is no database" * 1000)
        for path in library.root.glob("catalog.sqlite-*"):
            path.unlink()
        spoiled.rename(library.catalogue)
    else:
        folder = Path(f"/proc/{daemon.supervisor_pid()}/fd")
        (memory,) = (path for path in folder.iterdir() if "offliniofs-session" in os.readlink(path))
        with memory.open("r+b", buffering=0) as stream:
            stream.write(b"something else")
    daemon.kill_daemon()
    with pytest.raises(OSError, match=r".") as caught:
        os.listdir(daemon.mountpoint)
    assert caught.value.errno in NO_MOUNT
    assert daemon.process.wait(END_SECONDS) == 1
    with pytest.raises(OSError, match=r".") as caught:
        os.listdir(daemon.mountpoint)
    assert caught.value.errno == errno.ENOTCONN
    state = daemon.state()
    assert (state["state"], state["deaths"]) == ("given up", 4)
    reason = "catalog.sqlite" if damage == "catalogue" else "session memory"
    assert reason in str(state["last_death"])
    assert "dies again and again; giving up" in daemon.log.read_text()
    assert is_stale(daemon.mountpoint)
    library.catalogue.write_bytes(kept)
    works(library, mount())


def test_a_mount_that_never_served_leaves_nothing(library: Library, tmp_path: Path) -> None:
    """Each daemon is killed before it serves: whoever mounts is told, as when it had failed."""
    small_library(library)
    configure(library, restart_tries=1)
    process, reading = start(library, tmp_path / "mount", tmp_path / "said")
    killed: set[int] = set()
    while process.poll() is None:
        for pid in set(generations(library)) - killed:
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
    assert os.read(reading, 4096) == b"was killed by SIGKILL"
    os.close(reading)
    assert process.returncode == 1
    assert len(killed) == 2
    assert mounted_at(tmp_path / "mount") is None


# --- ending


def test_sigterm_to_the_daemon_unmounts(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    os.kill(daemon.daemon_pid(), signal.SIGTERM)
    assert daemon.process.wait(END_SECONDS) == 0
    assert not daemon.mounted
    assert daemon.state() == {}


def stop_while_starting(library: Library, daemon: Daemon) -> None:
    before = daemon.kill_daemon()
    wait_until(lambda: daemon.state()["daemon"] not in {None, before}, READY_SECONDS, "the next one starts")
    daemon.process.send_signal(signal.SIGTERM)


def stop_while_none_lives(library: Library, daemon: Daemon) -> None:
    daemon.process.send_signal(signal.SIGSTOP)
    daemon.kill_daemon()
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.send_signal(signal.SIGCONT)


def stop_in_a_pause(library: Library, daemon: Daemon) -> None:
    killed = [daemon.kill_daemon()]
    for _ in range(4):
        wait_until(lambda: daemon.state()["daemon"] not in {None, *killed}, READY_SECONDS, "the next one starts")
        killed.append(daemon.kill_daemon())
    wait_until(lambda: daemon.state()["state"] == "restarting", READY_SECONDS, "a pause")
    daemon.process.send_signal(signal.SIGTERM)


def stop_a_stopped_one(library: Library, daemon: Daemon) -> None:
    os.kill(daemon.daemon_pid(), signal.SIGSTOP)
    daemon.process.send_signal(signal.SIGTERM)


def unmount_in_a_pause(library: Library, daemon: Daemon) -> None:
    killed = [daemon.kill_daemon()]
    for _ in range(4):
        wait_until(lambda: daemon.state()["daemon"] not in {None, *killed}, READY_SECONDS, "the next one starts")
        killed.append(daemon.kill_daemon())
    command = ["fusermount3", "-u", str(daemon.mountpoint)]
    # busy while anybody asks it something: df(1) and doctor ask every mount there is
    wait_until(lambda: subprocess.run(command, timeout=END_SECONDS).returncode == 0, END_SECONDS, "it is unmounted")


@pytest.mark.parametrize(
    "end", [stop_while_starting, stop_while_none_lives, stop_in_a_pause, stop_a_stopped_one, unmount_in_a_pause]
)
def test_the_end_is_clean_at_any_moment(library: Library, mount: Mount, end: Callable[[Library, Daemon], None]) -> None:
    small_library(library)
    configure(library, standby="false")
    daemon = mount()
    end(library, daemon)
    assert daemon.process.wait(END_SECONDS) == 0
    assert not daemon.mounted
    assert daemon.state() == {}


def test_a_busy_file_of_a_detached_mount_outlives_its_daemon(library: Library, mount: Mount) -> None:
    """Another mount on the same folder keeps its own socket and state when the first ends."""
    small_library(library)
    first = mount()
    with (first.mountpoint / FILE).open("rb", buffering=0) as stream:
        serving = first.daemon_pid()
        unmount_on_request(first.mountpoint, lazy=True)
        assert mounted_at(first.mountpoint) is None
        os.kill(serving, signal.SIGKILL)
        assert stream.read(6) == b"coffee"
        first.wait_for_another(serving)
        second = mount()
        assert second.supervisor_pid() == second.process.pid
        assert stream.read(6) == b"coffee"
    assert first.process.wait(END_SECONDS) == 0
    assert second.supervisor_pid() == second.process.pid
    works(library, second)
    assert len(list((library.root / "run").glob("*.supervisor"))) == 1


def test_a_detached_mount_that_is_stopped_leaves_the_next_alone(library: Library, mount: Mount) -> None:
    small_library(library)
    first = mount()
    with (first.mountpoint / FILE).open("rb", buffering=0):
        unmount_on_request(first.mountpoint, lazy=True)
        second = mount()
        assert first.stop() == 0
        works(library, second)


# --- without fail-over


@pytest.mark.parametrize("how", ["option", "setting"])
def test_without_fail_over_a_dead_daemon_is_mounted_anew(library: Library, mount: Mount, how: str) -> None:
    small_library(library)
    if how == "setting":
        configure(library, failover="false")
    daemon = mount(*(["--no-failover"] if how == "option" else []))
    assert daemon.state()["outlives_daemon"] is False
    descriptor = os.open(daemon.mountpoint / FILE, os.O_RDONLY)
    before = daemon.kill_daemon()
    after = daemon.wait_for_another(before)
    for use in (lambda: os.read(descriptor, 10), lambda: os.close(descriptor)):
        with pytest.raises(OSError, match=r".") as caught:
            use()
        assert caught.value.errno in NO_MOUNT
    assert (daemon.mountpoint / FILE).read_bytes() == library.contents[FILE]
    assert daemon.supervisor_pid() == daemon.process.pid
    assert daemon.restarts == 1
    daemon.wait_for_another(daemon.kill_daemon())
    assert daemon.daemon_pid() not in {before, after}
    assert daemon.restarts == 2
