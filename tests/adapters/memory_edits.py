"""Carries the tree's write plans out on a :class:`MemoryCatalogue`: the second adapter beside the mount's own."""

from __future__ import annotations

from dataclasses import replace

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue, FileRow, Shelf
from offliniofs.tree.plans import Refused
from offliniofs.tree.writes import (
    AlreadyThere,
    Become,
    EditTitle,
    Enter,
    EnterNamed,
    EnterTitleOf,
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
    Nothing,
    Prelude,
    Purge,
    RemoveEmptied,
    RemoveValue,
    RenameArtist,
    RenameSearch,
    RenameValue,
    Restore,
    Retitle,
    SaveSearch,
    TitleChange,
    ToArtist,
    TrashFile,
    TrashTitle,
    UniteArtists,
    WritePlan,
)
from tests.adapters.memory_catalogue import Folder, MemoryCatalogue

_SHELVES = {ContentKind.MOVIE: Shelf.MOVIES, ContentKind.SERIES: Shelf.SERIES, ContentKind.OTHER: Shelf.OTHER}


class MemoryEdits:
    """Knows what is in the trash; answers with the reason of a refusal, or ``None`` when the plan was carried out."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self.catalogue = catalogue
        self.trash: set[ContentId | FileId] = set()
        self.purged: set[ContentId | FileId] = set()

    def carry_out(self, plan: WritePlan) -> str | None:
        """Whole, or not at all."""
        match plan:
            case Refused(_, reason):
                return reason
            case Prelude(otherwise):
                return otherwise.reason
            case EditTitle(content_id, changes):
                self._edit(content_id, changes)
            case EnterNamed(name, changes, otherwise):
                found = next((row for row in self.catalogue.titles(()) if row.title_name == name), None)
                if found is None:
                    return otherwise.reason
                self._edit(found.content_id, changes)
            case EnterTitleOf(file_id, changes):
                self._edit(self.catalogue.files[file_id].title_id, changes)
            case AlreadyThere(content_id, name, otherwise):
                names = {row.name for row in self.catalogue.files.values() if row.folder_id == content_id}
                return None if name in names else otherwise.reason
            case _:
                return self._move(plan)
        return None

    def _move(self, plan: WritePlan) -> str | None:
        match plan:
            case MergeTitles(content_id, into):
                for row in list(self.catalogue.files.values()):
                    if row.folder_id == content_id:
                        self.catalogue.files[row.file_id] = row._replace(folder_id=into, title_id=into)
                self.trash.add(content_id)
            case MoveFile(file_id, folder_id, name, replaced):
                row = self.catalogue.files[file_id]
                self.catalogue.files[file_id] = row._replace(folder_id=folder_id, name=name)
                if replaced is not None:
                    self.trash.add(replaced)
            case _:
                return self._folder(plan)
        return None

    def _folder(self, plan: WritePlan) -> str | None:
        match plan:
            case MoveFolder(content_id, parent_id, name, _):
                self.catalogue.folders[content_id] = Folder(content_id, ContentKind.FOLDER, name, parent_id)
            case MakeArtist(name):
                self.catalogue.add_folder(ContentKind.ARTIST, name, shelf=Shelf.MUSIC)
            case RenameArtist(content_id, name):
                self.catalogue.folders.setdefault(content_id, Folder(content_id, ContentKind.ARTIST, name))
            case UniteArtists(content_id, _):
                self.catalogue.folders.pop(content_id, None)
            case MakeFolder(content_id, name, season):
                kind = ContentKind.FOLDER if season is None else ContentKind.SEASON
                self.catalogue.add_folder(kind, name, content_id)
            case _:
                return self._remove(plan)
        return None

    def _remove(self, plan: WritePlan) -> str | None:
        match plan:
            case TrashTitle(item) | TrashFile(item):
                self.trash.add(item)
            case RemoveEmptied(content_id):
                if any(row.folder_id == content_id for row in self._shown()):
                    return "not empty"
                self.trash.add(content_id)
            case Restore(item, _, _):
                self.trash.discard(item)
            case Purge(item, _):
                self.purged.add(item)
            case _:
                return self._value(plan)
        return None

    def _value(self, plan: WritePlan) -> str | None:
        catalogue = self.catalogue
        match plan:
            case MakeValue(facet, name):
                if facet is not Facet.YEAR:
                    self._names(facet)[max(self._names(facet), default=0) + 1] = name
            case RenameValue(FacetValue(facet, int(key)), name):
                self._names(facet)[key] = name
            case RemoveValue(value):
                if any(catalogue.titles((value,))):
                    return "not empty"
            case SaveSearch(name, query):
                catalogue.saved[max(catalogue.saved, default=0) + 1] = (name, query)
            case RenameSearch(key, name):
                catalogue.saved[key] = (name, catalogue.saved[key][1])
            case ForgetSearch(key):
                del catalogue.saved[key]
            case _:
                return self._unnamed(plan)
        return None

    def _unnamed(self, plan: WritePlan) -> str | None:
        waiting = self.catalogue.unnamed
        match plan:
            case MakeUnnamed(place, name):
                if (place, name) in waiting.values():
                    return "exists"
                self.catalogue.last_id += 1
                waiting[self.catalogue.last_id] = (place, name)
            case NameUnnamed(number, made):
                place_and_name = waiting.pop(number)
                reason = self.carry_out(made)
                if reason is not None:
                    waiting[number] = place_and_name
                return reason
            case ForgetUnnamed(number):
                del waiting[number]
            case Nothing():
                pass
            case _:
                raise AssertionError(f"nobody carries out {plan}")
        return None

    def _names(self, facet: Facet) -> dict[int, str]:
        return self.catalogue.genres if facet is Facet.GENRE else self.catalogue.collections

    def _shown(self) -> list[FileRow]:
        return [row for row in self.catalogue.files.values() if row.file_id not in self.trash]

    def _edit(self, content_id: ContentId, changes: tuple[TitleChange, ...]) -> None:
        title = self.catalogue.folders[content_id]
        for change in changes:
            title = replace(title, parent=change.artist_id) if isinstance(change, ToArtist) else _changed(title, change)
        self.catalogue.folders[content_id] = title


def _changed(title: Folder, change: TitleChange) -> Folder:
    match change:
        case Enter(FacetValue(Facet.GENRE, int(key))):
            return replace(title, genres=title.genres | {key})
        case Leave(FacetValue(Facet.GENRE, int(key))):
            return replace(title, genres=title.genres - {key})
        case Enter(FacetValue(Facet.COLLECTION, int(key))):
            return replace(title, collections=title.collections | {key})
        case Leave(FacetValue(Facet.COLLECTION, int(key))):
            return replace(title, collections=title.collections - {key})
        case Enter(FacetValue(Facet.YEAR, int(key))):
            return replace(title, year=key)
        case Enter(FacetValue(Facet.FAVOURITES)):
            return replace(title, favourite=True)
        case Leave(FacetValue(Facet.FAVOURITES)):
            return replace(title, favourite=False)
        case Retitle(words, year):
            return replace(
                title, name=words or title.name, title_name=words or title.title_name, year=year or title.year
            )
        case Become(kind):
            return replace(title, kind=kind, shelf=_SHELVES[kind])
        case _:
            raise AssertionError(f"no title can become {change}")
