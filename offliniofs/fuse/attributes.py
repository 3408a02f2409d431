"""What ``stat`` says of each kind of node, and how long the kernel may believe it.

Files never change, and every change to a folder that has a key in the change feed is told to the kernel
(``invalidation.py``): both may be believed for an hour. A search, a saved search and a nested facet may change with any
title, so their entries are asked for again after a second. A name that was not found is never remembered.
"""

from __future__ import annotations

import stat
import time

import pyfuse3

from offliniofs.domain.access import FolderAccess
from offliniofs.domain.listing import FileRow
from offliniofs.fuse.options import MountOptions
from offliniofs.tree.inodes import MAX_CONTEXT
from offliniofs.tree.views import is_fleeting

LASTING_SECONDS = 3600.0
FLEETING_SECONDS = 1.0

_BLOCK = 512
"""Unit of st_blocks (stat(2))."""
_PREFERRED_READ = 128 * 1024
_WRITE_BITS = 0o222
_OTHERS = 0o007
NO_RULES = FolderAccess()


def seconds_of(folder_inode: int) -> float:
    """How long the kernel may believe what it was told about a folder and the names in it."""
    return FLEETING_SECONDS if is_fleeting(folder_inode >> 32 & MAX_CONTEXT) else LASTING_SECONDS


class AttributeMaker:
    """Makes the answers. Modes and owner are the mount's, but for files that have their own."""

    def __init__(self, options: MountOptions) -> None:
        mask = ~options.umask & (0o555 if options.read_only else 0o777)
        self._uid = options.uid
        self._gid = options.gid
        self._mask = mask
        self._file_mode = stat.S_IFREG | options.file_mode & mask
        self._folder_mode = stat.S_IFDIR | options.directory_mode & mask
        self._fixed_mode = self._folder_mode & ~_WRITE_BITS
        self._text_mode = self._file_mode & ~_WRITE_BITS

    def _new(self, inode: int, mode: int, seconds: float) -> pyfuse3.EntryAttributes:
        entry = pyfuse3.EntryAttributes()
        entry.st_ino = inode
        entry.st_mode = mode
        entry.st_uid = self._uid
        entry.st_gid = self._gid
        entry.st_blksize = _PREFERRED_READ
        entry.entry_timeout = entry.attr_timeout = seconds
        return entry

    def folder(
        self, inode: int, changed_ns: int, *, writable: bool = True, access: FolderAccess = NO_RULES
    ) -> pyfuse3.EntryAttributes:
        """A directory. It counts one link, which tells find(1) that subdirectories are not to be counted that way.

        ``access``: the rules of its own; the kernel checks them, in whichever view the directory stands.
        """
        entry = self._new(inode, self._folder_mode if writable else self._fixed_mode, seconds_of(inode))
        entry.st_mtime_ns = entry.st_ctime_ns = entry.st_atime_ns = changed_ns
        if access is not NO_RULES:
            self.set_access(entry, access)
        return entry

    def set_access(self, entry: pyfuse3.EntryAttributes, access: FolderAccess) -> None:
        """Gives a directory's attributes the owner and mode of its own: a listing uses one object for all."""
        entry.st_mode = self._folder_mode if access.mode is None else stat.S_IFDIR | access.mode & self._mask
        entry.st_uid = self._uid if access.uid is None else access.uid
        entry.st_gid = self._gid if access.gid is None else access.gid
        self.restrict(entry, access)

    def restrict(self, entry: pyfuse3.EntryAttributes, access: FolderAccess) -> None:
        """Leaves what is for one group to its owner and that group."""
        if access.restricted_gid is not None:
            entry.st_gid = access.restricted_gid
            entry.st_mode &= ~_OTHERS

    def file(self, inode: int, row: FileRow, folder_inode: int = 0) -> pyfuse3.EntryAttributes:
        """A stored file, found in the folder ``folder_inode`` or by its number alone."""
        entry = self._new(inode, self._file_mode, LASTING_SECONDS)
        entry.entry_timeout = seconds_of(folder_inode)
        self.set_file(entry, inode, row)
        return entry

    def set_file(self, entry: pyfuse3.EntryAttributes, inode: int, row: FileRow) -> None:
        """Makes ``entry``, made by :meth:`file`, describe another file: a listing uses one object for all."""
        entry.st_ino = inode
        entry.st_mode = self._file_mode if row.mode is None else stat.S_IFREG | row.mode & self._mask
        entry.st_uid = self._uid if row.uid is None else row.uid
        entry.st_gid = self._gid if row.gid is None else row.gid
        entry.st_nlink = row.link_count
        entry.st_size = row.size
        entry.st_blocks = -(-row.size // _BLOCK)
        entry.st_mtime_ns = entry.st_atime_ns = row.mtime_ns
        entry.st_ctime_ns = row.added_ns

    def set_believed(self, entry: pyfuse3.EntryAttributes, *, lasts: bool) -> None:
        """Says how long the kernel may believe a file's attributes: not at all when they are about to be others."""
        entry.attr_timeout = LASTING_SECONDS if lasts else 0

    def text(self, inode: int, size: int, changed_ns: int | None, *, writable: bool = False) -> pyfuse3.EntryAttributes:
        """A generated file. ``changed_ns`` is ``None`` for one that says something else each time.

        ``writable``: a user's own can be saved over it.
        """
        entry = self._new(inode, self._file_mode if writable else self._text_mode, FLEETING_SECONDS)
        if changed_ns is None:
            entry.attr_timeout = 0
            changed_ns = time.time_ns()
        entry.st_size = size
        entry.st_blocks = -(-size // _BLOCK)
        entry.st_mtime_ns = entry.st_ctime_ns = entry.st_atime_ns = changed_ns
        return entry

    def link(self, inode: int, target: bytes, changed_ns: int) -> pyfuse3.EntryAttributes:
        """A symbolic link."""
        entry = self._new(inode, stat.S_IFLNK | 0o777, FLEETING_SECONDS)
        entry.st_size = len(target)
        entry.st_mtime_ns = entry.st_ctime_ns = entry.st_atime_ns = changed_ns
        return entry
