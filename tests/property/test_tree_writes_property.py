"""Whatever is moved, made or removed anywhere: the plan is carried out, or refused with a reason."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree import given as names
from offliniofs.tree.alike import first_alike, titles_in
from offliniofs.tree.makings import link, make_folder
from offliniofs.tree.moves import move
from offliniofs.tree.names import split_extension
from offliniofs.tree.places import (
    FOLDERS,
    BranchItem,
    FacetPlace,
    FileItem,
    FixedItem,
    FixedPlace,
    FolderPlace,
    InboxPlace,
    Item,
    PassingItem,
    Place,
    ShelfPlace,
    StagedItem,
    TitleItem,
    TrashedFile,
    TrashedFolder,
    TrashedPlace,
    TrashPlace,
    UnnamedItem,
    UnnamedPlace,
    ValueItem,
    ViewPlace,
)
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.removals import remove_file, remove_folder
from offliniofs.tree.text import component, folded
from offliniofs.tree.views import View
from offliniofs.tree.writes import MoveFile, Purge, RemoveEmptied, TrashFile, TrashTitle, WritePlan
from tests.adapters.memory_catalogue import MemoryCatalogue
from tests.adapters.memory_edits import MemoryEdits

TITLES = {
    ContentId(1): ContentKind.MOVIE,
    ContentId(2): ContentKind.SERIES,
    ContentId(3): ContentKind.ALBUM,
    ContentId(4): ContentKind.OTHER,
    ContentId(5): ContentKind.MOVIE,
}
BRANCHES = {ContentId(6): ContentKind.SEASON, ContentId(7): ContentKind.ARTIST, ContentId(8): ContentKind.FOLDER}
KEYS: dict[Facet, list[int | str | None]] = {
    Facet.GENRE: [1, 2],
    Facet.YEAR: [1999, 1950],
    Facet.QUALITY: [1080],
    Facet.RECENT: [None],
    Facet.UNWATCHED: [None],
    Facet.FAVOURITES: [None],
    Facet.COLLECTION: [1, 2],
    Facet.SEARCH: ["heat"],
    Facet.SAVED: [1],
}
VALUES = [FacetValue(facet, key) for facet, keys in KEYS.items() for key in keys]
VIEWS = st.lists(st.sampled_from(VALUES), min_size=1, max_size=3, unique=True).map(lambda found: View(tuple(found)))
FOLDER_KINDS = {**TITLES, **BRANCHES}
FILE_IDS = st.sampled_from([FileId(number) for number in range(10, 15)])
PLACES: st.SearchStrategy[Place] = st.one_of(
    st.builds(ShelfPlace, st.sampled_from(Shelf)),
    st.builds(
        lambda key, view: FolderPlace(key, FOLDER_KINDS[key], view),
        st.sampled_from(list(FOLDER_KINDS)),
        st.none() | VIEWS,
    ),
    st.builds(ViewPlace, VIEWS),
    st.builds(
        FacetPlace,
        st.sampled_from([Facet.GENRE, Facet.YEAR, Facet.QUALITY, Facet.COLLECTION, Facet.SEARCH, Facet.SAVED]),
        st.booleans(),
    ),
    st.builds(TrashPlace),
    st.builds(TrashedPlace, st.sampled_from(list(TITLES))),
    st.builds(InboxPlace),
    st.builds(UnnamedPlace),
    st.builds(FixedPlace),
)
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.sampled_from(list(TITLES)).map(lambda key: TitleItem(key, TITLES[key])),
    st.sampled_from(list(BRANCHES)).map(lambda key: BranchItem(key, BRANCHES[key])),
    st.builds(FileItem, FILE_IDS),
    st.builds(TrashedFolder, st.sampled_from(list(TITLES)), st.booleans()),
    st.builds(TrashedFile, FILE_IDS, st.booleans()),
    st.builds(ValueItem, st.sampled_from(VALUES)),
    st.builds(UnnamedItem, st.just(1)),
    st.builds(PassingItem),
    st.builds(FixedItem, st.booleans()),
    st.builds(StagedItem),
)
SOME = [
    b"Heat (1995)",
    b"Heat",
    b"Title 1",
    b"a.mkv",
    b"b.mkv",
    b"movie.nfo",
    b"Drama",
    b"1999",
    b"genre:crime",
    b"New folder",
    b"Neuer Ordner (2)",
    b"extras",
    b"\xff",
]
NAMES = st.one_of(
    st.sampled_from([*SOME, b".Trash-1000", b"A - B (1990)", b"CON", b"x" * 300]),
    st.binary(min_size=1, max_size=30).filter(lambda name: b"/" not in name and b"\0" not in name),
    st.text(min_size=1, max_size=20)
    .filter(lambda text: "/" not in text and "\0" not in text)
    .map(lambda text: text.encode("utf-8", "ignore"))
    .filter(bool),
)


def library() -> MemoryCatalogue:
    """One title of each kind with a file, and two of each value."""
    catalogue = MemoryCatalogue()
    for kind in TITLES.values():
        catalogue.add_folder(kind, f"Title {catalogue.last_id + 1}", shelf=Shelf.MOVIES)
    catalogue.last_id = 9
    for folder in list(catalogue.folders.values()):
        catalogue.add_file(folder, "a.mkv")
    catalogue.genres = {1: "Drama", 2: "Action"}
    catalogue.collections = {1: "Noir", 2: "Family"}
    catalogue.saved = {1: ("Heat", "heat")}
    catalogue.unnamed = {1: ("saved", "New folder (3)")}
    return catalogue


def settled(plan: WritePlan, place: Place) -> None:
    """The plan is carried out, or its refusal says why; and nothing but the shelves and the trash loses anything."""
    catalogue = library()
    files = {key: row.digest for key, row in catalogue.files.items()}
    edits = MemoryEdits(catalogue)
    reason = edits.carry_out(plan)
    assert reason is None or len(reason) > 5
    if isinstance(plan, Refused):
        assert isinstance(plan.refusal, Refusal)
        assert plan.reason == reason
    assert {key: row.digest for key, row in catalogue.files.items()} == files
    assert not edits.purged or isinstance(plan, Purge)


@settings(max_examples=600, deadline=None)
@given(PLACES, ITEMS, NAMES, PLACES, NAMES, st.none() | ITEMS)
def test_every_move_is_made_or_refused_with_a_reason(
    place: Place, item: Item, name: bytes, target: Place, new_name: bytes, occupant: Item | None
) -> None:
    plan = move(place, item, name, target, new_name, occupant)
    settled(plan, place)
    assert not isinstance(plan, Purge)
    if isinstance(plan, TrashTitle | TrashFile):
        assert isinstance(target, TrashPlace)
    if isinstance(plan, MoveFile):
        assert component(plan.name) == plan.name


@settings(max_examples=200, deadline=None)
@given(PLACES, NAMES)
def test_every_folder_is_made_or_refused_with_a_reason(place: Place, name: bytes) -> None:
    settled(make_folder(place, name), place)


@settings(max_examples=200, deadline=None)
@given(ITEMS, PLACES, NAMES)
def test_every_link_is_made_or_refused_with_a_reason(item: Item, place: Place, name: bytes) -> None:
    settled(link(item, place, name), place)


@settings(max_examples=300, deadline=None)
@given(PLACES, ITEMS)
def test_nothing_is_lost_by_removing_it_from_a_view(place: Place, item: Item) -> None:
    for plan in (remove_file(place, item), remove_folder(place, item)):
        settled(plan, place)
        in_view = isinstance(place, ViewPlace) or (isinstance(place, FolderPlace) and place.view is not None)
        if in_view and not isinstance(item, TrashedFile | TrashedFolder):
            assert not isinstance(plan, TrashTitle | TrashFile | RemoveEmptied | Purge)
    if isinstance(item, FOLDERS):
        refused = remove_file(place, item)
        assert isinstance(refused, Refused)
        assert refused.refusal is Refusal.IS_A_DIRECTORY


@given(NAMES)
def test_a_name_somebody_gives_is_taken_as_it_is_or_refused(name: bytes) -> None:
    spoken, legal = names.spoken(name), names.legal(name)
    if isinstance(spoken, str):
        assert spoken == unicodedata.normalize("NFC", name.decode())
    else:
        assert spoken.reason
        assert isinstance(legal, Refused)
    if isinstance(legal, str):
        assert component(legal) == legal == spoken
        assert names.legal(legal.encode()) == legal
    else:
        assert legal.reason


@given(NAMES, st.sampled_from(["a.mkv", "b.en.srt", "poster.jpg", "none"]))
def test_a_file_keeps_its_ending(name: bytes, old: str) -> None:
    found = names.file_name(name, old)
    if isinstance(found, str):
        assert found.casefold().endswith(split_extension(old)[1].casefold())
        assert names.file_name(found.encode(), old) == found


@given(st.text(min_size=1, max_size=40), st.integers(1800, 2999), st.sampled_from(ContentKind))
def test_a_folder_name_says_title_and_year(title: str, year: int, kind: ContentKind) -> None:
    found = names.words(f"{title} ({year})", kind)
    if found.year is None:
        assert found.title == f"{title} ({year})"
    else:
        assert (found.title, found.year) == (title, year)


@given(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_case_alone_makes_no_difference(name: str, others: list[str]) -> None:
    assert folded(folded(name)) == folded(name)
    assert folded(unicodedata.normalize("NFD", name)) == folded(name)
    if name.isascii():
        assert folded(name.upper()) == folded(name)
    found = first_alike(name, [*others, name])
    assert found is not None
    assert folded(found) == folded(name)
    assert first_alike(name, [other for other in others if folded(other) != folded(name)]) is None


@given(st.text(min_size=1, max_size=30), st.integers(1800, 2999), st.integers(2, 99))
def test_the_title_of_a_folder_is_among_those_its_name_may_speak_of(title: str, year: int, number: int) -> None:
    shown = component(title)
    for name in (shown, f"{shown} ({year})", f"{shown} ({year}) ({number})", f"Artist - {shown} ({year})"):
        assert shown in titles_in(name) or words_of_year(shown), name


def words_of_year(title: str) -> bool:
    """Whether a title looks itself as if it ended in a year or a number, or began with an artist."""
    return " - " in title or title.endswith(")")
