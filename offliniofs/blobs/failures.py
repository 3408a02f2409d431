"""From errno to the errors that the rest of the program knows."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from offliniofs.domain.errors import StoreError, StoreFullError
from offliniofs.domain.ids import Digest

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
CANNOT_EVER_CLONE = frozenset({errno.EOPNOTSUPP, errno.EXDEV, errno.ENOTTY, errno.ENOSYS})
"""ioctl_ficlone(2): not from this filesystem into that one."""
CANNOT_CLONE = CANNOT_EVER_CLONE | {errno.EINVAL, errno.EPERM, errno.ETXTBSY}
"""ioctl_ficlone(2): the same, or not these two files."""
CANNOT_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES, errno.ENOENT})
"""link(2): another filesystem, none with links, too many of them, a protected or nameless file."""


def store_error(error: OSError, doing: str) -> StoreError:
    """What to raise for a failure of the disk below the store."""
    if error.errno in FULL:
        return StoreFullError(f"no room left while {doing}; nothing was stored: free some space and try again")
    return StoreError(f"failed while {doing}: {error.strerror}; look at the disk (dmesg) before trying again")


@contextlib.contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Turns any ``OSError`` inside into a ``StoreError``."""
    try:
        yield
    except OSError as error:
        raise store_error(error, doing) from error


def short(digest: Digest) -> str:
    """A digest as messages show it."""
    return f"blob {digest.hex()}"
