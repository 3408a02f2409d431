"""File handles, as an NFS server gives them to its clients: they mean the same after a remount.

A server of that kind (NFS-Ganesha) opens by handle (``open_by_handle_at(2)``), long after the kernel has forgotten the
name. Needs root, as the call does.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Library, small_library

_BYTES = 128
_HERE = -100
_libc = ctypes.CDLL(None, use_errno=True)


class _Handle(ctypes.Structure):
    """``struct file_handle`` of fcntl.h."""

    _fields_ = (("size", ctypes.c_uint), ("kind", ctypes.c_int), ("content", ctypes.c_ubyte * _BYTES))


def _handle_of(path: Path) -> _Handle:
    handle, mount_id = _Handle(size=_BYTES), ctypes.c_int()
    name = os.fsencode(path)
    if _libc.name_to_handle_at(_HERE, name, ctypes.byref(handle), ctypes.byref(mount_id), 0) != 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at", str(path))
    return handle


def _open(top: Path, handle: _Handle) -> int:
    mount = os.open(top, os.O_RDONLY)
    try:
        descriptor: int = _libc.open_by_handle_at(mount, ctypes.byref(handle), os.O_RDONLY)
    finally:
        os.close(mount)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "open_by_handle_at")
    return descriptor


def _handles(top: Path) -> dict[Path, _Handle]:
    """Everything that lists on the shelves and in the views by genre and year."""
    places = [top]
    for name in ("movies", "series", "music", "by-genre", "by-year", "recent"):
        for folder, folders, files in os.walk(top / name):
            places += [Path(folder, each) for each in (*folders, *files)]
    return {path: _handle_of(path) for path in places}


def test_handles_survive_a_remount(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    top = daemon.mountpoint
    handles = _handles(top)
    films = [path for path in handles if str(path.relative_to(top)) in library.contents]
    assert len(films) == len(library.contents)
    numbers = {path: path.lstat().st_ino for path in handles}
    daemon.stop()
    mount()
    for path, handle in handles.items():
        descriptor = _open(top, handle)
        try:
            assert os.fstat(descriptor).st_ino == numbers[path], path
            if path in films:
                assert os.read(descriptor, 1 << 20) == library.contents[str(path.relative_to(top))]
            elif path.is_dir():
                assert sorted(os.listdir(descriptor)) == sorted(os.listdir(path)), path
        finally:
            os.close(descriptor)


def test_a_handle_of_what_was_removed_for_good_is_stale(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    top = daemon.mountpoint
    film = top / "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
    handle = _handle_of(film)
    film.unlink()
    (top / ".trash" / film.name).unlink()
    daemon.stop()
    mount()
    with pytest.raises(OSError, match="open_by_handle_at") as refused:
        _open(top, handle)
    assert refused.value.errno == errno.ESTALE
