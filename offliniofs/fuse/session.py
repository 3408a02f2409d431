"""One session with the kernel: from its greeting until the mount is gone, or another daemon takes it over.

Tasks. pyfuse3 runs its request tasks in a shielded scope: when the daemon is told to stop, requests under way are
answered, the folder is unmounted while it is still being served, and only then the tasks end. The background tasks
(invalidation, reading ahead, notes of what was opened) are cancelled at once.
"""

from __future__ import annotations

import enum
import gc
import logging
import os
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyfuse3
import trio

from offliniofs.domain.errors import MountError
from offliniofs.fuse.disconnection import is_disconnected
from offliniofs.fuse.greeting import ask_again, greet, take_place
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import Mounted, detach, raise_read_ahead, unmount
from offliniofs.fuse.prompting import prompt_requests
from offliniofs.fuse.session_memory import SessionMemory
from offliniofs.fuse.unmounting import mount_users

logger = logging.getLogger(__name__)

_FINISH_SECONDS = 5.0
"""How long requests under way may take once the mount is gone, or is to be handed over."""
_MOST_REQUESTS = 1000
"""How many may wait at once, for a disk or a search, before others have to. One that waits costs about 9 KB."""
_END_AGAIN_SECONDS = 0.01


class Ending(enum.Enum):
    """How a session ended."""

    UNMOUNTED = "unmounted"
    """Somebody unmounted the folder."""
    STOPPED = "stopped"
    """It was cancelled, and has unmounted the folder."""
    HANDED_OVER = "handed over"
    """The mount stands and another daemon may serve it: what had been asked was answered."""


async def _at_once() -> None:
    await trio.lowlevel.checkpoint()


@dataclass(frozen=True, slots=True)
class Session:
    """A mount to be served. ``memory`` is ``None`` when it shall not outlive its daemon."""

    mounted: Mounted
    memory: SessionMemory | None = None
    may_begin: Callable[[], Awaitable[None]] = _at_once
    """Waited for when everything is ready: until the daemon before has let go of the mount."""
    hand_over: trio.Event = field(default_factory=trio.Event)
    """Set by whoever wants this daemon to let go of the mount without unmounting."""


async def serve_requests(
    operations: pyfuse3.Operations,
    session: Session,
    resume: Callable[[], Awaitable[None]],
    background: Sequence[Callable[[], Awaitable[None]]],
    *,
    close_together: Callable[[], None],
    far_apart: Callable[[], None],
    read_ahead_kib: int = 1024,
    task_status: trio.TaskStatus[Mounted] = trio.TASK_STATUS_IGNORED,
) -> Ending:
    """Serves the mount until it is unmounted by somebody, is to be handed over, or this is cancelled.

    ``resume`` is called between the end of the daemon before and the first request; ``close_together`` and
    ``far_apart`` as in :func:`prompt_requests`. Reports started once the root lists through the kernel. A mount that is
    stopped is gone afterwards; one that fails stays, for the next daemon. One mount a process: pyfuse3 keeps its
    session in the module. Raises :class:`MountError` when the root never lists.
    """
    with prompt_requests(close_together, far_apart):
        number = await _begin(operations, session, resume)
        serving = _Serving(session, number)
        try:
            await serving.run(background, read_ahead_kib, task_status)
        finally:
            pyfuse3.close(unmount=False)
    if serving.failures:
        raise serving.failures[0]
    return serving.ending


async def _begin(operations: pyfuse3.Operations, session: Session, resume: Callable[[], Awaitable[None]]) -> int:
    """Makes libfuse ready and, once that may be, the kernel's; the descriptor requests are read from."""
    descriptor = session.mounted.descriptor
    if session.memory is None:
        pyfuse3.init(operations, f"/dev/fd/{descriptor}", set())
        await session.may_begin()
        await resume()
        return descriptor
    number = await greet(operations, descriptor, session.memory)
    await session.may_begin()
    await resume()
    take_place(descriptor, number)
    ask_again(number)
    return number


class _Serving:
    """The tasks of one session and what they tell each other."""

    def __init__(self, session: Session, number: int) -> None:
        self._mounted = session.mounted
        self._hand_over = session.hand_over
        self._number = number
        self._over = trio.Event()
        self._scope = trio.CancelScope(shield=True)
        self.failures: list[MountError] = []
        self.ending = Ending.UNMOUNTED

    async def run(
        self,
        background: Sequence[Callable[[], Awaitable[None]]],
        read_ahead_kib: int,
        task_status: trio.TaskStatus[Mounted],
    ) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._answer_requests)
            nursery.start_soon(self._unmount_when_cancelled)
            nursery.start_soon(self._let_go_when_asked)
            await self._list_root()
            if not self.failures and not self._over.is_set():
                raise_read_ahead(self._mounted, read_ahead_kib)
                for task in background:
                    nursery.start_soon(task)
                gc.collect()
                gc.freeze()
                task_status.started(self._mounted)
                await self._over.wait()
            elif not self._over.is_set():
                await self._end_loop()
            nursery.cancel_scope.cancel()

    async def _answer_requests(self) -> None:
        """Lets pyfuse3 serve. What it raises is a fault of this program, reported as one failure, not as a group."""
        try:
            with self._scope:
                await pyfuse3.main(max_tasks=_MOST_REQUESTS)
        except Exception as error:
            logger.exception("serving ended unexpectedly")
            self.failures.append(MountError(f"Serving the mount ended unexpectedly: {error}. The log says where."))
        finally:
            self._over.set()

    async def _unmount_when_cancelled(self) -> None:
        try:
            await self._over.wait()
        except trio.Cancelled:
            with trio.CancelScope(shield=True):
                if not self._over.is_set():
                    self.ending = Ending.STOPPED
                    await trio.to_thread.run_sync(_unmount_or_detach, self._mounted)
                    await self._end_loop()
            raise

    async def _let_go_when_asked(self) -> None:
        await self._hand_over.wait()
        with trio.CancelScope(shield=True):
            if not self._over.is_set():
                self.ending = Ending.HANDED_OVER
                await self._end_loop()

    async def _end_loop(self) -> None:
        """Ends pyfuse3's loop. trio runs what is ready in any order, so that one call may come before the wait."""
        self._scope.deadline = trio.current_time() + _FINISH_SECONDS
        while not self._over.is_set():
            pyfuse3.terminate()
            with trio.move_on_after(_END_AGAIN_SECONDS):
                await self._over.wait()

    async def _list_root(self) -> None:
        """Lists the root through the kernel, as every client will."""
        mountpoint = self._mounted.mountpoint
        reason = await trio.to_thread.run_sync(_list_from_outside, mountpoint, abandon_on_cancel=True)
        # Taken away before it was ready, or detached while a client has a file open: there is still one to serve.
        if reason and not is_disconnected(self._number) and _still_mounted(self._mounted):
            self.failures.append(MountError(f"{mountpoint} was mounted but cannot be listed: {reason}."))


def _list_from_outside(mountpoint: Path) -> str:
    """Lists the folder in a process of its own; what it said, nothing if all went well.

    Never in a thread of ours: a process that waits for an answer of the mount does not end when it is killed, because
    the kernel lets go of it only when it is answered. Nobody would be told that this daemon is dead, and none would be
    started to answer.
    """
    command = ["ls", "-f", "--", os.fspath(mountpoint)]
    listed = subprocess.run(
        command,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    return "" if listed.returncode == 0 else listed.stderr.strip() or f"ls ended with status {listed.returncode}"


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
