"""Which folders can be made below a title: those that media servers take for what they are, and any in other titles."""

from __future__ import annotations

from typing import Final

from offliniofs.domain.content import ContentKind
from offliniofs.domain.ids import ContentId
from offliniofs.tree import given
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.writes import MakeFolder

_ARTIST: Final = Refused(
    Refusal.NOT_PERMITTED, "An artist's folder holds albums. Copy new ones into inbox/: they are filed from there."
)
_ANY: Final = frozenset({ContentKind.OTHER, ContentKind.FOLDER})


def takes_any(kind: ContentKind) -> bool:
    """Whether a folder may have any name in a folder of that kind."""
    return kind in _ANY


def new_folder(content_id: ContentId, kind: ContentKind, name: bytes) -> MakeFolder | Refused:
    """``mkdir`` of ``name`` in the folder of a title, a season or extras."""
    text = given.legal(name)
    if isinstance(text, Refused):
        return text
    if kind is ContentKind.ARTIST:
        return _ARTIST
    if takes_any(kind):
        return MakeFolder(content_id, text, None)
    from offliniofs.detect.sidecar_names import season_of_folder

    season = season_of_folder(text) if kind is ContentKind.SERIES else None
    if season is not None or _is_known(kind, text):
        return MakeFolder(content_id, text, season)
    return _unknown(kind, text)


def _is_known(kind: ContentKind, name: str) -> bool:
    from offliniofs.detect.sidecar_names import disc_of_folder, extra_folder, is_art_folder, is_subtitle_folder

    of_disc = kind is ContentKind.ALBUM and disc_of_folder(name) is not None
    return of_disc or extra_folder(name) is not None or is_art_folder(name) or is_subtitle_folder(name)


def _unknown(kind: ContentKind, name: str) -> Refused:
    from offliniofs.detect.sidecar_names import EXTRA_FOLDERS

    besides = {ContentKind.SERIES: "'Season 02', ", ContentKind.ALBUM: "'CD1', "}.get(kind, "")
    return Refused(
        Refusal.NOT_PERMITTED,
        f"Media servers would take what is in {name[:80]!r} for titles of its own; here they know {besides}'Subs',"
        f" 'Artwork', {', '.join(map(repr, EXTRA_FOLDERS))}. Copy other titles into inbox/: they are filed from there.",
    )
