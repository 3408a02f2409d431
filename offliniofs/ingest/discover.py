"""The first stage: walks what was asked for and streams it, one title's folder at a time.

A :class:`Gathering` is a folder with its season, disc, subtitle and extras folders: what has to be seen together for
sidecars find their title. Memory is bounded by the names in one folder and the files of one gathering, and the order is
that of the names, so that two runs over the same tree do the same.

No symbolic link is followed below an argument, each folder is opened without following one, and a folder that
contains itself (a mount in itself) is noticed by its identity: a walk always ends.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from offliniofs.domain.arrival import SourceFile
from offliniofs.domain.errors import UsageError
from offliniofs.ingest.folders import belongs_to_parent, is_unfinished, why_skipped
from offliniofs.ingest.guard import Guard
from offliniofs.ingest.problem import Problem, Skipped, shown

GATHERING_LIMIT = 2000
"""Files in one gathering; a larger folder comes in several."""
_PATH_LIMIT = 4095
"""Bytes of a path that a system call takes: PATH_MAX of limits.h without the closing zero."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = (
    (stat.S_ISFIFO, "is a named pipe; only regular files can be stored"),
    (stat.S_ISSOCK, "is a socket; only regular files can be stored"),
    (stat.S_ISBLK, "is a block device; only regular files can be stored"),
    (stat.S_ISCHR, "is a character device; only regular files can be stored"),
)


@dataclass(frozen=True, slots=True)
class Gathering:
    """The files of one folder and of the subfolders that belong to it; none for a folder without any."""

    root: bytes
    """The folder that was asked for, or the folder of the file that was."""
    folder: bytes
    files: tuple[SourceFile, ...]
    whole: bool = False
    """Whether the root is itself what somebody put together, rather than the place where such things lie."""

    @property
    def total_size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


Discovery: TypeAlias = Gathering | Problem | Skipped


@dataclass(frozen=True, slots=True)
class _Folder:
    path: bytes
    ancestors: tuple[tuple[int, int], ...]
    """Device and inode of every folder above, to notice one that contains itself."""


