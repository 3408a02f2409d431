"""Names → codec, sound, languages, edition, group, identifiers, and the evidence for each."""

from __future__ import annotations

import pytest

from offliniofs.detect.names import identify_name
from offliniofs.detect.text import clean_title, tame
from offliniofs.detect.tracks import parse_track_name


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("x264", "h264"),
        ("H.264", "h264"),
        ("AVC", "h264"),
        ("HEVC", "h265"),
        ("x265", "h265"),
        ("h 265", "h265"),
        ("XviD", "xvid"),
        ("DivX", "divx"),
        ("AV1", "av1"),
        ("VC-1", "vc1"),
        ("VP9", "vp9"),
        ("MPEG-2", "mpeg2"),
    ],
)
def test_codec(words: str, codec: str) -> None:
    assert identify_name(f"Quiet Harbour 2010 1080p {words} AAC").codec == codec


@pytest.mark.parametrize(
    ("words", "audio"),
    [
        ("DD5.1", ("AC3",)),
        ("DDP5.1", ("EAC3",)),
        ("DD+5.1", ("EAC3",)),
        ("DTS-HD.MA.5.1", ("DTS-HD",)),
        ("DTS", ("DTS",)),
        ("TrueHD.7.1.Atmos", ("Atmos",)),
        ("AAC2.0", ("AAC",)),
        ("FLAC", ("FLAC",)),
        ("AC3.AAC", ("AC3", "AAC")),
    ],
)
def test_audio(words: str, audio: tuple[str, ...]) -> None:
    assert identify_name(f"Quiet.Harbour.2010.1080p.BluRay.{words}.x264-GRP").audio == audio


@pytest.mark.parametrize(
    ("words", "hdr"),
    [("HDR", "HDR10"), ("HDR10+", "HDR10+"), ("DV.HDR", "DV"), ("Dolby.Vision", "DV"), ("HLG", "HLG"), ("SDR", None)],
)
def test_hdr(words: str, hdr: str | None) -> None:
    assert identify_name(f"Quiet.Harbour.2010.2160p.WEB-DL.{words}.x265-GRP").hdr == hdr


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("Quiet.Harbour.2010.FRENCH.1080p.BluRay", ("fr",)),
        ("Quiet.Harbour.2010.German.DL.1080p.BluRay", ("de",)),
        ("Quiet.Harbour.2010.ITA.ENG.1080p.BluRay", ("it", "en")),
        ("Quiet.Harbour.2010.MULTi.1080p.BluRay", ("mul",)),
        ("Quiet Harbour (2010) [Hindi + Tamil] 720p", ("hi", "ta")),
        ("The.Italian.Job.1969.1080p.BluRay", ()),
        ("Quiet.Harbour.2010.VOSTFR.1080p", ()),
    ],
)
def test_languages(name: str, languages: tuple[str, ...]) -> None:
    assert identify_name(name).languages == languages


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("Quiet.Harbour.2010.Directors.Cut.1080p.BluRay", "Director's Cut"),
        ("Quiet.Harbour.2010.DC.1080p.BluRay", "Director's Cut"),
        ("Quiet Harbour (2010) {edition-Extended} 1080p", "Extended"),
        ("Quiet.Harbour.2010.UNRATED.720p", "Unrated"),
        ("Quiet.Harbour.2010.IMAX.2160p", "IMAX"),
        ("Quiet.Harbour.Remastered.2010.1080p.Criterion", "Criterion"),
        ("Quiet.Harbour.2010.Extended.Remastered.1080p", "Extended Remastered"),
        ("Quiet.Harbour.2010.1080p", None),
    ],
)
def test_edition(name: str, edition: str | None) -> None:
    assert identify_name(name).edition == edition


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("Quiet.Harbour.2010.1080p.BluRay.x264-GRP.mkv", "GRP"),
        ("Quiet.Harbour.2010.1080p.BluRay.x264-GRP[rartv]", "GRP"),
        ("Quiet.Harbour.2010.1080p.BluRay.x264-GRP-xpost", "GRP"),
        ("Quiet.Harbour.2010.1080p.WEB-DL.DTS-HD", None),
        ("Quiet.Harbour.2010.1080p.WEB-DL", None),
        ("Quiet Harbour (2010) [1080p] [YTS.MX]", "YTS.MX"),
        ("[Group] Lantern Row - 01 [720p].mkv", "Group"),
        ("Quiet.Harbour.2010.1080p.BluRay.x264.GRP", "GRP"),
        ("Quiet Harbour (2010).mkv", None),
        ("Spider-Man", None),
    ],
)
def test_group(name: str, group: str | None) -> None:
    assert identify_name(name).group == group


