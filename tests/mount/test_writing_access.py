"""Who may write: nobody on a read-only mount, others only where modes allow it, and nobody else to the control socket.

Needs root, as other users cannot be had otherwise; the users need not exist.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offliniofs.app.control_client import ControlAddress, ask
from offliniofs.domain.errors import OfflinioError
from offliniofs.domain.history import HistoryStep
from tests.conftest import Mount
from tests.mount.inbox_support import SOON, settings
from tests.mount.support import Library, small_library, wait_until

OWNER, GUEST = 61_234, 61_235
HEAT = "Heat (1995)"
FILE = f"movies/{HEAT}/{HEAT} - 1080p.mkv"
TITLE = f"movies/{HEAT}"

_libc = ctypes.CDLL(None, use_errno=True)
_NOREPLACE, _EXCHANGE = 1, 2
_CURRENT_FOLDER = -100
_KEEP_SIZE = 1


def _errno_of(act: Callable[[], object]) -> int:
    """0 if it works."""
    try:
        act()
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _renameat2(source: Path, target: Path, flags: int) -> None:
    folder = _CURRENT_FOLDER
    if _libc.renameat2(folder, os.fsencode(source), folder, os.fsencode(target), flags) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def _fallocate(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        if _libc.fallocate(descriptor, _KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(4096)) != 0:
            raise OSError(ctypes.get_errno(), "fallocate")
    finally:
        os.close(descriptor)


def _every_write(top: Path) -> dict[str, Callable[[], object]]:
    """Each call that could change something, on what exists and in places where it would make sense."""
    file, title, favourites = top / FILE, top / TITLE, top / "favourites"
    return {
        "create": lambda: os.close(os.open(top / "movies/new", os.O_CREAT | os.O_WRONLY)),
        "create in the inbox": lambda: os.close(os.open(top / "inbox/new", os.O_CREAT | os.O_WRONLY)),
        "mknod": lambda: os.mknod(title / "pipe", stat.S_IFIFO | 0o600),
        "mkdir": lambda: os.mkdir(top / "by-genre/Western"),
        "mkdir of a search": lambda: os.mkdir(top / "saved/heat"),
        "mkdir in the inbox": lambda: os.mkdir(top / "inbox/folder"),
        "rmdir": lambda: os.rmdir(top / "by-genre/Drama" / HEAT),
        "unlink": lambda: os.unlink(file),
        "rename": lambda: os.rename(top / "by-genre/Drama" / HEAT, top / "by-genre/Comedy" / HEAT),
        "rename on the shelf": lambda: os.rename(title, top / "movies/Warmth (1995)"),
        "rename without replacing": lambda: _renameat2(title, top / "movies/Warmth (1995)", _NOREPLACE),
        "rename by exchanging": lambda: _renameat2(title, top / "movies/Blade Runner (1982)", _EXCHANGE),
        "link": lambda: os.link(file, favourites / "heat.mkv"),
        "symlink": lambda: os.symlink("..", favourites / "link"),
        "setxattr": lambda: os.setxattr(title, "user.offliniofs.year", b"1996"),
        "setxattr of others": lambda: os.setxattr(title, "user.xdg.tags", b"seen"),
        "removexattr": lambda: os.removexattr(title, "user.offliniofs.year"),
        "chmod": lambda: os.chmod(file, 0o600),
        "chown": lambda: os.chown(file, 1, 1),
        "utimens": lambda: os.utime(file, (1, 1)),
        "truncate": lambda: os.truncate(file, 0),
        "open for writing": lambda: os.close(os.open(file, os.O_WRONLY)),
        "open for both": lambda: os.close(os.open(file, os.O_RDWR)),
        "open for appending": lambda: os.close(os.open(file, os.O_WRONLY | os.O_APPEND)),
        "open and empty": lambda: os.close(os.open(file, os.O_WRONLY | os.O_TRUNC)),
        "fallocate": lambda: _fallocate(file),
    }


def _steps(library: Library) -> list[HistoryStep]:
    reader = library.reader()
    try:
        return list(reader.history(1000))
    finally:
        reader.close()


def test_a_read_only_mount_answers_erofs_to_every_write(library: Library, mount: Mount) -> None:
    small_library(library)
    before = _steps(library)
    top = mount("--read-only").mountpoint
    answers = {name: _errno_of(act) for name, act in _every_write(top).items()}
    assert {name: errno.errorcode[number] for name, number in answers.items()} == dict.fromkeys(answers, "EROFS")
    assert (top / FILE).read_bytes() == library.contents[FILE]
    assert _steps(library) == before


def test_exchanging_two_names_is_refused_with_a_reason(library: Library, mount: Mount) -> None:
    small_library(library)
    top = mount().mountpoint
    with pytest.raises(OSError, match="renameat2") as caught:
        _renameat2(top / TITLE, top / "movies/Blade Runner (1982)", _EXCHANGE)
    assert caught.value.errno == errno.EINVAL
    wait_until(lambda: "cannot be exchanged" in (top / ".offliniofs/health.txt").read_text(), SOON, "it says why")
    assert (top / FILE).is_file()

    def noted() -> bool:
        return "refused" in {entry.action for step in _steps(library) for entry in step.entries}

    wait_until(noted, SOON, "the history says so")


# --- two users --------------------------------------------------------------------------------------------------------


@pytest.fixture
def at() -> Iterator[Path]:
    """A folder that everybody can enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="offliniofs-access-") as folder:
        os.chmod(folder, 0o755)
        place = Path(folder, "mount")
        place.mkdir(mode=0o755)
        yield place


