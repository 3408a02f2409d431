"""Which names a walk passes over, and which subfolders belong to the title of the folder above them."""

from __future__ import annotations

import os
import re

_JUNK = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "autorun.inf",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "@eadir",
        "__macosx",
    }
)
"""What desktops and network drives leave in folders; lower case."""
_UNFINISHED = (".part", ".crdownload", ".!qb", ".!ut", ".partial", ".download", ".aria2", ".opdownload", ".bc!", ".tmp")
"""Endings that browsers and download programs give to what is not complete; lower case."""

_BELONGS = re.compile(
    r"""(?: (?:season|series|staffel|saison|stagione|temporada)[ ._-]*\d{1,4} | s\d{1,4} | specials?
      | (?:cd|dis[ck]|dvd|vinyl|side)[ ._-]*[\da-d]{1,2}
      | subs? | subtitles? | vobsubs? | lyrics
      | extras? | featurettes? | bonus | behind[ ._-]the[ ._-]scenes | deleted[ ._-]scenes | interviews? | scenes
      | shorts | clips | trailers? | others? | samples? | proof | screens(?:hots)? | backdrops | theme-music
      | covers? | artwork | art | scans | booklet | posters? | fan-?art | extra-?fanart | extra-?thumbs
      | video_ts | audio_ts | bdmv | certificate | stream | playlist | clipinf | backup | auxdata | jar | meta
      | bdjo )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Season and disc folders, subtitles, the extras folders Jellyfin and Kodi know, the insides of a DVD or Blu-ray."""


def why_skipped(name: bytes) -> str | None:
    """Why nobody would want this name in a library, or ``None``."""
    if name.startswith(b"."):
        return "hidden"
    if os.fsdecode(name).lower() in _JUNK or name.startswith((b"~$", b"._")):
        return "left there by a desktop"
    return None


def is_unfinished(name: bytes) -> bool:
    """Whether the name is that of a download under way."""
    return name.lower().endswith(tuple(ending.encode() for ending in _UNFINISHED))


def belongs_to_parent(name: bytes) -> bool:
    """Whether a folder of this name holds parts or sidecars of the title above it rather than a title of its own."""
    return _BELONGS.fullmatch(os.fsdecode(name)) is not None
