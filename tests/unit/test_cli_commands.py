"""The commands on a real library: what they print for people and for programs, and their exit codes."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from offliniofs.cli.main import run


class Shell:
    """Runs commands on one store and keeps what they print."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._store = store
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def run(self, *arguments: str) -> int:
        self._capsys.readouterr()
        code = run(["--store", str(self._store), *arguments])
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code

    def lines(self, *arguments: str) -> list[dict[str, object]]:
        """JSON lines of a command that must succeed."""
        assert self.run(*arguments, "--json") == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def demo(demo_store: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(demo_store, capsys)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "store", capsys)


def test_init_makes_a_private_store_once(empty: Shell, tmp_path: Path) -> None:
    assert empty.run("init") == 0
    assert "Made a store" in empty.out
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0
    assert (tmp_path / "store" / "catalog.sqlite").stat().st_mode & 0o077 == 0
    assert empty.run("init") == 0
    assert "nothing was changed" in empty.out
    assert empty.lines("init") == [{"store": str(tmp_path / "store"), "created": False}]


@pytest.mark.parametrize(
    "arguments", [("list",), ("search", "x"), ("info", "1"), ("stats",), ("status",), ("import", "/"), ("fsck",)]
)
def test_without_a_store_every_command_says_how_to_make_one(arguments: tuple[str, ...], empty: Shell) -> None:
    assert empty.run(*arguments) == 1
    assert "offliniofs init" in empty.err


def test_init_never_covers_a_lost_catalogue_with_an_empty_one(empty: Shell, one_film: Path, tmp_path: Path) -> None:
    assert empty.run("init") == 0
    assert empty.run("import", str(one_film)) == 0
    (tmp_path / "store" / "catalog.sqlite").rename(tmp_path / "kept.sqlite")
    assert empty.run("init") == 1
    assert "backups" in empty.err
    assert not (tmp_path / "store" / "catalog.sqlite").exists()
    (tmp_path / "kept.sqlite").rename(tmp_path / "store" / "catalog.sqlite")
    assert len(empty.lines("list")) == 1


def test_an_import_removes_what_a_dead_one_left(empty: Shell, one_film: Path, tmp_path: Path) -> None:
    assert empty.run("init") == 0
    assert empty.run("import", str(one_film)) == 0
    left = tmp_path / "store/blobs/tmp/1-dead"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half a film")
    assert empty.run("import", "--dry-run", str(one_film)) == 0
    assert left.exists()
    assert empty.run("import", str(one_film)) == 0  # which has nothing to store
    assert not left.exists()


def test_list_shows_every_title_with_a_stable_id(demo: Shell) -> None:
    titles = demo.lines("list")
    assert {title["name"] for title in titles} == {
        "A Trip to the Moon (1902)",
        "Harbour Lights (2016)",
        "Metropolis (1927)",
        "Night of the Living Dead (1968)",
        "Nosferatu (1922)",
        "Papers",
        "Sherlock Jr (1924)",
        "The General (1926)",
        "The Tone Generators - Tides (2011)",
    }
    assert demo.lines("list") == titles
    assert demo.run("list") == 0
    assert "Metropolis (1927)" in demo.out


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--type", "series"), {"Harbour Lights (2016)"}),
        (("--genre", "sci-fi"), {"A Trip to the Moon (1902)", "Metropolis (1927)"}),
        (("--year", "1922"), {"Nosferatu (1922)"}),
        (("--quality", "4k"), {"Night of the Living Dead (1968)"}),
        (("--quality", "2160p", "--genre", "Comedy"), set()),
        (("--genre", "No Such Genre"), set()),
    ],
)
def test_list_filters(options: tuple[str, ...], names: set[str], demo: Shell) -> None:
    assert {title["name"] for title in demo.lines("list", *options)} == names


def test_list_refuses_what_is_no_quality(demo: Shell) -> None:
    assert demo.run("list", "--quality", "shiny") == 2
    assert "1080p" in demo.err
    assert demo.run("list", "--year", "1066", "--type", "movie") == 0
    assert demo.err == "No title matches.\n"


def test_search_speaks_the_whole_language(demo: Shell) -> None:
    assert [title["title"] for title in demo.lines("search", "nosf")] == ["Nosferatu"]
    found = demo.lines("search", "genre:comedy", "year:>=1925", "OR", "type:series")
    assert {title["title"] for title in found} == {"The General", "Harbour Lights"}
    assert len(demo.lines("search", "type:movie", "--limit", "2")) == 2


def test_a_bad_query_shows_the_place(demo: Shell) -> None:
    assert demo.run("search", "moon (genre:") == 2
    query, caret = demo.err.splitlines()[1:]
    assert query.strip() == "moon (genre:"
    assert set(caret.strip()) == {"^"}


