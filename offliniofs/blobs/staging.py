"""How bytes come into the store: the first of the two steps of storing. ``batch`` has the second.

Content that is in place already is not kept twice. How closely the blob in place is looked at is a matter of ``Care``:
its size is always compared, which costs nothing; its bytes when that is asked for, which costs as much as reading it.
A blob that is damaged is no reason to drop good bytes: what was brought then takes its place.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, replace

from offliniofs.blobs.batch import Committer
from offliniofs.blobs.calls import StoreCalls
from offliniofs.blobs.existing import Existing, existing
from offliniofs.blobs.failures import CANNOT_CLONE, CANNOT_EVER_CLONE, CANNOT_LINK, store_error, store_errors
from offliniofs.blobs.protocol import Method, Progress, Source, Space, Staged
from offliniofs.blobs.session import Session, clean_dead
from offliniofs.blobs.sink import write_all
from offliniofs.blobs.source import OpenSource, opened, unreadable
from offliniofs.blobs.transfer import CHUNK, copy, hash_bytes, hash_descriptor, heartbeat, read_small
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import ModeUnsupportedError, StoreFullError
from offliniofs.domain.ids import Digest
from offliniofs.domain.sizes import human_size

_WAYS = {
    PlacementMode.AUTO: (Method.REFLINK, Method.COPY),
    PlacementMode.REFLINK: (Method.REFLINK,),
    PlacementMode.COPY: (Method.COPY,),
    PlacementMode.HARDLINK: (Method.HARDLINK,),
    PlacementMode.MOVE: (Method.REFLINK, Method.HARDLINK, Method.COPY),
}
"""What each mode allows, in the order in which it is tried. Only a mode that promises no method has more than one."""


@dataclass(frozen=True, slots=True)
class Care:
    """What ``BlobStore.stage`` is told of blobs that are in place already; the names are those of its parameters."""

    maybe_stored: bool = False
    verify_stored: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """One source on its way."""

    file: OpenSource
    progress: Progress
    verify: bool


def space_at(descriptor: int) -> Space:
    """Room on the filesystem of an open folder. Raises ``OSError``."""
    status = os.fstatvfs(descriptor)
    unit = status.f_frsize
    return Space(
        total=status.f_blocks * unit,
        free=status.f_bfree * unit,
        available=status.f_bavail * unit,
        files=status.f_files,
        files_free=status.f_favail,
    )


class Staging:
    """Stages files below ``blobs/``, whose descriptor outlives this object. Safe from several threads at once."""

    def __init__(self, root: str, blobs: int, reserve: int, committer: Committer, calls: StoreCalls) -> None:
        self._root = root
        self._blobs = blobs
        self._reserve = reserve
        self._committer = committer
        self._calls = calls
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clone_refused: set[int] = set()  # devices that cannot clone into the store: not asked again by auto

    def session(self) -> Session:
        """The temporary folder of this process; the first call makes it and removes those of dead processes."""
        with self._lock:
            if self._session is None:
                with store_errors(f"making a temporary folder in {self._root}"):
                    clean_dead(self._blobs)
                    self._session = Session(self._blobs)
            return self._session

    def close(self) -> None:
        """Removes the temporary folder. What cannot be removed is left to the next process that writes."""
        with self._lock, contextlib.suppress(OSError):
            if self._session is not None:
                self._session.close()
            self._session = None

    def stage(
        self, source: Source, mode: PlacementMode, care: Care, *, expected_size: int | None, progress: Progress
    ) -> Staged:
        """See ``BlobStore.stage``."""
        with opened(source, expected_size) as file:
            try:
                if care.maybe_stored and file.size > CHUNK:
                    digest = self._hash_source(file, progress)
                    progress = heartbeat(progress)
                    if self._look(_Task(file, progress, care.verify_stored), digest) is Existing.SOUND:
                        return _superfluous(file, digest, _WAYS[mode][-1])
                generation = self._committer.sync.failures
                staged = self._bring(_Task(file, progress, care.verify_stored), mode)
            except OSError as error:
                raise store_error(error, f"storing {source}") from error
        return replace(staged, generation=generation)

    def _bring(self, task: _Task, mode: PlacementMode) -> Staged:
        ways = _WAYS[mode]
        for method in ways[:-1]:
            if not self._pointless(method, task.file):
                with contextlib.suppress(ModeUnsupportedError):
                    return self._bring_by(method, task)
        return self._bring_by(ways[-1], task)

    def _bring_by(self, method: Method, task: _Task) -> Staged:
        steps = {Method.REFLINK: self._clone, Method.HARDLINK: self._link, Method.COPY: self._copy}
        name = self.session().fresh_name()
        try:
            return steps[method](task, name)
        except BaseException:
            self._drop(name)
            raise

    def _pointless(self, method: Method, file: OpenSource) -> bool:
        """Whether a way that has alternatives is not worth a try.

        A file with several names is never linked for a move: the others would go on pointing into the store.
        """
        if method is Method.REFLINK:
            return file.status.st_dev in self._clone_refused
        return file.status.st_nlink > 1

    def _clone(self, task: _Task, name: str) -> Staged:
        file = task.file
        descriptor = self._calls.create(name, self.session().descriptor)
        try:
            try:
                self._calls.clone(descriptor, file.descriptor)
            except OSError as error:
                if error.errno not in CANNOT_CLONE:
                    raise
                if error.errno in CANNOT_EVER_CLONE:
                    self._clone_refused.add(file.status.st_dev)
                raise ModeUnsupportedError(
                    f"{file.source} cannot be cloned into {self._root}: {error.strerror}; "
                    "both must be on one filesystem that can (XFS, btrfs); choose another mode"
                ) from error
            file.require_unchanged()
            return self._finish(task, name, descriptor, Method.REFLINK, hash_descriptor(descriptor, task.progress))
        finally:
            os.close(descriptor)

    def _link(self, task: _Task, name: str) -> Staged:
        file = task.file
        try:
            self._calls.link(file.descriptor, name, self.session().descriptor)
        except OSError as error:
            if error.errno not in CANNOT_LINK:
                raise
            raise ModeUnsupportedError(
                f"{file.source} cannot be linked into {self._root}: {error.strerror}; "
                "both must be on one filesystem and the file yours; choose another mode"
            ) from error
        # Pages that another program has mapped and made dirty are written now: what it writes later changes mtime.
        self._calls.start_writeback(file.descriptor, 0, 0)
        linked = file.refreshed()
        digest = self._hash_source(linked, task.progress)
        return self._finish(replace(task, file=linked), name, linked.descriptor, Method.HARDLINK, digest)

    def _copy(self, task: _Task, name: str) -> Staged:
        file = task.file
        if file.size <= CHUNK:
            return self._copy_small(task, name)
        self._require_room(file)
        descriptor = self._calls.create(name, self.session().descriptor)
        try:
            digest = copy(file, descriptor, self._calls, task.progress)
            file.require_unchanged()
            return self._finish(task, name, descriptor, Method.COPY, digest)
        finally:
            os.close(descriptor)

    def _copy_small(self, task: _Task, name: str) -> Staged:
        file = task.file
        content = read_small(file)
        file.require_unchanged()
        digest = hash_bytes(content)
        task.progress(len(content))
        found = self._look(task, digest)
        if found is Existing.SOUND:
            return _superfluous(file, digest, Method.COPY)
        self._require_room(file)
        descriptor = self._calls.create(name, self.session().descriptor)
        try:
            write_all(self._calls, descriptor, content, 0)
        finally:
            os.close(descriptor)
        return _staged(file, digest, Method.COPY, name, found)

    def _finish(self, task: _Task, name: str, descriptor: int, method: Method, digest: Digest) -> Staged:
        """Syncs what is large while its descriptor is open: threads do that side by side, and errors are exact."""
        found = self._look(task, digest)
        if found is Existing.SOUND:
            self._drop(name)
            return _superfluous(task.file, digest, method)
        large = task.file.size > CHUNK
        if large:
            self._calls.fsync(descriptor)
        return replace(_staged(task.file, digest, method, name, found), durable=large)

    def _look(self, task: _Task, digest: Digest) -> Existing:
        return existing(self._blobs, digest, task.file.size, heartbeat(task.progress) if task.verify else None)

    def _drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._calls.unlink(name, self.session().descriptor)

    def _hash_source(self, file: OpenSource, progress: Progress) -> Digest:
        try:
            digest = hash_descriptor(file.descriptor, progress)
        except OSError as error:
            raise unreadable(file.source, error) from error
        file.require_unchanged()
        return digest

    def _require_room(self, file: OpenSource) -> None:
        available = space_at(self._blobs).available
        if file.size + self._reserve > available:
            raise StoreFullError(
                f"{file.source} needs {human_size(file.size)} and {self._root} has {human_size(available)}, of which "
                f"{human_size(self._reserve)} stay in reserve; free some space"
            )


def _staged(file: OpenSource, digest: Digest, method: Method, name: str | None, found: Existing) -> Staged:
    return Staged(
        digest=digest,
        size=file.size,
        method=method,
        origin=file.origin(),
        temporary=name,
        replaces=found is Existing.DAMAGED,
    )


def _superfluous(file: OpenSource, digest: Digest, method: Method) -> Staged:
    return _staged(file, digest, method, None, Existing.SOUND)
