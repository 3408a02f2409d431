"""README.txt, ERROR.txt and the names of searches."""

from __future__ import annotations

import re

import pytest

from offliniofs.domain.details import LibraryTotals
from offliniofs.query.parser import parse
from offliniofs.tree.plans import Refusal
from offliniofs.tree.readme import render_readme, size_text
from offliniofs.tree.searches import (
    query_problem,
    query_refusal,
    search_error_text,
    suggestion_name,
    suggestion_target,
)

EMPTY = LibraryTotals(0, 0, 0, 0, 0, 0, 0, 0)


def test_the_readme_counts_what_is_there() -> None:
    text = render_readme(LibraryTotals(1, 2, 3, 4000, 12_000, 9, 5 << 30, 3 << 30), ["Action", "Drama"])
    assert "Here are 1 film, 2 series, 3 albums and 4,000 other titles: 12,000 files, 5.0 GiB." in text
    assert "saves 2.0 GiB" in text
    assert "Some genres: Action, Drama." in text
    assert "import" not in text


def test_the_readme_of_an_empty_library_says_how_to_fill_it() -> None:
    text = render_readme(EMPTY)
    assert "offliniofs import" in text
    assert "saves" not in text


def test_every_search_in_the_readme_can_be_read() -> None:
    text = render_readme(EMPTY)
    section = text.partition("\nSEARCH\n")[2].partition("A search that cannot")[0]
    queries = re.findall(r'search/([^"\n]+)"', section)
    queries += re.findall(r"[a-z]+:(?:\"[^\"]*\"|[^\s]+)", section.partition("exact")[2])
    queries += re.findall(r'(?:mkdir "saved/|-v \')([^"\']+genre[^"\']*|genre[^"\']*)', text)
    assert len(queries) >= 14
    for query in queries:
        parse(query)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (1 << 40, "1.0 TiB"), (1 << 70, "1024.0 EiB")],
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


def test_a_bad_search_says_where() -> None:
    problem = query_problem("alien year:abc")
    assert problem is not None
    text = search_error_text("alien year:abc")
    assert problem.message in text
    lines = text.splitlines()
    caret = next(line for line in lines if line.strip("^ ") == "" and "^" in line)
    assert caret.index("^") == problem.position
    assert "can be read" in search_error_text("alien")


def test_which_names_are_queries() -> None:
    assert query_refusal("alien") is None
    assert query_refusal("x" * 256) is Refusal.NAME_TOO_LONG
    for name in (".x", "a/b", " ", "a\nb", "FOLDER.JPG", "x.desktop"):
        assert query_refusal(name) is Refusal.NOT_FOUND


def test_a_suggestion_is_a_link_beside_the_search() -> None:
    assert suggestion_name("alien") == "did you mean alien"
    assert suggestion_name("a/b") is None
    assert suggestion_name("x" * 250) is None
    assert suggestion_target("blåde") == "../blåde".encode()
