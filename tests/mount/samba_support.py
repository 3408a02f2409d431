"""A Samba server of the test's own on loopback, and ``smbclient`` as Windows would come.

The server is started with a configuration, ports, accounts and folders below the test's own; no service of the system
is touched. Needs root, as the server changes to the user who logs in.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.mount.support import END_SECONDS, READY_SECONDS, wait_until

_GLOBAL = """
[global]
    server role = standalone server
    bind interfaces only = yes
    interfaces = 127.0.0.1
    smb ports = {port}
    disable netbios = yes
    disable spoolss = yes
    load printers = no
    log file = {folder}/log
    max log size = 0
    pid directory = {folder}
    lock directory = {folder}
    state directory = {folder}
    cache directory = {folder}
    private dir = {folder}
    ncalrpc dir = {folder}/rpc
    passdb backend = smbpasswd:{folder}/smbpasswd
    username map = {folder}/users
    unix extensions = no
    ea support = yes
    store dos attributes = no
"""
_GUEST_GLOBAL = """
    map to guest = bad user
    guest account = root
"""
_SHARE = """
[library]
    path = {top}
    read only = no
    case sensitive = no
    preserve case = yes
    veto files = /.ignore/.plexignore/.nomedia/
    delete veto files = yes
"""
_GUEST_SHARE = """
    guest ok = yes
    guest only = yes
"""


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a running server, as one client sees it."""

    port: int
    top: Path
    local: Path
    """Where the client takes files from and puts them."""
    user: str = "nobody"
    password: str = ""
    """Empty: a guest."""

    def log_in(self, user: str) -> Share:
        """The same share for another client; the password is the name."""
        return replace(self, user=user, password=user)

    def run(self, *commands: str, fails: bool = False) -> str:
        """Commands of ``smbclient``; what it said."""
        account = f"{self.user}%{self.password}"
        line = ["smbclient", "//127.0.0.1/library", "--port", str(self.port), "--user", account]
        done = subprocess.run(
            [*line, "--command", "; ".join(commands)],
            cwd=self.local,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        said = done.stdout + done.stderr
        assert ("NT_STATUS_" in said or done.returncode != 0) is fails, said
        return said

    def names(self, folder: str) -> set[str]:
        """What a client sees in a folder."""
        lines = self.run(f'ls "{folder}\\*"').splitlines()
        found = {line[2:].rsplit("  ", 1)[0][:34].rstrip() for line in lines if line.startswith("  ")}
        return found - {".", ".."}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _add_account(configuration: Path, account: str, password: str) -> None:
    command = ["smbpasswd", "-c", str(configuration), "-L", "-a", "-s", account]
    text = f"{password}\n{password}\n"
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def share_of(top: Path, folder: Path, users: Mapping[str, str] | None = None) -> Iterator[Share]:
    """Serves ``top``, with what the server needs in a new ``folder``.

    ``users`` (Samba's name to the account of this machine) can log in; without any, guests can, as root.
    """
    private, local, port = folder / "samba", folder / "local", _free_port()
    private.mkdir(parents=True)
    local.mkdir()
    (private / "users").write_text("".join(f"{account} = {user}\n" for user, account in (users or {}).items()))
    text = _GLOBAL + _SHARE if users else _GLOBAL + _GUEST_GLOBAL + _SHARE + _GUEST_SHARE
    configuration = private / "smb.conf"
    configuration.write_text(text.format(port=port, folder=private, top=top))
    for user, account in (users or {}).items():
        _add_account(configuration, account, user)
    command = ["smbd", "--foreground", f"--configfile={configuration}"]
    with (private / "said").open("wb") as said:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=private)
    try:
        wait_until(lambda: _answers(port) or server.poll() is not None, READY_SECONDS, "the server listens")
        assert server.poll() is None, (private / "said").read_text()
        yield Share(port, top, local)
    finally:
        server.terminate()
        server.wait(END_SECONDS)
