"""From inode numbers to places and the things in them."""

from __future__ import annotations

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree.inodes import (
    FILE_BASE,
    TRASH,
    Generated,
    Static,
    directory_base,
    generated_inode,
    staged_inode,
)
from offliniofs.tree.places import (
    FacetPlace,
    FixedItem,
    FixedPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    StagedItem,
    TrashedFile,
    TrashedPlace,
    TrashPlace,
    ValueItem,
    item_of,
    place_of,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.tree import Tree
from offliniofs.tree.views import View
from tests.unit.tree_places import (
    DRAMA,
    FILE,
    FILM,
    FILM_FOLDER,
    GONE,
    GONE_FILE,
    HEAT,
    MOVIES,
    SEASON,
    at,
    inside,
    listing,
)


def _kind(content_id: ContentId) -> ContentKind | None:
    return {7: ContentKind.MOVIE, 12: ContentKind.SEASON}.get(content_id)


@pytest.mark.parametrize(
    ("inode", "expected"),
    [
        (Static.MOVIES, MOVIES),
        (Static.BY_GENRE, listing(Facet.GENRE)),
        (Static.SAVED, listing(Facet.SAVED)),
        (Static.TRASH, TrashPlace()),
        (Static.INBOX, InboxPlace()),
        (Static.ROOT, FixedPlace()),
        (Static.STATE, FixedPlace()),
        (Static.README, Refusal.NOT_A_DIRECTORY),
        (staged_inode(5), InboxPlace()),
        (directory_base(0) | 7, FILM_FOLDER),
        (directory_base(TRASH) | 7, TrashedPlace(ContentId(7))),
        (directory_base(1 << 24 | 5), at(DRAMA)),
        (directory_base(1 << 24 | 5) | 7, inside(DRAMA)),
        (directory_base(0) | 8, Refusal.STALE),
        (directory_base(15 << 24 | 8), Refusal.STALE),
        (directory_base(15 << 24 | 8) | 7, Refusal.STALE),
        (FILE_BASE | 7, Refusal.NOT_A_DIRECTORY),
        (0, Refusal.STALE),
    ],
)
def test_places(inode: int, expected: Place | Refusal) -> None:
    place = place_of(Tree(), inode, _kind)
    assert place.refusal is expected if isinstance(place, Refused) else place == expected


def test_places_of_searches() -> None:
    tree = Tree()
    nested = View((DRAMA,), Facet.YEAR)
    assert place_of(tree, tree.view_inode(nested), _kind) == FacetPlace(Facet.YEAR, nested=True)
    bad = place_of(tree, tree.view_inode(View((FacetValue(Facet.SEARCH, "year:abc"),))), _kind)
    assert isinstance(bad, Refused)
    assert bad.refusal is Refusal.NOT_PERMITTED


@pytest.mark.parametrize(
    ("place", "inode", "expected"),
    [
        (MOVIES, directory_base(0) | 7, FILM),
        (FILM_FOLDER, directory_base(0) | 12, SEASON),
        (FILM_FOLDER, FILE_BASE | 70, FILE),
        (FILM_FOLDER, generated_inode(Generated.MOVIE_NFO, 7), PassingItem()),
        (at(HEAT), generated_inode(Generated.SUGGESTION, 15 << 24 | 1), FixedItem(folder=False)),
        (listing(Facet.GENRE), directory_base(1 << 24 | 5), ValueItem(DRAMA)),
        (FixedPlace(), directory_base(6 << 24), FixedItem(folder=True)),
        (at(DRAMA), Static.JELLYFIN_MARKER, PassingItem()),
        (FixedPlace(), Static.README, FixedItem(folder=False)),
        (FixedPlace(), Static.MOVIES, FixedItem(folder=True)),
        (TrashPlace(), directory_base(TRASH) | 20, GONE),
        (TrashPlace(), FILE_BASE | 90, GONE_FILE),
        (TrashedPlace(ContentId(20)), FILE_BASE | 91, TrashedFile(FileId(91), top=False)),
        (InboxPlace(), staged_inode(5), StagedItem()),
        (MOVIES, directory_base(0) | 99, Refusal.STALE),
        (MOVIES, directory_base(15 << 24 | 8), Refusal.STALE),
        (MOVIES, 0, Refusal.STALE),
    ],
)
def test_items(place: Place, inode: int, expected: Item | Refusal) -> None:
    item = item_of(Tree(), place, inode, _kind)
    assert item.refusal is expected if isinstance(item, Refused) else item == expected
