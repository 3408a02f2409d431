"""The daemon as a service: started in the background or by a service manager, asked through its socket, ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from offliniofs.app.control_client import ControlAddress, ask, control_addresses
from offliniofs.app.layout import StoreLayout
from offliniofs.app.mounts import mountpoints
from offliniofs.fuse.mount_table import mounted_at
from tests.mount.support import Daemon, Library, processes_of, small_library, wait_until


def run(library: Library, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "offliniofs", "--store", str(library.root), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_background_mount_is_ready_when_the_command_returns(library: Library, tmp_path: Path) -> None:
    small_library(library)
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    started = run(library, "mount", str(mountpoint))
    assert started.returncode == 0, started.stderr
    try:
        assert "Heat (1995)" in os.listdir(mountpoint / "movies")
        (address,) = control_addresses(StoreLayout(library.root).run)
        document = ask(address, "status")
        pid = document["pid"]
        assert isinstance(pid, int)
        assert document["titles"] == 5
        status = run(library, "status", "--json")
        assert json.loads(status.stdout)[0]["mountpoint"] == str(mountpoint)
        assert str(mountpoint) in run(library, "status").stdout
        again = run(library, "mount", str(mountpoint))
        assert again.returncode == 1
        assert "mounted already" in again.stderr
    finally:
        ended = run(library, "umount", str(mountpoint))
    assert ended.returncode == 0, ended.stderr
    assert mounted_at(mountpoint) is None
    wait_until(lambda: pid not in processes_of(library.root.parent), 20, "the daemon has ended")
    assert control_addresses(StoreLayout(library.root).run) == []
    assert "not mounted" in run(library, "status").stdout


def test_status_and_the_mount_tell_the_same(library: Library, mount: Callable[..., Daemon]) -> None:
    small_library(library)
    daemon = mount()
    told = json.loads((daemon.mountpoint / ".offliniofs" / "status.json").read_bytes())
    asked = ask(ControlAddress.for_mount(StoreLayout(library.root).run, daemon.mountpoint), "status")
    assert told.keys() == asked.keys()
    for key in ("mountpoint", "store", "pid", "titles", "files", "stored_bytes"):
        assert told[key] == asked[key]
    metrics = (daemon.mountpoint / ".offliniofs" / "metrics.prom").read_text()
    assert "offliniofs_titles 5\n" in metrics
    assert (daemon.mountpoint / ".offliniofs" / "health.txt").read_text() == "Everything is in order.\n"
    assert os.getxattr(daemon.mountpoint, "user.offliniofs.count") == b"5"


def test_the_service_manager_hears_of_readiness_and_life(library: Library, tmp_path: Path) -> None:
    small_library(library)
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        daemon = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "offliniofs",
                "--store",
                str(library.root),
                "mount",
                "--foreground",
                str(mountpoint),
            ],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"},
            stderr=subprocess.DEVNULL,
        )
        told: list[bytes] = []
        while not any(message.startswith(b"READY=1") for message in told):
            told.append(manager.recv(4096))
        assert "movies" in os.listdir(mountpoint)
        while told.count(b"WATCHDOG=1") < 3:
            told.append(manager.recv(4096))
        daemon.send_signal(signal.SIGTERM)
        while told[-1] != b"STOPPING=1":
            told.append(manager.recv(4096))
        assert daemon.wait(20) == 0
    assert mounted_at(mountpoint) is None


def test_a_broken_catalogue_is_reported_and_nothing_is_mounted(library: Library, tmp_path: Path) -> None:
    mountpoint = tmp_path / "mount"
    mountpoint.mkdir()
    catalogue = StoreLayout(library.root).catalogue
    catalogue.write_bytes(b"this is no database" * 1000)
    failed = run(library, "mount", str(mountpoint))
    assert failed.returncode == 1
    assert str(catalogue) in failed.stderr
    assert "Traceback" not in failed.stderr
    assert mounted_at(mountpoint) is None


def test_a_newer_catalogue_is_refused(library: Library, tmp_path: Path) -> None:
    script = "PRAGMA user_version = 999"
    subprocess.run(["sqlite3", str(StoreLayout(library.root).catalogue), script], check=True)
    (tmp_path / "mount").mkdir()
    for arguments in (("list",), ("mount", str(tmp_path / "mount")), ("migrate",)):
        refused = run(library, *arguments)
        assert refused.returncode == 1
        assert "newer OfflinioFS" in refused.stderr


def test_a_mounted_store_is_not_migrated(library: Library, mount: Callable[..., Daemon], tmp_path: Path) -> None:
    daemon, other = mount(), mount(at=tmp_path / "other")
    up_to_date = run(library, "migrate")
    assert up_to_date.returncode == 0, up_to_date.stderr
    catalogue, backups = str(library.catalogue), StoreLayout(library.root).backups
    (version,) = subprocess.run(
        ["sqlite3", catalogue, "PRAGMA user_version"], check=True, capture_output=True, text=True
    ).stdout.split()
    records = "schema_migrations"
    older = f"CREATE TABLE aside AS SELECT * FROM {records}; DELETE FROM {records}; PRAGMA user_version = 0"
    as_it_was = f"INSERT INTO {records} SELECT * FROM aside; DROP TABLE aside; PRAGMA user_version = {version}"
    subprocess.run(["sqlite3", "-cmd", ".timeout 10000", catalogue, older], check=True)
    try:
        refused = run(library, "migrate")
    finally:
        subprocess.run(["sqlite3", "-cmd", ".timeout 10000", catalogue, as_it_was], check=True)
    assert refused.returncode == 1
    assert "is mounted on" in refused.stderr
    assert str(daemon.mountpoint) in refused.stderr
    assert str(other.mountpoint) in refused.stderr
    assert not backups.exists() or not os.listdir(backups)


def test_a_silent_daemon_counts_as_a_mount_and_a_dead_one_does_not(library: Library) -> None:
    layout = StoreLayout(library.root)
    layout.run.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(layout.run / "dead.sock"))
    assert mountpoints(layout) == []
    with socket.socket(socket.AF_UNIX) as silent, ThreadPoolExecutor(1) as threads:
        silent.bind(str(layout.run / "silent.sock"))
        silent.listen()
        asked = threads.submit(mountpoints, layout)
        connection, _ = silent.accept()
        connection.close()
        assert asked.result() == [layout.run / "silent.sock"]
