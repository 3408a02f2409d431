"""Artists as folders of ``music/``: made, renamed, united, and albums moved from one to another."""

from __future__ import annotations

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.free_names import SHELF_NAME_TAKEN, free_entry_name
from offliniofs.catalog.genres import KEEP
from offliniofs.catalog.merging import SET_WHY
from offliniofs.catalog.renaming import Renaming, TitleNames
from offliniofs.catalog.shelving import BY_NAME, Shelving
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.unit_of_work import FORGET_KEPT, UnitOfWork
from offliniofs.catalog.uniting import Uniting
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Shelf
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

ARTIST = Statement(
    "SELECT title, folder_name, listed FROM content WHERE id = ? AND kind = 'artist' AND deleted_ns IS NULL"
)
ALBUM = Statement("""SELECT parent_id, folder_name, artist, deleted_ns FROM content WHERE id = ? AND kind = 'album'""")
ALBUMS = Statement(
    """SELECT id, sort_title, year, deleted_ns FROM content INDEXED BY content_parent
    WHERE parent_id = ? AND kind = 'album' ORDER BY id"""
)
SAME_ALBUM = Statement(
    """SELECT id FROM content INDEXED BY content_identity WHERE kind = 'album' AND sort_title = ? AND year IS ?
    AND parent_id = ? AND deleted_ns IS NULL LIMIT 1"""
)
SET_ARTIST = Statement("UPDATE content SET title = ?, sort_title = ?, folder_name = ?, artist = ? WHERE id = ?")
MOVE_ALBUM = Statement("UPDATE content SET parent_id = ?, folder_name = ?, artist = ? WHERE id = ?")
SET_ALBUM_ARTIST = Statement("UPDATE content SET artist = ? WHERE id = ?")
SET_TRACKS = Statement(
    """UPDATE content SET artist = ?1
    WHERE id IN (SELECT t.id FROM content t INDEXED BY content_title
        WHERE t.title_id = ?2 AND t.kind = 'track' AND t.artist IS ?3)"""
)
SET_TITLE_NAME = Statement("UPDATE content SET title_name = ? WHERE id = ?")
TAKE_ALIASES = Statement("UPDATE OR IGNORE content_aliases SET content_id = ? WHERE content_id = ?")
OWN_ALIAS = Statement(
    """INSERT OR IGNORE INTO content_aliases (kind, sort_title, content_id, year)
    SELECT 'artist', sort_title, ?2, NULL FROM content WHERE id = ?1"""
)
DELETE = Statement("DELETE FROM content WHERE id = ?")

_USER = EvidenceSource.USER.value
_MUSIC = Shelf.MUSIC.value


