"""Turns what libmediainfo reports of a file into ``MediaFacts``. Field names are those of its JSON output."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Final

from offliniofs.detect.filetypes import FileClass, FileType
from offliniofs.detect.languages import language_tag
from offliniofs.domain.errors import ProbeError
from offliniofs.domain.facts import AudioStream, MediaFacts, SubtitleStream, VideoStream

MAX_STREAMS = 64
"""Streams of one kind that are kept; a film with more is damaged or hostile."""

MAX_TAG_LENGTH = 2048
"""Characters of one embedded tag that are kept."""

_MAX_PIXELS_A_SIDE = 65_536
_MAX_DURATION = 100 * 24 * 3600.0
_MAX_CHANNELS = 128

Track = Mapping[str, str]

_VIDEO_CODECS: Final = {
    "avc": "h264",
    "hevc": "hevc",
    "vvc": "vvc",
    "av1": "av1",
    "vp8": "vp8",
    "vp9": "vp9",
    "mpeg-4 visual": "mpeg4",
    "xvid": "xvid",
    "divx": "divx",
    "vc-1": "vc1",
    "theora": "theora",
    "prores": "prores",
    "dv": "dv",
    "ffv1": "ffv1",
    "sorenson spark": "flv1",
    "jpeg": "mjpeg",
    "wmv1": "wmv1",
    "wmv2": "wmv2",
    "wmv3": "wmv3",
}
_AUDIO_CODECS: Final = {
    "aac": "aac",
    "aac lc": "aac",
    "ac-3": "ac3",
    "e-ac-3": "eac3",
    "mlp fba": "truehd",
    "mlp": "mlp",
    "dts": "dts",
    "flac": "flac",
    "opus": "opus",
    "vorbis": "vorbis",
    "pcm": "pcm",
    "alac": "alac",
    "monkey's audio": "ape",
    "wavpack": "wavpack",
    "wma": "wma",
    "adpcm": "adpcm",
    "amr": "amr",
    "dsd": "dsd",
    "speex": "speex",
    "ac-4": "ac4",
}
_SUBTITLE_CODECS: Final = {
    "utf-8": "srt",
    "subrip": "srt",
    "ass": "ass",
    "ssa": "ssa",
    "webvtt": "vtt",
    "pgs": "pgs",
    "vobsub": "vobsub",
    "rle": "vobsub",
    "dvb subtitle": "dvbsub",
    "teletext subtitle": "teletext",
    "timed text": "tx3g",
    "eia-608": "cea608",
    "eia-708": "cea708",
}
_XVID_CODES: Final = {"xvid": "xvid", "divx": "divx", "dx50": "divx", "div3": "divx", "div4": "divx", "mp43": "msmpeg4"}
_TAG_FIELDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("title", ("title", "track", "movie")),
    ("artist", ("performer", "artist", "accompaniment")),
    ("album_artist", ("album_performer", "album/performer", "album_artist")),
    ("album", ("album", "originalsourceform_name")),
    ("date", ("recorded_date", "released_date", "original_released_date", "date", "date_released", "year")),
    ("genre", ("genre",)),
    ("track", ("track_position", "track/position")),
    ("track_total", ("track_position_total",)),
    ("disc", ("part_position", "part", "wm_partofset", "disc")),
    ("disc_total", ("part_position_total",)),
    ("composer", ("composer",)),
    ("comment", ("comment", "description")),
    ("description", ("synopsis", "summary", "longdescription")),
    ("show", ("collection", "tvshow", "show")),
    ("season", ("season", "season_number")),
    ("episode", ("season_position", "part_id", "episode_sort", "tves")),
    ("director", ("director",)),
    ("publisher", ("publisher", "label")),
    ("compilation", ("compilation",)),
    ("encoder", ("encoded_application",)),
)
"""Our tag → the fields it may stand in, in lower case: MediaInfo's own, and the ones it passes on as it found them."""

_AUDIO_ONLY_MIME: Final = {
    "video/x-matroska": "audio/x-matroska",
    "video/webm": "audio/webm",
    "video/mp4": "audio/mp4",
    "video/x-m4v": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/ogg": "audio/ogg",
    "video/x-ms-asf": "audio/x-ms-wma",
    "video/x-ms-wmv": "audio/x-ms-wma",
}
_VIDEO_MIME: Final = {
    "audio/x-matroska": "video/x-matroska",
    "audio/webm": "video/webm",
    "audio/mp4": "video/mp4",
    "audio/ogg": "video/ogg",
    "audio/x-ms-wma": "video/x-ms-wmv",
}


def media_facts(report: str, file_type: FileType) -> MediaFacts:
    """The facts in one report. Raises ``ProbeError`` when the report cannot be read; unknown fields are ignored."""
    general: Track = {}
    video: list[VideoStream] = []
    audio: list[AudioStream] = []
    subtitles: list[SubtitleStream] = []
    for track in _tracks(report):
        match track.get("@type"):
            case "General" if not general:
                general = track
            case "Video" if len(video) < MAX_STREAMS:
                video.extend(_video(track))
            case "Audio" if len(audio) < MAX_STREAMS:
                audio.append(_audio(track))
            case "Text" if len(subtitles) < MAX_STREAMS:
                subtitles.append(_subtitle(track))
    return MediaFacts(
        mime_type=_mime_type(file_type, bool(video), bool(audio)),
        container=_text(general, "Format"),
        duration=_duration(general),
        bit_rate=_whole(general, "OverallBitRate", 10**12),
        video=tuple(video),
        audio=tuple(audio),
        subtitles=tuple(subtitles),
        tags=_tags(general),
    )


