"""New files in the folders of titles: each becomes part of its title, whatever program brought it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.catalog.integrity import check_integrity
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, attribute, film, run, settings, staged, wait_for
from tests.mount.support import Daemon, Library, wait_until

FOLDER = Path("movies/Heat (1995)")
NAME = "Heat (1995) - 576p.mkv"
STEM = NAME.removesuffix(".mkv")
SUBTITLE = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.fixture
def daemon(library: Library, mount: Mount, tmp_path: Path) -> Iterator[Daemon]:
    settings(library)
    film(tmp_path / "old.mkv", 1)
    daemon = mount()
    shutil.copyfile(tmp_path / "old.mkv", daemon.mountpoint / "inbox" / "Heat.1995.576p.WEB-DL.mkv")
    wait_until((daemon.mountpoint / FOLDER / NAME).is_file, SOON, "the old film")
    yield daemon
    assert list(check_integrity(library.catalogue)) == []


def _write(path: Path, content: bytes = SUBTITLE) -> Path:
    path.write_bytes(content)
    return path


def _nothing_left(library: Library) -> None:
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def _trashed(daemon: Daemon) -> list[str]:
    return [name for name in os.listdir(daemon.mountpoint / ".trash") if not name.startswith(".")]


def test_cp_of_a_subtitle_and_a_poster(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    folder = daemon.mountpoint / FOLDER
    _write(tmp_path / "film.en.srt")
    run("cp", "-p", tmp_path / "film.en.srt", folder)
    assert (folder / "film.en.srt").read_bytes() == SUBTITLE
    assert attribute(folder / "film.en.srt", "state") in {"receiving", "identifying", "stored"}
    wait_for(folder / f"{STEM}.en.srt", SUBTITLE)
    assert (folder / f"{STEM}.en.srt").stat().st_mtime_ns // 1000 == (
        tmp_path / "film.en.srt"
    ).stat().st_mtime_ns // 1000
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", tmp_path / "poster.jpg")
    run("cp", tmp_path / "poster.jpg", daemon.mountpoint / "by-year/1995/Heat (1995)")
    wait_for(folder / "poster.jpg", (tmp_path / "poster.jpg").read_bytes())
    _nothing_left(library)


def test_what_is_coming_is_listed_and_can_be_changed(daemon: Daemon, library: Library) -> None:
    folder = daemon.mountpoint / FOLDER
    with (folder / "film.de.srt").open("wb", buffering=0) as stream:
        stream.write(SUBTITLE)
        names = os.listdir(folder)
        assert "film.de.srt" in names
        assert NAME in names
        assert len(names) == len(set(names))
        assert attribute(folder / "film.de.srt", "state") == "receiving"
        os.utime(folder / "film.de.srt", ns=(10**18, 10**18))
        (folder / "film.de.srt").chmod(0o600)
        assert (folder / "film.de.srt").stat().st_mtime_ns == 10**18
        (folder / "film.de.srt").rename(folder / "film.fr.srt")
        assert "film.de.srt" not in os.listdir(folder)
    wait_for(folder / f"{STEM}.fr.srt", SUBTITLE)
    _nothing_left(library)


def test_another_version_by_rsync(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    new = film(tmp_path / "Heat (1995) - my cut.mkv", 3)
    run("rsync", "-a", tmp_path / "Heat (1995) - my cut.mkv", f"{daemon.mountpoint / FOLDER}/")
    wait_for(daemon.mountpoint / FOLDER / "Heat (1995) - my cut.mkv", new)
    _nothing_left(library)
    assert (daemon.mountpoint / FOLDER / NAME).is_file()


def test_rsync_and_an_editor_replace_what_is_there(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    new = film(tmp_path / NAME, 3)
    run("rsync", "-a", tmp_path / NAME, path)
    assert path.read_bytes() == new
    _nothing_left(library)
    assert path.read_bytes() == new
    assert len(_trashed(daemon)) == 1
    newer = film(tmp_path / "newer.mkv", 4)
    temporary = path.parent / f".{NAME}.swp.XyZ123"
    with temporary.open("wb") as stream:
        stream.write(newer)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.rename(path)
    assert path.read_bytes() == newer
    _nothing_left(library)
    wait_for(path, newer)
    assert len(_trashed(daemon)) == 2
    assert [name for name in os.listdir(path.parent) if name.endswith(".mkv")] == [NAME]


def test_mv_from_another_file_system(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    new = film(tmp_path / "better.mkv", 5)
    run("mv", "-f", tmp_path / "better.mkv", path)
    assert not (tmp_path / "better.mkv").exists()
    wait_for(path, new)
    _nothing_left(library)
    wait_for(path, new)
    assert len(_trashed(daemon)) == 1


def test_cp_p_over_a_file_sets_its_times(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    path = daemon.mountpoint / FOLDER / NAME
    film(tmp_path / "better.mkv", 6)
    os.utime(tmp_path / "better.mkv", ns=(10**18, 10**18))
    run("cp", "-p", tmp_path / "better.mkv", path)
    _nothing_left(library)
    wait_until(lambda: path.read_bytes() == (tmp_path / "better.mkv").read_bytes(), SOON, "the new film")
    assert path.stat().st_mtime_ns == 10**18


def test_gio_copies_into_the_folder(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    program = shutil.which("gio")
    command = (program, "copy") if program else ("cp",)
    _write(tmp_path / "film.it.srt")
    run(*command, tmp_path / "film.it.srt", daemon.mountpoint / FOLDER)
    wait_for(daemon.mountpoint / FOLDER / f"{STEM}.it.srt", SUBTITLE)
    _nothing_left(library)


def test_it_is_moved_there_out_of_the_inbox(daemon: Daemon, library: Library) -> None:
    inbox = daemon.mountpoint / "inbox"
    with (inbox / "x.es.srt").open("wb") as stream:
        stream.write(SUBTITLE)
        (inbox / "x.es.srt").rename(daemon.mountpoint / FOLDER / "x.es.srt")
    wait_for(daemon.mountpoint / FOLDER / f"{STEM}.es.srt", SUBTITLE)
    _nothing_left(library)


def test_a_killed_daemon_loses_nothing(daemon: Daemon, library: Library) -> None:
    path = daemon.mountpoint / FOLDER / "film.pl.srt"
    with path.open("wb", buffering=0) as stream:
        stream.write(SUBTITLE[:10])
        daemon.wait_for_another(daemon.kill_daemon())
        assert path.name in os.listdir(path.parent)
        stream.write(SUBTITLE[10:])
    daemon.wait_for_another(daemon.kill_daemon())
    wait_for(path.parent / f"{STEM}.pl.srt", SUBTITLE)
    _nothing_left(library)


def test_what_makes_no_sense_is_refused_with_a_reason(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    film(tmp_path / "ep.mkv", 7)
    shutil.copyfile(tmp_path / "ep.mkv", daemon.mountpoint / "inbox" / "Show.2010.S01E01.mkv")
    series = daemon.mountpoint / "series/Show (2010)"
    wait_until(series.is_dir, SOON, "the series")
    with pytest.raises(OSError, match="Invalid argument"):
        (series / "holiday.mkv").write_bytes(b"x")
    with pytest.raises(PermissionError) as caught:
        (daemon.mountpoint / "README.txt").open("r+b")
    assert caught.value.errno == errno.EPERM
    health = (daemon.mountpoint / ".offliniofs/health.txt").read_text()
    assert "which episode" in health
    assert "written by the library itself" in health
    new = film(tmp_path / "x.s02e05.mkv", 8)
    run("cp", tmp_path / "x.s02e05.mkv", series)
    wait_for(series / "Season 02/Show (2010) S02E05.mkv", new)
    _nothing_left(library)


def test_what_is_removed_from_the_inbox_lies_in_the_trash(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    settings(library)
    inbox = daemon.mountpoint / "inbox"
    new = film(tmp_path / "Ronin.1998.720p.mkv", 9)
    whole, half = inbox / "Ronin.1998.720p.mkv", inbox / "half.mkv"
    with half.open("wb", buffering=0) as stream:
        stream.write(b"half")
        half.unlink()
    shutil.copyfile(tmp_path / whole.name, whole)
    whole.unlink()
    assert not whole.exists()
    wait_until(lambda: _trashed(daemon) != [], SOON, "the entry")
    assert _trashed(daemon) == ["Ronin (1998)"]
    _nothing_left(library)
    run("mv", daemon.mountpoint / ".trash/Ronin (1998)", daemon.mountpoint / "movies")
    found = list((daemon.mountpoint / "movies/Ronin (1998)").glob("*.mkv"))
    assert [path.read_bytes() for path in found] == [new]


def test_a_sidecar_that_comes_later_finds_its_film(daemon: Daemon, library: Library) -> None:
    inbox = daemon.mountpoint / "inbox"
    _write(inbox / "Heat.1995.576p.WEB-DL.en.srt")
    wait_for(daemon.mountpoint / FOLDER / f"{STEM}.en.srt", SUBTITLE)
    assert not (daemon.mountpoint / "other/Heat.1995.576p.WEB-DL.en").exists()
    _nothing_left(library)


def test_an_nfo_of_the_users_own_is_saved_over_the_generated_one(
    daemon: Daemon, library: Library, tmp_path: Path
) -> None:
    content = b"<movie><title>Heat</title><plot>My own words.</plot></movie>"
    _write(tmp_path / "movie.nfo", content)
    path = daemon.mountpoint / FOLDER / "movie.nfo"
    assert path.read_bytes() != content
    run("cp", "-p", tmp_path / "movie.nfo", path)
    _nothing_left(library)
    wait_until(lambda: path.read_bytes() == content, SOON, "the user's own")
    assert path.stat().st_mtime_ns == (tmp_path / "movie.nfo").stat().st_mtime_ns


def test_names_of_the_inbox_in_any_case_where_switched_on(library: Library, mount: Mount) -> None:
    (library.root / "offliniofs.toml").write_text("case_insensitive = true\ninbox_quiet_ms = 60000\n")
    inbox = mount().mountpoint / "inbox"
    (inbox / "Folder").mkdir()
    _write(inbox / "Folder/Film.srt")
    assert (inbox / "FOLDER/film.SRT").read_bytes() == SUBTITLE
    (inbox / "folder/FILM.srt").rename(inbox / "folder/other.srt")
    assert os.listdir(inbox / "Folder") == ["other.srt"]
    (inbox / "Folder/OTHER.SRT").unlink()
    assert os.listdir(inbox / "Folder") == []


def test_a_removal_from_the_inbox_is_undone(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    new = film(tmp_path / "Ronin.1998.720p.mkv", 9)
    path = daemon.mountpoint / "inbox/Ronin.1998.720p.mkv"
    shutil.copyfile(tmp_path / path.name, path)
    run("rm", path)
    wait_until(lambda: _trashed(daemon) != [], SOON, "the entry")
    _nothing_left(library)
    library.undo()
    wait_until((daemon.mountpoint / "movies/Ronin (1998)").is_dir, SOON, "the film in the library")
    assert [each.read_bytes() for each in (daemon.mountpoint / "movies/Ronin (1998)").glob("*.mkv")] == [new]
    assert _trashed(daemon) == []


def test_what_was_taken_to_be_filed_when_the_daemon_died_gets_its_place(
    daemon: Daemon, library: Library, mount: Mount
) -> None:
    folder = daemon.mountpoint / FOLDER
    daemon.stop()
    with closing(library.reader()) as reader:
        title = reader.title_named((), "Heat (1995)")
    assert title is not None
    left = library.root / f"staging/filing/1-1-d{title.content_id}/Heat (1995)"
    left.mkdir(parents=True)
    _write(left / "film.nl.srt")
    mount()
    wait_for(folder / f"{STEM}.nl.srt", SUBTITLE)
    _nothing_left(library)
