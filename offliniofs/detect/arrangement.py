"""How files are arranged: what each is, and what it goes with. Values only; ``sidecars.arrange`` makes them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from offliniofs.detect.filetypes import FileType
from offliniofs.detect.sidecar_names import is_title_nfo
from offliniofs.domain.content import FileRole

PathParts = tuple[str, ...]
"""The components of a path below the folder that is arranged. Undecodable bytes as ``os.fsdecode`` gives them."""


def stem_of(name: str) -> str:
    """A file name without its extension."""
    return name.rpartition(".")[0] or name


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to arrange. ``size`` in bytes; it only chooses the main stream of a disc."""

    parts: PathParts
    file_type: FileType
    size: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """What one file is, and what it goes with."""

    parts: PathParts
    role: FileRole
    media: PathParts | None = None
    """The media file it goes with: itself, or any file of the title for what belongs to the title; None: orphan."""
    of_file: bool = False
    """Whether it belongs to that media file rather than to the whole title."""
    name_suffix: str | None = None
    """What to append to the media file's stem or, for what belongs to the title, the name to keep."""
    subfolder: tuple[str, ...] = ()
    """Where it stands below the title's folder."""
    language: str | None = None
    """BCP 47 primary tag."""
    flags: tuple[str, ...] = ()
    """Of a subtitle: ``forced``, ``default``, ``sdh``, ``commentary``."""
    junk: str | None = None
    """Why this should not be taken at all."""


@dataclass(frozen=True)
class Arrangement:
    """A place for every entry, in the order of the entries."""

    places: tuple[Place, ...]

    @property
    def media(self) -> list[Place]:
        """The media files: what becomes films, episodes, tracks."""
        return [place for place in self.places if place.role is FileRole.MEDIA and not place.junk]

    @property
    def orphans(self) -> list[Place]:
        """Files that go with no media file; each stands for itself."""
        return [place for place in self.places if place.media is None and not place.junk]

    @property
    def junk(self) -> list[Place]:
        """Files to skip, each with its reason."""
        return [place for place in self.places if place.junk]

    def sidecars_of(self, media: PathParts) -> list[Place]:
        """What belongs to this one media file."""
        return self._by_media.get(media, [])

    def nfo_of(self, media: PathParts) -> PathParts | None:
        """The NFO about this media file: its own or, for a film, the folder's ``movie.nfo``."""
        own = (place.parts for place in self.sidecars_of(media) if place.role is FileRole.NFO)
        return next(own, None) or self._title_nfos.get((media[:-1], "movie"))

    def title_nfo_of(self, media: PathParts, stem: str) -> PathParts | None:
        """The NFO named ``stem`` (``tvshow``, ``album``, ``artist``) in the media file's folder or one above it."""
        for depth in range(len(media) - 1, max(-1, len(media) - 4), -1):
            if found := self._title_nfos.get((media[:depth], stem)):
                return found
        return None

    @cached_property
    def _by_media(self) -> dict[PathParts, list[Place]]:
        found: dict[PathParts, list[Place]] = defaultdict(list)
        for place in self.places:
            if place.of_file and place.media is not None and place.parts != place.media:
                found[place.media].append(place)
        return dict(found)

    @cached_property
    def _title_nfos(self) -> dict[tuple[PathParts, str], PathParts]:
        nfos = (place.parts for place in self.places if place.role is FileRole.NFO and not place.junk)
        return {
            (parts[:-1], stem_of(parts[-1]).casefold()): parts for parts in nfos if is_title_nfo(stem_of(parts[-1]))
        }
