"""Collections answer to the name they were given, whatever their folder can be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from offliniofs.cli.main import run
from tests.mount.support import Library, Wanted


def test_a_collection_whose_folder_is_called_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library(tmp_path / "store", tmp_path / "sources")
    library.create()
    library.add(Wanted("Heat", b"coffee", year=1995))

    def command(*arguments: str) -> str:
        capsys.readouterr()
        assert run(["--store", str(library.root), "collection", *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    command("make", "Noir")
    command("rename", "Noir", "Film/Noir")
    command("add", "Film/Noir", "1")
    assert "Heat" in command("show", "Film/Noir")
    assert "Heat" in command("show", "Film-Noir"), "as its folder is called"
    command("take", "Film/Noir", "1")
    command("remove", "Film/Noir")
    assert run(["--store", str(library.root), "collection", "show", "Film/Noir"]) == 1
