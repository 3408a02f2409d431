"""The supervisor's states: a daemon serves, one takes over from another, none serves and one will be started."""

from __future__ import annotations

import contextlib
import math
import os
import select
import time

from offliniofs.app.notify import ServiceManager
from offliniofs.app.supervisor import channel as words
from offliniofs.app.supervisor.backoff import Backoff
from offliniofs.app.supervisor.channel import Channel, Message
from offliniofs.app.supervisor.children import Child, start
from offliniofs.app.supervisor.journal import Journal, StateFile
from offliniofs.app.supervisor.kept import forget, keep_plan
from offliniofs.app.supervisor.plan import Plan
from offliniofs.app.supervisor.replacement import Replacement
from offliniofs.app.supervisor.requests import Asked, Request, RequestSocket
from offliniofs.app.supervisor.signals import Signals
from offliniofs.app.supervisor.spare import Spare
from offliniofs.app.supervisor.system import is_being_restarted, unmount
from offliniofs.app.supervisor.watch import PING_SECONDS, Watch
from offliniofs.fuse.aborting import abort
from offliniofs.fuse.disconnection import is_disconnected

HAND_OVER_SECONDS = 10.0
STOP_SECONDS = 40.0
SUPERVISION = "OFFLINIOFS_SUPERVISION"
"""Environment variable that carries restarts, deaths and the last death over a mount that is made anew."""
_ASLEEP_SECONDS = 2 * PING_SECONDS
"""A supervisor that did not look at the clock for this long was not running."""


