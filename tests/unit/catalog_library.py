"""A small library for the catalogue's tests: a catalogue in a temporary folder and arrivals to put into it."""

from __future__ import annotations

import functools
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from offliniofs.catalog.connection import ConnectionSettings, Database
from offliniofs.catalog.integrity import check_integrity
from offliniofs.catalog.migration import create
from offliniofs.catalog.reader import Reader, open_reader
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.writer import Writer
from offliniofs.domain.arrival import Arrival, Filed, SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole, PlacementMode
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.facts import (
    AudioStream,
    Evidence,
    EvidenceSource,
    Genre,
    Identification,
    MediaFacts,
    VideoStream,
)
from offliniofs.domain.ids import ContentId, Digest
from offliniofs.domain.listing import Shelf
from offliniofs.query.compile import Condition
from offliniofs.tree.names import LibraryNaming

Seen = TypeVar("Seen")

VIDEO = MediaFacts(
    "video/x-matroska",
    "matroska",
    5400.5,
    5_000_000,
    (VideoStream("hevc", 1920, 800, hdr="HDR10"),),
    (AudioStream("dts", 6, "en"), AudioStream("aac", 2, "de")),
)
_MATCHES = "SELECT c.id FROM search_index s CROSS JOIN content c ON c.id = s.rowid WHERE search_index MATCH ?"


def titles_with_words(database: Database, text: str, limit: int, conditions: Sequence[Condition] = ()) -> Sequence[int]:
    """A stand-in for the search engine: titles whose text has the word."""
    tests = "".join(f" AND {condition.sql}" for condition in conditions)
    values = [value for condition in conditions for value in condition.bindings(1, 2**32)]
    statement = Statement(f"{_MATCHES}{tests} LIMIT ?")
    return [row[0] for row in database.rows(statement, (f'"{text}"', *values, limit))]


