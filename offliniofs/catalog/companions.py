"""What a file that arrives alone goes with: the media files that its title has already, compared by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.title_folders import below_title
from offliniofs.detect.arrangement import Entry, Place, stem_of
from offliniofs.detect.filetypes import FileClass, classify_file
from offliniofs.detect.names import identify_name
from offliniofs.detect.sidecars import arrange

MEDIA_OF_TITLE = Statement(
    """SELECT f.id, f.content_id, f.folder_id, f.name, f.original_name, f.resolution
    FROM files f INDEXED BY files_title
    WHERE f.title_id = ? AND f.role = 'media' AND f.deleted_ns IS NULL LIMIT 5000"""
)

_PLAYED = frozenset({FileClass.VIDEO, FileClass.AUDIO})


@dataclass(frozen=True, slots=True)
class Companion:
    """A media file of a title. ``below``: the names of the folders below the title that it stands in."""

    file_id: int
    content_id: int
    folder_id: int
    name: str
    original_stem: str
    resolution: str | None
    below: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Where it stands below its title."""
        return (*self.below, self.name)


def companions_of(database: Database, title_id: int) -> list[Companion]:
    """The media files of a title."""
    found = []
    known: dict[int, tuple[str, ...]] = {title_id: ()}
    for file_id, content_id, folder_id, name, original, resolution in database.rows(MEDIA_OF_TITLE, (title_id,)):
        stem = stem_of(original.decode("utf-8", "surrogateescape")).casefold()
        if folder_id not in known:
            known[folder_id] = below_title(database, folder_id, title_id)
        below = known[folder_id]
        found.append(Companion(file_id, content_id, folder_id, name, stem, resolution, below))
    return found


def place_among(companions: Sequence[Companion], below: tuple[str, ...], name: str) -> Place:
    """What a file called ``name`` in a title's folder is, and which of its media files it goes with.

    A subtitle that lies in the folder of a series is looked for among the episodes of its seasons, too.
    """
    entries = [Entry(each.parts, classify_file(each.name, b"")) for each in companions]
    file_type = classify_file(name, b"")
    elsewhere = {each.below for each in companions} - {below}
    if file_type.file_class is not FileClass.SUBTITLE:
        elsewhere = set()
    called = _as_in_the_library(companions, name)
    places = [
        arrange([*entries, Entry((*folder, called), file_type)]).places[-1] for folder in (below, *sorted(elsewhere))
    ]
    here, wanted = places[0], _episode(name)
    if not wanted[1] or (here.media is not None and not (here.of_file and _is_of_another(wanted, here.media[-1]))):
        return here
    here = replace(here, media=None, of_file=False)
    return next((place for place in places if place.media is not None and _episode(place.media[-1]) == wanted), here)


def _episode(name: str) -> tuple[int | None, tuple[int, ...]]:
    facts = identify_name(name)
    return facts.season, facts.episodes


def _is_of_another(wanted: tuple[int | None, tuple[int, ...]], media: str) -> bool:
    """Whether a media file's name says another episode: the only video of a folder need not be the one meant."""
    season, episodes = _episode(media)
    return bool(episodes) and ((season or 1), episodes) != ((wanted[0] or 1), wanted[1])


def _as_in_the_library(companions: Sequence[Companion], name: str) -> str:
    """The name, beginning as its film is called here where it begins as the film was called when it came."""
    folded = name.casefold()
    if classify_file(name, b"").file_class in _PLAYED or len(folded) != len(name):
        return name
    known = [each for each in companions if each.original_stem and folded.startswith(each.original_stem)]
    if not known:
        return name
    longest = max(known, key=lambda each: len(each.original_stem))
    return stem_of(longest.name) + name[len(longest.original_stem) :]
