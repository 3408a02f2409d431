"""The stores that the one suite is about, and what its tests store in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from offliniofs.blobs.calls import LinuxCalls
from offliniofs.blobs.faulty import ANY, Failure, Fault, FaultyCalls, FaultyStore, Schedule
from offliniofs.blobs.filesystem import FilesystemStore, initialise, open_store
from offliniofs.blobs.protocol import BlobStore
from offliniofs.blobs.transfer import CHUNK
from offliniofs.blobs.verifying import VerifyingStore
from offliniofs.domain.ids import Digest
from tests.adapters.memory_store import MemoryStore

SIZES = [0, 1, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17]
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)


def _filesystem(root: Path) -> FilesystemStore:
    initialise(root / "store")
    return open_store(root / "store")


def _short_writes(root: Path) -> BlobStore:
    initialise(root / "store")
    calls = FaultyCalls(LinuxCalls(), Schedule([Fault("write", Failure.SHORT_WRITE, 0)]))
    return open_store(root / "store", calls=calls)


STORES: dict[str, Callable[[Path], BlobStore]] = {
    "filesystem": _filesystem,
    "memory": lambda _: MemoryStore(),
    "verifying": lambda root: VerifyingStore(_filesystem(root)),
    "verifying-memory": lambda _: VerifyingStore(MemoryStore(), remembered=2),
    "faultless": lambda root: FaultyStore(_filesystem(root), Schedule([Fault(ANY, Failure.SHORT_WRITE, 0)])),
    "short-writes": _short_writes,
}
"""Every store and every decorator of one, in a folder."""


def content_of(size: int, seed: int = 1) -> bytes:
    """So many bytes, the same for the same seed."""
    return blake3(bytes([seed])).digest(length=size) if size else b""


def read(store: BlobStore, digest: Digest) -> bytes:
    """All bytes of a blob."""
    descriptor = store.open(digest)
    with open(descriptor, "rb") as opened:
        return opened.read()
