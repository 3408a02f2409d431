"""What may be changed through names."""

from __future__ import annotations

import pytest

from offliniofs.tree.inodes import FILE_BASE, Static, directory_base
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.tree import Tree
from offliniofs.tree.writes import (
    ForgetSearch,
    RenameSearch,
    SaveSearch,
    change_refusal,
    make_folder,
    remove_folder,
    rename,
)

SAVED, SEARCH, MOVIES, ROOT = (int(static) for static in (Static.SAVED, Static.SEARCH, Static.MOVIES, Static.ROOT))
ACTION = directory_base(1 << 24 | 5)


def test_making_a_folder_saves_a_search() -> None:
    assert make_folder(Tree(), SAVED, b"genre:western") == SaveSearch("genre:western", "genre:western")


@pytest.mark.parametrize(
    ("parent", "name", "refusal"),
    [
        (SAVED, b"year:abc", Refusal.INVALID),
        (SAVED, b"\xff", Refusal.INVALID),
        (SAVED, b".Trash-1000", Refusal.NOT_PERMITTED),
        (SAVED, b"x" * 256, Refusal.NAME_TOO_LONG),
        (SEARCH, b"alien", Refusal.EXISTS),
        (SEARCH, b".Trash-1000", Refusal.NOT_PERMITTED),
        (SEARCH, b"\xff", Refusal.NOT_PERMITTED),
        (ACTION, b"x", Refusal.NOT_PERMITTED),
        (MOVIES, b"x", Refusal.READ_ONLY),
        (ROOT, b".Trash-1000", Refusal.READ_ONLY),
        (directory_base(0) | 7, b"x", Refusal.READ_ONLY),
        (FILE_BASE | 7, b"x", Refusal.NOT_A_DIRECTORY),
        (0, b"x", Refusal.STALE),
    ],
)
def test_what_cannot_be_made(parent: int, name: bytes, refusal: Refusal) -> None:
    assert make_folder(Tree(), parent, name) == Refused(refusal)


def test_a_nested_search_exists_too() -> None:
    tree = Tree()
    view = tree.node_view(ACTION)
    assert view is not None
    inner = view.nested("search")
    assert inner is not None
    assert make_folder(tree, tree.view_inode(inner), b"alien") == Refused(Refusal.EXISTS)


def test_removing_a_folder_forgets_a_saved_search() -> None:
    assert remove_folder(SAVED, b"Westerns") == ForgetSearch("Westerns")
    assert remove_folder(SAVED, b".nomedia") == Refused(Refusal.NOT_A_DIRECTORY)
    assert remove_folder(SAVED, b"\xff") == Refused(Refusal.NOT_FOUND)
    assert remove_folder(SEARCH, b"alien") == Refused(Refusal.NOT_PERMITTED)
    assert remove_folder(MOVIES, b"Alien (1979)") == Refused(Refusal.READ_ONLY)


def test_renaming_a_saved_search() -> None:
    assert rename(SAVED, b"genre:western", SAVED, b"Westerns: all") == RenameSearch("genre:western", "Westerns: all")
    assert rename(SAVED, b"a", SAVED, b".b") == Refused(Refusal.NOT_PERMITTED)
    assert rename(SAVED, b"a", SAVED, b"\xff") == Refused(Refusal.INVALID)
    assert rename(SAVED, b"\xff", SAVED, b"a") == Refused(Refusal.NOT_FOUND)
    assert rename(SAVED, b".ignore", SAVED, b"a") == Refused(Refusal.NOT_PERMITTED)
    assert rename(SEARCH, b"a", SAVED, b"a") == Refused(Refusal.NOT_PERMITTED)
    assert rename(SAVED, b"a", MOVIES, b"a") == Refused(Refusal.READ_ONLY)


def test_every_other_change_says_why_not() -> None:
    assert change_refusal(SAVED) is Refusal.NOT_PERMITTED
    assert change_refusal(ACTION | 7) is Refusal.READ_ONLY
