"""What one transaction did to the rows that people decide about, recorded by SQLite's session extension.

https://www.sqlite.org/sessionintro.html. Its changesets are not stored as they are: they would refuse to go back as
soon as a sum or a time "kept by the writer" has moved on. Only the columns that somebody decided about are kept, by
name, as deflated JSON (RFC 1951; bytes as ``{"hex": …}``).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

Value = int | float | str | bytes | None

DERIVED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "content": frozenset({"quality_rank", "media_count", "file_count", "total_size", "modified_ns", "listed"}),
        "files": frozenset({"link_count"}),
        "content_access": frozenset({"restricted_gid"}),
    }
)
"""Columns that follow from other rows."""

RECORDED = (
    "trash",
    "content",
    "files",
    "genres",
    "people",
    "tags",
    "collections",
    "content_external_ids",
    "content_aliases",
    "content_genres",
    "content_people",
    "content_tags",
    "content_evidence",
    "file_evidence",
    "collection_content",
    "content_relationships",
    "content_access",
    "age_rules",
    "kept_folders",
    "saved_searches",
)
"""Tables that are recorded, each behind those it refers to."""

_MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row before and after: ``None`` for a row that was not there, else the columns that differ."""

    table: str
    key: Mapping[str, Value]
    before: Mapping[str, Value] | None
    after: Mapping[str, Value] | None

    @property
    def inverse(self) -> RowChange:
        """The change that takes this one back."""
        return RowChange(self.table, self.key, self.after, self.before)

    def value(self, column: str) -> tuple[Value, Value]:
        """A column before and after; ``None`` where there is no row or the column did not change."""
        return (self.before or {}).get(column), (self.after or {}).get(column)


def pack(changes: Iterable[RowChange]) -> bytes:
    """The changes as they are stored."""
    rows = [[change.table, _plain(change.key), _plain(change.before), _plain(change.after)] for change in changes]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def unpack(stored: bytes) -> list[RowChange]:
    """The changes that :func:`pack` stored."""
    text = zlib.decompressobj().decompress(stored, _MOST_BYTES)
    return [
        RowChange(
            table,
            _typed(key) or {},
            None if before is None else _typed(before),
            None if after is None else _typed(after),
        )
        for table, key, before, after in json.loads(text)
    ]


def in_order(changes: Sequence[RowChange]) -> list[RowChange]:
    """By table, each behind those it refers to, then by key."""
    position = {table: number for number, table in enumerate(RECORDED)}
    return sorted(changes, key=lambda change: (position[change.table], [str(value) for value in change.key.values()]))


def _plain(values: Mapping[str, Value] | None) -> dict[str, object] | None:
    if values is None:
        return None
    return {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in values.items()}


def _typed(values: Mapping[str, object] | None) -> dict[str, Value] | None:
    if values is None:
        return None
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found[name] = bytes.fromhex(value["hex"])
        elif value is None or isinstance(value, int | float | str):
            found[name] = value
    return found
