"""Stores with a large, made-up catalogue, and searches that people might enter there."""

from __future__ import annotations

import random
from pathlib import Path

from offliniofs.app.config import Settings
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import open_library
from offliniofs.blobs.filesystem import initialise
from offliniofs.catalog.reader import LibraryFilter
from offliniofs.query.text import words
from scripts.benchmarks.make_catalog import make
from scripts.benchmarks.search_queries import QUERIES

_GENRES = ("drama", "comedy", "horror", "sci-fi", "western", "crime")
_PER_ROUND = 12


def make_store(folder: Path, titles: int) -> Path:
    """A store in ``folder`` with ``titles`` titles, whose blobs do not exist. One that is there is kept."""
    layout = StoreLayout(folder)
    if not layout.exists:
        initialise(folder)
        make(layout.catalogue, titles)
    return folder


def sample_queries(store: Path, number: int) -> list[str]:
    """The queries of round ``number``.

    Round 0 is one of every kind, best and worst; the others are words of titles that are there, alone, together and
    narrowed. No query comes twice, so that none is answered from memory.
    """
    if number == 0:
        return list(QUERIES)
    chance = random.Random(number)
    with open_library(StoreLayout(store), Settings()) as library:
        last = library.reader.library_totals().titles
        found: list[tuple[str, str, int]] = []
        while len(found) < _PER_ROUND:
            summary = next(iter(library.reader.list_titles(LibraryFilter(), chance.randrange(last), 1)), None)
            chosen = [word for word in words(summary.title) if word.isalnum()] if summary is not None else []
            if summary is not None and chosen:
                found.append((" ".join(chosen[:3]), chosen[0], summary.year or 2000))
    queries = []
    for whole, word, year in found:
        genre = chance.choice(_GENRES)
        queries += [
            whole,
            word[: max(3, len(word) - 1)],
            f"{word} year:>={year - 5}",
            f"genre:{genre} year:{year} {word}",
        ]
    return sorted(set(queries))
