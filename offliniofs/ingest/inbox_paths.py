"""Walking down folders by their descriptors, a name at a time, without following a link. Blocks; raises ``OSError``."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import Final, TypeAlias

Way: TypeAlias = tuple[bytes, ...]
"""Names from the inbox down. The empty way is the inbox."""

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE: Final = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def descend(top: int, way: Way) -> int:
    """A descriptor of the folder at ``way`` below ``top``."""
    descriptor = os.dup(top)
    for name in way:
        try:
            below = os.open(name, FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def make_way(top: int, way: Way) -> int:
    """As :func:`descend`, making what is missing."""
    descriptor = os.dup(top)
    for name in way:
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=descriptor)
            below = os.open(name, FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def names_in(folder: int) -> list[bytes]:
    """The names in a folder, sorted.

    Through a description of its own: descriptors that share one (``dup``) share how far it was read, and two threads
    that list the folder at once would each get a part.
    """
    own = os.open(b".", FOLDER, dir_fd=folder)
    try:
        return sorted(map(os.fsencode, os.listdir(own)))
    finally:
        os.close(own)


def free_name(folder: int, name: bytes) -> bytes:
    stem, dot, extension = name.rpartition(b".")
    for ordinal in range(1, 1000):
        mark = b" (%d)" % ordinal if ordinal > 1 else b""
        tried = (stem[:200] + mark + dot + extension[-40:] if stem else name[:240] + mark) if mark else name
        try:
            os.stat(tried, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return tried
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def remove_folders(top: int, name: bytes) -> None:
    folder = os.open(name, FOLDER, dir_fd=top)
    try:
        for below in names_in(folder):
            remove_folders(folder, below)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def copy_bytes(source: int, target: int) -> None:
    offset = 0
    while count := os.copy_file_range(source, target, 1 << 30, offset, offset):
        offset += count


def path_in(folder: int, name: bytes) -> bytes:
    return b"/proc/self/fd/%d/%s" % (folder, name)
