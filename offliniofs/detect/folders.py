"""What the folders around a file say of it: the season, the title, the year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offliniofs.detect.counts import Count
from offliniofs.detect.layout import Layout, read_layout, strong_words
from offliniofs.detect.text import clean_title, tame
from offliniofs.domain.content import ContentKind

_SEASON_FOLDER = re.compile(
    r"\s*(?:season|series|saison|staffel|stagione|temporada|sezon|seizoen|s|book|volume|vol\.?)[\s._\-#]{0,3}(\d{1,4})(?:[\s._\-(\[].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_SPECIALS_FOLDER = re.compile(r"\s*(?:specials?|sp|ovas?|extras? episodes?)\s*\Z", re.IGNORECASE)
_GENERIC = re.compile(
    r"\s*(?:movies?|films?|filme|videos?|tv|tv[\s._-]?shows?|shows|series|anime|cartoons?|downloads?|complete[d]?|incoming|media|library|mnt|home|data|tmp|"
    r"torrents?|usenet|new|unsorted|misc|other|cd\s?\d|dis[ck]\s?\d|dvd\s?\d|video_ts|bdmv|stream|subs?|sample|extras|[a-z]:|4k|uhd|hd|sd|1080p|720p|"
    r"2160p|[a-z0-9#]|\d{1,4}|documentar(?:y|ies)|kids|music|storage|share[sd]?|public|volumes?|users?|plex|kodi|jellyfin|emby|seasons?)\s*\Z",
    re.IGNORECASE,
)
_BARE_EPISODE = re.compile(
    r"\s*(?:e|ep|episode)?[\s._#]{0,2}(\d{1,3})(?:v\d)?(?:[\s._]*[-\u2013.):][\s._]*|[\s._]+|\Z)(.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """Facts of the folders, nearest first."""

    layouts: tuple[Layout, ...] = ()
    """Those that name something, generic ones such as ``Movies`` left out."""
    season: int | None = None
    season_words: str = ""
    season_only: bool = False
    """Whether the season has a folder of its own, so that a bare number in it is an episode."""

    @property
    def title_layout(self) -> Layout | None:
        """The nearest folder that names a title."""
        return next((layout for layout in self.layouts if layout.title), None)

    @property
    def release(self) -> Layout | None:
        """The nearest folder, if it is named as releases are."""
        nearest = self.layouts[0] if self.layouts else None
        return nearest if nearest is not None and strong_words(nearest.marks) > 1 else None

    def bare_episode(self, layout: Layout) -> int | None:
        """The episode of a name such as ``01 - Title`` in a season's folder."""
        match = _BARE_EPISODE.match(layout.text)
        if match is None or (layout.year is not None and layout.title):
            return None
        return int(match[1]) if self.season_only or not match[2].strip() else None

    def bare_title(self, layout: Layout) -> str | None:
        """The title behind such a number."""
        match = _BARE_EPISODE.match(layout.text)
        if not self.season_only or match is None:
            return None
        end = min((mark.start for mark in layout.marks if mark.strong), default=len(layout.text))
        title = clean_title(layout.text[match.start(2) : max(end, match.start(2))])
        return title if any(character.isalpha() for character in title) else None

    def release_of(self, layout: Layout) -> Layout | None:
        """The nearest folder, if it counts an episode and the file's name, scrambled or abbreviated, does not."""
        if layout.numbering is not None or not self.layouts or self.season_only:
            return None
        folder = self.layouts[0]
        counts = folder.numbering is not None and folder.numbering.count in {Count.EPISODE, Count.DATE}
        return folder if counts and strong_words(folder.marks) else None

    def knows_better(self, layout: Layout, series: bool) -> bool:
        """Whether title and year should come from the folder rather than from the file's name."""
        folder = self.title_layout
        if folder is None:
            return False
        if not layout.title:
            return True
        if series:
            return self._counts_first(layout)
        if layout.year is not None or (folder.year is None and not strong_words(folder.marks)):
            return False
        return _abbreviates(layout.title) or _share_words(layout.title, folder.title)

    def _counts_first(self, layout: Layout) -> bool:
        """Whether the name opens with its count, so that what follows is an episode's title, not the series'."""
        if layout.numbering is None:
            return self.season is not None and _BARE_EPISODE.match(layout.text) is not None
        return not any(character.isalnum() for character in layout.text[: layout.numbering.start])


def _abbreviates(title: str) -> bool:
    """Whether a title is one run of lower case letters and digits, as scene files are named inside their folders."""
    return " " not in title and (title.islower() or any(character.isdigit() for character in title))


def _share_words(title: str, other: str) -> bool:
    return bool(set(_WORD.findall(title.casefold())) & set(_WORD.findall(other.casefold())))


def read_folders(folders: Sequence[str], kind: ContentKind | None = None) -> FolderFacts:
    """Facts of parent folders, innermost first."""
    layouts: list[Layout] = []
    season, words, season_only = None, "", False
    for folder in folders:
        name = tame(folder)
        own = _season_of(name)
        if own is not None:
            if season is None:
                season, words, season_only = own, name, True
            continue
        if not name.strip() or _GENERIC.match(name):
            continue
        layout = read_layout(name, kind, folder=True)
        layouts.append(layout)
        numbering = layout.numbering
        if season is None and numbering is not None and numbering.count is Count.SEASON:
            season, words = numbering.season, numbering.text
    return FolderFacts(tuple(layouts), season, words, season_only)


def _season_of(name: str) -> int | None:
    if _SPECIALS_FOLDER.match(name):
        return 0
    match = _SEASON_FOLDER.match(name)
    return int(match[1]) if match else None
