"""A process that writes to a catalogue until it is killed or has done what it was asked: ``PATH NAME BATCHES SIZE``.

Prints the number of each batch once it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.unit.catalog_library import Clock, Library, episode, film, media


def main() -> None:
    path, name, batches, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    library = Library(path, Clock())
    for batch in range(batches):
        numbers = range(batch * size, (batch + 1) * size)
        library.file(
            *[media(film(f"{name} {number}")) for number in numbers],
            *[media(episode("Shared Show", 1, number, title=name), name=f"{name}{number}.mkv") for number in numbers],
        )
        print(batch, flush=True)
    library.close()


if __name__ == "__main__":
    main()