def _tracks(report: str) -> list[Track]:
    """The tracks of a report; values that are not plain text (binary ones) are left out, ``extra`` ones are lifted."""
    try:
        document = json.loads(report)
    except (ValueError, RecursionError) as error:
        raise ProbeError(
            f"libmediainfo answered something that is no JSON ({error}); the file is left unprobed"
        ) from error
    media = document.get("media") if isinstance(document, dict) else None
    listed = media.get("track") if isinstance(media, dict) else None
    return [_flat(entry) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _flat(entry: Mapping[object, object]) -> Track:
    extra = entry.get("extra")
    pairs = [*(extra.items() if isinstance(extra, dict) else ()), *entry.items()]
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}


def _text(track: Track, key: str) -> str | None:
    value = "".join(character for character in track.get(key, "") if character.isprintable() or character == "\n")
    return value.strip()[:MAX_TAG_LENGTH] or None


def _whole(track: Track, key: str, maximum: int) -> int | None:
    """A number between 0 and ``maximum``; several (``2 / 6``) give the first."""
    found = re.match(r"\s*(\d{1,15})", track.get(key, ""))
    return int(found[1]) if found and int(found[1]) <= maximum else None


def _duration(track: Track) -> float | None:
    try:
        seconds = float(track.get("Duration", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and 0 < seconds <= _MAX_DURATION else None


def _video(track: Track) -> list[VideoStream]:
    """A video stream, or nothing for a picture that only looks like one (cover art)."""
    width = _whole(track, "Width", _MAX_PIXELS_A_SIDE)
    height = _whole(track, "Height", _MAX_PIXELS_A_SIDE)
    codec = _video_codec(track)
    if not width or not height or _is_cover(track, codec):
        return []
    return [
        VideoStream(
            codec=codec,
            width=width,
            height=height,
            interlaced=track.get("ScanType", "").casefold() in {"interlaced", "mbaff", "paff"},
            hdr=_hdr(track),
            bit_depth=_whole(track, "BitDepth", 64),
        )
    ]


def _is_cover(track: Track, codec: str) -> bool:
    still = codec in {"mjpeg", "png", "bmp", "gif"}
    return still and (track.get("MuxingMode", "") == "Cover" or _whole(track, "FrameCount", 10**9) in {0, 1})


def _video_codec(track: Track) -> str:
    name = track.get("Format", "").casefold()
    code = track.get("CodecID", "").casefold()
    if name == "mpeg video":
        return "mpeg1" if track.get("Format_Version", "").strip().startswith("1") else "mpeg2"
    if name == "mpeg-4 visual":
        library = track.get("Encoded_Library_Name", "").casefold()
        return _XVID_CODES.get(code) or _XVID_CODES.get(library) or "mpeg4"
    return _VIDEO_CODECS.get(name) or _plain(name)


def _hdr(track: Track) -> str | None:
    """The strongest of the kinds of high dynamic range that the stream declares."""
    declared = f"{track.get('HDR_Format', '')} {track.get('HDR_Format_Compatibility', '')}".casefold()
    transfer = track.get("transfer_characteristics", "").casefold()
    if "dolby vision" in declared:
        return "DV"
    if "hdr10+" in declared or "2094 app 4" in declared:
        return "HDR10+"
    if "hlg" in transfer or "hlg" in declared:
        return "HLG"
    return "HDR10" if "hdr10" in declared or "2086" in declared or transfer == "pq" else None


def _audio(track: Track) -> AudioStream:
    return AudioStream(
        codec=_audio_codec(track),
        channels=_whole(track, "Channels", _MAX_CHANNELS) or _whole(track, "Channel_s_", _MAX_CHANNELS) or 0,
        language=language_tag(track.get("Language")),
    )


def _audio_codec(track: Track) -> str:
    name = track.get("Format", "").casefold()
    commercial = f"{track.get('Format_Commercial_IfAny', '')} {track.get('Format_AdditionalFeatures', '')}".casefold()
    if name == "mpeg audio":
        return {"layer 1": "mp1", "layer 2": "mp2"}.get(track.get("Format_Profile", "").casefold(), "mp3")
    if name.startswith("dts"):
        return "dts-hd" if "hd" in commercial or "xll" in commercial or "xbr" in commercial else "dts"
    return _AUDIO_CODECS.get(name) or _plain(name)


def _subtitle(track: Track) -> SubtitleStream:
    name = track.get("Format", "").casefold()
    return SubtitleStream(
        codec=_SUBTITLE_CODECS.get(name) or _plain(name),
        language=language_tag(track.get("Language")),
        forced=track.get("Forced", "").casefold() == "yes",
    )


def _plain(name: str) -> str:
    """A name no table has, made safe to show: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:24] or "unknown"


def _tags(general: Track) -> dict[str, str]:
    found: dict[str, str] = {}
    folded = {key.casefold(): value for key, value in general.items()}
    for tag, fields in _TAG_FIELDS:
        for field in fields:
            value = _text(folded, field)
            if value is not None:
                found[tag] = value
                break
    return found


def _mime_type(file_type: FileType, has_video: bool, has_audio: bool) -> str:
    """Containers hold sound alone or pictures too; the streams say which MIME type is right."""
    mime_type = file_type.mime_type
    if has_video and file_type.file_class is FileClass.AUDIO:
        return _VIDEO_MIME.get(mime_type, mime_type)
    if has_audio and not has_video:
        return _AUDIO_ONLY_MIME.get(mime_type, mime_type)
    return mime_type
