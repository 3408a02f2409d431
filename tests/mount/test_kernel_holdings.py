"""Counting which views the kernel holds folders of, and what it need not be told."""

from __future__ import annotations

from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.tree.inodes import directory_base, file_inode


def test_contexts_come_with_lookups_and_go_with_forgets() -> None:
    holdings = KernelHoldings()
    first, second = directory_base(7), directory_base(8)
    holdings.took(first | 1, 3)
    holdings.took(second)
    holdings.took(directory_base(0) | 5)
    holdings.took(file_inode(9))
    holdings.took(first, 0)
    assert holdings.contexts() == (7, 8)
    holdings.gave_back([(first | 1, 2), (file_inode(9), 1), (second, 1)])
    assert holdings.contexts() == (7,)
    holdings.gave_back([(first | 1, 1), (first | 1, 1)])
    assert holdings.contexts() == ()
