"""NFO files: what is written is read back, and no bytes do worse than a clear error."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from offliniofs.detect.genres import GENRES
from offliniofs.detect.nfo import parse_nfo
from offliniofs.detect.nfo_write import NfoSource, nfo_bytes
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import SourceError
from offliniofs.domain.facts import Person

words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20).filter(
    lambda text: text.isprintable() and not text.isspace()
)
lines = st.lists(words, min_size=1, max_size=4).map(" ".join)
people = st.builds(Person, lines.filter(lambda name: " / " not in name), st.sampled_from(("director", "writer")))
actors = st.builds(Person, lines, st.just("actor"), st.none() | lines)
ids = st.fixed_dictionaries(
    {},
    optional={
        "imdb": st.integers(10**6, 10**7).map(lambda number: f"tt{number}"),
        "tmdb": st.integers(1, 10**9).map(str),
    },
)
films = st.builds(
    NfoSource,
    kind=st.just(ContentKind.MOVIE),
    title=lines,
    original_title=st.none() | lines,
    year=st.none() | st.integers(1000, 9999),
    plot=st.none() | st.lists(lines, min_size=1, max_size=3).map("\n".join),
    rating=st.none() | st.integers(1, 1000).map(lambda number: number / 100),
    runtime=st.none() | st.integers(1, 9999),
    collection=st.none() | lines,
    genres=st.lists(st.sampled_from(GENRES), max_size=4, unique=True).map(tuple),
    tags=st.lists(lines, max_size=3, unique=True).map(tuple),
    people=st.lists(people | actors, max_size=5, unique=True).map(tuple),
    external_ids=ids,
)


@given(films)
def test_what_is_written_is_read_back(film: NfoSource) -> None:
    written = nfo_bytes(film)
    assert nfo_bytes(film) == written
    facts = parse_nfo(written)
    assert (facts.kind, facts.title, facts.original_title) == (film.kind, film.title, film.original_title)
    assert (facts.year, facts.plot, facts.rating, facts.runtime) == (film.year, film.plot, film.rating, film.runtime)
    assert (facts.collection, facts.tags) == (film.collection, film.tags)
    assert tuple(genre.name for genre in facts.genres) == film.genres
    assert facts.external_ids == film.external_ids
    assert set(facts.people) == set(film.people)


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_can_be_written(title: str, plot: str) -> None:
    facts = parse_nfo(nfo_bytes(NfoSource(ContentKind.MOVIE, title, plot=plot)))
    assert facts.kind is ContentKind.MOVIE
    assert len(facts.title or "") <= len(title)
    assert len(facts.plot or "") <= len(plot)


fragments = st.sampled_from(
    [
        b"<movie>",
        b"</movie>",
        b"<title>",
        b"</title>",
        b"&amp;",
        b"&",
        b"<!DOCTYPE",
        b"<![CDATA[",
        b"]]>",
        b"<?xml",
        b"<",
    ]
)


@given(st.lists(fragments | st.binary(max_size=20), max_size=30).map(b"".join))
def test_no_bytes_do_worse_than_a_clear_error(data: bytes) -> None:
    title = None
    with contextlib.suppress(SourceError):
        title = parse_nfo(data).title
    assert title is None or title.strip() == title != ""
