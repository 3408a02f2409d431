"""What the names of files beside a film say: subtitles and their language, artwork, extras, junk.

Rules are those of Jellyfin (https://jellyfin.org/docs/general/server/media/movies, …/shows, …/music) and Kodi
(https://kodi.wiki/view/Artwork, https://kodi.wiki/view/Subtitles).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from offliniofs.detect.languages import language_in_words, language_tag

_JUNK_NAMES: Final = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "autorun.inf",
        ".directory",
        ".ds_store",
        ".localized",
        ".nomedia",
        ".plexignore",
        ".ignore",
        ".stfolder",
    }
)
_JUNK_FOLDERS: Final = frozenset(
    {"@eadir", "__macosx", "$recycle.bin", "system volume information", "lost+found", ".trash", ".trashes", "#recycle"}
)
UNFINISHED: Final = (
    ".part",
    ".crdownload",
    ".!qb",
    ".!ut",
    ".partial",
    ".download",
    ".aria2",
    ".opdownload",
    ".bc!",
    ".tmp",
)
"""Endings that browsers and download programs give to what is not complete; lower case."""

_EXTRA_FOLDERS: Final = {
    "extras": "extras",
    "extra": "extras",
    "bonus": "extras",
    "specials features": "extras",
    "special features": "extras",
    "trailers": "trailers",
    "trailer": "trailers",
    "featurettes": "featurettes",
    "featurette": "featurettes",
    "behind the scenes": "behind the scenes",
    "making of": "behind the scenes",
    "deleted scenes": "deleted scenes",
    "deleted": "deleted scenes",
    "interviews": "interviews",
    "interview": "interviews",
    "scenes": "scenes",
    "shorts": "shorts",
    "clips": "clips",
    "other": "other",
    "others": "other",
    "sample": "samples",
    "samples": "samples",
    "theme-music": "theme-music",
    "backdrops": "backdrops",
}
"""Name of a folder → the folder Jellyfin knows for such extras."""

_EXTRA_SUFFIX: Final = re.compile(
    r"(?:(?:^|[-._ ])(trailer|sample)\d{0,2}"
    r"|-(featurette|behindthescenes|deleted|deletedscene|interview|scene|short|clip|extra|other)\d{0,2})$",
    re.IGNORECASE,
)
_SAMPLE_PREFIX: Final = re.compile(r"sample[-._ ]", re.IGNORECASE)
_EXTRA_KINDS: Final = {
    "trailer": "trailers",
    "sample": "samples",
    "featurette": "featurettes",
    "behindthescenes": "behind the scenes",
    "deleted": "deleted scenes",
    "deletedscene": "deleted scenes",
    "interview": "interviews",
    "scene": "scenes",
    "short": "shorts",
    "clip": "clips",
    "extra": "extras",
    "other": "other",
}

_ART_WORDS: Final = (
    "poster|folder|cover|default|movie|show|front|back|fanart|backdrop|background|banner|landscape|thumb|logo|clearlogo|"
    "clearart|art|disc|discart|cdart|cd|characterart|keyart|albumart|albumartsmall|artist|jacket|inlay|booklet"
)
_TITLE_ART: Final = re.compile(rf"(?:{_ART_WORDS})[-_ ]?\d{{0,3}}", re.IGNORECASE)
_SEASON_ART: Final = re.compile(r"season[-_ ]?(?:\d{1,4}|all|-?specials)[-_ ][a-z]+", re.IGNORECASE)
_ART_SUFFIX: Final = re.compile(rf"[-._ ](?:{_ART_WORDS})\d{{0,3}}", re.IGNORECASE)

_ALBUM_PICTURES: Final = frozenset({"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "jxl", "pdf"})
_ALBUM_TEXTS: Final = frozenset({"lrc", "cue", "log", "m3u", "m3u8", "pls", "xspf", "nfo", "accurip", "ffp"})

_SEASON_FOLDER: Final = re.compile(
    r"(?:season|series|staffel|saison|stagione|temporada)[ ._-]*(\d{1,4})|s(\d{1,4})|(specials?)", re.IGNORECASE
)
_DISC_FOLDER: Final = re.compile(r"(?:cd|dis[ck]|dvd|vinyl|side)[ ._-]*[\da-d]{1,2}", re.IGNORECASE)
_SUBTITLE_FOLDER: Final = re.compile(r"subs?|subtitles?|vobsubs?|lyrics", re.IGNORECASE)
_ART_FOLDER: Final = re.compile(
    r"covers?|artwork|art|scans?|booklet|posters?|fan-?art|extra-?fanart|extra-?thumbs|screens(?:hots)?|proof|images?",
    re.IGNORECASE,
)
DISC_FOLDERS: Final = frozenset({"video_ts", "audio_ts", "bdmv", "certificate", "hvdvd_ts"})
"""Lower-case names of the folders that a DVD or a Blu-ray consists of."""

_FLAGS: Final = {
    "forced": "forced",
    "foreign": "forced",
    "default": "default",
    "sdh": "sdh",
    "cc": "sdh",
    "hi": "sdh",
    "hearingimpaired": "sdh",
    "commentary": "commentary",
}
_TOKEN: Final = re.compile(r"[^._\s\[\]()]+")
_TITLE_NFOS: Final = frozenset({"movie", "tvshow", "season", "album", "artist", "video_ts", "index"})
_MAX_NAME = 1024


@dataclass(frozen=True, slots=True)
class SubtitleName:
    """What a subtitle's name adds to its film's: language (BCP 47 primary tag), flags, and the end for a new name."""

    language: str | None = None
    flags: tuple[str, ...] = ()
    """``forced``, ``default``, ``sdh``, ``commentary``."""
    tag: str | None = None
    """The language as it was written where that says more than the primary tag, such as ``pt-BR``."""

    def suffix(self, extension: str) -> str:
        """The end of the name beside the film: ``.en.forced.srt``."""
        return ".".join(["", *filter(None, [self.tag or self.language, *self.flags]), extension])


def why_junk(parts: tuple[str, ...]) -> str | None:
    """Why a file should not be taken at all, or None. ``parts`` are the components of its path."""
    name = parts[-1][-_MAX_NAME:].casefold()
    if name in _JUNK_NAMES or name.startswith(("._", "~$")):
        return "left there by a desktop"
    if any(folder.casefold() in _JUNK_FOLDERS for folder in parts[:-1]):
        return "in a folder that a system keeps for itself"
    return "an unfinished download" if name.endswith(UNFINISHED) else None


def extra_folder(name: str) -> str | None:
    """The folder that Jellyfin knows for such extras, when a folder's name says it holds extras."""
    return _EXTRA_FOLDERS.get(" ".join(re.split(r"[\s._]+", name[:_MAX_NAME].strip().casefold())))


