"""Rows by their ids from a disk: the kernel is asked for their pages all at once, not for one after the other.

Titles that a search has found lie anywhere in the file. SQLite waits for each page before it asks for the next, though
the disk could read dozens together. Which pages they are, the inner nodes of the tree tell
(https://www.sqlite.org/fileformat.html#b_tree_pages). That takes some 10 µs for a row, so it is done only where the
first rows came as slowly as from a disk. As in :mod:`.hot_pages`, what is wrong in here costs time and nothing else.
"""

from __future__ import annotations

import bisect
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

from offliniofs.catalog.connection import Database
from offliniofs.catalog.hot_pages import DEEPEST, PageFile, own_descriptor, ranges_of
from offliniofs.catalog.statements import Statement

FIRST_ROWS: Final = 16
"""Rows that are read one by one in any case."""
DISK_SECONDS: Final = 40e-6
"""A row that takes longer did not come from memory, where it takes 5 to 15 µs."""

ROOT: Final = Statement("SELECT rootpage FROM sqlite_schema WHERE name = ?", scans=("sqlite_schema",))

_INDEX_NODE: Final = 2
_TABLE_NODE: Final = 5
_CELLS: Final = 12
_LAST_CHILD: Final = slice(8, 12)
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""How many bytes an integer has by its serial type (https://www.sqlite.org/fileformat.html#record_format)."""
_ONE: Final = 9

_T = TypeVar("_T")


def read_in_parts(
    database: Database, tree: str, ids: Sequence[int], read: Callable[[Sequence[int]], list[_T]]
) -> list[_T]:
    """What ``read`` finds for all ids, each of which it looks up in ``tree``: a table, or an index that begins with the
    id."""
    if len(ids) <= 2 * FIRST_ROWS:
        return read(ids)
    begun = time.perf_counter()
    found = read(ids[:FIRST_ROWS])
    if time.perf_counter() - begun > FIRST_ROWS * DISK_SECONDS:
        ask_for(database, tree, ids[FIRST_ROWS:])
    return found + read(ids[FIRST_ROWS:])


def ask_for(database: Database, tree: str, ids: Iterable[int]) -> None:
    """Asks the kernel to read the pages ahead on which ``tree`` holds the rows of these ids."""
    descriptor = own_descriptor(database)
    if descriptor is None:
        return
    page_size = database.page_size()
    file = PageFile(descriptor, page_size, os.fstat(descriptor).st_size // page_size)
    level = {database.value(ROOT, (tree,)): sorted(ids)}
    for _ in range(DEEPEST):
        for one in ranges_of(level, page_size):
            os.posix_fadvise(descriptor, one.offset, one.length, os.POSIX_FADV_WILLNEED)
        first = next(iter(level), 0)
        if first < 1 or not _is_inner(file.page(first)):  # all leaves stand at one depth
            return
        level = _below(file, level)


def _below(file: PageFile, level: dict[int, list[int]]) -> dict[int, list[int]]:
    """The pages one level lower, with the ids that they lead to."""
    below: dict[int, list[int]] = {}
    for number, ids in level.items():
        page = file.page(number)
        if not _is_inner(page):
            continue
        cells = range(int.from_bytes(page[3:5]))
        position = 0
        for one in ids:
            position = bisect.bisect_left(cells, one, lo=position, key=partial(_key, page))
            below.setdefault(_child(page, position, len(cells)), []).append(one)
    return {number: ids for number, ids in below.items() if 0 < number <= file.pages}


def _is_inner(page: bytes) -> bool:
    return page[:1] in (bytes([_INDEX_NODE]), bytes([_TABLE_NODE]))


def _cell(page: bytes, number: int) -> int:
    at = _CELLS + 2 * number
    return int.from_bytes(page[at : at + 2])


def _child(page: bytes, number: int, cells: int) -> int:
    """The page before a cell, or behind the last one."""
    if number >= cells:
        return int.from_bytes(page[_LAST_CHILD])
    cell = _cell(page, number)
    return int.from_bytes(page[cell : cell + 4])


def _key(page: bytes, number: int) -> int:
    """The id of a cell of an inner node: the key of a table, the first column of an index."""
    at = _cell(page, number) + 4
    if page[0] == _TABLE_NODE:
        return _varint(page, at)[0]
    _, header = _varint(page, at)
    length, types = _varint(page, header)
    kind, _ = _varint(page, types)
    size = _INTEGER_BYTES.get(kind, 0)
    start = header + length
    return int.from_bytes(page[start : start + size], signed=True) if size else int(kind == _ONE)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, seven bits in each but the last, and where it ends."""
    value = 0
    for position in range(at, at + 8):
        byte = page[position] if position < len(page) else 0
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + 1
    return value << 8 | (page[at + 8] if at + 8 < len(page) else 0), at + 9
