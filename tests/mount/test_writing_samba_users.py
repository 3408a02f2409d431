"""Two people log in at a share: each is a user of this machine, and the modes and restrictions of the library hold.

``games`` and ``man`` are accounts that every Debian has; nobody can log in as them but at the test's own server.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.inbox_support import SOON, film, settings, wait_for
from tests.mount.samba_support import Share, share_of
from tests.mount.support import Library, small_library, wait_until

OWNER, MEMBER = "games", "man"
HEAT = "Heat (1995)"
FILE = f"movies\\{HEAT}\\{HEAT} - 1080p.mkv"
DENIED = "NT_STATUS_ACCESS_DENIED"


@pytest.fixture
def share(library: Library, mount: Mount) -> Iterator[Share]:
    """The library of ``olga``; ``mark`` may read, and drop files into the inbox."""
    small_library(library)
    settings(library)
    with (library.root / "offliniofs.toml").open("a") as stream:
        stream.write(f"inbox_mode = {0o777}\n")
    account = pwd.getpwnam(OWNER)
    with tempfile.TemporaryDirectory(prefix="offliniofs-share-") as name:
        os.chmod(name, 0o755)  # pytest's own folders are closed to others
        at = Path(name, "mount")
        at.mkdir(mode=0o755)
        options = ["--allow-other", "--uid", str(account.pw_uid), "--gid", str(account.pw_gid)]
        daemon = mount(*options, at=at)
        with share_of(at, Path(name, "server"), {"olga": OWNER, "mark": MEMBER}) as served:
            yield served
        daemon.stop()


def test_each_client_is_the_user_it_logged_in_as(share: Share, library: Library) -> None:
    owner, member = share.log_in("olga"), share.log_in("mark")
    assert "LOGON_FAILURE" in share.log_in("nobody").run("ls", fails=True)
    for client in (owner, member):
        client.run(f'get "{FILE}" got.mkv')
        assert (share.local / "got.mkv").read_bytes() == library.contents[FILE.replace("\\", "/")]
    for refused in (
        f'rename "by-genre\\Drama\\{HEAT}" "by-genre\\Comedy\\{HEAT}"',
        f'rename "movies\\{HEAT}" "movies\\Warmth (1995)"',
        f'deltree "movies\\{HEAT}"',
        f'del "{FILE}"',
        'mkdir "collections\\Mine"',
        f'put got.mkv "{FILE}"',
    ):
        assert DENIED in member.run(refused, fails=True), refused
    assert HEAT in os.listdir(share.top / "movies")
    owner.run(f'rename "by-genre\\Drama\\{HEAT}" "by-genre\\Comedy\\{HEAT}"')
    assert HEAT in os.listdir(share.top / "by-genre/Comedy")
    owner.run(f'deltree "movies\\{HEAT}"')
    assert HEAT in os.listdir(share.top / ".trash")
    assert HEAT not in os.listdir(share.top / "movies")
    owner.run(f'rename ".trash\\{HEAT}" "movies\\{HEAT}"')
    assert HEAT in member.names("movies")


def test_a_restricted_title_is_closed_to_one_of_them(share: Share, library: Library) -> None:
    owner, member = share.log_in("olga"), share.log_in("mark")
    edit = ["edit", str(share.top / "movies" / HEAT), "--only-group", OWNER]
    command = [sys.executable, "-P", "-m", "offliniofs", "--store", str(library.root), *edit]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    owner.run(f'get "{FILE}" got.mkv')
    for place in (FILE, FILE.replace("movies", "by-genre\\Drama"), FILE.replace("movies", "search\\heat")):
        assert DENIED in member.run(f'get "{place}" taken.mkv', fails=True)
    assert DENIED in member.run(f'ls "movies\\{HEAT}\\*"', fails=True)
    assert not (share.local / "taken.mkv").exists()


def test_whole_folders_go_through_the_inbox_and_come_back(share: Share) -> None:
    member = share.log_in("mark")
    folder = share.local / "Stalker.1979.576p.WEB-DL"
    content = film(folder / "Stalker.1979.576p.WEB-DL.mkv")
    (folder / "Stalker.1979.576p.WEB-DL.en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nZone\n")
    member.run("recurse on", "prompt off", 'cd "inbox"', "mput Stalker.1979.576p.WEB-DL")
    filed = share.top / "movies/Stalker (1979)/Stalker (1979) - 576p.mkv"
    wait_for(filed, content)
    wait_until(lambda: any(name.endswith(".srt") for name in os.listdir(filed.parent)), SOON, "its subtitles")
    member.run("prompt off", f'tar c backup.tar "movies\\{filed.parent.name}"')
    subprocess.run(["tar", "-xf", "backup.tar"], cwd=share.local, check=True)
    assert (share.local / "movies" / filed.parent.name / filed.name).read_bytes() == content
