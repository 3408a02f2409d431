"""The part of the tree that always exists: the root, its folders, the markers and the state files."""

from __future__ import annotations

from typing import Final, NamedTuple

from offliniofs.domain.listing import Facet, FacetValue, Shelf
from offliniofs.tree.inodes import Static, directory_base
from offliniofs.tree.plans import Document, Entry, FixedEntries, section_cookie
from offliniofs.tree.views import View, view_number


class Marker(NamedTuple):
    """A file that tells media scanners to pass over the folder it stands in."""

    name: str
    static: Static
    content: bytes


MARKERS: Final = (
    # Jellyfin passes over a folder, and all below it, that holds an empty .ignore; a text in it would be read as a list
    # of patterns (https://jellyfin.org/docs/general/server/media/excluding-directory/).
    Marker(".ignore", Static.JELLYFIN_MARKER, b""),
    # Plex reads patterns; a star is everything here and below
    # (https://support.plex.tv/articles/201381883-special-keyword-file-folder-exclusion/).
    Marker(".plexignore", Static.PLEX_MARKER, b"*\n"),
    # Android's media scanner (MediaStore.MEDIA_IGNORE_FILENAME) and Kodi ask only whether it is there.
    Marker(".nomedia", Static.ANDROID_MARKER, b""),
)
"""They stand in every folder of every view, so that whichever somebody adds to a media server is passed over, but not
in the title folders below: a title that is copied out of a view must not take them along. The root and the shelves
have none, because Jellyfin obeys the markers of all folders above the one it scans."""

README_NAME: Final = "README.txt"
STATE_NAME: Final = ".offliniofs"
INBOX_NAME: Final = "inbox"
TRASH_NAME: Final = ".trash"
ERROR_NAME: Final = "ERROR.txt"

SHELVES: Final = {
    Static.MOVIES: Shelf.MOVIES,
    Static.SERIES: Shelf.SERIES,
    Static.MUSIC: Shelf.MUSIC,
    Static.OTHER: Shelf.OTHER,
}
SHELVES_BY_INODE: Final = {int(static): shelf for static, shelf in SHELVES.items()}
SHELF_INODES: Final = {shelf: int(static) for static, shelf in SHELVES.items()}

FACETS: Final = {
    Static.BY_GENRE: Facet.GENRE,
    Static.BY_YEAR: Facet.YEAR,
    Static.BY_QUALITY: Facet.QUALITY,
    Static.COLLECTIONS: Facet.COLLECTION,
    Static.SEARCH: Facet.SEARCH,
    Static.SAVED: Facet.SAVED,
}
"""Folders that list the values of a facet."""

FACET_INODES: Final = {facet: int(static) for static, facet in FACETS.items()}

FLAG_FACETS: Final = (Facet.RECENT, Facet.UNWATCHED, Facet.FAVOURITES)

DOCUMENTS: Final = {
    Static.README: Document.README,
    Static.STATUS: Document.STATUS,
    Static.METRICS: Document.METRICS,
    Static.HEALTH: Document.HEALTH,
}

CONSTANTS: Final = {marker.static: marker.content for marker in MARKERS}


def _flag_inode(facet: Facet) -> int:
    number = view_number(View((FacetValue(facet),)))
    if number is None:
        raise ValueError(f"{facet} has values")
    return directory_base(number)


ROOT_CHILDREN: Final = dict(
    [
        (README_NAME, int(Static.README)),
        *((shelf.value, inode) for shelf, inode in SHELF_INODES.items()),
        *((facet.value, FACET_INODES[facet]) for facet in (Facet.GENRE, Facet.YEAR, Facet.QUALITY)),
        *((facet.value, _flag_inode(facet)) for facet in FLAG_FACETS),
        *((facet.value, FACET_INODES[facet]) for facet in (Facet.COLLECTION, Facet.SEARCH, Facet.SAVED)),
        (INBOX_NAME, int(Static.INBOX)),
        (TRASH_NAME, int(Static.TRASH)),
        (STATE_NAME, int(Static.STATE)),
    ]
)
STATE_CHILDREN: Final = {
    "status.json": int(Static.STATUS),
    "metrics.prom": int(Static.METRICS),
    "health.txt": int(Static.HEALTH),
}
MARKER_CHILDREN: Final = {marker.name: int(marker.static) for marker in MARKERS}

STATIC_CHILDREN: Final[dict[Static, dict[str, int]]] = {
    Static.ROOT: ROOT_CHILDREN,
    Static.STATE: STATE_CHILDREN,
    Static.INBOX: {},
}
"""Folders that hold only what always exists. What is being received is no part of the library (``fuse/inbox.py``)."""


def fixed_entries(children: dict[str, int], index: int = 0) -> FixedEntries:
    """The section at ``index`` of a listing, with these names in this order."""
    cookie = section_cookie(index)
    entries = tuple(Entry(cookie | place, *child) for place, child in enumerate(children.items(), start=1))
    return FixedEntries(cookie, entries)
