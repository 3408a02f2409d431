"""Genres: every vocabulary ends in the same words."""

from __future__ import annotations

import pytest

from offliniofs.detect.genres import (
    GENRES,
    MAX_GENRES,
    MAX_NAME_LENGTH,
    genre_from_folder,
    genres_from_folder,
    known_genre,
    normalise_genres,
)
from offliniofs.domain.facts import Genre

TMDB_FILMS = (
    "Action Adventure Animation Comedy Crime Documentary Drama Family Fantasy History Horror Music Mystery Romance "
    "Science_Fiction TV_Movie Thriller War Western"
)
TMDB_TELEVISION = (
    "Action_&_Adventure Animation Comedy Crime Documentary Drama Family Kids Mystery News Reality Sci-Fi_&_Fantasy "
    "Soap Talk War_&_Politics Western"
)
CINEMETA = (
    "Action Adventure Animation Biography Comedy Crime Documentary Drama Family Fantasy History Horror Mystery Romance "
    "Sci-Fi Sport Thriller War Western Reality-TV Talk-Show Game-Show"
)


def names(*values: str) -> list[str]:
    return [genre.name for genre in normalise_genres(values)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Sci-Fi", ["Science Fiction"]),
        ("SCIFI", ["Science Fiction"]),
        ("science-fiction", ["Science Fiction"]),
        ("Ciencia ficción", ["Science Fiction"]),
        ("Sci-Fi & Fantasy", ["Science Fiction", "Fantasy"]),
        ("Action & Adventure", ["Action", "Adventure"]),
        ("War and Politics", ["War", "Politics"]),
        ("Reality-TV", ["Reality"]),
        ("Talk-Show", ["Talk"]),
        ("Sports", ["Sport"]),
        ("Komödie", ["Comedy"]),
        ("Ужасы", ["Horror"]),
        ("Drama / Crime, Komödie|Thriller; War", ["Drama", "Crime", "Comedy", "Thriller", "War"]),
        ("(17)", ["Rock"]),
        ("17", ["Rock"]),
        ("(17)(6)", ["Rock", "Grunge"]),
        ("(17)Hard Rock", ["Rock", "Hard Rock"]),
        ("(255)", []),
        ("Rock\x00Pop", ["Rock", "Pop"]),
        ("Hip-Hop/Rap", ["Hip-Hop", "Rap"]),
        ("Folk, World, & Country", ["Folk", "World", "Country"]),
        ("R&B", ["R&B"]),
        ("Drum and Bass", ["Drum & Bass"]),
        ("Rock 'n' Roll", ["Rock & Roll"]),
        ("Crime y Misterio", ["Crime", "Mystery"]),
    ],
)
def test_spellings_end_in_the_normal_form(written: str, expected: list[str]) -> None:
    found = normalise_genres([written])
    assert [genre.name for genre in found] == expected
    assert all(genre.known for genre in found)


@pytest.mark.parametrize(
    "vocabulary",
    [TMDB_FILMS, TMDB_TELEVISION, CINEMETA],
)
def test_every_word_of_the_public_vocabularies_is_known(vocabulary: str) -> None:
    for word in vocabulary.split():
        found = normalise_genres([word.replace("_", " ")])
        assert found, word
        assert all(genre.known and genre.name in GENRES for genre in found), word


def test_unknown_genres_are_kept_and_marked() -> None:
    assert normalise_genres(["Steampunk", "Foo & Bar"]) == (
        Genre("Steampunk", known=False),
        Genre("Foo & Bar", known=False),
    )


def test_what_cannot_be_a_genre_is_left_out() -> None:
    assert names("\x00", "/", "..", " ", "---", "x" * (MAX_NAME_LENGTH + 1)) == []


def test_no_path_or_control_characters_survive() -> None:
    assert names("../../etc", "a\x07b\u202e\u200bc", "one\ntwo") == ["etc", "abc", "one two"]


def test_the_same_genre_in_two_words_counts_once() -> None:
    assert names("Sci-Fi", "Drama", "science fiction", "drama") == ["Science Fiction", "Drama"]


def test_the_number_of_genres_is_bounded() -> None:
    assert len(normalise_genres(f"genre number {number}" for number in range(10_000))) == MAX_GENRES
    assert len(normalise_genres([",".join(f"g{number}" for number in range(10_000))])) == MAX_GENRES


def test_a_normal_name_is_its_own_normal_form() -> None:
    assert [known_genre(name) for name in GENRES] == list(GENRES)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Horror", "Horror"),
        ("horror movies", "Horror"),
        ("Movies - Sci-Fi", "Science Fiction"),
        ("TV Drama", "Drama"),
        ("Dokumentarfilm", "Documentary"),
        ("Music", None),
        ("Trailer", None),
        ("shorts", None),
        ("Blade Runner (1982)", None),
        ("Movies", None),
        ("", None),
    ],
)
def test_genre_folders(folder: str, expected: str | None) -> None:
    found = genre_from_folder(folder)
    assert (found.name if found else None) == expected
    assert [genre.name for genre in genres_from_folder(folder)] == ([expected] if expected else [])


def test_a_folder_may_name_two_genres() -> None:
    assert [genre.name for genre in genres_from_folder("Action & Adventure")] == ["Action", "Adventure"]
    assert genres_from_folder("Beauty & Horror") == ()
