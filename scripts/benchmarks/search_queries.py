"""Measures searches of a catalogue that ``make_catalog.py`` made: every sort of query, best and worst.

python scripts/benchmarks/search_queries.py /tmp/bench/catalog.sqlite --runs 50 [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from offliniofs.catalog.connection import Access, open_database
from offliniofs.catalog.search import SECONDS, finds_any, search_titles
from offliniofs.catalog.suggest import suggest
from offliniofs.query.parser import parse
from scripts.benchmarks.make_catalog import NOW_NS

QUERIES = (
    "blade runner",
    '"blade runner"',
    "gatestar",
    "the",
    "of the world",
    "the gatestar",
    "t",
    "th",
    "blad",
    "gast",
    "x264",
    "x264 1080p the",
    "the -love",
    "person:kenshe",
    'person:"star"',
    "title:the",
    "year:1999",
    "year:1980..1989",
    "year:>=2010",
    "genre:drama",
    "genre:sci-fi year:1999",
    "-genre:drama",
    "-the",
    "-t",
    "-blade",
    "views:0",
    "views:>100",
    "is:favourite",
    "size:>4G",
    "size:>60G",
    "added:<30d",
    "quality:>=1080p",
    "quality:>=WEBDL-1080p",
    "quality:1440p",
    "lang:de",
    "lang:la",
    'tag:"tag 7"',
    "collection:best-of",
    "type:movie",
    "type:movie -genre:drama -genre:comedy quality:2160p views:0",
    "blade OR year:1999",
    "(blade OR star) (genre:western OR year:1980..1985) -war",
    "the year:1999",
    "the year:1999 genre:western lang:de",
    'the tag:"tag 7"',
    "the size:>60G",
    "x264 year:1931",
    "lang:de lang:fr",
    "genre:drama -genre:drama",
    "year:1950..1955 size:>20G lang:sv",
    "love night world last star blade runner war man",
    "the of and a in to love man night world",
    "genre:drama year:2026 the",
    "genre:western year:1999 the",
    "genre:western quality:480p year:2001 the",
    "views:>5 year:1960 of",
)


def measure(path: Path, runs: int) -> list[dict[str, object]]:
    """Times every query ``runs`` times, in milliseconds."""
    database = open_database(path, Access.READ)
    results: list[dict[str, object]] = []
    for text in QUERIES:
        query = parse(text)
        times: list[float] = []
        found = []
        for _ in range(runs):
            begun = time.perf_counter()
            found = search_titles(database, query, limit=200, now_ns=NOW_NS)
            times.append((time.perf_counter() - begun) * 1e3)
        begun = time.perf_counter()
        finds_any(database, query, now_ns=NOW_NS, seconds=SECONDS)
        any_ms = (time.perf_counter() - begun) * 1e3
        results.append(_result(text, len(found), times, any_ms))
    for text in ("blde runner", "gatestrx", "thw worlf", "xqzwvkj", "lovr of the nigth"):
        times = []
        suggested = None
        for _ in range(runs):
            begun = time.perf_counter()
            suggested = suggest(database, parse(text), now_ns=NOW_NS)
            times.append((time.perf_counter() - begun) * 1e3)
        results.append(_result(f"did you mean: {text} → {suggested}", 0, times, 0.0))
    database.close()
    return results


def medians(path: Path, runs: int) -> dict[str, float]:
    """The median time of every query, in milliseconds."""
    return {str(one["query"]): float(str(one["p50_ms"])) for one in measure(path, runs)}


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds that a query took: medians and the worst."""

    cold: float
    worst_cold: float
    warm: float


def cold_and_warm(path: Path, runs: int) -> dict[str, Times]:
    """How long every query takes by turns from the disk and right after that from memory.

    Each time a new connection asks, as the first search of a command does. Only the kernel's pages of the catalogue are
    dropped: others work on with theirs.
    """
    os.sync()
    times: dict[str, Times] = {}
    for text in QUERIES:
        cold, warm = [], []
        for _ in range(runs):
            _forget(path)
            cold.append(_first_search(path, text))
            warm.append(_first_search(path, text))
        times[text] = Times(statistics.median(cold), max(cold), statistics.median(warm))
    return times


def cold_table(times: dict[str, Times]) -> str:
    """The times for people, the slowest from the disk first."""
    rows = sorted(times.items(), key=lambda one: -one[1].cold)
    lines = [f"{'query':64} {'cold':>8} {'worst':>8} {'warm':>8}  (ms)"]
    lines += [f"{text:64} {one.cold:8.1f} {one.worst_cold:8.1f} {one.warm:8.1f}" for text, one in rows]
    return "\n".join(lines)


def _forget(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _first_search(path: Path, text: str) -> float:
    database = open_database(path, Access.READ)
    query = parse(text)
    begun = time.perf_counter()
    search_titles(database, query, limit=200, now_ns=NOW_NS)
    taken = (time.perf_counter() - begun) * 1e3
    database.close()
    return taken


def _result(text: str, found: int, times: list[float], any_ms: float) -> dict[str, object]:
    times = sorted(times)
    return {
        "query": text,
        "found": found,
        "p50_ms": round(times[len(times) // 2], 2),
        "p95_ms": round(times[min(len(times) - 1, len(times) * 95 // 100)], 2),
        "first_ms": round(max(times), 2),
        "any_ms": round(any_ms, 2),
    }


def main() -> None:
    """Reads the arguments, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a catalogue")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--cold", action="store_true", help="from the disk and from memory by turns")
    arguments = parser.parse_args()
    if arguments.cold:
        print(cold_table(cold_and_warm(arguments.path, arguments.runs)))
        return
    results = measure(arguments.path, arguments.runs)
    if arguments.json:
        json.dump(results, sys.stdout, indent=1)
        return
    print(f"{'query':64} {'found':>5} {'p50':>8} {'p95':>8} {'worst':>8} {'any':>7}  (ms)")
    for result in results:
        print(
            f"{result['query']:64} {result['found']:5} {result['p50_ms']:8} {result['p95_ms']:8}"
            f" {result['first_ms']:8} {result['any_ms']:7}"
        )


if __name__ == "__main__":
    main()
