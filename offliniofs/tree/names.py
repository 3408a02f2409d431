"""Names as Jellyfin and Kodi read them.

Sources: https://jellyfin.org/docs/general/server/media/movies/ (a version of a film is ``<folder name> - <label>``, the
prefix exactly the folder's), …/shows/ (``Season 01``, ``Season 00``, ``S01E01-E02``), …/music/ (all discs in one
folder), https://kodi.wiki/view/Naming_video_files and …/TV_shows (``Title (Year)``; ``S01E02``, or the date of a daily
show).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offliniofs.domain.content import ContentKind
from offliniofs.tree.text import MAX_BYTES, beginning, component, cut, legal, without_device

if TYPE_CHECKING:
    from offliniofs.domain.facts import Identification

SIDECAR_ROOM: Final = 40
"""Bytes that a media file's name leaves for what stands behind its stem: ``.en.forced.srt``,
``-behindthescenes.mkv``."""

_DISTINCTION_ROOM: Final = 8
_EXTENSION_BYTES: Final = 16
_LABEL_BYTES: Final = 48
MEDIA_BYTES: Final = MAX_BYTES - SIDECAR_ROOM
"""Most bytes of a media file's name, its distinction included."""

_SIDECAR_STEM_BYTES: Final = MAX_BYTES - _DISTINCTION_ROOM - _EXTENSION_BYTES
_STEM_BYTES: Final = MEDIA_BYTES - _DISTINCTION_ROOM - _EXTENSION_BYTES
FOLDER_BYTES: Final = _STEM_BYTES - _LABEL_BYTES
"""Most bytes of a title folder's name, so that it fits whole before every label."""

UNKNOWN_ARTIST: Final = "Unknown Artist"
UNKNOWN_ALBUM: Final = "Unknown Album"

_EXTENSION: Final = re.compile(r"\.[^\W_][\w+-]{0,14}\Z")
_NOT_IN_EXTENSION: Final = re.compile(r"[^\w+-]")
_PART: Final = re.compile(r"[ _.\-]+(cd|dvd|disc|disk)[ _.\-]?([1-9])$", re.IGNORECASE)


class LibraryNaming:
    """The names of the library. Implements :class:`offliniofs.domain.naming.Naming`; stateless."""

    def component(self, text: str) -> str:
        """Any text made a legal name, e.g. of a genre or a collection."""
        return component(text)

    def title_folder(self, identification: Identification) -> str:
        """``Title (Year)``, ``Album (Year)``, or the name of another title."""
        if identification.kind in {ContentKind.ALBUM, ContentKind.TRACK}:
            return _with_year(_album(identification), identification.year, FOLDER_BYTES)
        if identification.kind in {ContentKind.OTHER, ContentKind.FOLDER}:
            return component(identification.title or identification.name, FOLDER_BYTES)
        return _with_year(identification.title, identification.year, FOLDER_BYTES)

    def title_name(self, identification: Identification) -> str:
        """The title's folder in views: its folder's name, with the artist before an album."""
        folder = self.title_folder(identification)
        if identification.kind not in {ContentKind.ALBUM, ContentKind.TRACK}:
            return folder
        room = MAX_BYTES - _DISTINCTION_ROOM - len(f" - {folder}".encode())
        return component(f"{component(self.artist_folder(identification.artist or ''), room)} - {folder}")

    def artist_folder(self, artist: str) -> str:
        """The artist's folder in ``music/``."""
        return component(artist if artist.strip() else UNKNOWN_ARTIST, FOLDER_BYTES)

    def season_folder(self, season: int) -> str:
        """``Season 01``; specials are in ``Season 00``."""
        return f"Season {season:02d}"

    def media_file(self, identification: Identification, extension: str, folder: str | None = None) -> str:
        """``Film (1999) - 1080p.mkv``, ``Show (2010) S01E02 - Title.mkv``, ``01 - Track.flac``, or the original name.

        ``folder``: the name the title's folder really has, if it is another one; Jellyfin wants it before a film's
        label.
        """
        match identification.kind:
            case ContentKind.MOVIE:
                stem = _film(identification, folder or self.title_folder(identification))
            case ContentKind.EPISODE | ContentKind.SERIES | ContentKind.SEASON:
                stem = _episode(identification, folder or self.title_folder(identification))
            case ContentKind.TRACK | ContentKind.ALBUM:
                stem = _track(identification)
            case _:
                stem = _original(identification)
        return with_extension(stem, extension, _STEM_BYTES)

    def sidecar(self, media_name: str | None, suffix: str) -> str:
        """The name of a file that goes with ``media_name`` (its extension replaced), or with the title (``None``)."""
        if media_name is None:
            stem, extension = split_extension(suffix)
            return with_extension(stem, extension, _SIDECAR_STEM_BYTES)
        stem, _ = split_extension(media_name)
        middle, extension = split_extension(suffix)
        begin = middle[:1] if middle[:1] in {".", " "} else ""
        room = max(0, _SIDECAR_STEM_BYTES - len(stem.encode()) - len(begin))
        middle = cut(legal(middle), room)
        return with_extension(f"{stem}{begin}{middle}" if middle else stem, extension, _SIDECAR_STEM_BYTES)

    def distinct(self, name: str, ordinal: int) -> str:
        """The ``ordinal``-th (from 2) different name for ``name``: ``Film (1999) (2)``, ``Film (1999) - 1080p
        (2).mkv``; of a subtitle or a sound track ``Film (1999) - 1080p.2.en.srt``."""
        if ordinal < 2:
            raise ValueError(f"the first name is the name itself: {ordinal}")
        stem, extension = split_extension(name)
        distinction = f" ({ordinal})"
        said = _said_of_stream(stem, extension)
        if said is not None:
            # Between dots what is neither a language nor a flag is the stream's title to Jellyfin; beside a language,
            # inside them, it would be that title together with the language
            # (https://jellyfin.org/docs/general/server/media/external-files).
            distinction, stem, extension = f".{ordinal}", stem.removesuffix(said), f"{said}{extension}"
        limit = MEDIA_BYTES if len(name.encode()) <= MEDIA_BYTES else MAX_BYTES
        room = limit - len(distinction) - len(extension.encode())
        kept = cut(stem, room).rstrip(" .")
        if kept + distinction == stem:
            kept = cut(stem, room - 1).rstrip(" .")
        return f"{kept}{distinction}{extension}"


