"""What the catalogue believes of a title when it is told several things, and when two titles are the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offliniofs.catalog.cleaning import sort_key
from offliniofs.domain.content import FileRole
from offliniofs.domain.facts import EvidenceSource, Genre, Person
from tests.unit.catalog_library import Library, episode, film, genres, media, sidecar, why


def test_external_ids_identify_before_names(library: Library) -> None:
    nfo = replace(film("Blade Runner"), external_ids={"imdb": "tt0083658", "BAD id": "x"})
    (first,) = library.file(media(nfo))
    renamed = replace(film("Der Blade Runner", 1983), external_ids={"imdb": "tt0083658", "tmdb": "78"})
    remake = replace(film("Blade Runner"), external_ids={"imdb": "tt9999999"})
    same, other = library.file(media(renamed, name="b.mkv"), media(remake, name="c.mkv"))
    assert same.title_id == first.title_id
    assert other.title_id != first.title_id
    assert other.path.startswith("movies/Blade Runner (1982) (2)/Blade Runner (1982) (2) - ")
    details = library.reader.content_details(first.title_id)
    assert details is not None
    assert details.external_ids == {"imdb": "tt0083658", "tmdb": "78"}


def test_stronger_evidence_wins_equal_evidence_adds(library: Library) -> None:
    named = film(genre=("Drama",))
    (filed,) = library.file(media(named))
    nfo = replace(
        named,
        year=1982,
        plot="Replicants.",
        rating=8.1,
        genres=genres("Science Fiction"),
        people=(Person("Harrison Ford", "actor", "Deckard"), Person("Ridley Scott", "director")),
        tags=("cyberpunk",),
        collection="Blade Runner Collection",
        why=why("year", "plot", "genres", "people", "rating", by=EvidenceSource.NFO),
    )
    library.file(sidecar(None, nfo, FileRole.NFO, "movie.nfo", name="movie.nfo"))
    weaker = replace(named, genres=genres("Horror"), plot="Wrong.", people=(Person("X", "actor"),))
    library.file(media(weaker, name="weaker.mkv"))
    equal = replace(nfo, genres=genres("Crime"), people=(Person("Sean Young", "actor"),), tags=("noir",))
    library.file(sidecar(None, equal, FileRole.NFO, "again.nfo", name="again.nfo"))
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert (details.plot, details.rating) == ("Replicants.", 8.1)
    assert details.genres == genres("Science Fiction", "Crime")
    assert [person.name for person in details.people] == ["Harrison Ford", "Ridley Scott", "Sean Young"]
    assert details.tags == ("cyberpunk", "noir")
    assert details.collections == ("Blade Runner Collection",)
    assert details.why["genres"].source is EvidenceSource.NFO


def test_an_episodes_facts_are_not_its_series(library: Library) -> None:
    one = replace(
        episode("Show", 1, 1, title="Pilot"),
        plot="Of the pilot.",
        people=(Person("Guest", "actor"),),
        external_ids={"tvdb": "111"},
    )
    (filed,) = library.file(media(one))
    series, pilot = library.reader.content_details(filed.title_id), library.reader.content_details(filed.content_id)
    assert series is not None
    assert pilot is not None
    assert (series.plot, series.people, series.external_ids) == (None, (), {})
    assert (pilot.plot, pilot.people[0].name, pilot.external_ids) == ("Of the pilot.", "Guest", {"tvdb": "111"})
    assert pilot.genres == genres("Drama")
    assert pilot.year == 1990
    assert library.reader.searched("Guest", 5) == [filed.title_id]
    assert library.reader.searched("Pilot", 5) == [filed.title_id]


def test_unknown_genres_are_kept_and_marked(library: Library) -> None:
    odd = replace(film(), genres=(Genre("Drama"), Genre("Krautploitation", known=False)))
    (filed,) = library.file(media(odd))
    details = library.reader.content_details(filed.title_id)
    assert details is not None
    assert details.genres == odd.genres


def test_disagreements_are_told_apart_from_evidence(library: Library) -> None:
    arrival = media(replace(film(), disagreements=("name says 2160p,\nthe picture is 1080p", "second")))
    (filed,) = library.file(arrival)
    details = library.reader.file_details(filed.file_id)
    assert details is not None
    assert details.disagreements == ("name says 2160p, the picture is 1080p", "second")
    assert "disagreements" not in details.why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Matrix", "matrix, the"),
        ("Amélie", "AMELIE"),
        ("Law & Order", "Law and Order"),
        ("Ocean's Eleven", "Oceans Eleven"),
        ("WALL·E", "Wall-E"),
    ],
)
def test_titles_are_compared_without_dress(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


def test_titles_without_letters_are_still_told_apart() -> None:
    assert len({sort_key(title) for title in ("!!!", "???", "東京", "A", "9")}) == 5
