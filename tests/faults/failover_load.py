"""What clients do while daemons die: listings in small steps, readers that compare; and large, made-up libraries."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterator
from pathlib import Path

from offliniofs.domain.arrival import Arrival, SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole, PlacementMode
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification
from offliniofs.domain.ids import Digest
from tests.mount.support import Library

_GETDENTS64 = {"x86_64": 217, "aarch64": 61}[platform.machine()]
_HEADER = struct.Struct("=QqHB")
"""struct linux_dirent64, getdents(2): inode, position, record length, kind; then the name."""
_LIBC = ctypes.CDLL(None, use_errno=True)


def getdents(descriptor: int, room: int) -> list[str]:
    """One getdents64(2) into ``room`` bytes: the next names, without ``.`` and ``..``; ``["."]`` where it had no more.

    Raises ``OSError``.
    """
    buffer = ctypes.create_string_buffer(room)
    got = _LIBC.syscall(_GETDENTS64, descriptor, buffer, room)
    if got < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    names = []
    at = 0
    while at < got:
        _, _, length, _ = _HEADER.unpack_from(buffer, at)
        names.append(buffer.raw[at + _HEADER.size : at + length].split(b"\0", 1)[0].decode())
        at += length
    return names


def listed_in_steps(folder: Path, room: int = 512) -> Iterator[list[str]]:
    """The names of a folder, as they come in steps of ``room`` bytes on one descriptor."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while names := getdents(descriptor, room):
            yield [name for name in names if name not in {".", ".."}]
    finally:
        os.close(descriptor)


def many_titles(library: Library, count: int) -> list[str]:
    """Files ``count`` films of two genres whose blobs do not exist; returns the names of their folders."""
    arrivals = []
    for number in range(count):
        title = f"Film {number:05}"
        identification = Identification(
            name=title,
            kind=ContentKind.MOVIE,
            title=title,
            year=1990 + number % 2,
            genres=(Genre("Drama"),),
            resolution="1080p",
            quality="WEBDL-1080p",
            why={"title": Evidence(EvidenceSource.NAME, title)},
        )
        arrivals.append(
            Arrival(
                source=SourceFile(os.fsencode(f"/nowhere/{number}.mkv"), 1, number + 1, 10, 10**18),
                blob=StoredBlob(Digest(number.to_bytes(32)), 10, PlacementMode.COPY, existed=False),
                identification=identification,
                role=FileRole.MEDIA,
                extension=".mkv",
            )
        )
    writer = library.writer()
    try:
        for start in range(0, count, 1000):
            writer.file_arrivals(arrivals[start : start + 1000])
    finally:
        writer.close()
    return [f"Film {number:05} ({1990 + number % 2})" for number in range(count)]
