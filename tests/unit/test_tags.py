"""Embedded tags as facts."""

from __future__ import annotations

import pytest

from offliniofs.detect.tags import VARIOUS_ARTISTS, is_advertisement, read_tags
from offliniofs.domain.facts import Genre, Person


def test_music() -> None:
    facts = read_tags(
        {
            "title": "A  Song",
            "artist": "Somebody",
            "album_artist": "Various",
            "album": "The Album",
            "date": "1999-03-01",
            "track": "03/10",
            "disc": "1 of 2",
            "genre": "Rock; Jazz",
            "composer": "Composer",
        }
    )
    assert (facts.title, facts.artist, facts.album_artist, facts.album) == (
        "A Song",
        "Somebody",
        "Various",
        "The Album",
    )
    assert (facts.year, facts.track, facts.disc) == (1999, 3, 1)
    assert facts.genres == (Genre("Rock"), Genre("Jazz"))
    assert facts.people == (Person("Somebody", "artist"), Person("Composer", "composer"))


def test_the_artist_of_the_album() -> None:
    assert read_tags({"artist": "A"}).album_artist == "A"
    assert read_tags({"artist": "A", "compilation": "Yes"}).album_artist == VARIOUS_ARTISTS
    assert read_tags({"artist": "A", "compilation": "0"}).album_artist == "A"
    assert read_tags({}).album_artist is None


@pytest.mark.parametrize(
    ("tag", "value", "field"),
    [
        ("title", "Track 03", "title"),
        ("title", "   ", "title"),
        ("title", "untitled", "title"),
        ("artist", "Unknown Artist", "artist"),
        ("artist", "<unknown>", "artist"),
        ("album", "Unknown Album", "album"),
        ("date", "0000", "year"),
        ("date", "31337", "year"),
        ("track", "0", "track"),
        ("track", "A1", "track"),
        ("track", "12345678901", "track"),
        ("season", "x", "season"),
    ],
)
def test_placeholders_and_nonsense_are_no_facts(tag: str, value: str, field: str) -> None:
    assert getattr(read_tags({tag: value}), field) is None


def test_an_episode() -> None:
    facts = read_tags({"show": "Lost", "season": "0", "episode": "4", "description": "An island", "director": "D"})
    assert (facts.show, facts.season, facts.episode, facts.description) == ("Lost", 0, 4, "An island")
    assert facts.people == (Person("D", "director"),)


@pytest.mark.parametrize(
    "title",
    ["Film.2001.1080p.BluRay.x264-GRP", "visit www.site.com", "From Site.ORG", "Film 720p", "Ripped by me", "a.b.c"],
)
def test_advertisements(title: str) -> None:
    assert is_advertisement(title)


@pytest.mark.parametrize(
    "title", ["Alien", "Mr. Robot", "E.T. the Extra-Terrestrial", "2001: A Space Odyssey", "Web of Lies"]
)
def test_titles_are_no_advertisements(title: str) -> None:
    assert not is_advertisement(title)
