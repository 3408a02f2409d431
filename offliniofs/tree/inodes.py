"""Inode numbers: 63 bits that are a key into the catalogue, understood by a process that has just started.

Bits 60 to 62 say what kind of thing it is::

    0 static      a small number; the root is 1 (FUSE_ROOT_ID in the kernel's include/uapi/linux/fuse.h)
    1 file        files.id, in every view the same
    2 directory   context (28 bits) << 32 | content.id (32 bits); content id 0 is the folder of the view itself
    3 generated   what it is (4 bits) << 56 | its key (56 bits)
    4 staged      number of the file or folder in the staging area on disk: what is being received
    5 unnamed     context (28 bits) << 32 | unnamed_folders.id (32 bits)

Context 0 is the canonical tree (movies, series, music, other); :data:`TRASH` is what was deleted. A directory has a
number of its own in every view, because the kernel allows a directory one parent; a file has one number everywhere, as
hard links have.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final, NamedTuple

from offliniofs.domain.ids import ContentId, FileId

CANONICAL: Final = 0
"""The context of movies, series, music and other."""

TRASH: Final = 9 << 24
"""The context of titles and folders in ``.trash``. No view has this number (see ``views.py``)."""

CONTEXT_BITS: Final = 28
MAX_CONTEXT: Final = (1 << CONTEXT_BITS) - 1
MAX_CONTENT_ID: Final = (1 << 32) - 1
MAX_FILE_ID: Final = (1 << 56) - 1
"""Below 2**56, so that a file's id fits a generated inode too."""

_KIND_SHIFT: Final = 60
_PAYLOAD_MASK: Final = (1 << _KIND_SHIFT) - 1
_GENERATED_SHIFT: Final = 56
_GENERATED_MASK: Final = (1 << _GENERATED_SHIFT) - 1

_FILE: Final = 1
_DIRECTORY: Final = 2
_GENERATED: Final = 3
_STAGED: Final = 4
_UNNAMED: Final = 5
MAX_STAGED: Final = _PAYLOAD_MASK
"""Inode numbers of the file system that holds the staging area must be below 2**60, as those of Linux's are."""

FILE_BASE: Final = _FILE << _KIND_SHIFT
"""``FILE_BASE | file id`` is a file's inode."""


@unique
class Static(IntEnum):
    """Nodes that always exist. The numbers are part of what the kernel remembers: never give one a new meaning."""

    ROOT = 1
    README = 2
    MOVIES = 3
    SERIES = 4
    MUSIC = 5
    OTHER = 6
    BY_GENRE = 7
    BY_YEAR = 8
    BY_QUALITY = 9
    COLLECTIONS = 10
    SEARCH = 11
    SAVED = 12
    JELLYFIN_MARKER = 13
    PLEX_MARKER = 14
    ANDROID_MARKER = 15
    STATE = 16
    STATUS = 17
    METRICS = 18
    HEALTH = 19
    TRASH = 20
    INBOX = 21


@unique
class Generated(IntEnum):
    """Files that are written from the catalogue when they are read. Numbers are kept as those of :class:`Static`."""

    MOVIE_NFO = 1
    """Key: content id of the movie."""
    SERIES_NFO = 2
    """Key: content id of the series."""
    EPISODE_NFO = 3
    """Key: id of the media file, because several files of one episode have an NFO each."""
    QUERY_ERROR = 4
    """Key: context of the search."""
    SUGGESTION = 5
    """Key: context of the search. A symbolic link."""


class StaticNode(NamedTuple):
    """A node that always exists."""

    static: Static


class FileNode(NamedTuple):
    """A file of the library."""

    file_id: FileId


class ViewNode(NamedTuple):
    """The folder of a view itself, e.g. ``by-genre/Drama``."""

    context: int


class FolderNode(NamedTuple):
    """A title, season or other folder, as one view shows it."""

    context: int
    content_id: ContentId


class GeneratedNode(NamedTuple):
    """A generated file or link."""

    generated: Generated
    key: int


class StagedNode(NamedTuple):
    """A file or folder that is being received, by its inode number on disk, so that nothing need be remembered."""

    number: int


class UnnamedNode(NamedTuple):
    """A folder that waits for its name, as one view shows it."""

    context: int
    number: int


Node = StaticNode | FileNode | ViewNode | FolderNode | GeneratedNode | StagedNode | UnnamedNode

_STATICS: Final = {int(static): StaticNode(static) for static in Static}
_GENERATED_KINDS: Final = {int(kind): kind for kind in Generated}
_MAX_KEY: Final = {
    Generated.MOVIE_NFO: MAX_CONTENT_ID,
    Generated.SERIES_NFO: MAX_CONTENT_ID,
    Generated.EPISODE_NFO: MAX_FILE_ID,
    Generated.QUERY_ERROR: MAX_CONTEXT,
    Generated.SUGGESTION: MAX_CONTEXT,
}


def file_inode(file_id: int) -> int:
    """The inode of a file, in every view."""
    return FILE_BASE | file_id


def directory_base(context: int) -> int:
    """``directory_base(context) | content id`` is the inode of a folder in that context."""
    return _DIRECTORY << _KIND_SHIFT | context << 32


def generated_inode(generated: Generated, key: int) -> int:
    """The inode of a generated file."""
    return _GENERATED << _KIND_SHIFT | generated << _GENERATED_SHIFT | key


def staged_inode(number: int) -> int:
    """The inode of what is being received; ``number`` is its inode number in the staging area."""
    return _STAGED << _KIND_SHIFT | number


def unnamed_base(context: int) -> int:
    """``unnamed_base(context) | number`` is the inode of a folder without a name in that context."""
    return _UNNAMED << _KIND_SHIFT | context << 32


def encode(node: Node) -> int:
    """The inode of any node; the inverse of :func:`decode`."""
    match node:
        case StaticNode(static):
            return int(static)
        case FileNode(file_id):
            return file_inode(file_id)
        case ViewNode(context):
            return directory_base(context)
        case FolderNode(context, content_id):
            return directory_base(context) | content_id
        case GeneratedNode(generated, key):
            return generated_inode(generated, key)
        case StagedNode(number):
            return staged_inode(number)
        case UnnamedNode(context, number):
            return unnamed_base(context) | number


def decode(inode: int) -> Node | None:
    """What an inode number means, or ``None`` for a number that was never given out. Takes any integer."""
    kind = inode >> _KIND_SHIFT
    payload = inode & _PAYLOAD_MASK
    if kind == _FILE:
        return FileNode(FileId(payload)) if 0 < payload <= MAX_FILE_ID else None
    if kind == _DIRECTORY:
        context, content_id = payload >> 32, payload & MAX_CONTENT_ID
        if content_id:
            return FolderNode(context, ContentId(content_id))
        return ViewNode(context) if context else None
    if kind == _GENERATED:
        return _decode_generated(payload)
    if kind == _STAGED:
        return StagedNode(payload) if payload else None
    if kind == _UNNAMED:
        number = payload & MAX_CONTENT_ID
        return UnnamedNode(payload >> 32, number) if number else None
    return _STATICS.get(inode)


def _decode_generated(payload: int) -> GeneratedNode | None:
    kind = _GENERATED_KINDS.get(payload >> _GENERATED_SHIFT)
    key = payload & _GENERATED_MASK
    if kind is None or not 0 < key <= _MAX_KEY[kind]:
        return None
    return GeneratedNode(kind, key)
