"""What users say of titles and what imports say of them: one line, whole or refused."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from offliniofs.cli.main import run
from tests.mount.support import Library, Wanted

_EDIT = ("edit", "1")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "store", tmp_path / "sources")
    library.create()
    library.add(Wanted("Heat", b"coffee", year=1995, genres=("Crime",)))
    return library


@pytest.mark.parametrize(
    "arguments",
    [
        (*_EDIT, "--title", "two\nlines"),
        (*_EDIT, "--title", "bell\x07"),
        (*_EDIT, "--title", "x" * 1025),
        (*_EDIT, "--original-title", "\x1b[31mred"),
        (*_EDIT, "--genre", "two\nlines"),
        (*_EDIT, "--genre", "g" * 101),
        (*_EDIT, "--add-genre", "next\x85line"),
        (*_EDIT, "--tag", "tab\ttab"),
        (*_EDIT, "--tag", "t" * 301),
        (*_EDIT, "--plot", "a\x1b]0;title\x07"),
        (*_EDIT, "--plot", "p" * 16_385),
        (*_EDIT, "--rating", "nan"),
        (*_EDIT, "--rating", "inf"),
        ("edit", "file:1", "--edition", "two\nlines"),
        ("collection", "make", "two\nlines"),
        ("collection", "make", " "),
    ],
    ids=lambda arguments: " ".join(arguments)[:40].encode("unicode_escape").decode(),
)
def test_what_is_no_line_is_refused_and_changes_nothing(
    library: Library, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(library.reader()) as reader:
        before = reader.history(10)
    assert run(["--store", str(library.root), *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith(("offliniofs: ", "Usage: ")), said
    assert len(said) < 400
    with contextlib.closing(library.reader()) as reader:
        assert reader.history(10) == before
    assert check_integrity(library.catalogue) == []


def test_a_plot_has_lines(library: Library) -> None:
    assert run(["--store", str(library.root), *_EDIT, "--plot", "A thief.\nA policeman."]) == 0


def test_an_import_brings_no_control_characters(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.add(Wanted("Two\nLines\x1b[31m", b"bytes", year=2001, genres=("New\nWave",)))
    assert run(["--store", str(library.root), "list"]) == 0
    shown = capsys.readouterr().out
    assert "Two Lines" in shown
    assert "\x1b" not in shown
    assert run(["--store", str(library.root), "info", "2"]) == 0
    assert "New Wave" in capsys.readouterr().out


def test_a_step_is_one_line_of_the_history(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(library.root), *_EDIT, "--plot", "A thief.\nA policeman."]) == 0
    capsys.readouterr()
    assert run(["--store", str(library.root), "history"]) == 0
    assert capsys.readouterr().out.count("\n") == 2
