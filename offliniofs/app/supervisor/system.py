"""What a supervisor needs to know of, and do to, the system around it."""

from __future__ import annotations

import os
import subprocess

_SECONDS = 5.0


def unmount(mountpoint: str) -> None:
    """Takes the mount off its folder, also while it is used: nobody is left to serve it."""
    _run("fusermount3", "-u", "-z", "-q", "--", mountpoint)


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
