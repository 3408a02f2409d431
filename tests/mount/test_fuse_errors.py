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
from offliniofs.fuse.errors import answers, errno_of


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
    @answers
    async def handler() -> None:
        raise error

    assert errno_of(error) == number
    with pytest.raises(pyfuse3.FUSEError) as caught:
        await handler()
    assert caught.value.errno == number


async def test_an_errno_and_an_answer_pass_unchanged() -> None:
    @answers
    async def handler(fail: bool) -> int:
        if fail:
            raise pyfuse3.FUSEError(errno.EXDEV)
        return 7

    assert await handler(False) == 7
    with pytest.raises(pyfuse3.FUSEError) as caught:
        await handler(True)
    assert caught.value.errno == errno.EXDEV