def test_a_near_miss_is_named(demo: Shell) -> None:
    assert demo.run("search", "metropolys") == 0
    assert "No title matches." in demo.err
    assert "Did you mean: metropolis" in demo.err


def test_info_tells_a_title_and_why(demo: Shell) -> None:
    (title,) = demo.lines("search", "nosferatu")
    (details,) = demo.lines("info", str(title["id"]))
    assert details["title"] == "Nosferatu"
    assert isinstance(details["why"], dict)
    assert details["why"]["year"].startswith("nfo")
    files = details["files"]
    assert isinstance(files, list)
    assert {file["role"] for file in files} == {"media", "subtitle", "artwork", "nfo"}
    assert demo.run("info", "movies/Nosferatu (1922)") == 0
    assert "why" in demo.out


def test_info_tells_a_file_by_id_and_by_path(demo: Shell) -> None:
    path = "movies/Nosferatu (1922)/Nosferatu (1922) - 1080p.mkv"
    (by_path,) = demo.lines("info", path)
    (by_id,) = demo.lines("info", f"file:{by_path['id']}")
    assert by_path == by_id
    assert by_path["video_codec"] == "h264"
    assert (by_path["width"], by_path["height"]) == (1440, 1080)
    assert len(str(by_path["hash"])) == 64
    assert demo.run("info", path) == 0
    assert "1440×1080" in demo.out


@pytest.mark.parametrize("subject", ["999999", "file:999999", "movies/Nothing", "\udcff", "/etc/passwd", ""])
def test_info_on_nothing_fails_and_says_so(subject: str, demo: Shell) -> None:
    assert demo.run("info", subject) == 1
    assert demo.err.startswith("offliniofs: ")


def test_stats_add_up(demo: Shell) -> None:
    (stats,) = demo.lines("stats")
    assert (stats["movies"], stats["series"], stats["albums"], stats["others"]) == (6, 1, 1, 1)
    shown, stored = stats["shown_bytes"], stats["stored_bytes"]
    assert isinstance(shown, int)
    assert isinstance(stored, int)
    assert stats["saved_bytes"] == shown - stored > 0
    assert demo.run("stats") == 0
    assert "saved" in demo.out


def test_an_unmounted_store_says_so(demo: Shell) -> None:
    assert demo.run("status") == 0
    assert "not mounted" in demo.out
    assert demo.lines("status") == [[]]  # type: ignore[comparison-overlap]  # one line with an empty array


def test_migrate_finds_nothing_to_do(demo: Shell) -> None:
    assert demo.run("migrate", "--check") == 0
    assert demo.out == "schema 1, newest 1\n"
    assert demo.run("migrate") == 0
    assert "nothing was changed" in demo.out
    (report,) = demo.lines("migrate", "--check")
    assert (report["pending"], report["problems"]) == ([], [])


def test_a_second_import_costs_nothing_and_says_so(demo: Shell, demo_media: Path) -> None:
    assert demo.run("import", str(demo_media)) == 0
    assert "28 files" in demo.out
    assert "they cost nothing" in demo.out


def test_a_dry_run_changes_nothing(empty: Shell, demo_media: Path, tmp_path: Path) -> None:
    assert empty.run("init") == 0
    assert empty.run("import", "--dry-run", str(demo_media)) == 0
    assert "→ movies/Metropolis (1927)/Metropolis (1927) - 1080p.mkv" in empty.out
    assert "Would file 28 files; nothing was changed." in empty.out
    assert empty.lines("list") == []
    assert not list((tmp_path / "store" / "blobs").glob("??"))


@pytest.fixture
def one_film(demo_media: Path, tmp_path: Path) -> Path:
    """A folder with one real film."""
    folder = tmp_path / "media"
    folder.mkdir()
    film = next(demo_media.glob("Films/Nosferatu*/*.mkv"))
    shutil.copyfile(film, folder / "Good.2001.1080p.WEB-DL.mkv")
    return folder


def test_import_reports_each_bad_file_and_goes_on(empty: Shell, one_film: Path) -> None:
    media = one_film
    (media / "empty.mkv").touch()
    os.mkfifo(media / "pipe.mkv")
    assert empty.run("init") == 0
    assert empty.run("import", str(media)) == 3
    assert "empty.mkv" in empty.err
    assert "pipe.mkv" in empty.err
    assert "had problems" in empty.out
    *files, totals = _lines_of(empty, media)
    assert files == []
    assert totals["known_files"] == 1
    assert len(totals["problems"]) == 2  # type: ignore[arg-type]


