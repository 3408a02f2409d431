"""The mount outlives every process of its service: descriptors wait with the service manager.

A socket plays systemd (sd_notify(3)): it keeps what is stored under a name and hands it to the next process of the
service as sd_listen_fds_with_names(3) says.
"""

from __future__ import annotations

import array
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.app.layout import StoreLayout
from offliniofs.app.supervised import supervised_mounts
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import detach
from tests.mount.support import END_SECONDS, Library, processes_of, small_library, wait_until

FILE = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
UNIT = "offliniofs-test.service"


class Player:
    """Has a file of the mount open, in a process of its own.

    Not in ours: a process that starts another closes its files in between, and closing one that nobody serves waits.
    """

    _SCRIPT = """
import os, sys
stream = open(sys.argv[1], "rb", buffering=0)
begun = stream.read(1000)
print("open", flush=True)
sys.stdin.readline()
os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
while chunk := stream.read(65536):
    begun += chunk
sys.stdout.buffer.write(begun)
"""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", self._SCRIPT, str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"open\n"

    def rest(self) -> bytes:
        """Everything it has read when it has read on to the end."""
        told, _ = self._process.communicate(b"\n", END_SECONDS)
        assert self._process.returncode == 0
        return told


class Manager:
    """Plays the service manager of one service."""

    def __init__(self, folder: Path, library: Library, mountpoint: Path) -> None:
        self._folder = folder
        self._library = library
        self.mountpoint = mountpoint
        self.stored: dict[str, int] = {}
        self.lines: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(END_SECONDS)
        self.options: list[str] = []

    def start(self, job: str = "start") -> subprocess.Popen[bytes]:
        """Starts the service's process and waits until it is ready. ``job`` is what ``systemctl`` will say it does."""
        bin_folder = self._folder / "bin"
        bin_folder.mkdir(exist_ok=True)
        tool = bin_folder / "systemctl"
        tool.write_text(f"#!/bin/sh\ncat {self._folder}/job\n")
        tool.chmod(0o755)
        self.job(job)
        names = list(self.stored)
        environment = {
            **os.environ,
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "NOTIFY_SOCKET": str(self._folder / "notify"),
            "FDSTORE": "4",
            "OFFLINIOFS_UNIT": UNIT,
            "LISTEN_FDS": str(len(names)),
            "LISTEN_FDNAMES": ":".join(names),
        }
        if not names:
            del environment["LISTEN_FDS"], environment["LISTEN_FDNAMES"]
        # The descriptors are to be 3, 4 and so on, in the process whose pid LISTEN_PID says.
        copies = [os.dup(self.stored[name]) for name in names]
        moves = " ".join(f"{number}<&{copy}" for number, copy in enumerate(copies, start=3))
        closes = " ".join(f"{copy}<&-" for copy in copies if copy >= 3 + len(copies))
        script = f'LISTEN_PID=$$ exec "$@" {moves} {closes}'
        command = [sys.executable, "-P", "-m", "offliniofs", "--store", str(self._library.root)]
        command += ["mount", "--foreground", *self.options, str(self.mountpoint)]
        with (self._folder / "said").open("ab") as said:
            process = subprocess.Popen(
                ["bash", "-c", script, "bash", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                pass_fds=copies,
            )
        for copy in copies:
            os.close(copy)
        self.hear_until("READY=1", process)
        return process

    def job(self, kind: str) -> None:
        """What the service manager works on."""
        (self._folder / "job").write_text(f"7 {UNIT} {kind} running\n")

    def hear_until(self, line: str, process: subprocess.Popen[bytes]) -> None:
        """Takes messages until one says ``line``."""
        while True:
            try:
                message, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(64))
            except TimeoutError:
                said = (self._folder / "said").read_text()
                raise AssertionError(f"{line} was not heard; {process.poll()=}\n{said}") from None
            lines = message.decode().split("\n")
            self.lines += lines
            self._keep(dict(entry.split("=", 1) for entry in lines), ancillary)
            if line in lines:
                return

    def _keep(self, fields: dict[str, str], ancillary: list[tuple[int, int, bytes]]) -> None:
        name = fields.get("FDNAME", "")
        if "FDSTOREREMOVE" in fields and name in self.stored:
            os.close(self.stored.pop(name))
        for _, kind, data in ancillary:
            if kind == socket.SCM_RIGHTS:
                for descriptor in array.array("i", data):
                    if "FDSTORE" in fields and name not in self.stored:
                        self.stored[name] = descriptor
                    else:
                        os.close(descriptor)

    def kill_all(self, process: subprocess.Popen[bytes]) -> None:
        """What the service manager does to what is left of a service."""
        for pid in processes_of(self._library.root.parent):
            os.kill(pid, signal.SIGKILL)
        process.wait(END_SECONDS)
        wait_until(lambda: not processes_of(self._library.root.parent), END_SECONDS, "every process has ended")

    def close(self) -> None:
        """The service is over."""
        self._socket.close()
        for descriptor in self.stored.values():
            os.close(descriptor)


