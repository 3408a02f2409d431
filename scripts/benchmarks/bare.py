"""``python -m scripts.benchmarks.bare MOUNTPOINT``: a mount in which every name is a folder. Serves until unmounted."""

from __future__ import annotations

import itertools
import stat
import sys
from collections.abc import Sequence

import pyfuse3
import trio

_LASTING_SECONDS = 3600.0


class Bare(pyfuse3.Operations):
    """Answers at once, with as little as the kernel takes."""

    def __init__(self) -> None:
        super().__init__()
        self._inodes = itertools.count(pyfuse3.ROOT_INODE + 1)

    async def lookup(self, parent_inode: int, name: bytes, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """A folder, whatever the name."""
        return _folder(next(self._inodes))

    async def getattr(self, inode: int, ctx: pyfuse3.RequestContext) -> pyfuse3.EntryAttributes:
        """The same folder."""
        return _folder(inode)

    async def forget(self, inode_list: Sequence[tuple[int, int]]) -> None:
        """Nothing was kept."""


def _folder(inode: int) -> pyfuse3.EntryAttributes:
    entry = pyfuse3.EntryAttributes()
    entry.st_ino = inode
    entry.st_mode = stat.S_IFDIR | 0o555
    entry.entry_timeout = entry.attr_timeout = _LASTING_SECONDS
    return entry


def main() -> None:
    """Mounts and serves."""
    pyfuse3.init(Bare(), sys.argv[1], {"fsname=bare", "subtype=bare"})
    try:
        trio.run(pyfuse3.main)
    finally:
        pyfuse3.close(unmount=False)


if __name__ == "__main__":
    main()
