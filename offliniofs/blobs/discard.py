"""Removing the original after a move: the only step of an import that can lose data, so it trusts nothing.

The path must still name the inode that was stored, with the size and mtime it had, and must not be a name of the store
itself. Then either the blob *is* that inode, which nothing has written to since it was hashed (its mtime says so), or
the blob is a file of its own and is read back from the disk before the original goes. POSIX cannot unlink an inode,
only a name: should another program put a new file at the path between the last look and the unlink, a few microseconds,
that file would go.
"""

from __future__ import annotations

import contextlib
import os

from offliniofs.blobs.protocol import BlobStore, Stored
from offliniofs.domain.errors import SourceChangedError, SourceError


def discard_source(store: BlobStore, stored: Stored, root: str) -> None:
    """Removes the original of ``stored``; ``root`` is the store's own folder, from which nothing is discarded.

    Raises ``SourceChangedError`` when the path holds another file by now, ``SourceError`` when the file cannot be
    removed, and what ``verify`` raises.
    """
    path = stored.origin.source.path
    folder_path, name = os.path.split(os.path.abspath(path))
    if _is_within(os.path.realpath(folder_path), os.fsencode(os.path.realpath(root))):
        raise SourceError(f"{stored.origin.source} lies in the store itself and stays")
    try:
        folder = os.open(folder_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SourceError(f"{stored.origin.source} was stored and could not be removed: {error.strerror}") from error
    try:
        _discard_in(store, stored, folder, name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SourceError(f"{stored.origin.source} was stored and could not be removed: {error.strerror}") from error
    finally:
        os.close(folder)


def _discard_in(store: BlobStore, stored: Stored, folder: int, name: bytes) -> None:
    _require_same(stored, folder, name)
    blob = store.stat(stored.digest)
    linked = (blob.device, blob.inode) == (stored.origin.device, stored.origin.inode)
    if not linked:
        store.verify(stored.digest, from_disk=True)
        _require_same(stored, folder, name)
    os.unlink(name, dir_fd=folder)
    if linked:
        _make_read_only(store, stored)


def _require_same(stored: Stored, folder: int, name: bytes) -> None:
    now, origin = os.stat(name, dir_fd=folder, follow_symlinks=False), stored.origin
    if (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) != (
        origin.device,
        origin.inode,
        origin.size,
        origin.mtime_ns,
    ):
        raise SourceChangedError(f"{origin.source} changed after it was stored and stays; import it again")


def _make_read_only(store: BlobStore, stored: Stored) -> None:
    """A linked inode is the store's alone now. Where it belongs to another user its mode stays as it is."""
    descriptor = store.open(stored.digest)
    try:
        if os.fstat(descriptor).st_nlink == 1:
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, 0o400)
    finally:
        os.close(descriptor)


def _is_within(path: bytes, root: bytes) -> bool:
    return os.path.commonpath([path, root]) == root
