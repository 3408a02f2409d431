"""Full-text search and filters: the titles that a query looks for, best first.

The catalogue may hold millions of titles and every query must answer at once, so nothing here is done for all that
matches when much does:

- few matches of the words (at most :data:`RANKED`): all are ranked by bm25;
- many: the newest :data:`CANDIDATES` with the words in their title, and if these are too few the newest others, are
  ranked by how much of the title the words make up; a title that is nothing but the words comes first;
- no words: the newest titles that pass the filters.

Which index is walked is decided by what the probes of :mod:`.search_plan` find. A branch without a small index is
walked from the newest title back, and stops as soon as there are enough.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.connection import Database
from offliniofs.catalog.read_ahead import read_in_parts
from offliniofs.catalog.search_names import StoredNames
from offliniofs.catalog.search_order import Rarity
from offliniofs.catalog.search_plan import (
    EVERY_TITLE,
    HIGHEST_ID,
    NEWEST_MATCHES,
    Filters,
    Prepared,
    Source,
    among,
    best_titles,
    count_of,
    estimated,
    filters,
    from_driver,
    from_text,
    matching,
    newest_of,
    newest_titles,
    undecided,
)
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.errors import QueryTooSlowError
from offliniofs.domain.ids import ContentId
from offliniofs.query.ast import Query
from offliniofs.query.compile import NO_TITLE, Branch, Condition, Driver, TextSearch, compile_query
from offliniofs.query.text import index_text, words

RANKED: Final = 4000
"""Most matches that are all ranked by bm25 (about 3 µs each)."""

CANDIDATES: Final = 1000
"""Titles looked at when more than :data:`RANKED` match."""

SECONDS: Final = 5.0
"""Longest a search may take by default."""

_SMALL_DRIVER: Final = 20_000
"""Rows of an index that may be read and sorted."""
_STREAM_COST: Final = 0.4
"""Microseconds for each match of the words that the filters are asked about, as measured."""
_MEETING_COST: Final = 0.06
"""Microseconds for each match of the words that is only looked for among the rows of a small index, as measured."""
_PROBE: Final = 200
_BM25_POSTINGS: Final = 700_000
"""bm25 reads the whole list of each word's titles, about 20 million a second, to know how rare the word is."""
_MOST_PHRASES: Final = 12
_FEW_PHRASES: Final = 4
"""Phrases that still match so much together that it pays to try whole words first: more take time themselves."""
_FIRST_WINDOW: Final = 4096
_WINDOW_GROWTH: Final = 4
_EXACT_TITLES: Final = 50
_EXACT_SCORE: Final = 3.0

# the names in facet views: the listing that follows reads the same narrow rows, a title stands in a wide one
TITLES_OF: Final = Statement(
    """SELECT id, title_name FROM content INDEXED BY content_title_listing WHERE id IN (SELECT value FROM json_each(?))
    AND title_name IS NOT NULL AND deleted_ns IS NULL""",
    scans=("json_each",),
)
_ADDED_TO_NAME: Final = re.compile(r"(?: [(\[]\d+[)\]]){1,2}$")
"""What tells titles of one name apart: the year, a number."""
SAME_SORT_TITLE: Final = Statement(
    """SELECT id FROM content INDEXED BY content_identity WHERE kind IN ('movie', 'series', 'album', 'other')
    AND sort_title = ? AND deleted_ns IS NULL LIMIT ?"""
)
WHOLE_TITLES: Final = Statement(
    """SELECT id, title FROM content WHERE id IN (SELECT value FROM json_each(?))
    AND title_name IS NOT NULL AND deleted_ns IS NULL""",
    scans=("json_each",),
)


def _text_look_up_cost(text: TextSearch, matched: int) -> float:
    """Microseconds to look one title up in the index, as measured in memory: a prefix of more letters than the index
    holds prefixes of is put together from all its words each time. From a disk each takes ten times as long.
    """
    return 50 + (matched * 0.05 if text.whole_words else 0)


class FoundTitle(NamedTuple):
    """One result. A higher score is better; scores of different queries say nothing about each other."""

    content_id: ContentId
    score: float


