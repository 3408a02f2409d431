"""The names a new row needs. ``tree/names.py`` implements this; the catalogue's writer is handed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from offliniofs.domain.facts import Identification


class Naming(Protocol):
    """Legal, stable names: NFC, no control characters, nothing Windows refuses, 255 bytes at most."""

    def component(self, text: str) -> str:
        """Any text made a legal name of one component, e.g. for a genre or a collection. Never empty."""
        ...

    def title_folder(self, identification: Identification) -> str:
        """``Title (Year)`` for a movie or series, ``Album (Year)``, or the name of another title."""
        ...

    def title_name(self, identification: Identification) -> str:
        """The title's folder in facet views: as :meth:`title_folder`, with the artist before an album."""
        ...

    def artist_folder(self, artist: str) -> str:
        """The artist's folder in ``music/``."""
        ...

    def season_folder(self, season: int) -> str:
        """``Season 01``; season 0 is ``Season 00`` as Jellyfin and Kodi expect of specials."""
        ...

    def media_file(self, identification: Identification, extension: str, folder: str | None = None) -> str:
        """``Film (1999) - 1080p.mkv``, ``Show (2010) S01E02 - Title.mkv``, ``01 - Track.flac``, or the original.

        ``folder``: the name a film's folder really has, which its files begin with.
        """
        ...

    def sidecar(self, media_name: str | None, suffix: str) -> str:
        """The name of a file that goes with ``media_name`` (extension replaced), or with the title (``None``)."""
        ...

    def distinct(self, name: str, ordinal: int) -> str:
        """The ``ordinal``-th (from 2) different name for ``name``, extension and 255-byte limit kept."""
        ...
