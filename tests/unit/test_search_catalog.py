"""Searching a catalogue: order, limits, plans, and what is suggested when nothing is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from offliniofs.catalog import search
from offliniofs.catalog.connection import Database
from offliniofs.catalog.search import finds_any, search_titles
from offliniofs.catalog.search_names import LANGUAGE_LISTS, RESOLUTIONS, StoredNames
from offliniofs.catalog.search_plan import Filters, filters, undecided
from offliniofs.catalog.statements import Bindings, Row, Statement
from offliniofs.catalog.suggest import suggest
from offliniofs.detect.quality import QUALITIES
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import QuerySyntaxError, QueryTooSlowError
from offliniofs.query.compile import Condition, Conjunction, compile_query
from offliniofs.query.conditions import MOST_LISTED
from offliniofs.query.parser import parse
from offliniofs.query.record import SearchRecord
from tests.unit.search_library import NOW_NS, empty_catalog, fill, is_found

DAY_NS = 86400 * 10**9


film = partial(SearchRecord, ContentKind.MOVIE)


LIBRARY = (
    film("Blade Runner", year=1982, people="Ridley Scott", genres=frozenset({"Science Fiction"})),  # 1
    film("Alien", year=1979, people="Ridley Scott", genres=frozenset({"Science Fiction", "Horror"})),  # 2
    film("Ridley", year=2001, plot="A man who runs from a blade"),  # 3
    film("Heat", year=1995, plot="ridley is named once", languages=frozenset({"en"})),  # 4
    film("The Thing", resolutions=frozenset({"2160p"}), quality_rank=27, total_size=60 * 1024**3, favourite=True),  # 5
    film("The Thing from Another World", added_ns=NOW_NS - 400 * DAY_NS, languages=frozenset({"de"})),  # 6
    film("Amélie", tags=frozenset({"feel good"}), collections=frozenset({"Paris"}), views=2),  # 7
    film("Ёлки"),  # 8
)


@pytest.fixture(scope="module")
def catalog() -> Iterator[Database]:
    database = empty_catalog()
    fill(database, LIBRARY)
    yield database
    database.close()


def found(catalog: Database, text: str, limit: int = 200) -> list[int]:
    return [one.content_id for one in search_titles(catalog, parse(text), limit=limit, now_ns=NOW_NS)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ridley", [3, 2, 1, 4]),  # title before people before plot
        ("blade", [1, 3]),
        ("blade run", [1, 3]),
        ('"blade runner"', [1]),
        ("amelie", [7]),
        ("елки", [8]),
        ("person:scott -alien", [1]),
        ("genre:sci-fi", [2, 1]),  # filters alone: newest first
        ("genre:sf genre:horror", [2]),
        ("quality:>=1080p", [5]),
        ("quality:>=webdl-1080p", [5]),
        ("quality:720p", []),
        ("size:>4G", [5]),
        ("is:favourite", [5]),
        ("added:>1y -the", [8, 7, 4, 3, 2, 1]),
        ('tag:"feel-good"', [7]),
        ("collection:paris", [7]),
        ("views:>0 OR lang:german", [7, 6]),
        ("lang:fr", []),
        ("zzz OR year:..1980", [2]),
    ],
)
def test_finds(catalog: Database, text: str, ids: list[int]) -> None:
    assert found(catalog, text) == ids
    query = parse(text)
    for number in range(1, len(LIBRARY) + 1):
        assert is_found(catalog, query, number) == (number in ids)


def test_a_title_that_is_just_the_words_comes_first_among_many(
    catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "RANKED", 1)
    assert found(catalog, "the thing", limit=1) == [5]
    assert found(catalog, "the", limit=1) == [5]  # half of its title rather than a fifth
    assert found(catalog, "the year:1999", limit=1) == []


def test_a_search_of_many_common_words_is_ranked_without_reading_all_their_titles(
    catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_BM25_POSTINGS", 0)
    assert found(catalog, "the thing") == [5, 6]


def test_conditions_of_the_caller_narrow(catalog: Database) -> None:
    later = (Condition("(c.id > ?)", (2,)),)
    found = search_titles(catalog, parse("ridley"), limit=9, now_ns=NOW_NS, conditions=later)
    assert [one.content_id for one in found] == [3, 4]
    assert not is_found(catalog, parse("ridley"), 1, *later)


def test_a_quality_that_there_is_not_is_marked(catalog: Database) -> None:
    with pytest.raises(QuerySyntaxError, match="no quality 'nope'") as raised:
        found(catalog, "blade quality:>=nope")
    assert raised.value.caret() == "blade quality:>=nope\n                ^^^^"
    with pytest.raises(QuerySyntaxError, match="backwards"):
        found(catalog, "quality:Remux-2160p..SDTV")


def test_stops_when_its_time_is_up(catalog: Database) -> None:
    with pytest.raises(QueryTooSlowError, match="stopped"):
        search_titles(catalog, parse("blade"), limit=9, now_ns=NOW_NS, seconds=-1)


def test_an_empty_catalogue_finds_nothing() -> None:
    database = empty_catalog()
    assert found(database, "blade OR -year:1999 OR quality:1080p") == []
    database.close()


def test_names_are_bounded(catalog: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert StoredNames(catalog).language_lists() == ["", " de ", " en "]
    monkeypatch.setattr("offliniofs.catalog.search_names.MOST_VALUES", 2)
    assert StoredNames(catalog).language_lists() is None
    assert found(catalog, "lang:en") == [4]


def test_an_or_that_multiplies_out_too_far_is_tested_row_by_row(catalog: Database) -> None:
    text = " ".join(f"(thing{number} OR year:{1979 + number} OR blade)" for number in range(4))
    assert len(compile_query(parse(text), StoredNames(catalog), NOW_NS).branches) <= 8
    assert found(catalog, text) == [1, 3]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("blde", "blade"),
        ("blade runnr", "blade runner"),
        ("bldae runner", "blade runner"),
        ('"blade runer"', '"blade runner"'),
        ("elien", "alien"),
        ("alien-ridlye", None),
        ("person:scot", "person:scott"),
        ("ridely person:scptt*", "ridley person:scott*"),
        ('title:"blade runer"', 'title:"blade runner"'),
        ("genre:horor", "genre:Horror"),
        ('tag:"feel god"', 'tag:"feel good"'),
        ("ameli -year:1999", None),
        ("xyzzyx", None),
        ("zz", None),
        ("blade year:1900", None),
        ("blade-runer OR zzzzzz", None),
    ],
)
def test_suggests(catalog: Database, text: str, suggestion: str | None) -> None:
    assert suggest(catalog, parse(text), now_ns=NOW_NS, seconds=60) == suggestion
    if suggestion is not None:
        assert found(catalog, suggestion)


def test_suggests_in_time_or_not_at_all(catalog: Database) -> None:
    assert suggest(catalog, parse("blde"), now_ns=NOW_NS, seconds=-1) is None


def test_words_are_looked_for_only_for_a_part_of_the_time(catalog: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert suggest(catalog, parse("blde"), now_ns=NOW_NS, seconds=60) == "blade"
    monkeypatch.setattr("offliniofs.catalog.suggest._LOOKING_SHARE", -1)
    assert suggest(catalog, parse("blde"), now_ns=NOW_NS, seconds=60) is None


@pytest.mark.parametrize(
    "text", ["blade", "blade runn", "alie OR zzz", "-the", "is:favourite", "zzz", "blade year:1900", "lang:de"]
)
def test_whether_anything_is_found_is_known_without_ranking(catalog: Database, text: str) -> None:
    query = parse(text)
    assert finds_any(catalog, query, now_ns=NOW_NS, seconds=60) == bool(found(catalog, text))
    later = (Condition("(c.id > ?)", (5,)),)
    some = bool(search_titles(catalog, query, limit=1, now_ns=NOW_NS, conditions=later))
    assert finds_any(catalog, query, now_ns=NOW_NS, conditions=later, seconds=60) == some


PLANNED = (
    "blade",
    "blade runner -alien",
    "person:scott year:1980..1989",
    "-the",
    "year:1999",
    "year:1980..1989 -genre:drama",
    "genre:horror quality:>=1080p",
    "quality:>=WEBDL-1080p",
    "size:>4G views:0",
    "added:<30d",
    "lang:de",
    'tag:"feel good"',
    "collection:paris",
    "is:favourite",
    "is:watched",
    "is:unwatched",
    "type:movie",
    "blade OR (year:1999 -thing)",
    "the year:1999",
    "the size:>4G",
)
WALKED = frozenset({"c", "s", "d", "found", "search_index", "json_each", "genres", "tags", "collections"})
"""What a search may walk: titles newest first through an index, matches of words, and what is small."""


@pytest.mark.parametrize("ranked", [0, 4000])
@pytest.mark.parametrize("text", PLANNED)
def test_no_search_scans_a_table(catalog: Database, monkeypatch: pytest.MonkeyPatch, text: str, ranked: int) -> None:
    seen: list[tuple[str, Bindings]] = []
    rows = Database.rows

    def recorded(database: Database, statement: Statement, bindings: Bindings = ()) -> list[Row]:
        seen.append((statement.sql, bindings))
        return rows(database, statement, bindings)

    with monkeypatch.context() as patch:
        patch.setattr(search, "RANKED", ranked)
        patch.setattr(Database, "rows", recorded)
        search_titles(catalog, parse(text), limit=200, now_ns=NOW_NS)
        is_found(catalog, parse(text), 1)
    assert seen
    for sql, bindings in seen:
        for *_, detail in rows(catalog, Statement(f"EXPLAIN QUERY PLAN {sql}"), bindings):
            verb, _, target = str(detail).partition(" ")
            if verb == "SCAN" and "USING INDEX content_favourite" not in target:  # that holds nothing but favourites
                name = target.split()[0]
                whole = name in {"CONSTANT", "found", "d", "genres", "tags", "collections"}
                assert name in WALKED or name.startswith(("CONSTANT", "(subquery")), (sql, detail)
                assert whole or "USING" in target or "VIRTUAL TABLE" in target or name.startswith("(sub"), (sql, detail)


def test_the_values_of_columns_are_found_by_seeking(catalog: Database) -> None:
    for statement in (RESOLUTIONS, LANGUAGE_LISTS):
        for *_, detail in catalog.rows(Statement(f"EXPLAIN QUERY PLAN {statement.sql}")):
            assert not str(detail).startswith(("SCAN content", "SCAN content_resolutions")), detail


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("genre:sci-fi year:1979", '("=g1" AND "=y1979")'),
        ("year:1979..1980 type:movie", '(("=y1979" OR "=y1980") AND "=kmovie")'),
        ("is:unwatched -lang:pt-br", '("=u" NOT ("=lpt"))'),
        ("quality:2160p -is:watched is:favourite", '("=r2160p" AND "=u" AND "=f")'),
        ("(views:0 (lang:de OR -lang:en))", '("=u" NOT (("=len" NOT ("=lde"))))'),
    ],
)
def test_filters_are_met_in_the_full_text_index(
    catalog: Database, monkeypatch: pytest.MonkeyPatch, text: str, match: str
) -> None:
    monkeypatch.setattr("offliniofs.query.compile.MAX_BRANCHES", 1)
    monkeypatch.setattr(StoredNames, "language_lists", lambda _: None)
    (branch,) = compile_query(parse(text), StoredNames(catalog), NOW_NS).branches
    assert filters(None, branch.conditions) == Filters(match, ())
    assert branch.drivers == ()


def test_what_the_index_does_not_know_is_asked_of_each_title(catalog: Database) -> None:
    (branch,) = compile_query(parse("size:>1 genre:sci-fi added:<9y"), StoredNames(catalog), NOW_NS).branches
    within = filters(Conjunction(('"alien"',)), branch.conditions)
    assert within.match == '("alien" AND "=g1")'
    assert [one.sql for one in within.others] == [branch.conditions[0].sql, branch.conditions[2].sql]
    size, _ = branch.drivers
    assert undecided(branch.conditions, size) == branch.conditions[1:]


def test_every_quality_class_has_a_word() -> None:
    assert len(QUALITIES) <= MOST_LISTED


def test_no_suggestion_is_a_word_for_a_facet(catalog: Database) -> None:
    assert catalog.rows(Statement("SELECT 1 FROM search_terms WHERE term = '=g1'"))
    assert suggest(catalog, parse("aag1"), now_ns=NOW_NS) is None
    assert found(catalog, "=g1") == []
