"""Folders of things that nobody can identify, dropped into the inbox: they stay together, and grow."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, run, settings, staged, wait_for
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
    assert _files(filed) == {**wanted, "IMG_0001 (2).jpg": PICTURE + b"of another camera"}


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
