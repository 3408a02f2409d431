"""Programs as people run them, each a process of its own, and the command line without its start-up time.

The history makes one step of what one process does in one go; so whoever wants a step for each change needs a process
for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_SERVER = """
import json, os, sys
from offliniofs.cli.main import VERBS, command_line, run
for verb in VERBS:
    command_line.get_command(None, verb)
for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        os.close(writing)
        code = run(json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    os.close(writing)
    with open(reading, "rb") as stream:
        said = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.write(json.dumps([code, said.decode(errors="replace")]) + "\\n")
    sys.stdout.flush()
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended and what it said, on both channels.

    ``elsewhere``: what it changed it changed in the store, past the mount.
    """

    code: int
    said: str
    elsewhere: bool = False


def program(*command: str | Path, cwd: Path | None = None) -> Ran:
    """Runs a program; for at most a minute."""
    line = [os.fspath(word) for word in command]
    done = subprocess.run(
        line,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return Ran(done.returncode, done.stdout.decode(errors="replace"))


class CommandLine:
    """``offliniofs`` for one store: each command is a process of its own, forked from one that has loaded everything.

    Close it.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> Ran:
        """One command."""
        sending, receiving = self._ends()
        sending.write(json.dumps(["--store", str(self._store), *arguments]) + "\n")
        sending.flush()
        code, said = json.loads(receiving.readline())
        return Ran(code, said, elsewhere=True)

    def close(self) -> None:
        """Ends the process behind it."""
        for end in self._ends():
            end.close()
        self._server.wait(20)

    def _ends(self) -> tuple[IO[str], IO[str]]:
        sending, receiving = self._server.stdin, self._server.stdout
        assert sending is not None
        assert receiving is not None
        return sending, receiving
