"""What the supervisor says and hears: channels, requests, its state, its journal, the service manager."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from offliniofs.app.notify import ServiceManager, passed_descriptors
from offliniofs.app.supervisor import channel as words
from offliniofs.app.supervisor.channel import Channel
from offliniofs.app.supervisor.journal import Journal, StateFile
from offliniofs.app.supervisor.requests import RequestSocket, ask_supervisor


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
