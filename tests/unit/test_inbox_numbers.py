"""New files and folders of the inbox keep clear of numbers that are taken."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path

import pytest

from offliniofs.ingest.inbox_numbers import new_file, new_folder

Make = Callable[[bytes, int, Container[int]], int]


class TakenAtFirst:
    """The first numbers are taken, whatever they are."""

    def __init__(self, count: int) -> None:
        self.asked: list[object] = []
        self._count = count

    def __contains__(self, number: object) -> bool:
        self.asked.append(number)
        return len(self.asked) <= self._count


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("make", [new_file, new_folder])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_another_number_is_tried(make: Make, count: int, folder: int) -> None:
    taken, before = TakenAtFirst(count), _open_descriptors()
    descriptor = make(b"new", folder, taken)
    assert os.fstat(descriptor).st_ino == taken.asked[-1]
    assert len(set(taken.asked)) == count + 1
    assert _open_descriptors() == before + 1
    assert os.listdir(folder) == ["new"]
    os.close(descriptor)


@pytest.mark.parametrize("make", [new_file, new_folder])
def test_after_many_tries_a_taken_one_has_to_do(make: Make, folder: int) -> None:
    taken, before = TakenAtFirst(10_000), _open_descriptors()
    os.close(make(b"new", folder, taken))
    assert 100 < len(taken.asked) < 1_000
    assert _open_descriptors() == before
    assert os.listdir(folder) == ["new"]


@pytest.mark.parametrize("make", [new_file, new_folder])
def test_what_is_there_stays(make: Make, folder: int, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        make(b"new", folder, ())
    assert (tmp_path / "new").read_bytes() == b"old"
