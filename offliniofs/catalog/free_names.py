"""Names that nothing has yet."""

from __future__ import annotations

from collections.abc import Callable

from offliniofs.catalog.cleaning import clean_text, storable
from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.domain.naming import Naming

SHELF_NAME_TAKEN = Statement("SELECT 1 FROM content WHERE shelf = ? AND folder_name = ? AND deleted_ns IS NULL")
TITLE_NAME_TAKEN = Statement("SELECT 1 FROM content WHERE title_name = ? AND deleted_ns IS NULL")
CHILD_NAME_TAKEN = Statement("SELECT 1 FROM content WHERE parent_id = ? AND folder_name = ? AND deleted_ns IS NULL")
FILE_NAME_TAKEN = Statement("SELECT 1 FROM files WHERE folder_id = ? AND name = ? AND deleted_ns IS NULL")

_LONGEST_NAME = 255
_LONGEST_SOURCE_NAME = 512


def free_name(naming: Naming, name: str, taken: Callable[[str], bool]) -> str:
    """``name``, or the variant of it with a small number that is free.

    Numbers are tried in doubling steps and then halved back, so that ten thousand files of one name take a dozen looks
    each, not ten thousand.
    """
    name = clean_text(name, _LONGEST_NAME) or "_"
    if not taken(name):
        return name
    low, high = 1, 2
    while taken(naming.distinct(name, high)):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if taken(naming.distinct(name, middle)):
            low = middle
        else:
            high = middle
    return naming.distinct(name, high)


def free_shelf_name(database: Database, naming: Naming, shelf: str, name: str) -> str:
    """A name no directory of the shelf has."""
    return free_name(naming, name, lambda tried: database.row(SHELF_NAME_TAKEN, (shelf, tried)) is not None)


def free_title_name(database: Database, naming: Naming, name: str) -> str:
    """A name no title has in the views."""
    return free_name(naming, name, lambda tried: database.row(TITLE_NAME_TAKEN, (tried,)) is not None)


def free_entry_name(database: Database, naming: Naming, folder_id: int, name: str) -> str:
    """A name neither a file nor a directory of the folder has."""

    def taken(tried: str) -> bool:
        return (
            database.row(FILE_NAME_TAKEN, (folder_id, tried)) is not None
            or database.row(CHILD_NAME_TAKEN, (folder_id, tried)) is not None
        )

    return free_name(naming, name, taken)


def original_name(source_name: bytes) -> str:
    """A source's own name as text, as it is cleaned in an identification: the two are compared."""
    return storable(source_name.decode("utf-8", "surrogateescape"), _LONGEST_SOURCE_NAME) or ""
