"""The system calls by which the filesystem store changes anything: the one seam where tests make them fail.

``syncfs``, ``sync_file_range``, ``fallocate`` and ``renameat2`` are not in Python's ``os`` (or not as we need them);
they come from the C library by ctypes.
Every method raises ``OSError`` with the errno of the call.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from typing import Protocol, TypeAlias

Buffer: TypeAlias = bytes | memoryview

FICLONE = 0x40049409
"""ioctl_ficlone(2): ``_IOW(0x94, 9, int)`` in linux/fs.h."""
_SYNC_FILE_RANGE_WRITE = 2
"""sync_file_range(2): start writing dirty pages of the range, wait for nothing."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""fallocate(2): what is wrong then would be so for every write as well."""
_RENAME_NOREPLACE = 1
"""renameat2(2), linux/fs.h."""


class StoreCalls(Protocol):
    """Every call by which a store changes the disk, or waits for it."""

    def create(self, name: str, directory: int) -> int:
        """Makes a new file, mode 0400, and opens it for reading and writing. Never opens what exists."""
        ...

    def write(self, descriptor: int, data: Buffer, offset: int) -> int:
        """pwrite(2): the number of bytes written, which may be fewer than given."""
        ...

    def truncate(self, descriptor: int, size: int) -> None:
        """ftruncate(2): sets the size, in bytes; what was not written is a hole."""
        ...

    def reserve(self, descriptor: int, size: int) -> None:
        """fallocate(2): sets disk space aside and the size, in bytes, so that the file lies in few pieces.

        Does nothing where the filesystem cannot; raises when there is no room.
        """
        ...

    def set_direct(self, descriptor: int, direct: bool) -> bool:
        """Whether writes pass by the page cache from now on (open(2), O_DIRECT); not every filesystem lets them."""
        ...

    def start_writeback(self, descriptor: int, offset: int, length: int) -> None:
        """Asks the kernel to begin writing a range (length 0: to the end), so that a later fsync has little to do.

        A hint only. It also write-protects the pages, so that a write through a mapping shows in mtime again.
        """
        ...

    def fsync(self, descriptor: int) -> None:
        """fsync(2), for files and for directories."""
        ...

    def syncfs(self, descriptor: int) -> None:
        """syncfs(2): everything that is dirty on the filesystem. Reports write-back errors since Linux 5.8."""
        ...

    def clone(self, descriptor: int, source: int) -> None:
        """ioctl_ficlone(2): makes the file share all extents of the source."""
        ...

    def link(self, source: int, name: str, directory: int) -> None:
        """Gives the open file ``source`` another name; not the path it was opened by, which may have been replaced."""
        ...

    def publish(self, name: str, directory: int, target: str, target_directory: int) -> None:
        """Renames, never over something that exists: that raises ``FileExistsError``."""
        ...

    def replace(self, name: str, directory: int, target: str, target_directory: int) -> None:
        """renameat(2): whoever opens ``target`` gets the old file or the new one, never anything between."""
        ...

    def mkdir(self, name: str, directory: int) -> None:
        """mkdirat(2) with mode 0700."""
        ...

    def unlink(self, name: str, directory: int) -> None:
        """unlinkat(2)."""
        ...


class LinuxCalls:
    """The real ones."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._syncfs = library.syncfs
        self._syncfs.argtypes = [ctypes.c_int]
        self._sync_file_range = library.sync_file_range
        self._sync_file_range.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
        self._fallocate = library.fallocate
        self._fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
        self._renameat2 = library.renameat2
        self._renameat2.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]

    def create(self, name: str, directory: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o400, dir_fd=directory)

    def write(self, descriptor: int, data: Buffer, offset: int) -> int:
        return os.pwrite(descriptor, data, offset)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def reserve(self, descriptor: int, size: int) -> None:
        # Not posix_fallocate(3): where the filesystem cannot, that writes to every block.
        if self._fallocate(descriptor, 0, 0, size) != 0 and (error := _last_error()).errno in _NO_ROOM:
            raise error

    def set_direct(self, descriptor: int, direct: bool) -> bool:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_DIRECT if direct else flags & ~os.O_DIRECT)
        except OSError:
            return False
        return direct

    def start_writeback(self, descriptor: int, offset: int, length: int) -> None:
        # A hint: where it is not supported, the fsync that follows does all the work and reports all errors.
        self._sync_file_range(descriptor, offset, length, _SYNC_FILE_RANGE_WRITE)

    def fsync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def syncfs(self, descriptor: int) -> None:
        if self._syncfs(descriptor) != 0:
            raise _last_error()

    def clone(self, descriptor: int, source: int) -> None:
        fcntl.ioctl(descriptor, FICLONE, source)

    def link(self, source: int, name: str, directory: int) -> None:
        # With a directory descriptor Python calls linkat(AT_SYMLINK_FOLLOW), as linkat(2) shows for /proc/self/fd.
        os.link(f"/proc/self/fd/{source}", name, dst_dir_fd=directory, follow_symlinks=True)

    def publish(self, name: str, directory: int, target: str, target_directory: int) -> None:
        if self._renameat2(directory, name.encode(), target_directory, target.encode(), _RENAME_NOREPLACE) == 0:
            return
        error = _last_error()
        if error.errno not in (errno.EINVAL, errno.ENOSYS):
            raise error
        # This filesystem cannot say NOREPLACE; link(2) never replaces either.
        os.link(name, target, src_dir_fd=directory, dst_dir_fd=target_directory, follow_symlinks=False)
        os.unlink(name, dir_fd=directory)

    def replace(self, name: str, directory: int, target: str, target_directory: int) -> None:
        os.replace(name, target, src_dir_fd=directory, dst_dir_fd=target_directory)

    def mkdir(self, name: str, directory: int) -> None:
        os.mkdir(name, 0o700, dir_fd=directory)

    def unlink(self, name: str, directory: int) -> None:
        os.unlink(name, dir_fd=directory)


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
