"""The mount as a share: what a client of Samba does there, and what becomes of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, settings, wait_for
from tests.mount.samba_support import Share, share_of
from tests.mount.support import Library, small_library, wait_until

HEAT = "Heat (1995)"
FILE = f"movies/{HEAT}/{HEAT} - 1080p.mkv"


@pytest.fixture
def share(library: Library, mount: Mount, tmp_path: Path) -> Iterator[Share]:
    small_library(library)
    settings(library)
    with share_of(mount("--allow-other").mountpoint, tmp_path / "share") as served:
        yield served


def test_a_client_reads_and_looks_up_in_any_case(share: Share, library: Library) -> None:
    assert HEAT in share.names("movies")
    share.run(f'get "{FILE.replace("/", chr(92))}" got.mkv')
    assert (share.local / "got.mkv").read_bytes() == library.contents[FILE]
    share.run('get "MOVIES\\heat (1995)\\HEAT (1995) - 1080P.MKV" again.mkv')
    assert (share.local / "again.mkv").read_bytes() == library.contents[FILE]
    told = share.run(f'allinfo "movies\\{HEAT}\\{HEAT} - 1080p.mkv"')
    assert "stream: [::$DATA]" in told
    assert f"{len(library.contents[FILE])} bytes" in told


def test_a_client_manages_titles(share: Share) -> None:
    share.run(f'rename "by-genre\\Drama\\{HEAT}" "by-genre\\Comedy\\{HEAT}"')
    assert HEAT in os.listdir(share.top / "by-genre/Comedy")
    assert HEAT not in os.listdir(share.top / "by-genre/Drama")
    share.run(f'rename "movies\\{HEAT}" "movies\\Warmth (1995)"')
    assert "Warmth (1995)" in share.names("movies")
    share.run('mkdir "collections\\Noir"', 'mkdir "by-genre\\Western"')
    assert "Noir" in share.names("collections")
    share.run('rename "movies\\Warmth (1995)" "collections\\Noir\\Warmth (1995)"')
    assert os.listdir(share.top / "movies").count("Warmth (1995)") == 1
    assert "Warmth (1995)" in os.listdir(share.top / "collections/Noir")
    share.run('rmdir "by-genre\\Western"')
    assert "Western" not in share.names("by-genre")
    said = share.run('rmdir "by-genre\\Crime"', fails=True)
    assert "NT_STATUS_DIRECTORY_NOT_EMPTY" in said


def test_a_client_deletes_into_the_trash(share: Share) -> None:
    share.run(f'deltree "movies\\{HEAT}"')
    assert HEAT not in os.listdir(share.top / "movies")
    assert HEAT in os.listdir(share.top / ".trash")
    share.run('del "movies\\Blade Runner (1982)\\Blade Runner (1982) - 2160p.mkv"')
    assert "Blade Runner (1982) - 2160p.mkv" in os.listdir(share.top / ".trash")
    assert "NT_STATUS_ACCESS_DENIED" in share.run('deltree "by-year\\2001\\Amélie (2001)"', fails=True)
    assert "Amélie (2001)" in os.listdir(share.top / "movies")


def test_what_a_client_puts_into_the_inbox_is_filed(share: Share, library: Library) -> None:
    content = film(share.local / "Stalker.1979.576p.WEB-DL.mkv")
    notes = b"Notes of a client."
    (share.local / "notes.txt").write_bytes(notes)
    share.run('put Stalker.1979.576p.WEB-DL.mkv "inbox\\Stalker.1979.576p.WEB-DL.mkv"')
    share.run('mkdir "inbox\\Papers"', 'put notes.txt "inbox\\Papers\\notes.txt"')
    wait_for(share.top / "movies/Stalker (1979)/Stalker (1979) - 576p.mkv", content)
    wait_until(lambda: notes in [path.read_bytes() for path in (share.top / "other").rglob("*.txt")], SOON, "the notes")
    assert "Stalker (1979)" in share.names("movies")


def test_names_that_windows_refuses_do_not_occur(share: Share) -> None:
    """What clients of Linux drop under such names shows under names that Windows takes."""
    content = film(share.local / "clip.mkv", seed=7)
    (share.top / "inbox" / 'What? A "Film": <Part> 1|2* (1988) 576p.mkv').write_bytes(content)
    wait_until(lambda: any("1988" in name for name in os.listdir(share.top / "movies")), SOON, "the film")
    (folder,) = (name for name in os.listdir(share.top / "movies") if "1988" in name)
    (file,) = (name for name in os.listdir(share.top / "movies" / folder) if name.endswith(".mkv"))
    assert not set('<>:"|?*\\') & set(folder + file)
    assert not (folder + file).endswith((" ", "."))
    share.run(f'get "movies\\{folder}\\{file}" got.mkv')
    assert (share.local / "got.mkv").read_bytes() == content
    assert "NT_STATUS_" in share.run('mkdir "by-genre\\a:b"', fails=True)
