"""Makes a large, made-up catalogue for measurements: the same one for the same numbers, valid for the real program.

    python -m scripts.benchmarks.make_catalog /tmp/bench/catalog.sqlite --titles 1000000

Words, people, genres and years are as unevenly spread as in life (Zipf). The blobs that it names do not exist.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import apsw

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.connection import Access, ConnectionSettings, open_database
from offliniofs.catalog.migration import create
from offliniofs.catalog.pieces import merge_pieces
from offliniofs.detect.genres import GENRES
from offliniofs.detect.quality import QUALITIES
from offliniofs.query.facet_words import FacetWord, language_words, title_words
from offliniofs.query.text import index_text

NOW_NS = 1_790_000_000 * 10**9
"""The catalogue's present: its newest title was added then."""

_DAY_NS = 86400 * 10**9
_SPAN_DAYS = 1500
_MERGED_PAGES = 4_000
_WORDS = 120_000
_PEOPLE = 200_000
_COMMON = (
    "the",
    "of",
    "and",
    "a",
    "in",
    "to",
    "love",
    "man",
    "night",
    "world",
    "blade",
    "runner",
    "star",
    "war",
    "last",
)
_SYLLABLES = tuple(
    consonant + vowel
    for consonant in ("b", "c", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "sh", "st", "t", "w")
    for vowel in ("a", "e", "i", "o", "ar", "en")
)
_KINDS = (("movie", 85), ("series", 8), ("album", 4), ("other", 3))
_SHELVES = {"movie": "movies", "series": "series", "album": "music", "other": "other"}
_LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es", "it", "ja", "ko", "ru", "hi", "sv")
_TAGS = tuple(f"tag {number}" for number in range(200))


@dataclass(frozen=True, slots=True)
class Zipf:
    """Draws items so that the n-th is drawn 1/n as often as the first."""

    items: Sequence[str]
    weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        weights = list(accumulate(1 / (rank + 2) for rank in range(len(self.items))))
        object.__setattr__(self, "weights", weights)

    def draw(self, source: random.Random, count: int) -> list[str]:
        """``count`` items, with repetitions."""
        return source.choices(self.items, cum_weights=self.weights, k=count)


