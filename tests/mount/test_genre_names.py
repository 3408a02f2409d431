"""A genre is found under every name that means it, and listed under its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Library, small_library
from tests.mount.test_mount_editing import HEAT, HEAT_FILE, genres, names, run


@pytest.fixture
def by_genre(library: Library, mount: Mount) -> Path:
    small_library(library)
    return mount().mountpoint / "by-genre"


def test_a_genre_can_be_filled_under_the_name_it_was_made_by(by_genre: Path, library: Library) -> None:
    before = names(by_genre)
    run("mkdir", by_genre / "Film-Noir")
    assert names(by_genre) == before | {"Film Noir"}
    run("mv", by_genre.parent / "movies" / HEAT, by_genre / "Film-Noir")
    assert names(by_genre / "Film-Noir") == names(by_genre / "Film Noir") == {HEAT}
    assert "Film Noir" in genres(by_genre.parent / "movies" / HEAT)
    assert (by_genre / "Film-Noir" / HEAT / HEAT_FILE).read_bytes() == library.contents[f"movies/{HEAT}/{HEAT_FILE}"]
    assert names(by_genre) == before | {"Film Noir"}


def test_both_names_are_one_folder(by_genre: Path) -> None:
    run("mkdir", by_genre / "Film Noir")
    inside = os.open(by_genre / "Film Noir", os.O_RDONLY | os.O_DIRECTORY)
    try:
        assert os.path.samestat(os.stat(by_genre / "noir"), os.fstat(inside))
        assert os.path.samestat(os.stat(by_genre / "Film Noir"), os.fstat(inside))
        made = subprocess.run(["mkdir", by_genre / "Film-Noir"], capture_output=True, text=True, check=False)
        assert "File exists" in made.stderr
        run("rmdir", by_genre / "Film-Noir")
        assert not (by_genre / "Film Noir").exists()
        assert not (by_genre / "Film-Noir").exists()
    finally:
        os.close(inside)


def test_a_folder_is_copied_into_a_genre_by_another_name(by_genre: Path) -> None:
    run("cp", "-rl", by_genre.parent / "movies" / HEAT, by_genre.parent / "favourites")
    run("mkdir", by_genre / "noir")
    run("cp", "-rl", by_genre.parent / "favourites" / HEAT, by_genre / "noir")
    assert names(by_genre / "Film Noir") == {HEAT}
    assert not (by_genre / "no genre of this name").exists()
