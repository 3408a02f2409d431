"""From what a person types to a row: an id, a path in a mounted folder, or a path below its root."""

from __future__ import annotations

import os
from dataclasses import dataclass

from offliniofs.app.library import OpenLibrary
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.fuse.mount_table import mount_table
from offliniofs.tree.inodes import FileNode, FolderNode, decode

_FILE_PREFIX = "file:"


@dataclass(frozen=True, slots=True)
class Found:
    """Either a content row or a file."""

    content_id: ContentId | None = None
    file_id: FileId | None = None


def locate(library: OpenLibrary, subject: str) -> Found:
    """The row that ``subject`` means. Raises :class:`NotFoundError` and says what would be understood."""
    found = _by_id(subject) or _in_mount(subject) or _below_root(library, subject.strip("/"))
    if found is None:
        shown = subject.encode(errors="backslashreplace").decode()
        raise NotFoundError(
            f"{shown} is no id (12, file:34), no path in a mounted library and no path below its root (movies/…)."
        )
    return found


def _by_id(subject: str) -> Found | None:
    number = subject.removeprefix(_FILE_PREFIX)
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    return Found(file_id=FileId(int(number))) if number != subject else Found(content_id=ContentId(int(number)))


def _in_mount(subject: str) -> Found | None:
    """The inode number of a file in the mount says which row it is, in every view."""
    try:
        status = os.stat(subject)
    except (OSError, ValueError):
        return None
    device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    if not any(entry.is_ours and entry.device == device for entry in mount_table()):
        return None
    match decode(status.st_ino):
        case FileNode(file_id):
            return Found(file_id=FileId(file_id))
        case FolderNode(_, content_id):
            return Found(content_id=ContentId(content_id))
        case _:
            return None


def _below_root(library: OpenLibrary, path: str) -> Found | None:
    try:
        path.encode()
    except UnicodeEncodeError:
        return None
    file_id = library.reader.file_at(path)
    if file_id is not None:
        return Found(file_id=file_id)
    content_id = library.reader.directory_at(path)
    return None if content_id is None else Found(content_id=content_id)
