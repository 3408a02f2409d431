"""What coming into a view, or going out of it, makes of a title."""

from __future__ import annotations

from typing import Final

from offliniofs.domain.listing import Facet, FacetValue, Selection
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.views import View
from offliniofs.tree.writes import Enter, Leave, TitleChange

REMOVABLE: Final = frozenset({Facet.GENRE, Facet.COLLECTION, Facet.FAVOURITES})
"""Facets that a user may take away from a title: it stays a whole title without them."""

_GIVEN: Final = REMOVABLE | {Facet.YEAR}
_REPLACED: Final = frozenset({Facet.GENRE, Facet.COLLECTION})
_DERIVED: Final = {
    Facet.QUALITY: "the quality of its files decides",
    Facet.RECENT: "the time it was added decides",
    Facet.UNWATCHED: "watching it decides",
    Facet.SEARCH: "the search decides",
    Facet.SAVED: "the saved search decides",
}


def entering(target: View, source: Selection, *, copied: bool = False) -> tuple[TitleChange, ...] | Refused:
    """What a title becomes that comes into ``target`` from a view with the conditions ``source`` (none: a shelf).

    A condition of the same facet that the source had is replaced, every other one stays as it is: who drags a film
    from a genre to the favourites does not want it to lose the genre. ``copied``: nothing is taken away either.
    """
    changes: list[TitleChange] = []
    for value in target.selection:
        if value in source:
            continue
        if value.facet not in _GIVEN:
            why = _DERIVED[value.facet]
            return Refused(
                Refusal.NOT_PERMITTED, f"No title can be put into {value.facet.value}/: {why} what stands there."
            )
        if copied and value.facet is Facet.YEAR:
            return Refused(Refusal.NOT_PERMITTED, "A title has one year only; move it to another one instead.")
        if value.facet in _REPLACED and not copied:
            changes += [Leave(old) for old in source if old.facet is value.facet and old not in target.selection]
        changes.append(Enter(value))
    return tuple(dict.fromkeys(changes))


def leaving(view: View) -> Leave | Refused:
    """What a title loses that is taken out of a view: the condition that was nested last, if it can be lost."""
    value = view.selection[-1]
    if value.facet in REMOVABLE:
        return Leave(value)
    return Refused(
        Refusal.NOT_PERMITTED,
        f"Nothing can be removed in {_word(value)}: {_why_kept(value)}. Delete it where it stands, in movies/, series/,"
        " music/ or other/.",
    )


def _word(value: FacetValue) -> str:
    return f"{value.facet.value}/"


def _why_kept(value: FacetValue) -> str:
    return (
        "a title keeps its year until it is moved to another one"
        if value.facet is Facet.YEAR
        else _DERIVED[value.facet] + " what stands there"
    )
