"""Everything that serves the mount is killed while people write through it, at seeded moments: what they did is done or
not done, nothing is lost, nothing is left over, and when they do it again it works."""

from __future__ import annotations

import os
import random
import subprocess
import threading
from pathlib import Path

import pytest

from tests.faults.writing_support import FILE, HEAT, assert_sound, genres, library_at, mounted, names, residue
from tests.mount.inbox_support import SOON, film
from tests.mount.support import Library, show_control_files, small_library, wait_until

CLIP = "Stalker.1979.576p.WEB-DL.mkv"
FILED = "movies/Stalker (1979)/Stalker (1979) - 576p.mkv"
MOMENTS = range(4)
LONGEST_SECONDS = 0.9


def _programs(top: Path, clip: Path) -> list[list[str]]:
    """What is going on when the daemon dies; each can be done again."""
    return [
        ["cp", str(clip), str(top / "inbox" / CLIP)],
        ["mv", str(top / "by-genre/Drama" / HEAT), str(top / "by-genre/Comedy" / HEAT)],
        ["rm", "-rf", str(top / "series/The Wire (2002)")],
        ["mv", "-T", str(top / "movies/Amélie (2001)"), str(top / "movies/Emily (2001)")],
        ["mkdir", str(top / "collections/Noir")],
        ["setfattr", "-n", "user.offliniofs.favourite", "-v", "1", str(top / "movies" / HEAT)],
    ]


def _work(programs: list[list[str]]) -> None:
    for line in programs:
        subprocess.run(line, check=False, capture_output=True, timeout=60)


def _assert_nothing_is_lost(library: Library, top: Path, clip: bytes) -> None:
    """Each change was made whole or not at all, and every byte is somewhere."""
    assert genres(top / "movies" / HEAT) in ({"Crime", "Drama"}, {"Crime", "Comedy"})
    assert (top / "movies" / HEAT / FILE).read_bytes() == library.contents[f"movies/{HEAT}/{FILE}"]
    assert len(names(top / "movies") & {"Amélie (2001)", "Emily (2001)"}) == 1
    wire, trashed = "The Wire (2002)", names(top / ".trash")
    episodes = list((top / "series" / wire).rglob("*.mkv")) + list((top / ".trash").rglob("*.mkv"))
    assert [path.stat().st_size for path in episodes] == [len(b"listen carefully" * 700)]
    assert (wire in names(top / "series")) or trashed
    if (top / FILED).exists():
        assert (top / FILED).read_bytes() == clip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path, moment: int) -> None:
    kill_while_writing(tmp_path, moment)


def kill_while_writing(folder: Path, seed: int) -> None:
    """One life of a library that is killed once while it is written to."""
    chance = random.Random(seed)
    show_control_files()
    library = library_at(folder, folder / "sources")
    small_library(library)
    clip = film(folder / CLIP)
    with mounted(library, folder) as daemon:
        programs = _programs(daemon.mountpoint, folder / CLIP)
        chance.shuffle(programs)
        worker = threading.Thread(target=_work, args=(programs,))
        worker.start()
        worker.join(chance.random() * LONGEST_SECONDS)
        daemon.kill_both()
        worker.join()
    assert_sound(library)
    with mounted(library, folder) as daemon:
        top = daemon.mountpoint
        _assert_nothing_is_lost(library, top, clip)
        _finish(top, folder / CLIP)
        wait_until(lambda: residue(library, top) == [], SOON, f"nothing is left over: {residue(library, top)}")
        wait_until((top / FILED).exists, SOON, "the film is filed")
        assert (top / FILED).read_bytes() == clip
        assert genres(top / "movies" / HEAT) == {"Crime", "Comedy"}
        assert names(top / "movies") == {"Blade Runner (1982)", HEAT, "Emily (2001)", "Stalker (1979)"}
        assert names(top / "series") == set()
        assert names(top / "favourites") == {HEAT}
        assert names(top / "collections") == {"Noir"}
    assert_sound(library)


def _finish(top: Path, clip: Path) -> None:
    """Does again what had not been done; what is refused now was done before."""
    staged = top / "inbox" / CLIP
    if not (top / FILED).exists() or staged.exists():
        staged.unlink(missing_ok=True)
    programs = [line for line in _programs(top, clip) if line[0] != "cp" or not (top / FILED).exists()]
    _work(programs)
    assert os.path.isdir(top / "collections/Noir")
