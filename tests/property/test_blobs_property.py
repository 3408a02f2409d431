"""Whatever is done to a store, in whatever order: it holds what a dictionary would hold."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from blake3 import blake3
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from offliniofs.blobs.filesystem import initialise, open_store
from offliniofs.blobs.protocol import Source, Staged
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobMissingError
from offliniofs.domain.ids import Digest

CONTENTS = st.integers(0, 5).map(lambda seed: blake3(bytes([seed])).digest(length=seed * 100))
SAFE_MODES = st.sampled_from([PlacementMode.AUTO, PlacementMode.COPY, PlacementMode.MOVE])


class StoreMachine(RuleBasedStateMachine):
    """Drives a filesystem store beside its model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="offliniofs-"))
        initialise(self.folder / "store")
        self.store = open_store(self.folder / "store")
        self.model: dict[Digest, bytes] = {}
        self.files = 0
        self.waiting: list[tuple[Staged, bytes]] = []

    def teardown(self) -> None:
        """Leaves nothing behind."""
        self.store.close()
        shutil.rmtree(self.folder)

    def _source(self, content: bytes) -> Source:
        self.files += 1
        path = self.folder / f"{self.files}"
        path.write_bytes(content)
        return Source.at(path)

    @rule(content=CONTENTS, mode=SAFE_MODES, guess=st.booleans())
    def add(self, content: bytes, mode: PlacementMode, guess: bool) -> None:
        digest = Digest(blake3(content).digest())
        stored = self.store.add(self._source(content), mode, maybe_stored=guess)
        assert stored.digest == digest
        assert stored.existed == (digest in self.model)
        if mode is PlacementMode.MOVE:
            self.store.discard_source(stored)
            assert not os.path.lexists(stored.origin.source.path)
        self.model[digest] = content

    @rule(content=CONTENTS, mode=SAFE_MODES)
    def stage(self, content: bytes, mode: PlacementMode) -> None:
        self.waiting.append((self.store.stage(self._source(content), mode), content))

    @rule(count=st.integers(0, 12))
    def commit(self, count: int) -> None:
        batch, self.waiting = self.waiting[:count], self.waiting[count:]
        try:
            stored = self.store.commit([staged for staged, _ in batch])
        except BlobMissingError:
            assert any(staged.temporary is None for staged, _ in batch)
            for staged, content in batch:  # none may be relied on; what is in place must be whole
                if self.store.contains(staged.digest):
                    self.model[staged.digest] = content
            return
        for one, (_, content) in zip(stored, batch, strict=True):
            assert one.existed == (one.digest in self.model)
            self.model[one.digest] = content

    @precondition(lambda self: bool(self.waiting))
    @rule()
    def abandon(self) -> None:
        staged, _ = self.waiting.pop()
        self.store.abandon(staged)

    @rule(content=CONTENTS)
    def remove(self, content: bytes) -> None:
        digest = Digest(blake3(content).digest())
        try:
            self.store.remove(digest)
        except BlobMissingError:
            assert digest not in self.model
        else:
            del self.model[digest]

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(self.folder / "store")
        self.waiting.clear()

    @invariant()
    def keeps_only_what_waits(self) -> None:
        temporary = [path.name for path in (self.folder / "store/blobs/tmp").rglob("*") if path.is_file()]
        assert sorted(temporary) == sorted(staged.temporary for staged, _ in self.waiting if staged.temporary)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert list(self.store.iterate()) == sorted(self.model)
        for digest, content in self.model.items():
            assert Path(self.store.path_of(digest)).read_bytes() == content


StoreMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestStore = StoreMachine.TestCase
