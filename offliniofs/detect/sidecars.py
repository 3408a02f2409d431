"""Which files belong together: each film with its subtitles, posters, NFO and extras.

Works on names alone, in time linear in their number. Every file gets exactly one place. What nothing claims is an
orphan; what nobody would keep (a desktop's litter, half a download) is junk, with the reason.

A DVD or Blu-ray structure (``VIDEO_TS``, ``BDMV``) is one title: its largest stream is the media file that gets probed
and stands for the title, and every file keeps its name in its subfolder, as players need it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from offliniofs.detect.arrangement import Arrangement, Entry, PathParts, Place, stem_of
from offliniofs.detect.filetypes import FileClass
from offliniofs.detect.sidecar_names import (
    DISC_FOLDERS,
    SubtitleName,
    extra_folder,
    extra_kind,
    is_artwork_suffix,
    is_part_folder,
    is_subtitle_folder,
    is_title_artwork,
    is_title_nfo,
    read_subtitle_name,
    season_of_folder,
    why_junk,
)
from offliniofs.domain.content import FileRole

_SEPARATORS: Final = frozenset(" .-_[(")
_EPISODE: Final = re.compile(
    r"(?<![a-z0-9])s(\d{1,4})[ ._-]?e(\d{1,4})|(?<![\da-z])(\d{1,2})x(\d{2,3})(?![\da-z])", re.I
)
_TITLE_KEY: Final = re.compile(
    r"(.+?)[\s._\-(\[]+(?:(?:19|20)\d\d(?!\d)|(?:cd|dis[ck]|part|pt)[\s._-]?\d|\d{3,4}[pi]\b)", re.IGNORECASE
)
_EXTERNAL_SOUND: Final = frozenset({"mka", "ac3", "eac3", "dts", "dtshd", "thd", "aac", "flac", "opus", "mp3", "m4a"})
_ROLES: Final = {
    FileClass.VIDEO: FileRole.MEDIA,
    FileClass.AUDIO: FileRole.MEDIA,
    FileClass.SUBTITLE: FileRole.SUBTITLE,
    FileClass.ARTWORK: FileRole.ARTWORK,
    FileClass.NFO: FileRole.NFO,
}


@dataclass(slots=True)
class _Folder:
    """The main media files directly in one folder."""

    videos: dict[PathParts, None] = field(default_factory=dict)
    sounds: list[PathParts] = field(default_factory=list)
    by_stem: dict[str, PathParts] = field(default_factory=dict)
    by_episode: dict[tuple[int, int], PathParts] = field(default_factory=dict)
    one_title: bool = False


def arrange(entries: Sequence[Entry]) -> Arrangement:
    """Find every file's place. Pure; total for any names."""
    return Arrangement(tuple(_Arranging(entries).places()))


def _extension(name: str) -> str:
    return name.rpartition(".")[2] if "." in name[1:] else ""


