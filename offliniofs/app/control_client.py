"""The asking end of a daemon's control socket (``app/control.py``): what commands need, without a word of trio, which
takes longer to load than most of them take to run.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import blake3

from offliniofs.app.socket_path import short_path
from offliniofs.domain.errors import NotFoundError, OfflinioError

_MAX_ANSWER = 4 * 1024 * 1024
_ASKING_SECONDS = 5.0
_SUFFIX = ".sock"


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """The socket of one mount."""

    directory: Path
    name: str

    @classmethod
    def for_mount(cls, directory: Path, mountpoint: Path) -> ControlAddress:
        """The address of the daemon that serves ``mountpoint``; its name follows from the path alone."""
        return cls(directory, mount_name(mountpoint) + _SUFFIX)

    @property
    def path(self) -> Path:
        """Where the socket lies."""
        return self.directory / self.name

    def short_path(self) -> contextlib.AbstractContextManager[str]:
        """A path to the socket that fits into its address."""
        return short_path(self.directory, self.name)


def mount_name(mountpoint: Path) -> str:
    """What the files of one mount in ``<store>/run`` are called, without their endings."""
    return blake3.blake3(os.fsencode(mountpoint)).hexdigest(8)


def control_addresses(directory: Path) -> list[ControlAddress]:
    """Every socket that lies in ``directory``, of live daemons and of dead ones."""
    with contextlib.suppress(FileNotFoundError):
        return [ControlAddress(directory, name) for name in sorted(os.listdir(directory)) if name.endswith(_SUFFIX)]
    return []


def ask(address: ControlAddress, command: str, timeout: float = _ASKING_SECONDS) -> dict[str, object]:
    """Sends ``command`` and returns the answer; waits ``timeout`` seconds at most.

    Raises :class:`NotFoundError` when no daemon listens, :class:`OfflinioError` when it refuses or answers nonsense.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as connection:
        connection.settimeout(timeout)
        try:
            with address.short_path() as path:
                connection.connect(path)
            connection.sendall(json.dumps({"command": command}).encode() + b"\n")
            answer = _read_all(connection)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NotFoundError(f"No daemon listens on {address.path}; is the folder mounted?") from error
        except OSError as error:
            raise OfflinioError(f"The daemon behind {address.path} does not answer: {error}.") from error
    try:
        decoded = json.loads(answer)
    except ValueError as error:
        raise OfflinioError(f"The daemon behind {address.path} gave no readable answer.") from error
    if not isinstance(decoded, dict):
        raise OfflinioError(f"The daemon behind {address.path} gave no readable answer.")
    if "error" in decoded:
        raise OfflinioError(str(decoded["error"]))
    return decoded


def _read_all(connection: socket.socket) -> bytes:
    parts = bytearray()
    while chunk := connection.recv(65536):
        parts += chunk
        if len(parts) > _MAX_ANSWER:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    return bytes(parts)
