"""Reading NFO files: sound ones, sloppy ones and hostile ones."""

from __future__ import annotations

import contextlib
import time

import pytest

from offliniofs.detect.nfo import MAX_NFO_SIZE, MAX_PEOPLE, NfoFacts, parse_nfo
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import SourceError
from offliniofs.domain.facts import Person

MOVIE = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
  <title>Stalker</title>
  <originaltitle>\xd0\xa1\xd1\x82\xd0\xb0\xd0\xbb\xd0\xba\xd0\xb5\xd1\x80</originaltitle>
  <ratings>
    <rating name="imdb" max="10"><value>8.1</value></rating>
    <rating name="critics" max="100" default="true"><value>85</value></rating>
  </ratings>
  <plot>A guide leads two men
     through the Zone.</plot>
  <tagline>One wish</tagline>
  <runtime>162</runtime>
  <mpaa>PG</mpaa>
  <uniqueid type="imdb" default="true">tt0079944</uniqueid>
  <uniqueid type="tmdb">1398</uniqueid>
  <uniqueid type="odd">../../x</uniqueid>
  <genre>Sci-Fi / Drama</genre>
  <genre>Zone Film</genre>
  <country>USSR</country>
  <set><name>Tarkovsky</name><overview>x</overview></set>
  <tag>slow</tag><tag>slow</tag>
  <credits>Arkadi Strugatsky / Boris Strugatsky</credits>
  <director>Andrei Tarkovsky</director>
  <premiered>1979-05-25</premiered>
  <studio>Mosfilm</studio>
  <languages>Russian, eng</languages>
  <fileinfo><streamdetails><audio><language>ger</language></audio></streamdetails></fileinfo>
  <actor><name>Alexander Kaidanovsky</name><role>Stalker</role></actor>
  <actor><role>nobody</role></actor>
