"""Folders of things that cannot be identified: papers, photographs, clips of a holiday. They stay together.

The title of such a file is the outermost folder that somebody put together, and the folders below that stay as they
are. What was asked for is a place where such things lie, and no title itself (``import ~/Videos``), unless it was
handed over as a whole (dropped into the inbox). Folders such as ``Downloads`` are places too, as long as a folder below
them can give its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from offliniofs.detect.arrangement import PathParts, stem_of
from offliniofs.detect.kinds import is_named_by_camera
from offliniofs.detect.text import words

_PLACES: Final = words(
    "movies|films|filme|videos|vidéos|tv|tv shows|series|serien|shows|anime|cartoons|documentaries|music|musik|musique|"
    "música|audio|pictures|photos|images|bilder|fotos|imágenes|documents|dokumente|documentos|downloads|download|"
    "téléchargements|descargas|desktop|schreibtisch|bureau|escritorio|incoming|complete|completed|torrents|usenet|media|"
    "medien|library|home|data|tmp|new|unsorted|misc|storage|shared|public|users|volumes|plex|kodi|jellyfin|emby",
    "|",
)
"""Names of folders in which things of all sorts lie, lower case; those of desktops in their languages."""

_FILES_OF_CAMERA: Final = 2
"""Files that a camera named which make a folder one of photographs and clips."""


@dataclass(frozen=True, slots=True)
class Heap:
    """A folder that stands for what is in it. ``subfolder``: where a file lies below it."""

    title: str
    subfolder: PathParts


def heap_of(below: PathParts, whole: str | None = None) -> Heap | None:
    """The heap of a file in the folders ``below`` what was asked for.

    ``whole``: the name of what was asked for, if that is no mere place. ``None`` for a file that lies in such a place.
    """
    if whole:
        return Heap(whole, below)
    if not below:
        return None
    start = 0
    while start < len(below) - 1 and below[start].strip().casefold() in _PLACES:
        start += 1
    return Heap(below[start], below[start + 1 :])


def camera_folders(files: Iterable[PathParts]) -> frozenset[PathParts]:
    """The folders that hold what a camera made rather than films and posters, by the paths of pictures and videos."""
    counted = Counter(parts[:-1] for parts in files if is_named_by_camera(stem_of(parts[-1])))
    return frozenset(folder for folder, count in counted.items() if count >= _FILES_OF_CAMERA)
