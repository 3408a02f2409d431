"""Importing large and small files, durably."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts.benchmarks.films import make_clip, void_element, write_film
from scripts.benchmarks.machine import forget_pages, interleaved, offliniofs, seconds
from scripts.benchmarks.result import Result

_LARGE_FILES = 4
_CLIPS = 25


def large_files(work: Path, size: int, runs: int) -> Result:
    """Four large files: MB a second, beside ``cp`` + ``sync`` + ``b3sum`` of the same files."""
    source = work / f"large-{size}"
    if not source.exists():
        clip = make_clip(work / "clip.mkv")
        for number in range(_LARGE_FILES):
            write_film(source / f"Film.{number}.200{number}.1080p.WEB-DL.mkv", clip, size)
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


def small_files(work: Path, count: int, runs: int) -> Result:
    """Many small playable films, each different: files a second, probed, identified and durable."""
    source = work / f"small-{count}"
    if not source.exists():
        clips = [make_clip(work / "clips" / f"{number}.mkv", hue=number * 14) for number in range(_CLIPS)]
        for number in range(count):
            folder = source / f"Film {number} ({1950 + number % 70})"
            folder.mkdir(parents=True)
            name = f"Film.{number}.{1950 + number % 70}.720p.WEB-DL.x264-GROUP.mkv"
            tail = number.to_bytes(8, "big")
            (folder / name).write_bytes(clips[number % _CLIPS] + void_element(len(tail)) + tail)

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
