"""What an import could not take, and what it left aside on purpose."""

from __future__ import annotations

import os
from dataclasses import dataclass


def shown(path: bytes) -> str:
    """A path for people and JSON: control characters and bytes that are not UTF-8 are escaped, nothing is lost."""
    text = os.fsdecode(path).encode(errors="backslashreplace").decode()
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not taken, or not wholly, and why. The import goes on; its exit code becomes 3."""

    path: bytes
    message: str

    def __str__(self) -> str:
        path = shown(self.path)
        return f"{path}: {self.message.removeprefix(path).lstrip()}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something nobody would want in a library, such as ``Thumbs.db`` or a hidden file. It is no failure."""

    path: bytes
    reason: str

    def __str__(self) -> str:
        return f"{shown(self.path)}: {self.reason}"
