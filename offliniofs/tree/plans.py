"""What the tree answers: plans, which an adapter carries out on a catalogue reader.

Three kinds: a :data:`LookupPlan` finds one name in a folder, a :class:`ListingPlan` is the folder's content in
sections, and an :data:`AttributePlan` says what ``stat`` must know. Rows become entries without further objects::

    inode  = section.base | row id            cookie = section.cookie | row id

The cookie of an entry is the offset at which a listing goes on after it. Sections are paged by row id, so a row that
comes or goes between two pages neither repeats nor hides another.
"""

from __future__ import annotations

from enum import Enum, auto, unique
from typing import Final, NamedTuple

from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, Selection, Shelf
from offliniofs.tree.unnamed import FindAboveUnnamed, FindInUnnamed, FindUnnamed, UnnamedRows
from offliniofs.tree.views import View

KEY_BITS: Final = 48
"""Bits of a cookie that hold the row id; those above hold the section."""

KEY_MASK: Final = (1 << KEY_BITS) - 1


@unique
class Refusal(Enum):
    """Why something cannot be done. The adapter has an errno for each."""

    NOT_FOUND = auto()
    """There is no such name (ENOENT)."""
    STALE = auto()
    """The number was never given out, or is no longer understood: look the path up again (ESTALE)."""
    NOT_A_DIRECTORY = auto()
    """ENOTDIR."""
    IS_A_DIRECTORY = auto()
    """EISDIR."""
    EXISTS = auto()
    """EEXIST: in ``search/`` every legal query exists."""
    READ_ONLY = auto()
    """This part of the tree shows the catalogue and takes no changes through names (EROFS)."""
    NOT_PERMITTED = auto()
    """The folder takes changes, but not this one (EPERM)."""
    INVALID = auto()
    """The name or value cannot be used (EINVAL)."""
    NAME_TOO_LONG = auto()
    """ENAMETOOLONG."""
    NO_SUCH_ATTRIBUTE = auto()
    """ENODATA."""
    NOT_EMPTY = auto()
    """ENOTEMPTY."""


# --- lookup -----------------------------------------------------------------------------------------------------------


class Present(NamedTuple):
    """The name is there, whatever the catalogue holds; ask ``attributes(inode)`` for the rest."""

    inode: int


class Refused(NamedTuple):
    """It cannot be. A refused change says why, for people to read."""

    refusal: Refusal
    reason: str = ""


class FindShelfTitle(NamedTuple):
    """``reader.shelf_named(shelf, name)``; inode ``base | content_id``. No row: not found."""

    shelf: Shelf
    name: str
    base: int


class FindSuggestion(NamedTuple):
    """A ``did you mean`` link: there if the selection has no title (``reader.titles_page(selection, 0, 1)`` is empty)
    and ``suggestion_name(the catalogue's suggestion for query)`` equals ``name``. Else not found.
    """

    selection: Selection
    query: str
    name: str
    inode: int


class FindTitle(NamedTuple):
    """``reader.title_named(selection, name)``; inode ``base | content_id``. No row: ``otherwise``."""

    selection: Selection
    name: str
    base: int
    otherwise: Present | Refused | FindSuggestion


class FindInFolder(NamedTuple):
    """A name in a title, season or other folder.

    ``reader.child_named(folder_id, name, height)``, inode ``base | content_id``; else ``reader.file_named(folder_id,
    name, height)``, inode ``FILE_BASE | file_id``; else, if ``may_be_generated``, the entry of that name in
    ``generated_nfos(kind of the folder, folder_id, its files)``; else not found.
    """

    folder_id: ContentId
    name: str
    height: int | None
    base: int
    may_be_generated: bool


class FindFacetValue(NamedTuple):
    """``reader.facet_named(facet, name)``; then ``tree.value_inode(view, row.value)``. No row, or ``None``: not
    found."""

    facet: Facet
    name: str
    view: View


class FindTrashed(NamedTuple):
    """A name in ``.trash``: ``reader.trash_named(name)``; inode ``base | content_id``, or ``FILE_BASE | file_id``."""

    name: str
    base: int


class FindInTrashed(NamedTuple):
    """A name in a deleted folder. ``entry = reader.trash_of_content(folder_id)``;
    ``reader.trashed_file_named(entry, folder_id, name)``, inode ``FILE_BASE | file_id``; else
    ``reader.trashed_child_named(entry, folder_id, name)``, inode ``base | content_id``. No entry: stale.
    """

    folder_id: ContentId
    name: str
    base: int


class FindParent(NamedTuple):
    """``..`` of a folder: the row above ``content_id`` (inode ``base | its id``), or ``top`` for a title of a view.

    In the canonical tree (``top`` is ``None``) what has no parent row stands on a shelf: ``tree.shelf_inode(shelf)``.
    """

    content_id: ContentId
    base: int
    top: int | None


LookupPlan = (
    Present
    | Refused
    | FindShelfTitle
    | FindTitle
    | FindInFolder
    | FindFacetValue
    | FindTrashed
    | FindInTrashed
    | FindParent
    | FindInUnnamed
    | FindAboveUnnamed
)
"""``FindSuggestion`` only stands behind ``FindTitle.otherwise``."""


# --- attributes -------------------------------------------------------------------------------------------------------


