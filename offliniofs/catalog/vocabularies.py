"""Genres, people, tags and collections by name: found, or made."""

from __future__ import annotations

from collections.abc import Callable

from offliniofs.catalog.connection import Database
from offliniofs.catalog.free_names import free_name
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.facts import Genre
from offliniofs.domain.naming import Naming

FIND_GENRE = Statement("SELECT id FROM genres WHERE name = ?")
GENRE_FOLDER_TAKEN = Statement("SELECT 1 FROM genres WHERE folder_name = ?")
ADD_GENRE = Statement("INSERT INTO genres (name, folder_name, known) VALUES (?, ?, ?)")
FIND_PERSON = Statement("SELECT id FROM people WHERE name = ?")
ADD_PERSON = Statement("INSERT INTO people (name) VALUES (?)")
FIND_TAG = Statement("SELECT id FROM tags WHERE name = ?")
ADD_TAG = Statement("INSERT INTO tags (name) VALUES (?)")
FIND_COLLECTION = Statement("SELECT id FROM collections WHERE name = ?")
COLLECTION_FOLDER_TAKEN = Statement("SELECT 1 FROM collections WHERE folder_name = ?")
ADD_COLLECTION = Statement("INSERT INTO collections (name, folder_name, created_ns) VALUES (?, ?, ?)")


class Vocabularies:
    """Ids of names, remembered for one change."""

    __slots__ = ("_collections", "_database", "_genres", "_naming", "_people", "_tags", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database: Database = unit.database
        self._naming = naming
        self._genres: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        self._collections: dict[str, int] = {}

    def genre(self, genre: Genre) -> int:
        """The id of a genre in normal form."""

        def add() -> int:
            folder = self._folder(genre.name, GENRE_FOLDER_TAKEN)
            return self._database.insert(ADD_GENRE, (genre.name, folder, int(genre.known)))

        return self._get(self._genres, genre.name, FIND_GENRE, add)

    def person(self, name: str) -> int:
        """The id of a person."""
        return self._get(self._people, name, FIND_PERSON, lambda: self._database.insert(ADD_PERSON, (name,)))

    def tag(self, name: str) -> int:
        """The id of a tag."""
        return self._get(self._tags, name, FIND_TAG, lambda: self._database.insert(ADD_TAG, (name,)))

    def collection(self, name: str) -> int:
        """The id of a collection; a new one is a new folder of ``collections/``."""

        def add() -> int:
            folder = self._folder(name, COLLECTION_FOLDER_TAKEN)
            self._unit.view_entry("facet:collections", "added", None, folder)
            return self._database.insert(ADD_COLLECTION, (name, folder, self._unit.now_ns))

        return self._get(self._collections, name, FIND_COLLECTION, add)

    def _get(self, known: dict[str, int], name: str, find: Statement, add: Callable[[], int]) -> int:
        identifier = known.get(name)
        if identifier is None:
            found = self._database.row(find, (name,))
            identifier = known[name] = int(found[0]) if found else add()
        return identifier

    def _folder(self, name: str, taken: Statement) -> str:
        return free_name(
            self._naming,
            self._naming.component(name),
            lambda candidate: self._database.row(taken, (candidate,)) is not None,
        )
