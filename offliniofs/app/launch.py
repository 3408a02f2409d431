"""From the command ``mount`` to a supervisor: makes or takes up a mount, then becomes what supervises it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from offliniofs.app.assignment import Assignment
from offliniofs.app.config import Settings
from offliniofs.app.control_client import mount_name
from offliniofs.app.layout import StoreLayout
from offliniofs.app.notify import ServiceManager, passed_descriptors
from offliniofs.app.supervised import end_the_dead
from offliniofs.app.supervisor.plan import FUSE_NAME, MEMORY_NAME, Plan, settings_stamp
from offliniofs.app.supervisor.requests import ask_supervisor
from offliniofs.app.supervisor.signals import hold_signals, let_signals_come
from offliniofs.app.supervisor.supervisor import SUPERVISION
from offliniofs.domain.errors import MountError
from offliniofs.fuse.disconnection import is_disconnected
from offliniofs.fuse.init_request import parse_greeting, read_greeting
from offliniofs.fuse.mount_table import canonical, is_stale, mounted_at
from offliniofs.fuse.mounting import Mounted, detach, mount
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.session_memory import SessionMemory, make_session_memory

logger = logging.getLogger(__name__)

_REPLACE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Launch:
    """One ``offliniofs mount``. ``ready`` is a descriptor to be told when the root lists; ``remount`` the command line
    that does the same again."""

    layout: StoreLayout
    settings: Settings
    options: MountOptions
    log_to_file: bool
    ready: int | None
    remount: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A mount to be supervised, and its memory's descriptor (``None``: it has none)."""

    mounted: Mounted
    memory: int | None
    outlives: bool
    served: bool = False


def become_supervisor(launch: Launch) -> NoReturn:
    """Mounts and goes on as the supervisor, in this same process. Raises :class:`MountError`."""
    hold_signals()
    try:
        _become_supervisor(launch)
    finally:
        let_signals_come()


def _become_supervisor(launch: Launch) -> NoReturn:
    manager = ServiceManager.from_environment()
    taken = _from_service_manager(launch.options, manager) or _make(launch)
    keep = manager.keeps_descriptors and taken.outlives and taken.memory is not None
    if keep and taken.memory is not None:
        manager.keep(FUSE_NAME, taken.mounted.descriptor)
        manager.keep(MEMORY_NAME, taken.memory)
    plan = _plan(launch, taken, store_descriptors=keep)
    for descriptor in (plan.fuse, plan.memory, plan.ready):
        if descriptor >= 0:
            os.set_inheritable(descriptor, True)
    launch.layout.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.execv(plan.python, plan.command())  # noqa: S606 - this very program


def _plan(launch: Launch, taken: _Taken, *, store_descriptors: bool) -> Plan:
    carried = os.environ.pop(SUPERVISION, None)
    before = Plan.from_json(carried) if carried else None
    assignment = Assignment(launch.options, taken.mounted.device, launch.log_to_file)
    mountpoint = taken.mounted.mountpoint
    return Plan(
        mountpoint=os.fspath(mountpoint),
        run=os.fspath(launch.layout.run),
        name=mount_name(mountpoint),
        python=sys.executable,
        daemon=assignment.to_json(),
        remount=tuple(launch.remount),
        fuse=taken.mounted.descriptor,
        memory=-1 if taken.memory is None else taken.memory,
        outlives=taken.outlives,
        log=os.fspath(launch.layout.log) if launch.log_to_file else "",
        kernel=launch.options.kernel_options(),
        tries=launch.settings.restart_tries,
        hung_seconds=float(launch.settings.hung_seconds),
        arguments=tuple(sys.argv[1:]),
        settings=os.fspath(launch.layout.configuration),
        stamp=settings_stamp(os.fspath(launch.layout.configuration)),
        spare=launch.settings.standby,
        ready=launch.ready if launch.ready is not None else before.ready if before else -1,
        store_descriptors=store_descriptors,
        served=taken.served or bool(before and before.served),
        restarts=before.restarts if before else 0,
        deaths=before.deaths if before else 0,
        last_death=before.last_death if before else "",
    )