def _lines_of(shell: Shell, media: Path) -> list[dict[str, object]]:
    assert shell.run("import", "--json", str(media)) == 3
    return [json.loads(line) for line in shell.out.splitlines()]


def _blob(tmp_path: Path) -> Path:
    (blob,) = (tmp_path / "store" / "blobs").glob("??/??/*")
    blob.chmod(0o600)
    return blob


def test_importing_again_replaces_a_damaged_copy_and_says_so(empty: Shell, one_film: Path, tmp_path: Path) -> None:
    assert empty.run("init") == 0
    assert empty.run("import", str(one_film)) == 0
    content = _blob(tmp_path).read_bytes()
    _blob(tmp_path).write_bytes(content[:-1])
    assert empty.run("import", str(one_film)) == 0
    assert "1 damaged copy replaced." in empty.out
    assert _blob(tmp_path).read_bytes() == content
    _blob(tmp_path).write_bytes(bytes(len(content)))
    assert empty.run("import", str(one_film)) == 0
    assert "they cost nothing" in empty.out
    assert empty.run("import", "--verify", str(one_film)) == 0
    assert "1 damaged copy replaced." in empty.out
    assert _blob(tmp_path).read_bytes() == content
    _blob(tmp_path).unlink()
    assert empty.run("import", str(one_film)) == 0
    assert _blob(tmp_path).read_bytes() == content


def test_an_import_that_finds_no_room_sums_up_and_says_sizes_for_people(
    empty: Shell, one_film: Path, tmp_path: Path
) -> None:
    assert empty.run("init") == 0
    (tmp_path / "store" / "offliniofs.toml").write_text("free_space_reserve = 1125899906842624\n")
    assert empty.run("import", str(one_film)) == 1
    assert "Filed 0 files" in empty.out
    assert "1.0 PiB stay in reserve" in empty.err
    assert "could not go on" in empty.out


def test_import_prints_each_file_as_json(empty: Shell, one_film: Path) -> None:
    assert empty.run("init") == 0
    file, totals = empty.lines("import", str(one_film))
    assert file["path"] == "movies/Good (2001)/Good (2001) - 1080p.mkv"
    assert file["quality"] == "WEBDL-1080p"
    assert file["outcome"] == "added"
    assert totals["filed_files"] == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("import",), 2), (("import", "--mode", "teleport", "/tmp"), 2), (("import", "/no/such/place"), 2)],
)
def test_wrong_use_of_import(arguments: tuple[str, ...], code: int, empty: Shell) -> None:
    assert empty.run("init") == 0
    assert empty.run(*arguments) == code


def test_identify_prints_one_object_a_name_in_order(demo: Shell, demo_media: Path) -> None:
    film = next(demo_media.glob("Films/Nosferatu*/*.mkv"))
    named, opened = demo.lines("identify", "Show.S01E02.720p.HDTV.x264-LOL", str(film))
    wanted = "name type title year season episodes quality resolution source modifiers codec languages edition group"
    assert [*wanted.split(), "genres", "why"] == [key for key in named if key in {*wanted.split(), "genres", "why"}]
    assert (named["type"], named["season"], named["episodes"], named["quality"]) == ("episode", 1, [2], "HDTV-720p")
    assert isinstance(opened["why"], dict)
    assert opened["why"]["resolution"].startswith("probe")
    assert demo.run("identify", "A.Film.2001.WEB-DL", "Another.2002.DVDRip") == 0
    assert "(name:" in demo.out


def test_identify_reads_names_from_standard_input(demo: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A.2001.1080p.BluRay.mkv\n\xff.2002.DVDRip.mkv\n\n"))
    )
    found = demo.lines("identify", "--stdin")
    assert [answer["quality"] for answer in found] == ["Bluray-1080p", "DVD", "Unknown"]


def test_identify_wants_something_and_reports_what_it_cannot_read(demo: Shell, tmp_path: Path) -> None:
    assert demo.run("identify") == 2
    empty_file = tmp_path / "empty.mkv"
    empty_file.touch()
    assert demo.run("identify", "--json", str(empty_file)) == 3
    assert "is empty" in json.loads(demo.out)["error"]


def test_fsck_of_a_sound_library_finds_nothing(demo: Shell) -> None:
    assert demo.run("fsck") == 0
    assert "sound" in demo.out
    (report,) = demo.lines("fsck")
    assert report["findings"] == []


def test_a_mount_that_cannot_be_made_says_why(demo: Shell, tmp_path: Path) -> None:
    assert demo.run("mount", str(tmp_path / "missing")) == 1
    assert "Make it first" in demo.err
    assert demo.run("umount", str(tmp_path)) == 1
    assert "Nothing is mounted" in demo.err
    assert demo.run("mount", "--umask", "9", str(tmp_path)) == 2
