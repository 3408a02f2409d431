"""What holds of every query: it is read or refused, written it reads the same, SQL finds what the oracle finds."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import replace

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offliniofs.catalog import search
from offliniofs.catalog.connection import Database
from offliniofs.catalog.search import search_titles
from offliniofs.catalog.search_names import LibraryVocabulary
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.query.ast import (
    And,
    Flag,
    FlagName,
    KindMatch,
    LanguageMatch,
    NameField,
    NameMatch,
    Node,
    Not,
    NumberField,
    NumberRange,
    Or,
    Phrase,
    QualityBound,
    QualityRange,
    Query,
    TextField,
    TextMatch,
    Word,
)
from offliniofs.query.compile import Condition
from offliniofs.query.evaluate import matches
from offliniofs.query.nearness import distance, near_terms
from offliniofs.query.parser import parse
from offliniofs.query.record import SearchRecord
from offliniofs.query.text import index_text, words
from tests.adapters.query_text import format_query
from tests.unit.search_library import NOW_NS, empty_catalog, fill, is_found

DAY_NS = 86400 * 10**9
KINDS = (ContentKind.MOVIE, ContentKind.SERIES, ContentKind.ALBUM, ContentKind.OTHER)

# few words, so that queries meet titles; accents, case, punctuation and prefixes of each other among them
WORD = st.sampled_from(["a", "ab", "abc", "abcd", "abcde", "b", "Bé", "spider-man", "Ёж", "東京", "straße"])
TEXT = st.lists(WORD, max_size=4).map(" ".join)
GENRE = st.sampled_from(["Drama", "Science Fiction", "Krimi Ä"])
LANGUAGE = st.sampled_from(["en", "de", "pt-br"])
RESOLUTION = st.sampled_from(["480p", "720p", "1080p", "2160p"])
NUMBER = st.integers(0, 4)

RECORD = st.builds(
    SearchRecord,
    kind=st.sampled_from(KINDS),
    title=TEXT.filter(bool),
    original_title=TEXT,
    people=TEXT,
    keywords=TEXT,
    plot=TEXT,
    year=st.none() | st.integers(1998, 2002),
    genres=st.frozensets(GENRE, max_size=2),
    tags=st.frozensets(st.sampled_from(["x y", "Z"]), max_size=2),
    collections=st.frozensets(st.just("Best"), max_size=1),
    languages=st.frozensets(LANGUAGE, max_size=2),
    resolutions=st.frozensets(RESOLUTION, max_size=2),
    quality_rank=st.integers(0, 29),
    total_size=NUMBER,
    views=NUMBER,
    favourite=st.booleans(),
    added_ns=st.integers(0, 4).map(lambda days: NOW_NS - days * DAY_NS),
)


def ranges(field: NumberField, lowest: int, unit: int = 1) -> st.SearchStrategy[Node]:
    end = st.integers(lowest, lowest + 4).map(lambda number: number * unit)
    return (
        st.tuples(end, end).map(lambda ends: NumberRange(field, min(ends), max(ends)))
        | end.map(lambda low: NumberRange(field, low, None))
        | end.map(lambda high: NumberRange(field, None, high))
    )


def qualities() -> st.SearchStrategy[Node]:
    heights = st.sampled_from([480, 720, 1080, 1440, 2160]).map(lambda height: QualityBound(height, None))
    classes = st.sampled_from(["SDTV", "WEBDL-720p", "Remux-1080p"]).map(lambda name: QualityBound(None, name))
    bound = heights | classes
    return bound.map(lambda one: QualityRange(one, one)) | st.tuples(bound, st.booleans(), st.booleans()).map(
        lambda parts: (
            QualityRange(replace(parts[0], inclusive=parts[1]), None)
            if parts[2]
            else QualityRange(None, replace(parts[0], inclusive=parts[1]))
        )
    )


LEAF: st.SearchStrategy[Node] = (
    st.builds(Word, WORD)
    | st.builds(Word, WORD, st.just(True))
    | st.builds(Word, st.sampled_from(["a", "abcd"]), st.booleans())
    | st.builds(Word, st.sampled_from(["a", "abcd"])).map(Not)
    | st.builds(Phrase, TEXT.filter(lambda text: bool(index_text(text))))
    | st.builds(TextMatch, st.sampled_from(TextField), WORD, st.booleans())
    | st.builds(NameMatch, st.just(NameField.GENRE), st.sampled_from(["drama", "sci-fi", "KRIMI a", "none"]))
    | st.builds(NameMatch, st.just(NameField.TAG), st.sampled_from(["X-Y", "z", "q"]))
    | st.builds(NameMatch, st.just(NameField.COLLECTION), st.just("best"))
    | ranges(NumberField.YEAR, 1998)
    | ranges(NumberField.VIEWS, 0)
    | ranges(NumberField.SIZE, 0)
    | ranges(NumberField.ADDED, 0, 86400)
    | qualities()
    | st.builds(KindMatch, st.sampled_from(KINDS))
    | st.builds(LanguageMatch, st.sampled_from(["en", "de", "pt", "fr"]))
    | st.builds(Flag, st.sampled_from(FlagName))
)


def groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.builds(Not, inner) | st.builds(And, several) | st.builds(Or, several)


QUERY = st.recursive(LEAF, groups, max_leaves=10).map(lambda root: parse(format_query(Query(root, ""))))


@pytest.fixture(scope="module")
def catalog() -> Iterator[Database]:
    database = empty_catalog()
    yield database
    database.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=st.lists(RECORD, max_size=3) | st.lists(RECORD, min_size=8, max_size=12),
    queries=st.lists(QUERY, min_size=1, max_size=6),
    few=st.booleans(),
)
def test_sql_finds_what_the_oracle_finds(
    catalog: Database, records: list[SearchRecord], queries: list[Query], few: bool
) -> None:
    fill(catalog, records)
    with pytest.MonkeyPatch.context() as patch:
        if few:  # as if these few titles were a million
            for name, value in (("RANKED", 1), ("CANDIDATES", 2), ("_SMALL_DRIVER", 2), ("_PROBE", 2)):
                patch.setattr(search, name, value)
            patch.setattr(search, "_FIRST_WINDOW", 2)
        for query in queries:
            vocabulary = LibraryVocabulary()
            wanted = {number for number, record in enumerate(records, 1) if matches(query, record, NOW_NS, vocabulary)}
            found = search_titles(catalog, query, limit=20, now_ns=NOW_NS)
            assert sorted(one.content_id for one in found) == sorted(wanted)
            assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
            best = search_titles(catalog, query, limit=1, now_ns=NOW_NS)
            assert len(best) == min(1, len(wanted))
            assert {one.content_id for one in best} <= wanted
            odd = (Condition("(c.id % 2 = ?)", (1,)),)
            narrowed = search_titles(catalog, query, limit=20, now_ns=NOW_NS, conditions=odd)
            assert {one.content_id for one in narrowed} == {number for number in wanted if number % 2}
            for number in range(1, len(records) + 1):
                assert is_found(catalog, query, number) == (number in wanted)


@settings(max_examples=500, deadline=None)
@given(query=QUERY)
def test_what_is_written_reads_the_same(query: Query) -> None:
    written = format_query(query)
    assert parse(written) == query
    assert format_query(parse(written)) == written


PIECE = st.sampled_from(
    [
        "year:",
        "size:>",
        "quality:",
        "added:<",
        "genre:",
        "lang:",
        "(",
        ")",
        '"',
        "-",
        " ",
        "OR",
        "AND",
        "NOT",
        "*",
        "..",
        "4G",
        ":",
    ]
)


def read(text: str) -> Query | QuerySyntaxError:
    try:
        return parse(text)
    except QuerySyntaxError as error:
        return error


@settings(max_examples=1000, deadline=None)
@given(text=st.text(max_size=60) | st.lists(PIECE | st.text(max_size=3), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, Query):
        assert parse(format_query(outcome)) == outcome
    else:
        assert outcome.query == text
        assert 0 <= outcome.position <= len(text)
        assert outcome.message
        assert outcome.caret()


@settings(max_examples=200, deadline=None)
@given(name=st.binary(max_size=80))
def test_any_file_name_is_read_or_refused(catalog: Database, name: bytes) -> None:
    outcome = read(name.decode("utf-8", "surrogateescape"))
    if isinstance(outcome, Query) and ":" not in outcome.text:
        fill(catalog, [])
        assert search_titles(catalog, outcome, limit=1, now_ns=NOW_NS) == []


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=40))
def test_full_text_search_sees_the_same_words(text: str) -> None:
    tokenizer = apsw.Connection(":memory:").fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    indexed = index_text(text)
    seen = tokenizer(
        indexed.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None, include_offsets=False, include_colocated=False
    )
    assert tuple(seen) == words(text)
    assert index_text(indexed) == indexed


@settings(max_examples=300, deadline=None)
@given(
    terms=st.sets(st.text("abcé", min_size=1, max_size=5), max_size=60),
    word=st.text("abcéx", min_size=1, max_size=5),
    most=st.integers(1, 2),
)
def test_near_terms_are_all_that_are_near(terms: set[str], word: str, most: int) -> None:
    dictionary = sorted(terms)

    def seek(key: str) -> str | None:
        place = bisect.bisect_left(dictionary, key)
        return dictionary[place] if place < len(dictionary) else None

    found = near_terms(word, most, seek, budget=10_000)
    assert [(one.term, one.distance) for one in found] == [
        (term, distance(word, term)) for term in dictionary if 0 < distance(word, term) <= most
    ]
    assert all(distance(first, word) == distance(word, first) for first in dictionary)