@unique
class Document(Enum):
    """Texts that are rendered when they are asked for; their size is that of the rendered text."""

    README = auto()
    STATUS = auto()
    METRICS = auto()
    HEALTH = auto()
    MOVIE_NFO = auto()
    """``key``: content id."""
    SERIES_NFO = auto()
    """``key``: content id."""
    EPISODE_NFO = auto()
    """``key``: file id."""
    QUERY_ERROR = auto()
    """``query``: what was entered; text by ``search_error_text(query)``."""


NFOS = frozenset({Document.MOVIE_NFO, Document.SERIES_NFO, Document.EPISODE_NFO})
"""Those in whose place the user's own may come."""


class FolderAttributes(NamedTuple):
    """A folder that is not a content row. mtime: ``reader.view_changed_ns(change_key)``.

    With ``value``, the folder is there only while ``reader.facet_value(value)`` finds a row.
    """

    inode: int
    change_key: str
    value: FacetValue | None = None
    writable: bool = True
    """Whether anything can be changed in it."""


class FindDirectory(NamedTuple):
    """``reader.directory(content_id)``; no row: stale."""

    inode: int
    content_id: ContentId


class FindTrashedDirectory(NamedTuple):
    """``reader.trashed_directory(content_id)``; no row: stale."""

    inode: int
    content_id: ContentId


class FindFile(NamedTuple):
    """``reader.file(file_id)``, or ``reader.stored_file(file_id)`` for one in the trash; no row: stale."""

    inode: int
    file_id: FileId


class ConstantFile(NamedTuple):
    """A file whose bytes never change."""

    inode: int
    content: bytes


class RenderedFile(NamedTuple):
    """A file whose bytes the adapter renders."""

    inode: int
    document: Document
    key: int = 0
    query: str = ""


class SuggestionLink(NamedTuple):
    """A symbolic link to ``suggestion_target(reader's suggestion for query)``; no suggestion: stale."""

    inode: int
    query: str


AttributePlan = (
    FolderAttributes
    | FindDirectory
    | FindTrashedDirectory
    | FindUnnamed
    | FindFile
    | ConstantFile
    | RenderedFile
    | SuggestionLink
    | Refused
)


# --- listing ----------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A name that needs no row. ``cookie`` is whole."""

    cookie: int
    name: str
    inode: int


class FixedEntries(NamedTuple):
    """Names that are always there, cookies rising."""

    cookie: int
    entries: tuple[Entry, ...]


class ShelfRows(NamedTuple):
    """``reader.shelf_page(shelf, after, limit)``."""

    cookie: int
    shelf: Shelf
    base: int


class TitleRows(NamedTuple):
    """``reader.titles_page(selection, after, limit)``."""

    cookie: int
    selection: Selection
    base: int


class ChildRows(NamedTuple):
    """``reader.children_page(content_id, after, limit, height)``."""

    cookie: int
    content_id: ContentId
    height: int | None
    base: int


class FileRows(NamedTuple):
    """``reader.files_page(folder_id, after, limit, height)``; ``base`` is FILE_BASE."""

    cookie: int
    folder_id: ContentId
    height: int | None
    base: int


class FacetRows(NamedTuple):
    """``reader.facet_page(facet, view.selection, after, limit)``; inode ``tree.value_inode(view, row.value)``, skipped
    when that is ``None``; cookie ``cookie | row.value.key``.
    """

    cookie: int
    facet: Facet
    view: View


class TrashRows(NamedTuple):
    """``reader.trash_page(after, limit)``: folders (inode ``base | content_id``) and files (``FILE_BASE | file_id``);
    cookie ``cookie | trash_id``."""

    cookie: int
    base: int


class TrashedChildRows(NamedTuple):
    """``reader.trashed_children(entry, content_id, after, limit)``; see :class:`FindInTrashed`."""

    cookie: int
    content_id: ContentId
    base: int


class TrashedFileRows(NamedTuple):
    """``reader.trashed_files(entry, folder_id, after, limit)``; inode ``FILE_BASE | file_id``."""

    cookie: int
    folder_id: ContentId


class NfoEntries(NamedTuple):
    """``generated_nfos(kind, folder_id, files of the folder that have this height, cookie)``: whole entries."""

    cookie: int
    folder_id: ContentId
    height: int | None


class SearchEntries(NamedTuple):
    """``tree.search_entries(reader.saved_searches(), reader.recent_views(limit), cookie)``: whole entries."""

    cookie: int


class SuggestionEntry(NamedTuple):
    """One link, when the section before it has no row at all and there is a suggestion for ``query``:
    name ``suggestion_name(suggestion)``, cookie ``cookie | 1``.
    """

    cookie: int
    query: str
    inode: int


Section = (
    FixedEntries
    | ShelfRows
    | TitleRows
    | ChildRows
    | FileRows
    | FacetRows
    | TrashRows
    | TrashedChildRows
    | TrashedFileRows
    | NfoEntries
    | SearchEntries
    | SuggestionEntry
    | UnnamedRows
)


class ListingPlan(NamedTuple):
    """A folder's content. Section ``n`` has the cookies from ``(n + 1) << KEY_BITS``."""

    sections: tuple[Section, ...]


def section_cookie(index: int) -> int:
    """The cookie base of the section at ``index``."""
    return (index + 1) << KEY_BITS


def resume(offset: int) -> tuple[int, int]:
    """Where a listing goes on after the entry with this cookie (0: from the start): section index and row id."""
    index, after = (offset >> KEY_BITS) - 1, offset & KEY_MASK
    return (index, after) if index >= 0 else (0, 0)
