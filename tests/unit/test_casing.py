"""Names that were written in lower case give titles as people write them."""

from __future__ import annotations

import pytest

from offliniofs.detect.casing import is_in_lower_case, with_capitals
from offliniofs.detect.names import identify_name
from offliniofs.domain.facts import Evidence, EvidenceSource


@pytest.mark.parametrize(
    "title",
    [
        "The Lord of the Rings: The Fellowship of the Ring",
        "Gone with the Wind",
        "Rocky IV",
        "Spider-Man - Into the Spider-Verse",
        "Catch-as-Catch-Can",
        "S.W.A.T.",
        "Mr. Robot",
        "Ocean's Eleven",
        "12 Angry Men",
        "V for Vendetta",
        "What We Are Looking For",
        "La Casa de Papel",
        "Élite",
        "CSI Miami",
        "Und Täglich Grüßt das Murmeltier".replace("das", "Das"),
        "七人の侍",
        "",
    ],
)
def test_titles_have_their_capitals(title: str) -> None:
    assert with_capitals(title.lower()) == title
    assert with_capitals("dž rule") == "Dž Rule"


@pytest.mark.parametrize(("name", "lower"), [("heat 1995", True), ("hEat", False), ("七人", False), ("1999", False)])
def test_what_is_in_lower_case(name: str, lower: bool) -> None:
    assert is_in_lower_case(name) is lower


@pytest.mark.parametrize(
    ("name", "folders", "title", "episode_title"),
    [
        ("the matrix 1999.mkv", (), "The Matrix", None),
        ("the.matrix.1999.1080p.bluray.x264-group.mkv", (), "The Matrix", None),
        ("some show s01e02.mkv", (), "Some Show", None),
        ("some show s01e02 the one with a name.mkv", (), "Some Show", "The One with a Name"),
        ("s01e02.mkv", ("season 1", "game of thrones"), "Game of Thrones", None),
        ("s01e02.mkv", ("season 1", "dEUS live"), "dEUS live", None),
        ("the matrix 1999 BluRay.mkv", (), "the matrix", None),
        ("eXistenZ 1999.mkv", (), "eXistenZ", None),
    ],
)
def test_a_name_with_any_capital_is_left_alone(
    name: str, folders: tuple[str, ...], title: str, episode_title: str | None
) -> None:
    facts = identify_name(name, folders=folders)
    assert (facts.title, facts.episode_title) == (title, episode_title)


def test_the_evidence_says_so() -> None:
    assert identify_name("the matrix 1999.mkv").why["title"] == Evidence(
        EvidenceSource.NAME, '"the matrix", all in lower case'
    )
