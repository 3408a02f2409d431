"""How far an import has come: the running count, and frozen snapshots of it for whoever draws them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from offliniofs.domain.arrival import SourceFile
from offliniofs.ingest.problem import Problem, Skipped

_WINDOW = 10.0
"""Seconds over which the rate is taken."""
_SETTLED = 1.0
"""Seconds after which a rate means something."""
NOTE_LIMIT = 10_000
"""Problems, and skipped files, that are kept one by one; more are only counted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of an import at one moment. Sizes in bytes, times in seconds."""

    found_files: int
    found_bytes: int
    found_all: bool
    """Whether the walk is over, so that what was found is everything."""
    known_files: int
    """Files of an earlier import, unchanged since: they cost nothing."""
    known_bytes: int
    filed_files: int
    """Files in the catalogue now, duplicates among them."""
    duplicate_files: int
    """Files whose bytes the store had already."""
    failed_files: int
    """Files among those found that could not be taken."""
    left_files: int
    """Files among those found that nobody would keep."""
    problems: int
    skipped: int
    read_bytes: int
    """Bytes of the files found that are dealt with: read and stored, known, or given up."""
    elapsed: float
    bytes_per_second: float
    seconds_left: float | None
    """``None`` while nobody can tell."""

    @property
    def settled_files(self) -> int:
        """Files that need nothing more."""
        return self.known_files + self.filed_files + self.failed_files + self.left_files


@dataclass(frozen=True, slots=True)
class _Sample:
    time: float
    read_bytes: int
    files: int


class Tally:
    """Counts as things happen. Only :meth:`add_read` may be called from other threads than the event loop's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._read_bytes = 0
        self._samples: deque[_Sample] = deque([_Sample(self._began, 0, 0)])
        self.found_files = self.found_bytes = 0
        self.found_all = False
        self.known_files = self.known_bytes = 0
        self.filed_files = self.duplicate_files = self.restored_files = self.failed_files = 0
        self.stored_bytes = self.saved_bytes = 0
        self.left_files = 0
        self.removed_files = 0
        self.replaced_blobs = 0
        self.problem_count = self.skipped_count = 0
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []

    def add_read(self, count: int) -> None:
        """Counts bytes that were read, or need not be."""
        with self._lock:
            self._read_bytes += count

    def find(self, files: Iterable[SourceFile], wanted: frozenset[bytes]) -> None:
        """Files of the first pass; those not ``wanted`` are known."""
        for file in files:
            self.found_files += 1
            self.found_bytes += file.size
            if file.path not in wanted:
                self.known_files += 1
                self.known_bytes += file.size
                self.add_read(file.size)

    def find_again(self, files: Iterable[SourceFile]) -> None:
        """Files of a second pass: counted already, but their bytes are read once more."""
        self.found_bytes += sum(file.size for file in files)

    def file(self, size: int, existed: bool, *, restored: bool = False) -> None:
        """A file that is in the catalogue now; ``existed`` when the store had its bytes, ``restored`` when it lay in
        the trash."""
        self.filed_files += 1
        self.restored_files += restored
        if existed:
            self.duplicate_files += 1
            self.saved_bytes += size
        else:
            self.stored_bytes += size

    def add_note(self, note: Problem | Skipped) -> None:
        """Keeps a problem or a skipped file, or only counts it when there are very many."""
        if isinstance(note, Problem):
            self.problem_count += 1
            if len(self.problems) < NOTE_LIMIT:
                self.problems.append(note)
        else:
            self.skipped_count += 1
            if len(self.skipped) < NOTE_LIMIT:
                self.skipped.append(note)

    def add_notes(self, notes: Iterable[Problem]) -> None:
        """Keeps several."""
        for note in notes:
            self.add_note(note)

    def fail(self, problem: Problem) -> None:
        """A file that was found and could not be taken."""
        self.failed_files += 1
        self.add_note(problem)

    def snapshot(self) -> Progress:
        """The state now."""
        now = self._clock()
        with self._lock:
            read = self._read_bytes
        files = self.known_files + self.filed_files + self.failed_files + self.left_files
        byte_rate, file_rate = self._rates(_Sample(now, read, files))
        return Progress(
            found_files=self.found_files,
            found_bytes=self.found_bytes,
            found_all=self.found_all,
            known_files=self.known_files,
            known_bytes=self.known_bytes,
            filed_files=self.filed_files,
            duplicate_files=self.duplicate_files,
            failed_files=self.failed_files,
            left_files=self.left_files,
            problems=self.problem_count,
            skipped=self.skipped_count,
            read_bytes=read,
            elapsed=now - self._began,
            bytes_per_second=byte_rate,
            seconds_left=self._seconds_left(now, read, files, byte_rate, file_rate),
        )

    def _rates(self, sample: _Sample) -> tuple[float, float]:
        self._samples.append(sample)
        while len(self._samples) > 2 and self._samples[1].time <= sample.time - _WINDOW:
            self._samples.popleft()
        first = self._samples[0]
        passed = sample.time - first.time
        if passed <= 0:
            return 0.0, 0.0
        return (sample.read_bytes - first.read_bytes) / passed, (sample.files - first.files) / passed

    def _seconds_left(self, now: float, read: int, files: int, byte_rate: float, file_rate: float) -> float | None:
        """By bytes, or at the end by files: large files are bound by the disk, small ones by their number."""
        if not self.found_all or now - self._began < _SETTLED or byte_rate <= 0:
            return None
        by_bytes = max(0, self.found_bytes - read) / byte_rate
        by_files = (self.found_files - files) / file_rate if file_rate > 0 else 0.0
        return max(by_bytes, by_files if by_bytes < 1 else 0.0)
