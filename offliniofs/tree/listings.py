"""Plans for the content of each kind of folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree import layout
from offliniofs.tree.inodes import (
    CANONICAL,
    FILE_BASE,
    TRASH,
    Generated,
    Static,
    directory_base,
    generated_inode,
    unnamed_base,
)
from offliniofs.tree.layout import ERROR_NAME, MARKER_CHILDREN, fixed_entries
from offliniofs.tree.plans import (
    ChildRows,
    Entry,
    FacetRows,
    FileRows,
    ListingPlan,
    NfoEntries,
    Refusal,
    Refused,
    SearchEntries,
    Section,
    ShelfRows,
    SuggestionEntry,
    TitleRows,
    TrashedChildRows,
    TrashedFileRows,
    TrashRows,
    section_cookie,
)
from offliniofs.tree.searches import query_refusal
from offliniofs.tree.unnamed import UnnamedRows, below, place_at
from offliniofs.tree.views import View, parse_view

_FIRST: Final = section_cookie(0)
_SECOND: Final = section_cookie(1)
_THIRD: Final = section_cookie(2)
_FOURTH: Final = section_cookie(3)
_MARKERS: Final = fixed_entries(MARKER_CHILDREN)


def _waiting(static: Static, cookie: int) -> tuple[Section, ...]:
    """What waits for its name in a folder that always exists."""
    found = place_at(static)
    return () if found is None else (UnnamedRows(cookie, found[0], unnamed_base(found[1])),)


_STATIC_LISTINGS: Final = {
    **{static: ListingPlan((fixed_entries(children),)) for static, children in layout.STATIC_CHILDREN.items()},
    **{
        static: ListingPlan((ShelfRows(_FIRST, shelf, directory_base(CANONICAL)), *_waiting(static, _SECOND)))
        for static, shelf in layout.SHELVES.items()
    },
    **{
        static: ListingPlan((_MARKERS, FacetRows(_SECOND, facet, View((), facet)), *_waiting(static, _THIRD)))
        for static, facet in layout.FACETS.items()
    },
    Static.SEARCH: ListingPlan((_MARKERS, SearchEntries(_SECOND))),
    Static.TRASH: ListingPlan((_MARKERS, TrashRows(_SECOND, directory_base(TRASH)))),
}

_RECENT_ENTRY: Final = 1 << 40
"""Keys of recent searches come after those of saved ones, whose ids have 24 bits."""


def of_static(static: Static) -> ListingPlan | Refused:
    """The content of a folder that always exists."""
    return _STATIC_LISTINGS.get(static) or Refused(Refusal.NOT_A_DIRECTORY)


def of_trashed(content_id: ContentId) -> ListingPlan:
    """The content of a deleted folder."""
    return ListingPlan(
        (TrashedChildRows(_FIRST, content_id, directory_base(TRASH)), TrashedFileRows(_SECOND, content_id))
    )


def of_folder(context: int, content_id: ContentId, height: int | None) -> ListingPlan:
    """The content of a title folder or of a folder below one."""
    return ListingPlan(
        (
            ChildRows(_FIRST, content_id, height, directory_base(context)),
            # before the files they are made of: "rm -r" removes in this order, and would not find them any more
            NfoEntries(_SECOND, content_id, height),
            FileRows(_THIRD, content_id, height, FILE_BASE),
            UnnamedRows(_FOURTH, below(content_id), unnamed_base(context)),
        )
    )


def of_view(context: int, view: View, *, bad: bool) -> ListingPlan:
    """The content of a view's folder; ``bad``: one of its queries cannot be read.

    Facets that could narrow it are not listed, so that who walks the tree meets each title a bounded number of times.
    """
    if bad:
        error = generated_inode(Generated.QUERY_ERROR, context)
        return ListingPlan((fixed_entries({**MARKER_CHILDREN, ERROR_NAME: error}),))
    if view.facet is Facet.SEARCH:
        return ListingPlan((_MARKERS,))
    if view.facet is not None:
        return ListingPlan((_MARKERS, FacetRows(_SECOND, view.facet, view)))
    sections: tuple[Section, ...] = (_MARKERS, TitleRows(_SECOND, view.selection, directory_base(context)))
    query = view.search
    if query is not None:
        sections = (*sections, SuggestionEntry(_THIRD, query, generated_inode(Generated.SUGGESTION, context)))
    return ListingPlan(sections)


def search_entries(
    saved: Iterable[tuple[int, str]],
    recent: Iterable[tuple[int, str]],
    cookie: int,
    view_inode: Callable[[View], int],
) -> list[Entry]:
    """The entries of ``search/``, cookies rising; see :meth:`Tree.search_entries`."""
    keyed = [(key, query) for key, query in sorted(saved)]
    keyed += [(_RECENT_ENTRY | key, query) for key, text in sorted(recent) if (query := _top_search(text)) is not None]
    entries: list[Entry] = []
    seen: set[str] = set()
    for key, query in keyed:
        if query not in seen and query_refusal(query) is None:
            seen.add(query)
            inode = view_inode(View((FacetValue(Facet.SEARCH, query),)))
            entries.append(Entry(cookie | key, query, inode))
    return entries


def _top_search(text: str) -> str | None:
    view = parse_view(text)
    return view.search if view is not None and len(view.selection) == 1 else None
