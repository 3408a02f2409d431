"""Real programs put films into the inbox, each in its own way; every one is filed and nothing of it stays behind."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import (
    SOON,
    attribute,
    film,
    run,
    settings,
    staged,
    wait_for,
    wait_for_state,
)
from tests.mount.support import Daemon, Library, wait_until

NAME = "Heat.1995.576p.WEB-DL.mkv"
FILED = Path("movies/Heat (1995)")

Put = Callable[[Path, Path], object]


@pytest.fixture
def daemon(library: Library, mount: Mount) -> Daemon:
    settings(library)
    return mount()


def _mapped(source: Path, inbox: Path) -> None:
    content = source.read_bytes()
    with (inbox / source.name).open("w+b") as stream:
        stream.truncate(len(content))
        with mmap.mmap(stream.fileno(), len(content)) as memory:
            memory[:] = content


def _backwards(source: Path, inbox: Path) -> None:
    content = source.read_bytes()
    with (inbox / source.name).open("wb", buffering=0) as stream:
        for start in range(len(content) // 4096 * 4096, -1, -4096):
            stream.seek(start)
            stream.write(content[start : start + 4096])


def _browser(source: Path, inbox: Path) -> None:
    """As Firefox does: an empty file keeps the name while the download grows beside it."""
    (inbox / source.name).touch()
    partial = inbox / f"{source.name}.part"
    shutil.copyfile(source, partial)
    partial.rename(inbox / source.name)


def _safe_save(source: Path, inbox: Path) -> None:
    """As GLib does."""
    temporary = inbox / ".goutputstream-A1B2C3"
    with temporary.open("wb") as stream:
        stream.write(source.read_bytes())
        os.fsync(stream.fileno())
    temporary.rename(inbox / source.name)


def _preallocated(source: Path, inbox: Path) -> None:
    content = source.read_bytes()
    with (inbox / source.name).open("wb", buffering=0) as stream:
        os.posix_fallocate(stream.fileno(), 0, len(content) + 8192)
        stream.write(content)
        stream.truncate(len(content))


WAYS: dict[str, Put] = {
    "cp": lambda source, inbox: run("cp", source, inbox),
    "cp -p": lambda source, inbox: run("cp", "-p", source, inbox),
    "cp -a": lambda source, inbox: run("cp", "-a", source, inbox),
    "cp --sparse": lambda source, inbox: run("cp", "--sparse=always", source, inbox),
    "install": lambda source, inbox: run("install", "-m", "600", source, inbox),
    "mv": lambda source, inbox: run("mv", shutil.copy(source, source.parent.parent / source.name), inbox),
    "rsync": lambda source, inbox: run("rsync", "-a", source, inbox),
    "rsync --inplace": lambda source, inbox: run("rsync", "-a", "--inplace", source, inbox),
    "dd": lambda source, inbox: run(
        "dd", f"if={source}", f"of={inbox / source.name}", "bs=4k", "conv=fsync", "status=none"
    ),
    "dd backwards": _backwards,
    "tar": lambda source, inbox: run(
        "sh", "-c", 'tar c -C "$1" "$2" | tar x -C "$3"', "sh", source.parent, source.name, inbox
    ),
    "ffmpeg": lambda source, inbox: run("ffmpeg", "-v", "error", "-i", source, "-c", "copy", inbox / source.name),
    "mmap": _mapped,
    "browser": _browser,
    "safe save": _safe_save,
    "preallocated": _preallocated,
}


def test_films_are_filed_whatever_program_brings_them(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    inbox = daemon.mountpoint / "inbox"
    brought: dict[str, tuple[str, bytes]] = {}
    for number, (way, put) in enumerate(WAYS.items()):
        title = f"Heist {'abcdefghijklmnopqrstuvwxyz'[number]}xy"
        source = tmp_path / "from" / f"{title.replace(' ', '.')}.1995.576p.WEB-DL.mkv"
        brought[way] = (source.name, film(source, number))
        put(source, inbox)
    for name, content in brought.values():
        wait_for_state(inbox / name, "stored")
        path = attribute(inbox / name, "path")
        assert path.startswith("movies/Heist ")
        if name != brought["ffmpeg"][0]:  # which writes a file of its own
            assert (daemon.mountpoint / path).read_bytes() == content
        assert (inbox / name).read_bytes() == (daemon.mountpoint / path).read_bytes()
    assert sorted(os.listdir(inbox)) == sorted(name for name, _ in brought.values())
    assert len(os.listdir(daemon.mountpoint / "movies")) == len(WAYS)
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_times_and_modes_are_what_was_set_while_the_name_shows(daemon: Daemon, tmp_path: Path) -> None:
    source = tmp_path / NAME
    film(source)
    os.utime(source, ns=(10**18, 10**18 + 5))
    source.chmod(0o640)
    inbox = daemon.mountpoint / "inbox"
    run("cp", "-p", source, inbox)
    assert ((inbox / NAME).stat().st_mtime_ns, (inbox / NAME).stat().st_mode & 0o777) == (10**18 + 5, 0o640)
    wait_for_state(inbox / NAME, "stored")
    status = (inbox / NAME).stat()
    assert (status.st_mtime_ns, status.st_mode & 0o777, status.st_size) == (10**18 + 5, 0o640, source.stat().st_size)
    os.utime(inbox / NAME, ns=(10**18, 10**18 + 7))
    (inbox / NAME).chmod(0o600)
    status = (inbox / NAME).stat()
    assert (status.st_mtime_ns, status.st_mode & 0o777) == (10**18 + 7, 0o600)
    assert run("rsync", "-ai", source, inbox) != ""
    (inbox / NAME).rename(inbox / "other name.mkv")
    assert "other name.mkv" in os.listdir(inbox)


def test_the_name_disappears_when_it_has_been_seen(library: Library, mount: Mount, tmp_path: Path) -> None:
    settings(library, linger_ms=300)
    daemon = mount()
    folder = tmp_path / "Heat (1995)"
    film(folder / NAME)
    inbox = daemon.mountpoint / "inbox"
    run("cp", "-r", folder, inbox)
    wait_until(lambda: os.listdir(inbox) == [], SOON, "an empty inbox")
    assert (daemon.mountpoint / FILED).is_dir()
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_a_folder_is_one_import_with_its_sidecars(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    for number, program in enumerate((("cp", "-r"), ("cp", "-a"), ("rsync", "-r"), ("mv",))):
        title = f"Heist {'abcd'[number]}xy"
        folder = tmp_path / f"{title} (1995)"
        name = f"{title.replace(' ', '.')}.1995.576p.mkv"
        content = film(folder / name, number)
        (folder / name).with_suffix(".en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
        (folder / "poster.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
        (folder / "Thumbs.db").write_bytes(b"litter")
        (folder / ".DS_Store").write_bytes(b"litter")
        run(*program, folder, daemon.mountpoint / "inbox")
        filed = daemon.mountpoint / "movies" / folder.name
        wait_for(filed / f"{folder.name} - 576p.mkv", content)
        wait_until(lambda filed=filed: len(os.listdir(filed)) == 4, SOON, "its sidecars")  # type: ignore[misc]
        assert {f"{folder.name} - 576p.en.srt", "poster.jpg"} <= set(os.listdir(filed))
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_a_sidecar_that_came_first_waits_for_its_film(daemon: Daemon, tmp_path: Path) -> None:
    source = tmp_path / NAME
    content = film(source)
    inbox = daemon.mountpoint / "inbox"
    with (inbox / NAME).open("wb", buffering=0) as stream:
        stream.write(content[:1000])
        (inbox / NAME).with_suffix(".en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
        other = inbox / "Ronin.1998.720p.mkv"
        film(tmp_path / other.name, 90)
        shutil.copyfile(tmp_path / other.name, other)
        wait_for_state(other, "stored")  # which waits for nobody
        assert attribute(inbox / "Heat.1995.576p.WEB-DL.en.srt", "state") == "receiving"
        stream.write(content[1000:])
    wait_for(daemon.mountpoint / FILED / "Heat (1995) - 576p.mkv", content)
    wait_until((daemon.mountpoint / FILED / "Heat (1995) - 576p.en.srt").is_file, SOON, "the subtitle")


def test_what_the_library_has_is_a_duplicate(daemon: Daemon, library: Library, tmp_path: Path) -> None:
    film(tmp_path / NAME)
    inbox = daemon.mountpoint / "inbox"
    shutil.copyfile(tmp_path / NAME, inbox / NAME)
    wait_for_state(inbox / NAME, "stored")
    shutil.copyfile(tmp_path / NAME, inbox / NAME)  # again, while the first still shows
    wait_for_state(inbox / NAME, "receiving", "identifying", "duplicate")
    wait_for_state(inbox / NAME, "duplicate")
    assert len([name for name in os.listdir(daemon.mountpoint / FILED) if name.endswith(".mkv")]) == 1
    wait_until(lambda: staged(library) == [], SOON, "nothing left")


def test_what_cannot_be_identified_is_kept_under_other(daemon: Daemon, tmp_path: Path) -> None:
    (daemon.mountpoint / "inbox" / "notes.bin").write_bytes(b"\x00\x01 nobody knows what this is" * 50)
    wait_until(lambda: os.listdir(daemon.mountpoint / "other") != [], SOON, "something in other")
    found = [path for path in (daemon.mountpoint / "other").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in found] == [b"\x00\x01 nobody knows what this is" * 50]


def test_origin_and_tags_that_a_program_leaves_are_taken_over(daemon: Daemon, tmp_path: Path) -> None:
    film(tmp_path / NAME)
    path = daemon.mountpoint / "inbox" / NAME
    shutil.copyfile(tmp_path / NAME, path)
    os.setxattr(path, "user.xdg.origin.url", b"https://example.org/heat.mkv")
    os.setxattr(path, "user.xdg.tags", b"heist,night")
    assert os.getxattr(path, "user.xdg.tags") == b"heist,night"
    assert "user.xdg.tags" in os.listxattr(path)
    filed = daemon.mountpoint / FILED / "Heat (1995) - 576p.mkv"
    wait_until(filed.is_file, SOON, "filed")
    assert os.getxattr(filed, "user.xdg.origin.url") == b"https://example.org/heat.mkv"
    assert os.getxattr(filed, "user.xdg.tags") == b"heist,night"
