"""What must hold of every folder of the tree, whoever carries its plans out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.listing import Shelf
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import FileNode, FolderNode, UnnamedNode, ViewNode, decode, encode
from offliniofs.tree.layout import MARKERS
from offliniofs.tree.plans import ConstantFile, Document, Refusal, RenderedFile
from offliniofs.tree.tree import Tree
from tests.adapters.memory_catalogue import MemoryCatalogue
from tests.adapters.memory_mount import ROOT, MemoryMount, RefusalError

MARKER_NAMES = [marker.name for marker in MARKERS]


def library() -> MemoryCatalogue:
    """Two films, a series with two seasons, an album, something else; genres, collections, searches."""
    catalogue = MemoryCatalogue(genres={1: "Action", 2: "Drama", 3: "Unused"}, collections={1: "Best", 2: "Empty"})
    alien = catalogue.add_folder(ContentKind.MOVIE, "Alien (1979)", shelf=Shelf.MOVIES)
    alien.year, alien.genres, alien.favourite, alien.collections = 1979, frozenset({1, 2}), True, frozenset({1})
    catalogue.add_file(alien, "Alien (1979) - 2160p.mkv", height=2160)
    catalogue.add_file(alien, "Alien (1979) - 1080p.mkv", height=1080)
    catalogue.add_file(alien, "poster.jpg", FileRole.ARTWORK)
    extras = catalogue.add_folder(ContentKind.FOLDER, "extras", alien.content_id)
    catalogue.add_file(extras, "Making of.mkv", FileRole.EXTRA)
    heat = catalogue.add_folder(ContentKind.MOVIE, "Heat (1995)", shelf=Shelf.MOVIES)
    heat.year, heat.genres, heat.viewed = 1995, frozenset({1}), True
    catalogue.add_file(heat, "Heat (1995) - 1080p.mkv", height=1080)
    catalogue.add_file(heat, "Heat (1995) - 1080p.nfo", FileRole.NFO)
    show = catalogue.add_folder(ContentKind.SERIES, "The Show (2010)", shelf=Shelf.SERIES)
    show.year, show.genres = 2010, frozenset({2})
    for season in (1, 2):
        folder = catalogue.add_folder(ContentKind.SEASON, f"Season {season:02d}", show.content_id)
        for episode in (1, 2, 3):
            height = 720 if season == 1 else 1080
            catalogue.add_file(folder, f"The Show (2010) S{season:02d}E{episode:02d}.mkv", height=height)
    artist = catalogue.add_folder(ContentKind.ARTIST, "AC-DC", shelf=Shelf.MUSIC)
    album = catalogue.add_folder(ContentKind.ALBUM, "Album (1980)", artist.content_id)
    album.title_name, album.year = "AC-DC - Album (1980)", 1980
    catalogue.add_file(album, "01 - Track.flac")
    other = catalogue.add_folder(ContentKind.OTHER, "recent", shelf=Shelf.OTHER)
    catalogue.add_file(other, "clip.mp4")
    gone = catalogue.add_folder(ContentKind.MOVIE, "Gone (2000)", shelf=Shelf.MOVIES)
    catalogue.add_file(gone, "Gone (2000).mkv")
    catalogue.delete(gone)
    catalogue.saved = {1: ("Aliens", "alien"), 2: ("Also aliens", "alien"), 3: ("Nothing", "zzz")}
    catalogue.recent = [(77, "search/heat"), (5, "search/alien"), (9, "by-genre/1/by-year"), (11, "search/a(")]
    catalogue.suggestions = {"alein": "alien"}
    catalogue.unnamed = {
        900: ("facet:by-genre", "New folder"),
        901: ("shelf:music", "untitled folder"),
        902: (f"content:{alien.content_id}", "Neuer Ordner (2)"),
        903: (f"content:{show.content_id + 1}", "New folder"),
    }
    return catalogue


@pytest.fixture
def mount() -> MemoryMount:
    return MemoryMount(library())


PLACES = [
    "by-genre/Action/by-year",
    "by-genre/Action/by-genre",
    "by-quality/1080p/by-genre/Drama",
    "search/alien/unwatched",
]


def test_every_listed_name_is_found_again_with_the_same_inode(mount: MemoryMount) -> None:
    seen = 0
    for place in ("", *PLACES):
        start = mount.resolve(place) if place else ROOT
        for path, folder, inode in mount.walk(start, place):
            assert mount.lookup(folder, path.rpartition("/")[2]) == inode, path
            node = decode(inode)
            assert node is not None
            assert encode(node) == inode
            seen += 1
    assert seen > 150


def test_every_folder_has_an_inode_of_its_own_and_knows_its_parent(mount: MemoryMount) -> None:
    parents = {inode: folder for _, folder, inode in mount.walk() if mount.is_directory(inode)}
    folders = [inode for _, _, inode in mount.walk() if mount.is_directory(inode)]
    assert [inode for inode, count in Counter(folders).items() if count > 1] == []
    for inode, parent in parents.items():
        assert mount.lookup(inode, "..") == parent
        assert mount.lookup(inode, ".") == inode
    assert mount.lookup(ROOT, "..") == ROOT


@pytest.mark.parametrize("place", PLACES)
def test_nested_facets_know_their_parents(mount: MemoryMount, place: str) -> None:
    names = place.split("/")
    for depth in range(len(names), 1, -1):
        inode = mount.resolve("/".join(names[:depth]))
        assert mount.lookup(inode, "..") == mount.resolve("/".join(names[: depth - 1]))
    assert mount.lookup(mount.resolve(names[0]), "..") == ROOT


def test_a_file_has_one_inode_in_every_view(mount: MemoryMount) -> None:
    numbers: dict[str, set[int]] = {}
    for path, _, inode in mount.walk():
        if isinstance(decode(inode), FileNode):
            numbers.setdefault(path.rpartition("/")[2], set()).add(inode)
    assert {name for name, inodes in numbers.items() if len(inodes) > 1} == set()
    assert len(numbers) == len(mount.catalogue.files) + len(mount.catalogue.trashed_files)


def test_every_name_is_legal_and_no_folder_has_one_twice(mount: MemoryMount) -> None:
    names = Counter((folder, path.rpartition("/")[2]) for path, folder, _ in mount.walk())
    assert max(names.values()) == 1
    for _, name in names:
        assert 0 < len(name.encode()) <= 255
        assert name not in {".", ".."}


def test_a_shelf_shows_each_title_once_and_carries_no_marker(mount: MemoryMount) -> None:
    paths = [path for path, _, _ in mount.walk()]
    shelved = [path for path in paths if path.split("/")[0] in {"movies", "series", "music", "other"}]
    assert not [path for path in [*mount.names(), *shelved] if path.rpartition("/")[2] in MARKER_NAMES]
    assert sum(path.endswith("2160p.mkv") for path in shelved) == 1


def test_every_folder_of_a_view_carries_the_markers_and_no_title_folder_does(mount: MemoryMount) -> None:
    with_markers = {folder for path, folder, _ in mount.walk() if path.endswith(".nomedia")}
    for path, _, inode in [*mount.walk(), *((place, 0, mount.resolve(place)) for place in PLACES)]:
        if mount.is_directory(inode):
            title = isinstance(decode(inode), FolderNode | UnnamedNode)
            shelf = path in {"movies", "series", "music", "other", "inbox", ".offliniofs"}
            assert (inode in with_markers or path in PLACES) is not (title or shelf), path
    contents = [mount.attributes(mount.resolve(f"by-year/1979/{name}")) for name in MARKER_NAMES]
    assert [plan.content for plan in contents if isinstance(plan, ConstantFile)] == [b"", b"*\n", b""]


def test_nested_facets_are_found_but_not_listed(mount: MemoryMount) -> None:
    assert mount.names("by-genre/Action") == [*MARKER_NAMES, "Alien (1979)", "Heat (1995)"]
    assert mount.names("by-genre/Action/by-year") == [*MARKER_NAMES, "1979", "1995"]
    assert mount.names("by-genre/Action/by-year/1979") == [*MARKER_NAMES, "Alien (1979)"]
    assert mount.names("by-genre/Action/by-genre") == [*MARKER_NAMES, "Drama"]
    assert mount.names("by-genre/Action/search") == MARKER_NAMES
    assert mount.names("by-genre/Action/search/heat") == [*MARKER_NAMES, "Heat (1995)"]
    assert mount.names("favourites/by-genre/Drama") == [*MARKER_NAMES, "Alien (1979)"]
    assert mount.names("search/alien/unwatched/by-quality/2160p") == [*MARKER_NAMES, "Alien (1979)"]


@pytest.mark.parametrize(
    "path",
    [
        "by-year/1979/by-year",
        "by-quality/1080p/by-quality",
        "by-genre/Action/by-genre/Action",
        "unwatched/unwatched",
        "by-genre/by-year",
        "movies/by-year",
        "movies/Alien (1979)/by-year",
        "movies/nothing",
        "by-genre/Unknown",
        "by-genre/.hidden",
        "by-genre/Action/.hidden",
        "movies/Alien (1979)/tvshow.nfo",
        "movies/Heat (1995)/movie.nfo",
        "search/alien/did you mean alien",
        "nothing",
    ],
)
def test_what_is_not_there(mount: MemoryMount, path: str) -> None:
    with pytest.raises(RefusalError) as refused:
        mount.resolve(path)
    assert refused.value.refusal is Refusal.NOT_FOUND


def test_nesting_ends(mount: MemoryMount) -> None:
    path = "search/a" + "".join(f"/search/{'a' * length}" for length in range(2, 9))
    assert mount.names(path) == MARKER_NAMES
    with pytest.raises(RefusalError):
        mount.resolve(f"{path}/search")


def test_a_title_comes_before_a_facet_of_the_same_name(mount: MemoryMount) -> None:
    assert mount.names("unwatched/recent") == ["clip.mp4"]
    assert mount.names("favourites/recent") == [*MARKER_NAMES, "Alien (1979)"]


def test_a_quality_shows_only_its_files(mount: MemoryMount) -> None:
    assert mount.names("by-quality/1080p/Alien (1979)") == [
        "movie.nfo",
        "Alien (1979) - 1080p.mkv",
        "poster.jpg",
        "Neuer Ordner (2)",
    ]
    assert mount.names("by-quality/720p/The Show (2010)") == ["Season 01", "tvshow.nfo"]


def test_generated_nfos_stand_in_for_missing_ones(mount: MemoryMount) -> None:
    assert "movie.nfo" in mount.names("movies/Alien (1979)")
    assert "movie.nfo" not in mount.names("movies/Heat (1995)")
    assert mount.resolve("movies/Alien (1979)/movie.nfo") == mount.resolve("by-year/1979/Alien (1979)/movie.nfo")
    plan = mount.attributes(mount.resolve("series/The Show (2010)/Season 01/The Show (2010) S01E02.nfo"))
    assert isinstance(plan, RenderedFile)
    assert plan.document is Document.EPISODE_NFO
    assert mount.names("music/AC-DC/Album (1980)") == ["01 - Track.flac"]


def test_what_was_deleted_stands_in_the_trash_alone(mount: MemoryMount) -> None:
    assert mount.names(".trash") == [*MARKER_NAMES, "Gone (2000)"]
    assert mount.names(".trash/Gone (2000)") == ["Gone (2000).mkv"]
    assert "Gone (2000)" not in mount.names("movies") + mount.names("recent") + mount.names("by-year/1979")
    for path in (".trash/nothing", ".trash/Gone (2000)/nothing"):
        with pytest.raises(RefusalError):
            mount.resolve(path)


def test_search_lists_saved_and_recent_queries_once(mount: MemoryMount) -> None:
    assert mount.names("search") == [*MARKER_NAMES, "alien", "zzz", "a(", "heat"]
    assert mount.names("saved") == [*MARKER_NAMES, "Aliens", "Also aliens", "Nothing"]
    assert mount.names("saved/Aliens") == [*MARKER_NAMES, "Alien (1979)"]


def test_any_query_is_a_folder(mount: MemoryMount) -> None:
    assert mount.names("search/ALIEN") == [*MARKER_NAMES, "Alien (1979)"]
    assert mount.names("search/nowhere to be found") == MARKER_NAMES


def test_a_bad_query_is_a_folder_that_says_so(mount: MemoryMount) -> None:
    assert mount.names("search/year:abc") == [*MARKER_NAMES, "ERROR.txt"]
    plan = mount.attributes(mount.resolve("search/year:abc/ERROR.txt"))
    assert isinstance(plan, RenderedFile)
    assert (plan.document, plan.query) == (Document.QUERY_ERROR, "year:abc")
    for name in ("Alien (1979)", "by-year"):
        with pytest.raises(RefusalError):
            mount.resolve(f"search/year:abc/{name}")


def test_a_near_miss_is_a_link(mount: MemoryMount) -> None:
    assert mount.names("search/alein") == [*MARKER_NAMES, "did you mean alien"]
    link = mount.resolve("search/alein/did you mean alien")
    assert mount.readlink(link) == b"../alien"
    with pytest.raises(RefusalError):
        mount.readlink(mount.resolve("README.txt"))


@pytest.mark.parametrize(
    "name",
    [
        ".Trash-1000",
        "desktop.ini",
        "Desktop.INI",
        ".directory",
        "AUTORUN.INF",
        "Thumbs.db",
        "._x",
        ".hidden",
        "a.nfo",
        " ",
    ],
)
def test_what_desktops_probe_for_is_no_query(mount: MemoryMount, name: str) -> None:
    for place in ("search", "by-genre/Action/search"):
        with pytest.raises(RefusalError) as refused:
            mount.lookup(mount.resolve(place), name)
        assert refused.value.refusal is Refusal.NOT_FOUND
    assert len(mount.tree.contexts) <= 1


@pytest.mark.parametrize("name", [b"\xff", b"a\x00b", b"a\x1bb"])
def test_bytes_that_are_no_text_are_no_query(mount: MemoryMount, name: bytes) -> None:
    with pytest.raises(RefusalError):
        mount.lookup(mount.resolve("search"), name)


def test_numbers_mean_the_same_after_a_restart(mount: MemoryMount) -> None:
    inodes = {
        place: mount.resolve(place) for place in [*PLACES, "by-genre/Action", "saved/Aliens", "recent", "search/heat"]
    }
    contexts = mount.tree.contexts
    nodes = [node for inode in inodes.values() if isinstance(node := decode(inode), ViewNode)]
    stored = [form for node in nodes if (form := contexts.stored_form(node.context)) is not None]
    restarted = MemoryMount(mount.catalogue, Tree(ContextRegistry()))
    with pytest.raises(RefusalError) as refused:
        restarted.readdir(inodes["search/heat"], 0, 1)
    assert refused.value.refusal is Refusal.STALE
    restarted.tree.contexts.seed(stored)
    for place, inode in inodes.items():
        assert [entry.name for entry in restarted.entries(inode)] == mount.names(place)
        assert restarted.resolve(place) == inode


def test_every_call_on_an_unknown_number_says_stale_or_not_a_directory(mount: MemoryMount) -> None:
    for inode in (0, 99, 5 << 60, (2 << 60) | (15 << 56) | (1 << 32), (2 << 60) | (15 << 56) | (1 << 32) | 7):
        for call in (lambda: mount.readdir(inode, 0, 1), lambda: mount.lookup(inode, "x")):  # noqa: B023
            with pytest.raises(RefusalError) as refused:
                call()
            assert refused.value.refusal is Refusal.STALE
    readme = mount.resolve("README.txt")
    for call in (lambda: mount.readdir(readme, 0, 1), lambda: mount.lookup(readme, "x")):
        with pytest.raises(RefusalError) as refused:
            call()
        assert refused.value.refusal is Refusal.NOT_A_DIRECTORY


CHANGES = st.lists(st.tuples(st.booleans(), st.integers(min_value=0, max_value=40)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(CHANGES, st.integers(min_value=1, max_value=5), st.sampled_from(["movies", "unwatched", "movies/Alien (1979)"]))
def test_a_listing_goes_on_while_rows_come_and_go(changes: list[tuple[bool, int]], page: int, place: str) -> None:
    catalogue = library()
    alien = next(folder for folder in catalogue.folders.values() if folder.name == "Alien (1979)")
    for number in range(10):
        catalogue.add_folder(ContentKind.MOVIE, f"Film {number}", shelf=Shelf.MOVIES)
        catalogue.add_file(alien, f"File {number}.mkv")
    mount = MemoryMount(catalogue)
    inode = mount.resolve(place)
    lasting = {entry.inode for entry in mount.entries(inode)}
    listed: list[int] = []
    offset = 0
    steps = iter(changes)
    while part := mount.readdir(inode, offset, page):
        assert [entry.cookie for entry in part] == sorted({entry.cookie for entry in part})
        assert part[0].cookie > offset
        listed += [entry.inode for entry in part]
        offset = part[-1].cookie
        added, number = next(steps, (False, -1))
        if added:
            catalogue.add_folder(ContentKind.MOVIE, f"New {number} {len(listed)}", shelf=Shelf.MOVIES)
            catalogue.add_file(alien, f"New {number} {len(listed)}.mkv")
        elif number >= 0:
            for folder in [folder for folder in catalogue.folders.values() if folder.name == f"Film {number}"]:
                del catalogue.folders[folder.content_id]
                lasting -= {inode | folder.content_id, (2 << 60) | folder.content_id}
            for row in [row for row in catalogue.files.values() if row.name == f"File {number}.mkv"]:
                del catalogue.files[row.file_id]
                lasting.discard((1 << 60) | row.file_id)
    assert len(listed) == len(set(listed))
    assert lasting <= set(listed)
