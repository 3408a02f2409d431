from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.app.logs import configure_logging


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_carries_its_context(tmp_path: Path) -> None:
    path = tmp_path / "log" / "daemon.log"
    configure_logging("info", path=path, timestamp=False)
    logging.getLogger("offliniofs.test").warning("slow query", extra={"milliseconds": 120})
    logging.getLogger("offliniofs.test").debug("not shown")
    assert path.read_text() == "WARNING offliniofs.test slow query milliseconds=120\n"


def test_no_name_forges_a_line(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    configure_logging("info", path=path)
    logging.getLogger("t").info("file %s", "a\nINFO t forged", extra={"name_of_it": "b\x1b[2J\n"})
    (line,) = path.read_text().splitlines()
    assert "\\x0aINFO t forged" in line
    assert "\x1b" not in line


def test_a_traceback_stands_below_its_line(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    configure_logging("info", path=path, timestamp=False)
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("t").exception("failed", extra={"what": 1})
    lines = path.read_text().splitlines()
    assert lines[0] == "ERROR t failed what=1"
    assert lines[1].startswith("Traceback")
    assert lines[-1] == "ValueError: boom"


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", as_json=True)
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("t").exception("failed", extra={"path": b"x"})
    entry = json.loads(capsys.readouterr().err)
    assert entry["level"] == "error"
    assert entry["path"] == "b'x'"
    assert "boom" in entry["traceback"]
