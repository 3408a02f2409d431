"""Extended attributes: their names, their values, and what setting one means.

Ours are in ``user.offliniofs.``; tags, type and origin also stand under the names of
https://www.freedesktop.org/wiki/CommonExtendedAttributes/. Times are UTC in ISO 8601, sizes bytes, durations seconds,
lists ``a, b``. An attribute without a value is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from offliniofs.domain.content import FileRole
from offliniofs.domain.editing import written_number
from offliniofs.domain.listing import SelectionTotals
from offliniofs.tree.text import cut

if TYPE_CHECKING:
    from offliniofs.domain.details import ContentDetails, FileDetails, Statistics
    from offliniofs.domain.facts import Evidence
    from offliniofs.domain.trash import TrashRow

PREFIX: Final = "user.offliniofs."
XDG_TAGS: Final = "user.xdg.tags"
MIME_TYPE: Final = "user.mime_type"
ORIGIN_URL: Final = "user.xdg.origin.url"
QUERY: Final = PREFIX + "query"

MAX_VALUE_BYTES: Final = 60_000
"""Longer values are cut. Linux allows 65,536 bytes (XATTR_SIZE_MAX)."""

Attributes = dict[str, bytes]
"""Full names and values."""

Value = str | int | float | bytes | bool | None

_NS: Final = 1_000_000_000


def is_answered(name: bytes) -> bool:
    """Whether an attribute of this name can exist at all. The kernel asks for ``security.capability`` at every
    write."""
    return name.startswith(b"user.")


def file_attributes(file: FileDetails, content: ContentDetails) -> Attributes:
    """Of a file. ``content`` is what the file belongs to: a movie, an episode, a track."""
    media = file.role is FileRole.MEDIA
    found = {
        "id": file.file_id,
        "content_id": file.content_id,
        "role": file.role.value,
        "title": content.title,
        "type": content.kind.value,
        "year": content.year,
        "genres": _names(genre.name for genre in content.genres),
        "tags": _names(content.tags),
        "quality": file.quality if media else None,
        "resolution": file.resolution,
        "source": file.source,
        "edition": file.edition,
        "codec": file.video_codec or file.audio_codec,
        "hdr": file.hdr,
        "languages": _names(file.languages),
        "duration": None if file.duration_ms is None else f"{file.duration_ms / 1000:.3f}".rstrip("0").rstrip("."),
        "hash": file.digest.hex(),
        "size": file.size,
        "original_name": file.original_name,
        "added": _time(file.added_ns),
        "favourite": content.favourite,
        "rating": None if content.rating is None else written_number(content.rating),
        **_numbers(content),
        **_statistics(file.statistics),
        "why": _why({**content.why, **file.why}, file.disagreements),
    }
    return _encoded(found) | _standard(content.tags, file.mime_type, file.origin_url)


def folder_attributes(content: ContentDetails) -> Attributes:
    """Of a title folder, or of a season or other folder below one."""
    found = {
        "id": content.content_id,
        "title": content.title,
        "original_title": content.original_title,
        "type": content.kind.value,
        "year": content.year,
        "genres": _names(genre.name for genre in content.genres),
        "tags": _names(content.tags),
        "collections": _names(content.collections),
        "artist": content.artist,
        "quality": content.quality if content.media_count else None,
        "resolution": _names(content.resolutions),
        "languages": _names(content.languages),
        "plot": content.plot,
        "rating": None if content.rating is None else written_number(content.rating),
        "favourite": content.favourite,
        "count": content.file_count,
        "size": content.total_size,
        "added": _time(content.added_ns),
        **{f"id.{provider}": value for provider, value in content.external_ids.items()},
        **_numbers(content),
        **_statistics(content.statistics),
        "why": _why(content.why, ()),
    }
    return _encoded(found) | _standard(content.tags, None, None)


def trash_attributes(entry: TrashRow) -> Attributes:
    """Of what lies in the trash: when it was deleted, and when it will be removed for good."""
    return _encoded(
        {
            "id": entry.content_id or entry.file_id,
            "deleted": _time(entry.deleted_ns),
            "expires": None if entry.expires_ns is None else _time(entry.expires_ns),
            "count": entry.files,
            "size": entry.size,
        }
    )


def view_attributes(totals: SelectionTotals, query: str | None = None) -> Attributes:
    """Of a view's folder; ``query``: of a search, what it looks for."""
    return _encoded({"count": totals.titles, "bytes": totals.total_bytes, "query": query})


def root_attributes(figures: Mapping[str, Value]) -> Attributes:
    """Of the root: figures of the library, the store and the running mount, by their names without the prefix."""
    return _encoded(figures)


def _numbers(content: ContentDetails) -> dict[str, Value]:
    return {
        "season": content.season,
        "episode": content.episode,
        "last_episode": content.last_episode,
        "disc": content.disc,
        "track": content.track,
    }


def _statistics(statistics: Statistics) -> dict[str, Value]:
    return {
        "views": statistics.views,
        "last_viewed": None if statistics.last_viewed_ns is None else _time(statistics.last_viewed_ns),
        "downloads": statistics.downloads,
    }


def _why(why: Mapping[str, Evidence], disagreements: tuple[str, ...]) -> str:
    lines = [f"{field}: {evidence}" for field, evidence in sorted(why.items())]
    return "\n".join([*lines, *(f"disagreed: {text}" for text in disagreements)])


def _standard(tags: tuple[str, ...], mime_type: str | None, origin_url: str | None) -> Attributes:
    values = {XDG_TAGS: ",".join(tags), MIME_TYPE: mime_type, ORIGIN_URL: origin_url}
    return {name: _bytes(value) for name, value in values.items() if value}


def _encoded(found: Mapping[str, Value]) -> Attributes:
    return {PREFIX + name: _bytes(value) for name, value in found.items() if value is not None and value != ""}


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value[:MAX_VALUE_BYTES]
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return cut(text.encode("utf-8", "replace").decode(), MAX_VALUE_BYTES).encode()


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _time(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns // _NS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