def search_titles(
    database: Database,
    query: Query,
    *,
    limit: int,
    now_ns: int,
    conditions: Sequence[Condition] = (),
    seconds: float = SECONDS,
) -> list[FoundTitle]:
    """The best ``limit`` titles that the query and all of ``conditions`` (on ``content`` as ``c``) match, best first.

    When no more than ``limit`` match, they are all there.

    Raises:
        QuerySyntaxError: the query names a quality class that there is not.
        QueryTooSlowError: it took longer than ``seconds``.
    """
    compiled = compile_query(query, StoredNames(database), now_ns)
    search = _Search(database, tuple(conditions), limit, time.monotonic() + seconds)
    best: dict[int, float] = {}
    for branch in compiled.branches:
        for content_id, score in search.branch(branch):
            best[content_id] = max(score, best.get(content_id, score))
    ranked = sorted(best.items(), key=lambda found: (-found[1], -found[0]))
    return [FoundTitle(ContentId(content_id), score) for content_id, score in ranked[:limit]]


def finds_any(
    database: Database, query: Query, *, now_ns: int, conditions: Sequence[Condition] = (), seconds: float
) -> bool:
    """Whether any title matches; none is ranked for that. Raises as :func:`search_titles`."""
    compiled = compile_query(query, StoredNames(database), now_ns)
    search = _Search(database, tuple(conditions), 1, time.monotonic() + seconds)
    return any(search.any_of(branch) for branch in compiled.branches)


