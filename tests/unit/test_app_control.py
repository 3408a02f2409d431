from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
import trio

from offliniofs.app.control import serve_control
from offliniofs.app.control_client import ControlAddress, ask, control_addresses
from offliniofs.domain.errors import NotFoundError, OfflinioError


async def greet() -> Mapping[str, object]:
    return {"hello": "world"}


async def refuse() -> Mapping[str, object]:
    raise OfflinioError("Not today.")


async def stumble() -> Mapping[str, object]:
    raise RuntimeError("unexpected")


HANDLERS = {"greet": greet, "refuse": refuse, "stumble": stumble}


def raw(address: ControlAddress, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection, address.short_path() as path:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


@pytest.mark.parametrize("depth", [1, 30])
async def test_a_question_is_answered_however_deep_the_store_lies(tmp_path: Path, depth: int) -> None:
    directory = tmp_path.joinpath(*["long-name"] * depth)
    address = ControlAddress.for_mount(directory, Path("/mnt/films"))
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_control, address, HANDLERS)
        assert address.path.stat().st_mode & 0o777 == 0o600
        assert control_addresses(directory) == [address]
        assert await trio.to_thread.run_sync(ask, address, "greet") == {"hello": "world"}
        nursery.cancel_scope.cancel()
    assert not address.path.exists()


async def test_errors_come_back_as_errors_and_the_server_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = ControlAddress.for_mount(tmp_path, Path("/mnt"))
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_control, address, HANDLERS)
        with pytest.raises(OfflinioError, match="Not today"):
            await trio.to_thread.run_sync(ask, address, "refuse")
        with pytest.raises(OfflinioError, match="log says why"):
            await trio.to_thread.run_sync(ask, address, "stumble")
        with pytest.raises(OfflinioError, match="known commands: greet, refuse, stumble"):
            await trio.to_thread.run_sync(ask, address, "nonsense")
        for request in (b"", b"[]\n", b"{\n", b'{"command": []}\n', b"x" * 5000 + b"\n"):
            answer = await trio.to_thread.run_sync(raw, address, request)
            assert "error" in json.loads(answer)
        assert (await trio.to_thread.run_sync(ask, address, "greet"))["hello"] == "world"
        nursery.cancel_scope.cancel()
    assert "control request failed" in caplog.text


def test_a_dead_daemon_is_not_found(tmp_path: Path) -> None:
    address = ControlAddress.for_mount(tmp_path, Path("/mnt"))
    with pytest.raises(NotFoundError, match="is the folder mounted"):
        ask(address, "greet")
    assert control_addresses(tmp_path / "missing") == []


async def test_a_socket_left_by_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    address = ControlAddress.for_mount(tmp_path, Path("/mnt"))
    with socket.socket(socket.AF_UNIX) as dead, address.short_path() as path:
        dead.bind(path)
    with pytest.raises(NotFoundError):
        ask(address, "greet")
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_control, address, HANDLERS)
        assert await trio.to_thread.run_sync(ask, address, "greet") == {"hello": "world"}
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("answer", [b"not json\n", b"[1]\n"])
def test_nonsense_from_the_other_side_is_an_error(tmp_path: Path, answer: bytes) -> None:
    address = ControlAddress.for_mount(tmp_path, Path("/mnt"))
    with socket.socket(socket.AF_UNIX) as server, address.short_path() as path:
        server.bind(path)
        server.listen()
        child = os.fork()
        if child == 0:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()
            os._exit(0)
        with pytest.raises(OfflinioError, match="no readable answer"):
            ask(address, "greet")
        os.waitpid(child, 0)


def test_another_mount_has_another_socket(tmp_path: Path) -> None:
    first = ControlAddress.for_mount(tmp_path, Path("/mnt/a"))
    second = ControlAddress.for_mount(tmp_path, Path("/mnt/b"))
    assert first.name != second.name
    assert first == ControlAddress.for_mount(tmp_path, Path("/mnt/a"))
