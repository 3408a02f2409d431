"""What a change through names means: plans, which an adapter carries out on the catalogue's writer.

Every plan is carried out whole or refused; ``makings.py``, ``moves.py`` and ``removals.py`` decide which it is, for
every pair of places. None of them moves a byte.
"""

from __future__ import annotations

from typing import NamedTuple

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree.plans import Refused

# --- what a title can become ------------------------------------------------------------------------------------------


class Enter(NamedTuple):
    """The title gets this genre, collection or favourite mark; a year replaces the one it has."""

    value: FacetValue


class Leave(NamedTuple):
    """The title loses this genre, collection or favourite mark."""

    value: FacetValue


class Retitle(NamedTuple):
    """The title is called otherwise; ``None`` for what stays."""

    title: str | None
    year: int | None


class Become(NamedTuple):
    """The title is of another kind, and stands on another shelf."""

    kind: ContentKind


class ToArtist(NamedTuple):
    """The album is another artist's."""

    artist_id: ContentId


TitleChange = Enter | Leave | Retitle | Become | ToArtist


# --- plans ------------------------------------------------------------------------------------------------------------


class EditTitle(NamedTuple):
    """Changes a title, all of it in one step."""

    content_id: ContentId
    changes: tuple[TitleChange, ...]


class EnterNamed(NamedTuple):
    """``mkdir`` of a title's name where it is not shown yet: the first half of copying a title there.

    The title of that name gets what the folder stands for. No such title: refused with ``otherwise``.
    """

    name: str
    changes: tuple[TitleChange, ...]
    otherwise: Refused


class EnterTitleOf(NamedTuple):
    """A file linked into a view: its title gets what the folder stands for."""

    file_id: FileId
    changes: tuple[TitleChange, ...]


class AlreadyThere(NamedTuple):
    """Linking a file, or making a folder, where it stands already: the second half of copying a title into a view.

    Done if ``name`` stands in the folder ``content_id``; else refused with ``otherwise``.
    """

    content_id: ContentId
    name: str
    otherwise: Refused


class MergeTitles(NamedTuple):
    """All that belongs to one title goes to another."""

    content_id: ContentId
    into: ContentId


class MoveFile(NamedTuple):
    """A file gets another name or folder; ``replaced`` goes to the trash first."""

    file_id: FileId
    folder_id: ContentId
    name: str
    replaced: FileId | None


class MakeFolder(NamedTuple):
    """Makes a folder below a title; ``season``: the number of the season it is for. There already: EEXIST."""

    content_id: ContentId
    name: str
    season: int | None


class MoveFolder(NamedTuple):
    """A season's or another folder below a title gets another name or another place, with all that is in it."""

    content_id: ContentId
    parent_id: ContentId
    name: str
    season: int | None


class MakeArtist(NamedTuple):
    """Makes an artist that has no album yet. There already: EEXIST."""

    name: str


class RenameArtist(NamedTuple):
    """Gives an artist another name, for all albums."""

    artist_id: ContentId
    name: str


class UniteArtists(NamedTuple):
    """All albums of one artist are another's."""

    artist_id: ContentId
    into: ContentId


class MakeValue(NamedTuple):
    """Makes a genre, collection or year that has no title yet."""

    facet: Facet
    name: str


class RenameValue(NamedTuple):
    """Gives a genre or a collection another name."""

    value: FacetValue
    name: str


class RemoveValue(NamedTuple):
    """Removes a genre, collection or year if it has no title; else refused as not empty."""

    value: FacetValue


class SaveSearch(NamedTuple):
    """Makes a saved search of that name; exists already: EEXIST."""

    name: str
    query: str


class RenameSearch(NamedTuple):
    """Gives a saved search another name."""

    search_id: int
    name: str


class ForgetSearch(NamedTuple):
    """Forgets a saved search, never what it finds."""

    search_id: int


class MakeUnnamed(NamedTuple):
    """Makes a folder that waits for its name: of the library only when it gets one. There already: EEXIST."""

    place: str
    name: str


Made = MakeValue | SaveSearch | MakeArtist | MakeFolder | MakeUnnamed
"""What ``mkdir`` makes."""


class NameUnnamed(NamedTuple):
    """A folder that waited for its name becomes what ``mkdir`` of that name makes, in one step."""

    number: int
    made: Made


class ForgetUnnamed(NamedTuple):
    """A folder that waited for its name goes."""

    number: int


class TrashTitle(NamedTuple):
    """A title goes to the trash with everything in it."""

    content_id: ContentId


class TrashFile(NamedTuple):
    """A file goes to the trash."""

    file_id: FileId


class RemoveEmptied(NamedTuple):
    """``rmdir`` on a shelf: the folder goes if no file of the library is left in it; else refused as not empty."""

    content_id: ContentId


class Restore(NamedTuple):
    """Something comes back from the trash to where it was, and then changes."""

    item: ContentId | FileId
    is_file: bool
    changes: tuple[TitleChange, ...]


class Purge(NamedTuple):
    """Something in the trash is removed for good."""

    item: ContentId | FileId
    is_file: bool


class Prelude(NamedTuple):
    """Removing what stands below a title that is about to be taken out of a view, or out of the trash.

    ``rm -r`` removes the files of a folder before the folder. Nothing happens to them: the kernel is told they are
    gone if the same client has just listed the folder, as who removes it whole must; else refused with ``otherwise``.
    """

    otherwise: Refused


class Nothing(NamedTuple):
    """There is nothing to do: it is so already, or what goes comes back by itself."""


WritePlan = (
    EditTitle
    | EnterNamed
    | EnterTitleOf
    | AlreadyThere
    | MergeTitles
    | MoveFile
    | MakeFolder
    | MoveFolder
    | MakeArtist
    | RenameArtist
    | UniteArtists
    | MakeValue
    | RenameValue
    | RemoveValue
    | SaveSearch
    | RenameSearch
    | ForgetSearch
    | MakeUnnamed
    | NameUnnamed
    | ForgetUnnamed
    | TrashTitle
    | TrashFile
    | RemoveEmptied
    | Restore
    | Purge
    | Prelude
    | Nothing
    | Refused
)
