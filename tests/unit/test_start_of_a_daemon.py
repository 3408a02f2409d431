"""What a daemon loads before its first answer, and that it loads the rest itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from offliniofs.app.later import REST

_OURS_AT_START = {
    "app": None,
    "blobs": None,
    "fuse": None,
    "tree": None,
    "domain": {
        "access", "actors", "content", "editing", "errors", "ids", "listing", "naming", "sizes", "trash",
    },
    "catalog": {
        "connection", "failures", "hot_pages", "migration", "pool", "reader", "reader_access",
        "reader_alike", "reader_audit", "reader_base", "reader_details", "reader_history", "reader_library",
        "reader_listing", "reader_selections", "reader_trash", "schema", "selection", "service", "statements",
    },
    "ingest": {
        "file", "inbox", "inbox_area", "inbox_groups", "inbox_ledger", "inbox_paths", "inbox_quiet", "problem",
        "settings",
    },
    "query": {"facet_words", "text"},
}  # fmt: skip
"""Rooms and their modules; ``None``: all that there are. Each further one is a wait for clients."""

_DEAR = {"click", "defusedxml", "platformdirs", "psutil", "pymediainfo", "rich", "tomllib", "xattr", "xml"}
"""What no first answer needs."""


def _loaded(*modules: str) -> set[str]:
    """What an interpreter has loaded once it has imported ``modules``."""
    program = f"import {', '.join(modules)}, sys; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    )


@pytest.fixture(scope="module")
def at_start() -> set[str]:
    return _loaded("offliniofs.app.generation")


def test_the_first_answer_needs_few_modules(at_start: set[str]) -> None:
    too_many = []
    for name in at_start:
        program, room, *rest = (*name.split("."), "")
        if program != "offliniofs" or not room:
            continue
        allowed = _OURS_AT_START.get(room, set())
        if allowed is not None and rest[0] and rest[0] not in allowed:
            too_many.append(name)
    assert sorted(too_many) == []


def test_the_first_answer_needs_no_dear_packages(at_start: set[str]) -> None:
    assert _DEAR & at_start == set()


def test_what_is_loaded_later_was_not_loaded_before(at_start: set[str]) -> None:
    assert set(REST) & at_start == set()