def _said_of_stream(stem: str, extension: str) -> str | None:
    """What the name of a subtitle or of a film's other sound says of it, ``.en.forced``; None for any other name."""
    from offliniofs.detect.filetypes import EXTENSIONS, FileClass
    from offliniofs.detect.sidecar_names import says_of_stream

    kind = extension[1:].lower()
    begin = len(stem)
    while (dot := stem.rfind(".", 1, begin)) > 0 and len(stem) - dot < SIDECAR_ROOM:
        if not says_of_stream(stem[dot + 1 : begin]):
            break
        begin = dot
    said = stem[begin:]
    is_sound = bool(said) and kind in EXTENSIONS[FileClass.AUDIO]
    return said if is_sound or kind in EXTENSIONS[FileClass.SUBTITLE] else None


def split_extension(name: str) -> tuple[str, str]:
    """Stem and extension (with its dot, or empty). What follows the last dot of ``Mr. Robot`` is none."""
    match = _EXTENSION.search(name)
    if match is None or match.start() == 0:
        return ("", name) if match is not None else (name, "")
    return name[: match.start()], name[match.start() :]


def with_extension(stem: str, extension: str, limit: int) -> str:
    """A legal name of ``stem``, cut to ``limit`` bytes, and ``extension``, cleaned and cut to 16 bytes."""
    letters = cut(_NOT_IN_EXTENSION.sub("", legal(extension)), _EXTENSION_BYTES - 1)
    name = component(stem, limit)
    return without_device(f"{name}.{letters}") if letters else name


def _with_year(title: str, year: int | None, limit: int) -> str:
    if year is None:
        return component(title, limit)
    suffix = f" ({year})"
    return without_device(beginning(title, limit - len(suffix)) + suffix, limit)


def _album(identification: Identification) -> str:
    if identification.album:
        return identification.album
    return identification.title if identification.kind is ContentKind.ALBUM and identification.title else UNKNOWN_ALBUM


def _film(identification: Identification, folder: str) -> str:
    # The resolution stands last: Jellyfin sorts versions by it when the label ends in one.
    label = " ".join(legal(part) for part in (identification.edition, identification.resolution) if part)
    stem = f"{folder} - {cut(label, _LABEL_BYTES - 8)}" if label else folder
    part = _PART.search(split_extension(identification.name)[0])
    return f"{stem}-{part[1].lower()}{part[2]}" if part else stem


def _episode(identification: Identification, folder: str) -> str:
    number = _episode_number(identification)
    if number is None:
        return _original(identification)
    stem = f"{folder} {number}"
    if identification.episode_title and legal(identification.episode_title):
        return f"{stem} - {legal(identification.episode_title)}"
    return stem


def _episode_number(identification: Identification) -> str | None:
    episodes = sorted(set(identification.episodes))
    if not episodes:
        return identification.air_date
    season = 1 if identification.season is None else identification.season
    first = f"S{season:02d}E{episodes[0]:02d}"
    if episodes == list(range(episodes[0], episodes[-1] + 1)):
        return f"{first}-E{episodes[-1]:02d}" if len(episodes) > 1 else first
    return first + "".join(f"E{episode:02d}" for episode in episodes[1:])


def _track(identification: Identification) -> str:
    # A track's own title; an album that was not split has none, and keeps the original name.
    title = identification.title if identification.kind is ContentKind.TRACK else ""
    if not legal(title):
        return _original(identification)
    if identification.track is None:
        return title
    stem = f"{identification.track:02d} - {title}"
    # Letters sort behind digits: the discs of an album follow each other however many tracks the first one has.
    return f"Disc {identification.disc:02d} - {stem}" if identification.disc and identification.disc > 1 else stem


def _original(identification: Identification) -> str:
    return split_extension(identification.name)[0] or identification.title
