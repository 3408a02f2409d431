"""What a walk finds, what it leaves out, and that every hostile thing in a folder ends as one line of a report."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from offliniofs.domain.errors import UsageError
from offliniofs.ingest import discover as discover_module
from offliniofs.ingest.discover import Discovery, Gathering, discover, gather_again, resolve
from offliniofs.ingest.folders import belongs_to_parent, is_unfinished, why_skipped
from offliniofs.ingest.guard import Guard, make_guard, mounted_libraries
from offliniofs.ingest.problem import Problem, Skipped, shown

NOBODY = Guard(frozenset(), frozenset())


def put(path: Path, content: bytes = b"content") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def walk(*paths: Path | bytes, guard: Guard = NOBODY) -> list[Discovery]:
    return list(discover(resolve(paths, guard), guard))


def files(found: Iterable[Discovery], below: Path) -> list[list[str]]:
    """The paths of each gathering that has any, relative to ``below``."""
    start = len(os.fsencode(below)) + 1
    return [
        [os.fsdecode(file.path[start:]) for file in entry.files]
        for entry in found
        if isinstance(entry, Gathering) and entry.files
    ]


def problems(found: Iterable[Discovery]) -> dict[str, str]:
    return {os.fsdecode(os.path.basename(e.path)): e.message for e in found if isinstance(e, Problem)}


def skipped(found: Iterable[Discovery]) -> dict[str, str]:
    return {os.fsdecode(os.path.basename(e.path)): e.reason for e in found if isinstance(e, Skipped)}


def test_a_title_folder_is_one_gathering_with_what_belongs_to_it(tmp_path: Path) -> None:
    for name in ("Film/film.mkv", "Film/Subs/film.srt", "Film/Extras/making.mkv", "Second/b.mkv", "top.mkv"):
        put(tmp_path / name)
    assert files(walk(tmp_path), tmp_path) == [
        ["top.mkv"],
        ["Film/film.mkv", "Film/Extras/making.mkv", "Film/Subs/film.srt"],
        ["Second/b.mkv"],
    ]


def test_a_series_with_its_seasons_is_one_gathering(tmp_path: Path) -> None:
    for name in ("Show/tvshow.nfo", "Show/Season 02/b.mkv", "Show/Season 01/a.mkv", "Show/Specials/s.mkv"):
        put(tmp_path / name)
    assert files(walk(tmp_path), tmp_path) == [
        ["Show/tvshow.nfo", "Show/Season 01/a.mkv", "Show/Season 02/b.mkv", "Show/Specials/s.mkv"]
    ]


def test_a_file_is_described_as_stat_saw_it(tmp_path: Path) -> None:
    path = put(tmp_path / "film.mkv", b"12345")
    (gathering,) = walk(tmp_path)
    assert isinstance(gathering, Gathering)
    (file,) = gathering.files
    status = path.stat()
    assert (file.path, file.name, file.size) == (os.fsencode(path), b"film.mkv", 5)
    assert (file.device, file.inode, file.mtime_ns) == (status.st_dev, status.st_ino, status.st_mtime_ns)
    assert gathering.total_size == 5


def test_large_folders_come_in_several_gatherings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover_module, "GATHERING_LIMIT", 2)
    for number in range(5):
        put(tmp_path / f"{number}.mkv")
    assert files(walk(tmp_path), tmp_path) == [["0.mkv", "1.mkv"], ["2.mkv", "3.mkv"], ["4.mkv"]]


def test_a_folder_without_files_is_an_empty_gathering_so_that_a_walk_shows_life(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert [entry.files for entry in walk(tmp_path) if isinstance(entry, Gathering)] == [(), ()]


def test_what_is_no_regular_file_is_a_problem_and_is_never_opened(tmp_path: Path) -> None:
    put(tmp_path / "film.mkv")
    os.mkfifo(tmp_path / "pipe.mkv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.mkv"))
        found = walk(tmp_path)
    assert files(found, tmp_path) == [["film.mkv"]]
    assert "named pipe" in problems(found)["pipe.mkv"]
    assert "socket" in problems(found)["socket.mkv"]


def test_a_device_is_a_problem() -> None:
    assert "character device" in problems(walk(Path("/dev/null")))["null"]


def test_links_are_not_followed_below_an_argument(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "film.mkv")
    put(tmp_path / "in" / "own.mkv")
    (tmp_path / "in" / "to-file.mkv").symlink_to(outside)
    (tmp_path / "in" / "to-folder").symlink_to(outside.parent)
    (tmp_path / "in" / "to-own.mkv").symlink_to("own.mkv")
    (tmp_path / "in" / "nowhere.mkv").symlink_to("missing")
    found = walk(tmp_path / "in")
    assert files(found, tmp_path) == [["in/own.mkv"]]
    assert str(outside) in problems(found)["to-file.mkv"]
    assert str(outside.parent) in problems(found)["to-folder"]
    assert "leads nowhere" in problems(found)["nowhere.mkv"]
    assert "imported itself" in skipped(found)["to-own.mkv"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    put(tmp_path / "film.mkv")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    found = walk(tmp_path)
    assert files(found, tmp_path) == [["film.mkv"]]
    assert set(problems(found)) == {"up", "a", "b"}


def test_a_link_given_as_an_argument_is_followed(tmp_path: Path) -> None:
    put(tmp_path / "real" / "film.mkv")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").symlink_to("real/film.mkv")
    assert files(walk(tmp_path / "link"), tmp_path) == [["real/film.mkv"]]
    assert files(walk(tmp_path / "file"), tmp_path) == [["real/film.mkv"]]


def test_a_folder_that_contains_itself_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    put(tmp_path / "inner" / "film.mkv")
    status = tmp_path.stat()
    monkeypatch.setattr(os, "fstat", lambda _: status)
    found = walk(tmp_path)
    assert problems(found)["inner"] == "the folder was left out: it contains itself"


def test_empty_unfinished_hidden_and_junk_files(tmp_path: Path) -> None:
    put(tmp_path / "empty.mkv", b"")
    for name in ("film.mkv.part", "film.mkv.crdownload", "film.mkv.!qB", ".hidden.mkv", "Thumbs.db", "._film.mkv"):
        put(tmp_path / name)
    put(tmp_path / ".cache" / "x.mkv")
    put(tmp_path / "@eaDir" / "x.mkv")
    found = walk(tmp_path)
    assert files(found, tmp_path) == []
    assert set(problems(found)) == {"empty.mkv", "film.mkv.part", "film.mkv.crdownload", "film.mkv.!qB"}
    assert set(skipped(found)) == {".hidden.mkv", "Thumbs.db", "._film.mkv", ".cache", "@eaDir"}


def test_a_hidden_file_given_as_an_argument_is_taken(tmp_path: Path) -> None:
    path = put(tmp_path / ".film.mkv")
    assert files(walk(path), tmp_path) == [[".film.mkv"]]


def test_names_that_are_not_utf8_and_names_with_control_characters(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"caf\xe9.mkv", b"two\nlines.mkv", b"bell\x07.mkv", b"n" * 255):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write(b"x")
    (gathering,) = walk(tmp_path)
    assert isinstance(gathering, Gathering)
    assert [file.name for file in gathering.files] == [b"bell\x07.mkv", b"caf\xe9.mkv", b"n" * 255, b"two\nlines.mkv"]


def test_deep_nesting_ends_where_paths_end(tmp_path: Path) -> None:
    before = os.getcwd()
    name = "d" * 200
    try:
        os.chdir(tmp_path)
        for _ in range(25):
            os.mkdir(name)
            os.chdir(name)
        Path("deep.mkv").write_bytes(b"x")
    finally:
        os.chdir(before)
    put(tmp_path / "film.mkv")
    found = walk(tmp_path)
    assert files(found, tmp_path) == [["film.mkv"]]
    assert [message for message in problems(found).values() if "longer than 4095 bytes" in message]


def test_a_folder_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.mkv")
    put(tmp_path / "b" / "2.mkv")
    found: list[Discovery] = []
    for entry in discover(resolve([tmp_path], NOBODY), NOBODY):
        if not found:
            (tmp_path / "b" / "2.mkv").unlink()
            (tmp_path / "b").rmdir()
        found.append(entry)
    assert files(found, tmp_path) == [["a/1.mkv"]]
    assert "cannot be read" in problems(found)["b"]


def test_a_file_given_as_an_argument_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    path = put(tmp_path / "film.mkv")
    arguments = resolve([path], NOBODY)
    path.unlink()
    (problem,) = discover(arguments, NOBODY)
    assert isinstance(problem, Problem)
    assert "cannot be examined" in problem.message


def test_single_files_are_gathered_by_folder(tmp_path: Path) -> None:
    paths = [put(tmp_path / name) for name in ("a/1.mkv", "b/2.mkv", "a/1.srt")]
    assert files(walk(*paths), tmp_path) == [["a/1.mkv", "a/1.srt"], ["b/2.mkv"]]


def test_arguments_inside_other_arguments_are_walked_once(tmp_path: Path) -> None:
    inner = put(tmp_path / "a" / "film.mkv")
    assert files(walk(tmp_path, tmp_path / "a", inner, tmp_path), tmp_path) == [["a/film.mkv"]]


def test_a_missing_argument_beside_others_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path / "film.mkv")
    found = walk(tmp_path, tmp_path / "missing", b"/\0")
    assert files(found, tmp_path) == [["film.mkv"]]
    assert len(problems(found)) == 2


def test_nothing_to_import_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing"):
        resolve([tmp_path / "missing"], NOBODY)
    with pytest.raises(UsageError, match="name a path"):
        resolve([], NOBODY)


def test_the_store_is_refused_as_an_argument_and_left_out_of_a_walk(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store / "blobs" / "x")
    put(tmp_path / "film.mkv")
    guard = make_guard([store])
    with pytest.raises(UsageError, match="is the store itself"):
        resolve([store / "blobs"], guard)
    (tmp_path / "link").symlink_to(store)
    with pytest.raises(UsageError, match="is the store itself"):
        resolve([tmp_path / "link"], guard)
    found = walk(tmp_path, guard=guard)
    assert files(found, tmp_path) == [["film.mkv"]]
    assert "is the store itself" in problems(found)["store"]


def test_a_mounted_library_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "film.mkv")
    guard = Guard(frozenset(), frozenset({tmp_path.stat().st_dev}))
    with pytest.raises(UsageError, match="mounted library"):
        resolve([tmp_path], guard)


def test_mounted_libraries_are_read_from_mountinfo() -> None:
    lines = (
        b"22 27 0:21 / /proc rw,relatime - proc proc rw\n",
        b"90 27 0:57 / /mnt/my\\040films rw,nosuid shared:5 - fuse.offliniofs offliniofs rw\n",
        b"91 27 0:58 / /mnt/other rw - fuse.sshfs host:/ rw\n",
    )
    assert mounted_libraries(lines) == frozenset({os.makedev(0, 57)})


def test_gathering_again_sees_files_as_they_are_now(tmp_path: Path) -> None:
    put(tmp_path / "Film" / "film.mkv", b"1")
    put(tmp_path / "Film" / "Second" / "other.mkv", b"1")
    folder = os.fsencode(tmp_path / "Film")
    put(tmp_path / "Film" / "film.mkv", b"12")
    (gathering,) = gather_again([(os.fsencode(tmp_path), folder)], NOBODY)
    assert isinstance(gathering, Gathering)
    assert [(file.name, file.size) for file in gathering.files] == [(b"film.mkv", 2)]


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        (b"Season 01", True),
        (b"season.1", True),
        (b"S02", True),
        (b"CD1", True),
        (b"Disc 2", True),
        (b"Subs", True),
        (b"Behind The Scenes", True),
        (b"VIDEO_TS", True),
        (b"Show.S01E02.720p", False),
        (b"Season of the Witch (2011)", False),
        (b"The Extras", False),
        (b"\xff\xfe", False),
    ],
)
def test_which_folders_belong_to_the_title_above(name: bytes, belongs: bool) -> None:
    assert belongs_to_parent(name) is belongs


def test_names_to_pass_over() -> None:
    assert why_skipped(b"film.mkv") is None
    assert is_unfinished(b"FILM.MKV.PART")
    assert not is_unfinished(b"part.mkv")


def test_paths_are_shown_without_control_characters() -> None:
    assert shown(b"/a\n\xff\x1b[31m\xc3\xa9") == "/a\\n\\udcff\\x1b[31m\u00e9"
    assert str(Problem(b"/a\nb", "is bad")) == "/a\\nb: is bad"
    assert str(Problem(b"/a", "/a cannot be read: why")) == "/a: cannot be read: why"
    assert str(Skipped(b"/a\nb", "hidden")) == "/a\\nb: hidden"
