"""Whatever is written as a genre, what comes back can be the name of a folder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offliniofs.detect.genres import GENRES, MAX_GENRES, MAX_NAME_LENGTH, genre_from_folder, normalise_genres

texts = st.one_of(
    st.text(max_size=80), st.sampled_from(GENRES), st.binary(max_size=40).map(lambda b: b.decode("latin-1"))
)


@given(st.lists(texts, max_size=30))
def test_names_are_safe_bounded_and_unique(values: list[str]) -> None:
    found = normalise_genres(values)
    assert len(found) <= MAX_GENRES
    assert len({genre.name for genre in found}) == len(found)
    for genre in found:
        assert genre.name == genre.name.strip()
        assert 0 < len(genre.name) <= MAX_NAME_LENGTH
        assert not set(genre.name) & set("/\\,;|")
        assert all(character.isprintable() for character in genre.name)
        assert genre.name not in {".", ".."}


@given(st.lists(texts, max_size=30))
def test_normalising_twice_changes_nothing(values: list[str]) -> None:
    once = normalise_genres(values)
    assert normalise_genres(genre.name for genre in once) == once


@given(st.text(max_size=200))
def test_a_folder_names_only_known_genres(name: str) -> None:
    found = genre_from_folder(name)
    assert found is None or (found.known and found.name in GENRES)
