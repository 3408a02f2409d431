"""Identifying release names, on one core."""

from __future__ import annotations

import importlib.metadata
import json
import os
import statistics

from offliniofs.detect.names import identify_name
from scripts.benchmarks.machine import seconds
from scripts.benchmarks.result import Result


def corpus() -> list[str]:
    """The release names that guessit's wheel carries for its comparison with other parsers."""
    names: list[str] = []
    for path in importlib.metadata.files("guessit") or ():
        if "cross_parser" in str(path) and path.suffix == ".json":
            names += _strings(json.loads(path.read_text()))
    return sorted({name for name in names if "." in name or " " in name})


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in ([key] if len(key) > 20 else []) + _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return []


def identification(runs: int) -> Result:
    """Names a second on one core."""
    names = [name for name in corpus() if len(name) > 20]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    identify_name(names[0])
    figures = [len(names) / seconds(lambda: [identify_name(name) for name in names]) for _ in range(runs)]
    figure = statistics.median(figures)
    return Result("names identified on one core", figure, "names/s", "at least 400 a second", figure >= 400)
