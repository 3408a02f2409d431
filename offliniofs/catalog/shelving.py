"""Finds the rows an arriving file belongs to, title, season, episode, folder, and makes those that are missing.

A movie is known by its title and year, a series and an album by title and, where known, year (and the artist); ids that
others gave (IMDb, TMDB, TheTVDB) come before names. Titles are compared by :func:`cleaning.sort_key`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.free_names import free_entry_name, free_shelf_name, free_title_name
from offliniofs.catalog.membership import SHELF_OF_KIND
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import rows_above
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.detect.sidecar_names import EXTRA_FOLDERS
from offliniofs.domain.content import TITLE_KINDS, ContentKind
from offliniofs.domain.facts import Identification
from offliniofs.domain.listing import Shelf
from offliniofs.domain.naming import Naming

UNKNOWN_ARTIST = "Unknown Artist"
UNKNOWN_ALBUM = "Unknown Album"
_DEEPEST_FOLDER = 16

TITLE_KIND_OF = {
    ContentKind.MOVIE: ContentKind.MOVIE,
    ContentKind.SERIES: ContentKind.SERIES,
    ContentKind.SEASON: ContentKind.SERIES,
    ContentKind.EPISODE: ContentKind.SERIES,
    ContentKind.ARTIST: ContentKind.ALBUM,
    ContentKind.ALBUM: ContentKind.ALBUM,
    ContentKind.TRACK: ContentKind.ALBUM,
    ContentKind.OTHER: ContentKind.OTHER,
    ContentKind.FOLDER: ContentKind.OTHER,
}

BY_EXTERNAL_ID = Statement(
    """SELECT c.id FROM content_external_ids e CROSS JOIN content c ON c.id = e.content_id
    WHERE e.provider = ? AND e.value = ? AND c.kind = ? AND c.deleted_ns IS NULL LIMIT 1"""
)
EXTERNAL_IDS_OF = Statement("SELECT provider, value FROM content_external_ids WHERE content_id = ?")
BY_NAME = Statement(
    """SELECT id, year, parent_id FROM content INDEXED BY content_identity
    WHERE kind = ? AND sort_title = ? AND deleted_ns IS NULL ORDER BY id LIMIT 1000"""
)
BY_ALIAS = Statement(
    """SELECT a.content_id, a.year, c.parent_id FROM content_aliases a CROSS JOIN content c ON c.id = a.content_id
    WHERE a.kind = ? AND a.sort_title = ? AND c.deleted_ns IS NULL ORDER BY a.content_id LIMIT 1000"""
)
TITLE = Statement("SELECT kind, parent_id, shelf, folder_name, year FROM content WHERE id = ?")
INSERT_CONTENT = Statement(
    """INSERT INTO content (kind, title, sort_title, added_ns, modified_ns, parent_id, title_id, shelf, folder_name,
    title_name, year, season, episode, last_episode, disc, track, air_date, artist)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
)
OWN_TITLE = Statement("UPDATE content SET title_id = id WHERE id = ?")
INSERT_STATISTICS = Statement("INSERT INTO content_statistics (content_id) VALUES (?)")
CHILD_FOLDERS = Statement(
    """SELECT id, folder_name FROM content INDEXED BY content_child_listing
    WHERE parent_id = ? AND folder_name IS NOT NULL AND kind = 'folder' AND deleted_ns IS NULL ORDER BY id LIMIT 1000"""
)
CHILD_FOLDER = Statement(
    """SELECT id, folder_name FROM content INDEXED BY content_child_name
    WHERE parent_id = ? AND folder_name = ? AND kind = 'folder' AND deleted_ns IS NULL"""
)
SEASON = Statement(
    """SELECT id, folder_name FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'season' AND season = ? AND deleted_ns IS NULL"""
)
ITEMS = Statement(
    """SELECT id, season, episode, last_episode, air_date, disc, track, sort_title FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = ? AND deleted_ns IS NULL"""
)


