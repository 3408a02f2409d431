"""Names → title, year, kind and count."""

from __future__ import annotations

import pytest

from offliniofs.detect.names import identify_name
from offliniofs.domain.content import ContentKind

EPISODE, MOVIE, SEASON, SERIES = ContentKind.EPISODE, ContentKind.MOVIE, ContentKind.SEASON, ContentKind.SERIES


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("The.Matrix.1999.1080p.BluRay.x264-GRP.mkv", "The Matrix", 1999),
        ("2001.A.Space.Odyssey.1968.720p.BluRay.mkv", "2001 A Space Odyssey", 1968),
        ("1917.2019.mkv", "1917", 2019),
        ("Blade.Runner.2049.2017.2160p.UHD.BluRay.x265.mkv", "Blade Runner 2049", 2017),
        ("Blade Runner 2049 1080p", "Blade Runner 2049", None),
        ("Wonder Woman 1984 (2020).mkv", "Wonder Woman 1984", 2020),
        ("2012 (2009).mkv", "2012", 2009),
        ("300.mkv", "300", None),
        ("Se7en (1995).mkv", "Se7en", 1995),
        ("(500) Days of Summer (2009).mkv", "(500) Days of Summer", 2009),
        ("Movie (2010)", "Movie", 2010),
        ("Movie [2010] [1080p]", "Movie", 2010),
        ("Movie_Name_2010_DVDRip_XviD-GRP.avi", "Movie Name", 2010),
        ("movie-name-2010-720p.mkv", "Movie Name", 2010),
        ("Movie Name 1080p 2010 x264", "Movie Name", 2010),
        ("(2000) The Emperor's New Groove (DvdRip).avi", "The Emperor's New Groove", 2000),
        ("Spider-Man.2002.mkv", "Spider-Man", 2002),
        ("X-Men (2000).mkv", "X-Men", 2000),
        ("Mr. Nobody (2009).mkv", "Mr. Nobody", 2009),
        ("E.T.the.Extra-Terrestrial.1982.mkv", "E.T. the Extra-Terrestrial", 1982),
        ("Amélie.2001.FRENCH.1080p.mkv", "Amélie", 2001),
        ("Брат (1997) DVDRip.avi", "Брат", 1997),
        ("Трон: Наследие / TRON: Legacy (2010) WEB-DL 1080p", "TRON: Legacy", 2010),
        ("七人の侍.1954.1080p.mkv", "七人の侍", 1954),
        ("抓娃娃.Successor.2024.1080p.mkv", "Successor", 2024),
        ("www.site.org - Movie.Name.2010.mkv", "Movie Name", 2010),
        ("[ www.site.org ] Movie Name 2010.mkv", "Movie Name", 2010),
        ("Movie.Name.EXTENDED.2010.mkv", "Movie Name", 2010),
        ("Der.Film.German.2012.DVDRip.x264-GRP", "Der Film", 2012),
        ("The Italian Job (1969).mkv", "The Italian Job", 1969),
        ("The.French.Connection.1971.mkv", "The French Connection", 1971),
        ("The Danish Girl 2015 720p", "The Danish Girl", 2015),
        ("Charlottes.Web.2006.DVDRip", "Charlottes Web", 2006),
        ("Cam (2018) 1080p.mkv", "Cam", 2018),
        ("Incredibles, The (2004).mkv", "The Incredibles", 2004),
        ("Star Wars Episode 4 A New Hope 1977 BDRip", "Star Wars Episode 4 A New Hope", 1977),
        ("Ocean's Eleven (2001) [imdbid-tt0240772].mkv", "Ocean's Eleven", 2001),
        ("[Group] Movie Title (2016) [BD 1080p] [A1B2C3D4].mkv", "Movie Title", 2016),
        ("\udcff\udcfe film (2010).avi", "\udcff\udcfe Film", 2010),
    ],
)
def test_films(name: str, title: str, year: int | None) -> None:
    facts = identify_name(name)
    assert (facts.kind, facts.title, facts.year) == (MOVIE, title, year)


