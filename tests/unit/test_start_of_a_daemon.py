"""What a daemon loads before its first answer, that it loads the rest itself, and what the commands around it load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

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
        "connection", "failures", "migration", "pool", "reader", "reader_access",
        "reader_alike", "reader_audit", "reader_base", "reader_details", "reader_history", "reader_library",
        "reader_listing", "reader_selections", "reader_trash", "schema", "selection", "service", "statements",
    },
    "ingest": {
        "file", "inbox", "inbox_area", "inbox_filing", "inbox_groups", "inbox_ledger", "inbox_marks", "inbox_numbers",
        "inbox_own_texts", "inbox_paths", "inbox_purposes", "inbox_quiet", "problem", "settings",
    },
    "query": {"facet_words", "text"},
}  # fmt: skip
"""Rooms and their modules; ``None``: all that there are. Each further one is a wait for clients."""

_EVERY_COMMAND = {
    "cli": {"context", "output"},
    "app": {"config", "layout", "logs"},
    "blobs": {"layout"},
    "domain": {"errors", "ids", "sizes"},
}
"""What every command needs before it does anything."""

_SUPERVISOR = {
    "app": {"notify", "socket_path", "supervisor"},
    "fuse": {"aborting", "disconnection"},
}
"""All of a supervisor: the one process of a mount that nothing may end, so it is small."""

_COMMANDS = {
    "mount": {
        "app": {
            "assignment",
            "background",
            "control_client",
            "launch",
            "notify",
            "socket_path",
            "supervised",
            "supervisor",
        },
        "fuse": {
            "aborting",
            "disconnection",
            "init_request",
            "mount_table",
            "mounting",
            "options",
            "session_memory",
        },
    },
    "status": {
        "app": {"control_client", "socket_path", "supervised"},
        "fuse": {"aborting", "mount_table", "mounting", "options"},
    },
    "umount": {"app": {"supervised"}, "fuse": {"aborting", "mount_table", "mounting", "options", "unmounting"}},
    "import": {
        "app": {"nursery_errors"},
        "cli": {"import_progress", "import_summary"},
        "domain": {"arrival", "content", "facts"},
        "ingest": {"problem", "progress", "report"},
    },
}
"""What each needs besides, until it knows what it is asked for."""

_LOOP = {"apsw", "pyfuse3", "trio"}
"""What takes longer to load than these commands take to run."""

_DEAR = {"click", "defusedxml", "platformdirs", "psutil", "pymediainfo", "rich", "tomllib", "xattr", "xml"}
"""What no first answer needs."""


def _loaded(*modules: str) -> set[str]:
    """What an interpreter has loaded once it has imported ``modules``."""
    program = f"import {', '.join(modules)}, sys; print(*sys.modules)"
    # Measuring coverage loads modules of its own into every interpreter.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return set(loaded.stdout.split())


@pytest.fixture(scope="module")
def at_start() -> set[str]:
    return _loaded("offliniofs.app.generation")


def _beyond(budget: Mapping[str, set[str] | None], loaded: set[str]) -> list[str]:
    """Our modules among ``loaded`` that ``budget`` does not allow."""
    too_many = []
    for name in loaded:
        program, room, *rest = (*name.split("."), "")
        if program != "offliniofs" or not room:
            continue
        allowed = budget.get(room, set())
        if allowed is not None and rest[0] and rest[0] not in allowed:
            too_many.append(name)
    return sorted(too_many)


def test_the_first_answer_needs_few_modules(at_start: set[str]) -> None:
    assert _beyond(_OURS_AT_START, at_start) == []


def test_the_first_answer_needs_no_dear_packages(at_start: set[str]) -> None:
    assert _DEAR & at_start == set()


def test_what_is_loaded_later_was_not_loaded_before(at_start: set[str]) -> None:
    assert set(REST) & at_start == set()


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_a_command_needs_few_modules_and_no_event_loop(command: str) -> None:
    module = f"{command}_command"
    budget = {room: set(names) for room, names in _EVERY_COMMAND.items()}
    for room, names in _COMMANDS[command].items():
        budget.setdefault(room, set()).update(names)
    budget["cli"].add(module)
    loaded = _loaded(f"offliniofs.cli.{module}")
    assert _beyond(budget, loaded) == []
    assert (_DEAR - {"click"} | _LOOP) & loaded == set()


def test_a_supervisor_needs_hardly_anything() -> None:
    loaded = _loaded("offliniofs.app.supervisor.__main__")
    assert _beyond(_SUPERVISOR, loaded) == []
    assert (_DEAR | _LOOP | {"blake3", "dataclasses", "logging"}) & loaded == set()
