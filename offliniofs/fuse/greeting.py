"""The greeting between kernel and daemon, so that it can be held again with every new daemon.

The kernel says FUSE_INIT once a mount. Its bytes are kept. libfuse in a new daemon is given one end of a socket pair
instead of the kernel, hears the recorded request from the other end and answers; only the first answer of a mount must
reach the kernel, but sending it again does no harm (the kernel knows no such request any more, ENOENT). Then the
kernel's descriptor takes the socket's place (dup2(2)) and libfuse goes on as if it had talked to the kernel all the
time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct

import pyfuse3
import trio

from offliniofs.fuse.init_request import GreetingError, without_atomic_truncation
from offliniofs.fuse.session_memory import SessionMemory

_NOTIFY = struct.Struct("<IiQ")
"""struct fuse_out_header: length, error (for a notification its code), unique (0)."""
_NOTIFY_RESEND = 7
_ANSWER_SECONDS = 10.0
_MAX_MESSAGE = 64 * 1024
_END_AGAIN_SECONDS = 0.01


async def greet(operations: pyfuse3.Operations, descriptor: int, memory: SessionMemory) -> int:
    """Lets libfuse hear the recorded greeting; returns the number at which it expects the kernel's descriptor.

    The kernel's own descriptor is not read from. Raises :class:`GreetingError` when libfuse does not answer, or answers
    otherwise than the daemon that mounted: another version of it can only serve a new mount.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    number = theirs.detach()
    with ours:
        ours.setblocking(False)
        pyfuse3.init(operations, f"/dev/fd/{number}", set())
        ours.send(without_atomic_truncation(memory.request))
        reply = b""
        heard = trio.Event()
        ended = trio.Event()

        async def hear() -> None:
            nonlocal reply
            with trio.move_on_after(_ANSWER_SECONDS):
                await trio.lowlevel.wait_readable(ours)
                reply = ours.recv(_MAX_MESSAGE)
            heard.set()

        async def end() -> None:
            # trio runs what is ready in any order: one call may come before the wait that it should end.
            await heard.wait()
            while not ended.is_set():
                trio.lowlevel.notify_closing(number)
                with trio.move_on_after(_END_AGAIN_SECONDS):
                    await ended.wait()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(hear)
            nursery.start_soon(end)
            await pyfuse3.main(1, 1)  # one task, for the one message
            ended.set()
    _settle(memory, reply, descriptor)
    return number


def _settle(memory: SessionMemory, reply: bytes, descriptor: int) -> None:
    if not reply:
        raise GreetingError("libfuse did not answer the kernel's greeting.")
    before = memory.reply
    if before and before != reply:
        raise GreetingError("This version of libfuse agrees on other things with the kernel than the one that mounted.")
    if not before:
        memory.reply = reply
    # Also after the first time: the one before us may have died between keeping its answer and sending it.
    with contextlib.suppress(FileNotFoundError):
        os.write(descriptor, reply)


def take_place(descriptor: int, number: int) -> None:
    """Puts the kernel's descriptor where libfuse expects it."""
    os.dup2(descriptor, number, inheritable=False)


def ask_again(descriptor: int) -> None:
    """Makes the kernel send again what it has sent to an earlier daemon and not heard an answer to."""
    try:
        os.write(descriptor, _NOTIFY.pack(_NOTIFY.size, _NOTIFY_RESEND, 0))
    except OSError as error:
        if error.errno not in {errno.ENODEV, errno.ENOTCONN}:  # unmounted meanwhile: serving will find that out
            raise
