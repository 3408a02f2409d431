"""Restarts, reloads and kills of the service in a booted systemd, while clients read and list.

usage: python -m scripts.soaks.service [--rounds N] [--seed S] [--work DIR] [--json FILE]     (root)

Each round does one of: ``systemctl restart``, ``systemctl reload`` (a replace by a version that says it is another),
``kill -9`` of the daemon, of the supervisor, of every process of the service. Clients must see no error, no wrong byte
and no missing name; the worst stall of each kind is told. At the end ``systemctl stop`` must leave no mount.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from scripts.soaks.machine import REPOSITORY, Machine

UNIT = "offliniofs@root"
MOUNT = "/srv/offlinio/root"
KINDS = ("restart", "reload", "kill daemon", "kill supervisor", "kill all")

_WATCHER = r"""
import hashlib, json, os, sys, time
mount, stop = sys.argv[1:3]
films = [os.path.join(folder, name) for folder, _, names in os.walk(mount + "/movies") for name in names]
digests = {path: hashlib.blake2b(open(path, "rb").read()).digest() for path in films}
open_films = [(path, os.open(path, os.O_RDONLY)) for path in films]
names = sorted(os.listdir(mount + "/movies"))
stalls, errors, wrong, missing, turns = [], [], 0, 0, 0
print("watching", flush=True)
while not os.path.exists(stop):
    began = time.time()
    try:
        path, descriptor = open_films[turns % len(open_films)]
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.lseek(descriptor, 0, os.SEEK_SET)
        hashed = hashlib.blake2b()
        while chunk := os.read(descriptor, 65536):
            hashed.update(chunk)
            now = time.time()
            stalls.append((began, now - began))
            began = now
        wrong += hashed.digest() != digests[path]
        missing += sorted(os.listdir(mount + "/movies")) != names
        os.stat(path)
        now = time.time()
        stalls.append((began, now - began))
    except OSError as error:
        errors.append(str(error))
        time.sleep(0.05)
    turns += 1
    stalls = stalls if len(stalls) < 4000 else sorted(stalls, key=lambda stall: -stall[1])[:1000]
stalls.sort(key=lambda stall: -stall[1])
print(json.dumps({"turns": turns, "errors": errors[:5], "error_count": len(errors), "wrong": wrong,
                  "missing": missing, "stalls": stalls[:1000]}), flush=True)
"""


def _install(machine: Machine, store: Path, other: Path) -> None:
    """The unit, the program at the path it names (the version is that of the tree in ``/etc/offliniofs/tree``)."""
    root = machine.root
    program = root / "usr/local/bin/offliniofs"
    program.write_text(
        f'#!/bin/sh\nexec env PYTHONPATH="$(cat /etc/offliniofs/tree)" {sys.executable} -P -m offliniofs "$@"\n'
    )
    program.chmod(0o755)
    shutil.copy(REPOSITORY / "systemd/offliniofs@.service", root / "etc/systemd/system")
    for folder in ("etc/offliniofs", "data", MOUNT.lstrip("/")):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/offliniofs/root.conf").write_text("OFFLINIOFS_STORE=/data/store\n")
    shutil.rmtree(root / "data/store", ignore_errors=True)
    shutil.copytree(store, root / "data/store", ignore=shutil.ignore_patterns("run"))
    shutil.rmtree(root / "data/other", ignore_errors=True)
    shutil.copytree(other, root / "data/other")
    (root / "watcher.py").write_text(_WATCHER)
    _choose(machine, changed=False)


def _choose(machine: Machine, *, changed: bool) -> None:
    (machine.root / "etc/offliniofs/tree").write_text("/data/other\n" if changed else f"{REPOSITORY}\n")


def _another_version(work: Path) -> Path:
    """A copy of the package that says it is another version."""
    tree = work / "other"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(REPOSITORY / "offliniofs", tree / "offliniofs", ignore=shutil.ignore_patterns("__pycache__"))
    package = tree / "offliniofs/__init__.py"
    package.write_text(re.sub(r'__version__ = "(.*)"', r'__version__ = "\1+soak"', package.read_text()))
    return tree


def _library(work: Path) -> Path:
    store, media = work / "service-store", work / "service-media"
    shutil.rmtree(store, ignore_errors=True)
    if not media.exists():
        subprocess.run([REPOSITORY / "scripts/demo-library", media], check=True, stdout=subprocess.DEVNULL)
    base = [sys.executable, "-m", "offliniofs", "--store", str(store)]
    for verb in (["init"], ["import", str(media)]):
        subprocess.run([*base, *verb], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return store


def _main_pid(machine: Machine) -> int:
    return int(machine.run("systemctl", "show", "--property=MainPID", "--value", UNIT).stdout)


def _state(machine: Machine) -> dict[str, object]:
    (path,) = (machine.root / "data/store/run").glob("*.state")
    state = json.loads(path.read_text())
    assert isinstance(state, dict)
    return state


def _do(machine: Machine, kind: str, turn: int) -> None:
    if kind == "restart":
        machine.run("systemctl", "restart", UNIT)
    elif kind == "reload":
        _choose(machine, changed=turn % 2 == 0)
        machine.run("systemctl", "reload", UNIT)
    elif kind == "kill daemon":
        machine.run("sh", "-c", f"kill -9 {_state(machine)['daemon']}")
    elif kind == "kill supervisor":
        machine.run("sh", "-c", f"kill -9 {_main_pid(machine)}")
    else:
        machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=all", UNIT)


def _settle(machine: Machine) -> None:
    """Waits until the service serves again."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        active = machine.run("systemctl", "is-active", UNIT, check=False).stdout.strip()
        if active == "active" and _state(machine)["state"] == "serving":
            return
        time.sleep(0.05)
    raise SystemExit(_journal(machine))


