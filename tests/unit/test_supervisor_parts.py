"""The supervisor's parts, each by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.app.assignment import Assignment
from offliniofs.app.notify import ServiceManager, passed_descriptors
from offliniofs.app.supervisor import channel as words
from offliniofs.app.supervisor import children, system
from offliniofs.app.supervisor.backoff import Backoff
from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.children import Child
from offliniofs.app.supervisor.journal import Journal, StateFile
from offliniofs.app.supervisor.plan import Plan
from offliniofs.app.supervisor.requests import RequestSocket, ask_supervisor
from offliniofs.app.supervisor.spare import Spare
from offliniofs.fuse.disconnection import is_disconnected
from offliniofs.fuse.init_request import GreetingError, parse_greeting, read_greeting, without_atomic_truncation
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


# --- talking ----------------------------------------------------------------------------------------------------


def test_a_channel_carries_words_until_it_closes() -> None:
    ours, theirs = Channel.pair()
    other = Channel.of_descriptor(theirs.detach())
    assert other.receive() is None
    ours.send(words.GO, plan="x")
    assert other.receive() == {"word": "go", "plan": "x"}
    other.close()
    ours.send(words.PING)
    with pytest.raises(EOFError):
        ours.receive()
    ours.close()


def test_a_channel_survives_nonsense_and_a_deaf_peer() -> None:
    ours, theirs = Channel.pair()
    with theirs, closing(ours):
        for packet in (b"\xff", b"[1]", b"{"):
            theirs.send(packet)
            assert ours.receive() == {}
        for _ in range(5000):
            ours.send(words.PING, text="x" * 1000)
        assert ours.receive() is None


@pytest.fixture
def requests(tmp_path: Path) -> Iterator[RequestSocket]:
    made = RequestSocket(str(tmp_path), "name")
    yield made
    made.close()


def asking(tmp_path: Path, request: dict[str, object], answers: list[object]) -> threading.Thread:
    def ask() -> None:
        try:
            answers.append(ask_supervisor(str(tmp_path), "name", request, 5.0))
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_request_is_answered_also_by_the_next_version(tmp_path: Path, requests: RequestSocket) -> None:
    answers: list[object] = []
    thread = asking(tmp_path, {"command": "replace"}, answers)
    accepted = requests.accept()
    assert accepted is not None
    request, asked = accepted
    assert request == {"command": "replace"}
    later = type(asked).of_descriptor(os.dup(asked.fileno()))
    later.answer(done=True)
    os.close(asked.fileno())
    asked._connection.detach()
    thread.join()
    assert answers == [{"done": True}]


@pytest.mark.parametrize("sent", [b"", b"nonsense\n", b"[1]\n", b"x" * 300_000])
def test_a_request_that_is_not_understood_is_none(tmp_path: Path, requests: RequestSocket, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "name.supervisor"))
        client.setblocking(False)
        send = threading.Thread(target=client.sendall, args=(sent,)) if len(sent) < 1000 else None
        if send is None:
            client.setblocking(True)
            big = threading.Thread(target=_send_what_goes, args=(client, sent))
            big.start()
            assert requests.accept() is None
            big.join()
            return
        send.start()
        send.join()
        client.shutdown(socket.SHUT_WR)
        assert requests.accept() is None


def _send_what_goes(client: socket.socket, sent: bytes) -> None:
    try:
        client.sendall(sent)
    except OSError:
        return


def test_a_supervisor_that_ends_without_an_answer(tmp_path: Path, requests: RequestSocket) -> None:
    answers: list[object] = []
    thread = asking(tmp_path, {}, answers)
    accepted = requests.accept()
    assert accepted is not None
    os.close(accepted[1].fileno())
    accepted[1]._connection.detach()
    thread.join()
    assert isinstance(answers[0], ConnectionResetError)
    requests.close()
    assert isinstance(asking_now(tmp_path), OSError)


def asking_now(tmp_path: Path) -> object:
    answers: list[object] = []
    asking(tmp_path, {}, answers).join()
    return answers[0]


def test_what_another_mount_on_the_folder_has_put_there_stays(tmp_path: Path) -> None:
    first, second = RequestSocket(str(tmp_path), "name"), RequestSocket(str(tmp_path), "name")
    first.close()
    assert (tmp_path / "name.supervisor").is_socket()
    second.close()
    second.close()
    assert not (tmp_path / "name.supervisor").exists()
    state = StateFile(str(tmp_path), "name")
    state.write(state="serving")
    path = tmp_path / "name.state"
    mine = path.read_text()
    path.write_text(json.dumps({"supervisor": os.getpid() + 1}))
    state.remove()
    assert path.exists()
    path.write_text(mine)
    state.remove()
    state.remove()
    assert not path.exists()


def test_without_a_folder_there_is_no_socket_and_no_state(tmp_path: Path) -> None:
    nowhere = RequestSocket(str(tmp_path / "nowhere"), "name")
    assert nowhere.fileno() == -1
    assert nowhere.accept() is None
    nowhere.close()
    StateFile(str(tmp_path / "nowhere"), "name").write(state="serving")
    Journal(str(tmp_path / "nowhere" / "log")).write("INFO", "lost")


def test_the_journal_writes_what_cannot_be_mistaken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Journal(str(tmp_path / "log")).write("INFO", "a\nb", path="c\nd")
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert line.endswith("INFO offliniofs.supervisor a\\x0ab path='c\\nd'")
    Journal("").write("ERROR", "said")
    assert "ERROR offliniofs.supervisor said" in capsys.readouterr().err


def test_a_busy_manager_keeps_nobody_waiting(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        service = ServiceManager(str(tmp_path / "notify"), None)
        for _ in range(1000):
            service.tell("WATCHDOG=1", seconds=0)
        assert manager.recv(100) == b"WATCHDOG=1"


def test_a_manager_is_given_descriptors_and_gives_them_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, (tmp_path / "kept").open("wb") as kept:
        manager.bind(str(tmp_path / "notify"))
        service = ServiceManager(str(tmp_path / "notify"), None)
        service.keep("offliniofs-fuse", kept.fileno())
        message, (given, *_), _, _ = socket.recv_fds(manager, 100, 2)
        assert message == b"FDSTORE=1\nFDNAME=offliniofs-fuse"
        assert os.path.samestat(os.fstat(given), os.fstat(kept.fileno()))
        os.close(given)
        service.drop("offliniofs-fuse")
        assert manager.recv(100) == b"FDSTOREREMOVE=1\nFDNAME=offliniofs-fuse"
    assert passed_descriptors() == {}
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "2")
    monkeypatch.setenv("LISTEN_FDNAMES", "one")
    assert passed_descriptors() == {}


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


# --- the kernel's greeting --------------------------------------------------------------------------------------------


def greeting(flags: int = 1 << 30 | 1 << 3 | 1, flags2: int = 1 << 7, minor: int = 40, *, short: bool = False) -> bytes:
    """A FUSE_INIT request (include/uapi/linux/fuse.h): header, major, minor, read-ahead, flags, flags2, padding."""
    values = [7, minor, 131072, flags] + ([] if short else [flags2] + [0] * 11)
    body = b"".join(value.to_bytes(4, "little") for value in values)
    header = [(40 + len(body)).to_bytes(4, "little"), (26).to_bytes(4, "little"), bytes(32)]
    return b"".join(header) + body


@pytest.mark.parametrize(
    ("message", "resends"),
    [
        (greeting(), True),
        (greeting(flags2=0), False),
        (greeting(flags2=~(1 << 7) & 0xFFFFFFFF), False),
        (greeting(flags=1), False),  # flags2 is padding then
        (greeting(minor=31, short=True), False),
    ],
)
def test_an_older_kernel_is_known_by_its_greeting(message: bytes, resends: bool) -> None:
    assert parse_greeting(message).can_resend is resends


@pytest.mark.parametrize("message", [b"", bytes(40), greeting()[:50], bytes(104), b"\xff" * 200])
def test_anything_else_is_no_greeting(message: bytes) -> None:
    with pytest.raises(GreetingError):
        parse_greeting(message)
    with pytest.raises(GreetingError):
        without_atomic_truncation(message)


def test_only_one_offer_of_the_kernel_is_withheld() -> None:
    changed = without_atomic_truncation(greeting())
    different = [at for at, (one, other) in enumerate(zip(greeting(), changed, strict=True)) if one != other]
    assert different == [52]
    assert greeting()[52] ^ changed[52] == 1 << 3


def test_a_mount_that_says_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offliniofs.fuse.init_request._INIT_SECONDS", 0.0)
    reading, writing = os.pipe()
    with pytest.raises(GreetingError, match="did not greet"):
        read_greeting(reading)
    os.write(writing, b"hello")
    assert read_greeting(reading) == b"hello"
    os.close(writing)
    os.close(reading)
