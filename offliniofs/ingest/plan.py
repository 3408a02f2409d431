"""What a dry run says of a file: where it would be filed."""

from __future__ import annotations

import os

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.listing import Shelf
from offliniofs.domain.naming import Naming
from offliniofs.ingest.describe import Described
from offliniofs.ingest.report import ImportedFile

_SERIES = frozenset({ContentKind.SERIES, ContentKind.SEASON, ContentKind.EPISODE})
_MUSIC = frozenset({ContentKind.ARTIST, ContentKind.ALBUM, ContentKind.TRACK})


def planned(file: Described, naming: Naming) -> ImportedFile:
    """The file and its place below the mount's root, as the catalogue would name it if nothing had that name yet."""
    path = "/".join([*_folders(file, naming), *file.subfolder, _name(file, naming)])
    return ImportedFile(file.source, file.role, file.identification, path)


def _folders(file: Described, naming: Naming) -> list[str]:
    identification = file.identification
    title = naming.title_folder(identification)
    if identification.kind is ContentKind.MOVIE:
        return [Shelf.MOVIES, title]
    if identification.kind in _SERIES:
        of_episode = file.role is FileRole.MEDIA or file.sidecar_of is not None
        season = identification.season if of_episode else None
        return [Shelf.SERIES, title, *([] if season is None else [naming.season_folder(season)])]
    if identification.kind in _MUSIC:
        return [Shelf.MUSIC, naming.artist_folder(identification.artist or ""), title]
    return [Shelf.OTHER, title]


def _name(file: Described, naming: Naming) -> str:
    if file.role is FileRole.MEDIA:
        return naming.media_file(file.identification, file.extension)
    suffix = file.name_suffix or os.fsdecode(file.source.name).encode(errors="replace").decode()
    return naming.sidecar(naming.media_file(file.identification, "") if file.sidecar_of else None, suffix)
