"""Which files of the inbox are at rest, and which wait for which."""

from __future__ import annotations

import os
import stat

import pytest

from offliniofs.ingest.inbox_area import Found
from offliniofs.ingest.inbox_quiet import RestWatch, batches, is_litter, is_temporary


def _found(path: str, number: int, *, size: int = 1, changed: int = 0, finished: bool = True, parent: int = 0) -> Found:
    mode = (stat.S_IFDIR if path.endswith("/") else stat.S_IFREG) | 0o644
    status = os.stat_result((mode, number, 1, 1, 0, 0, size, 0, 0, 0), {"st_ctime_ns": changed})
    return Found(tuple(name.encode() for name in path.strip("/").split("/")), parent, status, finished)


def _ready(
    *found: Found, writing: tuple[int, ...] = (), busy: tuple[int, ...] = (), failed: int = 0
) -> list[list[str]]:
    resting = {item.number for item in found} - set(busy)
    made = batches(found, resting, lambda number: int(number in writing), lambda item: item.number == failed)
    return [sorted("/".join(name.decode() for name in way) for _, way in batch.files) for batch in made]


def test_a_file_rests_when_nothing_changes_for_long_enough() -> None:
    watch = RestWatch(2.0)
    assert watch.at_rest([_found("a", 1)], 10.0) == set()
    assert watch.at_rest([_found("a", 1)], 11.9) == set()
    assert watch.at_rest([_found("a", 1)], 12.0) == {1}
    assert watch.at_rest([_found("a", 1, changed=5)], 13.0) == set()
    assert watch.at_rest([_found("a", 1, changed=5, size=2)], 14.9) == set()
    assert watch.at_rest([_found("a", 1, changed=5, size=2)], 17.0) == {1}
    assert watch.at_rest([], 17.5) == set()
    assert watch.at_rest([_found("a", 1, changed=5, size=2)], 18.0) == set()


def test_loose_files_go_together_and_wait_for_nobody_else() -> None:
    assert _ready(_found("a.mkv", 1), _found("a.srt", 2)) == [["inbox/a.mkv", "inbox/a.srt"]]
    assert _ready(_found("a.mkv", 1), _found("b.mkv", 2), busy=(2,)) == [["inbox/a.mkv"]]


@pytest.mark.parametrize("writing", [{"busy": (1,)}, {"writing": (1,)}])
def test_a_sidecar_waits_for_its_film(writing: dict[str, tuple[int, ...]]) -> None:
    for name in ("film.en.srt", "film.srt", "film-poster.jpg"):
        assert _ready(_found("film.mkv", 1), _found(name, 2), **writing) == []  # type: ignore[arg-type]
    assert _ready(_found("film.mkv.part", 1), _found("film.mkv", 2, size=0), **writing) == []  # type: ignore[arg-type]


def test_a_half_written_file_is_never_ready() -> None:
    assert _ready(_found("a.mkv", 1, finished=False)) == []
    assert _ready(_found("d/", 9), _found("d/a.mkv", 1, finished=False, parent=9)) == []


def test_a_folder_waits_until_everything_in_it_rests() -> None:
    tree = (_found("d/", 9), _found("d/s/", 8, parent=9), _found("d/a.mkv", 1, parent=9), _found("d/s/b", 2, parent=8))
    assert _ready(*tree) == [["d/a.mkv", "d/s/b"]]
    for number in (9, 8, 1, 2):
        assert _ready(*tree, busy=(number,)) == []
    assert _ready(*tree, writing=(2,)) == []


def test_what_failed_waits_for_a_change_and_holds_nothing_up() -> None:
    tree = (_found("d/", 9), _found("d/a.mkv", 1, parent=9), _found("d/b", 2, parent=9))
    assert _ready(*tree, failed=1) == [["d/b"]]
    assert _ready(_found("a.mkv", 1), _found("a.srt", 2), failed=1) == [["inbox/a.srt"]]


def test_litter_goes_with_the_rest_but_is_no_reason_to_file() -> None:
    tree = (_found("d/", 9), _found("d/.DS_Store", 1, parent=9), _found("d/Thumbs.db", 2, parent=9))
    assert _ready(*tree) == []
    assert _ready(*tree, _found("d/a", 3, parent=9)) == [["d/.DS_Store", "d/Thumbs.db", "d/a"]]


@pytest.mark.parametrize("name", [".a", ".name.Xy12ab", "A.PART", "a.crdownload", "a.filepart", "a~", "a.tmp"])
def test_names_of_the_unfinished(name: str) -> None:
    assert is_temporary(name.encode())


@pytest.mark.parametrize("name", ["a.mkv", "part", "._a.mkv", "a.part.mkv"])
def test_names_of_the_finished(name: str) -> None:
    assert not is_temporary(name.encode())


def test_litter() -> None:
    assert [is_litter(name) for name in (b".DS_Store", b"._film.mkv", b"Thumbs.db", b"desktop.ini")] == [True] * 4
    assert [is_litter(name) for name in (b"film.mkv", b"film.part", b".hidden", b"\xff")] == [False] * 4
