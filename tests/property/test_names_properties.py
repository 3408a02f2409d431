"""Any text at all is a name: it gets an answer, the same one each time, of bounded size."""

from __future__ import annotations

import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from offliniofs.detect.names import NameFacts, identify_name
from offliniofs.detect.quality import QUALITIES
from offliniofs.detect.text import MAXIMUM_NAME, MAXIMUM_TITLE, clean_title, tame
from offliniofs.detect.tracks import parse_track_name
from offliniofs.domain.content import ContentKind

_CLASSES = {quality.name for quality in QUALITIES}
_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
_PARTS = (
    "Title|2010|(2010)|S01E02|1x02|-| - |.|_|[|]|(|)|1080p|BluRay|REMUX|x264|-GRP|E01-E99|2015.03.21|[01]|"
    "\u7b2c12\u8a71|AKA|/| / |WEB|DL|v2|.mkv|Season 1|COMPLETE|\udcff|"
    "\u00c4|101|HDTV|{tmdb-1}|German|www.a.com -|, The|- 01"
)
_PIECES = st.sampled_from(_PARTS.split("|"))
_NAME_LIKE = st.lists(_PIECES, max_size=25).map("".join)
_NAMES = _ANY_TEXT | _NAME_LIKE
_KINDS = st.sampled_from([None, *ContentKind])


def _is_sound(facts: NameFacts) -> None:
    assert facts.title
    assert len(facts.title) <= MAXIMUM_TITLE
    assert facts.title == facts.title.strip()
    assert facts.quality in _CLASSES
    assert len(facts.episodes) <= 50 * 401
    assert facts.year is None or 1888 <= facts.year <= 2035
    assert facts.group is None or 0 < len(facts.group) <= 80
    assert all(len(evidence.detail) <= 120 for evidence in facts.why.values())


@settings(max_examples=300, deadline=None)
@given(_NAMES, st.lists(_NAMES, max_size=4), _KINDS)
def test_total_and_deterministic(name: str, folders: list[str], kind: ContentKind | None) -> None:
    facts = identify_name(name, folders=folders, kind=kind)
    _is_sound(facts)
    assert facts == identify_name(name, folders=folders, kind=kind)


@settings(max_examples=60, deadline=None)
@given(_PIECES, st.integers(min_value=200, max_value=4096))
def test_repetition_is_no_trap(piece: str, times: int) -> None:
    _is_sound(identify_name(piece * times))


@settings(max_examples=300, deadline=None)
@given(_NAMES)
@example("(])")
@example("[(])]")
def test_cleaning_a_title_twice_changes_nothing(name: str) -> None:
    once = clean_title(name)
    assert clean_title(once) == once
    assert len(once) <= MAXIMUM_TITLE


@settings(max_examples=200, deadline=None)
@given(_NAMES)
def test_taming(name: str) -> None:
    tamed = tame(name)
    assert len(tamed) <= MAXIMUM_NAME
    assert tame(tamed) == tamed


@settings(max_examples=200, deadline=None)
@given(_NAMES)
def test_any_track_name(name: str) -> None:
    disc, track, title = parse_track_name(name)
    assert disc is None or 0 <= disc <= 99
    assert track is None or 0 <= track <= 999
    assert len(title) <= MAXIMUM_TITLE


_WORDS = st.lists(st.text(string.ascii_lowercase, min_size=3, max_size=9).map(str.capitalize), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(_WORDS, st.integers(min_value=1920, max_value=2026), st.sampled_from([" ", ".", "_"]))
def test_a_film_named_as_media_servers_ask(words: list[str], year: int, separator: str) -> None:
    title = " ".join(f"Zq{word}" for word in words)
    facts = identify_name(f"{title} ({year})".replace(" ", separator) + separator.strip() + "[1080p].mkv")
    assert (facts.kind, facts.title, facts.year, facts.resolution) == (ContentKind.MOVIE, title, year, "1080p")


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=59), st.integers(min_value=0, max_value=999))
def test_an_episode_named_as_media_servers_ask(season: int, episode: int) -> None:
    facts = identify_name(f"Lantern Row (2010) S{season:02}E{episode:02} - The Gate.mkv")
    assert (facts.kind, facts.title, facts.year) == (ContentKind.EPISODE, "Lantern Row", 2010)
    assert (facts.season, facts.episodes, facts.episode_title) == (season, (episode,), "The Gate")