@dataclass(slots=True)
class _Search:
    """One search: the connection, what every branch must also pass, and the time there is."""

    database: Database
    conditions: tuple[Condition, ...]
    limit: int
    deadline: float
    highest: int = field(init=False)
    rarity: Rarity = field(init=False)

    def __post_init__(self) -> None:
        self.highest = int(self._rows(Prepared(HIGHEST_ID, ()))[0][0] or 0)
        self.rarity = Rarity(lambda match: estimated(self._matched(match, _PROBE), _PROBE, self.highest).rows)

    def branch(self, branch: Branch) -> Iterable[tuple[int, float]]:
        """The best titles of one branch with their scores."""
        conditions = (*branch.conditions, *self.conditions)
        if NO_TITLE in conditions:
            return []
        if branch.text is None:
            return [(content_id, 0.0) for content_id in self._filtered(branch, conditions)]
        text = self.rarity.ordered_text(branch.text)
        whole = text.whole_words
        if whole is not None and self.limit <= RANKED and len(text.phrases) <= _FEW_PHRASES:
            newest = self._newest_matches(whole)
            if len(newest) > RANKED:  # enough without what only begins like a word
                return self._broad(branch, text if conditions else whole, conditions, newest)
        newest = self._newest_matches(text)
        if len(newest) > RANKED:
            return self._broad(branch, text, conditions, newest)
        return self._narrow(text, conditions, newest) if newest else []

    def any_of(self, branch: Branch) -> bool:
        """Whether the branch has any title."""
        conditions = (*branch.conditions, *self.conditions)
        text = branch.text
        if text is not None and NO_TITLE not in conditions and not filters(text.operands, conditions).others:
            # whole words first: what begins like a long one is put together from all such words
            tries = (text.whole_words, text) if text.whole_words is not None else (text,)
            matches = [filters(one.operands, conditions).match for one in tries]
            return any(match is not None and self._matched(match, 1) for match in matches)
        return any(True for _ in self.branch(branch))

    def _newest_matches(self, text: TextSearch) -> list[int]:
        return self._matched(text.match, RANKED + 1)

    def _matched(self, match: str, limit: int) -> list[int]:
        """The newest titles of an FTS5 expression."""
        return self._ids(Prepared(NEWEST_MATCHES, (match, limit)))

    # -- words that match little

    def _narrow(
        self, text: TextSearch, conditions: tuple[Condition, ...], newest: list[int]
    ) -> list[tuple[int, float]]:
        within = self._within(text, conditions) if conditions else Filters(None, ())
        if self._rankable(text):
            prepared = best_titles(text.match, within, self.highest, self.limit)
            return [(int(one), score) for one, score in self._rows(prepared)]
        if conditions:
            newest = self._newest(from_text(within.match or text.match), within.others, RANKED)
        return self._by_title(text, newest, in_title=False)

    def _rankable(self, text: TextSearch) -> bool:
        """Whether bm25 is quick: it reads all titles of every word, however few titles have all the words."""
        if len(text.phrases) > _MOST_PHRASES:
            return False
        postings = itertools.accumulate(map(self.rarity.of, text.phrases))
        return all(so_far <= _BM25_POSTINGS for so_far in postings)

    def _within(self, text: TextSearch | None, conditions: tuple[Condition, ...]) -> Filters:
        """The filters, the words among them."""
        return self.rarity.ordered_filters(filters(None if text is None else text.operands, conditions))

    # -- words that match much

    def _broad(
        self, branch: Branch, text: TextSearch, conditions: tuple[Condition, ...], newest: list[int]
    ) -> Iterable[tuple[int, float]]:
        scored = dict(self._exact(text, conditions))
        if conditions:
            found = self._broad_filtered(branch, text, conditions)
            scored.update(self._by_title(text, [one for one in found if one not in scored], in_title=False))
            return scored.items()
        titled = self._matched(text.in_title, max(self.limit, CANDIDATES))
        scored.update(self._by_title(text, [one for one in titled if one not in scored], in_title=True))
        others = newest if self.limit <= RANKED else self._matched(text.match, self.limit)
        for content_id in others[: self.limit]:
            scored.setdefault(content_id, 0.0)
        return scored.items()

    def _broad_filtered(self, branch: Branch, text: TextSearch, conditions: tuple[Condition, ...]) -> list[int]:
        """The newest titles with these words that pass the filters: from the smallest index, or from the words."""
        wanted = self.limit
        within = self._within(text, conditions)
        match = within.match or text.match
        if not within.others:
            return self._whole_first(text, conditions) or self._matched(match, wanted)
        matched = estimated(self._matched(match, _PROBE), _PROBE, self.highest).rows
        driver, rows = self._smallest(branch.drivers) or (None, self.highest)
        titles = max(1, self.highest)
        one_by_one = min(rows, wanted * titles / max(1, matched)) * _text_look_up_cost(text, matched)
        streamed = min(matched, wanted * titles / max(1, rows)) * _STREAM_COST
        if driver is not None and rows <= min(_SMALL_DRIVER, matched):
            streamed *= _MEETING_COST / _STREAM_COST
        if driver is not None and one_by_one < streamed:
            return self._driven(driver, (*undecided(within.others, driver), matching(match)), wanted)
        if driver is not None and rows <= min(_SMALL_DRIVER, matched):
            return self._newest(from_text(match, driver), undecided(within.others, driver), wanted)
        return self._newest(from_text(match), within.others, wanted)

    def _whole_first(self, text: TextSearch, conditions: tuple[Condition, ...]) -> list[int]:
        """The newest titles with just these words, if they are enough: that is quicker than what begins like them."""
        whole = self._within(text.whole_words, conditions).match if text.whole_words is not None else None
        found = self._matched(whole, self.limit) if whole is not None else []
        return found if len(found) >= self.limit else []

    def _exact(self, text: TextSearch, conditions: tuple[Condition, ...]) -> Iterator[tuple[int, float]]:
        """Titles that are nothing but what was asked."""
        if text.plain is None:
            return
        asked = index_text(text.plain)
        rows = self.database.rows(SAME_SORT_TITLE, (sort_key(text.plain), _EXACT_TITLES))
        found = [int(content_id) for (content_id,) in rows]
        if conditions:  # before the wide rows of the titles are read
            found = self._among(found, conditions)
        for content_id, title in self.database.rows(WHOLE_TITLES, (json.dumps(found),)):
            if index_text(title) == asked:
                yield int(content_id), _EXACT_SCORE

    def _by_title(self, text: TextSearch, found: list[int], *, in_title: bool) -> list[tuple[int, float]]:
        """Scores by how much of the title the words make up; ``in_title``: all of them are known to be there."""
        asked = frozenset(words(" ".join(phrase for phrase in text.phrases)))
        scored = []
        rows = read_in_parts(
            self.database, "content_title_listing", found, lambda ids: self.database.rows(TITLES_OF, (json.dumps(ids),))
        )
        for content_id, name in rows:
            title_words = words(_ADDED_TO_NAME.sub("", name))
            share = sum(word in asked for word in title_words) / max(1, len(title_words))
            scored.append((int(content_id), share + (1.0 if in_title else 0.0)))
        return scored

    # -- filters alone

    def _filtered(self, branch: Branch, conditions: tuple[Condition, ...]) -> list[int]:
        within = self._within(None, conditions)
        smallest = self._smallest(branch.drivers) if within.others else None
        if within.match is not None:
            if not within.others:
                return self._matched(within.match, self.limit)
            newest = self._matched(within.match, _PROBE)
            if smallest is None or estimated(newest, _PROBE, self.highest).rows <= smallest[1]:
                return self._newest(from_text(within.match), within.others, self.limit)
        if smallest is None:
            return self._newest(EVERY_TITLE, conditions, self.limit)
        return self._driven(smallest[0], undecided(conditions, smallest[0]), self.limit)

    def _smallest(self, drivers: Iterable[Driver]) -> tuple[Driver, int] | None:
        """The driver with the fewest rows, about how many; only what is small or can be walked newest first."""
        measured = [(driver, self._measured(driver)) for driver in drivers]
        usable = [(driver, rows) for driver, rows in measured if driver.newest_first or rows < _SMALL_DRIVER]
        return min(usable, key=lambda one: one[1], default=None)

    def _measured(self, driver: Driver) -> int:
        """How many rows the driver yields; about, when there are many."""
        counted = int(self._rows(count_of(driver, _SMALL_DRIVER))[0][0])
        if counted < _SMALL_DRIVER or not driver.newest_first:
            return counted
        return max(counted, estimated(self._ids(newest_of(driver, _PROBE)), _PROBE, self.highest).rows)

    # -- running

    def _newest(self, source: Source, conditions: tuple[Condition, ...], wanted: int) -> list[int]:
        """Ids of the newest titles of the source with all conditions.

        Conditions that look into the full-text index are decided for a range of ids at once; the ranges grow while
        they yield too little.
        """
        windowed = any(condition.windowed for condition in conditions)
        found: list[int] = []
        for first, last in self._windows() if windowed else ((1, self.highest),):
            prepared = newest_titles(source, conditions, first, last, wanted - len(found), windowed=windowed)
            found += self._ids(prepared)
            if len(found) >= wanted:
                break
        return found

    def _driven(self, driver: Driver, conditions: tuple[Condition, ...], wanted: int) -> list[int]:
        """Ids of the newest titles of a driver with all conditions.

        What has to be sorted first is few: the newest of it are asked by themselves, and others only if too few pass.
        """
        if driver.newest_first or (driver.titles_only and not conditions):
            return self._newest(from_driver(driver), conditions, wanted)
        ids = sorted(set(self._ids(Prepared(driver.sql, driver.parameters))), reverse=True)
        found: list[int] = []
        first, count = 0, wanted
        while first < len(ids) and len(found) < wanted:
            found += sorted(self._among(ids[first : first + count], conditions), reverse=True)
            first, count = first + count, count * _WINDOW_GROWTH
        return found[:wanted]

    def _among(self, ids: Sequence[int], conditions: tuple[Condition, ...]) -> list[int]:
        return read_in_parts(self.database, "content_search", ids, lambda some: self._ids(among(some, conditions)))

    def _windows(self) -> Iterator[tuple[int, int]]:
        last, width = self.highest, _FIRST_WINDOW
        while last > 0:
            first = max(1, last - width + 1)
            yield first, last
            last, width = first - 1, width * _WINDOW_GROWTH

    def _ids(self, prepared: Prepared) -> list[int]:
        return [int(row[0]) for row in self._rows(prepared)]

    def _rows(self, prepared: Prepared) -> list[Row]:
        if time.monotonic() > self.deadline:
            raise QueryTooSlowError("The search took too long and was stopped; add a word or a narrower filter.")
        return self.database.rows(Statement(prepared.sql), prepared.bindings)
