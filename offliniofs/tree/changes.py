"""From the catalogue's change log to what the kernel must forget.

The kernel keeps names and attributes of folders it has seen. A change names one folder of the canonical tree or one
view; the same folder stands in other contexts under other numbers, which follow from its id: so a change of a title's
content is told for every context that is in use. What the kernel does not hold it answers with ENOENT, which costs
microseconds.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from offliniofs.domain.listing import ChangeRow, Facet, FacetValue
from offliniofs.tree.inodes import (
    CANONICAL,
    Generated,
    Static,
    directory_base,
    file_inode,
    generated_inode,
)
from offliniofs.tree.layout import FACET_INODES, ROOT_CHILDREN, SHELF_INODES
from offliniofs.tree.nfo import NFO_EXTENSION, TITLE_NFO_NAMES, nfo_name
from offliniofs.tree.views import LIBRARY_KEY, TRASH_KEY, View, is_fleeting, view_number


class InvalidateInode(NamedTuple):
    """What is kept of a node itself (its size and times; of a generated file also its pages) no longer holds."""

    inode: int


class InvalidateEntry(NamedTuple):
    """What is kept of a name in a folder no longer holds."""

    parent: int
    name: str


Invalidation = InvalidateInode | InvalidateEntry

_FACETS_BY_KEY: Final = {
    **{f"facet:{facet.value}": inode for facet, inode in FACET_INODES.items()},
    Facet.SAVED.value: FACET_INODES[Facet.SAVED],
    TRASH_KEY: int(Static.TRASH),
}
_SHELVES_BY_KEY: Final = {f"shelf:{shelf.value}": inode for shelf, inode in SHELF_INODES.items()}
_VALUE_WORDS: Final = {
    "genre": Facet.GENRE,
    "year": Facet.YEAR,
    "resolution": Facet.QUALITY,
    "collection": Facet.COLLECTION,
    "saved": Facet.SAVED,
}
_FLAGS: Final = {facet.value: facet for facet in (Facet.RECENT, Facet.UNWATCHED, Facet.FAVOURITES)}
_OF_THE_WHOLE: Final = (Static.ROOT, Static.README, Static.STATUS, Static.METRICS, Static.HEALTH, Static.SEARCH)


def invalidations(changes: Iterable[ChangeRow], contexts: Sequence[int]) -> list[Invalidation]:
    """What the kernel must forget after ``changes``, each thing once, in order.

    ``contexts``: every context of which the kernel may hold folders, without the canonical one.
    """
    rows = list(changes)
    if not rows:
        return []
    dynamic = [context for context in contexts if is_fleeting(context)]
    made = {row.subject_id for row in rows if _is_made(row)}
    found: dict[Invalidation, None] = {}
    for row in rows:
        found.update(dict.fromkeys(_of_change(row, contexts, dynamic, made)))
    found.update(dict.fromkeys(InvalidateInode(int(static)) for static in _OF_THE_WHOLE))
    found.update(dict.fromkeys(InvalidateInode(directory_base(context)) for context in dynamic))
    return list(found)


def everything(contexts: Iterable[int]) -> list[Invalidation]:
    """What the kernel must forget when nobody knows what changed: whatever it was told.

    ``contexts`` as in :func:`invalidations`. When a name of the root goes, the kernel drops all it holds below that
    name (``d_invalidate`` in its fs/dcache.c), except what is in use: the name of a file that is open, or of a folder
    in which a process stands, is believed until its time is over. The folders of views are therefore named as well.
    """
    found: list[Invalidation] = [InvalidateInode(int(static)) for static in Static]
    found += [InvalidateInode(directory_base(context)) for context in contexts]
    found += [InvalidateEntry(int(Static.ROOT), name) for name in ROOT_CHILDREN]
    return found


def _is_made(change: ChangeRow) -> bool:
    """Whether a row tells of a new folder: ids are never used twice, so the kernel holds nothing of it or below it."""
    if change.subject != "content" or change.action != "added":
        return False
    return change.directory_id is not None or change.view in _SHELVES_BY_KEY


def _of_change(
    change: ChangeRow, contexts: Sequence[int], dynamic: Sequence[int], made: Container[int | None]
) -> Iterator[Invalidation]:
    if change.view is not None:
        yield from _of_view(change.view, change.name, dynamic)
        return
    if change.directory_id is not None and change.directory_id not in made:
        yield from _of_folder(change.directory_id, change.name, contexts)
    if change.subject_id is not None and change.action != "added":
        yield from _of_subject(change.subject, change.subject_id, contexts)


def _of_subject(subject: str, subject_id: int, contexts: Sequence[int]) -> Iterator[Invalidation]:
    if subject == "content":
        for context in (CANONICAL, *contexts):
            yield InvalidateInode(directory_base(context) | subject_id)
        yield InvalidateInode(generated_inode(Generated.MOVIE_NFO, subject_id))
        yield InvalidateInode(generated_inode(Generated.SERIES_NFO, subject_id))
    elif subject == "file":
        yield InvalidateInode(file_inode(subject_id))
        yield InvalidateInode(generated_inode(Generated.EPISODE_NFO, subject_id))


def _of_folder(content_id: int, name: str | None, contexts: Sequence[int]) -> Iterator[Invalidation]:
    names = () if name is None else _names_with(name)
    for context in (CANONICAL, *contexts):
        folder = directory_base(context) | content_id
        yield InvalidateInode(folder)
        for each in names:
            yield InvalidateEntry(folder, each)


def _names_with(name: str) -> tuple[str, ...]:
    """A name, and the generated NFO files that come and go with a media file and with the user's own NFO."""
    title_nfos = TITLE_NFO_NAMES if name.endswith(NFO_EXTENSION) else ()
    return tuple(dict.fromkeys((name, nfo_name(name), *title_nfos)))


def _of_view(key: str, name: str | None, dynamic: Sequence[int]) -> Iterator[Invalidation]:
    folder = _FACETS_BY_KEY.get(key) or _SHELVES_BY_KEY.get(key)
    if folder is None:
        folder = _titles_folder(key)
        # A title that comes or goes in one view may do so in every search and nested facet.
        if name is not None:
            for context in dynamic:
                yield InvalidateEntry(directory_base(context), name)
    if folder is not None:
        yield InvalidateInode(folder)
        if name is not None:
            yield InvalidateEntry(folder, name)


def _titles_folder(key: str) -> int | None:
    """The folder of a view of titles, by its key in the change log; ``None`` for ``library`` and unknown keys."""
    if key == LIBRARY_KEY:
        return None
    flag = _FLAGS.get(key)
    if flag is not None:
        return _number_inode(FacetValue(flag))
    word, _, value = key.partition(":")
    facet = _VALUE_WORDS.get(word)
    if facet is None or not value.isascii() or not value.isdecimal():
        return None
    return _number_inode(FacetValue(facet, int(value)))


def _number_inode(value: FacetValue) -> int | None:
    number = view_number(View((value,)))
    return None if number is None else directory_base(number)
