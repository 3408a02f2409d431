"""The registry of contexts: collisions, forgetting, and what comes back from the store."""

from __future__ import annotations

import pytest

from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree import contexts
from offliniofs.tree.contexts import ContextRegistry, text_hash
from offliniofs.tree.views import LIBRARY_KEY, MAX_VALUE, View, is_fleeting


def search(text: str) -> View:
    return View((FacetValue(Facet.SEARCH, text),))


def test_the_number_follows_from_the_text() -> None:
    one, other = ContextRegistry(), ContextRegistry()
    other.context(search("first"))
    assert one.context(search("blade runner")) == other.context(search("blade runner"))


@pytest.mark.parametrize("start", [7, MAX_VALUE])
def test_texts_with_one_hash_get_different_numbers(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    monkeypatch.setattr(contexts, "text_hash", lambda _text: start)
    registry = ContextRegistry()
    numbers = [registry.context(search(text)) for text in ("a", "b", "c")]
    assert len(set(numbers)) == 3
    assert [registry.view(number) for number in numbers] == [search("a"), search("b"), search("c")]
    assert [registry.context(search(text)) for text in ("a", "b", "c")] == numbers


def test_the_least_recently_used_is_forgotten() -> None:
    registry = ContextRegistry(2)
    first, second = registry.context(search("1")), registry.context(search("2"))
    assert registry.view(first) == search("1")
    registry.context(search("3"))
    assert registry.view(second) is None
    assert registry.stored_form(second) is None
    assert registry.context(search("2")) == second
    assert len(registry) == 2


def test_what_is_stored_comes_back() -> None:
    registry = ContextRegistry()
    nested = View((FacetValue(Facet.GENRE, 5), FacetValue(Facet.SEARCH, "a b")), Facet.YEAR)
    context = registry.context(nested)
    form = registry.stored_form(context)
    assert form is not None
    assert form[1] == "by-genre/5/search/a b/by-year"
    again = ContextRegistry()
    again.seed([form, form])
    assert again.view(context) == nested
    assert registry.stored_form(registry.context(View((FacetValue(Facet.YEAR, 1999),)))) is None


def test_what_cannot_be_understood_is_left_out() -> None:
    registry = ContextRegistry()
    registry.seed([(5, "nonsense/x"), (0, "search/a"), (MAX_VALUE + 1, "search/b"), (6, "by-year/1999"), (7, "search")])
    registry.seed([(8, "search/a"), (8, "search/b"), (9, "search/a"), (3, "by-genre/0"), (4, "by-genre/x"), (5, "")])
    assert len(registry) == 1


@pytest.mark.parametrize("capacity", [0, -1, MAX_VALUE])
def test_a_capacity_must_leave_numbers_free(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        ContextRegistry(capacity)


def test_a_hash_is_never_zero() -> None:
    assert all(0 < text_hash(str(number)) <= MAX_VALUE for number in range(1000))


def test_only_views_without_a_key_of_their_own_are_fleeting() -> None:
    registry = ContextRegistry()
    year = View((FacetValue(Facet.YEAR, 1999),))
    saved = View((FacetValue(Facet.SAVED, 1),))
    assert [is_fleeting(registry.context(view)) for view in (search("a"), saved, year)] == [True, True, False]
    assert [view.change_key for view in (search("a"), saved, year)] == [LIBRARY_KEY, LIBRARY_KEY, "year:1999"]
    assert View((FacetValue(Facet.RECENT),)).change_key == "recent"
