"""Case-insensitive look-up, where it is switched on: the name that was meant by one that is not there.

The kernel caches names as they are written, so a spelling other than the real one is believed for a moment only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from offliniofs.catalog.reader import Reader
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, Selection, Shelf
from offliniofs.tree.alike import first_alike, titles_in
from offliniofs.tree.nfo import TITLE_NFO_NAMES, nfo_name
from offliniofs.tree.plans import (
    FindFacetValue,
    FindInFolder,
    FindInTrashed,
    FindShelfTitle,
    FindTitle,
    FindTrashed,
    LookupPlan,
)

_PAGE = 1000
_MOST = 20_000
"""Names of one folder that are compared."""


def name_meant(reader: Reader, plan: LookupPlan) -> str | None:
    """The name that a look-up without success meant. For worker threads."""
    match plan:
        case FindShelfTitle(shelf, name):
            return first_alike(name, _titles(reader, name, shelf))
        case FindTitle(_, name):
            return first_alike(name, _titles(reader, name, None))
        case FindFacetValue(facet, name):
            return first_alike(name, _values(reader, facet, ()))
        case FindInFolder(folder_id, name, height):
            return first_alike(name, _entries(reader, ContentId(folder_id), height))
        case FindTrashed(name):
            return first_alike(name, (row.name for row in reader.trash_page(0, _MOST)))
        case FindInTrashed(folder_id, name):
            entry = reader.trash_of_content(ContentId(folder_id)) or 0
            return first_alike(name, (row.name for row in reader.trashed_files(entry, ContentId(folder_id), 0, _MOST)))
        case _:
            return None


def _titles(reader: Reader, name: str, shelf: Shelf | None) -> Iterable[str]:
    return (found for title in titles_in(name) for found in reader.names_alike(title, shelf))


def _values(reader: Reader, facet: Facet, selection: Selection) -> Iterator[str]:
    after = 0
    while after <= _MOST:
        rows = reader.facet_page(facet, selection, after, _PAGE)
        yield from (row.name for row in rows)
        if len(rows) < _PAGE or not isinstance(rows[-1].value.key, int):
            return
        after = rows[-1].value.key


def _entries(reader: Reader, folder_id: ContentId, height: int | None) -> Iterator[str]:
    yield from TITLE_NFO_NAMES  # whether they are there, the look-up of the name that was meant will say
    yield from (child.name for child in reader.children_page(folder_id, 0, _PAGE, height))
    after, seen = 0, 0
    while seen < _MOST:
        files = reader.files_page(folder_id, after, _PAGE, height)
        for row in files:
            yield row.name
            yield nfo_name(row.name)
        if len(files) < _PAGE:
            return
        after, seen = files[-1].file_id, seen + len(files)
