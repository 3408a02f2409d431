"""Structured logging: one line an event, ``key=value`` for a terminal or a file, JSON on request."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MAX_LOG_BYTES = 4 * 1024 * 1024
_KEPT_LOGS = 3


def _context(record: logging.LogRecord) -> dict[str, object]:
    """What the caller passed as ``extra``."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _single_line(text: str) -> str:
    """No name of a file may forge a line of the log."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


class KeyValueFormatter(logging.Formatter):
    """``2026-01-02T03:04:05+0000 WARNING offliniofs.catalog slow query milliseconds=120 statement='…'``."""

    def __init__(self, *, timestamp: bool) -> None:
        stamp = "%(asctime)s " if timestamp else ""
        super().__init__(f"{stamp}%(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback below it where there is one."""
        first, *traceback = super().format(record).split("\nTraceback", 1)
        pairs = "".join(f" {key}={_single_line(repr(value))}" for key, value in sorted(_context(record).items()))
        rest = f"\nTraceback{traceback[0]}" if traceback else ""
        return f"{_single_line(first)}{pairs}{rest}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: time (seconds), level, logger, message, and what the caller added."""
        entry: dict[str, object] = {
            "time": record.created,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_context(record),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=repr, sort_keys=True)


def configure_logging(level: str, *, as_json: bool = False, path: Path | None = None, timestamp: bool = True) -> None:
    """Sends the program's log to standard error, or to ``path`` with rotation (4 MiB, three old files)."""
    handler: logging.Handler
    if path is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        from logging.handlers import RotatingFileHandler

        handler = RotatingFileHandler(path, maxBytes=_MAX_LOG_BYTES, backupCount=_KEPT_LOGS)
    handler.setFormatter(JsonFormatter() if as_json else KeyValueFormatter(timestamp=timestamp))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
