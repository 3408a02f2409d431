"""New files and folders of the inbox get numbers that nothing has there, as far as anybody knows.

Clients know a file by the inode number that it has in the staging folder, also when it was filed and its bytes are gone
from there: the inbox shows it for a while, and whoever has it open goes on reading. The disk gives such a number out
again at once (ext4 takes the lowest that is free), and the new file would be taken for the old one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from typing import Final

from offliniofs.ingest.inbox_paths import FILE, FOLDER

_MOST_TRIES: Final = 256
"""Each holds a descriptor. Whoever calls must be able to do with a number that is taken."""


def new_file(name: bytes, folder: int, taken: Container[int]) -> int:
    """Makes an empty file and returns its descriptor for reading and writing. Raises ``OSError``."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | FILE
    return _tried(lambda: os.open(name, flags, 0o600, dir_fd=folder), lambda: os.unlink(name, dir_fd=folder), taken)


def new_folder(name: bytes, folder: int, taken: Container[int]) -> int:
    """Makes a folder and returns its descriptor. Raises ``OSError``."""

    def make() -> int:
        os.mkdir(name, 0o700, dir_fd=folder)
        return os.open(name, FOLDER, dir_fd=folder)

    return _tried(make, lambda: os.rmdir(name, dir_fd=folder), taken)


def _tried(make: Callable[[], int], remove: Callable[[], None], taken: Container[int]) -> int:
    held: list[int] = []
    try:
        while True:
            descriptor = make()
            if len(held) == _MOST_TRIES or os.fstat(descriptor).st_ino not in taken:
                return descriptor
            held.append(descriptor)  # as long as it is open, the disk does not give its number out
            remove()
    finally:
        for descriptor in held:
            os.close(descriptor)