@pytest.mark.parametrize(
    ("name", "kind", "title", "season", "episodes"),
    [
        ("S.W.A.T.2017.S01E01.mkv", EPISODE, "S.W.A.T.", 1, (1,)),
        ("24.S01E01.720p", EPISODE, "24", 1, (1,)),
        ("Show.S01E01-E03", EPISODE, "Show", 1, (1, 2, 3)),
        ("Show.S01E01E02.mkv", EPISODE, "Show", 1, (1, 2)),
        ("Show.S01E01-03.720p", EPISODE, "Show", 1, (1, 2, 3)),
        ("Show S01E04+E05", EPISODE, "Show", 1, (4, 5)),
        ("Show 1x02.avi", EPISODE, "Show", 1, (2,)),
        ("Show.1x02-1x03.avi", EPISODE, "Show", 1, (2, 3)),
        ("Show.2005.8x11.720p.HDTV", EPISODE, "Show", 8, (11,)),
        ("Show Season 2 Episode 7", EPISODE, "Show", 2, (7,)),
        ("Show - Temporada 4 [HDTV][Cap.408]", EPISODE, "Show", 4, (8,)),
        ("Show Saison 3 Episode 04", EPISODE, "Show", 3, (4,)),
        ("Сериал. Сезон №9. Серия №18.avi", EPISODE, "Сериал", 9, (18,)),
        ("Show.S00E03.Special.mkv", EPISODE, "Show", 0, (3,)),
        ("Show.S02.05.720p", EPISODE, "Show", 2, (5,)),
        ("Show.101.HDTV.XviD", EPISODE, "Show", 1, (1,)),
        ("Show - 6.01 - Title.mkv", EPISODE, "Show", 6, (1,)),
        ("Show 03-20.avi", EPISODE, "Show", 3, (20,)),
        ("Show.2of4.HDTV.mkv", EPISODE, "Show", None, (2,)),
        ("Show.E05.720p.mkv", EPISODE, "Show", None, (5,)),
        ("Show.Episode.12.mkv", EPISODE, "Show", None, (12,)),
        ("进击的巨人 第12话.mp4", EPISODE, "进击的巨人", None, (12,)),
        ("庆余年第十一季 第二十三集.mkv", EPISODE, "庆余年", 11, (23,)),
        ("[Group] Show - 01 [720p].mkv", EPISODE, "Show", None, (1,)),
        ("[Group]_Show_-_01v2_[A1B2C3D4].mkv", EPISODE, "Show", None, (1,)),
        ("[Group] Show - 100 Years - 05 (1080p).mkv", EPISODE, "Show - 100 Years", None, (5,)),
        ("[Group] Show 12 [1080p].mkv", EPISODE, "Show", None, (12,)),
        ("[Group][Show][13][1080p].mkv", EPISODE, "Show", None, (13,)),
        ("[Group] Show S2 - 03 [1080p].mkv", EPISODE, "Show", 2, (3,)),
        ("[Group] Show 2nd Season - 11 [1080p].mkv", EPISODE, "Show", 2, (11,)),
        ("[Group] Show - 01-03 [1080p].mkv", EPISODE, "Show", None, (1, 2, 3)),
        ("[Group] 06 Show (720p).mkv", EPISODE, "Show", None, (6,)),
        ("[Group] Show OVA 02 [1080p].mkv", EPISODE, "Show", 0, (2,)),
        ("Show.S01.1080p.BluRay", SEASON, "Show", 1, ()),
        ("Show Season 3 Complete 720p", SEASON, "Show", 3, ()),
        ("Show.S01-S05.720p", SERIES, "Show", 1, ()),
        ("Show Complete Series 1080p", SERIES, "Show", None, ()),
        ("Show 1ª a 8ª Temporada Completa", SERIES, "Show", 1, ()),
    ],
)
def test_counts(name: str, kind: ContentKind, title: str, season: int | None, episodes: tuple[int, ...]) -> None:
    facts = identify_name(name)
    assert (facts.kind, facts.title, facts.season, facts.episodes) == (kind, title, season, episodes)


@pytest.mark.parametrize(
    ("name", "aired"),
    [
        ("Show.2015.03.21.HDTV.x264", "2015-03-21"),
        ("Show 2015-03-21 720p", "2015-03-21"),
        ("Show.21.03.2015.mkv", "2015-03-21"),
        ("Show.20150321.mkv", "2015-03-21"),
        ("Show 3rd Nov 2014 HDTV", "2014-11-03"),
        ("Show.15.03.21.HDTV", "2015-03-21"),
        ("Show.2015.13.01.HDTV", "2015-01-13"),
    ],
)
def test_daily_shows(name: str, aired: str) -> None:
    facts = identify_name(name)
    assert (facts.kind, facts.title, facts.air_date) == (EPISODE, "Show", aired)


@pytest.mark.parametrize(
    "name", ["Show.2015.02.31.mkv", "Apollo 13 (1995) [1080p]", "Movie 5.1 2010", "Movie.2010.H.264.10bit"]
)
def test_what_is_no_count(name: str) -> None:
    facts = identify_name(name)
    assert (facts.air_date, facts.season, facts.kind) == (None, None, MOVIE)


@pytest.mark.parametrize(
    ("name", "episode_title"),
    [
        ("Show (2010) S01E02 - The Gate.mkv", "The Gate"),
        ("Show.S01E02.The.Gate.720p.HDTV.x264-GRP.mkv", "The Gate"),
        ("Show - 1x02 - The Gate (2010) [1080p]", "The Gate (2010)"),
        ("Show.S01E02.720p.HDTV.x264-GRP", None),
        ("Show S01E02", None),
        ("[Group] Show - 02 - The Gate [720p].mkv", "The Gate"),
        ("Show.2015.03.21.A.Guest.720p.HDTV", "A Guest"),
    ],
)
def test_episode_titles(name: str, episode_title: str | None) -> None:
    assert identify_name(name).episode_title == episode_title


