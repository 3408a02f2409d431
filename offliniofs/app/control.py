"""The control socket: how another process asks a running daemon something.

One socket a mount in ``<store>/run/``, mode 0600; the peer's credentials are checked as well (SO_PEERCRED, unix(7)). A
request and its answer are one line of JSON each. Who asks uses ``app/control_client.py``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import trio

from offliniofs.app.control_client import ControlAddress
from offliniofs.domain.errors import OfflinioError, UsageError

Handler = Callable[[], Awaitable[Mapping[str, object]]]

_MAX_REQUEST = 4096
_REQUEST_SECONDS = 5.0
_CREDENTIALS = struct.Struct("3i")

logger = logging.getLogger(__name__)


async def serve_control(
    address: ControlAddress,
    handlers: Mapping[str, Handler],
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answers requests until cancelled; removes the socket at the end.

    The caller's mount is in place, so a socket that lies there already belongs to a daemon that has lost the folder.
    """
    address.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    address.path.unlink(missing_ok=True)
    with trio.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as listener:
        with address.short_path() as path:
            await listener.bind(path)
        os.chmod(address.path, 0o600)
        ours = os.stat(address.path)
        listener.listen(16)
        try:
            async with trio.open_nursery() as nursery:
                task_status.started()
                while True:
                    connection, _ = await listener.accept()
                    nursery.start_soon(_answer, connection, handlers)
        finally:
            _remove(address.path, ours)


def _remove(path: Path, ours: os.stat_result) -> None:
    """Removes the socket, unless the next daemon of this mount has put its own there already."""
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(ours, os.stat(path)):
            path.unlink()


async def _answer(connection: trio.socket.SocketType, handlers: Mapping[str, Handler]) -> None:
    with connection, trio.move_on_after(_REQUEST_SECONDS):
        try:
            answer = await _dispatch(connection, handlers)
        except OfflinioError as error:
            answer = {"error": str(error)}
        except OSError as error:
            logger.debug("control request broke off", extra={"reason": str(error)})
            return
        except Exception:
            # A request must never end the mount that it asks about.
            logger.exception("control request failed")
            answer = {"error": "The daemon failed to answer; its log says why."}
        with contextlib.suppress(OSError):
            await trio.SocketStream(connection).send_all(json.dumps(answer).encode() + b"\n")


async def _dispatch(connection: trio.socket.SocketType, handlers: Mapping[str, Handler]) -> Mapping[str, object]:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, peer_uid, _ = _CREDENTIALS.unpack(credentials)
    if peer_uid not in (0, os.getuid()):
        raise UsageError(f"User {peer_uid} may not control this daemon.")
    line = bytearray()
    while b"\n" not in line:
        chunk = await connection.recv(_MAX_REQUEST)
        if not chunk or len(line) + len(chunk) > _MAX_REQUEST:
            raise UsageError("A control request is one line of JSON of at most 4096 bytes.")
        line += chunk
    try:
        command = json.loads(line)["command"]
        handler = handlers[command]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"Unknown control request; known commands: {', '.join(sorted(handlers))}.") from error
    return await handler()
