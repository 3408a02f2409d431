"""Names in any case, where the store's settings say so."""

from __future__ import annotations

import os
import subprocess

from tests.conftest import Mount
from tests.mount.support import Library, small_library

SPELLINGS = [
    "MOVIES/heat (1995)/HEAT (1995) - 1080P.MKV",
    "by-genre/CRIME/Heat (1995)",
    "by-genre/crime/HEAT (1995)/heat (1995) - 1080p.mkv",
    "by-year/1995/hEAT (1995)/MOVIE.nfo",
    "series/the wire (2002)/season 01",
    "music/john coltrane/blue train (1957)",
    "favourites/by-genre",
    "by-year/1957/JOHN COLTRANE - Blue Train (1957)",
    "movies/AMÉLIE (2001)",
    "movies/ame\u0301lie (2001)",
    "Readme.TXT",
]


def test_names_are_found_in_any_case_where_switched_on(library: Library, mount: Mount) -> None:
    small_library(library)
    (library.root / "offliniofs.toml").write_text("case_insensitive = true\n")
    top = mount().mountpoint
    for spelling in SPELLINGS:
        assert (top / spelling).exists(), spelling
    assert (top / "movies/heat (1995)").stat().st_ino == (top / "movies/Heat (1995)").stat().st_ino
    for missing in ("movies/heat (1996)", "movies/hea", "by-genre/crim", "movies/Heat (1995)/x.mkv", ".TRASH/x"):
        assert not (top / missing).exists(), missing
    subprocess.run(["rm", "-r", top / "movies/heat (1995)"], check=True)
    assert (top / ".trash/HEAT (1995)/heat (1995) - 1080p.mkv").exists()
    assert "Heat (1995)" not in os.listdir(top / "movies")


def test_elsewhere_case_counts(library: Library, mount: Mount) -> None:
    small_library(library)
    top = mount().mountpoint
    # a genre is found under every word that means it
    found = [name for name in SPELLINGS if (top / name).exists()]
    assert found == ["by-genre/CRIME/Heat (1995)", "favourites/by-genre"]
