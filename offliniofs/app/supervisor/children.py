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
        self.sentinel: int | None = None
        self.is_buried = False
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
    def ends(self) -> list[int]:
        """Descriptors of which one is readable when nothing of it runs any more."""
        return [self.pidfd] if self.sentinel is None else [self.pidfd, self.sentinel]

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it runs any more."""
        poll = select.poll()
        for descriptor in self.ends:
            poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def watch_thread(self, thread: int) -> None:
        """From now on also tells when that thread of it has ended (PIDFD_THREAD, Linux 6.9).

        The daemon has one that never ends by itself. The process as a whole may end much later: one that was killed
        while a thread of it waited in the kernel for a client, which itself waits for an answer of the mount, ends only
        when the next daemon has answered.
        """
        try:
            self.sentinel = os.pidfd_open(thread, os.O_EXCL)
        except OSError:  # an older kernel, or it has ended already, which the whole process tells
            self.sentinel = None

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

    def reap(self) -> str:
        """What became of one that has ended, in words; gives its descriptors back.

        A thread of it that waits in the kernel, for a disk or for the mount itself, keeps the rest of it: that is not
        waited for, see :meth:`bury`.
        """
        told = "ended"
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        if poll.poll(_ENDING_MILLISECONDS):
            status = self.bury()
            if status is not None:
                code = os.waitstatus_to_exitcode(status)
                told = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        for descriptor in self.ends:
            os.close(descriptor)
        self.channel.close()
        return told

    def bury(self) -> int | None:
        """Takes a process that has ended wholly out of the system's table; its wait status, if it was our child."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            self.is_buried = True
            return None
        self.is_buried = pid != 0
        return status if self.is_buried else None


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