@functools.cache
def _empty_catalogue() -> bytes:
    """The bytes of a new catalogue: making one takes several writes to the disk that are waited for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.sqlite"
        create(path)
        return path.read_bytes()


@dataclass
class Clock:
    """Time that moves a second whenever it is asked for."""

    now_ns: int = 1_700_000_000_000_000_000

    def __call__(self) -> int:
        self.now_ns += 1_000_000_000
        return self.now_ns


@dataclass
class Library:
    """A catalogue with its writer and a reader."""

    path: Path
    clock: Clock = field(default_factory=Clock)
    settings: ConnectionSettings = field(default_factory=lambda: ConnectionSettings(busy_seconds=5.0))

    def __post_init__(self) -> None:
        if not self.path.exists():
            self.path.write_bytes(_empty_catalogue())
        self.writer = Writer(self.path, LibraryNaming(), clock=self.clock, settings=self.settings)
        self.reader: Reader = open_reader(self.path, titles_with_words, settings=self.settings)

    def file(self, *arrivals: Arrival) -> list[Filed]:
        """Files a batch."""
        return self.writer.file_arrivals(arrivals)

    def findings(self) -> list[str]:
        """What fsck says."""
        return [f"{found.kind} {found.subject}: {found.message}" for found in check_integrity(self.path)]

    def undo(self, count: int = 1, *, redo: bool = False) -> list[int]:
        """Takes the last steps back (or the last undos), the newest first, as the command does; which they were."""
        steps = [found.step for found in self.reader.undoable_steps(count, redo=redo)]
        assert len(steps) == count
        for step in steps:
            self.writer.undo_step(step)
        return steps

    def redo(self, count: int = 1) -> list[int]:
        """Takes the last undos back; which they were."""
        return self.undo(count, redo=True)

    def there_and_back(self, look: Callable[[Library], Seen], before: Seen) -> Seen:
        """What the last change made, as ``look`` sees it, after it was taken back and made again."""
        after = look(self)
        assert self.findings() == []
        self.undo()
        assert look(self) == before
        assert self.findings() == []
        self.redo()
        assert look(self) == after
        return after

    def close(self) -> None:
        """Closes both, the writer last, so that nothing stays in the write-ahead log."""
        self.reader.close()
        self.writer.close()


def digest_of(content: str) -> Digest:
    """A digest, any 32 bytes."""
    return Digest(hashlib.sha256(content.encode()).digest())


def source(name: str, *, size: int = 1000, mtime_ns: int = 10**18) -> SourceFile:
    """A source below ``/src``."""
    path = f"/src/{name}".encode("utf-8", "surrogateescape")
    return SourceFile(path, 1, int.from_bytes(hashlib.sha256(path).digest()[:6]), size, mtime_ns)


def blob(content: str, size: int = 1000) -> StoredBlob:
    """A stored blob with that content."""
    return StoredBlob(digest_of(content), size, PlacementMode.COPY, existed=False)


def why(*fields: str, by: EvidenceSource = EvidenceSource.NAME) -> dict[str, Evidence]:
    """The same evidence for each field."""
    return {name: Evidence(by, f"its {name}") for name in fields}


def genres(*names: str) -> tuple[Genre, ...]:
    """Known genres."""
    return tuple(Genre(name) for name in names)


def media(
    identification: Identification,
    *,
    content: str | None = None,
    size: int = 1000,
    name: str | None = None,
    facts: MediaFacts | None = VIDEO,
    subfolder: tuple[str, ...] = (),
) -> Arrival:
    """A media file of what is identified."""
    name = name or identification.name
    extension = name[name.rindex(".") :]
    stored = blob(content or name, size)
    return Arrival(
        source(name, size=size), stored, identification, FileRole.MEDIA, extension, facts, None, None, subfolder
    )


def film(
    title: str = "Blade Runner",
    year: int | None = 1982,
    *,
    resolution: str | None = "1080p",
    genre: tuple[str, ...] = ("Science Fiction",),
    edition: str | None = None,
    evidence: dict[str, Evidence] | None = None,
    name: str | None = None,
) -> Identification:
    """A film."""
    return Identification(
        name=name or f"{title}.{year}.{resolution}.{edition}.mkv",
        kind=ContentKind.MOVIE,
        title=title,
        year=year,
        quality=f"Bluray-{resolution}" if resolution else "Unknown",
        resolution=resolution,
        source="bluray",
        codec="x265",
        languages=("en",),
        edition=edition,
        genres=genres(*genre),
        why=why("title", "year", "quality", "genres") if evidence is None else evidence,
    )


def episode(
    series: str = "Twin Peaks",
    season: int | None = 1,
    *numbers: int,
    title: str | None = None,
    year: int | None = 1990,
    resolution: str | None = "720p",
    air_date: str | None = None,
) -> Identification:
    """An episode, of several numbers perhaps."""
    return Identification(
        name=f"{series}.{season}.{numbers}.{air_date}.{resolution}.mkv",
        kind=ContentKind.EPISODE,
        title=series,
        year=year,
        season=season,
        episodes=numbers,
        episode_title=title,
        air_date=air_date,
        quality=f"WEBDL-{resolution}" if resolution else "Unknown",
        resolution=resolution,
        genres=genres("Drama"),
        why=why("title", "season", "episodes", "resolution"),
    )


def track(artist: str, album: str | None, number: int, title: str, year: int | None = 1973) -> Identification:
    """A track of an album."""
    return Identification(
        name=f"{artist}.{album}.{number}.{title}.flac",
        kind=ContentKind.TRACK,
        title=title,
        year=year,
        artist=artist,
        album=album,
        track=number,
        disc=1,
        genres=genres("Rock"),
        why=why("title", "artist", "album", by=EvidenceSource.TAG),
    )


def sidecar(
    of: Arrival | None,
    identification: Identification,
    role: FileRole,
    suffix: str | None,
    *,
    name: str,
    language: str | None = None,
    subfolder: tuple[str, ...] = (),
    content: str | None = None,
) -> Arrival:
    """A file that goes with a media file, or with the title."""
    return Arrival(
        source(name, size=10),
        blob(content or name, 10),
        identification,
        role,
        name[name.rindex(".") :],
        sidecar_of=of.source.path if of is not None else None,
        name_suffix=suffix,
        subfolder=subfolder,
        language=language,
    )


def two_films(library: Library) -> tuple[Filed, Filed]:
    """Files one film of science fiction and one of horror."""
    first, second = library.file(media(film()), media(film("Alien", 1979, genre=("Horror",))))
    return first, second


def folders(library: Library, shelf: Shelf = Shelf.MOVIES) -> list[str]:
    """The names on a shelf."""
    return [row.name for row in library.reader.shelf_page(shelf, 0, 100)]


def title_is(library: Library, content_id: ContentId, title: str) -> None:
    """Gives a title another name."""
    library.writer.edit_content(content_id, MetadataEdit(EditableField.TITLE, title))
