"""Every errno of the mount, and the one door through which a failure leaves a handler.

Any exception but FUSEError that leaves a handler ends the mount, so each handler is wrapped in :func:`answers`.
"""

from __future__ import annotations

import errno
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import pyfuse3

from offliniofs.domain.errors import (
    CatalogBusyError,
    ModeUnsupportedError,
    NotFoundError,
    OfflinioError,
    StoreFullError,
    UsageError,
)

logger = logging.getLogger(__name__)

_P = ParamSpec("_P")
_R = TypeVar("_R")

_ERRNO: tuple[tuple[type[OfflinioError], int], ...] = (
    (NotFoundError, errno.ENOENT),
    (UsageError, errno.EINVAL),
    (CatalogBusyError, errno.EBUSY),
    (StoreFullError, errno.ENOSPC),
    (ModeUnsupportedError, errno.EOPNOTSUPP),
)
"""First match wins; everything else is EIO. A blob that is missing or damaged is EIO: the name does exist."""

_TOLD_AS_IS = frozenset({errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""System errors that mean to the caller what they mean to us."""


def refusal(number: int) -> pyfuse3.FUSEError:
    """The exception that answers a request with an errno."""
    return pyfuse3.FUSEError(number)


def errno_of(error: Exception) -> int:
    """The errno that tells ``error`` to whoever made the system call."""
    if isinstance(error, OfflinioError):
        return next((number for kind, number in _ERRNO if isinstance(error, kind)), errno.EIO)
    if isinstance(error, OSError) and error.errno in _TOLD_AS_IS:
        return error.errno
    return errno.EIO


def answers(handler: Callable[_P, Awaitable[_R]]) -> Callable[_P, Coroutine[Any, Any, _R]]:
    """Makes a handler whose only exception is FUSEError. What we did not expect is logged with its traceback."""

    @functools.wraps(handler)
    async def guarded(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return await handler(*arguments, **named)
        except pyfuse3.FUSEError:
            raise
        except NotFoundError:
            raise refusal(errno.ENOENT) from None
        except OfflinioError as error:
            logger.warning("request failed", extra={"request": handler.__name__, "reason": str(error)})
            raise refusal(errno_of(error)) from error
        except Exception as error:
            logger.exception("request failed unexpectedly", extra={"request": handler.__name__})
            raise refusal(errno_of(error)) from error

    return guarded
