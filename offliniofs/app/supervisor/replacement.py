"""One version of the program takes a mount over from another (``offliniofs mount --replace``)."""

from __future__ import annotations

import os
from collections.abc import Callable

from offliniofs.app.supervisor.children import Child, start
from offliniofs.app.supervisor.plan import Plan
from offliniofs.app.supervisor.requests import Asked, Request
from offliniofs.app.supervisor.signals import Signals, let_signals_come


class Replacement:
    """At most one is under way: from the request until the new version serves, or cannot and the old one goes on."""

    def __init__(self, log: Callable[..., None]) -> None:
        self._log = log
        self._asked: Asked | None = None
        self._before: Plan | None = None
        """What the new version's daemon was started instead of; ``None`` once it serves."""
        self._after: Plan | None = None
        """What was begun to take over and failed: it may have left a catalogue that only it understands."""

    @property
    def is_under_way(self) -> bool:
        """Whether a new version was started and does not serve yet."""
        return self._before is not None

    def begin(self, plan: Plan, request: Request, asked: Asked) -> tuple[Plan, Child] | None:
        """Starts a daemon of the version that is asked for: its plan, and itself. ``None``: it cannot be started."""
        python, daemon = (str(request.get(field, "")) for field in ("python", "daemon"))
        self._log("INFO", "replacing the daemon", mountpoint=plan.mountpoint, python=python)
        new = plan._replace(python=python, daemon=daemon, tries=int(str(request.get("tries", plan.tries))))
        try:
            child = start(new)
        except OSError as error:
            asked.answer(error=f"The new version cannot be started: {error.strerror}.")
            return None
        self._asked, self._before = asked, plan
        return new, child

    def serves(self) -> bool:
        """A daemon serves: whether that ends a replacement, and this process is to become the new version's, too."""
        self._after = None
        replaced, self._before = self.is_under_way, None
        return replaced

    def become(self, plan: Plan, child: Child, deaths: int, signals: Signals) -> None:
        """Runs the supervisor that belongs to the daemon which serves now, in this same process."""
        answer = -1 if self._asked is None else self._asked.fileno()
        plan = plan._replace(adopted=child.pid, channel=child.channel.fileno(), answer=answer, deaths=deaths)
        signals.pass_on()
        for descriptor in (plan.fuse, plan.memory, plan.channel, plan.answer):
            if descriptor >= 0:
                os.set_inheritable(descriptor, True)
        try:
            os.execv(plan.python, plan.command())  # noqa: S606 - the program that the owner of the mount named
        except OSError as error:  # gone since the daemon was started with it
            let_signals_come()
            self._log("WARNING", "the supervisor stays the old one", python=plan.python, reason=error.strerror)
            if self._asked is not None:
                self._asked.answer(done=True, daemon=child.pid)
                self._asked = None

    def refuse(self, plan: Plan, child: Child, happened: str) -> Plan:
        """The new version is not able to serve: the plan of the old one, which goes on or is started again."""
        if self._before is not None:
            plan, self._before = self._before._replace(ready=plan.ready), None
        reason = str(child.failure.get("message")) if child.failure else f"The new version {happened}."
        self._log("ERROR", "not replaced; the old version goes on", daemon=child.pid, reason=reason)
        if self._asked is not None:
            self._asked.answer(error=f"{reason} The old version goes on.")
            self._asked = None
        return plan

    def take_back(self, plan: Plan, child: Child, happened: str) -> Plan:
        """As :meth:`refuse`, once the old version's daemon has let go: that version has to start anew."""
        self._after = plan
        return self.refuse(plan, child, happened)

    def insist(self) -> Plan | None:
        """The old version cannot serve what the new one has left: the plan of that, if it was begun at all."""
        plan, self._after = self._after, None
        return plan
