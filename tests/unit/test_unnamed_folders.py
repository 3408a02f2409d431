"""Folders that a file manager makes before its user types a name: which they are, and what becomes of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree.inodes import CANONICAL, TRASH, Static, directory_base
from offliniofs.tree.makings import link, make_folder
from offliniofs.tree.moves import move
from offliniofs.tree.places import (
    FacetPlace,
    FileItem,
    FolderPlace,
    Place,
    ShelfPlace,
    TitleItem,
    TrashPlace,
    UnnamedItem,
    UnnamedPlace,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.removals import remove_file, remove_folder
from offliniofs.tree.unnamed import in_context, inode_of, is_unnamed, place_at
from offliniofs.tree.views import View
from offliniofs.tree.writes import (
    ForgetUnnamed,
    MakeArtist,
    MakeFolder,
    MakeUnnamed,
    MakeValue,
    NameUnnamed,
    Nothing,
    SaveSearch,
    WritePlan,
)
from tests.unit.catalog_library import Library, film, media

DRAMA = View((FacetValue(Facet.GENRE, 5),))
FILM = FolderPlace(ContentId(7), ContentKind.MOVIE, None)
FILM_IN_A_VIEW = FolderPlace(ContentId(7), ContentKind.MOVIE, DRAMA)
SHOW = FolderPlace(ContentId(9), ContentKind.SERIES, None)
GENRES, YEARS = FacetPlace(Facet.GENRE, nested=False), FacetPlace(Facet.YEAR, nested=False)
COLLECTIONS, SAVED = FacetPlace(Facet.COLLECTION, nested=False), FacetPlace(Facet.SAVED, nested=False)
MUSIC = ShelfPlace(Shelf.MUSIC)
WAITING = UnnamedItem(3)


@pytest.mark.parametrize(
    "name",
    [
        "New folder",
        "New Folder",
        "New folder (2)",
        "new folder (1234)",
        "untitled folder",
        "untitled folder 2",
        "Neuer Ordner (3)",
        "Nouveau dossier",
        "新しいフォルダー (2)",
        "名称未設定フォルダ 2",
        unicodedata.normalize("NFD", "carpeta sin título 7"),
    ],
)
def test_names_that_nobody_means(name: str) -> None:
    assert is_unnamed(name)


@pytest.mark.parametrize("name", ["New", "New folders", "New folder (x)", "A new folder", "(2)", "", "Western", "1999"])
def test_names_that_somebody_may_mean(name: str) -> None:
    assert not is_unnamed(name)


@pytest.mark.parametrize("static", [Static.BY_GENRE, Static.BY_YEAR, Static.COLLECTIONS, Static.SAVED, Static.MUSIC])
def test_places_are_folders_of_the_mount(static: Static) -> None:
    found = place_at(static)
    assert found is not None
    assert inode_of(*found) == static


@pytest.mark.parametrize("context", [CANONICAL, 77])
def test_places_below_titles_are_told_by_their_context(context: int) -> None:
    inode = directory_base(context) | 7
    assert place_at(inode) == ("content:7", context)
    assert inode_of("content:7", context) == inode
    assert in_context(directory_base(CANONICAL) | 7, context) == inode
    assert in_context(directory_base(77), context) == directory_base(77)


@pytest.mark.parametrize("inode", [Static.MOVIES, Static.SEARCH, Static.ROOT, directory_base(TRASH) | 7, 1 << 62, -1])
def test_elsewhere_nothing_waits(inode: int) -> None:
    assert place_at(inode) is None


MADE: list[tuple[Place, str, bytes, WritePlan]] = [
    (GENRES, "facet:by-genre", b"Western", MakeValue(Facet.GENRE, "Western")),
    (YEARS, "facet:by-year", b"1984", MakeValue(Facet.YEAR, "1984")),
    (COLLECTIONS, "facet:collections", b"Noir", MakeValue(Facet.COLLECTION, "Noir")),
    (SAVED, "saved", b"genre:drama", SaveSearch("genre:drama", "genre:drama")),
    (MUSIC, "shelf:music", b"Miles Davis", MakeArtist("Miles Davis")),
    (FILM, "content:7", b"extras", MakeFolder(ContentId(7), "extras", None)),
    (FILM_IN_A_VIEW, "content:7", b"extras", MakeFolder(ContentId(7), "extras", None)),
    (SHOW, "content:9", b"Season 03", MakeFolder(ContentId(9), "Season 03", 3)),
    (SHOW, "content:9", b"New folder (2)", MakeUnnamed("content:9", "New folder (2)")),
]


@pytest.mark.parametrize(("place", "key", "name", "made"), MADE)
def test_a_name_makes_what_mkdir_makes(place: Place, key: str, name: bytes, made: WritePlan) -> None:
    assert make_folder(place, b"New folder") == MakeUnnamed(key, "New folder")
    assert make_folder(place, name) == made
    assert move(place, WAITING, b"New folder", place, name) == NameUnnamed(3, make_folder(place, name))  # type: ignore[arg-type]
    assert move(place, WAITING, b"New folder", place, b"New folder", WAITING) == Nothing()
    assert remove_folder(place, WAITING) == ForgetUnnamed(3)
    assert move(place, WAITING, b"New folder", TrashPlace(), b"New folder") == ForgetUnnamed(3)


@pytest.mark.parametrize("place", [FILM, FILM_IN_A_VIEW, YEARS, SAVED, GENRES])
def test_a_name_without_a_meaning_is_refused_as_by_mkdir(place: Place) -> None:
    plain = place._replace(view=None) if isinstance(place, FolderPlace) else place
    for name in (b"desktop.ini", b"\xff"):
        refused = make_folder(plain, name)
        assert isinstance(refused, Refused)
        assert move(place, WAITING, b"New folder", place, name) == refused


@pytest.mark.parametrize(
    "place",
    [
        ShelfPlace(Shelf.MOVIES),
        FacetPlace(Facet.GENRE, nested=True),
        FacetPlace(Facet.QUALITY, nested=False),
        FacetPlace(Facet.SEARCH, nested=False),
        FolderPlace(ContentId(13), ContentKind.ARTIST, None),
        UnnamedPlace(),
        TrashPlace(),
    ],
)
def test_where_no_name_makes_anything_nothing_waits_for_one(place: Place) -> None:
    assert isinstance(make_folder(place, b"New folder"), Refused)


def test_where_any_name_will_do_this_is_one() -> None:
    made = make_folder(FolderPlace(ContentId(7), ContentKind.OTHER, None), b"New folder")
    assert made == MakeFolder(ContentId(7), "New folder", None)


def test_nothing_comes_into_it_and_it_goes_nowhere() -> None:
    film, file = TitleItem(ContentId(8), ContentKind.MOVIE), FileItem(FileId(70))
    plans = [
        move(ViewPlace(DRAMA), film, b"Heat (1995)", UnnamedPlace(), b"Heat (1995)"),
        move(FILM, file, b"a.mkv", UnnamedPlace(), b"a.mkv"),
        move(GENRES, WAITING, b"New folder", COLLECTIONS, b"Noir"),
        link(file, UnnamedPlace(), b"a.mkv"),
        make_folder(UnnamedPlace(), b"extras"),
    ]
    for plan in plans:
        assert isinstance(plan, Refused)
        assert "rename it first" in plan.reason
    taken = move(GENRES, WAITING, b"New folder", GENRES, b"Drama", film)
    assert isinstance(taken, Refused)
    assert taken.refusal is Refusal.NOT_EMPTY
    assert isinstance(remove_file(GENRES, WAITING), Refused)


# --- in the catalogue -------------------------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "catalog.sqlite")
    yield made
    assert made.findings() == []
    made.close()


def test_one_is_kept_until_it_goes_and_is_no_step(library: Library) -> None:
    folder = library.file(media(film("Heat", 1995)))[0].title_id
    before, steps = library.reader.directory(folder), len(library.reader.history(limit=99))
    assert before is not None
    for place in (f"content:{folder}", "saved"):
        library.writer.make_unnamed(place, "New folder")
        (row,) = library.reader.unnamed_in(place)
        assert (row.place, row.name) == (place, "New folder")
        assert library.reader.unnamed(row.number) == row
        with pytest.raises(UsageError, match="already"):
            library.writer.make_unnamed(place, "New folder")
        library.writer.forget_unnamed(row.number)
        library.writer.forget_unnamed(row.number)
        assert library.reader.unnamed_in(place) == []
        assert library.reader.unnamed(row.number) is None
    assert len(library.reader.history(limit=99)) == steps
    after = library.reader.directory(folder)
    assert after is not None
    assert after.modified_ns > before.modified_ns


def test_one_that_got_its_name_is_known_as_what_it_became(library: Library) -> None:
    library.writer.make_unnamed("saved", "New folder")
    library.writer.make_unnamed("saved", "New folder (2)")
    first, second = library.reader.unnamed_in("saved")
    with pytest.raises(UsageError, match="already"):
        library.writer.rename_unnamed(second.number, "New folder")
    library.writer.rename_unnamed(second.number, "New folder (3)")
    assert library.reader.unnamed_in("saved") == [first, second._replace(name="New folder (3)")]
    library.writer.name_unnamed(second.number, 77)
    assert library.reader.unnamed_in("saved") == [first]
    row = library.reader.unnamed(second.number)
    assert row is not None
    assert row.became == 77
    with pytest.raises(NotFoundError):
        library.writer.name_unnamed(second.number, 78)
    with pytest.raises(NotFoundError):
        library.writer.rename_unnamed(second.number, "New folder (4)")
    library.writer.make_unnamed("saved", "New folder (3)")
    with library.writer.together():
        for number in range(1000):
            library.writer.make_unnamed("facet:by-genre", "New folder")
            library.writer.name_unnamed(second.number + 2 + number, 80)
    assert library.reader.unnamed(second.number) is None
    assert library.writer.forget_unnamed_before(2**62, 5000) == 1002


def test_those_that_waited_too_long_go(library: Library) -> None:
    for number in range(5):
        library.writer.make_unnamed("saved", f"New folder ({number})")
    rows = library.reader.unnamed_in("saved")
    assert library.writer.forget_unnamed_before(rows[3].made_ns, 2) == 2
    assert library.writer.forget_unnamed_before(rows[3].made_ns, 2) == 1
    assert library.writer.forget_unnamed_before(rows[3].made_ns, 2) == 0
    assert library.reader.unnamed_in("saved") == rows[3:]


def test_not_too_many_wait(library: Library) -> None:
    with library.writer.together():
        for number in range(1000):
            library.writer.make_unnamed("saved", f"New folder ({number})")
    with pytest.raises(UsageError, match="waiting"):
        library.writer.make_unnamed("facet:by-genre", "New folder")
