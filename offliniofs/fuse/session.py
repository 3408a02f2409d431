"""One session with the kernel: from its greeting until nothing is left of the mount.

Tasks. pyfuse3 runs its request tasks in a shielded scope: when the daemon is told to stop, requests under way are
answered, the folder is unmounted while it is still being served, and only then the tasks end. The background tasks
(invalidation, reading ahead, notes of what was opened) are cancelled at once.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Awaitable, Callable, Sequence

import pyfuse3
import trio

from offliniofs.domain.errors import MountError
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import Mounted, detach, raise_read_ahead, unmount
from offliniofs.fuse.unmounting import mount_users

logger = logging.getLogger(__name__)

_FINISH_SECONDS = 5.0
"""How long requests under way may take once the mount is gone."""


async def serve_requests(
    operations: pyfuse3.Operations,
    mounted: Mounted,
    background: Sequence[Callable[[], Awaitable[None]]],
    *,
    read_ahead_kib: int = 1024,
    task_status: trio.TaskStatus[Mounted] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serves ``mounted`` until it is unmounted by somebody or this is cancelled; leaves no mount behind.

    Reports started once the root lists through the kernel. Owns ``mounted.descriptor`` from here on. One mount a
    process: pyfuse3 keeps its session in the module. Raises :class:`MountError` when the root never lists.
    """
    failures: list[MountError] = []
    try:
        pyfuse3.init(operations, f"/dev/fd/{mounted.descriptor}", set())
    except BaseException:
        await trio.to_thread.run_sync(_leave_no_mount, mounted)
        raise
    try:
        async with trio.open_nursery() as nursery:
            over = trio.Event()
            scope = trio.CancelScope(shield=True)
            nursery.start_soon(_answer_requests, scope, over, failures)
            nursery.start_soon(_unmount_when_cancelled, mounted, scope, over)
            await _list_root(mounted, failures)
            if not failures:
                raise_read_ahead(mounted, read_ahead_kib)
                for task in background:
                    nursery.start_soon(task)
                gc.collect()
                gc.freeze()
                task_status.started(mounted)
                await over.wait()
            nursery.cancel_scope.cancel()
    finally:
        pyfuse3.close(unmount=False)
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(_leave_no_mount, mounted)
    if failures:
        raise failures[0]


async def _answer_requests(scope: trio.CancelScope, over: trio.Event, failures: list[MountError]) -> None:
    """Lets pyfuse3 serve. What it raises is a fault of this program, reported as one failure, not as a group."""
    try:
        with scope:
            await pyfuse3.main()
    except Exception as error:
        logger.exception("serving ended unexpectedly")
        failures.append(MountError(f"Serving the mount ended unexpectedly: {error}. The log says where."))
    finally:
        over.set()


async def _unmount_when_cancelled(mounted: Mounted, scope: trio.CancelScope, over: trio.Event) -> None:
    try:
        await over.wait()
    except trio.Cancelled:
        with trio.CancelScope(shield=True):
            if not over.is_set():
                await trio.to_thread.run_sync(_unmount_or_detach, mounted)
            scope.deadline = trio.current_time() + _FINISH_SECONDS
            pyfuse3.terminate()
        raise


async def _list_root(mounted: Mounted, failures: list[MountError]) -> None:
    """Lists the root through the kernel, as every client will."""
    try:
        await trio.to_thread.run_sync(os.listdir, mounted.mountpoint, abandon_on_cancel=True)
    except OSError as error:
        failures.append(MountError(f"{mounted.mountpoint} was mounted but cannot be listed: {error.strerror}."))


def _still_mounted(mounted: Mounted) -> bool:
    """Whether the mount in place is this one, and not one that somebody made there since."""
    entry = mounted_at(mounted.mountpoint)
    return entry is not None and entry.device == mounted.device


def _unmount_or_detach(mounted: Mounted) -> None:
    if not _still_mounted(mounted):
        return
    try:
        if unmount(mounted.mountpoint):
            return
        users = "; ".join(map(str, mount_users(mounted.mountpoint))) or "a process that cannot be seen"
        logger.warning("detaching a busy mount", extra={"mountpoint": str(mounted.mountpoint), "users": users})
        detach(mounted.mountpoint)
    except MountError as error:
        logger.error("cannot unmount", extra={"mountpoint": str(mounted.mountpoint), "reason": str(error)})


def _leave_no_mount(mounted: Mounted) -> None:
    """The session has ended, so a mount that is still there could only answer with errors."""
    try:
        if _still_mounted(mounted):
            detach(mounted.mountpoint)
    except MountError as error:
        logger.error("a dead mount remains", extra={"mountpoint": str(mounted.mountpoint), "reason": str(error)})
