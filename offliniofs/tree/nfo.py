"""Which NFO files a folder shows besides the user's own.

``movie.nfo``, ``tvshow.nfo`` and ``<episode>.nfo`` are names that Kodi and Jellyfin read
(https://kodi.wiki/view/NFO_files, https://jellyfin.org/docs/general/server/metadata/nfo/). An NFO that the user
supplied replaces the generated one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.listing import FileRow
from offliniofs.tree.inodes import Generated, generated_inode
from offliniofs.tree.plans import Entry

NFO_EXTENSION: Final = ".nfo"

_TITLE_NFOS: Final = {
    ContentKind.MOVIE: ("movie.nfo", Generated.MOVIE_NFO),
    ContentKind.SERIES: ("tvshow.nfo", Generated.SERIES_NFO),
}
TITLE_NFO_NAMES: Final = tuple(name for name, _ in _TITLE_NFOS.values())


def nfo_name(media_name: str) -> str:
    """The name of the NFO that goes with a media file: its extension replaced."""
    stem, dot, _ = media_name.rpartition(".")
    return (stem if dot and stem else media_name) + NFO_EXTENSION


def has_generated_nfos(kind: ContentKind) -> bool:
    """Whether folders of this kind can show any, so that others need not be asked for their files."""
    return kind in _TITLE_NFOS or kind is ContentKind.SEASON


def generated_nfos(kind: ContentKind, folder_id: int, files: Iterable[FileRow], cookie: int = 0) -> list[Entry]:
    """The generated NFO files of one folder, cookies rising.

    ``files``: all files the folder shows, in the order of their ids. A title has one NFO unless the user supplied any
    NFO for it; an episode has one for each media file whose NFO name is free. Of media files that differ in the
    extension alone the first one's is shown.
    """
    if kind is ContentKind.SEASON:
        return _episode_nfos(files, cookie)
    title = _TITLE_NFOS.get(kind)
    if title is None or any(file.role is FileRole.NFO for file in files):
        return []
    name, generated = title
    return [Entry(cookie | 1, name, generated_inode(generated, folder_id))]


def _episode_nfos(files: Iterable[FileRow], cookie: int) -> list[Entry]:
    rows = list(files)
    taken = {row.name for row in rows}
    entries: list[Entry] = []
    for row in rows:
        name = nfo_name(row.name)
        if row.role is FileRole.MEDIA and name not in taken:
            taken.add(name)
            entries.append(Entry(cookie | row.file_id, name, generated_inode(Generated.EPISODE_NFO, row.file_id)))
    return entries
