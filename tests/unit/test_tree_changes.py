"""What the kernel must forget after a change."""

from __future__ import annotations

import pytest

from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import ChangeRow, Facet, FacetValue
from offliniofs.tree.changes import InvalidateEntry, InvalidateInode, invalidations
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import Generated, Static, directory_base, file_inode, generated_inode
from offliniofs.tree.views import View


def contexts(*values: FacetValue) -> list[int]:
    registry = ContextRegistry()
    return [registry.context(View((value,))) for value in values]


DRAMA, ALIEN, SAVED = contexts(
    FacetValue(Facet.GENRE, 5), FacetValue(Facet.SEARCH, "alien"), FacetValue(Facet.SAVED, 3)
)
ALL = [DRAMA, ALIEN, SAVED]


def change(
    subject: str = "view",
    subject_id: int | None = None,
    directory_id: int | None = None,
    view: str | None = None,
    name: str | None = None,
    action: str = "changed",
) -> ChangeRow:
    directory = None if directory_id is None else ContentId(directory_id)
    return ChangeRow(1, subject, action, subject_id, directory, view, name)


def test_nothing_follows_from_nothing() -> None:
    assert invalidations([], ALL) == []


def test_any_change_touches_the_root_and_every_search() -> None:
    found = invalidations([change(view="library")], ALL)
    assert InvalidateInode(int(Static.README)) in found
    assert InvalidateInode(directory_base(ALIEN)) in found
    assert InvalidateInode(directory_base(SAVED)) in found
    assert InvalidateInode(directory_base(DRAMA)) not in found


def test_a_file_that_comes_into_a_folder_does_so_in_every_context() -> None:
    found = invalidations([change("file", 9, 7, name="Film.mkv")], ALL)
    for context in (0, *ALL):
        folder = directory_base(context) | 7
        assert InvalidateInode(folder) in found
        assert InvalidateEntry(folder, "Film.mkv") in found
        assert InvalidateEntry(folder, "Film.nfo") in found
    assert InvalidateInode(file_inode(9)) in found
    assert InvalidateInode(generated_inode(Generated.EPISODE_NFO, 9)) in found
    assert len(found) == len(set(found))


def test_the_users_nfo_replaces_the_generated_one() -> None:
    found = invalidations([change("file", 9, 7, name="Film.nfo")], [])
    assert InvalidateEntry(directory_base(0) | 7, "movie.nfo") in found
    assert InvalidateEntry(directory_base(0) | 7, "tvshow.nfo") in found


def test_an_edited_title_changes_its_folders_and_its_nfo() -> None:
    found = invalidations([change("content", 7)], ALL)
    assert {InvalidateInode(directory_base(context) | 7) for context in (0, *ALL)} <= set(found)
    assert InvalidateInode(generated_inode(Generated.MOVIE_NFO, 7)) in found


@pytest.mark.parametrize(
    "made",
    [
        change("content", 7, view="shelf:movies", name="Film", action="added"),
        change("content", 7, 6, name="Season 01", action="added"),
    ],
)
def test_of_a_new_folder_the_kernel_holds_nothing(made: ChangeRow) -> None:
    found = invalidations([change("file", 9, 7, name="Film.mkv", action="added"), made], ALL)
    assert not [each for each in found if isinstance(each, InvalidateEntry) and each.parent == directory_base(0) | 7]
    assert InvalidateInode(directory_base(0) | 7) not in found
    assert InvalidateInode(file_inode(9)) not in found


def test_a_title_that_only_comes_into_a_view_is_not_new() -> None:
    rows = [change("content", 7, view="genre:5", name="Film", action="added"), change("file", 9, 7, name="a.mkv")]
    assert InvalidateEntry(directory_base(ALIEN) | 7, "a.mkv") in invalidations(rows, ALL)


def test_a_folder_without_a_name() -> None:
    assert InvalidateInode(directory_base(0) | 7) in invalidations([change(directory_id=7)], [])


@pytest.mark.parametrize(
    ("view", "folder"),
    [
        ("shelf:movies", int(Static.MOVIES)),
        ("facet:by-genre", int(Static.BY_GENRE)),
        ("facet:saved", int(Static.SAVED)),
        ("saved", int(Static.SAVED)),
        ("genre:5", directory_base(DRAMA)),
        ("year:1999", directory_base(2 << 24 | 1999)),
        ("resolution:1080", directory_base(3 << 24 | 1080)),
        ("recent", directory_base(4 << 24)),
        ("collection:2", directory_base(7 << 24 | 2)),
        ("saved:3", directory_base(SAVED)),
    ],
)
def test_a_view_that_gains_or_loses_a_name(view: str, folder: int) -> None:
    found = invalidations([change(view=view, name="Alien (1979)")], ALL)
    assert InvalidateInode(folder) in found
    assert InvalidateEntry(folder, "Alien (1979)") in found


def test_a_title_that_comes_into_a_view_may_come_into_every_search() -> None:
    found = invalidations([change(view="genre:6", name="Alien (1979)")], ALL)
    assert InvalidateEntry(directory_base(ALIEN), "Alien (1979)") in found
    assert InvalidateEntry(directory_base(DRAMA), "Alien (1979)") not in found


@pytest.mark.parametrize("view", ["nonsense", "genre:x", "genre:", "genre:0", "year:99999999", ""])
def test_an_unknown_view_changes_nothing_of_its_own(view: str) -> None:
    assert invalidations([change(view=view)], []) == invalidations([change(view="library")], [])
