"""Reads the few bytes of a source that describing it takes: its start, and the whole of an NFO."""

from __future__ import annotations

import os
import stat

from offliniofs.detect.nfo import MAX_NFO_SIZE, NfoFacts, parse_nfo
from offliniofs.domain.errors import SourceError

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def read_start(path: bytes, limit: int) -> bytes:
    """The first ``limit`` bytes; empty for what cannot be read or is no regular file (storing it will say why)."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        return os.pread(descriptor, limit, 0) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


class NfoReader:
    """Reads each NFO of a gathering once, however many episodes ask for it."""

    def __init__(self) -> None:
        self._read: dict[bytes, NfoFacts | None] = {}
        self.failures: dict[bytes, str] = {}
        """Path → what is wrong with that NFO."""

    def facts(self, path: bytes) -> NfoFacts | None:
        """What the NFO says; ``None`` when it cannot be used, and then ``failures`` says why."""
        if path not in self._read:
            self._read[path] = self._parse(path)
        return self._read[path]

    def _parse(self, path: bytes) -> NfoFacts | None:
        try:
            return parse_nfo(read_start(path, MAX_NFO_SIZE + 1))
        except SourceError as error:
            self.failures[path] = str(error)
            return None