class _Arranging:
    """The steps of one ``arrange``, each over all entries."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._junk = {entry.parts: reason for entry in entries if (reason := why_junk(entry.parts))}
        self._discs = self._find_discs()
        self._holders = self._find_holders()
        self._folders: dict[PathParts, _Folder] = defaultdict(_Folder)
        self._extras: dict[PathParts, tuple[PathParts, tuple[str, ...]]] = {}
        self._sort_media()
        self._representatives = self._find_representatives()

    def places(self) -> Iterator[Place]:
        """One place an entry."""
        for entry in self._entries:
            junk = self._junk.get(entry.parts)
            if junk is not None:
                yield Place(entry.parts, FileRole.DATA, junk=junk)
            else:
                yield self._disc_place(entry) or self._place(entry)

    def _find_discs(self) -> dict[PathParts, PathParts]:
        """Folder above ``VIDEO_TS`` or ``BDMV`` → the largest stream below it."""
        largest: dict[PathParts, tuple[int, PathParts]] = {}
        for entry in self._entries:
            root = _disc_root(entry.parts)
            if root is None or entry.parts in self._junk or entry.file_type.file_class is not FileClass.VIDEO:
                continue
            if root not in largest or entry.size > largest[root][0]:
                largest[root] = (entry.size, entry.parts)
        return {root: parts for root, (_, parts) in largest.items()}

    def _disc_place(self, entry: Entry) -> Place | None:
        root = _disc_root(entry.parts)
        if root is None or root not in self._discs:
            return None
        main = self._discs[root]
        role = FileRole.MEDIA if entry.parts == main else FileRole.DATA
        return Place(entry.parts, role, main, name_suffix=entry.parts[-1], subfolder=entry.parts[len(root) : -1])

    def _is_media(self, entry: Entry) -> bool:
        return entry.file_type.is_media and entry.parts not in self._junk and _disc_root(entry.parts) is None

    def _find_holders(self) -> set[PathParts]:
        """Folders that hold media themselves or in a season's or disc's folder, extras aside."""
        holders = set(self._discs)
        for entry in self._entries:
            if self._is_media(entry) and extra_kind(stem_of(entry.parts[-1])) is None:
                folder = entry.parts[:-1]
                holders.add(folder)
                if folder and is_part_folder(folder[-1]):
                    holders.add(folder[:-1])
        return holders

    def _sort_media(self) -> None:
        """Divide media into main files, filed by folder, and extras."""
        for entry in self._entries:
            if not self._is_media(entry):
                continue
            extra = self._extra(entry)
            if extra is not None:
                self._extras[entry.parts] = extra
                continue
            folder = self._folders[entry.parts[:-1]]
            sounds = entry.file_type.file_class is FileClass.AUDIO
            if sounds:
                folder.sounds.append(entry.parts)
            else:
                folder.videos[entry.parts] = None
            stem = stem_of(entry.parts[-1]).casefold()
            if not sounds or stem not in folder.by_stem:
                folder.by_stem[stem] = entry.parts
            if not sounds and (episode := _episode(stem)):
                folder.by_episode.setdefault(episode, entry.parts)
        for path, folder in self._folders.items():
            folder.one_title = _is_one_title(path, folder)

    def _extra(self, entry: Entry) -> tuple[PathParts, tuple[str, ...]] | None:
        """The title's folder and the subfolder of an extra, or None for a main file."""
        parts = entry.parts
        for depth in range(len(parts) - 2, max(-1, len(parts) - 5), -1):
            kind = extra_folder(parts[depth])
            if kind is not None and parts[:depth] in self._holders:
                return parts[:depth], (kind, *parts[depth + 1 : -1])
        folder = parts[:-1]
        if folder not in self._holders:
            return None
        if entry.file_type.file_class is FileClass.AUDIO:
            return None
        kind = extra_kind(stem_of(parts[-1]))
        return (folder, (kind,)) if kind is not None else None

    def _find_representatives(self) -> dict[PathParts, PathParts]:
        """Folder of one title → a media file that stands for it; for the folder above seasons and discs too."""
        found: dict[PathParts, PathParts] = dict(self._discs)
        above: dict[PathParts, PathParts] = {}
        for path, folder in self._folders.items():
            if not folder.one_title:
                continue
            first = min(folder.videos or folder.sounds)
            found.setdefault(path, first)
            if path and is_part_folder(path[-1]):
                above.setdefault(path[:-1], first)
        for path, first in above.items():
            if path not in self._folders or self._folders[path].one_title:
                found.setdefault(path, first)
        return found

    def _place(self, entry: Entry) -> Place:
        if entry.parts in self._extras:
            return self._extra_place(entry)
        if entry.file_type.is_media:
            return self._media_place(entry)
        role = _ROLES.get(entry.file_type.file_class, FileRole.DATA)
        if role is FileRole.SUBTITLE:
            found = self._subtitle_place(entry)
        else:
            found = self._beside_media(entry, role) or self._of_title(entry, role)
        return found or Place(entry.parts, role)

    def _extra_place(self, entry: Entry) -> Place:
        folder, subfolder = self._extras[entry.parts]
        media = self._representatives.get(folder) or self._namesake(folder, stem_of(entry.parts[-1]))
        if media is None:
            return Place(entry.parts, FileRole.MEDIA, entry.parts, of_file=True)
        return Place(entry.parts, FileRole.EXTRA, media, name_suffix=entry.parts[-1], subfolder=subfolder)

    def _media_place(self, entry: Entry) -> Place:
        """A main file; but sound beside a film may be its second sound track or its theme."""
        folder = self._folders[entry.parts[:-1]]
        name = entry.parts[-1]
        if entry.file_type.file_class is FileClass.AUDIO and folder.videos:
            if stem_of(name).casefold() == "theme" and entry.parts[:-1] in self._representatives:
                return self._kept(entry, FileRole.EXTRA, self._representatives[entry.parts[:-1]])
            found = self._longest_prefix(folder, stem_of(name), videos_only=True)
            if found is not None and _extension(name).lower() in _EXTERNAL_SOUND:
                media, rest = found
                said = read_subtitle_name(rest, whole=False)
                suffix = said.suffix(_extension(name))
                return Place(entry.parts, FileRole.DATA, media, True, suffix, language=said.language, flags=said.flags)
        return Place(entry.parts, FileRole.MEDIA, entry.parts, of_file=True)

    def _kept(self, entry: Entry, role: FileRole, media: PathParts, subfolder: tuple[str, ...] = ()) -> Place:
        return Place(entry.parts, role, media, name_suffix=entry.parts[-1], subfolder=subfolder)

    def _namesake(self, folder: PathParts, stem: str) -> PathParts | None:
        found = self._longest_prefix(self._folders[folder], stem) if folder in self._folders else None
        return found[0] if found else None

    def _longest_prefix(self, folder: _Folder, stem: str, *, videos_only: bool = False) -> tuple[PathParts, str] | None:
        """The media file with the longest stem that begins ``stem``, and what follows it."""
        folded = stem.casefold()
        if len(folded) != len(stem):
            stem = folded
        ends = [len(folded), *(end for end in range(len(folded) - 1, 0, -1) if folded[end] in _SEPARATORS)]
        for end in ends:
            media = folder.by_stem.get(folded[:end])
            if media is not None and not (videos_only and media not in folder.videos):
                return media, stem[end:]
        return None

    def _subtitle_place(self, entry: Entry) -> Place | None:
        stem = stem_of(entry.parts[-1])
        for path, names in self._places_to_look(entry.parts):
            folder = self._folders.get(path)
            if folder is None:
                continue
            for name, whole in names:
                found = self._longest_prefix(folder, name)
                if found is not None:
                    return _subtitle(entry, found[0], read_subtitle_name(stem if whole else found[1], whole=whole))
            main = folder.by_episode.get(_episode(stem) or (-1, -1)) or _only(folder.videos)
            if main is not None:
                return _subtitle(entry, main, read_subtitle_name(stem, whole=True))
        return None

    def _places_to_look(self, parts: PathParts) -> Iterator[tuple[PathParts, list[tuple[str, bool]]]]:
        """Folders that may hold a subtitle's film, with the names that may begin with its stem."""
        stem, folder = stem_of(parts[-1]), parts[:-1]
        yield folder, [(stem, False)]
        if folder and is_subtitle_folder(folder[-1]):
            yield folder[:-1], [(stem, False)]
        elif len(folder) > 1 and is_subtitle_folder(folder[-2]):
            yield folder[:-2], [(stem, False), (folder[-1], True)]

    def _beside_media(self, entry: Entry, role: FileRole) -> Place | None:
        """A place beside one media file, for what has its stem."""
        folder = self._folders.get(entry.parts[:-1])
        stem = stem_of(entry.parts[-1])
        found = self._longest_prefix(folder, stem) if folder is not None else None
        if found is None:
            return None
        media, rest = found
        if role is FileRole.ARTWORK and not is_artwork_suffix(rest):
            return None
        if role is not FileRole.ARTWORK and rest:
            return None
        extension = _extension(entry.parts[-1])
        return Place(entry.parts, role, media, True, f"{rest}.{extension}" if extension else rest)

    def _of_title(self, entry: Entry, role: FileRole) -> Place | None:
        """A place in the title's folder, for what is in a folder of one title or in a part of one."""
        folder = entry.parts[:-1]
        stem = stem_of(entry.parts[-1])
        subfolder: tuple[str, ...] = ()
        while folder not in self._representatives:
            kind = extra_folder(folder[-1]) if folder else None
            if not folder or not (is_part_folder(folder[-1]) or kind):
                return None
            subfolder = (kind or folder[-1], *subfolder)
            folder = folder[:-1]
        media = self._representatives[folder]
        if role is FileRole.NFO and not is_title_nfo(stem) and media in self._folders[folder].videos:
            only = _only(self._folders[folder].videos)
            return Place(entry.parts, role, only, True, ".nfo") if only else None
        season = season_of_folder(folder[-1]) if folder else None
        name = entry.parts[-1] if season is None else _season_name(season, entry.parts[-1], role)
        return Place(entry.parts, role, media, name_suffix=name, subfolder=subfolder)


