"""Folders of things that nobody can identify, dropped into the inbox: they stay together, and grow."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.cli.history_lines import step_line
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, attribute, film, run, settings, staged, wait_for, wait_for_state
from tests.mount.support import Daemon, Library, wait_until

PICTURE = b"\xff\xd8\xff\xe0"


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library, linger_ms=0)
    return mount()


def _holiday(folder: Path) -> dict[str, bytes]:
    """Photographs, a clip, papers: what each path below the folder holds."""
    found = {f"IMG_000{number}.jpg": PICTURE + bytes([number]) * 50 for number in (1, 2)}
    found |= {"Day 1/IMG_0001.jpg": PICTURE + b"another", "Day 1/Papers/ticket.pdf": b"%PDF-1.4 ticket"}
    found |= {"poster.jpg": PICTURE + b"poster", "notes.nfo": b"packed by nobody"}
    for name, content in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return found | {"beach.mkv": film(folder / "beach.mkv", 7)}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_stays_together_and_a_later_one_adds_to_it(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    source, inbox = tmp_path / "Holiday 2019", daemon.mountpoint / "inbox"
    wanted = _holiday(source)
    filed = daemon.mountpoint / "other" / "Holiday 2019"
    run("cp", "-r", source, inbox)
    wait_until(lambda: staged(library) == [] and filed.is_dir(), SOON, "all filed")
    assert _files(filed) == wanted
    assert os.listdir(daemon.mountpoint / "other") == ["Holiday 2019"]
    (source / "Day 2").mkdir()
    wanted["Day 2/IMG_0001.jpg"] = PICTURE + b"day two"
    (source / "Day 2" / "IMG_0001.jpg").write_bytes(wanted["Day 2/IMG_0001.jpg"])
    (source / "IMG_0001.jpg").write_bytes(PICTURE + b"of another camera")
    run("rsync", "-a", source, inbox)
    wait_until(lambda: staged(library) == [] and (filed / "Day 2").is_dir(), SOON, "all filed again")
    wanted["IMG_0001 (2).jpg"] = PICTURE + b"of another camera"
    assert _files(filed) == wanted
    run("rm", "-r", filed)
    with closing(library.reader()) as reader:
        step = reader.history(limit=1)[0]
        assert step.headline is not None
        assert "Holiday 2019" in step_line(step, reader)
    library.undo()
    wait_until(filed.is_dir, SOON, "the folder is back")
    assert _files(filed) == wanted


def test_a_folder_of_downloads_gives_films_and_keeps_the_rest_together(
    daemon: Daemon, library: Library, tmp_path: Path
) -> None:
    source = tmp_path / "Downloads"
    content = film(source / "Heat.1995.576p.WEB-DL.mkv")
    (source / "manual.pdf").write_bytes(b"%PDF-1.4 manual")
    other = film(source / "Ronin.1998.576p.WEB-DL" / "Ronin.1998.576p.WEB-DL.mkv", 30)
    shutil.move(source, daemon.mountpoint / "inbox")
    wait_for(daemon.mountpoint / "movies/Heat (1995)/Heat (1995) - 576p.mkv", content)
    wait_for(daemon.mountpoint / "movies/Ronin (1998)/Ronin (1998) - 576p.mkv", other)
    found = [daemon.mountpoint / shelf for shelf in ("movies/Heat (1995)", "other/Downloads")]
    assert [_files(folder).get("manual.pdf") for folder in found].count(b"%PDF-1.4 manual") == 1
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def _track(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tags = ("artist=The Band", "album=Cahoots", f"track={number}", f"title=Song {number}")
    metadata = [word for tag in tags for word in ("-metadata", tag)]
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"sine=f={200 + number}:d=1", *metadata, str(path))


def test_what_comes_after_an_album_goes_to_it(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    source, inbox = tmp_path / "The Band - Cahoots", daemon.mountpoint / "inbox"
    album = daemon.mountpoint / "music" / "The Band" / "Cahoots"
    for number in (1, 2):
        _track(source / f"0{number} - Song {number}.flac", number)
    run("cp", "-r", source, inbox)
    wait_until(lambda: album.is_dir() and staged(library) == [], SOON, "the album")
    later = {
        "cover.jpg": PICTURE,
        "01 - Song 1.lrc": b"[00:01.00]words\n",
        "rip.log": b"log",
        "booklet.pdf": b"%PDF-1.4",
    }
    for path in source.iterdir():
        path.unlink()
    for name, content in later.items():
        (source / name).write_bytes(content)
    run("cp", "-r", source, inbox)
    (inbox / "The Band - Cahoots.cue").write_bytes(b'FILE "a.flac" WAVE\n')
    wait_until(lambda: len(os.listdir(album)) >= 7 and staged(library) == [], SOON, "the rest")
    for name, content in later.items():
        assert (album / name).read_bytes() == content
    assert (album / "The Band - Cahoots.cue").exists()
    assert os.listdir(daemon.mountpoint / "other") == []


def test_a_cover_that_follows_loose_tracks_goes_with_them(library: Library, mount: Mount, tmp_path: Path) -> None:
    settings(library)
    inbox = mount().mountpoint / "inbox"
    _track(tmp_path / "01.flac", 1)
    shutil.copyfile(tmp_path / "01.flac", inbox / "01.flac")
    wait_for_state(inbox / "01.flac", "stored")
    (inbox / "cover.jpg").write_bytes(PICTURE)
    wait_for_state(inbox / "cover.jpg", "stored")
    assert attribute(inbox / "cover.jpg", "path") == "music/The Band/Cahoots/cover.jpg"
