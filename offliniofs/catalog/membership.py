"""In which views a title stands, and what a file's link count is."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.listing import Facet, Shelf

SHELF_OF_KIND = {
    ContentKind.MOVIE: Shelf.MOVIES,
    ContentKind.SERIES: Shelf.SERIES,
    ContentKind.ALBUM: Shelf.MUSIC,
    ContentKind.OTHER: Shelf.OTHER,
}

FACET_OF_PREFIX = {"genre": Facet.GENRE, "year": Facet.YEAR, "resolution": Facet.QUALITY}
"""Facets whose folders come and go with their first and last title."""

TITLE_STATE = Statement(
    """SELECT c.title_name, c.kind, c.year, c.favourite, c.total_size,
    (SELECT group_concat(g.genre_id) FROM content_genres g WHERE g.content_id = c.id),
    (SELECT group_concat(r.resolution) FROM content_resolutions r WHERE r.content_id = c.id),
    (SELECT group_concat(k.collection_id) FROM collection_content k WHERE k.content_id = c.id),
    (SELECT s.views FROM content_statistics s WHERE s.content_id = c.id), c.parent_id
    FROM content c WHERE c.id = ? AND c.title_name IS NOT NULL AND c.deleted_ns IS NULL"""
)

# A file stands in its shelf's tree, in each genre, the year, each collection and the favourites of its title, and in
# by-quality: once by its own picture size, or, when it goes with the title, in each size its folder shows in.
LINKS_BY_QUALITY = """CASE WHEN files.resolution IS NOT NULL THEN 1 WHEN files.role = 'media' THEN 0
    ELSE (SELECT count(*) FROM content_resolutions r WHERE r.content_id = CASE WHEN EXISTS (
        SELECT 1 FROM content d WHERE d.id = files.folder_id AND d.kind = 'folder' AND d.media_count = 0)
        THEN files.title_id ELSE files.folder_id END) END"""
RELINK_TITLE = Statement(
    f"""UPDATE files SET link_count = ?1 + {LINKS_BY_QUALITY} WHERE title_id = ?2 AND deleted_ns IS NULL
    AND link_count <> ?1 + {LINKS_BY_QUALITY}"""
)
RELINK_FILE = Statement(f"UPDATE files SET link_count = ? + {LINKS_BY_QUALITY} WHERE id = ?")


@dataclass(frozen=True, slots=True)
class TitleState:
    """What decides where a title shows: its name in the views, the views' keys and the bytes of its files."""

    name: str
    shelf_key: str
    keys: frozenset[str]
    """Views that list it, as keys of ``view_times``; without the shelf."""
    size: int
    artist: int | None = None
    """The artist's row, of an album."""

    @property
    def links(self) -> int:
        """In how many permanent views all of its files stand: the shelf, genres, year, collections, favourites."""
        return 1 + sum(not key.startswith(("resolution:", "unwatched")) for key in self.keys)

    @property
    def resolutions(self) -> frozenset[str]:
        """The keys of the picture sizes it has files of."""
        return frozenset(key for key in self.keys if key.startswith("resolution:"))


def title_state(database: Database, title_id: int) -> TitleState | None:
    """The title as it is now; ``None`` when it is in the trash, gone, or no title."""
    row = database.row(TITLE_STATE, (title_id,))
    if row is None:
        return None
    name, kind, year, favourite, size, genres, resolutions, collections, views, artist = row
    keys = [f"genre:{genre}" for genre in (genres or "").split(",") if genre]
    keys += [f"resolution:{resolution[:-1]}" for resolution in (resolutions or "").split(",") if resolution]
    keys += [f"collection:{collection}" for collection in (collections or "").split(",") if collection]
    if year is not None:
        keys.append(f"year:{year}")
    if favourite:
        keys.append(Facet.FAVOURITES.value)
    if not views:
        keys.append(Facet.UNWATCHED.value)
    return TitleState(name, f"shelf:{SHELF_OF_KIND[ContentKind(kind)].value}", frozenset(keys), size, artist)
