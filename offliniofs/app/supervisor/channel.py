"""What supervisor and daemon say to each other: one JSON object a packet, over a socket pair that only they hold.

From the supervisor: ``ping``, ``go`` (serve: the daemon before has ended), ``hand-over`` (finish what was asked, then
end without unmounting), ``stop`` (unmount and end). From the daemon: ``alive`` (once at the beginning and to every
``ping``; with the ``thread`` that ends only with the process), ``prepared`` (waits for ``go``), ``ready`` (the root
lists), ``ended`` with a ``reason``, ``failed`` with ``message`` and ``status``.
"""

from __future__ import annotations

import json
import socket

_MAX_PACKET = 64 * 1024

PING = "ping"
GO = "go"
HAND_OVER = "hand-over"
STOP = "stop"
ALIVE = "alive"
PREPARED = "prepared"
READY = "ready"
ENDED = "ended"
FAILED = "failed"

Message = dict[str, object]


class Channel:
    """One end. Sending never waits and never fails: a peer that is gone is noticed by :meth:`receive`."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection

    @classmethod
    def pair(cls) -> tuple[Channel, socket.socket]:
        """Our end, and the other one as it is to be inherited."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(ours), theirs

    @classmethod
    def of_descriptor(cls, descriptor: int) -> Channel:
        """The end that was inherited as ``descriptor``."""
        connection = socket.socket(fileno=descriptor)
        connection.set_inheritable(False)
        return cls(connection)

    def fileno(self) -> int:
        """To wait for."""
        return self._connection.fileno()

    def send(self, word: str, **details: object) -> None:
        """Says ``word``. A peer that does not listen has 64 KiB of time to catch up, then misses it."""
        try:
            self._connection.send(json.dumps({"word": word, **details}).encode()[:_MAX_PACKET])
        except OSError:
            return

    def receive(self) -> Message | None:
        """The next message, ``None`` when there is none now. Raises ``EOFError`` when the other end is closed."""
        try:
            packet = self._connection.recv(_MAX_PACKET)
        except BlockingIOError:
            return None
        except OSError as error:
            raise EOFError from error
        if not packet:
            raise EOFError
        try:
            message = json.loads(packet)
        except ValueError:
            return {}
        return message if isinstance(message, dict) else {}

    def close(self) -> None:
        """Closes this end."""
        self._connection.close()
