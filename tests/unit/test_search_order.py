"""The parts of a query that match least are met first, and what it finds stays the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from offliniofs.catalog import search
from offliniofs.catalog.connection import Database
from offliniofs.catalog.search import search_titles
from offliniofs.catalog.search_names import StoredNames
from offliniofs.catalog.search_order import Rarity
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.query.compile import Conjunction, compile_query, rarest_first
from offliniofs.query.parser import parse
from offliniofs.query.record import SearchRecord
from tests.unit.search_library import NOW_NS, empty_catalog, fill

film = partial(SearchRecord, ContentKind.MOVIE)
_WORDS = [f"word{number:02}" for number in range(20)]
_MANY = 60


@pytest.fixture(scope="module")
def catalog() -> Iterator[Database]:
    """Each word stands in more titles than the next, in the title or in the plot; later titles were seen less often."""
    database = empty_catalog()
    records = []
    for number in range(_MANY):
        text = " ".join(_WORDS[: 1 + number % 20])
        title, plot = (text, "") if number % 2 else (f"Film {number}", text)
        records.append(film(title, plot=plot, year=1990 + number % 3, views=_MANY - number, total_size=number))
    fill(database, records)
    yield database
    database.close()


def found(catalog: Database, text: str, limit: int = 200) -> list[int]:
    return [one.content_id for one in search_titles(catalog, parse(text), limit=limit, now_ns=NOW_NS)]


def matched(catalog: Database, expression: str) -> list[int]:
    statement = Statement("SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid")
    return [content_id for (content_id,) in catalog.rows(statement, (expression,))]


@pytest.mark.parametrize("count", range(1, 21))
@pytest.mark.parametrize("unwanted", [(), ('"1990"', '"word19"')])
def test_the_order_of_the_operands_changes_nothing(catalog: Database, count: int, unwanted: tuple[str, ...]) -> None:
    operands = Conjunction(tuple(f'"{word}"' for word in _WORDS[:count]), unwanted)
    flat = " AND ".join(operands.wanted) + "".join(f" NOT {one}" for one in unwanted)
    expected = matched(catalog, flat)
    assert expected or unwanted
    for order in (range(count), range(count - 1, -1, -1)):
        assert matched(catalog, rarest_first(operands, order)) == expected


def test_the_rarest_words_are_met_first(catalog: Database) -> None:
    (branch,) = compile_query(parse("word00 word02 word01 word1"), StoredNames(catalog), NOW_NS).branches
    assert branch.text is not None
    counts = {'"word00"': 50, '"word01"': 40, '"word02"': 30, '"word1"': 20}
    asked: list[str] = []

    def count(expression: str) -> int:
        asked.append(expression)
        return counts[expression]

    ordered = Rarity(count).ordered_text(branch.text)
    nested = '((((({0}1" * AND {0}02") NOT "=") AND {0}01") NOT "=") AND {0}00")'
    assert ordered.match == nested.format('"word')
    assert ordered.in_title == nested.format('"=wword')
    assert sorted(asked) == sorted(counts)  # each once, and no list put together of what begins like a word


def test_two_words_need_no_order(catalog: Database) -> None:
    (branch,) = compile_query(parse("word00 word01"), StoredNames(catalog), NOW_NS).branches
    assert branch.text is not None
    assert Rarity(len).ordered_text(branch.text) is branch.text


@pytest.mark.parametrize(
    ("text", "in_title"),
    [
        ('"blade"', '("=wblade")'),
        ("blade", '("=wblade" *)'),
        ("bla", '({title original_title} : "bla" *)'),
        ('"blade runner"', '({title original_title} : "blade runner")'),
        ("title:blade", '("=wblade")'),
        ("person:scott", '({people} : "scott")'),
    ],
)
def test_a_word_of_a_title_is_found_by_its_facet_word(catalog: Database, text: str, in_title: str) -> None:
    (branch,) = compile_query(parse(text), StoredNames(catalog), NOW_NS).branches
    assert branch.text is not None
    assert branch.text.in_title == in_title


def test_titles_with_the_words_in_their_name_come_before_others(
    catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "RANKED", 1)
    ids = found(catalog, "word00 word01 word02")
    named = [number % 2 == 0 for number in ids]  # the second title was made of words, the first of a plot
    assert named == sorted(named, reverse=True)
    assert {True, False} == set(named)


@pytest.mark.parametrize(
    ("text", "limit", "ids"),
    [
        ("views:>1", 3, [59, 58, 57]),
        ("views:>50", 100, list(range(10, 0, -1))),
        ("views:>1 size:1..2", 1, [3]),  # far behind the newest that were seen
        ("views:>1 size:1..2", 5, [3, 2]),
        ("views:>100", 5, []),
    ],
)
def test_the_newest_of_what_has_to_be_sorted(catalog: Database, text: str, limit: int, ids: list[int]) -> None:
    assert found(catalog, text, limit) == ids
