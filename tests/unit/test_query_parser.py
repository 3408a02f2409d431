"""The search language: what is read, and where each bad query is wrong."""

from __future__ import annotations

import pytest

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
    Span,
    TextField,
    TextMatch,
    Word,
)
from offliniofs.query.lexer import MAX_LENGTH
from offliniofs.query.parser import MAX_DEPTH, MAX_TERMS, parse
from tests.adapters.query_text import format_query

GIBIBYTE = 1024**3
DAY = 86400


def year(low: int | None, high: int | None) -> NumberRange:
    return NumberRange(NumberField.YEAR, low, high)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("runner", Word("runner", prefix=True)),
        ("blade runner", And((Word("blade"), Word("runner", prefix=True)))),
        ("blade AND runner", And((Word("blade"), Word("runner", prefix=True)))),
        ("bla* runner", And((Word("bla", prefix=True), Word("runner", prefix=True)))),
        ('"exact phrase"', Phrase("exact phrase")),
        ('alien "exact phrase"', And((Word("alien", prefix=True), Phrase("exact phrase")))),
        ("alien year:1979", And((Word("alien", prefix=True), year(1979, 1979)))),
        ("alien -aliens", And((Word("alien", prefix=True), Not(Word("aliens"))))),
        ("alien NOT aliens", And((Word("alien", prefix=True), Not(Word("aliens"))))),
        ("a OR b c", Or((Word("a"), And((Word("b"), Word("c", prefix=True)))))),
        ("(a OR b) c", And((Or((Word("a"), Word("b"))), Word("c", prefix=True)))),
        ("a (b (c d))", And((Word("a"), Word("b"), Word("c"), Word("d", prefix=True)))),
        ("a OR (b OR c)", Or((Word("a"), Word("b"), Word("c", prefix=True)))),
        ("--a", Not(Not(Word("a")))),
        ("NOT (a b)", Not(And((Word("a"), Word("b"))))),
        ("or and not", And((Word("or"), Word("and"), Word("not", prefix=True)))),
        ("Tom & Jerry", And((Word("Tom"), Word("Jerry", prefix=True)))),
        ("Spider-Man - Homecoming", And((Word("Spider-Man"), Word("Homecoming", prefix=True)))),
        ("Mission: Impossible", And((Word("Mission:"), Word("Impossible", prefix=True)))),
        ("12:30", Word("12:30", prefix=True)),
        ("東京", Word("東京", prefix=True)),
        ("year:1980..1989", year(1980, 1989)),
        ("year:1980..", year(1980, None)),
        ("YEAR:..1989", year(None, 1989)),
        ("year:>=2010", year(2010, None)),
        ("year:>2010", year(2011, None)),
        ("year:<=2010", year(None, 2010)),
        ("year:<2010", year(None, 2009)),
        ("year:=2010", year(2010, 2010)),
        ('year:"1999"', year(1999, 1999)),
        ("views:0", NumberRange(NumberField.VIEWS, 0, 0)),
        ("size:>4G", NumberRange(NumberField.SIZE, 4 * GIBIBYTE + 1, None)),
        ("size:>=4GiB", NumberRange(NumberField.SIZE, 4 * GIBIBYTE, None)),
        ("size:<=4GB", NumberRange(NumberField.SIZE, None, 4 * 10**9)),
        ("size:700M..1.5G", NumberRange(NumberField.SIZE, 700 * 1024**2, 3 * GIBIBYTE // 2)),
        ("size:4G", NumberRange(NumberField.SIZE, 7 * GIBIBYTE // 2, 9 * GIBIBYTE // 2 - 1)),
        ("size:4.7GB", NumberRange(NumberField.SIZE, 4_650_000_000, 4_749_999_999)),
        ("size:0", NumberRange(NumberField.SIZE, 0, 0)),
        ("added:<30d", NumberRange(NumberField.ADDED, None, 30 * DAY - 1)),
        ("added:30d", NumberRange(NumberField.ADDED, None, 30 * DAY)),
        ("added:>=1y", NumberRange(NumberField.ADDED, 365 * DAY, None)),
        ("added:6h..2w", NumberRange(NumberField.ADDED, 6 * 3600, 14 * DAY)),
        ("added:<1mo", NumberRange(NumberField.ADDED, None, 30 * DAY - 1)),
        ("quality:1080p", QualityRange(QualityBound(1080, None), QualityBound(1080, None))),
        ("quality:>=4k", QualityRange(QualityBound(2160, None), None)),
        ("quality:<1080i", QualityRange(None, QualityBound(1080, None, inclusive=False))),
        ("quality:720p..1080p", QualityRange(QualityBound(720, None), QualityBound(1080, None))),
        ("quality:>=WEBDL-1080p", QualityRange(QualityBound(None, "WEBDL-1080p"), None)),
        ("type:movie", KindMatch(ContentKind.MOVIE)),
        ("type:TV", KindMatch(ContentKind.SERIES)),
        ("type:music", KindMatch(ContentKind.ALBUM)),
        ("lang:en", LanguageMatch("en")),
        ("lang:pt-BR", LanguageMatch("pt")),
        ("lang:ger", LanguageMatch("de")),
        ("lang:German", LanguageMatch("de")),
        ("lang:yue", LanguageMatch("yue")),
        ("genre:sci-fi", NameMatch(NameField.GENRE, "sci-fi")),
        ('genre:"science fiction"', NameMatch(NameField.GENRE, "science fiction")),
        ("tag:seen-it", NameMatch(NameField.TAG, "seen-it")),
        ("collection:noir", NameMatch(NameField.COLLECTION, "noir")),
        ('person:"ridley scott"', TextMatch(TextField.PERSON, "ridley scott")),
        ("person:spiel*", TextMatch(TextField.PERSON, "spiel", prefix=True)),
        ("director:mann", TextMatch(TextField.PERSON, "mann")),
        ("title:heat", TextMatch(TextField.TITLE, "heat")),
        ("is:favorite", Flag(FlagName.FAVOURITE)),
        ("is:unwatched", Flag(FlagName.UNWATCHED)),
    ],
)
def test_reads(text: str, root: Node) -> None:
    query = parse(text)
    assert query.root == root
    assert query.text == text
    assert parse(format_query(query)).root == root


@pytest.mark.parametrize(
    ("text", "marked", "part"),
    [
        ("", (0, 1), "empty"),
        ("   ", (0, 1), "empty"),
        ("& *", (0, 1), "no letters"),
        ("-", (0, 1), "no letters"),
        ("a\x07b", (1, 1), "U+0007"),
        ("a\tb", (1, 1), "control"),
        ('say "hello', (4, 6), "not closed"),
        ('genre:"x', (6, 2), "not closed"),
        ("(a", (0, 1), "not closed"),
        ("a)", (1, 1), "closes nothing"),
        ("a ()", (2, 2), "empty"),
        ("OR a", (0, 2), "both sides"),
        ("a OR", (2, 2), "both sides"),
        ("a OR OR b", (2, 2), "both sides"),
        ("AND a", (0, 3), "both sides"),
        ("a AND", (2, 3), "both sides"),
        ("a AND AND b", (6, 3), "both sides"),
        ("a NOT", (2, 3), "after it"),
        ("(NOT) a", (1, 3), "after it"),
        ("NOT &", (0, 3), "no letters"),
        ("a yaer:1999", (2, 4), "did you mean year:"),
        ("actr:x", (0, 4), "did you mean person:"),
        ("qqqqq:x", (0, 5), "there are genre, year"),
        ("year:", (0, 5), "right after the colon"),
        ("genre:(a)", (0, 6), "right after the colon"),
        ('genre:""', (0, 8), "right after the colon"),
        ("genre:!", (6, 1), "letters or digits"),
        ("person:*", (7, 1), "letters or digits"),
        ("year:abc", (5, 3), "not a whole number"),
        ("year:1e3", (5, 3), "not a whole number"),
        ("year:19999", (5, 5), "not a year"),
        ("year:..", (5, 2), "at least one side"),
        ("year:>=", (5, 2), "right after it"),
        ("year:1989..1980", (5, 10), "backwards"),
        ("year:1980..x", (11, 1), "not a whole number"),
        ("views:٣", (6, 1), "not a whole number"),
        ("views:<0", (6, 2), "nothing is less than 0"),
        ("views:99999999999999999999", (6, 20), "too large"),
        ("size:4X", (5, 2), "unknown unit"),
        ("size:G", (5, 1), "not a size"),
        ("size:9999999T", (5, 8), "too large"),
        ("added:<30", (7, 2), "no unit"),
        ("added:soon", (6, 4), "not a time"),
        ("type:song", (5, 4), "no type"),
        ("lang:x1", (5, 2), "no language"),
        ("is:good", (3, 4), "nothing a title can be"),
        ("quality:!", (8, 1), "no quality"),
        ("quality:1080p..720p", (8, 11), "backwards"),
        ("quality:720p..Remux-1080p", (8, 17), "resolution to resolution"),
        ("x" * (MAX_LENGTH + 1), (MAX_LENGTH, 1), "too long"),
        ("(" * (MAX_DEPTH + 1) + "a", (MAX_DEPTH, 1), "nested"),
        ("-" * (MAX_DEPTH + 1) + "a", (MAX_DEPTH, 1), "nested"),
        ("a " * (MAX_TERMS + 1), (2 * MAX_TERMS, 1), "more than"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, marked: tuple[int, int], part: str) -> None:
    with pytest.raises(QuerySyntaxError, match=part.replace("+", r"\+")) as raised:
        parse(text)
    assert (raised.value.position, raised.value.length) == marked
    assert raised.value.query == text


def test_limits_are_the_largest_that_is_read() -> None:
    parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    parse("a " * MAX_TERMS)
    parse("x" * MAX_LENGTH)


def test_nodes_know_their_places() -> None:
    query = parse('blade (year:1982 OR "ridley scott")')
    assert isinstance(query.root, And)
    word, group = query.root.operands
    assert word.span == Span(0, 5)
    assert isinstance(group, Or)
    assert [operand.span for operand in group.operands] == [Span(7, 16), Span(20, 34)]


def test_error_draws_a_caret_under_the_place() -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        parse("blade year:19x")
    assert raised.value.caret() == "blade year:19x\n           ^^^"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  blade   runner ", "blade runner"),
        ("blade AND NOT (runner)", "blade -runner"),
        ("((a OR b)) c", "(a OR b) c"),
        ("size:>=4294967297", "size:>4G"),
        ("size:<4G", "size:<4G"),
        ("size:1024..2048", "size:1K..2K"),
        ("size:..0", "size:<=0"),
        ("added:<720h", "added:<1mo"),
        ("added:1d..14d", "added:1d..2w"),
        ("added:>=0s", "added:>=0s"),
        ("lang:german type:film", "lang:de type:movie"),
        ('genre:"drama"', "genre:drama"),
        ('person:"a*"', 'person:"a*"'),
        ("quality:4K", "quality:2160p"),
        ("quality:>fhd", "quality:>1080p"),
        ("quality:<=sdtv", "quality:<=sdtv"),
        ("views:>3", "views:>=4"),
        ("run* fast*", "run* fast"),
    ],
)
def test_formats_canonically(text: str, canonical: str) -> None:
    assert format_query(parse(text)) == canonical