class Library:
    """Draws titles and writes them in batches."""

    def __init__(self, connection: apsw.Connection, seed: int) -> None:
        self._random = random.Random(seed)
        self._connection = connection
        self._words = Zipf((*_COMMON, *self._new_words(_WORDS)))
        names = [word.title() for word in self._new_words(20_000)]
        self._people = Zipf([f"{self._random.choice(names)} {self._random.choice(names)}" for _ in range(_PEOPLE)])
        self._person_ids = {name: number for number, name in enumerate(dict.fromkeys(self._people.items), 1)}
        self._genre_ids = {name: number for number, name in enumerate(GENRES[:40], 1)}
        self._genres = Zipf(GENRES[:40])
        self._groups = Zipf([word.upper() for word in self._new_words(300)])
        self._classes = [quality for quality in QUALITIES if quality.resolution]
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        self._next_content = self._next_file = 1
        self._names: set[str] = set()
        self._sizes: list[int] = []

    def _new_words(self, count: int) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < count:
            made["".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 2, 3, 3, 4))))] = None
        return list(made)

    def vocabularies(self) -> None:
        """Writes genres, people, tags and two collections."""
        for name, number in self._genre_ids.items():
            self._row("genres (id, name, folder_name)", number, name, name.replace("/", "-"))
        for name, number in self._person_ids.items():
            self._row("people (id, name)", number, name)
        for number, name in enumerate(_TAGS, 1):
            self._row("tags (id, name)", number, name)
        self._row("collections (id, name, folder_name, created_ns)", 1, "Best of", "Best of", NOW_NS)
        self.flush()

    def titles(self, count: int) -> Iterator[int]:
        """Writes ``count`` titles, oldest first, and tells after each batch how many there are."""
        for number in range(count):
            self._title(number, NOW_NS - (count - 1 - number) * _SPAN_DAYS * _DAY_NS // count)
            if number % 10_000 == 9_999 or number == count - 1:
                self.flush()
                yield number + 1

    def _row(self, target: str, *values: object) -> None:
        self._rows.setdefault(target, []).append(values)

    def flush(self) -> None:
        """Writes what has been drawn."""
        for target, rows in self._rows.items():
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {target} VALUES ({marks})", rows)
        self._rows.clear()

    def _title(self, number: int, added_ns: int) -> None:
        source = self._random
        kind = source.choices([name for name, _ in _KINDS], [weight for _, weight in _KINDS])[0]
        words = self._words.draw(source, source.choice((1, 2, 2, 3, 3, 4)))
        if source.random() < 0.2 and words[0] != "the":
            words.insert(0, "the")
        title = " ".join(words).title()
        year = min(2026, 2027 - int(source.expovariate(1 / 18)))
        year = max(1900, year)
        title_id = self._next_content
        name = self._distinct(f"{title} ({year})", number)
        genres = list(dict.fromkeys(self._genres.draw(source, source.choice((1, 2, 3)))))
        people = list(dict.fromkeys(self._people.draw(source, source.choice((0, 2, 4, 6)))))
        tags = [source.randrange(len(_TAGS))] if source.random() < 0.1 else []
        quality = source.choice(self._classes)
        plot = " ".join(self._words.draw(source, 25)) if source.random() < 0.4 else None
        language = source.choice(_LANGUAGES)
        favourite = source.random() < 0.001
        collected = number % 997 == 0
        links = 3 + len(genres) + favourite + collected  # shelf, year and quality too
        media_ids = self._files_of(title_id, kind, name, quality.name, added_ns, links)
        size = sum(self._sizes)
        self._row(
            _CONTENT,
            title_id,
            kind,
            None,
            title_id,
            _SHELVES[kind],
            name,
            name,
            title,
            sort_key(title),
            year,
            None,
            None,
            plot,
            f" {language} ",
            int(favourite),
            quality.rank,
            media_ids,
            media_ids,
            size,
            added_ns,
            added_ns,
            None,
        )
        views = 0 if source.random() < 0.7 else int(source.paretovariate(1.2))
        self._row(
            "content_statistics (content_id, views, last_viewed_ns)", title_id, views, added_ns if views else None
        )
        for position, genre in enumerate(genres):
            self._row("content_genres (genre_id, content_id, position)", self._genre_ids[genre], title_id, position)
        for position, person in enumerate(people):
            self._row(
                "content_people (content_id, person_id, role, position)",
                title_id,
                self._person_ids[person],
                "actor",
                position,
            )
        for tag in tags:
            self._row("content_tags (tag_id, content_id)", tag + 1, title_id)
        if collected:
            self._row("collection_content (collection_id, content_id)", 1, title_id)
        release = f"{title} {year} {quality.name} x264 {self._groups.draw(source, 1)[0]}"
        texts = (
            title,
            "",
            " ".join(people),
            " ".join([*genres, *(_TAGS[tag] for tag in tags)]),
            "",
            release,
            plot or "",
        )
        facets = [
            FacetWord.KIND.of(kind),
            FacetWord.YEAR.of(year),
            FacetWord.QUALITY_RANK.of(quality.rank),
            FacetWord.RESOLUTION.of(quality.resolution or ""),
            *language_words(language),
            *(FacetWord.GENRE.of(self._genre_ids[genre]) for genre in genres),
            *(FacetWord.TAG.of(tag + 1) for tag in tags),
            *([FacetWord.FAVOURITE.of()] if favourite else ()),
            *(() if views else [FacetWord.UNWATCHED.of()]),
            *([FacetWord.COLLECTION.of(1)] if collected else ()),
            *title_words(title),
        ]
        self._row(_SEARCH, title_id, *(index_text(text) for text in texts), " ".join(facets))

    def _distinct(self, name: str, number: int) -> str:
        if name in self._names:
            name = f"{name} [{number}]"
        self._names.add(name)
        return name

    def _files_of(self, title_id: int, kind: str, name: str, quality: str, added_ns: int, links: int) -> int:
        """Draws the files of a title and the rows between; returns how many files there are."""
        self._next_content += 1
        resolution = next(one.resolution for one in self._classes if one.name == quality)
        rank = next(one.rank for one in self._classes if one.name == quality)
        folder = title_id
        count = 2 if kind == "series" else 1
        self._sizes = [int(self._random.lognormvariate(21.5, 1.1)) for _ in range(count)]
        if kind == "series":
            folder = self._next_content
            self._next_content += 1
            self._row(
                _CONTENT,
                folder,
                "season",
                title_id,
                title_id,
                None,
                "Season 01",
                None,
                "Season 01",
                "season 01",
                None,
                1,
                None,
                None,
                "",
                0,
                rank,
                2,
                2,
                sum(self._sizes),
                added_ns,
                added_ns,
                None,
            )
            self._row("content_resolutions (resolution, content_id)", resolution, folder)
        self._row("content_resolutions (resolution, content_id)", resolution, title_id)
        for item, size in enumerate(self._sizes, 1):
            owner = title_id
            if kind == "series":
                owner = self._next_content
                self._next_content += 1
                self._row(
                    _CONTENT,
                    owner,
                    "episode",
                    folder,
                    title_id,
                    None,
                    None,
                    None,
                    f"Episode {item}",
                    f"episode {item}",
                    None,
                    1,
                    item,
                    None,
                    "",
                    0,
                    rank,
                    1,
                    1,
                    size,
                    added_ns,
                    added_ns,
                    None,
                )
            self._row(
                "blobs (id, digest, size, placed_by, stored_ns, verified_ns)",
                self._next_file,
                self._random.randbytes(32),
                size,
                "copy",
                added_ns,
                added_ns,
            )
            self._row(
                _FILES,
                self._next_file,
                owner,
                folder,
                title_id,
                self._next_file,
                "media",
                f"{item:02d}.mkv",
                size,
                added_ns,
                quality,
                rank,
                resolution,
                b"made up.mkv",
                b"/made/up.mkv",
                added_ns,
                links,
            )
            self._next_file += 1
        return count

    def totals(self) -> None:
        """Writes what the program keeps beside the rows: totals and the times of views."""
        connection = self._connection
        title = "title_name IS NOT NULL"
        sums = "count(*), coalesce(sum(total_size), 0)"
        of_titles = f"{sums} FROM content WHERE {title}"
        for key, rows in (
            ("'shelf:' || shelf", f"{of_titles} GROUP BY shelf"),
            ("'year:' || year", f"{of_titles} GROUP BY year"),
            (
                "'genre:' || genre_id",
                f"{sums} FROM content_genres JOIN content ON content_id = id GROUP BY genre_id",
            ),
            (
                "'resolution:' || CAST(resolution AS INTEGER)",
                f"{sums} FROM content_resolutions JOIN content ON content_id = id WHERE {title} GROUP BY resolution",
            ),
            ("'library'", "0, 0"),
            ("'collection:1'", f"{sums} FROM collection_content JOIN content ON content_id = id"),
            (
                "'unwatched'",
                f"{sums} FROM content JOIN content_statistics ON content_id = id WHERE views = 0 AND downloads = 0",
            ),
            ("'favourites'", f"{of_titles} AND favourite = 1"),
            ("'recent'", "0, 0"),
        ):
            connection.execute(
                f"INSERT INTO view_times (view, changed_ns, titles, total_size) SELECT {key}, {NOW_NS}, {rows}"
            )
        connection.execute("UPDATE library_totals SET (items, total_size) = (SELECT count(*), sum(size) FROM files)")


_CONTENT = (
    "content (id, kind, parent_id, title_id, shelf, folder_name, title_name, title, sort_title, year, season, "
    "episode, plot, languages, favourite, quality_rank, media_count, file_count, total_size, added_ns, "
    "modified_ns, deleted_ns)"
)
_FILES = (
    "files (id, content_id, folder_id, title_id, blob_id, role, name, size, mtime_ns, quality, quality_rank, "
    "resolution, original_name, original_path, added_ns, link_count)"
)
_SEARCH = "search_index (rowid, title, original_title, people, keywords, episodes, files, plot, facets)"


def make(path: Path, titles: int, seed: int = 1) -> None:
    """Makes the catalogue at ``path``; nothing may stand there yet."""
    create(path, clock=lambda: NOW_NS)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = OFF; BEGIN")
    library = Library(connection, seed)
    library.vocabularies()
    started = time.monotonic()
    for done in library.titles(titles):
        print(
            f"\r{done:,} titles, {done / (time.monotonic() - started):,.0f} a second",
            end="",
            file=sys.stderr,
            flush=True,
        )
    library.totals()
    connection.execute("COMMIT")
    print(file=sys.stderr)
    connection.close()
    merged(path)


def merged(path: Path) -> None:
    """Puts the full-text index into one piece, as a daemon does within the hour after an import."""
    database = open_database(path, Access.WRITE, ConnectionSettings(slow_seconds=60.0))
    while merge_pieces(database, _MERGED_PAGES):
        pass
    database.script("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def main() -> None:
    """Reads the arguments and makes the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="the file to make")
    parser.add_argument("--titles", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    make(arguments.path, arguments.titles, arguments.seed)


if __name__ == "__main__":
    main()
