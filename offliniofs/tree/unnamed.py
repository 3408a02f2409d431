"""Folders that wait for their name.

Some file managers make a folder under a name of their own first, and rename it once the user has typed what it is to be
called. By such a name nobody means anything, so the folder is none of the library's: it stands where ``mkdir`` could
make something, empty, until it gets a name with a meaning, is removed or forgotten. ``makings.py`` and ``moves.py`` say
what may become of it.

Who does so:

- Windows Explorer: *New folder*, then ``New folder (2)``; the name is in the language of Windows, and its case differs
  between versions (*New Folder* until XP). Taken from paths of users' own desktops in public repositories.
- macOS Finder: ``untitled folder``, then ``untitled folder 2``, in the language of macOS; likewise.
- Caja, and Nemo and older Nautilus, from which it comes: ``untitled folder`` as translated in its ``po/*.po``, then
  ``untitled folder 2`` (``caja_file_operations_new_folder`` in libcaja-private/caja-file-operations.c).

Thunar, PCManFM, Dolphin and newer Nautilus ask for the name before they make the folder.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from offliniofs.domain.listing import Facet, Shelf
from offliniofs.tree.inodes import CANONICAL, TRASH, FolderNode, Static, StaticNode, decode, directory_base
from offliniofs.tree.text import folded

_EXPLORER: Final = (
    *("New folder", "Neuer Ordner", "Nouveau dossier", "Nueva carpeta", "Nuova cartella", "Nova pasta", "Nieuwe map"),
    *("Ny mapp", "Ny mappe", "Uusi kansio", "Nowy folder", "Nová složka", "Nový priečinok", "Új mappa", "Folder nou"),
    *("Новая папка", "Нова папка", "Yeni klasör", "Νέος φάκελος"),
    *("新しいフォルダー", "新建文件夹", "新增資料夾", "새 폴더"),
)
_FINDER: Final = (
    *("untitled folder", "Neuer Ordner", "dossier sans titre", "carpeta sin título", "cartella senza nome"),
    *("pasta sem título", "naamloze map", "namnlös mapp", "folder bez nazwy"),
    *("名称未設定フォルダ", "未命名文件夹", "무제 폴더"),
)
_CAJA: Final = (
    *("untitled folder", "Namenloser Ordner", "nouveau dossier", "carpeta sin título", "cartella senza nome"),
    *("pasta sem nome", "pasta sem título", "naamloze map", "namnlös mapp", "mappe uden navn", "mappe uten navn"),
    *("nimetön kansio", "nowy katalog", "nepojmenovaná složka", "Priečinok bez názvu", "névtelen mappa"),
    *("dosar fără nume", "carpeta nova", "новая папка", "неназвана тека", "isimsiz klasör", "ανώνυμος φάκελος"),
    *("未タイトルのフォルダ", "未命名文件夹", "未命名資料夾", "이름없는 폴더"),
)


_NAMES: Final = frozenset(folded(name) for name in (*_EXPLORER, *_FINDER, *_CAJA))
_NUMBERED: Final = re.compile(r"(?P<name>.+?)(?: [0-9]{1,4}| \([0-9]{1,4}\))?", re.DOTALL)

_VIEWS: Final = {
    Static.BY_GENRE: f"facet:{Facet.GENRE}",
    Static.BY_YEAR: f"facet:{Facet.YEAR}",
    Static.COLLECTIONS: f"facet:{Facet.COLLECTION}",
    Static.SAVED: Facet.SAVED.value,
    Static.MUSIC: f"shelf:{Shelf.MUSIC}",
}
_INODES: Final = {place: int(static) for static, place in _VIEWS.items()}
_FACETS: Final = {
    Facet.GENRE: _VIEWS[Static.BY_GENRE],
    Facet.YEAR: _VIEWS[Static.BY_YEAR],
    Facet.COLLECTION: _VIEWS[Static.COLLECTIONS],
    Facet.SAVED: _VIEWS[Static.SAVED],
}
OF_ARTISTS: Final = _VIEWS[Static.MUSIC]
"""The place of folders that may become artists."""
_BELOW: Final = "content:"


class FindUnnamed(NamedTuple):
    """A folder without a name: ``reader.unnamed(number)``; no row: stale. Has it got one by now, it is
    ``in_context(row.became, context)``."""

    inode: int
    number: int


class FindInUnnamed(NamedTuple):
    """A name in such a folder: not found, for it is empty; stale when it has got its name, or is gone."""

    number: int


class FindAboveUnnamed(NamedTuple):
    """``..`` of such a folder: ``inode_of(reader.unnamed(number).place, context)``; no row: stale."""

    number: int
    context: int


class UnnamedRows(NamedTuple):
    """``reader.unnamed_in(place)``, those after the row of the cookie: whole entries."""

    cookie: int
    place: str
    base: int


def is_unnamed(name: str) -> bool:
    """Whether a file manager gives this name to what has none yet."""
    match = _NUMBERED.fullmatch(folded(name))
    return match is not None and match["name"] in _NAMES


def in_facet(facet: Facet) -> str | None:
    """The place, as the catalogue has it, of what is to become a genre, year, collection or saved search."""
    return _FACETS.get(facet)


def below(content_id: int) -> str:
    """The place of what is to become a folder below a title."""
    return f"{_BELOW}{content_id}"


def place_at(inode: int) -> tuple[str, int] | None:
    """The place that a folder is, and the context in which it shows what waits there; ``None`` where nothing can."""
    match decode(inode):
        case StaticNode(static) if static in _VIEWS:
            return _VIEWS[static], CANONICAL
        case FolderNode(context, content_id) if context != TRASH:
            return below(content_id), context
        case _:
            return None


def in_context(became: int, context: int) -> int:
    """What such a folder became, where it was seen."""
    node = decode(became)
    return directory_base(context) | node.content_id if isinstance(node, FolderNode) else became


def inode_of(place: str, context: int) -> int:
    """The folder that a place is, in a context; the inverse of :func:`place_at`."""
    found = _INODES.get(place)
    return directory_base(context) | int(place.removeprefix(_BELOW)) if found is None else found