EXTRA_FOLDERS: Final = tuple(dict.fromkeys(_EXTRA_FOLDERS.values()))
"""The folders of extras that Jellyfin knows."""


def extra_kind(stem: str) -> str | None:
    """The same for a file whose own name says that it is a trailer, a sample, an interview …"""
    if _SAMPLE_PREFIX.match(stem):
        return "samples"
    match = _EXTRA_SUFFIX.search(stem[-64:])
    return _EXTRA_KINDS[(match[1] or match[2]).casefold()] if match else None


def is_title_artwork(stem: str) -> bool:
    """Whether a picture of that name belongs to the whole folder: ``poster``, ``fanart2``, ``season01-banner``."""
    return bool(_TITLE_ART.fullmatch(stem[:_MAX_NAME]) or _SEASON_ART.fullmatch(stem[:_MAX_NAME]))


def is_artwork_suffix(text: str) -> bool:
    """Whether what follows a film's stem makes it a picture of that film: nothing, ``-poster``, ``-fanart1``."""
    return not text or _ART_SUFFIX.fullmatch(text[:_MAX_NAME]) is not None


def is_album_sidecar(name: str, *, in_part: bool = False) -> bool:
    """Whether such a file goes with an album rather than with something else of its name: covers, lyrics, cue sheets.

    ``in_part``: it lies in a folder that is part of an album, e.g. of scans.
    """
    stem, _, extension = name[-_MAX_NAME:].casefold().rpartition(".")
    if extension in _ALBUM_PICTURES:
        return in_part or is_title_artwork(stem)
    return extension in _ALBUM_TEXTS


