"""Facet views: the titles of a selection, the values of a facet, and how much a selection holds."""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeAlias

from offliniofs.catalog.connection import Database
from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.reader_listing import directories, first_directory, resolution_name
from offliniofs.catalog.selection import (
    IDS,
    INDEXED_ANY,
    INDEXED_PAGE,
    INDEXED_TOTALS,
    any_statement,
    indexed_remainder,
    indexed_selection,
    indexed_test,
    is_valued,
    named_statement,
    page_of_kind_statement,
    page_statement,
    test_of,
    totals_statement,
)
from offliniofs.catalog.statements import Bindings, Row, Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import (
    DirectoryRow,
    Facet,
    FacetRow,
    FacetValue,
    Selection,
    SelectionTotals,
    Shelf,
)

if TYPE_CHECKING:
    from offliniofs.query.compile import Condition, Parameter

NESTED_SEARCH_LIMIT = 1_000
"""How many of each search's best titles are looked at when there are several in one another."""

_SEARCHES_KEPT = 32
_SEARCH_SECONDS = 30.0
"""How long a search's answer is kept while the catalogue stands still: ``added:<1h`` changes with time alone."""

_YEAR = re.compile(r"[12]\d{3}")
_HEIGHT = re.compile(r"([1-9]\d{2,4})p")

VIEW_TIME = Statement("SELECT changed_ns FROM view_times WHERE view = ?")
VIEW_COUNT = Statement("SELECT titles FROM view_times WHERE view = ?")
VIEW_TOTALS = Statement("SELECT titles, total_size FROM view_times WHERE view = ?")
VIEWS_OF_FACET = Statement(
    "SELECT view, changed_ns FROM view_times WHERE view >= ? AND view < ? AND (titles > 0 OR kept = 1)"
)
GENRES_PAGE = Statement(
    """SELECT g.id, g.folder_name, v.changed_ns FROM genres g CROSS JOIN view_times v ON v.view = 'genre:' || g.id
    WHERE g.id > ? AND (v.titles > 0 OR v.kept = 1) ORDER BY g.id LIMIT ?"""
)
COLLECTIONS_PAGE = Statement(
    """SELECT g.id, g.folder_name, coalesce(v.changed_ns, g.created_ns)
    FROM collections g LEFT JOIN view_times v ON v.view = 'collection:' || g.id
    WHERE g.id > ? ORDER BY g.id LIMIT ?"""
)
SAVED_PAGE = Statement("SELECT id, name, changed_ns FROM saved_searches WHERE id > ? ORDER BY id LIMIT ?")
GENRE_NAMED = Statement("SELECT id FROM genres WHERE folder_name = ?")
COLLECTION_NAMED = Statement("SELECT id FROM collections WHERE folder_name = ?")
SAVED_BY_NAME = Statement("SELECT id FROM saved_searches WHERE name = ?")
SAVED_QUERY = Statement("SELECT query FROM saved_searches WHERE id = ?")


@dataclass(frozen=True, slots=True)
class ViewLimits:
    """How many titles a search folder (the best) and ``recent`` (the newest) show."""

    search_titles: int = 200
    recent_titles: int = 200


_Asked: TypeAlias = "tuple[str, int, tuple[Condition, ...]]"


class TitleSearch(Protocol):
    """Finds titles by a query in the search language, best first."""

    def __call__(
        self, database: Database, text: str, limit: int, conditions: Sequence[Condition] = ()
    ) -> Sequence[int]:
        """Ids of at most ``limit`` titles for which all conditions hold too. Raises ``QuerySyntaxError``."""
        ...


