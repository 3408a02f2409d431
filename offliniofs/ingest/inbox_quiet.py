"""Which files of the inbox have come to rest, and which of them belong together. Pure.

A file is at rest when it was closed in order, nobody has it open for writing, and nothing about it has changed for a
while. A dropped folder is one import: it waits until everything in it is at rest, so that subtitles, posters and NFO
files go with their film. Files that lie in the inbox itself do not wait for each other, but one whose name begins like
that of a file still being written does: it may be its sidecar.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from offliniofs.ingest.inbox_area import Found

_UNFINISHED_TOO = (b".filepart", b".temp", b".swp", b"~")
_LOOSE = b"inbox"
"""Stands for the folder of files that were dropped without one."""


def is_temporary(name: bytes) -> bool:
    """Whether a program gives such a name to what it has not finished: it will be renamed.

    Hidden names are: rsync writes ``.name.XXXXXX``, GLib ``.goutputstream-XXXXXX``, many others a dot of their own.
    """
    from offliniofs.ingest.folders import is_unfinished

    return is_unfinished(name) or name.lower().endswith(_UNFINISHED_TOO) or (name[:1] == b"." and name[:2] != b"._")


def is_litter(name: bytes) -> bool:
    """Whether desktops leave such a file in every folder: it neither waits nor is waited for."""
    from offliniofs.detect.sidecar_names import why_junk
    from offliniofs.ingest.folders import is_unfinished

    return name in {b".DS_Store", b".directory", b".localized"} or (
        not is_unfinished(name) and why_junk((os.fsdecode(name),)) is not None
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that are filed together: each with its way below the group's folder."""

    files: tuple[tuple[Found, tuple[bytes, ...]], ...]
    folder: bytes | None = None
    """The dropped folder they come from, if they do."""


@dataclass(slots=True)
class RestWatch:
    """Remembers since when each file has been as it is. Times are seconds on any clock that never goes back."""

    quiet_seconds: float
    _since: dict[int, tuple[int, int, float]] = field(default_factory=dict)

    def at_rest(self, found: Iterable[Found], now: float) -> set[int]:
        """Numbers of what has not changed for long enough. To be told of everything there is, each time."""
        seen: dict[int, tuple[int, int, float]] = {}
        resting = set()
        for item in found:
            mark = (item.status.st_ctime_ns, item.status.st_size)
            known = self._since.get(item.number)
            since = known[2] if known is not None and known[:2] == mark else now
            seen[item.number] = (*mark, since)
            if now - since >= self.quiet_seconds:
                resting.add(item.number)
        self._since = seen
        return resting


def batches(
    found: Sequence[Found],
    resting: set[int],
    writers: Callable[[int], int],
    failed: Callable[[Found], bool],
) -> Iterator[Batch]:
    """What can be filed now. ``failed``: it was tried and nothing about it has changed since."""
    tops = {item.way[0]: item for item in found if len(item.way) == 1}
    loose = [item for item in tops.values() if stat.S_ISREG(item.status.st_mode)]
    busy = [item for item in loose if not _is_done(item, resting, writers) and not failed(item)]
    busy_stems = [_stem(item.way[0]) for item in busy]
    ready = [
        item
        for item in loose
        if _is_done(item, resting, writers) and _is_wanted(item, failed) and not _belongs_to(item, busy_stems)
    ]
    if ready:
        yield Batch(tuple((item, (_LOOSE, item.way[0])) for item in ready))
    for name, top in tops.items():
        if top.is_folder:
            yield from _of_folder(name, [item for item in found if item.way[0] == name], resting, writers, failed)


def _of_folder(
    name: bytes,
    found: Sequence[Found],
    resting: set[int],
    writers: Callable[[int], int],
    failed: Callable[[Found], bool],
) -> Iterator[Batch]:
    files = [item for item in found if stat.S_ISREG(item.status.st_mode)]
    wanted = [item for item in files if _is_wanted(item, failed)]
    if any(item.is_folder and item.number not in resting for item in found):
        return
    if any(writers(item.number) or (item.finished and item.number not in resting) for item in files):
        return
    ready = tuple((item, item.way) for item in wanted if item.finished)
    if any(not is_litter(item.way[-1]) for item, _ in ready):
        yield Batch(ready, name)


def _is_done(item: Found, resting: set[int], writers: Callable[[int], int]) -> bool:
    return item.finished and item.number in resting and not writers(item.number)


def _is_wanted(item: Found, failed: Callable[[Found], bool]) -> bool:
    name = item.way[-1]
    return is_litter(name) or not (failed(item) or is_temporary(name))


def _stem(name: bytes) -> str:
    text = os.fsdecode(name)
    from offliniofs.detect.arrangement import stem_of

    return stem_of(text[: text.rfind(".part")] if ".part" in text else text).casefold()


def _belongs_to(item: Found, busy: Iterable[str]) -> bool:
    stem = _stem(item.way[0])
    return any(stem.startswith(other) or other.startswith(stem) for other in busy if other)
