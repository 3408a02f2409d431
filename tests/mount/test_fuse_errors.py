"""What failures become for whoever made the system call."""

from __future__ import annotations

import errno

import pyfuse3
import pytest

from offliniofs.domain.errors import (
    BlobMissingError,
    CatalogBusyError,
    CatalogError,
    ModeUnsupportedError,
    NotFoundError,
    QuerySyntaxError,
    StoreFullError,
    UsageError,
)
from offliniofs.fuse.counters import Counters
from offliniofs.fuse.errors import answers, errno_of, refused
from offliniofs.tree.plans import Refusal


class _Mount:
    """Handlers that do as they are told."""

    def __init__(self) -> None:
        self.counters = Counters()

    @answers
    async def lookup(self, error: Exception | None) -> int:
        if error is not None:
            raise error
        return 7

    @answers
    async def _first_part(self) -> int:
        raise OSError(errno.ENOSPC, "x")

    @answers
    async def create(self) -> int:
        return await self._first_part()


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (NotFoundError("x"), errno.ENOENT),
        (UsageError("x"), errno.EINVAL),
        (QuerySyntaxError("x", "(", 0), errno.EINVAL),
        (CatalogBusyError("x"), errno.EBUSY),
        (CatalogError("x"), errno.EIO),
        (StoreFullError("x"), errno.ENOSPC),
        (ModeUnsupportedError("x"), errno.EOPNOTSUPP),
        (BlobMissingError("x"), errno.EIO),
        (OSError(errno.ENOSPC, "x"), errno.ENOSPC),
        (OSError(errno.ENOENT, "x"), errno.EIO),
        (OSError("x"), errno.EIO),
        (ValueError("x"), errno.EIO),
        (MemoryError(), errno.EIO),
    ],
)
async def test_only_errnos_leave_a_handler(error: Exception, number: int) -> None:
    mount = _Mount()
    assert errno_of(error) == number
    with pytest.raises(pyfuse3.FUSEError) as caught:
        await mount.lookup(error)
    assert caught.value.errno == number
    counted = {} if isinstance(error, NotFoundError) else {errno.errorcode[number]: 1}
    assert mount.counters.failures == counted


async def test_an_errno_and_an_answer_pass_unchanged() -> None:
    mount = _Mount()
    assert await mount.lookup(None) == 7
    with pytest.raises(pyfuse3.FUSEError) as caught:
        await mount.lookup(pyfuse3.FUSEError(errno.EXDEV))
    assert caught.value.errno == errno.EXDEV
    assert mount.counters.requests == {"lookup": 2}
    assert not mount.counters.failures


async def test_a_part_of_a_handler_is_guarded_and_not_counted_as_a_request() -> None:
    mount = _Mount()
    with pytest.raises(pyfuse3.FUSEError) as caught:
        await mount.create()
    assert caught.value.errno == errno.ENOSPC
    assert mount.counters.requests == {"create": 1}
    assert mount.counters.failures == {"ENOSPC": 1}


def test_every_refusal_of_the_tree_has_an_errno() -> None:
    assert all(refused(reason).errno > 0 for reason in Refusal)
