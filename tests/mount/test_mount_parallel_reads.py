"""Many readers at once get the right bytes, although the daemon uses its buffers again and again."""

from __future__ import annotations

import mmap
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import Mount
from tests.mount.support import Library, Wanted

SIZE = 16 << 20
READERS = 8
READS = 60


def _forget_pages(folder: Path) -> None:
    """Drops the blobs from the page cache, so that some reads wait for the disk and others do not."""
    for directory, _, names in os.walk(folder):
        for name in names:
            descriptor = os.open(Path(directory, name), os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def test_parallel_direct_reads_never_mix(library: Library, mount: Mount) -> None:
    library.add(Wanted("One", os.urandom(SIZE), year=2001), Wanted("Two", os.urandom(SIZE), year=2002))
    top = mount().mountpoint
    _forget_pages(library.root / "blobs")

    def read(seed: int) -> int:
        chosen = random.Random(seed)
        path, content = list(library.contents.items())[seed % 2]
        descriptor = os.open(top / path, os.O_RDONLY | os.O_DIRECT)
        wrong = 0
        try:
            with mmap.mmap(-1, 1 << 20) as buffer:
                for _ in range(READS):
                    offset = chosen.randrange(SIZE // 4096) * 4096
                    view = memoryview(buffer)[: chosen.randrange(1, 257) * 4096]
                    length = os.preadv(descriptor, [view], offset)
                    expected = content[offset : offset + len(view)]
                    wrong += bytes(view[:length]) != expected
                    view.release()
        finally:
            os.close(descriptor)
        return wrong

    with ThreadPoolExecutor(READERS) as readers:
        assert sum(readers.map(read, range(READERS))) == 0
