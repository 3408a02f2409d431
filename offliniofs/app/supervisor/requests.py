"""The socket on which a supervisor is asked to replace its daemon (``offliniofs mount --replace``)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct

from offliniofs.app.socket_path import short_path

_CREDENTIALS = struct.Struct("3i")
_MAX_REQUEST = 256 * 1024
_REQUEST_SECONDS = 1.0

Request = dict[str, object]


class Asked:
    """A connection that waits for its answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """To be handed to the next version of the supervisor."""
        return self._connection.fileno()

    def answer(self, **told: object) -> None:
        """Answers and closes."""
        with self._connection, contextlib.suppress(OSError):
            self._connection.sendall(json.dumps(told).encode() + b"\n")

    @classmethod
    def of_descriptor(cls, descriptor: int) -> Asked:
        """A connection that an earlier version of the supervisor accepted."""
        connection = socket.socket(fileno=descriptor)
        connection.set_inheritable(False)
        return cls(connection)


class RequestSocket:
    """``<store>/run/<name>.supervisor``, mode 0600. Where it cannot be made there is none: the mount goes on."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._name = f"{name}.supervisor"
        self._path = os.path.join(folder, self._name)
        self._listener: socket.socket | None = None
        self._ours: os.stat_result | None = None
        with contextlib.suppress(OSError):
            self._listener = self._listen()

    def _listen(self) -> socket.socket:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        with short_path(self._folder, self._name) as path:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            before = os.umask(0o177)
            try:
                listener.bind(path)
                listener.listen(4)
                self._ours = os.stat(self._path)
            except BaseException:
                listener.close()
                raise
            finally:
                os.umask(before)
        return listener

    def fileno(self) -> int:
        """To wait for; -1 (which poll(2) leaves out) when there is no socket."""
        return -1 if self._listener is None else self._listener.fileno()

    def accept(self) -> tuple[Request, Asked] | None:
        """The request of whoever has connected; ``None`` for one that is not allowed or not understood."""
        if self._listener is None:
            return None
        connection, _ = self._listener.accept()
        connection.settimeout(_REQUEST_SECONDS)
        asked = Asked(connection)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, _ = _CREDENTIALS.unpack(credentials)
        if uid not in (0, os.getuid()):
            asked.answer(error=f"User {uid} may not control this mount.")
            return None
        try:
            request = json.loads(_read_line(connection))
        except (OSError, ValueError):
            request = None
        if isinstance(request, dict):
            return request, asked
        asked.answer(error="The request was not understood.")
        return None

    def close(self) -> None:
        """Stops listening and takes the socket away, unless another mount on this folder has put its own there."""
        if self._listener is None:
            return
        self._listener.close()
        self._listener = None
        with contextlib.suppress(OSError):
            if self._ours is not None and os.path.samestat(self._ours, os.stat(self._path)):
                os.unlink(self._path)


def _read_line(connection: socket.socket) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = connection.recv(65536)
        if not chunk or len(line) + len(chunk) > _MAX_REQUEST:
            raise ValueError("no line")
        line += chunk
    return bytes(line)


def ask_supervisor(folder: str, name: str, request: Request, seconds: float) -> Request:
    """Sends ``request`` and waits for the answer. Raises ``OSError`` when nobody listens or no answer comes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        with short_path(folder, f"{name}.supervisor") as path:
            connection.connect(path)
        connection.sendall(json.dumps(request).encode() + b"\n")
        try:
            answer = json.loads(_read_line(connection))
        except ValueError as error:
            raise ConnectionResetError("the supervisor gave no answer") from error
    return answer if isinstance(answer, dict) else {}
