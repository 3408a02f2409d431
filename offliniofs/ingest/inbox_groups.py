"""``staging/filing``: files on their way from the inbox into the library, a folder for each group.

No client reaches them here. What a crash leaves is found again by :meth:`FilingGroups.groups`. Blocks; raises
``OSError``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Sequence

from offliniofs.ingest.inbox_area import Found, StagingArea
from offliniofs.ingest.inbox_paths import FILE, FOLDER, Way, descend, free_name, make_way, names_in, remove_folders


class FilingGroups:
    """The folder of one staging area."""

    def __init__(self, area: StagingArea) -> None:
        """Makes it if it is missing."""
        self._area = area
        path = os.path.join(area.folder, b"filing")
        os.makedirs(path, mode=0o700, exist_ok=True)
        self._filing = os.open(path, FOLDER)

    def close(self) -> None:
        """Lets go of the folder, and of the right to file."""
        os.close(self._filing)

    def hold(self) -> bool:
        """Takes the right to file, which one process has at a time; it goes with the process."""
        try:
            fcntl.flock(self._filing, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def claim(self, group: bytes, files: Sequence[tuple[Found, Way]]) -> list[tuple[Found, Way]]:
        """Takes files out of the reach of clients: each to its way below ``filing/<group>``.

        Their bytes are durable. Returns those that were still what was found.
        """
        with contextlib.suppress(FileExistsError):
            os.mkdir(group, 0o700, dir_fd=self._filing)
        taken = []
        for found, way in files:
            try:
                if self._take(found, (group, *way)):
                    taken.append((found, way))
            except FileNotFoundError:
                continue
        return taken

    def _take(self, found: Found, target: Way) -> bool:
        with self._area.opened(found.way[:-1]) as source:
            descriptor = os.open(found.way[-1], os.O_RDONLY | FILE, dir_fd=source)
            try:
                status = os.fstat(descriptor)
                if (status.st_ino, status.st_ctime_ns) != (found.number, found.status.st_ctime_ns):
                    return False
                folder = make_way(self._filing, target[:-1])
                try:
                    os.rename(found.way[-1], target[-1], src_dir_fd=source, dst_dir_fd=folder)
                finally:
                    os.close(folder)
                self._area.marks.settle(descriptor)
            finally:
                os.close(descriptor)
        return True

    def filing_path(self, group: bytes, way: Way) -> bytes:
        """The absolute path of something that is being filed."""
        return b"/".join((self._area.folder, b"filing", group, *way))

    def groups(self) -> list[bytes]:
        """Every group in ``filing/``; at the start those that a crash left."""
        return names_in(self._filing)

    def left_in(self, group: bytes) -> list[Way]:
        """Ways of the files that are still in a group."""
        found: list[Way] = []
        waiting: list[Way] = [()]
        while waiting:
            way = waiting.pop()
            folder = descend(self._filing, (group, *way))
            try:
                for name in names_in(folder):
                    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
                    (waiting if stat.S_ISDIR(mode) else found).append((*way, name))
            finally:
                os.close(folder)
        return found

    def drop(self, group: bytes, way: Way) -> None:
        """Removes a file from a group."""
        folder = descend(self._filing, (group, *way[:-1]))
        try:
            os.unlink(way[-1], dir_fd=folder)
        finally:
            os.close(folder)

    def give_back(self, group: bytes, way: Way, target: Way) -> os.stat_result:
        """Puts a file that could not be filed back into the inbox, beside whatever has taken its name since."""
        source = descend(self._filing, (group, *way[:-1]))
        try:
            folder = self._area.make_way(target[:-1])
            try:
                name = free_name(folder, target[-1])
                os.rename(way[-1], name, src_dir_fd=source, dst_dir_fd=folder)
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
            finally:
                os.close(folder)
        finally:
            os.close(source)

    def end_group(self, group: bytes) -> None:
        """Removes a group's folders, which are empty now."""
        remove_folders(self._filing, group)
