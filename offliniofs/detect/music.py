"""Identifies a track of music: by its tags and, where it has none, by its name and the album's and artist's folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from offliniofs.detect.evidence import Claim, FileEvidence, Ledger
from offliniofs.detect.sidecar_names import is_part_folder
from offliniofs.detect.streams import audio_names
from offliniofs.detect.tags import TagFacts
from offliniofs.detect.text import clean_title
from offliniofs.detect.tracks import parse_track_name
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import EvidenceSource, Genre, Identification, Person

_LIBRARY_FOLDER: Final = re.compile(
    r"(?:my )?(?:music|musik|musique|musica|audio|songs|mp3s?|flacs?|albums|artists|library|media|downloads?|"
    r"incoming|new|unsorted|misc|various|compilations|soundtracks|data|home|mnt|tmp|share[sd]?|public|import|storage|[a-z#0-9])",
    re.IGNORECASE,
)
_DISC_FOLDER: Final = re.compile(r"(?:cd|dis[ck]|dvd|vinyl)[ ._-]*(\d{1,2})", re.IGNORECASE)
_YEAR_BEHIND: Final = re.compile(r"(.+?)[ _]*[\[(]((?:19|20)\d\d)[\])].*", re.DOTALL)
_YEAR_BEFORE: Final = re.compile(r"[\[(]?((?:19|20)\d\d)[\])]?[ _]*(?:-[ _]*|[ _]+)(.+)", re.DOTALL)
_RELEASE_NOTES: Final = re.compile(
    r"\s*[\[({][^\])}]*(?:flac|mp3|\d{2,3}\s?kbps|\bcd\b|vinyl|web|24.?bit|320|v0|remaster)[^\])}]*[\])}]",
    re.IGNORECASE,
)
_DASH: Final = re.compile(r"\s+[-\u2013]\s+")


@dataclass(frozen=True, slots=True)
class _NameFacts:
    """What a track's name and folders say."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: int | None = None
    track: int | None = None
    disc: int | None = None
    artist_in_folder: bool = False


def identify_track(evidence: FileEvidence, tags: TagFacts, genres: tuple[Genre, ...], ledger: Ledger) -> Identification:
    """The identification of one track. ``artist`` is the one its album is filed under."""
    named = _read_names(evidence)
    nfo = evidence.nfo if evidence.nfo is not None and evidence.nfo.kind is ContentKind.ALBUM else None
    source = EvidenceSource.NAME
    stem = evidence.name.rpartition(".")[0] or evidence.name
    title = ledger.decide("title", Claim(EvidenceSource.TAG, tags.title), Claim(source, named.title))
    if not title:
        ledger.note("title", source, stem)
    folder = EvidenceSource.FOLDER
    return Identification(
        name=evidence.name,
        kind=ContentKind.TRACK,
        title=title or stem or "Unknown",
        year=ledger.decide(
            "year",
            Claim(EvidenceSource.NFO, nfo.year if nfo else None),
            Claim(EvidenceSource.TAG, tags.year),
            Claim(folder, named.year),
        ),
        artist=ledger.decide(
            "artist",
            Claim(EvidenceSource.TAG, tags.album_artist),
            Claim(EvidenceSource.NFO, nfo.artist if nfo else None),
            Claim(folder if named.artist_in_folder else source, named.artist),
        ),
        album=ledger.decide(
            "album",
            Claim(EvidenceSource.TAG, tags.album),
            Claim(EvidenceSource.NFO, nfo.title if nfo else None),
            Claim(folder, named.album),
        ),
        track=ledger.decide("track", Claim(EvidenceSource.TAG, tags.track), Claim(source, named.track)),
        disc=ledger.decide("disc", Claim(EvidenceSource.TAG, tags.disc), Claim(source, named.disc)),
        audio=_audio(evidence, ledger),
        codec=_codec(evidence, ledger),
        genres=genres,
        people=_people(tags, named),
        plot=nfo.plot if nfo else None,
        rating=nfo.rating if nfo else None,
        external_ids=dict(nfo.external_ids) if nfo else {},
    )


def _people(tags: TagFacts, named: _NameFacts) -> tuple[Person, ...]:
    if tags.people or not named.artist:
        return tags.people
    return (Person(named.artist, "artist"),)


def _audio(evidence: FileEvidence, ledger: Ledger) -> tuple[str, ...]:
    return ledger.decide("audio", Claim(EvidenceSource.PROBE, audio_names(evidence.media))) or ()


def _codec(evidence: FileEvidence, ledger: Ledger) -> str | None:
    streams = evidence.media.audio if evidence.media is not None else ()
    return ledger.decide("codec", Claim(EvidenceSource.PROBE, streams[0].codec if streams else None))


@dataclass(frozen=True, slots=True)
class AlbumName:
    """What folders say of the album in them."""

    album: str
    artist: str | None
    year: int | None


def read_album(folders: Sequence[str]) -> AlbumName | None:
    """The album that folders, innermost first, are called like: ``Artist/Album (Year)``, ``Artist - Album`` …"""
    album, artist, year = _album(list(folders[:4]))
    return AlbumName(album, artist, year) if album else None


def _read_names(evidence: FileEvidence) -> _NameFacts:
    disc, track, title = parse_track_name(evidence.name.rpartition(".")[0] or evidence.name)
    folders = list(evidence.folders[:4])
    if folders and (match := _DISC_FOLDER.fullmatch(folders[0].strip())):
        disc = int(match[1]) if disc is None else disc
    while folders and is_part_folder(folders[0]):
        folders.pop(0)
    album, artist, year = _album(folders)
    in_folder = artist is not None
    if artist is None and track is None and len(parts := _DASH.split(title, maxsplit=1)) == 2:
        artist, title = parts
    return _NameFacts(title or None, artist, album, year, track, disc, in_folder)


def _album(folders: list[str]) -> tuple[str | None, str | None, int | None]:
    """Album, artist and year from the folders: ``Artist/Album (Year)``, ``Artist/Year - Album``, ``Artist - Album``."""
    if not folders or _LIBRARY_FOLDER.fullmatch(folders[0].strip()):
        return None, None, None
    name, year = _without_year(_RELEASE_NOTES.sub("", folders[0]))
    parts = _DASH.split(name, maxsplit=2)
    artist = None
    if len(parts) > 1:
        artist = parts[0]
        name, later_year = _without_year(" - ".join(parts[1:]))
        year = year or later_year
    elif len(folders) > 1 and not _LIBRARY_FOLDER.fullmatch(folders[1].strip()):
        artist = folders[1]
    return clean_title(name) or None, clean_title(artist) if artist else None, year


def _without_year(name: str) -> tuple[str, int | None]:
    if match := _YEAR_BEHIND.fullmatch(name):
        return match[1], int(match[2])
    if match := _YEAR_BEFORE.fullmatch(name):
        return match[2], int(match[1])
    return name, None
