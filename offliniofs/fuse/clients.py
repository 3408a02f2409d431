"""Who makes a request: the kernel says number and user, ``/proc`` the name.

A request carries the number of the thread that made it. Changes are told apart by process, so the thread's process is
looked up; a client that has ended meanwhile keeps its number and has no name.
"""

from __future__ import annotations

import pyfuse3

from offliniofs.domain.actors import Actor

_LONGEST_STATUS = 4096


def process_of(thread: int) -> tuple[int, str]:
    """Number and name of the process a thread belongs to. Takes microseconds: ``/proc`` is memory."""
    try:
        with open(f"/proc/{thread}/status", "rb") as stream:
            lines = stream.read(_LONGEST_STATUS).decode(errors="replace").splitlines()
    except OSError:
        return thread, ""
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    process = fields.get("Tgid", "").strip()
    if not process.isdecimal() or int(process) == thread:
        return thread, fields.get("Name", "")
    return int(process), fields.get("Name", "")


def actor_of(ctx: pyfuse3.RequestContext) -> Actor:
    """The client behind a request. The kernel knows no number for a process outside our name space: it says 0."""
    if not ctx.pid:
        return Actor(ctx.uid, ctx.gid)
    process, name = process_of(ctx.pid)
    return Actor(ctx.uid, ctx.gid, process, name)