@pytest.mark.parametrize(
    ("name", "folders", "identifiers"),
    [
        ("Quiet Harbour (2010) [imdbid-tt0240772].mkv", [], {"imdb": "tt0240772"}),
        ("Quiet Harbour (2010) {tmdb-603}.mkv", [], {"tmdb": "603"}),
        ("Lantern Row S01E01.mkv", ["Season 1", "Lantern Row [tvdbid=12345]"], {"tvdb": "12345"}),
        ("Quiet Harbour tt0133093.mkv", [], {"imdb": "tt0133093"}),
        ("Quiet Harbour {imdb-603}.mkv", [], {}),
    ],
)
def test_identifiers(name: str, folders: list[str], identifiers: dict[str, str]) -> None:
    assert identify_name(name, folders=folders).external_ids == identifiers


def test_evidence_quotes_the_words() -> None:
    why = identify_name("Quiet.Harbour.2010.1080p.WEB-DL.DD5.1.H.264-GRP.mkv").why
    assert {field: str(evidence) for field, evidence in why.items()} == {
        "kind": "default: no season, episode or date in the name",
        "title": 'name: "Quiet Harbour"',
        "year": 'name: "2010"',
        "source": 'name: "WEB-DL"',
        "resolution": 'name: "1080p"',
        "quality": 'name: "WEB-DL 1080p"',
        "codec": 'name: "H.264"',
        "audio": 'name: "DD5.1"',
        "group": 'name: "GRP"',
    }


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("Quiet Harbour.mkv", "default: container .mkv"),
        ("Quiet Harbour", "default: the name says nothing"),
        ("Quiet.Harbour.2010.x264", 'name: "x264"'),
        ("Quiet.Harbour.2010.REMUX-GRP", 'name: "REMUX"'),
    ],
)
def test_evidence_for_quality(name: str, evidence: str) -> None:
    assert str(identify_name(name).why["quality"]) == evidence


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("01 - Title", (None, 1, "Title")),
        ("01. Title", (None, 1, "Title")),
        ("01_Title_of_Song", (None, 1, "Title of Song")),
        ("(07) Title", (None, 7, "Title")),
        ("1-05 Title", (1, 5, "Title")),
        ("2.03. Title", (2, 3, "Title")),
        ("CD2-11 - Title", (2, 11, "Title")),
        ("203 Title", (2, 3, "Title")),
        ("Track 7", (None, 7, "")),
        ("track07 - Title", (None, 7, "Title")),
        ("12", (None, 12, "")),
        ("Artist - 03 - Title", (None, 3, "Title")),
        ("Just a Title", (None, None, "Just a Title")),
        ("", (None, None, "")),
    ],
)
def test_tracks(stem: str, expected: tuple[int | None, int | None, str]) -> None:
    assert parse_track_name(stem) == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The.Matrix", "The Matrix"),
        ("S.W.A.T", "S.W.A.T"),
        ("Mr. Robot", "Mr. Robot"),
        ("Spider-Man", "Spider-Man"),
        ("the-long-name", "the long name"),
        (" - Title ( ", "Title"),
        ("Title ()", "Title"),
        ("A_B_C", "A B C"),
        ("Title [x", "Title x"),
    ],
)
def test_clean_title(text: str, title: str) -> None:
    assert clean_title(text) == title


def test_tame() -> None:
    assert tame("a\x00b\u202ec") == "a b c"
    assert tame("【x】") == "[x]"
    assert tame("\udcff") == "\udcff"
    assert len(tame("x" * 5000)) == 1024
