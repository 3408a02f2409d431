"""One change through the mount, killed at exactly one of the calls with which it changes the disk, and what must hold.

What is done, and how the library looks before and after it, is learned from an undisturbed run on a copy of the store.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from offliniofs.app.config import Settings
from offliniofs.app.consistency import check_library
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import open_library
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.fuse.mounting import detach
from tests.faults.writing_support import FILE, HEAT, library_at, mounted, residue
from tests.mount.inbox_support import PREFIX, film, staged
from tests.mount.support import (
    END_SECONDS,
    Daemon,
    Library,
    processes_of,
    show_control_files,
    small_library,
    wait_until,
)
from tests.property.mount_model import Picture, difference, digests, picture

CLIP = "Stalker.1979.576p.WEB-DL.mkv"
RUNNER = "Blade Runner (1982)"
SETTLED_SECONDS = 20.0
BY_ITSELF_SECONDS = 1.5
LOOK_SECONDS = 0.3
DIGITS = 64
TRASH = ".trash"
MOST_PAGES = 1000
_PASSING = frozenset({"mtime", *(PREFIX + name for name in ("added", "deleted", "expires"))})
_UNREACHABLE = (
    "Transport endpoint is not connected",
    "Software caused connection abort",
    "No such device",
    "Input/output error",
)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that people do; ``line`` is the program, with ``{top}`` and ``{clip}`` in it."""

    name: str
    line: tuple[str, ...]
    before: tuple[str, ...] = ()
    """A command of ``offliniofs`` that was run before."""
    command: bool = False
    """It is a command of ``offliniofs``, and that is what is killed instead of the daemon."""
    in_parts: bool = False
    """Its program asks for several changes, so a mount that is lost may leave it half done."""


CHANGES = (
    Change("drop", ("cp", "{clip}", "{top}/inbox/" + CLIP), in_parts=True),
    Change("retag", ("mv", "{top}/by-genre/Drama/" + HEAT, "{top}/by-genre/Comedy/" + HEAT)),
    Change("remove", ("rm", "-r", "{top}/movies/" + RUNNER), in_parts=True),
    Change("save", ("cp", "{clip}", f"{{top}}/movies/{HEAT}/{FILE}"), in_parts=True),
    Change("purge", ("rm", "-r", "{top}/.trash/" + RUNNER), before=("remove", "movies/" + RUNNER), in_parts=True),
    Change("undo", ("undo",), before=("remove", "movies/" + RUNNER), command=True),
)


class Kill(NamedTuple):
    """When to kill: at the ``number``-th call that changes the disk, before it or right after it."""

    number: int
    after: bool = False
    failover: bool = True


class Stand(NamedTuple):
    """How a library looks."""

    tree: Picture
    blobs: frozenset[str]


@dataclass(slots=True)
class Course:
    """One change on a prepared store: how it goes when nobody disturbs it, and what it becomes when somebody does."""

    change: Change
    folder: Path
    before: Stand
    after: Stand
    calls: tuple[str, ...] = ()

    def killed_at(self, kill: Kill) -> bool:
        """Makes the change once more and kills it; ``False`` if it was over before. Raises ``AssertionError``."""
        with _copy(self.folder) as (library, folder):
            run = _Run(self, library, folder, kill)
            killed = run.go()
            findings, orphans = _checked(library)
            assert (findings, orphans) == ((), 0), f"{self.change.name} {kill}"
            _assert_whole(library)
            said = (folder / "said").read_text(errors="replace")
            assert "Traceback" not in said, said
        return killed


def course_of(change: Change, folder: Path) -> Course:
    """Prepares a store below ``folder`` and learns from one undisturbed run."""
    show_control_files()
    made = folder / change.name
    made.mkdir()
    library = library_at(made, made / "sources")
    with (library.root / "offliniofs.toml").open("a") as settings:
        settings.write("standby = false\n")  # a spare daemon loads for a second, and none is needed here
    small_library(library)
    film(made / CLIP)
    if change.before:
        _command(library, change.before)
    writer = library.writer()
    while writer.merge_search_index(MOST_PAGES):  # or the daemon would do it meanwhile
        pass
    writer.close()
    with _copy(made) as (copied, place), mounted(copied, place) as daemon:
        top = daemon.mountpoint
        before = _stand(copied, top)
        with _traced(change, daemon, Kill(0)) as tracer:
            done = _carry_out(change, copied, place, tracer)
            assert done.code == 0, done.said
            wait_until(lambda: _stand(copied, top) != before, SETTLED_SECONDS, f"{change.name} begins to show")
            after = _settle(copied, top)
        calls = tuple(line for line in tracer.said().splitlines() if line[:1].isdigit())
        return Course(change, made, before, after, calls)


