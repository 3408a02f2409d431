"""What is to become of files that wait outside the inbox: the first letter of their folder in ``staging/saves``.

::

    saves/f<file id>/<name>    takes the place of a file of the library
    saves/d<folder id>/<name>  comes into a folder of the library
    saves/t<number>/<name>     was removed from the inbox, and goes into the trash

A group that is being filed carries the same word behind its number, so that a crash does not make it forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Purpose(Enum):
    """The letters."""

    REPLACE = b"f"
    INTO = b"d"
    REMOVED = b"t"


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to become of a file. ``key``: id of the file or folder of the library, or any number."""

    purpose: Purpose
    key: int

    @property
    def word(self) -> bytes:
        """The name of its folder."""
        return self.purpose.value + b"%d" % self.key


def aim_of(word: bytes) -> Aim | None:
    """The inverse of :attr:`Aim.word`; ``None`` for anything else."""
    letter, number = word[:1], word[1:]
    purpose = next((each for each in Purpose if each.value == letter), None)
    if purpose is None or not number.isdigit():
        return None
    return Aim(purpose, int(number))


def group_name(process: int, count: int, aim: Aim | None) -> bytes:
    """The name of a group that is being filed."""
    return b"%d-%d" % (process, count) + (b"-" + aim.word if aim is not None else b"")


def aim_of_group(group: bytes) -> Aim | None:
    """What is to become of the files of a group; ``None``: what becomes of everything in the inbox."""
    parts = group.split(b"-")
    return aim_of(parts[2]) if len(parts) > 2 else None


def target_number(folder_id: int) -> int:
    """Stands for a folder of the library where numbers of folders in the staging area stand: negative, below -1."""
    return -1 - folder_id


def target_of(number: int) -> Aim | None:
    """The inverse of :func:`target_number`."""
    return Aim(Purpose.INTO, -1 - number) if number < -1 else None
