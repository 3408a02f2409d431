"""The supervisor's parts, each by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from offliniofs.app.assignment import Assignment
from offliniofs.app.supervisor import channel as words
from offliniofs.app.supervisor import children, system
from offliniofs.app.supervisor.backoff import Backoff
from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.children import Child
from offliniofs.app.supervisor.plan import Plan
from offliniofs.app.supervisor.spare import Spare
from offliniofs.fuse.disconnection import is_disconnected
from offliniofs.fuse.options import MountOptions


def plan(tmp_path: Path) -> Plan:
    return Plan(
        mountpoint=str(tmp_path / "mount"),
        run=str(tmp_path),
        name="name",
        python=sys.executable,
        daemon=json.dumps({"device": "0:99"}),
        remount=("a", "b"),
        fuse=-1,
        memory=-1,
        outlives=True,
        log="",
        kernel="fsname=x",
        tries=3,
        hung_seconds=2.0,
    )


# --- how long to wait


def test_deaths_in_a_row_wait_twice_as_long_each_and_end() -> None:
    backoff = Backoff(6)
    assert [backoff.died(0.0) for _ in range(7)] == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.4, 0.8, None])
    assert backoff.deaths == 7


def test_service_makes_up_for_deaths() -> None:
    backoff = Backoff(2)
    assert [backoff.died(served) for served in (0.0, 0.0, 3.0, 0.0)] == [0.0, 0.0, 0.0, 0.0]
    assert backoff.died(0.1) is None


def test_one_that_dies_of_what_it_is_asked_gets_nothing_for_starting() -> None:
    """It is asked again at once, so it serves for some milliseconds each time."""
    backoff = Backoff(4)
    pauses = [backoff.died(0.02) for _ in range(5)]
    assert pauses[:4] == pytest.approx([0.0, 0.0, 0.1, 0.2])
    assert pauses[4] is None


def test_no_pause_is_longer_than_the_longest() -> None:
    backoff = Backoff(1000, deaths=900)
    assert backoff.died(0.0) == 10.0


# --- what it is started with


def test_a_plan_is_understood_by_other_versions(tmp_path: Path) -> None:
    told = plan(tmp_path)._replace(restarts=3)
    assert Plan.from_json(told.to_json()) == told
    fields = json.loads(told.to_json())
    assert Plan.from_json(json.dumps({**fields, "of a later version": 1})) == told
    del fields["served"]
    assert Plan.from_json(json.dumps(fields)) == told
    assert told.device == "0:99"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"remount": 1}', '{"remount": []}', "\x00"])
def test_anything_else_is_no_plan(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Plan.from_json(text)


def test_an_assignment_travels(tmp_path: Path) -> None:
    options = MountOptions(tmp_path / "mount", tmp_path / "store", read_only=True, umask=0o77)
    assignment = Assignment(options, "0:99", log_to_file=True, may_migrate=True)
    assert Assignment.from_json(assignment.to_json()) == assignment


# --- processes ----------------------------------------------------------------------------------------------------


def adopt(*command: str) -> tuple[subprocess.Popen[bytes], Child, socket.socket]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    ours, theirs = Channel.pair()
    return process, Child(process.pid, ours), theirs


def test_a_child_is_killed_and_told_what_became_of_it() -> None:
    process, child, theirs = adopt("sleep", "1000")
    with theirs:
        assert not child.is_gone
        assert child.served_seconds == 0.0
        child.ready = True
        assert child.served_seconds >= 0.0
        child.ping()
        assert json.loads(theirs.recv(100)) == {"word": "ping"}
        child.send_end(words.STOP)
        assert json.loads(theirs.recv(100)) == {"word": "stop"}
        child.kill()
        assert child.reap() == "was killed by SIGKILL"
    process.returncode = 0


def test_a_child_that_another_has_waited_for() -> None:
    process, child, theirs = adopt("false")
    with theirs:
        process.wait()
        assert child.is_gone
        child.kill(signal.SIGTERM)
        assert child.reap() == "ended"


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        children.start(plan(tmp_path)._replace(python=str(tmp_path / "python")))


def test_a_spare_that_has_died_is_none(tmp_path: Path) -> None:
    spare = Spare()
    spare.prepare(plan(tmp_path)._replace(spare=False))
    assert spare.take() is None
    spare.prepare(plan(tmp_path)._replace(python=str(tmp_path / "gone")))
    assert spare.take() is None
    reading, writing = os.pipe()
    os.close(writing)
    spare.prepare(plan(tmp_path)._replace(python="/bin/false", fuse=reading, memory=reading))
    child = spare._child
    assert child is not None
    os.waitid(os.P_PIDFD, child.pidfd, os.WEXITED | os.WNOWAIT)
    assert spare.take() is None
    spare.prepare(plan(tmp_path)._replace(python="/bin/false", fuse=reading, memory=reading))
    assert not os.get_inheritable(reading)
    spare.dismiss()
    os.close(reading)


# --- the system ----------------------------------------------------------------------------------------------------


def test_a_mount_is_found_by_its_folder() -> None:
    assert system.device_at("/proc") is not None
    assert system.device_at("/proc/self") is None
    system.unmount("/proc", "999:999")  # another one stands there: not ours to take down
    assert system.device_at("/proc") is not None


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ("12 offliniofs.service restart running\n", True),
        ("12 offliniofs.service try-restart waiting\n", True),
        ("12 offliniofs.service stop running\n", False),
        ("12 other.service restart running\n", False),
        ("", False),
    ],
)
def test_a_restart_is_told_from_a_stop(
    jobs: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text(f"#!/bin/sh\nprintf '{jobs}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert system.is_being_restarted("offliniofs.service") is expected


def test_without_systemctl_nothing_is_restarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not system.is_being_restarted("offliniofs.service")


def test_a_descriptor_that_is_closed_is_disconnected() -> None:
    reading, writing = os.pipe()
    assert not is_disconnected(reading)
    os.close(writing)
    assert is_disconnected(reading)
    os.close(reading)
    assert is_disconnected(reading)