class SelectionReader(ReaderBase):
    """Questions about selections. All pages are by key: greater than ``after``, in order, ``limit`` at most."""

    __slots__ = ("_answers", "_limits", "_search", "_totals", "_version")

    def __init__(self, database: Database, search: TitleSearch, limits: ViewLimits) -> None:
        super().__init__(database)
        self._limits = limits
        self._search = search
        self._answers: OrderedDict[_Asked, tuple[float, list[int]]] = OrderedDict()
        self._totals: dict[Selection, SelectionTotals] = {}
        self._version = -1

    def titles_page(self, selection: Selection, after: int, limit: int) -> list[DirectoryRow]:
        """Titles of a selection by id, under the name they have in facet views.

        Raises ``QuerySyntaxError`` for a search that cannot be read, ``NotFoundError`` for a saved one that is gone.
        """
        indexed = indexed_selection(selection)
        if indexed is not None:
            return directories(self._database.rows(INDEXED_PAGE, (indexed, after, limit)))
        driver, tests, values = self._plan(selection)
        bindings = (*_with_after(driver, values, after), limit)
        return directories(self._database.rows(page_statement(driver, tests), bindings))

    def titles_of_kind_page(
        self, kind: ContentKind, selection: Selection, after: int, limit: int
    ) -> list[DirectoryRow]:
        """As :meth:`titles_page`, of one kind."""
        indexed = indexed_selection(selection, kind)
        if indexed is not None:
            return directories(self._database.rows(INDEXED_PAGE, (indexed, after, limit)))
        driver, tests, values = self._plan(selection)
        bindings = (*_with_after(driver, values, after), kind.value, limit)
        return directories(self._database.rows(page_of_kind_statement(driver, tests), bindings))

    def title_named(self, selection: Selection, name: str) -> DirectoryRow | None:
        """The title folder of that name, if the selection holds it. Raises as :meth:`titles_page`."""
        tests = tuple(_shape(part.facet) for part in selection)
        values = self._values(selection)
        return first_directory(self._database.rows(named_statement(tests), (name, *values)))

    def facet_page(self, facet: Facet, selection: Selection, after: int, limit: int) -> list[FacetRow]:
        """Values of a facet that have titles in the selection, by their key (of a year, the year; of a quality, the
        height). Searches have no order and so no page: see ``saved_searches`` and ``recent_views``."""
        rows: list[FacetRow] = []
        for row in self._facet_rows(facet, after, limit if not selection else 1 << 24):
            if len(rows) == limit:
                break
            if not selection or self._has_titles((*selection, row.value)):
                rows.append(row)
        return rows

    def facet_named(self, facet: Facet, name: str) -> FacetRow | None:
        """The value of a facet that has that folder name. Any text names a search."""
        match facet:
            case Facet.SEARCH:
                return FacetRow(FacetValue(facet, name), name, self.view_changed_ns("library"))
            case Facet.YEAR:
                return self.facet_value(FacetValue(facet, int(name))) if _YEAR.fullmatch(name) else None
            case Facet.QUALITY:
                matched = _HEIGHT.fullmatch(name)
                return self.facet_value(FacetValue(facet, int(matched[1]))) if matched else None
            case Facet.GENRE | Facet.COLLECTION | Facet.SAVED:
                statement = {
                    Facet.GENRE: GENRE_NAMED,
                    Facet.COLLECTION: COLLECTION_NAMED,
                    Facet.SAVED: SAVED_BY_NAME,
                }[facet]
                found = self._database.row(statement, (name,))
                return self.facet_value(FacetValue(facet, int(found[0]))) if found else None
            case _:
                return None

    def facet_value(self, value: FacetValue) -> FacetRow | None:
        """A facet's value by its key, while it has titles (a collection and a saved search: while it exists)."""
        if value.facet is Facet.SEARCH:
            return self.facet_named(value.facet, str(value.key))
        if not isinstance(value.key, int):
            return None
        for row in self._facet_rows(value.facet, value.key - 1, 1):
            if row.value == value:
                return row
        return None

    def view_changed_ns(self, key: str) -> int:
        """When a view's listing last changed; 0 for one that never did. ``library``: when any title last changed."""
        return self._database.value(VIEW_TIME, (key,))

    def selection_totals(self, selection: Selection) -> SelectionTotals:
        """Number of titles and bytes of all their files. Raises as :meth:`titles_page`."""
        if not selection:
            keys = [shelf_key(shelf) for shelf in Shelf]
            totals = [self._database.row(VIEW_TOTALS, (key,)) or (0, 0) for key in keys]
            return SelectionTotals(sum(row[0] for row in totals), sum(row[1] for row in totals))
        key = view_key(selection[0]) if len(selection) == 1 else None
        if key is not None:
            titles, size = self._database.row(VIEW_TOTALS, (key,)) or (0, 0)
            return SelectionTotals(titles, size)
        indexed = self._indexed_totals(selection)
        if indexed is not None:
            return indexed
        driver, tests, values = self._plan(selection)
        titles, size = self._database.rows(totals_statement(driver, tests), values)[0]
        return SelectionTotals(titles, size or 0)

    def _indexed_totals(self, selection: Selection) -> SelectionTotals | None:
        """Totals of conditions that the full-text index knows, else ``None``; kept until something changes.

        Looking up sizes is what costs time. Where most titles of the smallest condition probably pass the others too,
        they are therefore what it holds in all, less those that do not.
        """
        smallest, *others = sorted(selection, key=self._weight)
        indexed, remainder = indexed_selection(selection), indexed_remainder(smallest, others)
        if indexed is None or remainder is None:
            return None
        self._forget_what_changed()
        if selection not in self._totals:
            with self._database.snapshot():
                share = math.prod(self._weight(other) for other in others) / max(1, self._titles()) ** len(others)
                found = self._summed(indexed if share <= 0.5 else remainder)
                if share > 0.5:
                    known = self._database.row(VIEW_TOTALS, (view_key(smallest),)) or (0, 0)
                    found = SelectionTotals(known[0] - found.titles, known[1] - found.total_bytes)
            if len(self._totals) >= _SEARCHES_KEPT:
                self._totals.clear()
            self._totals[selection] = found
        return self._totals[selection]

    def _summed(self, indexed: str) -> SelectionTotals:
        titles, size = self._database.rows(INDEXED_TOTALS, (indexed,))[0]
        return SelectionTotals(titles, size or 0)

    def _titles(self) -> int:
        return sum(self._database.value(VIEW_COUNT, (shelf_key(shelf),)) for shelf in Shelf)

    def shelf_totals(self, shelf: Shelf) -> SelectionTotals:
        """Number of titles on a shelf (in ``music``: albums) and bytes of all their files."""
        titles, size = self._database.row(VIEW_TOTALS, (shelf_key(shelf),)) or (0, 0)
        return SelectionTotals(titles, size)

    def query_of(self, value: FacetValue) -> str:
        """The text of a search or saved search. Raises ``NotFoundError`` for a saved one that is gone."""
        if value.facet is Facet.SEARCH:
            return str(value.key)
        found = self._database.row(SAVED_QUERY, (value.key,))
        if found is None:
            raise NotFoundError(f"There is no saved search {value.key}; 'ls saved' lists those that exist.")
        return str(found[0])

    def searched(self, text: str, limit: int, conditions: tuple[Condition, ...] = ()) -> list[int]:
        """Ids of the best ``limit`` titles for a query, in order of id; the answer is kept until something changes."""
        self._forget_what_changed()
        asked = (text, limit, conditions)
        kept = self._answers.get(asked)
        if kept is not None and monotonic() - kept[0] < _SEARCH_SECONDS:
            self._answers.move_to_end(asked)
            return kept[1]
        found = sorted(self._search(self._database, text, limit, conditions))
        self._answers[asked] = (monotonic(), found)
        while len(self._answers) > _SEARCHES_KEPT:
            self._answers.popitem(last=False)
        return found

    def _forget_what_changed(self) -> None:
        # not data_version: entering a search folder writes that down, and would make its own listing search again
        version = self.view_changed_ns("library")
        if version != self._version:
            self._answers.clear()
            self._totals.clear()
            self._version = version

    def _plan(self, selection: Selection) -> tuple[Facet | None, tuple[Facet, ...], Bindings]:
        """The driver, the tests, and what they bind, driver first."""
        if not selection:
            return None, (), ()
        ordered = sorted(selection, key=self._weight) if len(selection) > 1 else selection
        shapes = [_shape(part.facet) for part in ordered]
        return shapes[0], tuple(shapes[1:]), self._values(ordered)

    def _weight(self, part: FacetValue) -> int:
        """About how many titles a condition lets through: the fewest drive."""
        key = view_key(part)
        if key is None:
            return 0 if _shape(part.facet) is IDS else self._limits.recent_titles
        return self._database.value(VIEW_COUNT, (key,))

    def _values(self, selection: Sequence[FacetValue]) -> Bindings:
        """What the conditions bind, in their order. A search looks only among the titles the others let through."""
        from offliniofs.query.compile import Condition

        searches = sum(_shape(part.facet) is IDS for part in selection)
        limit = self._limits.search_titles if searches == 1 else NESTED_SEARCH_LIMIT
        others = tuple(
            Condition(test_of(part.facet), self._bound(part), indexed=indexed_test(part))
            for part in selection
            if _shape(part.facet) is not IDS
        )
        values: list[object] = []
        for part in selection:
            if _shape(part.facet) is IDS:
                values.append(json.dumps(self.searched(self.query_of(part), limit, others)))
            else:
                values += self._bound(part)
        return tuple(values)

    def _bound(self, part: FacetValue) -> tuple[Parameter, ...]:
        """What a condition binds that is no search."""
        match part.facet:
            case Facet.QUALITY:
                return (f"{part.key}p",)
            case Facet.RECENT:
                return (self._limits.recent_titles,)
            case _:
                return (part.key or 0,) if is_valued(part.facet) else ()

    def _has_titles(self, selection: Selection) -> bool:
        indexed = indexed_selection(selection)
        if indexed is not None:
            return bool(self._database.rows(INDEXED_ANY, (indexed,)))
        driver, tests, values = self._plan(selection)
        return bool(self._database.rows(any_statement(driver, tests), values))

    def _facet_rows(self, facet: Facet, after: int, limit: int) -> list[FacetRow]:
        match facet:
            case Facet.GENRE:
                return _named_rows(facet, self._database.rows(GENRES_PAGE, (after, limit)))
            case Facet.COLLECTION:
                return _named_rows(facet, self._database.rows(COLLECTIONS_PAGE, (after, limit)))
            case Facet.SAVED:
                changed = self.view_changed_ns("library")
                rows = self._database.rows(SAVED_PAGE, (after, limit))
                return _named_rows(facet, [(key, name, max(changed, saved_ns)) for key, name, saved_ns in rows])
            case Facet.YEAR | Facet.QUALITY:
                return self._numbered_rows(facet, after, limit)
            case Facet.SEARCH:
                return []
            case _:
                raise UsageError(f"{facet} has no values; it lists titles at once.")

    def _numbered_rows(self, facet: Facet, after: int, limit: int) -> list[FacetRow]:
        """Years and resolutions: there are so few that the page is cut here, in the order of the numbers."""
        prefix = "year:" if facet is Facet.YEAR else "resolution:"
        rows = self._database.rows(VIEWS_OF_FACET, (prefix, prefix[:-1] + ";"))
        numbered = sorted((int(view[len(prefix) :]), changed) for view, changed in rows)
        chosen = [(number, changed) for number, changed in numbered if number > after][:limit]
        name = str if facet is Facet.YEAR else resolution_name
        return [FacetRow(FacetValue(facet, number), name(number), changed) for number, changed in chosen]


def view_key(value: FacetValue) -> str | None:
    """The key in ``view_times`` under which a condition's titles are counted, ``None`` where they are not."""
    match value.facet:
        case Facet.GENRE:
            return f"genre:{value.key}"
        case Facet.YEAR:
            return f"year:{value.key}"
        case Facet.QUALITY:
            return f"resolution:{value.key}"
        case Facet.COLLECTION:
            return f"collection:{value.key}"
        case Facet.UNWATCHED | Facet.FAVOURITES:
            return value.facet.value
        case _:
            return None


def shelf_key(shelf: Shelf) -> str:
    """The key in ``view_times`` of a shelf."""
    return f"shelf:{shelf.value}"


def _with_after(driver: Facet | None, values: Bindings, after: int) -> Bindings:
    """The id to start after stands behind the driver's value, if it binds one."""
    split = 1 if driver is not None and is_valued(driver) else 0
    return (*values[:split], after, *values[split:])


def _shape(facet: Facet) -> Facet:
    return IDS if facet is Facet.SAVED else facet


def _named_rows(facet: Facet, rows: list[Row]) -> list[FacetRow]:
    return [FacetRow(FacetValue(facet, ContentId(key)), name, changed) for key, name, changed in rows]
