"""A store that never hands out a blob it has not hashed: for disks, or modes of storing, that are not trusted.

The first ``open`` of a blob reads all of it; later ones only compare the inode with what it was then, so that a
hard-linked blob that somebody wrote to is hashed again, and refused.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass

from offliniofs.blobs.forwarding import ForwardingStore
from offliniofs.blobs.protocol import BlobStore
from offliniofs.domain.ids import Digest

DEFAULT_REMEMBERED = 65_536
"""Blobs that are remembered as verified, about 200 bytes each."""


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class VerifyingStore(ForwardingStore):
    """Verifies each blob before its first ``open`` returns; that raises what ``verify`` raises."""

    def __init__(self, inner: BlobStore, remembered: int = DEFAULT_REMEMBERED) -> None:
        super().__init__(inner)
        self._remembered = remembered
        self._lock = threading.Lock()
        self._seen: OrderedDict[Digest, _Fingerprint] = OrderedDict()

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``. The first time it takes as long as reading the blob does."""
        descriptor = super().open(digest)
        try:
            fingerprint = _fingerprint(descriptor)
            if not self._knows(digest, fingerprint):
                super().verify(digest)
                self._remember(digest, fingerprint)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _knows(self, digest: Digest, fingerprint: _Fingerprint) -> bool:
        with self._lock:
            if self._seen.get(digest) != fingerprint:
                return False
            self._seen.move_to_end(digest)
            return True

    def _remember(self, digest: Digest, fingerprint: _Fingerprint) -> None:
        with self._lock:
            self._seen[digest] = fingerprint
            while len(self._seen) > self._remembered:
                self._seen.popitem(last=False)


def _fingerprint(descriptor: int) -> _Fingerprint:
    status = os.fstat(descriptor)
    return _Fingerprint(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
