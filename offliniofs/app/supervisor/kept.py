"""What the service manager keeps for the next process of the service: the mount's descriptors, and the plan."""

from __future__ import annotations

import os

from offliniofs.app.notify import ServiceManager
from offliniofs.app.supervisor.handed import hand
from offliniofs.app.supervisor.plan import FUSE_NAME, MEMORY_NAME, PLAN_NAME, Plan


def keep_plan(manager: ServiceManager, plan: Plan) -> None:
    """Leaves the plan there: a restarted service goes on by it."""
    if plan.store_descriptors:
        manager.drop(PLAN_NAME)
        handed = hand(plan.to_json())
        manager.keep(PLAN_NAME, handed)
        os.close(handed)


def forget(manager: ServiceManager, plan: Plan) -> None:
    """The mount has ended: nothing need be kept."""
    if plan.store_descriptors:
        for name in (FUSE_NAME, MEMORY_NAME, PLAN_NAME):
            manager.drop(name)
