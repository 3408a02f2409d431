"""The supervisor's lines in the log, and its state for whoever asks.

The log lines look like those of the daemon (``app/logs.py``); that module is too heavy to be imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time


class Journal:
    """Where the lines go: the file at ``path``, or standard error if that is empty."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, level: str, message: str, **context: object) -> None:
        """Writes one line. A log that cannot be written is no reason to lose the mount."""
        pairs = "".join(f" {key}={_plain(repr(value))}" for key, value in sorted(context.items()))
        # journald stamps the lines itself.
        stamp = "" if "JOURNAL_STREAM" in os.environ else time.strftime("%Y-%m-%dT%H:%M:%S%z ")
        line = f"{stamp}{level} offliniofs.supervisor {_plain(message)}{pairs}\n"
        with contextlib.suppress(OSError, ValueError):
            if not self._path:
                sys.stderr.write(line)
                sys.stderr.flush()
                return
            # Opened for each of the few lines, because the daemon puts a full file aside and begins another.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(descriptor, "a") as stream:
                stream.write(line)


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


class StateFile:
    """``<store>/run/<name>.state``: what the supervisor is doing, replaced in one step, for ``status`` and ``doctor``.

    Nothing depends on it; where it cannot be written the mount goes on without.
    """

    def __init__(self, folder: str, name: str) -> None:
        self._path = os.path.join(folder, f"{name}.state")

    def write(self, **state: object) -> None:
        """Replaces what it says."""
        unfinished = f"{self._path}.{os.getpid()}"
        with contextlib.suppress(OSError):
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w") as stream:
                json.dump({"supervisor": os.getpid(), "since": time.time(), **state}, stream)
            os.rename(unfinished, self._path)

    def remove(self) -> None:
        """The mount has ended. What the supervisor of another mount on this folder has written since stays."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            with open(self._path) as stream:
                written = json.load(stream)
            if written.get("supervisor") == os.getpid():
                os.unlink(self._path)
