"""``python -m offliniofs.app.supervisor MOUNTPOINT PLAN``: started by ``offliniofs mount``, not by hand."""

from __future__ import annotations

import os
import sys

from offliniofs.app.notify import ServiceManager
from offliniofs.app.supervisor.handed import take
from offliniofs.app.supervisor.plan import Plan
from offliniofs.app.supervisor.supervisor import Supervisor


def main() -> int:
    """Supervises the mount of the plan."""
    plan = Plan.from_json(take(int(sys.argv[2])))
    for descriptor in (plan.fuse, plan.memory, plan.channel, plan.ready, plan.answer):
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
    return Supervisor(plan, ServiceManager.from_environment()).run()


if __name__ == "__main__":
    sys.exit(main())