def is_title_nfo(stem: str) -> bool:
    """Whether an NFO of that name describes the folder: ``movie``, ``tvshow``, ``album`` …"""
    return stem.casefold() in _TITLE_NFOS


def season_of_folder(name: str) -> int | None:
    """The season that a folder is for (``Season 01``, ``S2``, ``Specials`` → 0), or None."""
    match = _SEASON_FOLDER.fullmatch(name.strip()[:_MAX_NAME])
    return int(match[1] or match[2] or 0) if match else None


def is_part_folder(name: str) -> bool:
    """Whether the files in a folder of this name belong to the title above: seasons, discs, subtitles, scans."""
    text = name.strip()[:_MAX_NAME]
    return season_of_folder(text) is not None or any(
        pattern.fullmatch(text) for pattern in (_DISC_FOLDER, _SUBTITLE_FOLDER, _ART_FOLDER)
    )


def disc_of_folder(name: str) -> int | None:
    """The disc that a folder of an album is for (``CD1``, ``Disc 2``), or None."""
    text = name.strip()[:_MAX_NAME]
    figures = re.search(r"\d+", text) if _DISC_FOLDER.fullmatch(text) else None
    return int(figures[0]) if figures else None


def is_art_folder(name: str) -> bool:
    """Whether a folder holds pictures of the title above."""
    return _ART_FOLDER.fullmatch(name.strip()[:_MAX_NAME]) is not None


def is_subtitle_folder(name: str) -> bool:
    """Whether a folder holds subtitles for the films in the folder above."""
    return _SUBTITLE_FOLDER.fullmatch(name.strip()[:_MAX_NAME]) is not None


def read_subtitle_name(rest: str, *, whole: bool) -> SubtitleName:
    """Language and flags in ``rest``: what follows the film's stem or, if ``whole``, a name of its own (``2_English``).

    In a whole name only its end counts, up to the first word that is neither a language nor a flag.
    """
    tag: str | None = None
    language: str | None = None
    flags: dict[str, None] = {}
    words = _TOKEN.findall(rest[-256:])
    for position in range(len(words) - 1, -1, -1):
        for word in reversed(_words(words[position])):
            found = language_tag(word)
            flag = _FLAGS.get(word.casefold())
            if flag is not None and not (word.casefold() == "hi" and not _more_languages(words[:position], language)):
                flags[flag] = None
            elif found is not None and language is None:
                language, tag = found, word if "-" in word else None
            elif whole and found is None and not word.isdigit():
                return SubtitleName(language, tuple(sorted(flags)), tag)
    return SubtitleName(language, tuple(sorted(flags)), tag)


def says_of_stream(word: str) -> bool:
    """Whether a word between the dots of a subtitle's name is a language or a flag: ``en``, ``pt-BR``, ``forced``."""
    return language_tag(word) is not None or word.casefold() in _FLAGS


def _words(token: str) -> list[str]:
    """A token as one word when that is a language (``pt-BR``), else its parts around hyphens."""
    return [token] if "-" not in token or language_tag(token) else [part for part in token.split("-") if part]


def _more_languages(before: list[str], language: str | None) -> bool:
    """Whether another word names a language, so that ``hi`` means hearing impaired rather than Hindi."""
    return language is not None or any(
        language_tag(word) or language_in_words(word) for token in before for word in _words(token)
    )
