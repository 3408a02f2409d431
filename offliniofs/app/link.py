"""The daemon's end of the channel to its supervisor."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import threading
from dataclasses import dataclass

import trio

from offliniofs.app.supervisor import channel as words
from offliniofs.app.supervisor.channel import Channel, Message
from offliniofs.app.supervisor.plan import Plan
from offliniofs.domain.errors import OfflinioError

logger = logging.getLogger(__name__)

_LASTING_SECONDS = 10.0
"""A supervisor that we started and that lived for this long was in order."""
_LONGEST_PAUSE = 60.0


class SupervisorGoneError(OfflinioError):
    """There is nobody left to say when to serve."""


@dataclass(frozen=True, slots=True)
class Supervision:
    """The mount's past: how often its daemon was started again, and what the last one died of (empty: none died)."""

    restarts: int = 0
    last_death: str = ""


class SupervisorLink:
    """Listens to the supervisor and tells it how things stand."""

    def __init__(self, channel: Channel, fuse: int, memory: int) -> None:
        self._channel = channel
        self._fuse = fuse
        self._memory = memory
        self._sentinel = _sentinel()
        self._say_alive()
        self._go = trio.Event()
        self._plan: Plan | None = None
        self._successor: subprocess.Popen[bytes] | None = None
        self._started_at = -math.inf
        self._pause_seconds = 0.0
        self.hand_over = trio.Event()
        """Set when another daemon waits to serve the mount."""
        self.stop = trio.Event()
        """Set when the mount shall be taken away."""

    async def listen(self) -> None:
        """Follows what the supervisor says, until cancelled. When it has died another is started in its place."""
        while True:
            await trio.lowlevel.wait_readable(self._channel)
            try:
                message = self._channel.receive()
            except EOFError:
                await self._after_its_death()
                continue
            if message is not None:
                self._heard(message)

    def _heard(self, message: Message) -> None:
        match message.get("word"):
            case words.PING:
                self._say_alive()
            case words.GO:
                self._plan = Plan.from_json(str(message["plan"]))
                self._go.set()
            case words.HAND_OVER:
                self.hand_over.set()
            case words.STOP:
                self.stop.set()

    def _say_alive(self) -> None:
        self._channel.send(words.ALIVE, thread=self._sentinel)

    async def may_begin(self) -> None:
        """Says that everything is prepared and waits until the daemon before has let go of the mount."""
        self._channel.send(words.PREPARED)
        await self._go.wait()

    @property
    def supervision(self) -> Supervision:
        """The mount's past, as far as this daemon was told."""
        plan = self._plan
        return Supervision() if plan is None else Supervision(plan.restarts, plan.last_death)

    def ready(self) -> None:
        """The root lists."""
        self._channel.send(words.READY)

    def ended(self, reason: str) -> None:
        """The session is over."""
        self._channel.send(words.ENDED, reason=reason)

    def failed(self, message: str, status: int, *, mount_anew: bool = False) -> None:
        """This daemon cannot serve. ``mount_anew``: this mount, that is; it could serve another."""
        self._channel.send(words.FAILED, message=message, status=status, mount_anew=mount_anew)

    async def _after_its_death(self) -> None:
        """A mount without a supervisor works, but would not outlive this daemon."""
        self._channel.close()
        plan = self._plan
        if plan is None:
            raise SupervisorGoneError("The supervisor ended before this daemon was needed.")
        if plan.store_descriptors or not plan.outlives:
            # The service manager ends this process too and starts the service again; or nothing could be kept anyway.
            logger.error("the supervisor has died", extra={"restart_by": "the service manager"})
            await trio.sleep_forever()
        await self._bury()
        logger.error("the supervisor has died; starting another", extra={"in_seconds": self._pause_seconds})
        await trio.sleep(self._pause_seconds)
        self._channel, theirs = Channel.pair()
        with theirs:
            adopting = plan._replace(
                fuse=self._fuse,
                memory=self._memory,
                channel=theirs.fileno(),
                adopted=os.getpid(),
                ready=-1,
                answer=-1,
            )
            try:
                self._successor = await trio.to_thread.run_sync(_start_supervisor, adopting)
            except OSError as error:  # no memory, no process to be had: the closed channel makes us try again
                logger.error("no supervisor can be started", extra={"reason": error.strerror})

    async def _bury(self) -> None:
        """Takes note of the end of a supervisor that we started. One that came to nothing is not replaced at once."""
        if self._successor is not None:
            await trio.to_thread.run_sync(self._successor.wait)
            self._successor = None
        now = trio.current_time()
        lasted = now - self._started_at
        self._pause_seconds = 0.0 if lasted > _LASTING_SECONDS else min(_LONGEST_PAUSE, 2 * self._pause_seconds + 0.1)
        self._started_at = now + self._pause_seconds


def _sentinel() -> int:
    """Starts a thread that ends only with this process; its number for the system."""
    thread = threading.Thread(target=threading.Event().wait, name="sentinel", daemon=True)
    thread.start()
    return thread.native_id or 0


def _start_supervisor(plan: Plan) -> subprocess.Popen[bytes]:
    command = plan.command()
    handed = int(command[-1])
    try:
        return subprocess.Popen(
            command,
            pass_fds=[plan.fuse, plan.memory, plan.channel, handed],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(handed)