@pytest.fixture
def manager(library: Library, tmp_path: Path) -> Iterator[Manager]:
    small_library(library)
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    made = Manager(tmp_path, library, mountpoint)
    yield made
    for pid in processes_of(tmp_path):
        os.kill(pid, signal.SIGKILL)
    made.close()
    left = mounted_at(mountpoint) is not None
    if left:
        detach(mountpoint)
    assert not left, "a mount was left behind"
    assert "Traceback" not in (tmp_path / "said").read_text()


def stop(manager: Manager, process: subprocess.Popen[bytes]) -> None:
    manager.job("stop")
    process.send_signal(signal.SIGTERM)
    assert process.wait(END_SECONDS) == 0
    assert mounted_at(manager.mountpoint) is None


def test_open_files_are_read_on_after_every_process_of_the_service_was_killed(
    manager: Manager, library: Library
) -> None:
    process = manager.start()
    assert set(manager.stored) == {"offliniofs-fuse", "offliniofs-session", "offliniofs-plan"}
    player = Player(manager.mountpoint / FILE)
    manager.kill_all(process)
    process = manager.start()
    assert player.rest() == library.contents[FILE]
    assert (manager.mountpoint / FILE).read_bytes() == library.contents[FILE]
    stop(manager, process)


def test_a_restart_hands_the_mount_over_and_a_stop_unmounts(manager: Manager, library: Library) -> None:
    process = manager.start()
    player = Player(manager.mountpoint / FILE)
    manager.job("restart")
    process.send_signal(signal.SIGTERM)
    assert process.wait(END_SECONDS) == 0
    assert mounted_at(manager.mountpoint) is not None
    assert manager.stored
    process = manager.start()
    assert player.rest() == library.contents[FILE]
    assert "STOPPING=1" not in manager.lines
    stop(manager, process)
    manager.hear_until("STOPPING=1", process)
    assert supervised_mounts(StoreLayout(library.root).run) == []


def test_other_options_mount_anew(manager: Manager, library: Library) -> None:
    process = manager.start()
    manager.kill_all(process)
    manager.options = ["--read-only"]
    process = manager.start()
    with pytest.raises(OSError, match="Read-only"):
        (manager.mountpoint / "saved" / "coffee").mkdir()
    assert (manager.mountpoint / FILE).read_bytes() == library.contents[FILE]
    stop(manager, process)


def test_changed_settings_are_read_and_the_mount_is_kept(manager: Manager, library: Library) -> None:
    process = manager.start()
    player = Player(manager.mountpoint / FILE)
    manager.kill_all(process)
    StoreLayout(library.root).configuration.write_text("standby = false\n")
    process = manager.start()
    assert player.rest() == library.contents[FILE]
    assert len(processes_of(library.root.parent)) == 2
    stop(manager, process)


def test_a_mount_that_was_taken_away_meanwhile_is_made_anew(manager: Manager, library: Library) -> None:
    process = manager.start()
    manager.kill_all(process)
    detach(manager.mountpoint)
    process = manager.start()
    assert (manager.mountpoint / FILE).read_bytes() == library.contents[FILE]
    stop(manager, process)
