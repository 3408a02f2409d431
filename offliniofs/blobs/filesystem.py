"""The store on a local filesystem. How things lie there is in ``layout``, how they become durable in ``batch``."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from offliniofs.blobs import discard
from offliniofs.blobs.batch import Committer
from offliniofs.blobs.calls import LinuxCalls, StoreCalls
from offliniofs.blobs.failures import CANNOT_CLONE, CANNOT_EVER_CLONE, CANNOT_LINK, short, store_error, store_errors
from offliniofs.blobs.layout import (
    BLOBS,
    StoreIdentity,
    digests_below,
    initialise,
    leaf_of,
    open_directory,
    read_identity,
    relative_path,
    require_private,
)
from offliniofs.blobs.protocol import BlobStat, Cleaned, Method, Progress, Source, Space, Staged, Stored
from offliniofs.blobs.session import Session, clean_dead
from offliniofs.blobs.sink import write_all
from offliniofs.blobs.source import OpenSource, opened, unreadable
from offliniofs.blobs.transfer import (
    CHUNK,
    copy,
    hash_bytes,
    hash_descriptor,
    heartbeat,
    read_small,
    silent,
)
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import BlobCorruptError, BlobMissingError, ModeUnsupportedError, StoreFullError
from offliniofs.domain.ids import Digest

__all__ = ["DEFAULT_RESERVE", "FilesystemStore", "StoreIdentity", "initialise", "open_store", "read_identity"]

DEFAULT_RESERVE = 64 << 20
"""Bytes that a copy leaves free, so that the catalogue beside the blobs can still be written."""

_WAYS = {
    PlacementMode.AUTO: (Method.REFLINK, Method.COPY),
    PlacementMode.REFLINK: (Method.REFLINK,),
    PlacementMode.COPY: (Method.COPY,),
    PlacementMode.HARDLINK: (Method.HARDLINK,),
    PlacementMode.MOVE: (Method.REFLINK, Method.HARDLINK, Method.COPY),
}
"""What each mode allows, in the order in which it is tried. Only a mode that promises no method has more than one."""


def open_store(
    path: str | os.PathLike[str], *, reserve: int = DEFAULT_RESERVE, calls: StoreCalls | None = None
) -> FilesystemStore:
    """Opens the store in the folder ``path``. Raises ``StoreError`` when it is none, or not ours alone.

    ``reserve``: bytes that a copy must leave free. ``calls``: for tests, the system calls to use.
    """
    identity = read_identity(path)
    root = os.path.join(os.path.abspath(path), BLOBS)
    with store_errors(f"opening {root}"):
        blobs = open_directory(root)
    try:
        require_private(root, blobs)
    except BaseException:
        os.close(blobs)
        raise
    return FilesystemStore(root, blobs, identity, reserve, calls or LinuxCalls())


class FilesystemStore:
    """A ``BlobStore`` in a folder. Use ``open_store``.

    The first ``stage`` of a process makes its temporary folder and removes those of dead processes.
    """

    def __init__(self, root: str, blobs: int, identity: StoreIdentity, reserve: int, calls: StoreCalls) -> None:
        self.root = root
        """Absolute path of ``blobs/``."""
        self.identity = identity
        self._blobs = blobs
        self._reserve = reserve
        self._calls = calls
        self._committer = Committer(blobs, calls)
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clone_refused: set[int] = set()  # devices that cannot clone into the store: not asked again by auto

    def __enter__(self) -> FilesystemStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Storing

    def stage(
        self,
        source: Source,
        mode: PlacementMode = PlacementMode.AUTO,
        *,
        expected_size: int | None = None,
        maybe_stored: bool = False,
        progress: Progress | None = None,
    ) -> Staged:
        """See ``BlobStore.stage``."""
        report = progress or silent
        with opened(source, expected_size) as file:
            if maybe_stored and file.size > CHUNK:
                digest = self._hash_source(file, report)
                if self._has(digest):
                    return self._superfluous(file, digest, _WAYS[mode][-1])
                report = heartbeat(report)
            generation = self._committer.sync.failures
            try:
                return replace(self._bring(file, mode, report), generation=generation)
            except OSError as error:
                raise store_error(error, f"storing {source}") from error

    def commit(self, staged: Sequence[Staged]) -> list[Stored]:
        """See ``BlobStore.commit``."""
        return self._committer.commit(staged, self._writing().descriptor) if staged else []

    def abandon(self, staged: Staged) -> None:
        """See ``BlobStore.abandon``."""
        self._committer.abandon([staged], self._writing().descriptor)

    def add(
        self,
        source: Source,
        mode: PlacementMode = PlacementMode.AUTO,
        *,
        expected_size: int | None = None,
        maybe_stored: bool = False,
        progress: Progress | None = None,
    ) -> Stored:
        """See ``BlobStore.add``."""
        staged = self.stage(source, mode, expected_size=expected_size, maybe_stored=maybe_stored, progress=progress)
        return self.commit([staged])[0]

    def discard_source(self, stored: Stored) -> None:
        """See ``BlobStore.discard_source``. A blob that was linked becomes read-only once it has no other name."""
        discard.discard_source(self, stored, self.root)

    # Reading

    def open(self, digest: Digest) -> int:
        """See ``BlobStore.open``."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        path = relative_path(digest)
        with self._missing_or_failed(digest, "opening"):
            try:
                return os.open(path, flags | os.O_NOATIME, dir_fd=self._blobs)
            except PermissionError:
                return os.open(path, flags, dir_fd=self._blobs)  # a linked blob may belong to somebody else

    def stat(self, digest: Digest) -> BlobStat:
        """See ``BlobStore.stat``."""
        with self._missing_or_failed(digest, "examining"):
            status = os.stat(relative_path(digest), dir_fd=self._blobs, follow_symlinks=False)
        return BlobStat(
            size=status.st_size,
            allocated=status.st_blocks * 512,
            links=status.st_nlink,
            device=status.st_dev,
            inode=status.st_ino,
            mtime_ns=status.st_mtime_ns,
        )

    def contains(self, digest: Digest) -> bool:
        """See ``BlobStore.contains``."""
        try:
            self.stat(digest)
        except BlobMissingError:
            return False
        return True

    def verify(self, digest: Digest, *, from_disk: bool = False, progress: Progress | None = None) -> None:
        """See ``BlobStore.verify``."""
        descriptor = self.open(digest)
        try:
            if from_disk:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            found = hash_descriptor(descriptor, progress or silent)
        except OSError as error:
            raise BlobCorruptError(
                f"{short(digest)} cannot be read: {error.strerror}; restore it from a backup or import the file again"
            ) from error
        finally:
            os.close(descriptor)
        if found != digest:
            raise BlobCorruptError(
                f"{short(digest)} holds other bytes than were stored; restore it from a backup or import the file again"
            )

    def remove(self, digest: Digest) -> None:
        """See ``BlobStore.remove``."""
        with self._missing_or_failed(digest, "removing"):
            self._calls.unlink(relative_path(digest), self._blobs)
            self._committer.settle_removal(leaf_of(digest))

    def iterate(self) -> Iterator[Digest]:
        """See ``BlobStore.iterate``."""
        with store_errors(f"listing {self.root}"):
            yield from digests_below(self._blobs)

    def path_of(self, digest: Digest) -> str:
        """See ``BlobStore.path_of``."""
        self.stat(digest)
        return os.path.join(self.root, relative_path(digest))

    # Housekeeping

    def clean_temporary(self) -> Cleaned:
        """See ``BlobStore.clean_temporary``."""
        with store_errors(f"cleaning {self.root}"):
            return clean_dead(self._blobs)

    def free_space(self) -> Space:
        """See ``BlobStore.free_space``."""
        with store_errors(f"asking for the room in {self.root}"):
            status = os.fstatvfs(self._blobs)
        unit = status.f_frsize
        return Space(
            total=status.f_blocks * unit,
            free=status.f_bfree * unit,
            available=status.f_bavail * unit,
            files=status.f_files,
            files_free=status.f_favail,
        )

    def close(self) -> None:
        """See ``BlobStore.close``. A second time is harmless."""
        with self._lock:
            if self._blobs < 0:
                return
            with contextlib.suppress(OSError):  # what stays is removed by the next process that writes
                if self._session is not None:
                    self._session.close()
            os.close(self._blobs)
            self._session, self._blobs = None, -1

    # The steps of staging

    def _writing(self) -> Session:
        with self._lock:
            if self._session is None:
                with store_errors(f"making a temporary folder in {self.root}"):
                    clean_dead(self._blobs)
                    self._session = Session(self._blobs)
            return self._session

    def _bring(self, file: OpenSource, mode: PlacementMode, progress: Progress) -> Staged:
        ways = _WAYS[mode]
        for method in ways[:-1]:
            if not self._pointless(method, file):
                with contextlib.suppress(ModeUnsupportedError):
                    return self._bring_by(method, file, progress)
        return self._bring_by(ways[-1], file, progress)

    def _bring_by(self, method: Method, file: OpenSource, progress: Progress) -> Staged:
        steps = {Method.REFLINK: self._clone, Method.HARDLINK: self._link, Method.COPY: self._copy}
        name = self._writing().fresh_name()
        try:
            return steps[method](file, name, progress)
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

    def _clone(self, file: OpenSource, name: str, progress: Progress) -> Staged:
        descriptor = self._calls.create(name, self._writing().descriptor)
        try:
            try:
                self._calls.clone(descriptor, file.descriptor)
            except OSError as error:
                if error.errno not in CANNOT_CLONE:
                    raise
                if error.errno in CANNOT_EVER_CLONE:
                    self._clone_refused.add(file.status.st_dev)
                raise ModeUnsupportedError(
                    f"{file.source} cannot be cloned into {self.root}: {error.strerror}; "
                    "both must be on one filesystem that can (XFS, btrfs); choose another mode"
                ) from error
            file.require_unchanged()
            return self._finish(file, name, descriptor, Method.REFLINK, hash_descriptor(descriptor, progress))
        finally:
            os.close(descriptor)

    def _link(self, file: OpenSource, name: str, progress: Progress) -> Staged:
        try:
            self._calls.link(file.descriptor, name, self._writing().descriptor)
        except OSError as error:
            if error.errno not in CANNOT_LINK:
                raise
            raise ModeUnsupportedError(
                f"{file.source} cannot be linked into {self.root}: {error.strerror}; "
                "both must be on one filesystem and the file yours; choose another mode"
            ) from error
        # Pages that another program has mapped and made dirty are written now: what it writes later changes mtime.
        self._calls.start_writeback(file.descriptor, 0, 0)
        linked = file.refreshed()
        digest = self._hash_source(linked, progress)
        return self._finish(linked, name, linked.descriptor, Method.HARDLINK, digest)

    def _copy(self, file: OpenSource, name: str, progress: Progress) -> Staged:
        if file.size <= CHUNK:
            return self._copy_small(file, name, progress)
        self._require_room(file)
        descriptor = self._calls.create(name, self._writing().descriptor)
        try:
            digest = copy(file, descriptor, self._calls, progress)
            file.require_unchanged()
            return self._finish(file, name, descriptor, Method.COPY, digest)
        finally:
            os.close(descriptor)

    def _copy_small(self, file: OpenSource, name: str, progress: Progress) -> Staged:
        content = read_small(file)
        file.require_unchanged()
        digest = hash_bytes(content)
        progress(len(content))
        if self._has(digest):
            return self._superfluous(file, digest, Method.COPY)
        self._require_room(file)
        descriptor = self._calls.create(name, self._writing().descriptor)
        try:
            write_all(self._calls, descriptor, content, 0)
        finally:
            os.close(descriptor)
        return self._staged(file, digest, Method.COPY, name)

    def _finish(self, file: OpenSource, name: str, descriptor: int, method: Method, digest: Digest) -> Staged:
        """Syncs what is large while its descriptor is open: threads do that side by side, and errors are exact."""
        if self._has(digest):
            self._drop(name)
            return self._superfluous(file, digest, method)
        large = file.size > CHUNK
        if large:
            self._calls.fsync(descriptor)
        return self._staged(file, digest, method, name, durable=large)

    def _staged(
        self, file: OpenSource, digest: Digest, method: Method, name: str | None, *, durable: bool = False
    ) -> Staged:
        return Staged(
            digest=digest,
            size=file.size,
            method=method,
            origin=file.origin(),
            temporary=name,
            durable=durable,
        )

    def _superfluous(self, file: OpenSource, digest: Digest, method: Method) -> Staged:
        staged = self._staged(file, digest, method, None)
        self._committer.require_present(staged)
        return staged

    def _has(self, digest: Digest) -> bool:
        return os.access(relative_path(digest), os.F_OK, dir_fd=self._blobs, follow_symlinks=False)

    def _drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._calls.unlink(name, self._writing().descriptor)

    def _hash_source(self, file: OpenSource, progress: Progress) -> Digest:
        try:
            digest = hash_descriptor(file.descriptor, progress)
        except OSError as error:
            raise unreadable(file.source, error) from error
        file.require_unchanged()
        return digest

    def _require_room(self, file: OpenSource) -> None:
        available = self.free_space().available
        if file.size + self._reserve > available:
            raise StoreFullError(
                f"{file.source} needs {file.size} bytes and {self.root} has {available}, of which {self._reserve} "
                "stay in reserve; free some space"
            )

    @contextlib.contextmanager
    def _missing_or_failed(self, digest: Digest, doing: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise BlobMissingError(
                f"{short(digest)} is not in {self.root}; restore it from a backup or import the file again"
            ) from error
        except OSError as error:
            raise store_error(error, f"{doing} {short(digest)}") from error
