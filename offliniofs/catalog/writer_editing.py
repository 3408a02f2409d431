"""The part of the writer that users edit with: genres, years, collections, names, access, relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offliniofs.catalog import access, relations, unnamed
from offliniofs.catalog.collections import Collections
from offliniofs.catalog.genres import Genres
from offliniofs.catalog.kinds import Kinds
from offliniofs.catalog.placing import Placing
from offliniofs.catalog.uniting import Uniting
from offliniofs.catalog.writer_base import WriterBase
from offliniofs.domain.content import ContentKind
from offliniofs.domain.history import Relation
from offliniofs.domain.ids import ContentId, FileId

if TYPE_CHECKING:
    from offliniofs.catalog.rehoming import Along


class EditingWriter(WriterBase):
    """Every method raises ``NotFoundError`` for what is not there, and ``UsageError`` for what makes no sense."""

    def add_genre(self, content_id: ContentId, name: str) -> int:
        """Adds a genre to a title, as a user's edit; the genre's id, made if need be."""
        with self._change() as unit:
            return Genres(unit, self._naming).add(content_id, name)

    def remove_genre(self, content_id: ContentId, genre_id: int) -> None:
        """Takes a genre of a title away; nothing happens when it has it not."""
        with self._change() as unit:
            Genres(unit, self._naming).change(content_id, genre_id, None)

    def change_genre(self, content_id: ContentId, old: int | None, new: int | None) -> None:
        """Puts one genre in the place of another, by id; ``None`` adds or takes away."""
        with self._change() as unit:
            Genres(unit, self._naming).change(content_id, old, new)

    def make_genre(self, name: str) -> int:
        """Makes a genre whose folder stays while it is empty, until it is used; its id."""
        with self._change() as unit:
            return Genres(unit, self._naming).make(name)

    def keep_genre(self, genre_id: int) -> None:
        """Keeps the folder of a genre although its last title has left it: whoever is in there finds it there."""
        with self._change() as unit:
            Genres(unit, self._naming).keep(genre_id)

    def rename_genre(self, genre_id: int, name: str) -> None:
        """Gives a genre another name, for all of its titles."""
        with self._change() as unit:
            Genres(unit, self._naming).rename(genre_id, name)

    def remove_empty_genre(self, genre_id: int) -> None:
        """Removes a genre that no title has."""
        with self._change() as unit:
            Genres(unit, self._naming).remove_empty(genre_id)

    def make_year(self, year: int) -> None:
        """Keeps the folder of a year while it is empty, until it is used."""
        with self._change() as unit:
            Genres(unit, self._naming).make_year(year)

    def remove_empty_year(self, year: int) -> None:
        """Removes the empty folder of a year."""
        with self._change() as unit:
            Genres(unit, self._naming).remove_empty_year(year)

    def make_collection(self, name: str) -> int:
        """Makes an empty collection; its id."""
        with self._change() as unit:
            return Collections(unit, self._naming).make(name)

    def rename_collection(self, collection_id: int, name: str) -> None:
        """Gives a collection another name."""
        with self._change() as unit:
            Collections(unit, self._naming).rename(collection_id, name)

    def remove_empty_collection(self, collection_id: int) -> None:
        """Removes a collection that holds no title."""
        with self._change() as unit:
            Collections(unit, self._naming).remove_empty(collection_id)

    def add_to_collection(self, collection_id: int, content_id: ContentId) -> None:
        """Puts a title into a collection."""
        with self._change() as unit:
            Collections(unit, self._naming).add(collection_id, content_id)

    def remove_from_collection(self, collection_id: int, content_id: ContentId) -> None:
        """Takes a title out of a collection."""
        with self._change() as unit:
            Collections(unit, self._naming).remove(collection_id, content_id)

    def rename_file(self, file_id: FileId, name: str) -> None:
        """Gives a file a name of the user's own, with the ending it has; nothing changes it later."""
        with self._change() as unit:
            Placing(unit, self._naming).rename(file_id, name)

    def move_file(self, file_id: FileId, folder_id: ContentId, name: str | None = None) -> list[Along]:
        """Puts a file into another folder, perhaps under another name; the sidecars beside it that went along.

        In the folder of another title it becomes the same there, called as such a file is; its sidecars go with it.
        """
        with self._change() as unit:
            return Placing(unit, self._naming).move(file_id, folder_id, name)

    def make_folder(self, parent_id: ContentId, name: str, season: int | None = None) -> ContentId:
        """Makes a folder below a title, that of a season where its number is given; its id.

        Raises ``UsageError`` when there is one already, perhaps under another name.
        """
        from offliniofs.catalog.folders import Folders

        with self._change() as unit:
            return Folders(unit, self._naming, self._retention).make(parent_id, name, season)

    def move_folder(self, content_id: ContentId, parent_id: ContentId, name: str, season: int | None = None) -> None:
        """Gives a folder below a title another name or place, perhaps in another title; its files' names follow.

        ``season``: the number that the new name says, if it is a season's; it stays what it is.
        """
        from offliniofs.catalog.folders import Folders

        with self._change() as unit:
            Folders(unit, self._naming, self._retention).move(content_id, parent_id, name, season)

    def remove_folder(self, content_id: ContentId) -> None:
        """Removes a folder in which no file is left; to the trash, if files of it lie there."""
        from offliniofs.catalog.folders import Folders

        with self._change() as unit:
            Folders(unit, self._naming, self._retention).remove(content_id)

    def make_unnamed(self, place: str, name: str) -> None:
        """Makes a folder that waits for its name; no step of the history. ``place`` as in ``UnnamedRow``.

        Raises ``UsageError`` when there is one already, or too many are waiting.
        """
        with self._change() as unit:
            unnamed.make(unit, place, name)

    def rename_unnamed(self, number: int, name: str) -> None:
        """Gives such a folder another name that says nothing. Raises ``UsageError`` when there is one of it."""
        with self._change() as unit:
            unnamed.rename(unit, number, name)

    def name_unnamed(self, number: int, became: int) -> None:
        """Such a folder has got its name and is something else now, of that inode number."""
        with self._change() as unit:
            unnamed.name(unit, number, became)

    def forget_unnamed(self, number: int) -> None:
        """Removes a folder that waited for its name, if it still does."""
        with self._change() as unit:
            unnamed.forget(unit, number)

    def forget_unnamed_before(self, before_ns: int, limit: int) -> int:
        """Removes at most ``limit`` folders that have waited since before ``before_ns``; how many."""
        with self._final_change() as unit:
            return unnamed.forget_before(unit, before_ns, limit)

    def make_artist(self, name: str) -> ContentId:
        """Makes an artist whose folder stays without an album until it is removed; the id."""
        from offliniofs.catalog.artists import Artists

        with self._change() as unit:
            return Artists(unit, self._naming, self._retention).make(name)

    def move_album(self, content_id: ContentId, artist_id: ContentId) -> None:
        """Gives an album to another artist. An artist without an album is shown no longer."""
        from offliniofs.catalog.artists import Artists

        with self._change() as unit:
            Artists(unit, self._naming, self._retention).move_album(content_id, artist_id)

    def rename_artist(self, artist_id: ContentId, name: str) -> None:
        """Gives an artist another name, for all albums."""
        from offliniofs.catalog.artists import Artists

        with self._change() as unit:
            Artists(unit, self._naming, self._retention).rename(artist_id, name)

    def unite_artists(self, artist_id: ContentId, into_id: ContentId) -> None:
        """Gives all albums of one artist to another."""
        from offliniofs.catalog.artists import Artists

        with self._change() as unit:
            Artists(unit, self._naming, self._retention).unite(artist_id, into_id)

    def change_kind(self, content_id: ContentId, kind: ContentKind) -> None:
        """Makes a film a series, or either of them anything else, and back; the files are shelved anew.

        Raises ``UsageError`` where that makes no sense: music, or a series of several episodes as a film.
        """
        with self._change() as unit:
            Kinds(unit, self._naming).change(content_id, kind)

    def unite(self, content_id: ContentId, into_id: ContentId) -> None:
        """Moves the files of one title into another of the same kind; what is left of it goes to the trash."""
        with self._change() as unit:
            Uniting(unit, self._naming, self._retention).unite(content_id, into_id)

    def set_stat(
        self,
        node: ContentId | FileId,
        *,
        is_file: bool,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
        mtime_ns: int | None = None,
    ) -> None:
        """chmod, chown and utimens of a directory or a file: sets what is given, the rest stays."""
        with self._change() as unit:
            setter = access.set_file_stat if is_file else access.set_folder_stat
            setter(unit, node, mode=mode, uid=uid, gid=gid, mtime_ns=mtime_ns)

    def restrict(self, content_id: ContentId, *, gid: int | None = None, minimum_age: int | None = None) -> None:
        """Says which group alone may enter a title and from what age on it is; ``None`` takes each back."""
        with self._change() as unit:
            access.restrict(unit, content_id, gid=gid, minimum_age=minimum_age)

    def restrict_age(self, minimum_age: int, *, gid: int | None) -> None:
        """Lets one group alone enter titles of that age and above; ``None`` takes the rule back."""
        with self._change() as unit:
            access.restrict_age(unit, minimum_age, gid=gid)

    def relate(self, from_id: ContentId, relation: Relation, to_id: ContentId) -> None:
        """Says that one title is the sequel (…) of another."""
        with self._change() as unit:
            relations.relate(unit, from_id, relation, to_id)

    def unrelate(self, from_id: ContentId, relation: Relation, to_id: ContentId) -> None:
        """Forgets a relation."""
        with self._change() as unit:
            relations.unrelate(unit, from_id, relation, to_id)
