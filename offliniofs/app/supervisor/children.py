"""A daemon as its supervisor sees it: a process, a channel, and since when it has been silent."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator

from offliniofs.app.supervisor.channel import PING, Channel, Message
from offliniofs.app.supervisor.handed import hand
from offliniofs.app.supervisor.plan import Plan

_MANAGER_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
"""Meant for the supervisor, which is the service."""

_ENDING_MILLISECONDS = 200
"""How long the threads of a process that was killed may take to end."""


class Child:
    """One daemon. Not necessarily a child: a supervisor that took another's place adopts what serves already."""

    def __init__(self, pid: int, channel: Channel, *, ready: bool = False) -> None:
        self.pid = pid
        self.channel = channel
        self.pidfd = os.pidfd_open(pid)
        self.ready = ready
        self.started = time.monotonic()
        self.ready_since = self.started
        self.pinged = self.started
        self.asked: float | None = None
        """When it was asked for the first sign of life that has not come yet."""
        self.ended_reason: str | None = None
        self.failure: Message | None = None
        self.abort_at: float | None = None

    @property
    def served_seconds(self) -> float:
        """How long it served."""
        return time.monotonic() - self.ready_since if self.ready else 0.0

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(0))

    @property
    def is_dead(self) -> bool:
        """Whether its main thread has ended; others may still wait in the kernel (state Z, proc_pid_stat(5))."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stream:
                return stream.read(4096).rpartition(b")")[2].split()[0] == b"Z"
        except (OSError, IndexError):
            return True

    def ping(self) -> None:
        """Asks for a sign of life."""
        self.pinged = time.monotonic()
        if self.asked is None:
            self.asked = self.pinged
        self.channel.send(PING)

    def send_end(self, word: str) -> None:
        """Tells it to end: ``hand-over`` or ``stop``. A stopped process could not hear that, so it is woken."""
        self.channel.send(word)
        self.kill(signal.SIGCONT)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends a signal."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def _cannot_end(self) -> bool:
        """Whether a thread of it goes on waiting in the kernel although its main thread has ended."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return self.is_dead and not poll.poll(_ENDING_MILLISECONDS)

    def reap(self) -> str:
        """What became of a process that has ended, in words; gives its descriptors back."""
        told = "ended"
        with contextlib.suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, os.WNOHANG if self._cannot_end() else 0)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                told = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        os.close(self.pidfd)
        self.channel.close()
        return told


def start(plan: Plan, *, waits: bool = False) -> Child:
    """Starts a daemon in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor.

    It is told its assignment and its descriptors: the kernel's, the memory's (-1: none) and its end of the channel.
    One that ``waits`` opens nothing before it is told to go. Raises ``OSError``.
    """
    ours, theirs = Channel.pair()
    assignment = hand(plan.daemon)
    numbers = (assignment, plan.fuse, plan.memory, theirs.fileno())
    environment = {name: value for name, value in os.environ.items() if name not in _MANAGER_VARIABLES}
    arguments = [plan.python, "-P", "-m", "offliniofs.app.generation", plan.mountpoint, *map(str, numbers)]
    arguments += ["wait"] if waits else []
    signals = [signal.SIGTERM, signal.SIGINT]
    try:
        with theirs, _inheritable([number for number in numbers if number >= 0]):
            pid = os.posix_spawn(plan.python, arguments, environment, setsid=True, setsigmask=[], setsigdef=signals)
    except OSError:
        ours.close()
        raise
    finally:
        os.close(assignment)
    return Child(pid, ours)


@contextlib.contextmanager
def _inheritable(descriptors: list[int]) -> Iterator[None]:
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
