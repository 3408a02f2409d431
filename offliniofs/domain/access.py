"""Who may enter a directory, where that differs from the mount's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FolderAccess:
    """Owner and mode of one directory; ``None`` for the mount's.

    ``restricted_gid``: only this group may enter, whatever the mode says of others; it follows from ``only_gid``, what
    a user said of this title, or else from the rule for ``minimum_age``, in years.
    """

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    minimum_age: int | None = None
    only_gid: int | None = None
    restricted_gid: int | None = None
