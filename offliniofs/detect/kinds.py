"""Which kind of thing a file is: a film, an episode, a track, or something else."""

from __future__ import annotations

import re
from typing import Final

from offliniofs.detect.evidence import FileEvidence
from offliniofs.detect.filetypes import FileClass
from offliniofs.detect.tags import TagFacts
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Evidence, EvidenceSource

_CAMERA_NAME: Final = re.compile(
    r"(?:vid|img|mov|mvi|_?dsc[nf]?|gopr|g[phx]|dji|pxl|mah|cimg|hpim|wp|whatsapp[-_ ](?:video|image)|"
    r"screen[-_ ]?recording|screencast|screenshot)"
    r"[-_ ]*(?:\d{3,}|e\d{4}|(?:19|20)\d\d[-_.]\d\d).{0,40}|"
    r"c\d{4}|p\d{4,}|sam_\d{3,}|clip[-_]?\d{3,}|video[-_]?\d{3,}|"
    r"(?:19|20)\d{6}[-_ T]?\d{4,6}.{0,20}|"
    r"(?:19|20)\d\d-\d\d-\d\d[-_ T]+\d\d[-_.h: ]\d\d.{0,20}",
    re.IGNORECASE,
)
"""Names that cameras, telephones and screen recorders give: a prefix and a counter, or a date and a time."""
_BARE_COUNTER: Final = re.compile(r"\d{1,2}|\d{5,}")

_HOME_FOLDERS: Final = (
    "dcim|camera|camera roll|camera uploads|home videos|home video|home movies|family videos|screen recordings|"
    "screencasts|screen captures|recordings|whatsapp video|whatsapp videos|100media|100andro"
)
_IN_HOME_FOLDER: Final = re.compile(rf"\s*(?:{_HOME_FOLDERS})\s*", re.IGNORECASE)
_HEX_NAME: Final = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{20,}", re.IGNORECASE)

Decision = tuple[ContentKind, Evidence]

_NOTHING = Evidence(EvidenceSource.DEFAULT)


def decide_kind(evidence: FileEvidence, tags: TagFacts) -> Decision:
    """The kind of a file and why. The user's word is weighed elsewhere."""
    file_class = evidence.file_type.file_class
    if not evidence.file_type.is_media:
        return ContentKind.OTHER, Evidence(EvidenceSource.PROBE, f"{file_class} file")
    if _is_sound(evidence):
        source = EvidenceSource.PROBE if evidence.media else EvidenceSource.NAME
        return ContentKind.TRACK, Evidence(source, "sound without pictures")
    return _by_nfo(evidence) or _by_name(evidence) or _by_tags(tags) or _film_or_other(evidence)


def is_meaningless(stem: str) -> bool:
    """Whether a file's name says nothing about what is in it: a camera's counter, a date, a hash."""
    text = stem.strip()
    return (
        not any(map(str.isalnum, text))
        or _CAMERA_NAME.fullmatch(text) is not None
        or _BARE_COUNTER.fullmatch(text) is not None
        or _HEX_NAME.fullmatch(text) is not None
    )


def is_named_by_camera(stem: str) -> bool:
    """Whether a camera, a telephone or a screen recorder gives such names."""
    return _CAMERA_NAME.fullmatch(stem.strip()) is not None


def _is_sound(evidence: FileEvidence) -> bool:
    if evidence.media is not None and (evidence.media.video or evidence.media.audio):
        return not evidence.media.video
    return evidence.file_type.file_class is FileClass.AUDIO


def _by_nfo(evidence: FileEvidence) -> Decision | None:
    nfo = evidence.nfo
    if nfo is None or nfo.kind is None:
        return None
    if nfo.kind in {ContentKind.EPISODE, ContentKind.SERIES}:
        return ContentKind.EPISODE, Evidence(EvidenceSource.NFO, str(nfo.kind))
    if nfo.kind is ContentKind.MOVIE:
        return ContentKind.MOVIE, Evidence(EvidenceSource.NFO, "movie")
    return None


def _by_name(evidence: FileEvidence) -> Decision | None:
    facts = evidence.name_facts
    counted = bool(facts.episodes) or facts.season is not None
    if evidence.show_nfo is not None and (counted or facts.air_date):
        return ContentKind.EPISODE, Evidence(EvidenceSource.NFO, "tvshow.nfo in a folder above")
    if _is_home_made(evidence):
        return ContentKind.OTHER, Evidence(EvidenceSource.NAME, "named by a camera or recorder")
    is_episode = facts.kind in {ContentKind.EPISODE, ContentKind.SEASON} and (counted or facts.air_date)
    return (ContentKind.EPISODE, facts.why.get("kind", Evidence(EvidenceSource.NAME))) if is_episode else None


def _is_home_made(evidence: FileEvidence) -> bool:
    facts = evidence.name_facts
    stem = evidence.name.rpartition(".")[0] or evidence.name
    if facts.external_ids or facts.source or (facts.season is not None and facts.episodes):
        return False
    if evidence.beside_clips and all(
        facts.why.get(field, _NOTHING).source is not EvidenceSource.NAME for field in ("year", "resolution", "edition")
    ):
        return True
    in_home_folder = any(_IN_HOME_FOLDER.fullmatch(folder) for folder in evidence.folders[:3])
    named_by_folder = facts.year is not None and facts.why.get("title", _NOTHING).source is EvidenceSource.FOLDER
    return in_home_folder or (is_meaningless(stem) and not named_by_folder and facts.season is None)


def _by_tags(tags: TagFacts) -> Decision | None:
    if tags.show and tags.episode is not None:
        return ContentKind.EPISODE, Evidence(EvidenceSource.TAG, f"{tags.show}, episode {tags.episode}")
    return None


def _film_or_other(evidence: FileEvidence) -> Decision:
    facts = evidence.name_facts
    title = facts.title.strip()
    if facts.year is not None:
        return ContentKind.MOVIE, Evidence(EvidenceSource.NAME, f"a title and a year: {facts.year}")
    if facts.source or facts.resolution or facts.edition or facts.external_ids or facts.codec:
        return ContentKind.MOVIE, Evidence(EvidenceSource.NAME, "words of a release")
    if sum(character.isalpha() for character in title) >= 2 or re.fullmatch(r"\d{3,4}", title):
        return ContentKind.MOVIE, Evidence(EvidenceSource.DEFAULT, "a video whose name reads like a title")
    return ContentKind.OTHER, Evidence(EvidenceSource.DEFAULT, "a video without a title")
