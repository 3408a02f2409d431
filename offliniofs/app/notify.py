"""systemd's notification protocol (sd_notify(3)): one datagram of ``KEY=value`` lines."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager that started this process, if one did.

    ``address`` is ``NOTIFY_SOCKET``; ``watchdog`` the seconds within which it wants to hear ``WATCHDOG=1``.
    """

    address: str | None
    watchdog: float | None

    @classmethod
    def from_environment(cls) -> ServiceManager:
        """Reads ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` (sd_watchdog_enabled(3))."""
        microseconds = os.environ.get("WATCHDOG_USEC", "")
        ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog = int(microseconds) / 1e6 if microseconds.isdigit() and ours and int(microseconds) > 0 else None
        return cls(os.environ.get("NOTIFY_SOCKET") or None, watchdog)

    def tell(self, *lines: str) -> None:
        """Sends ``lines``. Without a manager this does nothing; an unreachable one is not an error worth dying for."""
        if self.address is None:
            return
        # A leading @ stands for Linux's abstract namespace.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.connect(address)
                channel.sendall("\n".join(lines).encode())
            except OSError:
                return
