"""Quality, codecs and languages: what the name promises, corrected by what the streams show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from offliniofs.detect.evidence import Claim, FileEvidence, Ledger
from offliniofs.detect.names import NameFacts
from offliniofs.detect.quality import UNKNOWN, ProbedQuality, quality_named, with_probe
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import EvidenceSource, MediaFacts, VideoStream

_CODECS: Final = {"h265": "hevc", "x265": "hevc", "x264": "h264", "h266": "vvc", "mpeg-2": "mpeg2"}
"""Words of names → the codec's name as a probe gives it."""

_AUDIO_NAMES: Final = {
    "aac": "AAC",
    "ac3": "AC3",
    "eac3": "EAC3",
    "ac4": "AC4",
    "truehd": "TrueHD",
    "dts": "DTS",
    "dts-hd": "DTS-HD",
    "flac": "FLAC",
    "pcm": "PCM",
    "mp3": "MP3",
    "mp2": "MP2",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "alac": "ALAC",
    "wma": "WMA",
}
_OBJECT_AUDIO: Final = {"Atmos": frozenset({"TrueHD", "EAC3", "AC4"}), "DTS:X": frozenset({"DTS-HD", "DTS"})}
"""What a name may add to a codec → the codecs that can carry it."""

_SAME_AUDIO: Final = {"DTS-HD": frozenset({"DTS-HD", "DTS"}), "DTS": frozenset({"DTS-HD", "DTS"})}


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """Fields of ``Identification`` that streams decide."""

    quality: str
    resolution: str | None
    codec: str | None
    hdr: str | None
    audio: tuple[str, ...]
    languages: tuple[str, ...]


def read_streams(evidence: FileEvidence, facts: NameFacts, kind: ContentKind, ledger: Ledger) -> StreamFacts:
    """Join what the name says with what was probed, and note in the ledger what decided."""
    picture = main_picture(evidence.media)
    quality, resolution = _quality(facts, kind, picture, ledger)
    name_codec = _CODECS.get(facts.codec or "", facts.codec)
    return StreamFacts(
        quality=quality,
        resolution=resolution,
        codec=ledger.decide(
            "codec",
            Claim(EvidenceSource.PROBE, None if picture is None else picture.codec),
            Claim(_origin(facts, "codec"), name_codec, _words(facts, "codec")),
        ),
        hdr=_hdr(facts, picture, ledger),
        audio=_audio(facts, evidence.media, ledger),
        languages=_languages(evidence, facts, ledger),
    )


def main_picture(media: MediaFacts | None) -> VideoStream | None:
    """The largest video stream."""
    streams = media.video if media is not None else ()
    return max(streams, key=lambda stream: stream.width * stream.height, default=None)


def audio_names(media: MediaFacts | None) -> tuple[str, ...]:
    """The audio codecs of a file, each once, as names write them."""
    streams = media.audio if media is not None else ()
    return tuple(dict.fromkeys(_AUDIO_NAMES.get(stream.codec, stream.codec) for stream in streams))


def _origin(facts: NameFacts, field: str) -> EvidenceSource:
    evidence = facts.why.get(field)
    return evidence.source if evidence is not None else EvidenceSource.NAME


def _words(facts: NameFacts, field: str) -> str:
    evidence = facts.why.get(field)
    return evidence.detail if evidence is not None else ""


def _quality(
    facts: NameFacts, kind: ContentKind, picture: VideoStream | None, ledger: Ledger
) -> tuple[str, str | None]:
    """The class and the resolution; the class of what is neither film nor episode is not known."""
    named = quality_named(facts.quality) or UNKNOWN
    if kind is ContentKind.OTHER:
        named = UNKNOWN
    elif picture is None:
        ledger.adopt("quality", facts.why.get("quality"))
    if picture is None:
        ledger.adopt("resolution", facts.why.get("resolution"))
        return named.name, facts.resolution
    size = f"{picture.width}x{picture.height}"
    probed = with_probe(named, picture.width, picture.height, stated=facts.resolution)
    if probed is None:
        return named.name, facts.resolution
    ledger.note("resolution", EvidenceSource.PROBE, size)
    if probed.disagrees:
        ledger.remark(f"resolution: probe says {probed.resolution} ({size}), name says {facts.resolution}")
    if kind is ContentKind.OTHER:
        return UNKNOWN.name, probed.resolution
    _explain(facts, probed, named.name, size, ledger)
    return probed.quality.name, probed.resolution


def _explain(facts: NameFacts, probed: ProbedQuality, named: str, size: str, ledger: Ledger) -> None:
    if probed.quality.name == named:
        ledger.adopt("quality", facts.why.get("quality"))
        return
    ledger.note("quality", EvidenceSource.PROBE, f"{size}, named {named}")
    if facts.resolution and probed.disagrees:
        ledger.remark(f"quality: probe says {probed.quality.name}, name says {named}")


def _hdr(facts: NameFacts, picture: VideoStream | None, ledger: Ledger) -> str | None:
    if picture is None:
        ledger.adopt("hdr", facts.why.get("hdr"))
        return facts.hdr
    found = ledger.decide("hdr", Claim(EvidenceSource.PROBE, picture.hdr), Claim(EvidenceSource.NAME, facts.hdr))
    if picture.hdr is None and facts.hdr is not None:
        ledger.note("hdr", EvidenceSource.PROBE, "none declared")
        ledger.remark(f"hdr: probe finds none, name says {facts.hdr}")
        return None
    return found


def _audio(facts: NameFacts, media: MediaFacts | None, ledger: Ledger) -> tuple[str, ...]:
    """Probed codecs, with what only a name can say of them (Atmos)."""
    probed = audio_names(media)
    if not probed:
        ledger.adopt("audio", facts.why.get("audio"))
        return facts.audio
    finer = tuple(name for name in facts.audio if _OBJECT_AUDIO.get(name, frozenset()) & set(probed))
    ledger.note("audio", EvidenceSource.PROBE, ", ".join(probed))
    for named in facts.audio:
        if named not in _OBJECT_AUDIO and not _SAME_AUDIO.get(named, {named}) & set(probed):
            ledger.remark(f"audio: probe says {', '.join(probed)}, name says {named}")
    return (*probed, *finer)


def _languages(evidence: FileEvidence, facts: NameFacts, ledger: Ledger) -> tuple[str, ...]:
    streams = evidence.media.audio if evidence.media is not None else ()
    probed = tuple(dict.fromkeys(stream.language for stream in streams if stream.language))
    said_in_nfo = evidence.nfo.languages if evidence.nfo is not None else ()
    named = tuple(language for language in facts.languages if language != "mul")
    claims = [
        Claim(EvidenceSource.PROBE, probed),
        Claim(EvidenceSource.NFO, said_in_nfo),
        Claim(_origin(facts, "languages"), named, _words(facts, "languages")),
    ]
    first = next((claim.value for claim in claims if claim.value), ()) or ()
    # A list that names fewer of the same languages contradicts nothing.
    told = [claim for claim in claims if claim.value == first or not set(claim.value or ()) <= set(first)]
    return ledger.decide("languages", *told) or ()
