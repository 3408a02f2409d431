"""The daemon is killed while clients list, walk, read and play: they notice a pause and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.faults.failover_load import listed_in_steps, many_titles
from tests.mount.support import Daemon, Library, Wanted, small_library, walk

HEAT = "movies/Heat (1995)/Heat (1995) - 1080p.mkv"
SECONDS = 60


def killed(daemon: Daemon) -> None:
    """One death, and the next daemon."""
    daemon.wait_for_another(daemon.kill_daemon())


# --- listings in small steps


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store of 10,000 films, to be copied, and their folders."""
    folder = tmp_path_factory.mktemp("ten-thousand")
    made = Library(folder / "store", folder / "sources")
    made.create()
    (made.root / "offliniofs.toml").write_text("search_limit = 10000\n")
    return made.root, many_titles(made, 10_000)


@pytest.mark.parametrize(
    ("folder", "part"),
    [("movies", ""), ("search/film", ""), ("by-genre/Drama/by-year/1991", "(1991)")],
)
def test_a_listing_in_small_steps_misses_and_doubles_nothing(
    library: Library, mount: Mount, ten_thousand: tuple[Path, list[str]], folder: str, part: str
) -> None:
    store, names = ten_thousand
    shutil.copytree(store, library.root, dirs_exist_ok=True)
    daemon = mount()
    wanted = sorted(name for name in names if part in name)
    seen: list[str] = []
    at = [len(wanted) // 5 * step for step in range(1, 5)]
    for step in listed_in_steps(daemon.mountpoint / folder):
        seen += step
        if at and len(seen) > at[0]:
            at.pop(0)
            daemon.kill_daemon()  # the next step waits for the next daemon
            daemon.wait_for_another(-1) if not at else None
    own = [name for name in seen if not name.startswith("Film ")]
    assert sorted(name for name in seen if name.startswith("Film ")) == wanted
    assert len(own) == len(set(own))
    assert daemon.restarts == 4


# --- what is open


def test_open_files_folders_and_current_folders_go_on(library: Library, mount: Mount) -> None:
    small_library(library)
    content = os.urandom(24 << 20)
    library.add(Wanted("Long", content, year=2010))
    daemon = mount()
    top = daemon.mountpoint
    folder = os.open(top / "by-genre" / "Crime" / "by-year", os.O_RDONLY | os.O_DIRECTORY)
    shell = subprocess.Popen(
        ["sh", "-c", 'read go; ls; pwd -P; cat */*1080p.mkv | wc -c; read go; ls "by-year"'],
        cwd=top / "search" / "coffee OR heat",  # never opened before, only looked up
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdin is not None
    with (top / "movies" / "Long (2010)" / "Long (2010) - 1080p.mkv").open("rb", buffering=0) as film:
        assert film.read(1 << 20) == content[: 1 << 20]
        killed(daemon)
        film.seek(20 << 20)
        assert film.read(1 << 20) == content[20 << 20 : 21 << 20]
        shell.stdin.write("go\n")
        shell.stdin.flush()
        killed(daemon)
        film.seek(10 << 20)
        assert film.read(1 << 20) == content[10 << 20 : 11 << 20]
        assert os.fstat(film.fileno()).st_size == len(content)
    said, _ = shell.communicate("go\n", timeout=SECONDS)
    assert shell.returncode == 0
    assert said.splitlines()[0] == "Heat (1995)"
    assert str(top / "search" / "coffee OR heat") in said
    assert f"{len(library.contents[HEAT])}\n" in said
    assert said.endswith("1995\n")
    assert [name for name in sorted(os.listdir(folder)) if not name.startswith(".")] == ["1995", "2002"]
    assert (
        os.stat("1995/Heat (1995)", dir_fd=folder).st_ino
        == (top / "by-genre/Crime/by-year/1995/Heat (1995)").stat().st_ino
    )
    os.close(folder)


def test_numbers_stay_what_they_were(library: Library, mount: Mount) -> None:
    small_library(library)
    daemon = mount()
    paths = ["movies", HEAT, "search/heat", "search/heat/Heat (1995)", "by-genre/Drama/by-quality/2160p", "search/hea"]
    before = [(daemon.mountpoint / path).stat() for path in paths]
    killed(daemon)
    after = [(daemon.mountpoint / path).stat() for path in paths]
    assert [status.st_ino for status in before] == [status.st_ino for status in after]
    assert [status.st_dev for status in before] == [status.st_dev for status in after]


# --- programs


def test_walks_and_comparing_readers_notice_nothing(library: Library, mount: Mount) -> None:
    small_library(library)
    library.add(*(Wanted(f"Film {number}", os.urandom(600_000), year=1980 + number) for number in range(12)))
    daemon = mount()
    top = daemon.mountpoint
    before = {path: (found.st_ino, found.st_mode) for path, found in walk(top).items()}

    def compare(turn: int) -> list[str]:
        wrong = []
        for path, content in list(library.contents.items())[turn:]:
            found = (top / path).open("rb", buffering=0)
            with found:
                os.posix_fadvise(found.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                if found.readall() != content:
                    wrong.append(path)
        return wrong

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)

    with ThreadPoolExecutor(8) as threads:
        doing = [threads.submit(compare, turn) for turn in range(3)]
        walks = [threads.submit(run, "find", str(top), "-printf", "%P\n"), threads.submit(run, "ls", "-lR", str(top))]
        for _ in range(4):
            killed(daemon)
        assert [task.result() for task in doing] == [[], [], []]
        found, listed = (task.result() for task in walks)
    assert (found.returncode, found.stderr) == (0, "")
    # reading a film takes it out of one view
    still = [path for path in before if not path.startswith("unwatched/")]
    assert sorted(path for path in found.stdout.splitlines() if not path.startswith("unwatched/")) == sorted(
        ["", *still]
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    after = {path: (status.st_ino, status.st_mode) for path, status in walk(top).items()}
    assert [after[path] for path in still] == [before[path] for path in still]
    assert daemon.restarts == 4


def test_ffmpeg_decodes_every_frame(library: Library, mount: Mount, tmp_path: Path) -> None:
    made = tmp_path / "made.mkv"
    source = "testsrc2=duration=3:size=640x360:rate=25,noise=alls=60:allf=t"
    encode = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-c:v",
        "mpeg4",
        "-b:v",
        "20M",
        str(made),
    ]
    subprocess.run(encode, check=True, timeout=SECONDS)
    library.add(Wanted("Test Card", made.read_bytes(), year=2020))
    daemon = mount()
    film = daemon.mountpoint / "movies/Test Card (2020)/Test Card (2020) - 1080p.mkv"

    def decode(path: Path, *pace: str) -> subprocess.Popen[bytes]:
        command = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", *pace, "-i", str(path), "-f", "framemd5", "-"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    right = decode(made).communicate(timeout=SECONDS)
    player = decode(film, "-re")
    for _ in range(3):
        killed(daemon)
    assert player.poll() is None, "it played all the time"
    assert player.communicate(timeout=SECONDS) == right
    assert player.returncode == 0