def _from_service_manager(options: MountOptions, manager: ServiceManager) -> _Taken | None:
    """The mount that an earlier process of this service left with the service manager, if it still stands."""
    passed = passed_descriptors()
    fuse, memory = passed.get(FUSE_NAME), passed.get(MEMORY_NAME)
    if fuse is not None and memory is not None:
        mountpoint = canonical(options.mountpoint)
        entry = mounted_at(mountpoint)
        if entry is not None and entry.is_ours and not is_disconnected(fuse) and _same_agreement(memory, options):
            logger.info("taking up the mount of the daemon before", extra={"mountpoint": str(mountpoint)})
            return _Taken(Mounted(mountpoint, fuse, entry.device), memory, outlives=True, served=True)
    for name in passed:
        manager.drop(name)
    for descriptor in passed.values():
        os.close(descriptor)
    return None


def _same_agreement(memory: int, options: MountOptions) -> bool:
    """Whether the mount was made with the same options for the kernel."""
    try:
        kept = SessionMemory(memory)
    except ValueError:
        return False
    with contextlib.closing(kept):
        return kept.agreement == options.kernel_options()


def _make(launch: Launch) -> _Taken:
    end_the_dead(launch.layout.run, canonical(launch.options.mountpoint))
    with _alone(launch.options.mountpoint):
        mounted = mount(launch.options)
    try:
        if not launch.settings.failover:
            return _Taken(mounted, None, outlives=False)
        return _with_memory(mounted, launch.options)
    except BaseException:
        os.close(mounted.descriptor)
        detach(mounted.mountpoint)
        raise


def _with_memory(mounted: Mounted, options: MountOptions) -> _Taken:
    request = read_greeting(mounted.descriptor)
    greeting = parse_greeting(request)
    memory = make_session_memory()
    with contextlib.closing(SessionMemory(memory)) as kept:
        kept.request = request
        kept.agreement = options.kernel_options()
    if not greeting.can_resend:
        logger.warning(
            "this kernel cannot ask a new daemon what it asked the old one (Linux 6.9 can): should the daemon die, "
            "the folder is mounted anew and open files are lost",
            extra={"protocol": f"{greeting.major}.{greeting.minor}"},
        )
    return _Taken(mounted, memory, outlives=greeting.can_resend)


@contextlib.contextmanager
def _alone(mountpoint: Path) -> Iterator[None]:
    """Keeps others from mounting on the same folder at the same time; one mount would hide the other.

    The lock is on the folder below the mount, and given back as soon as the mount can be seen.
    """
    try:
        descriptor = os.open(mountpoint, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield  # what is wrong with the folder is told by who mounts: a dead mount, no folder, no permission
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise MountError(f"Somebody else is mounting on {mountpoint} just now. Try again.") from None
    try:
        yield
    finally:
        os.close(descriptor)


def replace_daemon(layout: StoreLayout, settings: Settings, options: MountOptions, *, log_to_file: bool) -> bool:
    """Lets this version take over the mount at ``options.mountpoint``; False when there is none that lives.

    Returns when it serves. Raises :class:`MountError` with the reason when the old version goes on.
    """
    mountpoint = canonical(options.mountpoint)
    entry = mounted_at(mountpoint)
    if entry is None or not entry.is_ours or is_stale(mountpoint):
        return False
    assignment = Assignment(options, entry.device, log_to_file, may_migrate=True)
    request: dict[str, object] = {
        "command": "replace",
        "python": sys.executable,
        "daemon": assignment.to_json(),
        "kernel": options.kernel_options(),
        "tries": settings.restart_tries,
    }
    try:
        answer = ask_supervisor(os.fspath(layout.run), mount_name(mountpoint), request, _REPLACE_SECONDS)
    except OSError as error:
        raise MountError(
            f"The supervisor of {mountpoint} does not answer ({error.strerror or error}). "
            f"Unmount the folder and mount it anew: offliniofs umount {mountpoint}"
        ) from error
    if "error" in answer:
        raise MountError(f"{mountpoint} was not replaced. {answer['error']}")
    return True