</movie>
https://www.themoviedb.org/movie/99999
"""


def test_a_film() -> None:
    facts = parse_nfo(MOVIE)
    assert facts.kind is ContentKind.MOVIE
    assert (facts.title, facts.original_title, facts.year) == ("Stalker", "Сталкер", 1979)
    assert (facts.rating, facts.runtime) == (8.5, 162)
    assert facts.plot == "A guide leads two men\nthrough the Zone."
    assert (facts.premiered, facts.collection) == ("1979-05-25", "Tarkovsky")
    assert [(genre.name, genre.known) for genre in facts.genres] == [
        ("Science Fiction", True),
        ("Drama", True),
        ("Zone Film", False),
    ]
    assert facts.people == (
        Person("Andrei Tarkovsky", "director"),
        Person("Arkadi Strugatsky", "writer"),
        Person("Boris Strugatsky", "writer"),
        Person("Alexander Kaidanovsky", "actor", "Stalker"),
    )
    assert facts.tags == ("slow",)
    assert facts.languages == ("ru", "en", "de")
    assert facts.external_ids == {"imdb": "tt0079944", "tmdb": "1398"}


def test_a_series_and_its_old_kind_of_id() -> None:
    facts = parse_nfo(b"<tvshow><title>Dark</title><id>334824</id><season>3</season><year>2017</year></tvshow>")
    assert (facts.kind, facts.title, facts.year, facts.season) == (ContentKind.SERIES, "Dark", 2017, None)
    assert facts.external_ids == {"tvdb": "334824"}


def test_an_episode() -> None:
    facts = parse_nfo(
        b"<episodedetails><title>Pilot</title><showtitle>Lost</showtitle><season>1</season><episode>2</episode>"
        b"<aired>2004-09-29</aired><rating>7,5</rating></episodedetails>\nhttps://thetvdb.com/series/73739"
    )
    assert (facts.kind, facts.show_title, facts.season, facts.episodes) == (ContentKind.EPISODE, "Lost", 1, (2,))
    assert (facts.premiered, facts.rating) == ("2004-09-29", 7.5)
    assert facts.external_ids == {}


@pytest.mark.parametrize(("before", "after"), [(b"", b""), (b"<multiepisodenfo>", b"</multiepisodenfo>")])
def test_several_episodes_in_one_file(before: bytes, after: bytes) -> None:
    facts = parse_nfo(
        before + b"<?xml version='1.0'?><episodedetails><title>One</title><season>2</season><episode>1</episode>"
        b"<plot>a</plot></episodedetails>"
        b"<?xml version='1.0'?><episodedetails><title>Two</title><season>2</season><episode>2</episode>"
        b"<plot>b</plot></episodedetails>" + after
    )
    assert (facts.title, facts.season, facts.episodes, facts.plot) == ("One + Two", 2, (1, 2), "a\n\nb")


def test_music() -> None:
    album = parse_nfo(
        b"<album><title>Blue</title><artist>Joni Mitchell</artist><genre>Folk</genre><review>Good</review>"
        b"<musicbrainzalbumid>b1392450-e666-3926-a536-22c65f834433</musicbrainzalbumid>"
        b"<releasedate>1971-06-22</releasedate><label>Reprise</label></album>"
    )
    assert (album.kind, album.title, album.artist, album.year) == (ContentKind.ALBUM, "Blue", "Joni Mitchell", 1971)
    assert album.plot == "Good"
    assert album.external_ids == {"musicbrainz": "b1392450-e666-3926-a536-22c65f834433"}
    artist = parse_nfo(b"<artist><name>Joni Mitchell</name><biography>Canadian</biography></artist>")
    assert (artist.kind, artist.title, artist.plot) == (ContentKind.ARTIST, "Joni Mitchell", "Canadian")


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("http://www.imdb.com/title/tt0083658/", None, {"imdb": "tt0083658"}),
        ("https://www.imdb.com/de/title/TT0083658", None, {"imdb": "tt0083658"}),
        ("https://www.themoviedb.org/movie/78-blade-runner", ContentKind.MOVIE, {"tmdb": "78"}),
        ("https://www.themoviedb.org/tv/1396", ContentKind.SERIES, {"tmdb": "1396"}),
        ("https://thetvdb.com/?tab=series&id=81189&lid=7", ContentKind.SERIES, {"tvdb": "81189"}),
        ("░▒▓ release notes of a group ▓▒░ <3", None, {}),
        ("<html><body>404</body></html>", None, {}),
        ("", None, {}),
    ],
)
def test_files_without_xml(text: str, kind: ContentKind | None, ids: dict[str, str]) -> None:
    assert parse_nfo(text.encode()) == NfoFacts(kind=kind, external_ids=ids)


def test_a_link_after_xml_counts() -> None:
    assert parse_nfo(b"<movie><title>A</title></movie>\nhttps://www.imdb.com/title/tt0083658/").external_ids == {
        "imdb": "tt0083658"
    }


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("<movie><title>Amélie</title></movie>".encode("cp1252"), "Amélie"),
        ('<?xml version="1.0" encoding="UTF-8"?><movie><title>Amélie</title></movie>'.encode("cp1252"), "Amélie"),
        (
            '<?xml version="1.0" encoding="windows-1251"?><movie><title>Сталкер</title></movie>'.encode("cp1251"),
            "Сталкер",
        ),
        (b'<?xml version="1.0" encoding="hex"?><movie><title>A</title></movie>', "A"),
        ('<?xml version="1.0" encoding="gb-nonsense"?><movie><title>\xe9</title></movie>'.encode("latin-1"), "\xe9"),
        ("<movie><title>Сталкер</title></movie>".encode("utf-16"), "Сталкер"),
        (b"\xef\xbb\xbf<movie><title>A</title></movie>", "A"),
        (b"<movie><title>Tom & Jerry &eacute;&nosuch; &#233;</title></movie>", "Tom & Jerry é&nosuch; é"),
        (b"<movie><title>A\x00\x08B</title></movie>", "AB"),
        (b"<!-- ours --><movie><title><![CDATA[A <b>]]></title></movie>", "A <b>"),
        (b"<movie><title>  A \n B </title></movie>", "A B"),
    ],
)
def test_sloppy_files_are_read(data: bytes, title: str) -> None:
    assert parse_nfo(data).title == title


ENTITY_BOMB = b"""<?xml version="1.0"?><!DOCTYPE movie [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><movie><title>&c;</title></movie>"""
OUTSIDE = b"""<!DOCTYPE movie [<!ENTITY x SYSTEM "file:///etc/passwd">]><movie><title>&x;</title></movie>"""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ENTITY_BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"<movie><title>A</title>", "damaged XML"),
        (b"<movie><title>A</movie>", "damaged XML"),
        (b"<movie", "damaged XML"),
        (b" " * (MAX_NFO_SIZE + 1), "larger than 1024 KiB"),
    ],
)
def test_files_that_cannot_be_read_say_why(data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        parse_nfo(data)


def test_deep_nesting_is_survived() -> None:
    depth = 100_000
    facts = parse_nfo(b"<movie><title>A</title>" + b"<a>" * depth + b"</a>" * depth + b"</movie>")
    assert facts.title == "A"


@pytest.mark.parametrize(
    "piece", [b"<?", b"<?xml ", b"&", b"&a", b"<!--", b"<![CDATA[", b"imdb.com/", b"<genre>a</genre>"]
)
def test_no_text_of_full_size_takes_long(piece: bytes) -> None:
    data = (b"<movie><title>A</title>" + piece * MAX_NFO_SIZE)[: MAX_NFO_SIZE - 8] + b"</movie>"
    begun = time.process_time()
    with contextlib.suppress(SourceError):
        parse_nfo(data)
    assert time.process_time() - begun < 30, "a quadratic rule takes minutes, a linear one less than a second"


def test_everything_is_bounded() -> None:
    actors = b"".join(b"<actor><name>P%d</name></actor><tag>t%d</tag>" % (number, number) for number in range(5000))
    facts = parse_nfo(
        b"<movie><title>" + b"x" * 100_000 + b"</title><plot>" + b"y " * 50_000 + b"</plot>" + actors + b"</movie>"
    )
    assert len(facts.title or "") == 512
    assert len(facts.plot or "") <= 16_384
    assert len(facts.people) == MAX_PEOPLE
    assert len(facts.tags) == 64


@pytest.mark.parametrize(
    ("xml", "field", "expected"),
    [
        ("<year>99999</year>", "year", None),
        ("<year>soon</year>", "year", None),
        ("<premiered>1999-99-99</premiered>", "premiered", None),
        ("<rating>nan</rating>", "rating", None),
        ("<rating>11</rating>", "rating", None),
        ('<ratings><rating max="0"><value>3</value></rating></ratings><rating>4</rating>', "rating", 4.0),
        ("<runtime>2h 16m</runtime>", "runtime", 136),
        ("<runtime>1 hr</runtime>", "runtime", 60),
        ("<runtime>136 min</runtime>", "runtime", 136),
        ("<runtime>forever</runtime>", "runtime", None),
        ("<set>Alien</set>", "collection", "Alien"),
        ("<id>tt0000001</id>", "external_ids", {"imdb": "tt0000001"}),
        ("<id>12</id>", "external_ids", {}),
        ("<tmdbid>603</tmdbid>", "external_ids", {"tmdb": "603"}),
    ],
)
def test_single_fields(xml: str, field: str, expected: object) -> None:
    assert getattr(parse_nfo(f"<movie><title>A</title>{xml}</movie>".encode()), field) == expected
