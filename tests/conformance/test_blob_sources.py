"""Every blob store: files that change while they are read, that are none, that are sparse, that do not fit."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from offliniofs.blobs.protocol import BlobStore, Source
from offliniofs.blobs.transfer import CHUNK
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import (
    SourceChangedError,
    SourceError,
    StoreFullError,
)
from tests.conformance.blob_stores import content_of, read


def test_a_file_that_grows_while_it_is_read_is_refused(store: BlobStore, file: Callable[..., Source]) -> None:
    source = file(content_of(CHUNK + 1))

    def grow(_: int) -> None:
        with open(source.path, "ab") as opened:
            opened.write(b"more")

    with pytest.raises(SourceChangedError, match="changed while it was read"):
        store.add(source, progress=grow)
    assert list(store.iterate()) == []


def test_a_file_that_shrinks_while_it_is_read_is_refused(store: BlobStore, file: Callable[..., Source]) -> None:
    source = file(content_of(3 * CHUNK))
    with pytest.raises(SourceChangedError, match="changed while it was read"):
        store.add(source, progress=lambda _: os.truncate(source.path, CHUNK))
    assert list(store.iterate()) == []


def test_a_file_of_another_size_than_was_found_is_refused(store: BlobStore, file: Callable[..., Source]) -> None:
    with pytest.raises(SourceChangedError, match="has 5 bytes now and had 4"):
        store.add(file(b"12345"), expected_size=4)


def _odd_files(folder: Path) -> dict[str, Path]:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fsencode(folder / "socket"))
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("/etc/hostname")
    return {
        "named pipe": folder / "pipe",
        "socket": folder / "socket",
        "folder": folder / "folder",
        "symbolic link": folder / "link",
        "character device": Path("/dev/zero"),
        "No such file": folder / "nothing",
        "File name too long": folder / ("n" * 300),
        "embedded null": Path("a\0b"),
    }


def test_only_regular_files_are_taken(store: BlobStore, tmp_path: Path) -> None:
    for word, path in _odd_files(tmp_path).items():
        with pytest.raises(SourceError, match=word):
            store.add(Source.at(path))
    assert list(store.iterate()) == []


def test_names_that_are_not_utf8_are_taken_and_shown(store: BlobStore, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.mkv"
    with open(path, "wb") as opened:
        opened.write(b"latin")
    assert read(store, store.add(Source(path)).digest) == b"latin"
    os.unlink(path)
    with pytest.raises(SourceError, match=r"caf\\udce9"):
        store.add(Source(path))


def test_a_sparse_file_is_stored_right(store: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as opened:
        opened.seek(3 * CHUNK)
        opened.write(b"end")
        opened.truncate(5 * CHUNK)
    stored = store.add(Source.at(path))
    assert read(store, stored.digest) == path.read_bytes()
    assert store.stat(stored.digest).allocated < 2 * CHUNK


def test_there_is_room_and_what_does_not_fit_is_refused(store: BlobStore, tmp_path: Path) -> None:
    space = store.free_space()
    assert 0 < space.available <= space.total
    path = tmp_path / "vast"
    with path.open("wb") as opened:
        opened.truncate(space.total + 1)
    with pytest.raises(StoreFullError, match=r"free some space|larger"):
        store.add(Source.at(path), PlacementMode.COPY)
    assert list(store.iterate()) == []