def as_user(user: int, *command: str | Path, fails: bool = False) -> str:
    """Runs a program as another user."""
    line = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups", "--", *map(str, command)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60, cwd="/")
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def test_a_guest_drops_into_an_inbox_that_is_open_to_all(at: Path, library: Library, mount: Mount) -> None:
    settings(library)
    with (library.root / "offliniofs.toml").open("a") as stream:
        stream.write(f"inbox_mode = {0o777}\n")
    top = mount("--allow-other", "--uid", str(OWNER), "--gid", str(OWNER), at=at).mountpoint
    source = at.parent / "notes.txt"
    source.write_text("by a guest")
    source.chmod(0o644)
    as_user(GUEST, "cp", source, top / "inbox/notes.txt")
    assert (top / "inbox/notes.txt").stat().st_uid == GUEST
    filed = top / "other/notes/notes.txt"
    wait_until(filed.exists, SOON, "it is filed")
    assert filed.read_text() == "by a guest"
    as_user(GUEST, "rm", "-f", filed, fails=True)
    assert f"uid:{GUEST}" in {step.actor for step in _steps(library)}, "the history says who brought it"


def test_what_two_users_drop_at_once_is_a_step_for_each(at: Path, library: Library, mount: Mount) -> None:
    settings(library, quiet_ms=1000)
    with (library.root / "offliniofs.toml").open("a") as stream:
        stream.write(f"inbox_mode = {0o777}\n")
    top = mount("--allow-other", "--uid", str(OWNER), "--gid", str(OWNER), at=at).mountpoint
    for user, name in ((OWNER, "letter"), (GUEST, "notes")):
        source = at.parent / f"{name}.txt"
        source.write_text(f"by {user}")
        source.chmod(0o644)
        as_user(user, "cp", source, top / "inbox")
    wait_until(lambda: len(os.listdir(top / "other")) == 2, SOON, "both are filed")
    steps = {step.actor: step for step in _steps(library) if step.program == "cp"}
    assert {actor: step.imported for actor, step in steps.items()} == {f"uid:{OWNER}": 1, f"uid:{GUEST}": 1}
    with contextlib.closing(library.writer()) as writer:
        writer.undo_step(steps[f"uid:{GUEST}"].step)
    wait_until(lambda: os.listdir(top / "other") == ["letter"], SOON, "only the guest's is taken back")


def test_a_closed_inbox_takes_nothing_from_a_guest(at: Path, library: Library, mount: Mount) -> None:
    settings(library)
    top = mount("--allow-other", "--uid", str(OWNER), "--gid", str(OWNER), at=at).mountpoint
    said = as_user(GUEST, "touch", top / "inbox/file", fails=True)
    assert "ermission denied" in said
    as_user(OWNER, "cp", "/etc/hostname", top / "inbox/mine.txt")
    said = as_user(GUEST, "rm", "-f", top / "inbox/mine.txt", fails=True)
    assert "ermission denied" in said
    wait_until((top / "other/mine/mine.txt").exists, SOON, "it is filed")


# --- the control socket -----------------------------------------------------------------------------------------------

_ASK = """
import socket, sys
with socket.socket(fileno=int(sys.argv[1])) as connection:
    connection.connect(sys.argv[2])
    print(connection.recv(65536).decode())
"""


def test_the_control_socket_answers_its_owner_alone(library: Library, mount: Mount) -> None:
    top = mount().mountpoint
    address = ControlAddress.for_mount(library.root / "run", top)
    assert stat.S_IMODE(address.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(address.directory.stat().st_mode) == 0o700
    assert ask(address, "status")["mountpoint"] == str(top)
    with tempfile.TemporaryDirectory(prefix="offliniofs-control-") as folder:
        os.chmod(folder, 0o755)
        open_to_all = Path(folder, "socket")
        os.link(address.path, open_to_all)
        os.chmod(address.path, 0o666)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            line = ["setpriv", "--reuid", str(GUEST), "--regid", str(GUEST), "--clear-groups", "--", "/usr/bin/python3"]
            done = subprocess.run(
                [*line, "-I", "-S", "-c", _ASK, str(connection.fileno()), str(open_to_all)],
                pass_fds=[connection.fileno()],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
    assert f"User {GUEST} may not control this daemon." in done.stdout, done.stderr
    with pytest.raises(OfflinioError, match="Unknown control request"):
        ask(address, "explode")
