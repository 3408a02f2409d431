"""The kernel's first request of a mount: what it offers, and what is withheld."""

from __future__ import annotations

import os

import pytest

from offliniofs.fuse.init_request import GreetingError, parse_greeting, read_greeting, without_atomic_truncation


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