@dataclass(frozen=True, slots=True)
class _Listing:
    files: list[SourceFile]
    folders: list[_Folder]
    notes: list[Problem | Skipped]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for: folders to walk and single files by their folder; and what of it cannot be imported."""

    folders: tuple[bytes, ...]
    files: tuple[bytes, ...]
    problems: tuple[Problem, ...]


def resolve(paths: Sequence[str | bytes | os.PathLike[str]], guard: Guard) -> Arguments:
    """Makes arguments absolute, follows links (they were given on purpose), drops what another argument contains.

    Raises ``UsageError`` when one lies in the store or in a mounted library, or none can be imported.
    """
    folders: set[bytes] = set()
    files: set[bytes] = set()
    problems: list[Problem] = []
    for path in paths:
        given = os.path.abspath(os.fsencode(path))
        try:
            place = os.path.realpath(given, strict=True)
            guard.require_outside(place)
            (folders if stat.S_ISDIR(os.stat(place).st_mode) else files).add(place)
        except (OSError, ValueError) as error:
            problems.append(Problem(given, f"cannot be read: {_reason(error)}"))
    if not folders and not files:
        raise UsageError("; ".join(str(problem) for problem in problems) or "Nothing was given to import; name a path.")
    return Arguments(
        tuple(sorted(path for path in folders if not _inside(os.path.dirname(path), folders - {path}))),
        tuple(sorted(path for path in files if not _inside(os.path.dirname(path), folders))),
        tuple(problems),
    )


def discover(arguments: Arguments, guard: Guard, *, whole: bool = False) -> Iterator[Discovery]:
    """Everything there is to import, and everything that will not be. Blocks on the disk; raises nothing.

    ``whole``: the folders are what gatherings call so.
    """
    yield from arguments.problems
    yield from _single_files(arguments.files)
    for root in arguments.folders:
        yield from _Walk(root, frozenset(arguments.folders), guard, whole=whole).run()


def gather_again(
    folders: Sequence[tuple[bytes, bytes]], guard: Guard, *, whole: frozenset[bytes] = frozenset()
) -> Iterator[Discovery]:
    """The gatherings of these (root, folder) pairs as they are now, for files that changed while they were read.

    ``whole``: the roots that gatherings call so.
    """
    for root, folder in folders:
        yield from _Walk(root, frozenset(), guard, whole=root in whole).gather(_Folder(folder, ()), [])


def _single_files(paths: Sequence[bytes]) -> Iterator[Discovery]:
    found: dict[bytes, list[SourceFile]] = {}
    for path in paths:
        checked = _check(path, path.rpartition(b"/")[2], None)
        if isinstance(checked, SourceFile):
            found.setdefault(os.path.dirname(path), []).append(checked)
        else:
            yield checked
    for folder, files in found.items():
        yield Gathering(folder, folder, tuple(files))


class _Walk:
    """Walks one argument, depth first."""

    def __init__(self, root: bytes, roots: frozenset[bytes], guard: Guard, *, whole: bool) -> None:
        self._root = root
        self._roots = roots
        self._guard = guard
        self._whole = whole

    def run(self) -> Iterator[Discovery]:
        """Everything below the root."""
        waiting = [_Folder(self._root, ())]
        while waiting:
            below: list[_Folder] = []
            yield from self.gather(waiting.pop(), below)
            waiting.extend(reversed(below))

    def gather(self, folder: _Folder, below: list[_Folder]) -> Iterator[Discovery]:
        """The gathering of one folder. Its subfolders that are titles of their own are added to ``below``."""
        belonging = deque([folder])
        files: list[SourceFile] = []
        while belonging:
            current = belonging.popleft()
            listing = self._list(current)
            yield from listing.notes
            files.extend(listing.files)
            for subfolder in listing.folders:
                inside = current is not folder or belongs_to_parent(os.path.basename(subfolder.path))
                (belonging if inside else below).append(subfolder)
            while len(files) > GATHERING_LIMIT:
                yield Gathering(self._root, folder.path, tuple(files[:GATHERING_LIMIT]), self._whole)
                del files[:GATHERING_LIMIT]
        yield Gathering(self._root, folder.path, tuple(files), self._whole)

    def _list(self, folder: _Folder) -> _Listing:
        listing = _Listing([], [], [])
        try:
            descriptor = os.open(folder.path, _DIRECTORY)
        except OSError as error:
            listing.notes.append(Problem(folder.path, f"the folder cannot be read: {_reason(error)}"))
            return listing
        try:
            self._list_opened(folder, descriptor, listing)
        except OSError as error:
            listing.notes.append(Problem(folder.path, f"the folder cannot be read: {_reason(error)}"))
        finally:
            os.close(descriptor)
        return listing

    def _list_opened(self, folder: _Folder, descriptor: int, listing: _Listing) -> None:
        status = os.fstat(descriptor)
        identity = (status.st_dev, status.st_ino)
        refusal = self._guard.refusal(status)
        if identity in folder.ancestors:
            refusal = "contains itself"
        if refusal:
            listing.notes.append(Problem(folder.path, f"the folder was left out: it {refusal}"))
            return
        ancestors = (*folder.ancestors, identity)
        for name in sorted(os.fsencode(name) for name in os.listdir(descriptor)):
            path = os.path.join(folder.path, name)
            reason = why_skipped(name)
            entry = Skipped(path, reason) if reason else self._examine(path, name, descriptor)
            match entry:
                case SourceFile():
                    listing.files.append(entry)
                case None:
                    listing.folders.append(_Folder(path, ancestors))
                case _:
                    listing.notes.append(entry)

    def _examine(self, path: bytes, name: bytes, descriptor: int) -> SourceFile | Problem | Skipped | None:
        """What stands at ``name``; ``None`` for a folder to enter."""
        if len(path) > _PATH_LIMIT:
            return Problem(path, f"its path is longer than {_PATH_LIMIT} bytes; move the folder nearer to the root")
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except OSError as error:
            return Problem(path, f"cannot be examined: {_reason(error)}")
        if stat.S_ISDIR(status.st_mode):
            return None
        if stat.S_ISLNK(status.st_mode):
            return self._link(path)
        return _check(path, name, status)

    def _link(self, path: bytes) -> Problem | Skipped:
        try:
            target = os.path.realpath(path, strict=True)
        except (OSError, ValueError) as error:
            return Problem(path, f"is a symbolic link that leads nowhere: {_reason(error)}")
        if _inside(target, self._roots | {self._root}):
            return Skipped(path, f"symbolic link to {shown(target)}, which is imported itself")
        return Problem(path, f"is a symbolic link; to take what it points to, import {shown(target)}")


def _check(path: bytes, name: bytes, status: os.stat_result | None) -> SourceFile | Problem:
    """A regular file worth storing, or why it is none. ``status`` is examined here when it is not known yet."""
    if status is None:
        try:
            status = os.stat(path, follow_symlinks=False)
        except OSError as error:
            return Problem(path, f"cannot be examined: {_reason(error)}")
    if not stat.S_ISREG(status.st_mode):
        return Problem(path, next((text for test, text in _KINDS if test(status.st_mode)), "is no regular file"))
    if is_unfinished(name):
        return Problem(path, "is a download that is not complete; import it again when it is")
    if status.st_size == 0:
        return Problem(path, "is empty; there is nothing to store")
    return SourceFile(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _inside(path: bytes, folders: frozenset[bytes] | set[bytes]) -> bool:
    """Whether ``path`` is one of the folders or lies below one."""
    while True:
        if path in folders:
            return True
        if path == b"/":
            return False
        path = os.path.dirname(path)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
