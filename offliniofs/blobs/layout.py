"""Where things lie in a store, and how a folder is made one and recognised as one.

::

    <store>/blobs/VERSION            layout number and identity of the store, one JSON object
    <store>/blobs/tmp/<session>/     what live processes are writing
    <store>/blobs/<aa>/<bb>/<hex>    a blob; aa and bb are the first two pairs of its 64 digits

All folders are 0700 and belong to the one user of the store; blobs are 0400.
"""

from __future__ import annotations

import json
import os
import re
import stat
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from offliniofs.domain.errors import StoreError
from offliniofs.domain.ids import Digest, digest_from_hex

LAYOUT = 1
BLOBS = "blobs"
VERSION = "VERSION"
TEMPORARY = "tmp"
_VERSION_LIMIT = 4096
"""Bytes of the marker that are read at most."""
_PAIR = re.compile(r"[0-9a-f]{2}")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """What a store says of itself."""

    layout: int
    identity: str
    """A UUID, made once: tells a store from a copy of another that happens to be mounted at its place."""


def relative_path(digest: Digest) -> str:
    """Where a blob lies below ``blobs/``."""
    text = digest.hex()
    return f"{text[:2]}/{text[2:4]}/{text}"


def leaf_of(digest: Digest) -> str:
    """The folder of a blob below ``blobs/``."""
    text = digest.hex()
    return f"{text[:2]}/{text[2:4]}"


def open_directory(name: str, directory: int | None = None) -> int:
    """A descriptor of a folder, never through a symbolic link. Raises ``OSError``."""
    return os.open(name, _DIRECTORY, dir_fd=directory)


def initialise(path: str | os.PathLike[str]) -> StoreIdentity:
    """Makes ``path`` a store, durably, and creates the folder when it is missing. A store stays as it is.

    Raises ``StoreError`` when it cannot be written, or holds a ``blobs`` folder that is not ours.
    """
    root = os.path.abspath(path)
    blobs = os.path.join(root, BLOBS)
    try:
        os.makedirs(root, mode=0o700, exist_ok=True)
        if os.path.lexists(os.path.join(blobs, VERSION)):
            return read_identity(root)
        if os.path.lexists(blobs) and set(os.listdir(blobs)) - {TEMPORARY, f"{VERSION}.new"}:
            raise StoreError(f"{blobs} exists and is no store of OfflinioFS; choose another folder for the store")
        os.makedirs(os.path.join(blobs, TEMPORARY), mode=0o700, exist_ok=True)
        os.chmod(blobs, 0o700)
        _write_marker(blobs, StoreIdentity(LAYOUT, str(uuid.uuid4())))
        for directory in (blobs, root, os.path.dirname(root)):
            _sync_directory(directory)
    except OSError as error:
        raise StoreError(f"cannot make a store in {root}: {error.strerror}") from error
    return read_identity(root)


def read_identity(path: str | os.PathLike[str]) -> StoreIdentity:
    """Reads and checks the marker of a store. Raises ``StoreError`` and says what to do."""
    marker = os.path.join(os.path.abspath(path), BLOBS, VERSION)
    try:
        with open(marker, "rb") as file:
            text = file.read(_VERSION_LIMIT)
    except FileNotFoundError:
        raise StoreError(f"{os.fspath(path)} is no store of OfflinioFS; make one with: offliniofs init") from None
    except OSError as error:
        raise StoreError(f"{marker} cannot be read: {error.strerror}") from error
    try:
        content = json.loads(text)
        identity = StoreIdentity(int(content["layout"]), str(uuid.UUID(content["id"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{marker} is damaged; restore it from a backup") from error
    if identity.layout != LAYOUT:
        raise StoreError(f"{marker} says layout {identity.layout}, this program knows {LAYOUT}; use a newer OfflinioFS")
    return identity


def require_private(path: str, descriptor: int) -> None:
    """Raises ``StoreError`` unless the folder is ours alone: its files could be changed or read by others."""
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid():
        raise StoreError(
            f"{path} belongs to user {status.st_uid} and this process runs as {os.geteuid()}; run it as that user"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise StoreError(f"{path} is open to other users; close it with: chmod 700 {path}")


def digests_below(directory: int) -> Iterator[Digest]:
    """Every digest that has a file at its place below the ``blobs/`` descriptor, ascending. Raises ``OSError``."""
    for first in _pairs(directory, "."):
        for second in _pairs(directory, first):
            for name in _names(directory, f"{first}/{second}"):
                digest = _digest_at(name, first, second)
                if digest is not None:
                    yield digest


def _digest_at(name: str, first: str, second: str) -> Digest | None:
    try:
        digest = digest_from_hex(name)
    except ValueError:
        return None
    return digest if name.startswith(first + second) else None


def _pairs(directory: int, name: str) -> list[str]:
    return [entry for entry in _names(directory, name) if _PAIR.fullmatch(entry)]


def _names(directory: int, name: str) -> list[str]:
    try:
        descriptor = open_directory(name, directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        return sorted(os.listdir(descriptor))
    finally:
        os.close(descriptor)


def _write_marker(blobs: str, identity: StoreIdentity) -> None:
    fresh = os.path.join(blobs, f"{VERSION}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps({"layout": identity.layout, "id": identity.identity}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(fresh, os.path.join(blobs, VERSION))


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
