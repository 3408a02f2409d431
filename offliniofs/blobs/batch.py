"""Group commit: making many staged files durable and visible for the price of a few.

The order never varies: **contents durable → names in place → folders durable → return.**

- Contents first, because rename(2) is atomic but promises nothing about data: without a sync before it, a power cut
  may leave an empty or partly written file at the digest's path. ext4's ``auto_da_alloc`` (ext4(5)) guards only a
  rename that *replaces*, which ours does only to mend a damaged blob; XFS has no such guard at all.
- Folders last, because fsync(2) of a file does not make the entry in its folder durable; that takes an fsync of the
  folder, and of each parent whose entry for it is not known to be durable. A folder that is there already may have
  been made a moment ago by another thread or process, so the store only trusts the folders it has synced itself.

For a few files each step is an fsync a file. For many it is one syncfs(2): on Linux it waits until everything is
written and so guarantees what an fsync of every file would (sync(2), notes). ext4 then writes its journal, XFS forces
its log and btrfs commits its transaction once, not once a file; that is what makes 10,000 small files quick.

syncfs reports write errors of the filesystem since Linux 5.8, and only once to each open descriptor. Many threads
share one descriptor, so a failure that one of them is told is counted, and whoever staged before it is refused too.
On an older kernel every file is synced alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterable, Sequence

from offliniofs.blobs.calls import StoreCalls
from offliniofs.blobs.existing import Existing, existing
from offliniofs.blobs.failures import short, store_errors
from offliniofs.blobs.layout import leaf_of, open_directory, relative_path
from offliniofs.blobs.protocol import Staged, Stored
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, StoreError

FEW = 4
"""Up to as many files, or folders, are synced one by one; syncfs may have to write what others have made dirty."""
_RELIABLE_SYNCFS = (5, 8)


class GroupSync:
    """syncfs of one filesystem with its failures counted."""

    def __init__(self, descriptor: int, calls: StoreCalls) -> None:
        self._descriptor = descriptor
        self._calls = calls
        self._lock = threading.Lock()
        self.failures = 0
        """How often writing back has failed since the store was opened."""
        self.reliable = _kernel_version(os.uname().release) >= _RELIABLE_SYNCFS

    def sync(self, generation: int) -> None:
        """Makes all of the filesystem durable. Raises ``OSError``; ``StoreError`` if it failed since ``generation``."""
        with self._lock:
            if self.failures == generation:
                try:
                    self._calls.syncfs(self._descriptor)
                except OSError:
                    self.failures += 1
                    raise
                return
        raise StoreError("the disk failed to write while files were being stored; import them again")


class Committer:
    """Takes staged files to their places. ``blobs`` is the descriptor of ``blobs/`` and outlives this object."""

    def __init__(self, blobs: int, calls: StoreCalls) -> None:
        self._blobs = blobs
        self._calls = calls
        self.sync = GroupSync(blobs, calls)
        self._settled: set[str] = set()  # folders whose entry in their parent is durable; at most 256 + 65,536

    def commit(self, staged: Sequence[Staged], session: int) -> list[Stored]:
        """Commits files that wait in the folder ``session``. Raises ``StoreError`` and then leaves none waiting."""
        generation = self.sync.failures
        try:
            with store_errors(f"making {len(staged)} files durable"):
                self._settle_contents([one for one in staged if one.temporary and not one.durable], session)
                stored = [self._place(one, session) for one in staged]
                self._settle_folders({leaf_of(one.digest) for one in staged}, generation)
        except BaseException:
            self.abandon(staged, session)
            raise
        return stored

    def abandon(self, staged: Iterable[Staged], session: int) -> None:
        """Removes what still waits. A file that cannot be removed is left to the clean-up."""
        for one in staged:
            if one.temporary:
                with contextlib.suppress(OSError):
                    self._calls.unlink(one.temporary, session)

    def _require_present(self, one: Staged) -> None:
        """Checks the blob that makes a staged file superfluous. Raises ``BlobMissingError``, ``BlobCorruptError``."""
        found = existing(self._blobs, one.digest, one.size)
        if found is Existing.NOTHING:
            raise BlobMissingError(f"{short(one.digest)} was removed while it was imported; import it again")
        if found is Existing.DAMAGED:
            raise BlobCorruptError(f"{short(one.digest)} was damaged while it was imported; import it again")

    def settle_removal(self, leaf: str) -> None:
        """Makes it durable that a name has gone from a folder. Raises ``OSError``."""
        self._fsync_folder(leaf)

    def _settle_contents(self, pending: Sequence[Staged], session: int) -> None:
        if len(pending) > FEW and self.sync.reliable:
            self.sync.sync(min(one.generation for one in pending))
            return
        for one in pending:
            descriptor = os.open(str(one.temporary), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=session)
            try:
                self._calls.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _place(self, one: Staged, session: int) -> Stored:
        existed = replaced = False
        if one.temporary is None:
            self._require_present(one)
            existed = True
        elif not self._publish(one, one.temporary, session):
            replaced = one.replaces or existing(self._blobs, one.digest, one.size) is Existing.DAMAGED
            existed = not replaced
            if replaced:
                self._calls.replace(one.temporary, session, relative_path(one.digest), self._blobs)
            else:
                self._calls.unlink(one.temporary, session)
        return Stored(one.digest, one.size, one.method, existed, one.origin, replaced)

    def _publish(self, one: Staged, name: str, session: int) -> bool:
        """Whether the file came into place; not when something is there already."""
        target = relative_path(one.digest)
        try:
            try:
                self._calls.publish(name, session, target, self._blobs)
            except FileNotFoundError:
                self._make_folders(leaf_of(one.digest))
                self._calls.publish(name, session, target, self._blobs)
        except FileExistsError:
            return False
        return True

    def _make_folders(self, leaf: str) -> None:
        for folder in (leaf[:2], leaf):
            try:
                self._calls.mkdir(folder, self._blobs)
            except FileExistsError:
                continue
            self._settled.discard(folder)

    def _settle_folders(self, leaves: set[str], generation: int) -> None:
        doubtful = leaves - self._settled
        parents = {leaf[:2] for leaf in doubtful}
        roots = {"."} if parents - self._settled else set()
        # Lowest first: an entry that is durable must not name a folder whose own content is not.
        folders = [*leaves, *parents, *roots]
        if len(folders) > 3 * FEW and self.sync.reliable:
            self.sync.sync(generation)
        else:
            for folder in folders:
                self._fsync_folder(folder)
        self._settled |= doubtful | parents

    def _fsync_folder(self, folder: str) -> None:
        descriptor = open_directory(folder, self._blobs)
        try:
            self._calls.fsync(descriptor)
        finally:
            os.close(descriptor)


def _kernel_version(release: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (0, 0)
