"""Real players on the mount. Fixtures are made with ffmpeg; how players run without a screen: their manual pages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.mount.support import Library, Wanted

FILM = "movies/Test Card (2020)/Test Card (2020) - 1080p.mkv"


@pytest.fixture
def film(library: Library, mount: Mount, tmp_path: Path) -> Path:
    made = tmp_path / "made.mkv"
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=2:size=320x180:rate=25"),
            *("-f", "lavfi", "-i", "sine=duration=2", "-c:v", "mpeg4", "-c:a", "flac", str(made)),
        ],
        check=True,
        timeout=60,
    )
    library.add(Wanted("Test Card", made.read_bytes(), year=2020))
    return mount().mountpoint / FILM


def test_ffmpeg_decodes_every_frame(film: Path) -> None:
    played = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", film, "-map", "0:v", "-map", "0:a", "-f", "null", "-"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (played.returncode, played.stderr) == (0, b"")


def test_mpv_plays_and_seeks(film: Path) -> None:
    for extra in ([], ["--start=50%", "--length=0.5"]):
        played = subprocess.run(
            [
                *("mpv", "--no-config", "--vo=null", "--ao=null", "--ao-null-untimed=yes", "--untimed"),
                *("--no-terminal", *extra, str(film)),
            ],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert played.returncode == 0, played.stdout + played.stderr
