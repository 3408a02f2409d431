"""What the tests of the inbox share: a small film, a mount whose inbox is quick, waiting for what becomes of a file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.mount.support import Library, wait_until

SOON = 20.0
"""Seconds within which what was dropped must be filed; a film this small takes one."""
PREFIX = "user.offliniofs."


def settings(library: Library, *, quiet_ms: int = 200, linger_ms: int = 60_000, reserve: int = 0) -> None:
    """Makes the inbox quick, and lets what was filed show long enough to be looked at."""
    text = f"inbox_quiet_ms = {quiet_ms}\ninbox_linger_ms = {linger_ms}\nfree_space_reserve = {reserve}\n"
    (library.root / "offliniofs.toml").write_text(text)


def film(path: Path, seed: int = 0) -> bytes:
    """A playable clip of a second; each seed gives other bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pattern = f"testsrc2=d=1:s=1024x576:r=2,hue=h={seed % 360}"
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", pattern, "-metadata", f"comment={seed}", str(path))
    return path.read_bytes()


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """A program that must succeed and say nothing on standard error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    assert not done.stderr, done.stderr
    return done.stdout


def attribute(path: Path, name: str) -> str:
    """One of our own attributes; empty when there is none, or nothing to have it."""
    try:
        return os.getxattr(path, PREFIX + name).decode()
    except OSError:
        return ""


def wait_for_state(path: Path, *states: str) -> None:
    """Waits until a file in the inbox has one of the states."""
    wait_until(lambda: attribute(path, "state") in states, SOON, f"{path.name} {' or '.join(states)}")


def wait_for(path: Path, content: bytes) -> None:
    """Waits until a file of the library is there and holds what it must."""
    wait_until(path.is_file, SOON, str(path))
    assert path.read_bytes() == content


def staged(library: Library) -> list[str]:
    """Every file that lies in the staging folder, whatever part of it."""
    top = library.root / "staging"
    found = [Path(folder, name) for folder, _, names in os.walk(top) for name in names]  # folders may go meanwhile
    return sorted(str(path.relative_to(top)) for path in found)
