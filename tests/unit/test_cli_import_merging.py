"""After a large import the full-text index is put together, and nothing about the import depends on that."""

from __future__ import annotations

from pathlib import Path

import pytest

from offliniofs.catalog.connection import Access, open_database
from offliniofs.catalog.pieces import sizes_of_pieces
from offliniofs.catalog.writer import Writer
from offliniofs.cli.main import run
from offliniofs.domain.errors import CatalogBusyError


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one film, and others to import."""
    film = tmp_path / "Blade Runner.txt"
    film.write_text("A film about a film.")
    assert run(["--store", str(tmp_path / "store"), "init"]) == 0
    assert run(["--store", str(tmp_path / "store"), "import", str(film)]) == 0
    for number in range(3):
        (tmp_path / f"Alien {number}.txt").write_text(f"Alien {number}, a film.")
    return tmp_path / "store"


def pieces(store: Path) -> list[int]:
    database = open_database(store / "catalog.sqlite", Access.READ)
    found = sizes_of_pieces(database)
    database.close()
    return found


def import_aliens(store: Path) -> int:
    return run(["--store", str(store), "import", *map(str, sorted(store.parent.glob("Alien*.txt")))])


def test_a_large_import_leaves_one_piece(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offliniofs.cli.import_run._LARGE", 1)
    assert import_aliens(store) == 0
    assert len(pieces(store)) == 1


def test_a_small_import_does_not_take_that_time(store: Path) -> None:
    assert import_aliens(store) == 0
    assert len(pieces(store)) > 1


def test_an_import_is_done_when_only_merging_failed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_writer: Writer, _pages: int) -> bool:
        raise CatalogBusyError("busy")

    monkeypatch.setattr("offliniofs.cli.import_run._LARGE", 1)
    monkeypatch.setattr(Writer, "merge_search_index", refuse)
    assert import_aliens(store) == 0
    assert len(pieces(store)) > 1
