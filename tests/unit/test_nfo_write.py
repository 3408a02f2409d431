"""Writing NFO files."""

from __future__ import annotations

import pytest

from offliniofs.detect.nfo import parse_nfo
from offliniofs.detect.nfo_write import NfoSource, nfo_bytes
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import AudioStream, Person, SubtitleStream, VideoStream

FILM = NfoSource(
    ContentKind.MOVIE,
    "Tom & <Jerry>",
    original_title="T\x00om",
    year=1992,
    plot="One.\r\nTwo ]]> three.",
    rating=7.25,
    runtime=84,
    aired="1992-10-01",
    collection="Cats",
    genres=("Animation", "Comedy"),
    tags=("mouse",),
    people=(
        Person("A Director", "director"),
        Person("A Writer", "writer"),
        Person("An Actor", "actor", "Tom"),
        Person("Another", "actor"),
    ),
    external_ids={"tmdb": "22582", "imdb": "tt0105616"},
    duration=5040.4,
    video=(VideoStream("h264", 1920, 1080, hdr="DV"),),
    audio=(AudioStream("aac", 2, "en"),),
    subtitles=(SubtitleStream("srt", "de"),),
)


def test_a_film_exactly() -> None:
    assert nfo_bytes(FILM).decode() == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        "<movie>\n"
        "  <title>Tom &amp; &lt;Jerry&gt;</title>\n"
        "  <originaltitle>Tom</originaltitle>\n"
        "  <plot>One.\nTwo ]]&gt; three.</plot>\n"
        "  <year>1992</year>\n"
        "  <premiered>1992-10-01</premiered>\n"
        "  <runtime>84</runtime>\n"
        '  <ratings><rating name="default" max="10" default="true"><value>7.25</value></rating></ratings>\n'
        '  <uniqueid type="imdb" default="true">tt0105616</uniqueid>\n'
        '  <uniqueid type="tmdb">22582</uniqueid>\n'
        "  <genre>Animation</genre>\n"
        "  <genre>Comedy</genre>\n"
        "  <tag>mouse</tag>\n"
        "  <set><name>Cats</name></set>\n"
        "  <director>A Director</director>\n"
        "  <credits>A Writer</credits>\n"
        "  <actor><name>An Actor</name><role>Tom</role><order>0</order></actor>\n"
        "  <actor><name>Another</name><order>1</order></actor>\n"
        "  <fileinfo><streamdetails><video><codec>h264</codec><width>1920</width><height>1080</height>"
        "<durationinseconds>5040</durationinseconds><scantype>progressive</scantype><hdrtype>dolbyvision</hdrtype></video>"
        "<audio><codec>aac</codec><language>en</language><channels>2</channels></audio>"
        "<subtitle><language>de</language></subtitle></streamdetails></fileinfo>\n"
        "</movie>\n"
    )


def test_what_a_probe_does_not_know_is_left_out() -> None:
    source = NfoSource(ContentKind.EPISODE, "T", video=(VideoStream("h264", 0, 0),), audio=(AudioStream("aac", 0),))
    text = nfo_bytes(source).decode()
    assert "<audio><codec>aac</codec></audio>" in text
    assert "<video><codec>h264</codec><scantype>progressive</scantype></video>" in text


def test_episodes_share_a_file() -> None:
    episodes = [
        NfoSource(ContentKind.EPISODE, title, show_title="S", season=0, episode=number, aired="2001-01-01")
        for number, title in ((1, "One"), (2, "Two"))
    ]
    facts = parse_nfo(nfo_bytes(*episodes))
    assert (facts.season, facts.episodes, facts.title, facts.show_title) == (0, (1, 2), "One + Two", "S")
    assert facts.premiered == "2001-01-01"


@pytest.mark.parametrize(
    ("kind", "root"),
    [
        (ContentKind.SERIES, "tvshow"),
        (ContentKind.SEASON, "season"),
        (ContentKind.ALBUM, "album"),
        (ContentKind.ARTIST, "artist"),
        (ContentKind.OTHER, "movie"),
    ],
)
def test_roots(kind: ContentKind, root: str) -> None:
    source = NfoSource(kind, "Name", season=3, plot="About", artist="Who" if kind is ContentKind.ALBUM else None)
    written = nfo_bytes(source)
    assert f"<{root}>" in written.decode()
    facts = parse_nfo(written)
    assert (facts.title, facts.plot) == ("Name", "About")
    assert facts.season == (3 if kind is ContentKind.SEASON else None)


def test_what_has_no_nfo() -> None:
    with pytest.raises(ValueError, match="needs something"):
        nfo_bytes()
    with pytest.raises(ValueError, match="only episodes"):
        nfo_bytes(FILM, FILM)
    with pytest.raises(ValueError, match="no NFO files for the kind folder"):
        nfo_bytes(NfoSource(ContentKind.FOLDER, "x"))