class _NewContent(NamedTuple):
    """What ``INSERT_CONTENT`` binds."""

    kind: str
    title: str
    sort_title: str
    added_ns: int
    modified_ns: int
    parent_id: int | None = None
    title_id: int | None = None
    shelf: str | None = None
    folder_name: str | None = None
    title_name: str | None = None
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    last_episode: int | None = None
    disc: int | None = None
    track: int | None = None
    air_date: str | None = None
    artist: str | None = None


ItemKey = tuple[object, ...]
"""What tells the episodes or tracks of a title apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """A directory files go into. ``path`` is below the mount's root."""

    content_id: int
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Title(Place):
    """A title's directory. ``new``: it was made in this change."""

    kind: ContentKind
    new: bool


class Shelving:
    """Places found or made in one change; what was found once is remembered."""

    __slots__ = ("_ancestors", "_artists", "_database", "_folders", "_items", "_naming", "_seasons", "_titles", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._titles: dict[tuple[object, ...], Title] = {}
        self._artists: dict[str, Place] = {}
        self._seasons: dict[tuple[int, int], Place] = {}
        self._folders: dict[tuple[int, str], Place] = {}
        self._items: dict[int, dict[ItemKey, int]] = {}
        self._ancestors: dict[int, tuple[int, ...]] = {}

    def title(self, identification: Identification) -> Title:
        """The title an identification speaks of."""
        kind = TITLE_KIND_OF[identification.kind]
        name = title_words(identification)
        artist = self._artist(identification) if kind is ContentKind.ALBUM else None
        # ids of an episode or a track are its own, not the series' or the album's
        ids = dict(identification.external_ids) if identification.kind in TITLE_KINDS else {}
        identity = (kind, sort_key(name), identification.year, artist, tuple(sorted(ids.items())))
        known = self._titles.get(identity)
        if known is None:
            known = self._find(kind, name, identification.year, artist, ids) or self._make(
                kind, name, identification, artist
            )
            self._titles[identity] = known
        return known

    def known_title(self, content_id: int, kind: ContentKind) -> Title:
        """A title that is in the catalogue, by its id."""
        rows = self._database.rows(TITLE, (content_id,))
        _, parent_id, shelf, name, _ = rows[0]
        if parent_id is not None:
            _, _, shelf, artist_name, _ = self._database.rows(TITLE, (parent_id,))[0]
            return Title(content_id, f"{shelf}/{artist_name}/{name}", name, kind, new=False)
        return Title(content_id, f"{shelf}/{name}", name, kind, new=False)

    def season(self, title: Title, identification: Identification) -> Place:
        """The season of an episode: its number, the year of a daily show, else the first."""
        number = season_number(identification)
        known = self._seasons.get((title.content_id, number))
        if known is None:
            row = None if title.new else self._database.row(SEASON, (title.content_id, number))
            if row is not None:
                known = Place(row[0], f"{title.path}/{row[1]}", row[1])
            else:
                name = self._naming.season_folder(number)
                known = self.make_directory(title, title.content_id, ContentKind.SEASON, name, season=number)
            self._seasons[title.content_id, number] = known
        return known

    def folder(self, title: Title, parts: tuple[str, ...]) -> Place:
        """The folder below a title, e.g. of its extras."""
        place: Place = title
        for part in parts[:_DEEPEST_FOLDER]:
            name = self._naming.component(part)
            known = self._folders.get((place.content_id, name))
            if known is None:
                row = self._database.row(CHILD_FOLDER, (place.content_id, name)) or self._folder_alike(place, name)
                known = (
                    Place(row[0], f"{place.path}/{row[1]}", row[1])
                    if row is not None
                    else self.make_directory(place, title.content_id, ContentKind.FOLDER, name)
                )
                self._folders[place.content_id, name] = known
            place = known
        return place

    def _folder_alike(self, place: Place, name: str) -> Row | None:
        """The folder that differs in case only, where media servers see no difference: somebody made ``Extras``."""
        if name not in EXTRA_FOLDERS:
            return None
        rows = self._database.rows(CHILD_FOLDERS, (place.content_id,))
        return next((row for row in rows if row[1].casefold() == name), None)

    def episode(self, title: Title, season: Place, identification: Identification) -> int:
        """The episode's row; a file of several episodes is one row that spans them."""
        number = season_number(identification)
        first = identification.episodes[0] if identification.episodes else None
        last = max(identification.episodes, default=None)
        last = last if last != first else None
        words = identification.episode_title or identification.name
        key = _item_key(number, first, last, identification.air_date, None, None, sort_key(words))
        row = self._new(ContentKind.EPISODE, identification.episode_title or words)._replace(
            parent_id=season.content_id,
            title_id=title.content_id,
            season=number,
            episode=first,
            last_episode=last,
            air_date=identification.air_date,
        )
        return self._item(title, key, row._replace(sort_title=sort_key(words)))

    def track(self, title: Title, identification: Identification) -> int:
        """The track's row."""
        words = identification.title
        disc, track = identification.disc, identification.track
        key = _item_key(None, None, None, None, disc, track, sort_key(words))
        row = self._new(ContentKind.TRACK, words)._replace(
            parent_id=title.content_id, title_id=title.content_id, disc=disc, track=track, artist=identification.artist
        )
        return self._item(title, key, row)

    def ancestors(self, content_id: int) -> tuple[int, ...]:
        """The row and all above it."""
        known = self._ancestors.get(content_id)
        if known is None:
            known = self._ancestors[content_id] = rows_above(self._database, content_id)
        return known

    def _find(
        self, kind: ContentKind, name: str, year: int | None, artist: int | None, ids: dict[str, str]
    ) -> Title | None:
        for provider, value in ids.items():
            row = self._database.row(BY_EXTERNAL_ID, (provider, value, kind.value))
            if row is not None:
                return self.known_title(row[0], kind)
        for statement in (BY_NAME, BY_ALIAS):
            rows = self._database.rows(statement, (kind.value, sort_key(name)))
            found = [(identifier, its_year) for identifier, its_year, parent in rows if artist in (None, parent)]
            for identifier in _same_title(kind, year, found):
                if not self._is_another(identifier, ids):
                    return self.known_title(identifier, kind)
        return None

    def _is_another(self, content_id: int, ids: dict[str, str]) -> bool:
        """Whether somebody gave the title of that name a different id: a remake of the same year."""
        if not ids:
            return False
        its_ids: dict[str, str] = dict(self._database.rows(EXTERNAL_IDS_OF, (content_id,)))
        return any(its_ids.get(provider, value) != value for provider, value in ids.items())

    def _make(self, kind: ContentKind, name: str, identification: Identification, artist: int | None) -> Title:
        shelf = SHELF_OF_KIND[kind].value
        wanted = self._naming.title_folder(identification)
        title_name = free_title_name(self._database, self._naming, self._naming.title_name(identification))
        if artist is None:
            folder, above = free_shelf_name(self._database, self._naming, shelf, wanted), shelf
        else:
            folder, above = free_entry_name(self._database, self._naming, artist, wanted), self._artist_path(artist)
        row = self._new(kind, name)._replace(
            parent_id=artist,
            shelf=shelf if artist is None else None,
            folder_name=folder,
            title_name=title_name,
            year=identification.year,
            artist=identification.artist if kind is ContentKind.ALBUM else None,
        )
        content_id = self._database.insert(INSERT_CONTENT, row)
        self._database.rows(OWN_TITLE, (content_id,))
        self._database.rows(INSERT_STATISTICS, (content_id,))
        self._unit.made(content_id)
        if artist is None:
            self._unit.view_entry(f"shelf:{shelf}", "added", content_id, folder)
        else:
            self._unit.entry("content", "added", content_id, artist, folder)
        self._items[content_id] = {}
        return Title(content_id, f"{above}/{folder}", folder, kind, new=True)

    def _artist(self, identification: Identification) -> int:
        name = identification.artist or UNKNOWN_ARTIST
        key = sort_key(name)
        known = self._artists.get(key)
        if known is None:
            rows = self._database.rows(BY_NAME, (ContentKind.ARTIST.value, key)) or self._database.rows(
                BY_ALIAS, (ContentKind.ARTIST.value, key)
            )
            if rows:
                _, _, shelf, folder, _ = self._database.rows(TITLE, (rows[0][0],))[0]
                known = Place(rows[0][0], f"{shelf}/{folder}", folder)
            else:
                known = self.make_artist(name)
            self._artists[key] = known
        return known.content_id

    def _artist_path(self, artist: int) -> str:
        return next(place.path for place in self._artists.values() if place.content_id == artist)

    def make_artist(self, name: str) -> Place:
        """A new artist."""
        shelf = Shelf.MUSIC.value
        folder = free_shelf_name(self._database, self._naming, shelf, self._naming.artist_folder(name))
        row = self._new(ContentKind.ARTIST, name)._replace(shelf=shelf, folder_name=folder, artist=name)
        content_id = self._database.insert(INSERT_CONTENT, row)
        self._unit.directory_made(content_id)
        self._unit.view_entry(f"shelf:{shelf}", "added", content_id, folder)
        return Place(content_id, f"{shelf}/{folder}", folder)

    def make_directory(
        self, above: Place, title_id: int, kind: ContentKind, name: str, season: int | None = None
    ) -> Place:
        """A new folder below a title; under another name if something has that one."""
        name = free_entry_name(self._database, self._naming, above.content_id, name)
        row = self._new(kind, name)._replace(
            parent_id=above.content_id, title_id=title_id, folder_name=name, season=season
        )
        content_id = self._database.insert(INSERT_CONTENT, row)
        self._unit.directory_made(content_id)
        self._unit.entry("content", "added", content_id, above.content_id, name)
        return Place(content_id, f"{above.path}/{name}", name)

    def _new(self, kind: ContentKind, title: str) -> _NewContent:
        now = self._unit.now_ns
        return _NewContent(kind.value, title, sort_key(title), now, now)

    def _item(self, title: Title, key: ItemKey, row: _NewContent) -> int:
        items = self._items.get(title.content_id)
        if items is None:
            rows = self._database.rows(ITEMS, (title.content_id, row.kind))
            items = self._items[title.content_id] = {_item_key(*known[1:]): known[0] for known in rows}
        found = items.get(key)
        if found is None:
            found = items[key] = self._database.insert(INSERT_CONTENT, row)
        return found


def title_words(identification: Identification) -> str:
    """The words a title is known by: the series of an episode, the album of a track."""
    if TITLE_KIND_OF[identification.kind] is not ContentKind.ALBUM:
        return identification.title
    if identification.kind is ContentKind.ALBUM:
        return identification.album or identification.title
    return identification.album or UNKNOWN_ALBUM


def season_number(identification: Identification) -> int:
    """The season a file stands in; a daily show's is the year it was aired, and without any word of it the first."""
    if identification.season is not None:
        return identification.season
    year = (identification.air_date or "")[:4]
    return int(year) if year.isascii() and year.isdigit() and not identification.episodes else 1


def _item_key(
    season: int | None,
    first: int | None,
    last: int | None,
    air_date: str | None,
    disc: int | None,
    track: int | None,
    words: str,
) -> ItemKey:
    if first is not None:
        return ("episode", season, first, last)
    if air_date is not None:
        return ("aired", air_date)
    return ("words", season, disc, track, words)


def _same_title(kind: ContentKind, year: int | None, found: list[tuple[int, int | None]]) -> list[int]:
    """Those of the titles of one name that can be meant, the likeliest first."""
    if kind is ContentKind.OTHER:
        return [identifier for identifier, _ in found]
    exact = [identifier for identifier, its_year in found if its_year == year]
    if exact or kind is ContentKind.MOVIE:
        return exact
    if year is None:
        return [identifier for identifier, _ in found]
    return [identifier for identifier, its_year in found if its_year is None]
