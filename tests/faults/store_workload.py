"""A little of everything that a store is used for, with a journal of what was promised at each moment.

The journal is what a catalogue would know: a digest that ``commit`` returned must be whole after any crash, and a file
whose original was discarded must be in the store.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from offliniofs.blobs.filesystem import FilesystemStore, open_store
from offliniofs.blobs.protocol import Source, Stored
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.ids import Digest, digest_from_hex

SMALL_FILES = 6
"""More than are synced one by one."""


def content_of(seed: str, size: int) -> bytes:
    """Bytes that differ for every seed."""
    return blake3(seed.encode()).digest(length=size)


@dataclass
class Journal:
    """What has been promised. Written to ``path``, when there is one, so that it outlives the process."""

    path: Path | None = None
    committed: set[Digest] = field(default_factory=set)
    removed: set[Digest] = field(default_factory=set)

    def commit(self, stored: Stored) -> None:
        """The store has returned from a commit."""
        self.committed.add(stored.digest)
        self._save()

    def remove(self, digest: Digest) -> None:
        """The rows of a blob are gone, and it may be removed at any moment."""
        self.committed.discard(digest)
        self._save()

    def has_removed(self, digest: Digest) -> None:
        """The store has returned from a removal."""
        self.removed.add(digest)
        self._save()

    def _save(self) -> None:
        if self.path is not None:
            lists = [sorted(one.hex() for one in digests) for digests in (self.committed, self.removed)]
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps(lists))
            fresh.rename(self.path)

    @classmethod
    def load(cls, path: Path) -> Journal:
        """What a process that is dead by now had been promised."""
        if not path.exists():
            return cls()
        committed, removed = json.loads(path.read_text())
        return cls(None, {digest_from_hex(one) for one in committed}, {digest_from_hex(one) for one in removed})


def write_durably(path: Path, content: bytes) -> Source:
    """An original that survives a power cut itself."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return Source.at(path)


def prepare(folder: Path, seed: str) -> None:
    """Makes the originals."""
    folder.mkdir()
    for index in range(SMALL_FILES):
        write_durably(folder / f"small-{index}", content_of(f"{seed}{index}", 20_000))
    write_durably(folder / "large", content_of(f"{seed}large", CHUNK + 1))
    write_durably(folder / "moved", content_of(f"{seed}moved", 30_000))


def work(store: FilesystemStore, folder: Path, journal: Journal) -> None:
    """A batch of small files, a large one, a removal, and a move to its end."""
    modes = (PlacementMode.COPY, PlacementMode.AUTO)
    small = [Source.at(folder / f"small-{index}") for index in range(SMALL_FILES)]
    batch = store.commit([store.stage(source, modes[index % 2]) for index, source in enumerate(small)])
    for stored in batch:
        journal.commit(stored)
    journal.commit(store.add(Source.at(folder / "large"), PlacementMode.COPY))
    journal.remove(batch[0].digest)
    store.remove(batch[0].digest)
    journal.has_removed(batch[0].digest)
    moved = store.add(Source.at(folder / "moved"), PlacementMode.MOVE)
    journal.commit(moved)
    store.discard_source(moved)


def check(root: Path, folder: Path, journal: Journal, seed: str) -> None:
    """Asserts that the store kept every promise, holds nothing that is half-written, and cleans up after the dead."""
    with open_store(root) as store:
        for digest in store.iterate():
            store.verify(digest, from_disk=True)
        for digest in journal.committed:
            store.verify(digest, from_disk=True)
        for digest in journal.removed:
            assert not store.contains(digest), "a removal that was reported is durable"
        moved = content_of(f"{seed}moved", 30_000)
        if (folder / "moved").exists():
            assert (folder / "moved").read_bytes() == moved
        else:
            store.verify(Digest(blake3(moved).digest()))
        assert (folder / "large").read_bytes() == content_of(f"{seed}large", CHUNK + 1)
        store.abandon(store.stage(Source.at(folder / "large"), maybe_stored=True))
        assert len(os.listdir(root / "blobs/tmp")) == 1, "only the session of the living is left"
    assert os.listdir(root / "blobs/tmp") == []