def _journal(machine: Machine) -> str:
    return machine.run("journalctl", "--unit", UNIT, "--no-pager", "--lines=40").stdout


def run(rounds: int, seed: int, work: Path) -> dict[str, object]:
    """Runs the trial; what was seen, stalls in milliseconds by what was done."""
    chosen = random.Random(seed)
    machine = Machine(work / "machine")
    machine.make()
    _install(machine, _library(work), _another_version(work))
    machine.boot()
    spans: list[tuple[str, float, float]] = []
    try:
        if machine.run("systemctl", "start", UNIT, check=False).returncode != 0:
            raise SystemExit(_journal(machine))
        watcher = machine.start([sys.executable, "/watcher.py", MOUNT, "/tmp/stop"])
        assert watcher.stdout is not None
        watcher.stdout.readline()
        for turn in range(rounds):
            time.sleep(chosen.uniform(0.5, 2.0))
            kind = KINDS[turn % len(KINDS)]
            began = time.time()
            _do(machine, kind, turn // len(KINDS))
            _settle(machine)
            time.sleep(0.2)
            spans.append((kind, began, time.time()))
        version = json.loads(machine.run("cat", f"{MOUNT}/.offliniofs/status.json").stdout)["version"]
        machine.run("touch", "/tmp/stop")
        seen = json.loads(watcher.stdout.readline())
        watcher.wait()
        machine.run("systemctl", "stop", UNIT)
        left = machine.run("findmnt", MOUNT, check=False).stdout
        processes = machine.run("sh", "-c", "grep -l [o]ffliniofs.app /proc/[0-9]*/cmdline", check=False).stdout.split()
    finally:
        machine.halt()
    return {
        "rounds": rounds,
        "turns": seen["turns"],
        "errors": seen["error_count"],
        "examples": seen["errors"],
        "wrong_bytes": seen["wrong"],
        "missing_names": seen["missing"],
        "worst_stall_ms": _worst(spans, seen["stalls"]),
        "version_at_the_end": version,
        "left_mounted": bool(left.strip()),
        "left_processes": len(processes),
    }


def _worst(spans: list[tuple[str, float, float]], stalls: list[tuple[float, float]]) -> dict[str, float]:
    worst: dict[str, float] = defaultdict(float)
    for began, seconds in stalls:
        for kind, start, end in spans:
            if start - 0.05 <= began <= end:
                worst[kind] = max(worst[kind], round(seconds * 1000, 1))
    return dict(worst)


def main() -> int:
    """Prints what was seen; fails when anybody noticed more than a wait."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("/var/tmp/offliniofs-soak"))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    seen = run(arguments.rounds, arguments.seed, arguments.work)
    text = json.dumps(seen, indent=2)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n")
    clean = not (seen["errors"] or seen["wrong_bytes"] or seen["missing_names"] or seen["left_mounted"])
    return 0 if clean and not seen["left_processes"] else 1


if __name__ == "__main__":
    sys.exit(main())
