"""Counting the distinct bytes that were read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offliniofs.fuse.coverage import ReadCoverage

_READS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), max_size=60)


@given(_READS)
def test_counts_each_byte_once(reads: list[tuple[int, int]]) -> None:
    coverage = ReadCoverage()
    expected: set[int] = set()
    for start, length in reads:
        coverage.add(start, start + length)
        expected.update(range(start, start + length))
    assert coverage.distinct_bytes() == len(expected)
    assert coverage.distinct_bytes() == len(expected)


def test_goes_on_counting_after_it_was_asked() -> None:
    coverage = ReadCoverage()
    coverage.add(0, 10)
    assert coverage.distinct_bytes() == 10
    coverage.add(10, 20)
    coverage.add(5, 8)
    assert coverage.distinct_bytes() == 20
    coverage.clear()
    assert coverage.distinct_bytes() == 0


def test_a_reader_that_leaves_countless_holes_is_bounded() -> None:
    coverage = ReadCoverage()
    for position in range(10_000):
        coverage.add(position * 10, position * 10 + 1)
    assert coverage.distinct_bytes() == 256
