"""What a view holds is added up when somebody asks how much that is, and not when he asks what could be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import pytest
import trio

from offliniofs.catalog.reader import Reader
from offliniofs.domain.listing import Facet, FacetValue, Selection, SelectionTotals
from offliniofs.fuse.details import NodeDetails
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.inodes import ViewNode, encode
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View

_T = TypeVar("_T")
_PREFIX = "user.offliniofs."
_NODE = encode(ViewNode(7))


@dataclass
class Library:
    """A catalogue and a tree with one view, counting how often it is added up."""

    shown: View | None
    counted: list[Selection] = field(default_factory=list)

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        await trio.lowlevel.checkpoint()
        return question(cast("Reader", self))

    def selection_totals(self, selection: Selection) -> SelectionTotals:
        self.counted.append(selection)
        return SelectionTotals(3, 4000)

    def query_of(self, value: FacetValue) -> str:
        return str(value.key)

    @property
    def contexts(self) -> Library:
        return self

    def view(self, context: int) -> View | None:
        return self.shown if context == 7 else None


@pytest.fixture
def library() -> Library:
    return Library(View((FacetValue(Facet.GENRE, 1), FacetValue(Facet.YEAR, 1999))))


def details_of(library: Library) -> NodeDetails:
    return NodeDetails(cast("Tree", library), cast("Catalogue", library), lambda _: {})


async def test_names_of_a_view_are_known_without_adding_up(library: Library) -> None:
    details = details_of(library)
    assert set(await details.names(_NODE)) == {_PREFIX + "count", _PREFIX + "bytes"}
    assert await details.value(_NODE, "user.DOSATTRIB") is None
    assert library.counted == []


async def test_values_of_a_view_are_added_up_once(library: Library) -> None:
    details = details_of(library)
    assert await details.value(_NODE, _PREFIX + "count") == b"3"
    assert await details.value(_NODE, _PREFIX + "bytes") == b"4000"
    assert set(await details.names(_NODE)) == {_PREFIX + "count", _PREFIX + "bytes"}
    assert len(library.counted) == 1
    details.forget()
    assert await details.value(_NODE, _PREFIX + "count") == b"3"
    assert len(library.counted) == 2


async def test_a_search_tells_its_query_too(library: Library) -> None:
    library.shown = View((FacetValue(Facet.SEARCH, "blade"),))
    details = details_of(library)
    assert _PREFIX + "query" in await details.names(_NODE)
    assert await details.value(_NODE, _PREFIX + "query") == b"blade"
