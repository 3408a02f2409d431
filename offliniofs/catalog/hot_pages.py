"""Where the catalogue's file holds what searches read, so that it can be brought into memory ahead of them.

A search of a million titles reads a few hundred pages that lie anywhere in the file: read one by one from a disk they
take twenty times as long as from memory. The pages of an index are found by reading its inner nodes, less than one page
in a hundred (https://www.sqlite.org/fileformat.html#b_tree_pages); what stands in the write-ahead log is not looked at.
What is wrong in here costs time and nothing else: nobody reads data along these ranges.

The file is read through a descriptor that SQLite has opened. One of our own must not be: closing it would take away the
locks that SQLite holds in this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement

HOT: Final = (
    "content_statistics_views",
    "content_size",
    "content_total",
    "content_search",
    "content_title_listing",
    "search_index_idx",
    "search_index_data",
)
"""Tables and indexes that searches read, those first that are read at random and are small."""

ROOTS: Final = Statement(
    "SELECT name, rootpage FROM sqlite_schema WHERE type IN ('table', 'index')", scans=("sqlite_schema",)
)

_INNER_NODES: Final = frozenset({2, 5})
"""The first byte of an inner page, of an index and of a table."""
_FIRST_POINTER: Final = 12
_LAST_CHILD: Final = slice(8, 12)
DEEPEST: Final = 8
"""Levels of a tree; more would be a circle."""
_GAP: Final = 4
"""Pages between two that are wanted which are read along: cheaper than another request."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of the file."""

    offset: int
    length: int


def hot_ranges(database: Database, most_bytes: int) -> list[Range]:
    """The ranges of the file that searches read, in its order; altogether ``most_bytes`` at most."""
    descriptor = own_descriptor(database)
    if descriptor is None:
        return []
    page_size = database.page_size()
    file = PageFile(descriptor, page_size, os.fstat(descriptor).st_size // page_size)
    roots: dict[str, int] = dict(database.rows(ROOTS))
    pages = itertools.chain.from_iterable(_leaves(file, roots[name]) for name in HOT if name in roots)
    found = list(ranges_of(itertools.islice(pages, most_bytes // file.page_size), file.page_size))
    sums = itertools.accumulate(one.length for one in found)
    return [one for one, total in zip(found, sums, strict=True) if total <= most_bytes]


def own_descriptor(database: Database) -> int | None:
    """A descriptor of the catalogue's file that SQLite has opened in this process; good while ``database`` is open."""
    for name in os.listdir("/proc/self/fd"):
        try:
            found = os.stat(int(name))
        except OSError:
            continue  # that of the listing itself
        if (found.st_dev, found.st_ino) == database.identity:
            return int(name)
    return None


@dataclass(frozen=True, slots=True)
class PageFile:
    """The catalogue's file, read past SQLite; pages are counted from 1."""

    descriptor: int
    page_size: int
    pages: int

    def page(self, number: int) -> bytes:
        """A page; shorter, even empty, where the file ends."""
        return os.pread(self.descriptor, self.page_size, (number - 1) * self.page_size)


def _leaves(file: PageFile, root: int) -> Iterator[int]:
    """The pages of a tree that are no inner nodes. All leaves stand at one depth."""
    level = [root]
    for _ in range(DEEPEST):
        first = file.page(level[0])
        if not first or first[0] not in _INNER_NODES:
            break
        below = (child for number in level for child in _children(file.page(number)))
        level = list(itertools.islice(below, file.pages))  # a damaged file may lead in circles
        if not level:
            break
    yield from level


def _children(page: bytes) -> Iterator[int]:
    """The pages below an inner node: each cell begins with the number of one, the header ends with the last."""
    if not page or page[0] not in _INNER_NODES:
        return
    cells = int.from_bytes(page[3:5])
    for position in range(_FIRST_POINTER, _FIRST_POINTER + 2 * cells, 2):
        cell = int.from_bytes(page[position : position + 2])
        yield int.from_bytes(page[cell : cell + 4])
    yield int.from_bytes(page[_LAST_CHILD])


def ranges_of(pages: Iterable[int], page_size: int) -> Iterator[Range]:
    """The bytes of the pages in order, those beside each other together."""
    first = last = 0
    for page in sorted(page for page in pages if page > 0):
        if first and page - last > _GAP:
            yield Range((first - 1) * page_size, (last - first + 1) * page_size)
            first = page
        first = first or page
        last = page
    if first:
        yield Range((first - 1) * page_size, (last - first + 1) * page_size)
