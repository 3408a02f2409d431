"""Collections: named sets of titles that a user puts together."""

from __future__ import annotations

from offliniofs.catalog.cleaning import said_text
from offliniofs.catalog.free_names import free_name
from offliniofs.catalog.statements import Row, Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.catalog.vocabularies import COLLECTION_FOLDER_TAKEN, FIND_COLLECTION, Vocabularies
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.naming import Naming

COLLECTION = Statement("SELECT name, folder_name FROM collections WHERE id = ?")
RENAME = Statement("UPDATE collections SET name = ?, folder_name = ? WHERE id = ?")
DELETE = Statement("DELETE FROM collections WHERE id = ?")
TITLES_OF = Statement(
    """SELECT c.id FROM collection_content cc CROSS JOIN content c ON c.id = cc.content_id
    WHERE cc.collection_id = ? AND c.deleted_ns IS NULL"""
)
TITLE = Statement("SELECT title_id FROM content WHERE id = ? AND deleted_ns IS NULL")
ADD = Statement(
    """INSERT OR IGNORE INTO collection_content (collection_id, content_id, position)
    SELECT ?1, ?2, coalesce(max(position) + 1, 0) FROM collection_content WHERE collection_id = ?1"""
)
REMOVE = Statement("DELETE FROM collection_content WHERE collection_id = ? AND content_id = ?")

_FACET = "facet:collections"


class Collections:
    """Changes of collections in one change of the catalogue."""

    __slots__ = ("_database", "_naming", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming

    def make(self, name: str) -> int:
        """Makes an empty collection; its id."""
        cleaned = self._new_name(name)
        collection_id = Vocabularies(self._unit, self._naming).collection(cleaned)
        self._unit.audit("make collection", f"collection:{collection_id}", after={"name": cleaned})
        return collection_id

    def rename(self, collection_id: int, name: str) -> None:
        """Gives a collection another name."""
        before, folder = self._collection(collection_id)
        if name == before:
            return
        cleaned = self._new_name(name)

        def taken(tried: str) -> bool:
            return tried != folder and self._database.row(COLLECTION_FOLDER_TAKEN, (tried,)) is not None

        new_folder = free_name(self._naming, self._naming.component(cleaned), taken)
        self._database.rows(RENAME, (cleaned, new_folder, collection_id))
        self._unit.audit("rename collection", f"collection:{collection_id}", {"name": before}, {"name": cleaned})
        self._unit.view_entry(_FACET, "removed", None, folder)
        self._unit.view_entry(_FACET, "added", None, new_folder)
        for (title_id,) in self._database.rows(TITLES_OF, (collection_id,)):
            self._unit.retext(title_id)

    def remove_empty(self, collection_id: int) -> None:
        """Removes a collection that holds no title."""
        name, folder = self._collection(collection_id)
        if self._database.row(TITLES_OF, (collection_id,)) is not None:
            raise UsageError(f"The collection {name!r} is not empty; take its titles out first.")
        self._unit.audit("remove collection", f"collection:{collection_id}", before={"name": name})
        self._database.rows(DELETE, (collection_id,))
        self._unit.view_entry(_FACET, "removed", None, folder)

    def add(self, collection_id: int, content_id: int) -> None:
        """Puts a title into a collection, as its last one; nothing happens when it is in there."""
        name, _ = self._collection(collection_id)
        title_id = self._title(content_id)
        self._unit.touch(title_id)
        if self._database.changed(ADD, (collection_id, title_id)):
            self._unit.audit("add to collection", f"content:{title_id}", after={"collection": name})
            self._unit.content_changed(title_id)

    def remove(self, collection_id: int, content_id: int) -> None:
        """Takes a title out of a collection; nothing happens when it is not in there."""
        name, _ = self._collection(collection_id)
        title_id = self._title(content_id)
        self._unit.touch(title_id)
        if self._database.changed(REMOVE, (collection_id, title_id)):
            self._unit.audit("remove from collection", f"content:{title_id}", before={"collection": name})
            self._unit.content_changed(title_id)

    def _collection(self, collection_id: int) -> Row:
        row = self._database.row(COLLECTION, (collection_id,))
        if row is None:
            raise NotFoundError(f"There is no collection {collection_id}; 'offliniofs collection list' prints them.")
        return row

    def _title(self, content_id: int) -> int:
        row = self._database.row(TITLE, (content_id,))
        if row is None or row[0] is None:
            raise NotFoundError(
                f"There is no title {content_id} in the library; 'offliniofs list' prints those there are."
            )
        return int(row[0])

    def _new_name(self, name: str) -> str:
        cleaned = said_text("A collection", name, 255)
        if self._database.row(FIND_COLLECTION, (cleaned,)) is not None:
            raise UsageError(f"There is a collection {cleaned!r} already.")
        return cleaned
