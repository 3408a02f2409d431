"""Does to one file, at random, whatever a program may do to a file, and compares it with a model in memory.

The idea is that of fsx (Avadis Tevanian, Apple; later in xfstests): writes, reads, truncations, mapped reads and
writes, appends, preallocation, holes, reopening. A seed gives the same steps again. From the repository, for as long as
one likes:  ``.venv/bin/python -m scripts.benchmarks.exerciser MOUNT/inbox/file --steps 100000``
"""

from __future__ import annotations

import argparse
import errno
import mmap
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

LARGEST = 256 * 1024
"""Bytes the file may have."""
_LONGEST = 64 * 1024


class Exerciser:
    """One file, what it must hold, and what was done to it."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path = path
        self._random = random.Random(seed)
        self._model = bytearray()
        self.log: list[str] = []
        self._descriptors = [self._open(os.O_CREAT | os.O_TRUNC), self._open()]
        self._steps: list[tuple[int, Callable[[], None]]] = [
            (6, self._write),
            (6, self._read),
            (3, self._mapped_write),
            (3, self._mapped_read),
            (2, self._truncate),
            (2, self._append),
            (1, self._punch_or_allocate),
            (1, self._reopen),
            (1, self._sync),
            (1, self._stat),
        ]

    def run(self, steps: int) -> None:
        """Takes so many steps. Raises ``AssertionError`` with what was done last when the file is not as it must be."""
        weights = [weight for weight, _ in self._steps]
        for _ in range(steps):
            (step,) = self._random.choices([step for _, step in self._steps], weights)
            step()
        self._compare(self._path.read_bytes(), bytes(self._model), "at the end")

    def close(self) -> bytes:
        """Closes the file and returns what it must hold."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []
        return bytes(self._model)

    def _open(self, flags: int = 0) -> int:
        return os.open(self._path, os.O_RDWR | flags, 0o644)

    @property
    def _descriptor(self) -> int:
        return self._random.choice(self._descriptors)

    def _note(self, what: str) -> None:
        self.log.append(what)

    def _compare(self, found: bytes, wanted: bytes, where: str) -> None:
        if found != wanted:
            place = next((i for i, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]), None)
            raise AssertionError(
                f"{where}: {len(found)} bytes, should be {len(wanted)}; they differ at {place}\n"
                + "\n".join(self.log[-25:])
            )

    def _range(self, *, within: bool) -> tuple[int, int]:
        """An offset and a length; within the file, or up to the largest size."""
        limit = len(self._model) if within else LARGEST
        start = self._random.randrange(limit) if limit else 0
        return start, self._random.randint(1, max(1, min(_LONGEST, limit - start)))

    def _put(self, start: int, data: bytes) -> None:
        if start > len(self._model):
            self._model.extend(bytes(start - len(self._model)))
        self._model[start : start + len(data)] = data

    def _write(self) -> None:
        start, length = self._range(within=False)
        data = self._random.randbytes(length)
        self._note(f"write {start}+{length}")
        while data:
            done = os.pwrite(self._descriptor, data, start)
            self._put(start, data[:done])
            start, data = start + done, data[done:]

    def _append(self) -> None:
        data = self._random.randbytes(self._random.randint(1, 4096))
        if len(self._model) + len(data) > LARGEST:
            return
        self._note(f"append {len(self._model)}+{len(data)}")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, data)
        os.close(descriptor)
        self._put(len(self._model), data)

    def _read(self) -> None:
        start, length = self._range(within=False)
        self._note(f"read {start}+{length}")
        found = os.pread(self._descriptor, length, start)
        self._compare(found, bytes(self._model[start : start + length]), f"read at {start}")

    def _mapped_write(self) -> None:
        if not self._model:
            return
        start, length = self._range(within=True)
        length = min(length, len(self._model) - start)
        data = self._random.randbytes(length)
        self._note(f"mapped write {start}+{length}")
        with mmap.mmap(self._descriptor, len(self._model)) as memory:
            memory[start : start + length] = data
            if self._random.random() < 0.5:
                memory.flush()
        self._put(start, data)

    def _mapped_read(self) -> None:
        if not self._model:
            return
        start, length = self._range(within=True)
        self._note(f"mapped read {start}+{length}")
        with mmap.mmap(self._descriptor, len(self._model), prot=mmap.PROT_READ) as memory:
            found = bytes(memory[start : start + length])
        self._compare(found, bytes(self._model[start : start + length]), f"mapped read at {start}")

    def _truncate(self) -> None:
        size = self._random.randint(0, LARGEST)
        self._note(f"truncate {len(self._model)} -> {size}")
        if self._random.random() < 0.5:
            os.ftruncate(self._descriptor, size)
        else:
            os.truncate(self._path, size)
        del self._model[size:]
        self._model.extend(bytes(size - len(self._model)))

    def _punch_or_allocate(self) -> None:
        """Refused outright by a file system that cannot: then nothing has changed, and programs write instead."""
        start, length = self._range(within=False)
        self._note(f"allocate {start}+{length}")
        try:
            os.posix_fallocate(self._descriptor, start, length)
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            return
        self._model.extend(bytes(max(0, start + length - len(self._model))))

    def _reopen(self) -> None:
        self._note("reopen")
        place = self._random.randrange(2)
        os.close(self._descriptors[place])
        self._descriptors[place] = self._open()

    def _sync(self) -> None:
        self._note("fsync")
        os.fsync(self._descriptor)

    def _stat(self) -> None:
        size = os.stat(self._path).st_size
        self._compare(bytes(size), bytes(len(self._model)), "size")


def main() -> int:
    """Runs until something is wrong or all steps are taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)
    exerciser = Exerciser(options.path, options.seed)
    exerciser.run(options.steps)
    exerciser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
