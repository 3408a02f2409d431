"""Generated NFO files: the catalogue's details in the words of ``detect/nfo_write.py``."""

from __future__ import annotations

from dataclasses import replace

from offliniofs.catalog.reader import Reader
from offliniofs.detect.nfo_write import NfoSource, nfo_bytes
from offliniofs.domain.content import ContentKind
from offliniofs.domain.details import ContentDetails, FileDetails
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.facts import AudioStream, VideoStream
from offliniofs.domain.ids import ContentId, FileId

_TITLE_FIELDS = frozenset({"episode_title", "title"})
"""Fields whose evidence says that an episode has a title of its own: found by an import, or given by the user."""

_MOST_EPISODES = 32
"""Episodes one file's NFO lists; a file that claims more is described by its first."""


def title_nfo(reader: Reader, content_id: ContentId) -> bytes:
    """``movie.nfo`` or ``tvshow.nfo``. Raises ``NotFoundError`` when the title is gone."""
    return nfo_bytes(_source(_details(reader, content_id)))


def episode_nfo(reader: Reader, file_id: FileId) -> bytes:
    """The NFO of the episodes in one media file. Raises ``NotFoundError`` when the file is gone."""
    file = reader.file_details(file_id)
    if file is None:
        raise NotFoundError(f"File {file_id} is not in the catalogue.")
    details = _details(reader, file.content_id)
    source = replace(
        _source(details),
        kind=ContentKind.EPISODE,
        duration=file.duration_ms / 1000 if file.duration_ms else None,
        video=_video(file),
        audio=(AudioStream(file.audio_codec, 0),) if file.audio_codec else (),
    )
    titled = not _TITLE_FIELDS.isdisjoint(details.why)
    first, last = details.episode, details.last_episode
    if first is None or last is None or not first < last < first + _MOST_EPISODES:
        last = first
    numbers = range(first, last + 1) if first is not None and last is not None else (None,)
    return nfo_bytes(
        *(
            replace(source, episode=number, title=source.title if titled else _untitled(number, details.air_date))
            for number in numbers
        )
    )


def _untitled(number: int | None, air_date: str | None) -> str:
    """What an episode without a title is called. The catalogue has the release's name there, which tells nobody
    anything."""
    return f"Episode {number}" if number is not None else air_date or ""


def _details(reader: Reader, content_id: ContentId) -> ContentDetails:
    details = reader.content_details(content_id)
    if details is None:
        raise NotFoundError(f"Content {content_id} is not in the catalogue.")
    return details


def _source(details: ContentDetails) -> NfoSource:
    return NfoSource(
        kind=details.kind,
        title=details.title,
        original_title=details.original_title,
        show_title=details.title_of,
        year=details.year,
        season=details.season,
        episode=details.episode,
        plot=details.plot,
        rating=details.rating,
        aired=details.air_date,
        collection=details.collections[0] if details.collections else None,
        artist=details.artist,
        genres=tuple(genre.name for genre in details.genres),
        tags=details.tags,
        people=details.people,
        external_ids=details.external_ids,
    )


def _video(file: FileDetails) -> tuple[VideoStream, ...]:
    if file.video_codec is None:
        return ()
    return (VideoStream(file.video_codec, file.width or 0, file.height or 0, hdr=file.hdr),)
