"""One trial: a mount, its clients, and what happens to its daemons."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.soaks import material
from scripts.soaks.clients import Client, Noticed, asking, comparing, listing, printing

_SERVING_SECONDS = 30.0
_IDLE_SECONDS = 30.0
_COLD_STARTS = 5
_TICK = os.sysconf("SC_CLK_TCK")


class Mount:
    """A mount of ``store`` and its processes."""

    def __init__(self, store: Path, mountpoint: Path) -> None:
        self.store = store
        self.mountpoint = mountpoint
        mountpoint.mkdir(parents=True, exist_ok=True)
        self._run(sys.executable, "mount", str(mountpoint))
        self.wait_for(-1)

    def _run(self, python: str, *arguments: str) -> None:
        subprocess.run([python, "-P", "-m", "offliniofs", "--store", str(self.store), *arguments], check=True)

    def state(self) -> dict[str, object]:
        """What its supervisor says."""
        (path,) = (self.store / "run").glob("*.state")
        told: dict[str, object] = json.loads(path.read_text())
        return told

    def pid(self, role: str) -> int:
        """The process in a role: ``daemon`` or ``supervisor``."""
        return int(str(self.state()[role]))

    def wait_for(self, before: int) -> int:
        """Waits until a daemon other than ``before`` serves."""
        deadline = time.monotonic() + _SERVING_SECONDS
        while time.monotonic() < deadline:
            told = self.state()
            if told["state"] == "serving" and told["daemon"] not in {None, before}:
                return self.pid("daemon")
            time.sleep(0.005)
        raise TimeoutError(f"no daemon serves {self.mountpoint}: {self.state()}")

    def kill(self) -> None:
        """``kill -9``."""
        os.kill(self.pid("daemon"), signal.SIGKILL)

    def replace(self, python: str) -> None:
        """Lets another version take over."""
        self._run(python, "mount", "--replace", str(self.mountpoint))

    def end(self) -> None:
        """Unmounts."""
        self._run(sys.executable, "umount", "--lazy", str(self.mountpoint))


def _clients(mount: Mount, media: Path, played: Path) -> list[Client]:
    top = mount.mountpoint
    films = sorted(path for path in (top / "movies").glob("Bytes */*.mkv"))
    originals = sorted(media.glob("Bytes */*.mkv"))
    shown = next((top / "movies").glob("Test Card*/*.mkv"))
    decode = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i"]
    right = subprocess.run([*decode, str(played), "-f", "md5", "-"], check=True, capture_output=True).stdout
    play = printing(*decode, str(shown), "-f", "md5", "-")
    if subprocess.run([*decode, str(shown), "-f", "md5", "-"], check=True, capture_output=True).stdout != right:
        raise ValueError(f"{shown} plays otherwise than {played}")
    works: list[tuple[str, Callable[..., None]]] = [
        ("ffmpeg decodes", play),
        ("find", printing("find", str(top / "by-genre" / "Drama" / "by-year" / "1950"), "-printf", "%i %y %p\n")),
        ("ls -lR", printing("ls", "-lR", str(top / "by-genre" / "Drama" / "by-year" / "1951"))),
        *((f"compares {number}", comparing(films[number], originals[number])) for number in range(3)),
        ("lists movies", listing(top / "movies")),
        ("lists a facet", listing(top / "by-genre" / "Drama")),
        ("asks", asking(top)),
    ]
    return [Client(name, work) for name, work in works]


def under_load(
    mount: Mount, media: Path, played: Path, kills: int, seed: int, versions: list[str]
) -> dict[str, object]:
    """Kills (or, with ``versions``, replaces) at random moments while everybody works."""
    chosen = random.Random(seed)
    clients = _clients(mount, media, played)
    moments: list[float] = []
    for number in range(kills):
        time.sleep(chosen.uniform(0.3, 2.0))
        before = mount.pid("daemon")
        moments.append(time.monotonic())
        if versions:
            mount.replace(versions[number % len(versions)])
        else:
            mount.kill()
        mount.wait_for(before)
    time.sleep(1.0)
    noticed = [client.stop() for client in clients]
    return _summary(noticed, moments)


def _summary(noticed: list[Noticed], moments: list[float]) -> dict[str, object]:
    calls = [call for client in noticed for call in client.long]
    asked = [call for client in noticed if client.name == "asks" for call in client.long]
    return {
        "happened": len(moments),
        "errors": [f"{client.name}: {error}" for client in noticed for error in client.errors],
        "wrong_bytes": sum(client.wrong_bytes for client in noticed),
        "missing": sum(client.missing for client in noticed),
        "doubled": sum(client.doubled for client in noticed),
        "turns": {client.name: client.turns for client in noticed},
        "worst_stall_ms": _milliseconds(max((took for _, took in calls), default=0.0)),
        "median_stall_ms": _milliseconds(statistics.median(_stalls(asked, moments))),
    }


def _stalls(calls: list[tuple[float, float]], moments: list[float]) -> list[float]:
    """The longest call around each moment; what took less than 20 ms was not kept."""
    return [
        max((took for began, took in calls if began < moment + 2.0 and began + took > moment), default=0.02)
        for moment in moments
    ]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def cold_starts(mount: Mount) -> dict[str, object]:
    """How long one call waits when no loaded daemon is there: from the death over fork and exec to the answer."""
    waited = []
    for _ in range(_COLD_STARTS):
        before = mount.pid("daemon")
        mount.kill()
        began = time.monotonic()
        os.statvfs(mount.mountpoint)
        waited.append(time.monotonic() - began)
        mount.wait_for(before)
        time.sleep(2.5)  # so that deaths in a row do not count
    return {"exec_to_first_answer_ms": _milliseconds(statistics.median(waited)), "worst_ms": _milliseconds(max(waited))}


def at_rest(mount: Mount) -> dict[str, object]:
    """What the processes cost while nobody asks for anything."""
    time.sleep(2.0)
    supervisor, daemon = mount.pid("supervisor"), mount.pid("daemon")
    spare = next((pid for pid in _children(supervisor) if pid != daemon), None)
    ticks = _ticks(supervisor)
    time.sleep(_IDLE_SECONDS)
    return {
        "supervisor_cpu_ms_in_30_s": (_ticks(supervisor) - ticks) * 1000 // _TICK,
        "supervisor_rss_mb": _resident(supervisor),
        "daemon_rss_mb": _resident(daemon),
        "spare_rss_mb": None if spare is None else _resident(spare),
    }


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024 / 1e6, 1)


def run(kills: int, seed: int, work: Path, *, replace: bool) -> dict[str, object]:
    """The whole trial."""
    media, store = work / "media", work / "store"
    played = material.make_media(media)
    material.make_store(store, media)
    versions = [material.another_version(work / "other", "9.9.9"), sys.executable] if replace else []
    mount = Mount(store, work / "mount")
    try:
        found: dict[str, object] = {"seed": seed, "what": "replace" if replace else "kill -9"}
        found |= under_load(mount, media, played, kills, seed, versions)
        found |= at_rest(mount)
    finally:
        mount.end()
    (store / "offliniofs.toml").write_text("standby = false\n")
    mount = Mount(store, work / "mount")
    try:
        found |= cold_starts(mount)
    finally:
        mount.end()
    return found
