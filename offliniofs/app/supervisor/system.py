"""What a supervisor needs to know of, and do to, the system around it."""

from __future__ import annotations

import os
import subprocess

_SECONDS = 5.0


_ESCAPED = ((b"\\", b"\\134"), (b" ", b"\\040"), (b"\t", b"\\011"), (b"\n", b"\\012"))
"""How /proc/self/mountinfo writes what would end a field (proc(5))."""


def unmount(mountpoint: str, device: str) -> None:
    """Takes the mount with the number ``device`` off its folder, also while it is used: nobody is left to serve it.

    Does nothing where it is gone, also when another one stands there since.
    """
    if device_at(mountpoint) == device:
        _run("fusermount3", "-u", "-z", "-q", "--", mountpoint)


def device_at(mountpoint: str) -> str | None:
    """``major:minor`` of the visible mount on a folder. Asks the kernel's table, never the mount itself."""
    wanted = os.fsencode(mountpoint)
    for plain, escaped in _ESCAPED:
        wanted = wanted.replace(plain, escaped)
    found = None
    try:
        with open("/proc/self/mountinfo", "rb") as table:
            for line in table:
                fields = line.split(b" ", 5)
                if fields[4] == wanted:
                    found = fields[2].decode()
    except OSError:
        return None
    return found


def is_mounted(mountpoint: str, device: str) -> bool:
    """Whether the mount of that ``major:minor`` is still seen at its place (format: proc_pid_mountinfo(5))."""
    wanted = mountpoint.encode(errors="surrogateescape")
    with open("/proc/self/mountinfo", "rb") as table:
        fields = [line.split() for line in table]
    seen = [row[2].decode() for row in fields if _unescaped(row[4]) == wanted]
    return bool(seen) and seen[-1] == device


def _unescaped(field: bytes) -> bytes:
    for escaped, plain in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        field = field.replace(escaped, plain)
    return field


def is_being_restarted(unit: str) -> bool:
    """Whether systemd stops ``unit`` in order to start it again, and not for good.

    Both look the same to the service (SIGTERM); the job that systemd works on tells them apart. No answer means no.
    """
    scope = ["--user"] if _under_user_manager() else []
    listed = _run("systemctl", *scope, "list-jobs", "--no-legend", "--no-pager", "--full", "--plain")
    jobs = (line.split() for line in listed.splitlines())
    return any(len(job) >= 3 and job[1] == unit and job[2] in {"restart", "try-restart"} for job in jobs)


def _under_user_manager() -> bool:
    try:
        with open("/proc/self/cgroup") as stream:
            return "/user@" in stream.read()
    except OSError:
        return False


def _run(*command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    try:
        return subprocess.run(
            command,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