class Artists:
    """Changes of artists in one change of the catalogue."""

    __slots__ = ("_database", "_naming", "_retention", "_sums", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming, retention: Retention) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming
        self._retention = retention
        self._sums = Sums(unit)

    def make(self, name: str) -> ContentId:
        """Makes an artist whose folder stays without an album until ``rmdir``. Raises ``UsageError`` if it is there."""
        known = self._called(name)
        if known is not None and self._artist(known)[2]:
            raise UsageError(f"There is an artist {self._artist(known)[1]!r} already.")
        if known is None:
            self._require_free(name, None)
            known = Shelving(self._unit, self._naming).make_artist(name).content_id
        elif self._artist(known)[1] != name:
            self._require_free(name, known)
            self._set_name(known, name)
        self._unit.audit("make artist", f"content:{known}", after={"name": name})
        self._database.rows(KEEP, (f"artist:{known}", self._unit.now_ns))
        self._unit.kept_changed(f"artist:{known}", kept=True)
        return ContentId(known)

    def move_album(self, content_id: int, artist_id: int) -> None:
        """Gives an album to another artist, who makes its name in the views and its tracks' artist."""
        row = self._database.row(ALBUM, (content_id,))
        if row is None or row[3] is not None:
            raise NotFoundError(f"There is no album {content_id} in the library.")
        old_id = row[0]
        if old_id == artist_id:
            return
        name = self._artist(artist_id)[0]
        self._unit.touch(content_id)
        names = [f"{artist}/{row[1]}" for artist in (self._artist(old_id)[1], self._artist(artist_id)[1])]
        self._unit.audit("move album", f"content:{content_id}", {"name": names[0]}, {"name": names[1]})
        self._sums.changed(content_id)
        self._move(content_id, row, artist_id, name)
        self._sums.changed(content_id)
        self._sums.write()

    def rename(self, artist_id: int, name: str) -> None:
        """Gives an artist another name, on all albums; imports still find the artist by the old one."""
        before, folder, _ = self._artist(artist_id)
        if folder == name:
            return
        other = self._called(name)
        if other is not None and other != artist_id:
            if self._artist(other)[2]:
                raise UsageError(f"There is an artist {self._artist(other)[1]!r} already; move the albums there.")
            self._take_trashed(other, artist_id)
            self._forget(other, artist_id)
        self._require_free(name, artist_id)
        self._unit.audit("rename artist", f"content:{artist_id}", {"name": before}, {"name": name})
        albums = self._database.rows(ALBUMS, (artist_id,))
        renaming = Renaming(self._unit, self._naming)
        names: dict[int, TitleNames] = {}
        for album_id, *_ in albums:
            self._unit.touch(album_id)
            names[album_id] = renaming.names(album_id)
        self._database.rows(OWN_ALIAS, (artist_id, artist_id))
        self._set_name(artist_id, name)
        for album_id, _, _, deleted_ns in albums:
            self._is_by(album_id, name)
            self._follow(renaming, album_id, names[album_id], trashed=deleted_ns is not None)
        self._unit.view_entry(f"shelf:{_MUSIC}", "removed", artist_id, folder)
        self._unit.view_entry(f"shelf:{_MUSIC}", "added", artist_id, name)

    def unite(self, artist_id: int, into_id: int) -> None:
        """Gives all albums of an artist to another one; of one name and year they become one album."""
        name, folder, _ = self._artist(artist_id)
        other = self._artist(into_id)[0]
        self._unit.audit("unite artists", f"content:{artist_id}", {"name": name}, {"into": into_id, "name": other})
        for album_id, key, year, deleted_ns in self._database.rows(ALBUMS, (artist_id,)):
            if deleted_ns is not None:
                continue
            same = self._database.row(SAME_ALBUM, (key, year, into_id))
            if same is not None:
                Uniting(self._unit, self._naming, self._retention).unite(album_id, same[0])
            else:
                self.move_album(album_id, into_id)
        self._take_trashed(artist_id, into_id)
        self._forget(artist_id, into_id)
        self._unit.view_entry(f"shelf:{_MUSIC}", "removed", artist_id, folder)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _artist(self, artist_id: int) -> Row:
        row = self._database.row(ARTIST, (artist_id,))
        if row is None:
            raise NotFoundError(f"There is no artist {artist_id} in the library.")
        return row

    def _called(self, name: str) -> int | None:
        row = self._database.row(BY_NAME, (ContentKind.ARTIST.value, sort_key(name)))
        return None if row is None else int(row[0])

    def _require_free(self, name: str, own: int | None) -> None:
        taken = self._database.row(SHELF_NAME_TAKEN, (_MUSIC, name)) is not None
        if taken and (own is None or self._artist(own)[1] != name):
            raise UsageError(f"There is something called {name!r} in music/ already.")

    def _set_name(self, artist_id: int, name: str) -> None:
        self._database.rows(SET_ARTIST, (name, sort_key(name), name, name, artist_id))
        self._unit.content_changed(artist_id)

    def _move(self, content_id: int, row: Row, artist_id: int, name: str) -> None:
        old_id, folder, _, deleted_ns = row
        renaming = Renaming(self._unit, self._naming)
        before = renaming.names(content_id)
        wanted = folder if deleted_ns else free_entry_name(self._database, self._naming, artist_id, folder)
        self._is_by(content_id, name)
        self._database.rows(MOVE_ALBUM, (artist_id, wanted, name, content_id))
        if deleted_ns is None:
            self._unit.entry("content", "removed", content_id, old_id, folder)
            self._unit.entry("content", "added", content_id, artist_id, wanted)
        self._follow(renaming, content_id, before, trashed=deleted_ns is not None)

    def _is_by(self, album_id: int, name: str) -> None:
        """The album's artist is another; so are its tracks' where they were the album's."""
        old = self._database.rows(ALBUM, (album_id,))[0][2]
        self._database.rows(SET_TRACKS, (name, album_id, old))
        self._database.rows(SET_ALBUM_ARTIST, (name, album_id))
        self._database.rows(SET_WHY, (album_id, "artist", _USER, ""))

    def _follow(self, renaming: Renaming, album_id: int, before: TitleNames, *, trashed: bool) -> None:
        if trashed:  # its name need not be free before it is restored
            self._database.rows(SET_TITLE_NAME, (renaming.names(album_id).title_name, album_id))
            return
        renaming.follow(album_id, before)
        self._unit.content_changed(album_id)

    def _take_trashed(self, artist_id: int, into_id: int) -> None:
        """Albums in the trash come back to the other artist, if they do."""
        name = self._artist(into_id)[0]
        for album_id, *_ in self._database.rows(ALBUMS, (artist_id,)):
            self._unit.touch(album_id)
            self._move(album_id, self._database.rows(ALBUM, (album_id,))[0], into_id, name)

    def _forget(self, artist_id: int, into_id: int) -> None:
        """An artist whose albums are all another's; that one is found under this one's names, too."""
        self._database.rows(OWN_ALIAS, (artist_id, into_id))
        self._database.rows(TAKE_ALIASES, (into_id, artist_id))
        if self._database.changed(FORGET_KEPT, (f"artist:{artist_id}",)):
            self._unit.kept_changed(f"artist:{artist_id}", kept=False)
        self._database.rows(DELETE, (artist_id,))