def _settle(library: Library, top: Path) -> Stand:
    """Waits until a library stands still."""
    glance = _Glance(library, top)

    def at_rest() -> bool:
        found, last = glance.look(), glance.last
        return found is not None and found == last and not residue(library, top)

    wait_until(at_rest, SETTLED_SECONDS, "it is at rest")
    return _stand(library, top)


@dataclass(slots=True)
class _Run:
    course: Course
    library: Library
    folder: Path
    kill: Kill

    def go(self) -> bool:
        change = self.course.change
        with mounted(self.library, self.folder, () if self.kill.failover else ("--no-failover",)) as daemon:
            with _traced(change, daemon, self.kill) as tracer:
                done = _carry_out(change, self.library, self.folder, tracer)
                if not change.command and done.code == 0:
                    self._wait_for_the_end(daemon, tracer)
            killed = tracer.killed()
            lost = killed and not change.command and not self.kill.failover
            if not lost:
                self._assert_answer(done, killed=killed)
                self._end(daemon, done, killed=killed)
        if lost:
            self._mount_again(done)
        return killed

    def _wait_for_the_end(self, daemon: Daemon, tracer: _Tracer) -> None:
        """Until the daemon is killed or what it was told is done: much of it happens behind the answer."""

        glance = _Glance(self.library, daemon.mountpoint)
        wait_until(
            lambda: tracer.killed() or glance.look() == self.course.after,
            SETTLED_SECONDS,
            f"{self.course.change.name} {self.kill}: killed or done",
        )

    def _assert_answer(self, done: _Done, *, killed: bool) -> None:
        if self.course.change.command and killed:
            assert done.code == signal.SIGKILL, done
        else:
            assert done.code == 0, f"{self.course.change.name} {self.kill}: {done}"

    def _mount_again(self, done: _Done) -> None:
        if done.code != 0:
            assert any(text in done.said for text in _UNREACHABLE), done
        if mounted_at(self.folder / "mount") is not None:
            detach(self.folder / "mount")
        wait_until(lambda: not processes_of(self.folder), END_SECONDS, "every process has ended")
        with mounted(self.library, self.folder) as daemon:
            self._end(daemon, done, killed=True)

    def _end(self, daemon: Daemon, done: _Done, *, killed: bool) -> None:
        """The library stands before or after the change; what was answered with success stands after it."""
        change, course, top = self.course.change, self.course, daemon.mountpoint
        if done.code != 0 and killed:
            if not change.in_parts:
                found = _stand(self.library, top)
                stands = [difference(stand.tree, found.tree) for stand in (course.before, course.after)]
                assert "" in stands, f"neither before nor after: {stands}"
            self._do_again(top)
        self._becomes(top, course.after, split=done.code != 0 and change.in_parts)

    def _do_again(self, top: Path) -> None:
        """Does what was cut off once more, unless it becomes done by itself."""
        with contextlib.suppress(AssertionError):
            glance = _Glance(self.library, top)
            wait_until(lambda: glance.look() == self.course.after, BY_ITSELF_SECONDS, "done")
            return
        _carry_out(self.course.change, self.library, self.folder, None)

    def _becomes(self, top: Path, wanted: Stand, *, split: bool) -> None:
        """``split``: what two programs deleted, one after the other, lies in two entries of the trash."""
        glance = _Glance(self.library, top, split=split)
        wanted = _regardless_of_entries(wanted) if split else wanted
        with contextlib.suppress(AssertionError):
            wait_until(lambda: glance.look() == wanted, SETTLED_SECONDS, "it is done")
        found, where = glance.stand(), f"{self.course.change.name} {self.kill}"
        assert not difference(wanted.tree, found.tree), f"{where}: {difference(wanted.tree, found.tree)}"
        assert found == wanted, where
        with contextlib.suppress(AssertionError):
            wait_until(lambda: residue(self.library, top) == [], SETTLED_SECONDS, "nothing is left over")
        assert residue(self.library, top) == [], where
        hashes = {told.get(PREFIX + "hash") for path, told in wanted.tree.items() if not path.startswith(TRASH)}
        assert {digest.encode() for digest in digests(top).values()} == hashes - {None}, where


# --- the parts --------------------------------------------------------------------------------------------------------


class _Done(NamedTuple):
    code: int
    said: str


