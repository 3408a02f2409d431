"""A restarted service takes its mount up again without loading more than a supervisor needs.

The service manager hands the descriptors of the mount, and the plan it was supervised by, to the next process of the
service. Where the command line and the settings are still the same there is nothing else to find out.
"""

from __future__ import annotations

import os
import sys

from offliniofs.app.notify import ServiceManager, passed_descriptors
from offliniofs.app.supervisor.handed import peek
from offliniofs.app.supervisor.plan import FUSE_NAME, MEMORY_NAME, PLAN_NAME, Plan, settings_stamp
from offliniofs.app.supervisor.supervisor import Supervisor
from offliniofs.app.supervisor.system import is_mounted
from offliniofs.fuse.disconnection import is_disconnected


def resume(arguments: list[str]) -> int | None:
    """Supervises the mount that the service manager kept; ``None`` when there is none that could be taken up as it is.

    ``arguments`` are those of this command line. Nothing was changed then, and the command goes its usual way.
    """
    passed = passed_descriptors()
    if not {FUSE_NAME, MEMORY_NAME, PLAN_NAME} <= passed.keys():
        return None
    fuse, memory = passed[FUSE_NAME], passed[MEMORY_NAME]
    try:
        kept = Plan.from_json(peek(passed[PLAN_NAME]))
    except ValueError:
        return None
    same = kept.arguments == tuple(arguments) and kept.stamp == settings_stamp(kept.settings)
    if not same or is_disconnected(fuse) or not is_mounted(kept.mountpoint, kept.device):
        return None
    os.close(passed[PLAN_NAME])
    plan = kept._replace(
        python=sys.executable, fuse=fuse, memory=memory, ready=-1, adopted=0, channel=-1, answer=-1, served=True
    )
    return Supervisor(plan, ServiceManager.from_environment()).run()
