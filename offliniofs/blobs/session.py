"""The folder in which one process keeps its temporary files, and how those of dead processes are told apart.

Every process that writes has ``tmp/<session>/`` and an exclusive flock(2) on it for as long as it lives. The kernel
drops the lock with the process, however that ended, so that a session whose lock can be had belongs to nobody. A
process id in a name could not tell that: ids are used again, and differ between containers. Making a session and
cleaning up both hold a lock on ``tmp/`` itself, so that a session is never seen before it is locked.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator

from offliniofs.blobs.layout import TEMPORARY, open_directory
from offliniofs.blobs.protocol import Cleaned


class Session:
    """A locked temporary folder. ``descriptor`` is where files are made."""

    def __init__(self, blobs: int) -> None:
        """Makes and locks one below the ``blobs/`` descriptor. Raises ``OSError``."""
        self._blobs = blobs
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        with _locked_temporary(blobs) as directory:
            os.mkdir(self.name, 0o700, dir_fd=directory)
            self.descriptor = open_directory(self.name, directory)
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def fresh_name(self) -> str:
        """A file name that nothing has."""
        return secrets.token_hex(16)

    def close(self) -> None:
        """Removes the folder and what is left in it."""
        try:
            with _locked_temporary(self._blobs) as directory:
                _remove(self.name, self.descriptor, directory)
        finally:
            os.close(self.descriptor)


def clean_dead(blobs: int) -> Cleaned:
    """Removes the sessions that no live process holds. Raises ``OSError``."""
    files = size = 0
    with _locked_temporary(blobs) as directory:
        for name in os.listdir(directory):
            removed = _clean_one(name, directory)
            files += removed.files
            size += removed.size
    return Cleaned(files, size)


@contextlib.contextmanager
def _locked_temporary(blobs: int) -> Iterator[int]:
    with contextlib.suppress(FileExistsError):
        os.mkdir(TEMPORARY, 0o700, dir_fd=blobs)
    directory = open_directory(TEMPORARY, blobs)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def _clean_one(name: str, directory: int) -> Cleaned:
    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(name, dir_fd=directory)
        return Cleaned(1, status.st_size)
    session = open_directory(name, directory)
    try:
        fcntl.flock(session, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Cleaned(0, 0)
    else:
        return _remove(name, session, directory)
    finally:
        os.close(session)


def _remove(name: str, session: int, directory: int) -> Cleaned:
    files = size = 0
    for entry in os.listdir(session):
        size += os.stat(entry, dir_fd=session, follow_symlinks=False).st_size
        os.unlink(entry, dir_fd=session)
        files += 1
    os.rmdir(name, dir_fd=directory)
    return Cleaned(files, size)