def _subtitle(entry: Entry, media: PathParts, said: SubtitleName) -> Place:
    suffix = said.suffix(_extension(entry.parts[-1]).lower())
    return Place(entry.parts, FileRole.SUBTITLE, media, True, suffix, language=said.language, flags=said.flags)


def _disc_root(parts: PathParts) -> PathParts | None:
    """The folder above the outermost folder of a disc's structure."""
    for depth, folder in enumerate(parts[:-1]):
        if folder.casefold() in DISC_FOLDERS:
            return parts[:depth]
    return None


def _episode(stem: str) -> tuple[int, int] | None:
    match = _EPISODE.search(stem[-512:])
    if match is None:
        return None
    return int(match[1] or match[3]), int(match[2] or match[4])


def _only(videos: dict[PathParts, None]) -> PathParts | None:
    return next(iter(videos)) if len(videos) == 1 else None


def _is_one_title(path: PathParts, folder: _Folder) -> bool:
    """Whether all media in a folder are one film in parts or versions, episodes of one series, or one album."""
    if not folder.videos:
        return bool(folder.sounds)
    if len(folder.videos) == 1 or (path and season_of_folder(path[-1]) is not None):
        return True
    keys: set[str] = set()
    for parts in folder.videos:
        stem = stem_of(parts[-1])
        episode = _EPISODE.search(stem[-512:])
        title = _TITLE_KEY.match(stem[:512])
        keys.add(
            re.sub(r"\W+", " ", stem[: episode.start()] if episode else title[1] if title else stem).strip().casefold()
        )
        if len(keys) > 1:
            return False
    return True


def _season_name(season: int, name: str, role: FileRole) -> str:
    """The name, in the series' own folder, of a file that lay in a season's folder: ``season01-poster.jpg``."""
    extension = _extension(name)
    stem = stem_of(name)
    if role is FileRole.ARTWORK and is_title_artwork(stem) and not stem.casefold().startswith("season"):
        word = "poster" if stem.casefold() in {"folder", "cover", "default", "show"} else stem
        return f"season{season:02d}-{word}.{extension}"
    if role is FileRole.NFO:
        return f"season{season:02d}.{extension}"
    return name
