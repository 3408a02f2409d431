"""The commands that change the library: what they do, say and take back."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from offliniofs.app.layout import StoreLayout
from offliniofs.catalog.integrity import check_integrity
from offliniofs.cli.main import run


class Shell:
    """Runs commands on one store and keeps what they print."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store = store
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def run(self, *arguments: str) -> int:
        self._capsys.readouterr()
        code = run(["--store", str(self.store), *arguments])
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code

    def lines(self, *arguments: str) -> list[dict[str, object]]:
        """JSON lines of a command that must succeed."""
        assert self.run(*arguments, "--json") == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]

    def titles(self) -> dict[str, int]:
        """Name → id."""
        return {str(title["name"]): int(str(title["id"])) for title in self.lines("list")}


@pytest.fixture
def shell(demo_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    store = tmp_path / "store"
    shutil.copytree(demo_store, store)
    return Shell(store, capsys)


@pytest.fixture(autouse=True)
def _sound(shell: Shell) -> object:
    yield
    assert check_integrity(StoreLayout(shell.store).catalogue) == []


def any_film(shell: Shell) -> tuple[str, int]:
    film = next(title for title in shell.lines("list", "--type", "movie"))
    return str(film["name"]), int(str(film["id"]))


@pytest.mark.parametrize("arguments", [("edit",), ("remove",), ("edit", "1"), ("edit", "--year", "1999")])
def test_without_a_subject_or_a_change_nothing_changes(shell: Shell, arguments: tuple[str, ...]) -> None:
    before = shell.titles()
    assert shell.run(*arguments) == 2
    assert "offliniofs" in shell.err
    assert shell.titles() == before


def test_an_edit_of_several_titles_is_one_step(shell: Shell) -> None:
    before = shell.titles()
    ids = [str(identifier) for identifier in list(before.values())[:2]]
    assert shell.run("edit", *ids, "--year", "1950", "--add-genre", "Western", "--favourite", "--tag", "old") == 0
    for identifier in ids:
        (title,) = shell.lines("info", identifier)
        assert (title["year"], title["favourite"], title["tags"]) == (1950, True, ["old"])
        assert {"name": "Western", "known": True} in title["genres"]  # type: ignore[operator]
    newest, *_ = shell.lines("history")
    assert newest["actor"] == f"uid:{os.getuid()}"
    assert newest["program"] == "offliniofs"
    assert newest["count"] == 8
    assert shell.run("undo") == 0
    assert "Took back step" in shell.out
    assert shell.titles() == before
    assert shell.run("undo", "--redo") == 0
    assert shell.lines("info", ids[0])[0]["year"] == 1950
    assert shell.run("undo", "--redo") == 1
    assert "nothing to take back" in shell.err


def test_a_dry_run_changes_nothing(shell: Shell) -> None:
    name, identifier = any_film(shell)
    before = shell.titles()
    assert shell.run("edit", str(identifier), "--title", "Other", "--dry-run") == 0
    assert "would set title = Other" in shell.out
    assert shell.run("remove", str(identifier), "--dry-run") == 0
    assert "Would remove" in shell.out
    assert shell.run("undo", "--dry-run") == 0
    assert "Would take back" in shell.out
    assert shell.titles() == before
    assert name in before


def test_fields_are_set_and_given_back(shell: Shell) -> None:
    _, identifier = any_film(shell)
    number = str(identifier)
    before = shell.lines("info", number)[0]
    assert shell.run("edit", number, "--title", "Neu", "--genre", "Drama", "--genre", "Crime", "--plot", "P") == 0
    assert shell.run("edit", number, "--rating", "7.5", "--original-title", "Alt", "--remove-genre", "crime") == 0
    edited = shell.lines("info", number)[0]
    assert (edited["title"], edited["plot"], edited["rating"], edited["original_title"]) == ("Neu", "P", 7.5, "Alt")
    assert edited["genres"] == [{"name": "Drama", "known": True}]
    assert shell.run("edit", number, "--clear", "title", "--clear", "genres") == 0
    after = shell.lines("info", number)[0]
    assert (after["title"], after["genres"]) == (before["title"], before["genres"])
    assert shell.run("edit", number, "--remove-genre", "Nothing") == 2
    assert shell.run("edit", number, "--age", "old") == 2
    assert shell.run("edit", number, "--only-group", "no such group") == 2
    assert shell.run("edit", number, "--only-group", "0", "--age", "16") == 0
    assert shell.run("edit", number, "--only-group", "", "--age", "") == 0
    assert shell.run("edit", number, "--name", "x.mkv") == 2


def test_a_file_is_renamed_and_a_title_changes_its_kind(shell: Shell) -> None:
    _, identifier = any_film(shell)
    (details,) = shell.lines("info", str(identifier))
    file = next(entry for entry in details["files"] if entry["role"] == "media")  # type: ignore[attr-defined]
    ending = str(file["name"]).rpartition(".")[2]
    assert shell.run("edit", f"file:{file['id']}", "--name", f"Mine.{ending}") == 0
    assert shell.lines("info", f"file:{file['id']}")[0]["name"] == f"Mine.{ending}"
    assert shell.run("edit", f"file:{file['id']}", "--name", "Mine.exe") == 2
    assert shell.run("edit", str(identifier), "--type", "series") == 0
    assert str(shell.lines("info", str(identifier))[0]["path"]).startswith("series/")
    assert shell.run("undo", "2") == 0
    assert shell.lines("info", f"file:{file['id']}")[0]["path"] == file["path"]


def test_removed_titles_come_back_or_go_for_good(shell: Shell) -> None:
    before = shell.titles()
    name, identifier = any_film(shell)
    other = next(found for found in before.values() if found != identifier)
    (unedited,) = shell.lines("info", str(other))
    assert shell.run("edit", str(other), "--rating", "3") == 0
    assert shell.run("remove", str(identifier)) == 0
    assert "removed" in shell.out
    assert name not in shell.titles()
    assert shell.run("info", str(identifier)) == 1
    (entry,) = shell.lines("remove", "--list")
    assert entry["name"] == name
    assert shell.run("remove", "--list") == 0
    assert name in shell.out
    assert shell.run("remove", "--restore", name) == 0
    assert shell.titles() == before
    assert shell.run("remove", "--list") == 0
    assert "empty" in shell.err
    assert shell.run("remove", "--restore", name) == 1
    assert "--list" in shell.err

    blobs = sum(1 for path in (shell.store / "blobs").rglob("*") if path.is_file())
    assert shell.run("remove", str(identifier)) == 0
    assert shell.run("remove", "--purge", name) == 0
    assert sum(1 for path in (shell.store / "blobs").rglob("*") if path.is_file()) < blobs
    gone = shell.lines("history")[1]["step"]
    assert shell.run("undo", "--step", str(gone)) == 2
    assert "removed for good" in shell.err
    assert shell.run("undo") == 0  # goes on to what can be taken back
    assert f"Passed over step {gone}" in shell.err
    assert shell.lines("info", str(other))[0]["rating"] == unedited["rating"]
    assert shell.run("undo") == 2  # next is the import: that is asked for
    assert shell.run("undo", "--yes") == 0
    assert shell.titles() == {}
    assert shell.run("undo", "--yes") == 1
    assert "nothing else to take back" in shell.err
    assert shell.run("fsck") == 0


def test_removing_the_only_file_of_a_film_removes_the_film(shell: Shell) -> None:
    _, identifier = any_film(shell)
    (details,) = shell.lines("info", str(identifier))
    files = [f"file:{entry['id']}" for entry in details["files"]]  # type: ignore[attr-defined]
    assert shell.run("remove", *files) == 0
    assert shell.run("info", str(identifier)) == 1
    assert len(shell.lines("remove", "--list")) == 1
    assert shell.run("undo") == 0
    assert shell.run("info", str(identifier)) == 0


def test_history_shows_steps_and_what_they_did(shell: Shell) -> None:
    name, identifier = any_film(shell)
    assert shell.run("edit", str(identifier), "--year", "1951") == 0
    assert shell.run("undo") == 0
    assert f"edit content:{identifier}:year of {name} (" in shell.out
    assert shell.run("history") == 0
    assert "taken back by" in shell.out
    undo, edit, *_ = shell.lines("history", "--limit", "5")
    assert undo["undoes"] == edit["step"]
    assert edit["undone_by"] == undo["step"]
    assert shell.run("history", str(edit["step"])) == 0
    assert "→ 1951" in shell.out
    assert shell.run("undo", "--step", str(edit["step"])) == 2
    assert "taken back" in shell.err
    assert shell.run("undo", "--step", str(undo["step"])) == 0
    assert shell.lines("info", str(identifier))[0]["year"] == 1951
    assert shell.run("history", "999999") == 1
    assert shell.run("history", "--user", "no-such-user") == 2
    assert shell.lines("history", "--user", str(os.getuid() + 1)) == []
    assert shell.lines("history", "--user", str(os.getuid()), "--views") != []
    assert shell.run("undo", "--step", "1", "--redo") == 2


def test_relations_go_both_ways(shell: Shell) -> None:
    first, second = list(shell.titles().values())[:2]
    assert shell.run("relate", str(first), "sequel", str(second), "--dry-run") == 0
    assert shell.lines("relate", str(first)) == []
    assert shell.run("relate", str(first), "sequel", str(second)) == 0
    (relation,) = shell.lines("relate", str(second))
    assert (relation["id"], relation["type"], relation["outgoing"]) == (first, "sequel", False)
    assert shell.run("relate", str(first)) == 0
    assert "sequel" in shell.out
    assert shell.run("relate", str(first), "sequel", str(second), "--remove") == 0
    assert shell.run("relate", str(first), "sequel", str(second), "--remove") == 1
    assert shell.run("relate", str(first)) == 0
    assert "no other title" in shell.err
    assert shell.run("relate", str(first), "sequel", str(first)) == 2
    assert shell.run("relate", str(first), "sequel") == 2


def test_collections_are_made_filled_and_removed(shell: Shell) -> None:
    name, identifier = any_film(shell)
    assert shell.run("collection", "make", "Evenings") == 0
    assert shell.run("collection", "make", "Evenings") == 2
    assert shell.run("collection", "add", "Evenings", str(identifier)) == 0
    assert [title["name"] for title in shell.lines("collection", "show", "Evenings")] == [name]
    assert shell.run("collection", "remove", "Evenings") == 2
    assert "not empty" in shell.err
    assert shell.run("collection", "rename", "Evenings", "Nights") == 0
    assert {"name": "Nights", "titles": 1}.items() <= next(
        found for found in shell.lines("collection", "list") if found["name"] == "Nights"
    ).items()
    assert shell.run("collection", "take", "Nights", str(identifier)) == 0
    assert shell.run("collection", "show", "Nights") == 0
    assert "empty" in shell.err
    assert shell.run("collection", "list") == 0
    assert "Nights" in shell.out
    assert shell.run("collection", "remove", "Nights") == 0
    assert shell.run("collection", "show", "Nights") == 1
    assert shell.run("undo", "5") == 0
    assert "Evenings" not in {found["name"] for found in shell.lines("collection", "list")}


def _imported(shell: Shell, folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(f"contents of {name}".encode())
    assert shell.run("import", str(folder)) == 0, shell.err


def test_an_import_is_not_taken_back_unasked(shell: Shell, tmp_path: Path) -> None:
    before = shell.titles()
    _imported(shell, tmp_path / "in", "a.txt", "b.txt")
    both = shell.titles()
    for arguments in (("undo",), ("undo", "--json"), ("undo", "2"), ("undo", "--step", "1")):
        assert shell.run(*arguments) == 2
        assert "into the trash" in shell.err
        assert "--yes" in shell.err
        assert shell.titles() == both
    assert shell.run("undo") == 2
    assert "takes back 1 step and puts 2 files into the trash" in shell.err
    assert "import 2 files" in shell.err
    assert shell.lines("undo", "--dry-run")[0]["imported"] == 2
    (taken,) = shell.lines("undo", "--yes")
    assert (taken["imported"], shell.titles()) == (2, before)
    undo = shell.lines("history")[0]["step"]
    assert shell.run("undo", "--redo") == 0  # brings them back: nothing to ask
    assert shell.titles() == both
    redo = shell.lines("history")[0]["step"]
    assert redo != undo
    assert shell.run("undo", "--step", str(redo)) == 2  # would put them away again
    assert "2 files into the trash" in shell.err


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("\n", 1), ("y\n", 0)])
def test_on_a_terminal_it_is_asked_for(
    answer: str, code: int, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(shell, tmp_path / "in", "a.txt")
    before = shell.titles()
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    assert run(["--store", str(shell.store), "undo"]) == code
    assert "Take it back? [y/N]" in said.getvalue()
    assert (shell.titles() == before) is (code == 1)


def test_more_than_ten_steps_are_not_taken_back_unasked(shell: Shell) -> None:
    number = str(any_film(shell)[1])
    for year in range(1950, 1961):
        assert shell.run("edit", number, "--year", str(year)) == 0
    assert shell.run("undo", "11") == 2
    assert "takes back 11 steps:" in shell.err
    assert shell.lines("info", number)[0]["year"] == 1960
    assert shell.run("undo", "10") == 0
    assert shell.lines("info", number)[0]["year"] == 1950


def test_a_large_import_is_one_step(shell: Shell, tmp_path: Path) -> None:
    before = shell.titles()
    _imported(shell, tmp_path / "in", *(f"{number}.txt" for number in range(600)))
    (newest, *_) = shell.lines("history")
    assert newest["imported"] == 600
    assert newest["program"] == "offliniofs"
    assert shell.run("undo", "--yes") == 0
    assert shell.titles() == before


def test_an_import_that_brought_nothing_is_left_out_of_the_history(shell: Shell, tmp_path: Path) -> None:
    _imported(shell, tmp_path / "in", "a.txt")
    before = shell.lines("history")
    assert before[0]["imported"] == 1
    assert shell.run("history") == 0
    assert "import 1 file\n" in shell.out
    assert shell.run("import", "--verify", str(tmp_path / "in")) == 0
    assert shell.lines("history") == before
    assert len(shell.lines("history", "--views")) == len(before) + 1
    assert shell.lines("history", "--user", str(os.getuid())) == before


def test_a_rating_is_read_as_it_was_written(shell: Shell) -> None:
    number = str(any_film(shell)[1])
    for given, shown in (("7", "7"), ("7.50", "7.5"), ("0.25", "0.25"), ("10.0", "10")):
        assert shell.run("edit", number, "--rating", given) == 0
        assert f"rating = {shown}\n" in shell.out
        assert shell.run("info", number) == 0
        assert ["rating", shown] in [line.split() for line in shell.out.splitlines()]
        assert shell.run("history") == 0
        assert f"→ {shown})" in shell.out.splitlines()[0]


def test_titles_of_an_age_are_for_one_group(shell: Shell) -> None:
    _, identifier = any_film(shell)
    assert shell.run("edit", str(identifier), "--age", "16") == 0
    assert shell.run("edit", "--age-rule", "16:0", "--dry-run") == 0
    assert "Would open" in shell.out
    assert shell.lines("edit", "--age-rule", "16:0") == [{"age_rules": {"16": 0}, "dry_run": False}]
    assert shell.run("edit", "--age-rule", "16:") == 0
    assert "everybody" in shell.out
    for wrong in ("16", "x:0", "16:no such group"):
        assert shell.run("edit", "--age-rule", wrong) == 2
    assert shell.run("edit", str(identifier), "--age-rule", "16:0") == 2


def test_importing_removed_files_again_says_that_they_came_back(shell: Shell, demo_media: Path) -> None:
    before = shell.titles()
    _, identifier = any_film(shell)
    assert shell.run("remove", str(identifier)) == 0
    assert shell.run("import", str(demo_media)) == 0
    assert "lay in the trash and came back" in shell.out
    assert shell.titles() == before