def test_aka_gives_the_other_title() -> None:
    facts = identify_name("Leon AKA The Professional 1994.mkv")
    assert (facts.title, facts.original_title, facts.year) == ("Leon", "The Professional", 1994)


def test_two_scripts_give_two_titles() -> None:
    facts = identify_name("[NC] 间谍过家家 / Spy Family - 04 (1920x1080).mkv")
    assert (facts.title, facts.original_title, facts.episodes) == ("Spy Family", "间谍过家家", (4,))


@pytest.mark.parametrize(
    ("name", "folders", "kind", "title", "year", "season", "episodes"),
    [
        ("01 - Pilot.mkv", ["Season 01", "Lantern Row (2008)"], EPISODE, "Lantern Row", 2008, 1, (1,)),
        ("E01.mkv", ["Season 1", "Lantern Row"], EPISODE, "Lantern Row", None, 1, (1,)),
        ("S01E02.mkv", ["Season 1", "Lantern Row (2008)"], EPISODE, "Lantern Row", 2008, 1, (2,)),
        ("Lantern Row S01E02.mkv", ["Season 1", "Lantern Row (2008)"], EPISODE, "Lantern Row", 2008, 1, (2,)),
        ("Lantern Row - 05.mkv", ["Staffel 2", "Lantern Row"], EPISODE, "Lantern Row", None, 2, (5,)),
        ("03 - Extra.mkv", ["Specials", "Lantern Row"], EPISODE, "Lantern Row", None, 0, (3,)),
        ("Lantern Row [401].avi", ["Season 4", "Lantern Row"], EPISODE, "Lantern Row", None, 4, (1,)),
        ("Finale.mkv", ["Season 4", "Lantern Row"], EPISODE, "Finale", None, 4, ()),
        ("grp-mtrx.1080p.mkv", ["The.Matrix.1999.1080p.BluRay.x264-GRP"], MOVIE, "The Matrix", 1999, None, ()),
        ("The Matrix.mkv", ["The Matrix (1999)", "Movies"], MOVIE, "The Matrix", 1999, None, ()),
        ("Heat.mkv", ["Best of 1995 1080p"], MOVIE, "Heat", None, None, ()),
        ("c48db7d2aeb040.mkv", ["Lantern.Row.S01E08.1080p.HEVC.x265-GRP"], EPISODE, "Lantern Row", None, 1, (8,)),
        ("movie.mkv", ["1080p", "CD1", "Movies"], MOVIE, "Movie", None, None, ()),
        ("01.mp4", ["Lantern Row S03"], EPISODE, "Lantern Row", None, 3, (1,)),
    ],
)
def test_folders(
    name: str,
    folders: list[str],
    kind: ContentKind,
    title: str,
    year: int | None,
    season: int | None,
    episodes: tuple[int, ...],
) -> None:
    facts = identify_name(name, folders=folders)
    assert (facts.kind, facts.title, facts.year) == (kind, title, year)
    assert (facts.season, facts.episodes) == (season, episodes)


def test_a_path_brings_its_folders() -> None:
    by_path = identify_name("/media/Lantern Row (2008)/Season 01/01 - Pilot.mkv")
    assert (by_path.title, by_path.season, by_path.episodes) == ("Lantern Row", 1, (1,))
    assert by_path.episode_title == "Pilot"


def test_quality_of_the_folder_fills_in() -> None:
    facts = identify_name("grp-mtrx.1080p.mkv", folders=["The.Matrix.1999.1080p.BluRay.x264.DTS-GRP"])
    assert (facts.quality, facts.group, facts.audio) == ("Bluray-1080p", "GRP", ("DTS",))
    assert str(facts.why["source"]) == 'folder: "BluRay"'
    assert str(facts.why["group"]) == 'folder: "GRP"'


def test_kind_can_be_forced() -> None:
    assert identify_name("Show.101.mkv", kind=MOVIE).kind is MOVIE
    forced = identify_name("Show 12.mkv", kind=SERIES)
    assert (forced.kind, forced.title, forced.episodes) == (EPISODE, "Show", (12,))
    assert identify_name("Show.mkv", kind=SERIES).kind is SERIES


def test_kinds_of_other_files() -> None:
    assert identify_name("01 - Song.flac").kind is ContentKind.TRACK
    assert identify_name("manual.pdf").kind is ContentKind.OTHER
    assert identify_name("Show.S01E02.en.srt").kind is EPISODE
    assert identify_name("").title == "Unknown"


def test_an_article_behind_a_comma_comes_first_without_a_blank_left_over() -> None:
    assert identify_name("Matrix ,The").title == "The Matrix"
