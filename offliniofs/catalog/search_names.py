"""What the search language must know of the library: its names, and which values some columns have."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.detect.genres import known_genre
from offliniofs.detect.quality import quality_named
from offliniofs.query.ast import NameField
from offliniofs.query.vocabulary import comparable_name

MOST_VALUES: Final = 1000
"""Different resolutions or lists of languages that are told apart."""

NAMES: Final = MappingProxyType(
    {
        NameField.GENRE: Statement("SELECT id, name FROM genres", scans=("genres",)),
        NameField.TAG: Statement("SELECT id, name FROM tags", scans=("tags", "sqlite_autoindex_tags_1")),
        NameField.COLLECTION: Statement("SELECT id, name FROM collections", scans=("collections",)),
    }
)
# each step seeks the next larger value: as many steps as there are values, not rows
RESOLUTIONS: Final = Statement(
    f"""WITH RECURSIVE found (value) AS (
        SELECT (SELECT min(resolution) FROM content_resolutions)
        UNION ALL
        SELECT (SELECT min(resolution) FROM content_resolutions WHERE resolution > value) FROM found
        WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL LIMIT {MOST_VALUES}""",
    scans=("found",),
)
_LIVE = "title_name IS NOT NULL AND deleted_ns IS NULL"
LANGUAGE_LISTS: Final = Statement(
    f"""WITH RECURSIVE found (value) AS (
        SELECT (SELECT min(languages) FROM content INDEXED BY content_languages WHERE {_LIVE})
        UNION ALL
        SELECT (
            SELECT min(languages) FROM content INDEXED BY content_languages WHERE languages > value AND {_LIVE}
        ) FROM found WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL LIMIT {MOST_VALUES + 1}""",
    scans=("found",),
)


class LibraryVocabulary:
    """The vocabularies of the program: quality classes and genres."""

    def quality_rank(self, class_name: str) -> int | None:
        """The rank of a quality class, ``None`` if there is none of that name."""
        found = quality_named(class_name)
        return None if found is None else found.rank

    def normal_genre(self, name: str) -> str:
        """The normal form of a genre; an unknown one is its own."""
        return known_genre(name) or name


class StoredNames(LibraryVocabulary):
    """The names in one catalogue, read as they are asked for and kept for one search."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[tuple[NameField, str], Sequence[int]] = {}
        self._resolutions: Sequence[str] | None = None
        self._language_lists: Sequence[str] | None = None

    def ids(self, field: NameField, name: str) -> Sequence[int]:
        """Rows whose name equals ``name``, but for case, accents and punctuation."""
        wanted = comparable_name(self, field, name)
        if (field, wanted) not in self._ids:
            rows = self._database.rows(NAMES[field])
            self._ids[field, wanted] = [number for number, one in rows if comparable_name(self, field, one) == wanted]
        return self._ids[field, wanted]

    def resolutions(self) -> Sequence[str]:
        """Every resolution that some file has."""
        if self._resolutions is None:
            self._resolutions = [value for (value,) in self._database.rows(RESOLUTIONS)]
        return self._resolutions

    def language_lists(self) -> Sequence[str] | None:
        """Every list of languages that some title has, ``None`` when there are more than :data:`MOST_VALUES`."""
        if self._language_lists is None:
            self._language_lists = [value for (value,) in self._database.rows(LANGUAGE_LISTS)]
        return self._language_lists if len(self._language_lists) <= MOST_VALUES else None
