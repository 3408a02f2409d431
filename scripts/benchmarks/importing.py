"""Importing large and small files, durably."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts.benchmarks.machine import forget_pages, interleaved, offliniofs, seconds
from scripts.benchmarks.result import Result

_MEGABYTE = 1024 * 1024
_LARGE_FILES = 4
_SAMPLES = 25


def large_files(work: Path, size: int, runs: int) -> Result:
    """Four large files: MB a second, beside ``cp`` + ``sync`` + ``b3sum`` of the same files."""
    source = work / f"large-{size}"
    if not source.exists():
        source.mkdir(parents=True)
        for number in range(_LARGE_FILES):
            with (source / f"Film.{number}.200{number}.1080p.WEB-DL.mkv").open("wb") as stream:
                stream.write(bytes.fromhex("1a45dfa3") + os.urandom(_MEGABYTE - 4))
                for _ in range(size // _MEGABYTE - 1):
                    stream.write(os.urandom(_MEGABYTE))
    total = size * _LARGE_FILES / 1e6

    def ours() -> float:
        store = work / "store-large"
        shutil.rmtree(store, ignore_errors=True)
        offliniofs(store, "init")
        forget_pages(source)
        took = seconds(lambda: offliniofs(store, "import", "--mode", "copy", str(source)))
        shutil.rmtree(store)
        return total / took

    def coreutils() -> float:
        target = work / "copied-large"
        shutil.rmtree(target, ignore_errors=True)
        forget_pages(source)
        script = 'cp -r "$1" "$2" && sync && b3sum "$2"/* >/dev/null'
        took = seconds(lambda: subprocess.run(["sh", "-c", script, "sh", str(source), str(target)], check=True))
        shutil.rmtree(target)
        return total / took

    figures = interleaved({"offliniofs": ours, "cp + sync + b3sum": coreutils}, runs)
    mine = figures.pop("offliniofs")
    goal = "at least 70 % of cp + sync + b3sum"
    return Result("import of large files", mine, "MB/s", goal, mine >= 0.7 * figures["cp + sync + b3sum"], figures)


def _sample_commands(folder: Path) -> list[list[str]]:
    commands = []
    for number in range(_SAMPLES):
        video = [
            *("-f", "lavfi", "-i", f"testsrc=size=320x240:rate=10:duration=1,hue=h={number * 14}"),
            *("-f", "lavfi", "-i", f"sine=frequency={200 + number * 10}:duration=1"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(folder / f"{number}.mkv")),
        ]
        commands.append(["ffmpeg", "-nostdin", "-v", "error", *video])
    return commands


def small_files(work: Path, count: int, runs: int) -> Result:
    """Many small playable films, each different: files a second, probed, identified and durable."""
    source, samples = work / f"small-{count}", work / "samples"
    if not source.exists():
        samples.mkdir(parents=True, exist_ok=True)
        for command in _sample_commands(samples):
            subprocess.run(command, check=True)
        contents = [path.read_bytes() for path in sorted(samples.iterdir())]
        for number in range(count):
            folder = source / f"Film {number} ({1950 + number % 70})"
            folder.mkdir(parents=True)
            # An EBML Void element at the end makes each file a different one that still plays (RFC 8794).
            void = b"\xec\x88" + number.to_bytes(8, "big")
            name = f"Film.{number}.{1950 + number % 70}.720p.WEB-DL.x264-GROUP.mkv"
            (folder / name).write_bytes(contents[number % _SAMPLES] + void)

    def ours() -> float:
        store = work / "store-small"
        shutil.rmtree(store, ignore_errors=True)
        offliniofs(store, "init")
        took = seconds(lambda: offliniofs(store, "import", "--mode", "copy", str(source)))
        shutil.rmtree(store)
        return count / took

    actions: dict[str, Callable[[], float]] = {"offliniofs": ours}
    figure = interleaved(actions, runs)["offliniofs"]
    return Result(
        f"import of {count:,} small files, durable", figure, "files/s", "at least 150 a second", figure >= 150
    )
