"""Every errno of the mount, and the one door through which a failure leaves a handler.

Any exception but FUSEError that leaves a handler ends the mount, so each handler is wrapped in :func:`answers`.
"""

from __future__ import annotations

import errno
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import pyfuse3

from offliniofs.domain.errors import (
    CatalogBusyError,
    ModeUnsupportedError,
    NotFoundError,
    OfflinioError,
    StoreFullError,
    UsageError,
)
from offliniofs.fuse.counters import Counters
from offliniofs.tree.plans import Refusal

logger = logging.getLogger(__name__)

_P = ParamSpec("_P")
_R = TypeVar("_R")
_S = TypeVar("_S", bound="Counted")

_ERRNO: tuple[tuple[type[OfflinioError], int], ...] = (
    (NotFoundError, errno.ENOENT),
    (UsageError, errno.EINVAL),
    (CatalogBusyError, errno.EBUSY),
    (StoreFullError, errno.ENOSPC),
    (ModeUnsupportedError, errno.EOPNOTSUPP),
)
"""First match wins; everything else is EIO. A blob that is missing or damaged is EIO: the name does exist."""

_REFUSALS = {
    Refusal.NOT_FOUND: errno.ENOENT,
    Refusal.STALE: errno.ESTALE,
    Refusal.NOT_A_DIRECTORY: errno.ENOTDIR,
    Refusal.IS_A_DIRECTORY: errno.EISDIR,
    Refusal.EXISTS: errno.EEXIST,
    # The mount can be written to (saved/ is), so this is no read-only file system: the kernel says that of one that is.
    Refusal.READ_ONLY: errno.EPERM,
    Refusal.NOT_PERMITTED: errno.EPERM,
    Refusal.INVALID: errno.EINVAL,
    Refusal.NAME_TOO_LONG: errno.ENAMETOOLONG,
    Refusal.NO_SUCH_ATTRIBUTE: errno.ENODATA,
    Refusal.NOT_EMPTY: errno.ENOTEMPTY,
}

_TOLD_AS_IS = frozenset({errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""System errors that mean to the caller what they mean to us."""


def refusal(number: int) -> pyfuse3.FUSEError:
    """The exception that answers a request with an errno."""
    return pyfuse3.FUSEError(number)


def refused(reason: Refusal) -> pyfuse3.FUSEError:
    """The exception that answers a request with one of the tree's refusals."""
    return pyfuse3.FUSEError(_REFUSALS[reason])


def errno_of(error: Exception) -> int:
    """The errno that tells ``error`` to whoever made the system call."""
    if isinstance(error, OfflinioError):
        return next((number for kind, number in _ERRNO if isinstance(error, kind)), errno.EIO)
    if isinstance(error, OSError) and error.errno in _TOLD_AS_IS:
        return error.errno
    return errno.EIO


class Counted(Protocol):
    """Whoever has handlers keeps count of them."""

    @property
    def counters(self) -> Counters:
        """The mount's counters."""
        ...


def answers(
    handler: Callable[Concatenate[_S, _P], Awaitable[_R]],
) -> Callable[Concatenate[_S, _P], Coroutine[Any, Any, _R]]:
    """Makes a handler whose only exception is FUSEError. What we did not expect is logged with its traceback.

    A private part of a handler is guarded in the same way, but is no request of its own and not counted as one.
    """
    name = handler.__name__
    is_request = not name.startswith("_")

    async def guarded(self: _S, /, *arguments: _P.args, **named: _P.kwargs) -> _R:
        if is_request:
            self.counters.requests[name] += 1
        try:
            return await handler(self, *arguments, **named)
        except pyfuse3.FUSEError:
            raise
        except NotFoundError:
            raise refusal(errno.ENOENT) from None
        except OfflinioError as error:
            self.counters.failed(errno_of(error), str(error))
            logger.warning("request failed", extra={"request": name, "reason": str(error)})
            raise refusal(errno_of(error)) from error
        except Exception as error:
            self.counters.failed(errno_of(error), f"{error} (a fault of this program; the log says where)")
            logger.exception("request failed unexpectedly", extra={"request": name})
            raise refusal(errno_of(error)) from error

    functools.update_wrapper(guarded, handler)
    return guarded