class Supervisor:
    """Runs until the mount has ended."""

    def __init__(self, plan: Plan, manager: ServiceManager) -> None:
        self._plan = plan
        self._manager = manager
        self._log = Journal(plan.log).write
        self._state = StateFile(plan.run, plan.name)
        self._requests = RequestSocket(plan.run, plan.name)
        self._backoff = Backoff(plan.tries, plan.deaths)
        limits = (PING_SECONDS, plan.hung_seconds / 2, math.inf if manager.watchdog is None else manager.watchdog / 3)
        self._watch = Watch(min(limits), plan.hung_seconds, self._log)
        self._unburied: list[Child] = []
        """Killed, but a thread of each waits in the kernel still."""
        self._spare = Spare()
        self._current: Child | None = None
        self._next: Child | None = None
        self._replacement = Replacement(self._log)
        self._start_at: float | None = None
        self._hand_over_by: float | None = None
        self._stop_by: float | None = None
        self._leaving = False
        """The service is restarted: what stays in the service manager's store is taken up again."""
        self._exit: int | None = None
        self._feed_at = 0.0 if manager.watchdog is not None else math.inf
        self._looked_at = time.monotonic()
        self._signals = Signals()

    def run(self) -> int:
        """Supervises; returns the exit status."""
        self._begin()
        while self._exit is None:
            self._wait()
        self._requests.close()
        return self._exit

    def _begin(self) -> None:
        plan = self._plan
        keep_plan(self._manager, plan)
        if not plan.adopted:
            self._start()
            return
        self._plan = plan._replace(adopted=0, channel=-1, answer=-1, served=True)
        channel = Channel.of_descriptor(plan.channel)
        if plan.answer >= 0:
            Asked.of_descriptor(plan.answer).answer(done=True, daemon=plan.adopted)
        try:
            self._current = Child(plan.adopted, channel, ready=True)
        except ProcessLookupError:
            channel.close()
            self._died("ended while its supervisor was replaced", 0.0)
            return
        self._current.ping()
        self._tell_state("serving")
        self._log("INFO", "took over", mountpoint=plan.mountpoint, daemon=plan.adopted)
        self._spare.prepare(self._plan)

    # --- waiting ------------------------------------------------------------------------------------------------------

    def _children(self) -> list[Child]:
        return [child for child in (self._current, self._next) if child is not None]

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._signals, select.POLLIN)
        if self._requests.fileno() >= 0:
            poll.register(self._requests.fileno(), select.POLLIN)
        for child in self._children():
            poll.register(child.channel, select.POLLIN)
            for descriptor in child.ends:
                poll.register(descriptor, select.POLLIN)
        if self._current is None and self._plan.fuse >= 0:
            poll.register(self._plan.fuse, 0)  # only whether it is unmounted
        patience = max(0.0, self._next_deadline() - time.monotonic())
        happened = {descriptor for descriptor, _ in poll.poll(patience * 1000)}
        if self._signals.fileno() in happened and self._signals.one_came():
            self._signalled()
        if self._requests.fileno() in happened:
            self._requested()
        for child in self._children():
            ended = not happened.isdisjoint(child.ends)
            self._hear(child)
            if ended:
                self._ended(child)
        if self._current is None and self._exit is None and self._unmounted():
            self._finish(0)
        self._look_at_clock()

    def _unmounted(self) -> bool:
        return self._plan.fuse >= 0 and is_disconnected(self._plan.fuse)

    def _next_deadline(self) -> float:
        deadlines = [at for at in (self._start_at, self._hand_over_by, self._stop_by) if at is not None]
        deadlines.append(self._feed_at)
        deadlines += [self._watch.deadline(child) for child in self._children()]
        return min(*deadlines, time.monotonic() + self._watch.interval)

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > _ASLEEP_SECONDS:  # it was stopped itself, and perhaps the daemon with it
            for child in self._children():
                child.asked = None
        self._looked_at = now
        if now >= self._feed_at:
            self._feed_at = now + self._watch.interval
            self._manager.tell("WATCHDOG=1", seconds=0)  # it may be busy: the next one is soon
        if self._start_at is not None and now >= self._start_at and self._current is None and self._exit is None:
            self._start_at = None
            self._start()
        current = self._current
        if current is not None and self._hand_over_by is not None and now >= self._hand_over_by:
            self._log("WARNING", "the daemon does not let go; killing it", daemon=current.pid)
            self._hand_over_by = None
            current.kill()
        if self._stop_by is not None and now >= self._stop_by:
            self._stop_by = now + STOP_SECONDS
            for child in self._children():
                child.kill()
        for child in self._children():
            self._watch.look(child, now)
        self._unburied = [child for child in self._unburied if not (child.bury() or child.is_buried)]

    # --- signals and requests -----------------------------------------------------------------------------------------

    def _signalled(self) -> None:
        if self._stop_by is not None:  # asked twice: at once
            self._stop_by = time.monotonic()
            return
        self._stop_by = time.monotonic() + STOP_SECONDS
        unit = os.environ.get("OFFLINIOFS_UNIT", "")
        self._leaving = self._plan.store_descriptors and bool(unit) and is_being_restarted(unit)
        self._log("INFO", "restarting" if self._leaving else "stopping", mountpoint=self._plan.mountpoint)
        if not self._leaving:
            self._manager.tell("STOPPING=1")
        if self._next is not None:
            self._next.kill()
        if self._current is not None:
            self._current.send_end(words.HAND_OVER if self._leaving else words.STOP)
        else:
            self._finish_without_daemon()

    def _finish_without_daemon(self) -> None:
        if not self._leaving:
            self._unmount()
        self._finish(0)

    def _unmount(self) -> None:
        unmount(self._plan.mountpoint, self._plan.device)

    def _requested(self) -> None:
        with contextlib.suppress(OSError):
            accepted = self._requests.accept()
            if accepted is not None:
                self._replace(*accepted)

    def _replace(self, request: Request, asked: Asked) -> None:
        refusal = self._why_not(str(request.get("kernel", "")))
        if refusal is not None:
            asked.answer(error=refusal)
            return
        begun = self._replacement.begin(self._plan, request, asked)
        if begun is not None:
            self._plan, self._next = begun

    def _why_not(self, kernel: str) -> str | None:
        if not self._plan.outlives:
            return "This mount cannot outlive its daemon. Unmount it and mount it anew."
        busy = self._next is not None or self._replacement.is_under_way or self._stop_by is not None
        if busy or self._current is None or not self._current.ready:
            return "The mount is being started, replaced or stopped just now. Try again."
        if kernel != self._plan.kernel:
            return "The store, --allow-other and --read-only are settled when a folder is mounted. Unmount it first."
        return None

    # --- daemons ------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        plan = self._plan
        if plan.fuse < 0:
            self._mount_anew()
        try:
            self._current = self._spare.take() or start(plan)
        except OSError as error:
            self._died(f"cannot be started: {error.strerror}", 0.0)
            return
        self._current.channel.send(words.GO, plan=self._plan.to_json())
        self._tell_state("starting")

    def _hear(self, child: Child) -> None:
        while True:
            try:
                message = child.channel.receive()
            except EOFError:
                return
            if message is None:
                return
            child.asked = None
            self._heard(child, message)

    def _heard(self, child: Child, message: Message) -> None:
        match message.get("word"):
            case words.PREPARED if child is self._next and self._current is not None:
                self._hand_over_by = time.monotonic() + HAND_OVER_SECONDS
                self._current.send_end(words.HAND_OVER)
            case words.READY:
                child.ready, child.ready_since = True, time.monotonic()
                self._serves(child)
            case words.ALIVE if child.sentinel is None:
                child.watch_thread(int(str(message.get("thread", 0))))
            case words.ENDED:
                child.ended_reason = str(message.get("reason"))
            case words.FAILED:
                child.failure = message

    def _serves(self, child: Child) -> None:
        self._plan = self._plan._replace(served=True)
        self._log("INFO", "serving", mountpoint=self._plan.mountpoint, daemon=child.pid, restarts=self._plan.restarts)
        self._tell_state("serving")
        self._manager.tell("READY=1", f"STATUS=Serving {self._plan.mountpoint}, restarted {self._plan.restarts} times")
        if self._plan.ready >= 0:
            with contextlib.suppress(OSError):
                os.write(self._plan.ready, b"ready\n")
            os.close(self._plan.ready)
            self._plan = self._plan._replace(ready=-1)
        if self._replacement.serves():
            self._spare.dismiss()
            self._replacement.become(self._plan, child, self._backoff.deaths, self._signals)
        self._spare.prepare(self._plan)

    def _ended(self, child: Child) -> None:
        self._hear(child)
        happened = child.reap()
        if not child.is_buried:
            self._unburied.append(child)
        if child is self._next:
            self._next = None
            self._plan = self._replacement.refuse(self._plan, child, happened)
            return
        self._current = None
        self._hand_over_by = None
        if self._leaving or child.ended_reason == "unmounted" or self._unmounted():
            self._finish(0)
        elif self._stop_by is not None or child.ended_reason == "stopped":
            self._finish_without_daemon()
        elif self._next is not None:
            if child.ended_reason is None:
                self._log("ERROR", "it died before it was replaced", daemon=child.pid, happened=happened)
            self._current, self._next = self._next, None
            self._current.channel.send(words.GO, plan=self._plan.to_json())
        elif self._replacement.is_under_way:
            self._plan = self._replacement.take_back(self._plan, child, happened)
            self._start()
        elif child.ended_reason is not None:  # it let go for one that is gone by now
            self._start()
        else:
            self._crashed(child, happened)

    def _crashed(self, child: Child, happened: str) -> None:
        if child.failure is not None:
            reason = str(child.failure.get("message"))
            if child.failure.get("mount_anew") and self._plan.outlives:
                self._end_failover(reason)
            elif not self._plan.served:
                self._fail_to_start(reason, child.failure.get("status"))
                return
            happened = f"could not serve: {reason}"
            if not child.ready:
                self._plan = self._replacement.insist() or self._plan
        self._died(happened, child.served_seconds)

    def _end_failover(self, reason: str) -> None:
        """libfuse cannot take this mount over: the folder is mounted anew, and open files are lost.

        One that has never been able to is not asked again (``--no-failover``); one that was upgraded only agrees on
        other things with the kernel than the one before.
        """
        self._log("WARNING", "the mount cannot outlive its daemon; mounting anew", reason=reason)
        plan = self._plan
        forget(self._manager, plan)
        remount = plan.remount
        if not plan.served:
            at = remount.index("mount") + 1
            remount = (*remount[:at], "--no-failover", *remount[at:])
        self._plan = plan._replace(outlives=False, store_descriptors=False, remount=remount)

    def _fail_to_start(self, reason: str, status: object) -> None:
        """It never served: whoever mounted is told why, and there is no mount."""
        self._unmount()
        if self._plan.ready >= 0:
            with contextlib.suppress(OSError):
                os.write(self._plan.ready, reason.encode())
        self._log("ERROR", "the mount was not started", mountpoint=self._plan.mountpoint, reason=reason)
        self._finish(status if isinstance(status, int) and status else 1)

    def _died(self, happened: str, served_seconds: float) -> None:
        pause = self._backoff.died(served_seconds)
        self._plan = self._plan._replace(
            restarts=self._plan.restarts + 1, deaths=self._backoff.deaths, last_death=happened
        )
        if pause is None:
            self._give_up(happened)
            return
        self._log("ERROR", "the daemon died; starting it again", happened=happened, in_seconds=pause)
        self._tell_state("restarting")
        if not self._plan.outlives:  # what was asked cannot be asked again: let clients have their error now
            abort(self._plan.device)
            os.close(self._plan.fuse)
            self._plan = self._plan._replace(fuse=-1)
        self._start_at = time.monotonic() + pause

    def _mount_anew(self) -> None:
        """Runs the command that made the mount, in this same process: it clears the dead one away."""
        environment = {**os.environ, SUPERVISION: self._plan.to_json()}
        self._requests.close()
        self._signals.pass_on()
        if self._plan.ready >= 0:
            os.set_inheritable(self._plan.ready, True)
        os.execve(self._plan.remount[0], self._plan.remount, environment)  # noqa: S606 - our own command line

    def _give_up(self, happened: str) -> None:
        """Leaves the mount answering ENOTCONN: an empty folder would make a media server forget the library."""
        if not self._plan.served:
            self._fail_to_start(happened, 1)
            return
        self._log(
            "CRITICAL", "the daemon dies again and again; giving up", mountpoint=self._plan.mountpoint, last=happened
        )
        self._manager.tell(f"STATUS=Gave up after {self._plan.tries} tries: {happened}")
        self._tell_state("given up")
        abort(self._plan.device)
        self._finish(1, keep_state=True)

    def _tell_state(self, state: str) -> None:
        plan = self._plan
        self._state.write(
            mountpoint=plan.mountpoint,
            state=state,
            daemon=None if self._current is None else self._current.pid,
            restarts=plan.restarts,
            deaths=self._backoff.deaths,
            last_death=plan.last_death,
            outlives_daemon=plan.outlives,
        )

    def _finish(self, status: int, *, keep_state: bool = False) -> None:
        self._exit = status
        self._spare.dismiss()
        if not self._leaving:
            forget(self._manager, self._plan)
            if not keep_state:
                self._state.remove()
