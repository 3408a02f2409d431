"""systemd's notification protocol (sd_notify(3)): one datagram of ``KEY=value`` lines, and descriptors with it."""

from __future__ import annotations

import array
import contextlib
import os
import socket
from typing import NamedTuple

_FIRST_PASSED = 3
"""SD_LISTEN_FDS_START, sd_listen_fds(3)."""


class ServiceManager(NamedTuple):
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

    @property
    def keeps_descriptors(self) -> bool:
        """Whether it has a store for descriptors: systemd tells a service since version 254, our units for the rest."""
        return self.address is not None and os.environ.get("FDSTORE", "0") != "0"

    def tell(self, *lines: str, descriptor: int | None = None, seconds: float = 5.0) -> None:
        """Sends ``lines``, waiting for ``seconds`` at most while its queue is full (ten messages, unix(7)).

        Without a manager this does nothing; an unreachable one is not an error worth dying for.
        """
        if self.address is None:
            return
        # A leading @ stands for Linux's abstract namespace.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        passed = [] if descriptor is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
        with socket.socket(socket.AF_UNIX, kind) as channel, contextlib.suppress(OSError):
            channel.settimeout(seconds)
            channel.connect(address)
            channel.sendmsg(["\n".join(lines).encode()], passed)

    def keep(self, name: str, descriptor: int) -> None:
        """Gives it a copy of a descriptor, to be handed to the next process of the service."""
        self.tell("FDSTORE=1", f"FDNAME={name}", descriptor=descriptor)

    def drop(self, name: str) -> None:
        """It need not keep that any longer."""
        self.tell("FDSTOREREMOVE=1", f"FDNAME={name}")


def passed_descriptors() -> dict[str, int]:
    """The descriptors the service manager gave this process, by name (sd_listen_fds_with_names(3))."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = os.environ.get("LISTEN_FDS", "")
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    if not count.isdigit() or int(count) != len(names):
        return {}
    passed = dict(zip(names, range(_FIRST_PASSED, _FIRST_PASSED + len(names)), strict=True))
    for descriptor in passed.values():
        os.set_inheritable(descriptor, False)
    return passed
