"""Several steps of which one is refused: what was taken back before stays so, and the exit code says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from offliniofs.cli.main import run
from tests.mount.support import Library, Wanted


def test_a_refusal_after_others_were_taken_back_is_partly_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library(tmp_path / "store", tmp_path / "sources")
    library.create()
    library.add(Wanted("Heat", b"coffee", year=1995))

    def command(*arguments: str) -> int:
        capsys.readouterr()
        return run(["--store", str(library.root), *arguments])

    for arguments in (
        ("edit", "1", "--title", "First"),
        ("undo",),
        ("edit", "1", "--title", "Second"),
        ("edit", "1", "--rating", "5"),
        ("undo",),
    ):
        assert command(*arguments) == 0
    assert command("undo", "--redo", "2") == 3
    said = capsys.readouterr()
    assert said.out.count("Took back") == 1
    assert "stands in the way" in said.err
    assert "What is listed above was taken back" in said.err
    assert command("undo", "--redo") == 2, "nothing was done"
    assert command("info", "1") == 0
    shown = capsys.readouterr().out
    assert "Second" in shown
    assert "rating" in shown
