"""The signals that end a supervisor, as something to wait for.

They stay blocked from before a mount is made until they can be waited for, also while the process becomes another
program (a blocked signal stays pending over exec(2)): one that came in between would leave a mount that nobody serves.
"""

from __future__ import annotations

import os
import signal
import socket

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def hold_signals() -> None:
    """Lets them wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


def let_signals_come() -> None:
    """Delivers those that waited, and all later ones."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


class Signals:
    """From when this is made the signals are read from here."""

    def __init__(self) -> None:
        self._ours, self._wake = socket.socketpair()
        self._ours.setblocking(False)
        self._wake.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno())
        for number in _ENDING:
            signal.signal(number, lambda *_: None)
        let_signals_come()

    def fileno(self) -> int:
        """To wait for."""
        return self._ours.fileno()

    def one_came(self) -> bool:
        """Whether at least one came; they are forgotten then."""
        try:
            return bool(set(_ENDING) & set(self._ours.recv(64)))
        except BlockingIOError:
            return False

    def pass_on(self) -> None:
        """Before the process becomes another program: holds the signals, and with them one that has come already."""
        hold_signals()
        if self.one_came():
            os.kill(os.getpid(), signal.SIGTERM)
