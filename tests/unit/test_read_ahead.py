"""Where rows come from a disk, the kernel is asked for the pages on which the others are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import pytest

from offliniofs.catalog import read_ahead
from offliniofs.catalog.read_ahead import FIRST_ROWS, ask_for, read_in_parts
from tests.unit.catalog_library import Library, film, media

_MANY = 300


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """So many films that the trees have inner nodes; all of it in the file, nothing in the log."""
    opened = Library(tmp_path_factory.mktemp("library") / "catalog.sqlite")
    opened.file(*(media(film(f"Film {number} {'long ' * 20}", name=f"{number}.mkv")) for number in range(_MANY)))
    opened.writer.database.script("PRAGMA wal_checkpoint(TRUNCATE)")
    yield opened
    opened.close()


@pytest.fixture
def asked(library: Library, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pages that the kernel was asked for."""
    size = library.reader.database.page_size()
    pages: list[int] = []

    def advise(_descriptor: int, offset: int, length: int, _advice: int) -> None:
        pages.extend(range(offset // size + 1, (offset + length) // size + 1))

    monkeypatch.setattr(os, "posix_fadvise", advise)
    return pages


def pages_of(library: Library, tree: str) -> dict[int, str]:
    """The pages of a tree, and of what kind each is."""
    connection = apsw.Connection(str(library.path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT pageno, pagetype FROM dbstat WHERE name = ?", (tree,)).fetchall()
    connection.close()
    return {int(str(page)): str(kind) for page, kind in rows}


def titles(library: Library) -> dict[int, str]:
    return dict(library.reader.database.script("SELECT id, title_name FROM content WHERE title_name IS NOT NULL"))


@pytest.mark.parametrize("tree", ["content", "content_title_listing", "content_search"])
def test_all_rows_are_on_the_pages_of_the_whole_tree(library: Library, asked: list[int], tree: str) -> None:
    ask_for(library.reader.database, tree, titles(library))
    kinds = pages_of(library, tree)
    wanted = {page for page, kind in kinds.items() if kind in ("leaf", "internal")}
    assert "internal" in kinds.values()
    assert wanted <= set(asked)


@pytest.mark.parametrize("tree", ["content", "content_title_listing"])
def test_a_row_is_on_the_page_that_was_asked_for(library: Library, asked: list[int], tree: str) -> None:
    file = library.path.read_bytes()
    size = library.reader.database.page_size()
    for content_id, name in titles(library).items():
        asked.clear()
        ask_for(library.reader.database, tree, [content_id])
        assert any(name.encode() in file[(page - 1) * size : page * size] for page in asked), name
        assert len(asked) <= 3


def test_only_what_comes_from_a_disk_is_asked_for(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Sequence[int]] = []
    monkeypatch.setattr(read_ahead, "ask_for", lambda _database, _tree, ids: calls.append(ids))
    ids = list(range(100))
    for seconds, wanted in ((3600.0, []), (-1.0, [ids[FIRST_ROWS:]])):
        monkeypatch.setattr(read_ahead, "DISK_SECONDS", seconds)
        parts: list[Sequence[int]] = []

        def read(some: Sequence[int], parts: list[Sequence[int]] = parts) -> list[int]:
            parts.append(some)
            return list(some)

        assert read_in_parts(library.reader.database, "content", ids, read) == ids
        assert parts == [ids[:FIRST_ROWS], ids[FIRST_ROWS:]]
        assert calls == wanted
        assert read_in_parts(library.reader.database, "content", ids[:5], read) == ids[:5]
        assert parts[2:] == [ids[:5]]


def test_a_file_that_says_nothing_sensible_is_not_followed(
    library: Library, tmp_path: Path, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    for content in (b"", b"\5" * 100, b"\5\0\0\xff\xff" * 100_000, b"\2\0\0\0\7" * 100_000, b"\2" + b"\xff" * 99_999):
        other.write_bytes(content)
        descriptor = os.open(other, os.O_RDONLY)
        monkeypatch.setattr(read_ahead, "own_descriptor", lambda _, found=descriptor: found)
        ask_for(library.reader.database, "content", titles(library))
        os.close(descriptor)
    monkeypatch.setattr(read_ahead, "own_descriptor", lambda _: None)
    asked.clear()
    ask_for(library.reader.database, "content", [1])
    ask_for(library.reader.database, "no such tree", [1])
    assert asked == []
