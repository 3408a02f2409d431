"""Carries plans of :mod:`offliniofs.tree.writes` out on the catalogue's writer: what each one is made of there.

Every function here runs on the writer, in its thread, and is one transaction or more that leave the library whole
after each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree.inodes import CANONICAL, directory_base
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.views import View, view_number
from offliniofs.tree.writes import (
    Become,
    EditTitle,
    Enter,
    ForgetSearch,
    ForgetUnnamed,
    Leave,
    MakeArtist,
    MakeFolder,
    MakeUnnamed,
    MakeValue,
    MergeTitles,
    MoveFile,
    MoveFolder,
    NameUnnamed,
    RemoveEmptied,
    RemoveValue,
    RenameArtist,
    RenameSearch,
    RenameValue,
    Retitle,
    SaveSearch,
    TitleChange,
    ToArtist,
    TrashFile,
    TrashTitle,
    UniteArtists,
    WritePlan,
)

if TYPE_CHECKING:
    from offliniofs.catalog.rehoming import Along
    from offliniofs.catalog.writer import Writer

Change: TypeAlias = "Callable[[Writer], object]"


def change_of(plan: WritePlan) -> Change:
    """The change a plan is, for those that need to know nothing else; ``AssertionError`` for all others."""
    match plan:
        case EditTitle(content_id, changes):
            return lambda writer: edit_title(writer, content_id, changes)
        case MergeTitles(content_id, into):
            return lambda writer: writer.unite(content_id, into)
        case MoveFolder():
            return lambda writer: writer.move_folder(*plan)
        case RenameArtist(artist_id, name):
            return lambda writer: writer.rename_artist(artist_id, name)
        case UniteArtists(artist_id, into):
            return lambda writer: writer.unite_artists(artist_id, into)
        case TrashTitle(content_id):
            return lambda writer: writer.trash_content(content_id)
        case RemoveEmptied(content_id):
            return lambda writer: writer.remove_folder(content_id)
        case TrashFile(file_id):
            return lambda writer: writer.trash_file(file_id, text_later=True)
        case _:
            return _value_change(plan)


def _value_change(plan: WritePlan) -> Change:
    match plan:
        case RenameValue(FacetValue(Facet.GENRE, int(key)), name):
            return lambda writer: writer.rename_genre(key, name)
        case RenameValue(FacetValue(_, int(key)), name):
            return lambda writer: writer.rename_collection(key, name)
        case RemoveValue(FacetValue(Facet.GENRE, int(key))):
            return lambda writer: writer.remove_empty_genre(key)
        case RemoveValue(FacetValue(Facet.YEAR, int(key))):
            return lambda writer: writer.remove_empty_year(key)
        case RemoveValue(FacetValue(_, int(key))):
            return lambda writer: writer.remove_empty_collection(key)
        case SaveSearch(name, query):
            return lambda writer: writer.save_search(name, query)
        case RenameSearch(search_id, name):
            return lambda writer: writer.rename_saved_search(search_id, name)
        case ForgetSearch(search_id):
            return lambda writer: writer.forget_saved_search(search_id)
        case ForgetUnnamed(number):
            return lambda writer: writer.forget_unnamed(number)
        case _:
            raise AssertionError(f"nobody carries out {plan}")


def edit_title(writer: Writer, content_id: ContentId, changes: tuple[TitleChange, ...]) -> None:
    """All changes of a title, in one transaction. A genre that lost its last title keeps its folder."""
    if not changes:
        return
    with writer.together():
        for change in changes:
            _change_title(writer, content_id, change)
    for change in changes:
        if isinstance(change, Leave) and change.value.facet is Facet.GENRE and isinstance(change.value.key, int):
            writer.keep_genre(change.value.key)


def _change_title(writer: Writer, content_id: ContentId, change: TitleChange) -> None:
    match change:
        case Enter(value):
            _enter(writer, content_id, value)
        case Leave(value):
            _leave(writer, content_id, value)
        case Retitle(title, year):
            for field, text in ((EditableField.TITLE, title), (EditableField.YEAR, year)):
                if text is not None:
                    writer.edit_content(content_id, MetadataEdit(field, text))
        case Become(kind):
            writer.change_kind(content_id, kind)
        case ToArtist(artist_id):
            writer.move_album(content_id, artist_id)


def _enter(writer: Writer, content_id: ContentId, value: FacetValue) -> None:
    match value:
        case FacetValue(Facet.GENRE, int(key)):
            writer.change_genre(content_id, None, key)
        case FacetValue(Facet.COLLECTION, int(key)):
            writer.add_to_collection(key, content_id)
        case FacetValue(Facet.YEAR, int(key)):
            writer.edit_content(content_id, MetadataEdit(EditableField.YEAR, key))
        case _:
            writer.edit_content(content_id, MetadataEdit(EditableField.FAVOURITE, True))


def _leave(writer: Writer, content_id: ContentId, value: FacetValue) -> None:
    match value:
        case FacetValue(Facet.GENRE, int(key)):
            writer.remove_genre(content_id, key)
        case FacetValue(Facet.COLLECTION, int(key)):
            writer.remove_from_collection(key, content_id)
        case _:
            writer.edit_content(content_id, MetadataEdit(EditableField.FAVOURITE, False))


def move_file(writer: Writer, plan: MoveFile) -> list[Along]:
    """Another name or folder; what had the name goes to the trash. What went along with the file."""
    with writer.together():
        if plan.replaced is not None:
            writer.trash_file(plan.replaced)
        return writer.move_file(plan.file_id, plan.folder_id, plan.name)


def make_value(writer: Writer, facet: Facet, name: str) -> FacetValue:
    """Makes a genre, year or collection; which it is."""
    match facet:
        case Facet.GENRE:
            return FacetValue(facet, writer.make_genre(name))
        case Facet.YEAR:
            writer.make_year(int(name))
            return FacetValue(facet, int(name))
        case _:
            return FacetValue(facet, writer.make_collection(name))


def make(writer: Writer, plan: MakeArtist | MakeFolder) -> ContentId:
    """Makes an artist, or a folder below a title. Raises ``UsageError`` where there is one already."""
    if isinstance(plan, MakeArtist):
        return writer.make_artist(plan.name)
    return writer.make_folder(*plan)


def name_unnamed(writer: Writer, plan: NameUnnamed) -> None:
    """A folder that waited for its name becomes what that means. Raises ``UsageError`` where there is one already."""
    with writer.together():
        match plan.made:
            case MakeUnnamed(_, name):
                writer.rename_unnamed(plan.number, name)
            case MakeValue(facet, name):
                writer.name_unnamed(plan.number, _inode(make_value(writer, facet, name)))
            case SaveSearch(name, query):
                saved = FacetValue(Facet.SAVED, writer.save_search(name, query))
                writer.name_unnamed(plan.number, _inode(saved))
            case MakeArtist() | MakeFolder() as made:
                writer.name_unnamed(plan.number, directory_base(CANONICAL) | make(writer, made))


def _inode(value: FacetValue) -> int:
    return directory_base(view_number(View((value,))) or CANONICAL)


NOT_EMPTY = Refused(Refusal.NOT_EMPTY, "There are files in this folder; remove them first, or the folder with 'rm -r'.")
HAS_TITLES = Refused(Refusal.NOT_EMPTY, "There are titles in this folder; take them out first.")
NO_SUCH = Refused(Refusal.NOT_FOUND, "It is not there any more.")
