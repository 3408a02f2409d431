"""Playable films of any size, each different from all others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_MEGABYTE = 1024 * 1024
_LONG_SIZE = 0x01  # an EBML size in eight bytes begins with this one (RFC 8794, section 4)


def make_clip(path: Path, hue: int = 0) -> bytes:
    """Encodes one second of picture and sound into ``path`` and returns the file's bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-y"),
        *("-f", "lavfi", "-i", f"testsrc=size=320x240:rate=10:duration=1,hue=h={hue}"),
        *("-f", "lavfi", "-i", f"sine=frequency={200 + hue}:duration=1"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)),
    ]
    subprocess.run(command, check=True)
    return path.read_bytes()


def void_element(size: int) -> bytes:
    """The head of an EBML Void element of ``size`` bytes, which players skip (RFC 8794, section 11.3.2)."""
    return b"\xec" + bytes([_LONG_SIZE]) + size.to_bytes(7, "big")


def write_film(path: Path, clip: bytes, size: int) -> None:
    """A film of about ``size`` bytes: the clip, and random bytes behind it that cannot be compressed or shared."""
    path.parent.mkdir(parents=True, exist_ok=True)
    left = max(0, size - len(clip) - 9)
    with path.open("wb") as stream:
        stream.write(clip + void_element(left))
        while left:
            left -= stream.write(os.urandom(min(_MEGABYTE, left)))