class _Tracer:
    """``writing_tracer.py`` in a process of its own: ptrace(2) ties a traced process to one thread."""

    def __init__(self, folder: Path, kill: Kill, what: Sequence[str]) -> None:
        options = ["--kill", str(kill.number), *(["--after"] if kill.after else [])]
        self._output = folder / "calls"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.writing_tracer", *options, *what], stdout=output
            )

    def said(self) -> str:
        return self._output.read_text()

    def watches(self) -> bool:
        return self.said().startswith("ready\n")

    def killed(self) -> bool:
        """Whether it has come to the kill."""
        return "\nkilled" in self.said()

    def result(self) -> int:
        return self._process.wait(SETTLED_SECONDS)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(END_SECONDS)


@contextlib.contextmanager
def _traced(change: Change, daemon: Daemon, kill: Kill) -> Iterator[_Tracer]:
    folder = daemon.mountpoint.parent
    if change.command:
        tracer = _Tracer(folder, kill, _offliniofs(folder / "store", change.line))
    else:
        tracer = _Tracer(folder, kill, ["--pid", str(daemon.daemon_pid())])
    try:
        wait_until(tracer.watches, SETTLED_SECONDS, "it is traced")
        yield tracer
    finally:
        tracer.close()


def _carry_out(change: Change, library: Library, folder: Path, tracer: _Tracer | None) -> _Done:
    if change.command:
        if tracer is None:
            return _run(_offliniofs(library.root, change.line))
        return _Done(tracer.result(), tracer.said())
    return _run(word.format(top=folder / "mount", clip=folder / CLIP) for word in change.line)


def _run(line: Sequence[str] | Iterator[str]) -> _Done:
    done = subprocess.run(
        list(line), capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    return _Done(done.returncode, done.stderr)


def _offliniofs(store: Path, words: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "offliniofs", "--store", str(store), *words]


def _command(library: Library, words: Sequence[str]) -> None:
    done = _run(_offliniofs(library.root, words))
    assert done.code == 0, done.said


@contextlib.contextmanager
def _copy(template: Path) -> Iterator[tuple[Library, Path]]:
    """The prepared store once more, in a folder of its own."""
    folder = template.with_name(template.name + ".run")
    shutil.copytree(template, folder)
    try:
        yield Library(folder / "store", folder / "sources"), folder
    finally:
        shutil.rmtree(folder)


def _stand(library: Library, top: Path) -> Stand:
    tree = picture(top) | picture(top, trash=True)
    for told in tree.values():
        for name in _PASSING & told.keys():
            del told[name]
    return Stand(tree, frozenset(_blobs(library)))


def _regardless_of_entries(stand: Stand) -> Stand:
    shown: Picture = {path: told for path, told in stand.tree.items() if not path.startswith(TRASH)}
    trashed = (told["ino"] for path, told in stand.tree.items() if path.startswith(TRASH))
    files: Picture = {f"{TRASH}/{ino}": {} for ino in trashed if isinstance(ino, int) and ino >> 60 == 1}
    return Stand(shown | files, stand.blobs)


class _Glance:
    """The same of a library that changes meanwhile. Looking keeps the daemon busy: it is done when there is cause."""

    def __init__(self, library: Library, top: Path, *, split: bool = False) -> None:
        self._library = library
        self._top = top
        self._split = split
        self._seen: tuple[object, ...] = ()
        self._at = 0.0
        self._found: Stand | None = None
        self.last: Stand | None = None
        """What the look before found."""

    def look(self) -> Stand | None:
        """How it stood a moment ago; ``None`` if it changed while it was looked at."""
        status = os.stat(f"{self._library.catalogue}-wal")
        seen = (status.st_mtime_ns, status.st_size, *staged(self._library))
        if seen != self._seen or time.monotonic() > self._at + LOOK_SECONDS:
            self.last = self._found
            try:
                self._found = self.stand()
            except (OSError, AssertionError):
                self._found = None
            self._seen, self._at = seen, time.monotonic()
        return self._found

    def stand(self) -> Stand:
        """How it stands now, if nothing changes it."""
        found = _stand(self._library, self._top)
        return _regardless_of_entries(found) if self._split else found


def _blobs(library: Library) -> Iterator[str]:
    for _, _, names in os.walk(library.root / "blobs"):
        yield from (name for name in names if len(name) == DIGITS)


def _checked(library: Library) -> tuple[tuple[object, ...], int]:
    with open_library(StoreLayout(library.root), Settings()) as opened:
        checked = check_library(opened)
    return checked.findings, len(checked.orphans)


def _assert_whole(library: Library) -> None:
    for parent, _, names in os.walk(library.root / "blobs"):
        for name in names:
            if len(name) == DIGITS:
                assert blake3(Path(parent, name).read_bytes()).hexdigest() == name
