"""Which title a file goes with that came alone, after it: by its own name, or by the folder in which it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from offliniofs.catalog.cleaning import sort_key
from offliniofs.catalog.companions import companions_of, place_among
from offliniofs.catalog.connection import Database
from offliniofs.catalog.shelving import BY_NAME
from offliniofs.catalog.statements import Statement
from offliniofs.detect.arrangement import stem_of
from offliniofs.detect.filetypes import FileClass, classify_file
from offliniofs.detect.kinds import is_named_by_camera
from offliniofs.detect.music import read_album
from offliniofs.detect.names import NameFacts, identify_name
from offliniofs.detect.sidecar_names import is_album_sidecar, is_part_folder, is_title_artwork
from offliniofs.detect.tracks import parse_track_name
from offliniofs.domain.content import ContentKind

TRACKS = Statement(
    """SELECT title_id, track FROM content INDEXED BY content_identity
    WHERE kind = 'track' AND sort_title = ? AND deleted_ns IS NULL LIMIT 1000"""
)
ALBUMS = Statement(
    """SELECT c.id, a.sort_title, c.year FROM content c INDEXED BY content_identity
    CROSS JOIN content a ON a.id = c.parent_id
    WHERE c.kind = 'album' AND c.sort_title = ? AND c.deleted_ns IS NULL LIMIT 1000"""
)

_TITLES = (ContentKind.MOVIE, ContentKind.SERIES, ContentKind.OTHER)
_IN_OWN_FOLDER = (ContentKind.MOVIE, ContentKind.SERIES)
_ENDS_TRIED = 4
"""How many parts of a sidecar's name may follow its film's: ``.en.forced.srt``."""
_OF_FILMS = frozenset({FileClass.SUBTITLE, FileClass.ARTWORK, FileClass.NFO})


def home_of(database: Database, name: str, folders: Sequence[str] = ()) -> int | None:
    """The folder of the only title that ``name`` goes with, or that the folders it came in (innermost first) name.

    None: it is not known, or there are several.
    """
    if is_named_by_camera(stem_of(name)):
        return None
    of_film = classify_file(name, b"").file_class in _OF_FILMS
    return (
        (_by_name(database, name) if of_film else None)
        or _by_track(database, name)
        or _by_album(database, name, folders)
        or (_by_film_folder(database, name, folders) if of_film else None)
    )


def _by_name(database: Database, name: str) -> int | None:
    """The film or series whose title begins the name."""
    stem = stem_of(name)
    for _ in range(_ENDS_TRIED):
        facts = identify_name(stem)
        found = _titles_called(database, facts) if facts.title else []
        if found:
            return found[0] if len(found) == 1 and _belongs(database, found[0], name) else None
        shorter = max(stem.rfind("."), stem.rfind("-"))
        if shorter <= 0:
            return None
        stem = stem[:shorter]
    return None


def _titles_called(database: Database, facts: NameFacts) -> list[int]:
    found: list[int] = []
    for kind in _TITLES:
        for title_id, year, _ in database.rows(BY_NAME, (kind.value, sort_key(facts.title))):
            if facts.year in (None, year):
                found.append(title_id)
    return found


def _belongs(database: Database, title_id: int, name: str) -> bool:
    """Whether the title has a media file that the name goes with, and not merely its words."""
    return place_among(companions_of(database, title_id), (), name).of_file


def _by_track(database: Database, name: str) -> int | None:
    """The album with the one track that words of a song are called like: ``01 - Song.lrc``."""
    if classify_file(name, b"").file_class is not FileClass.SUBTITLE:
        return None
    _, number, title = parse_track_name(stem_of(name))
    albums = {
        album
        for words in dict.fromkeys((title, title.rpartition(" - ")[2]))
        for album, track in (database.rows(TRACKS, (sort_key(words),)) if words else ())
        if number in (None, track)
    }
    return _only(album for album in albums if _belongs(database, album, name))


def _by_album(database: Database, name: str, folders: Sequence[str]) -> int | None:
    """The album that the folder is called like, ``Band - Album (1999)``; without one, the file is."""
    inside = list(folders)
    in_part = bool(inside) and is_part_folder(inside[0])
    while inside and is_part_folder(inside[0]):
        inside.pop(0)
    if folders:
        found = read_album(inside) if is_album_sidecar(name, in_part=in_part) else None
    else:
        found = read_album([stem_of(name)])
        found = found if found is not None and found.artist else None
    if found is None:
        return None
    return _only(
        album
        for album, artist, year in database.rows(ALBUMS, (sort_key(found.album),))
        if (found.artist is None or sort_key(found.artist) == artist) and found.year in (None, year)
    )


def _by_film_folder(database: Database, name: str, folders: Sequence[str]) -> int | None:
    """The film or series, with its year, that the folder is called like; of pictures, those of a whole title alone."""
    own = [folder for folder in folders if not is_part_folder(folder)][:1]
    picture = classify_file(name, b"").file_class is FileClass.ARTWORK
    if not own or (picture and not is_title_artwork(stem_of(name))):
        return None
    facts = identify_name(own[0])
    if facts.year is None:
        return None
    return _only(
        title_id
        for kind in _IN_OWN_FOLDER
        for title_id, year, _ in database.rows(BY_NAME, (kind.value, sort_key(facts.title)))
        if year == facts.year
    )


def _only(found: Iterable[int]) -> int | None:
    alone = set(found)
    return alone.pop() if len(alone) == 1 else None
