"""libmediainfo's reports as facts, for what no small file can show."""

from __future__ import annotations

import json

import pytest

from offliniofs.detect.filetypes import FileClass, FileType, classify_file
from offliniofs.detect.media_report import MAX_STREAMS, MAX_TAG_LENGTH, media_facts
from offliniofs.domain.errors import ProbeError
from offliniofs.domain.facts import MediaFacts

FILM = classify_file("a.mkv", b"")
Field = str | dict[str, str]


def facts(*tracks: dict[str, Field], file_type: FileType = FILM) -> MediaFacts:
    return media_facts(json.dumps({"media": {"track": list(tracks)}}), file_type)


def picture(**fields: Field) -> dict[str, Field]:
    return {"@type": "Video", "Format": "HEVC", "Width": "3840", "Height": "2160", **fields}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"HDR_Format": "Dolby Vision / SMPTE ST 2086", "HDR_Format_Compatibility": "HDR10"}, "DV"),
        ({"HDR_Format": "SMPTE ST 2094 App 4", "HDR_Format_Compatibility": "HDR10+ Profile B"}, "HDR10+"),
        ({"HDR_Format": "SMPTE ST 2086", "HDR_Format_Compatibility": "HDR10"}, "HDR10"),
        ({"transfer_characteristics": "PQ"}, "HDR10"),
        ({"transfer_characteristics": "HLG"}, "HLG"),
        ({"transfer_characteristics": "BT.709"}, None),
        ({}, None),
    ],
)
def test_kinds_of_high_dynamic_range(fields: dict[str, Field], expected: str | None) -> None:
    assert facts(picture(**fields)).video[0].hdr == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Format": "AVC"}, "h264"),
        ({"Format": "VC-1"}, "vc1"),
        ({"Format": "MPEG Video", "Format_Version": "1"}, "mpeg1"),
        ({"Format": "MPEG Video"}, "mpeg2"),
        ({"Format": "MPEG-4 Visual", "CodecID": "DX50"}, "divx"),
        ({"Format": "MPEG-4 Visual", "CodecID": "20", "Encoded_Library_Name": "XviD"}, "xvid"),
        ({"Format": "MPEG-4 Visual"}, "mpeg4"),
        ({"Format": "Strange/../ Codec"}, "strange-codec"),
        ({"Format": ""}, "unknown"),
    ],
)
def test_names_of_video_codecs(fields: dict[str, Field], expected: str) -> None:
    assert facts(picture(**fields)).video[0].codec == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Format": "DTS", "Format_Commercial_IfAny": "DTS-HD Master Audio"}, "dts-hd"),
        ({"Format": "DTS XLL X", "Format_AdditionalFeatures": "XLL X"}, "dts-hd"),
        ({"Format": "DTS"}, "dts"),
        ({"Format": "MLP FBA", "Format_Commercial_IfAny": "Dolby TrueHD with Dolby Atmos"}, "truehd"),
        ({"Format": "MPEG Audio", "Format_Profile": "Layer 2"}, "mp2"),
        ({"Format": "MPEG Audio", "Format_Profile": "Layer 3"}, "mp3"),
        ({"Format": "ALAC"}, "alac"),
    ],
)
def test_names_of_audio_codecs(fields: dict[str, Field], expected: str) -> None:
    found = facts({"@type": "Audio", "Channels": "8 / 6", "Language": "pt-BR", **fields}).audio[0]
    assert (found.codec, found.channels, found.language) == (expected, 8, "pt")


def test_a_cover_is_no_video() -> None:
    assert facts({"@type": "General"}, picture(Format="JPEG", FrameCount="1")).video == ()
    assert facts(picture(Format="PNG", MuxingMode="Cover", FrameCount="9")).video == ()
    assert len(facts(picture(Format="JPEG", FrameCount="500")).video) == 1


def test_numbers_without_sense_are_left_out() -> None:
    general: dict[str, Field] = {"@type": "General", "Duration": "1e999", "OverallBitRate": "9" * 40}
    found = facts(general, picture(Width="0"), picture(Width="99999999"), picture(Width="wide"))
    assert (found.duration, found.bit_rate, found.video) == (None, None, ())
    assert facts({"@type": "General", "Duration": "soon"}).duration is None


def test_tags_are_bounded_and_clean() -> None:
    general: dict[str, Field] = {
        "@type": "General",
        "Title": "A\x07 title\u202e " + "x" * 10_000,
        "Album": {"@dt": "binary.base64", "#value": "AAAA"},
        "Performer": "   ",
    }
    tags = facts(general).tags
    assert set(tags) == {"title"}
    assert tags["title"].startswith("A title x")
    assert len(tags["title"]) == MAX_TAG_LENGTH


def test_extra_fields_count_but_do_not_win() -> None:
    general = {"@type": "General", "extra": {"comment": "kept", "Title": "lost"}, "Title": "won"}
    found = media_facts(json.dumps({"media": {"track": [general]}}), FILM)
    assert found.tags == {"title": "won", "comment": "kept"}


def test_streams_are_bounded() -> None:
    many: list[dict[str, Field]] = [picture(), {"@type": "Audio"}, {"@type": "Text"}]
    found = facts(*(many * 200))
    assert {len(found.video), len(found.audio), len(found.subtitles)} == {MAX_STREAMS}


@pytest.mark.parametrize("report", ["", "no json", "[" * 100_000])
def test_a_report_that_is_no_json_is_an_error(report: str) -> None:
    with pytest.raises(ProbeError, match="no JSON"):
        media_facts(report, FILM)


@pytest.mark.parametrize(
    "report", ["[]", "{}", '{"media": null}', '{"media": {"track": 1}}', '{"media":{"track":[1]}}']
)
def test_an_empty_report_has_no_facts(report: str) -> None:
    found = media_facts(report, FILM)
    assert (found.video, found.audio, found.tags) == ((), (), {})


def test_an_audio_container_with_pictures_is_video() -> None:
    song = FileType(FileClass.AUDIO, "audio/mp4", "m4a")
    assert facts(picture(), file_type=song).mime_type == "video/mp4"
    assert facts({"@type": "Audio"}, file_type=song).mime_type == "audio/mp4"
