"""A daemon that waits with everything loaded, so that a death costs clients a tenth of a second.

Most of a start is loading the program. The spare has done that, holds nothing open but its descriptors, and sleeps
until it is told to go. It is looked at only when it is needed, so it costs memory and nothing else.
"""

from __future__ import annotations

import time

from offliniofs.app.supervisor.children import Child, start
from offliniofs.app.supervisor.plan import Plan


class Spare:
    """At most one waiting daemon. When it cannot be started, or has died, there is none: a start takes longer then."""

    def __init__(self) -> None:
        self._child: Child | None = None

    def prepare(self, plan: Plan) -> None:
        """Starts one, in place of one that was started before."""
        self.dismiss()
        if not (plan.spare and plan.outlives):
            return
        try:
            self._child = start(plan, waits=True)
        except OSError:
            self._child = None

    def take(self) -> Child | None:
        """The one that waits, if it lives: to be told to go."""
        child, self._child = self._child, None
        if child is None:
            return None
        if child.is_gone:
            child.reap()
            return None
        child.started = child.pinged = time.monotonic()
        return child

    def dismiss(self) -> None:
        """It is not needed any more."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.reap()
