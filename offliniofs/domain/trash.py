"""What was deleted and can be brought back, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from offliniofs.domain.ids import ContentId, Digest, FileId

_DAY_NS = 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what was deleted stays. Days; ``keep_days`` ``None``: until somebody removes it for good.

    Before ``least_days`` have passed nobody can.
    """

    keep_days: int | None = 30
    least_days: int = 0

    def expiry_ns(self, deleted_ns: int) -> int | None:
        """When something deleted at that time goes by itself."""
        return None if self.keep_days is None else deleted_ns + max(self.keep_days, self.least_days) * _DAY_NS

    def removable_ns(self, deleted_ns: int) -> int:
        """From when on something deleted at that time may be removed for good."""
        return deleted_ns + self.least_days * _DAY_NS


class TrashRow(NamedTuple):
    """One entry of ``.trash/``: a directory with all that lay in it, or a file. Size in bytes, of all its files."""

    trash_id: int
    name: str
    content_id: ContentId | None
    """The directory; ``None`` for a file."""
    file_id: FileId | None
    deleted_ns: int
    expires_ns: int | None
    """``None``: it stays until somebody removes it for good."""
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Restored:
    """Where something came back to. ``path`` is below the mount's root; a name that was taken meanwhile is another."""

    content_id: ContentId | None
    file_id: FileId | None
    path: str


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed for good: entries, and the blobs that no row names any more, to leave the store next."""

    entries: int
    files: int
    digests: tuple[Digest, ...]
