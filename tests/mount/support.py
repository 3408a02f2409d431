"""What the mount tests stand on: a library of small files, a daemon in a process of its own, waiting without sleeping.

The library is made as an import makes it: bytes through the blob store, rows through the catalogue's writer.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from offliniofs.app.background import READY
from offliniofs.app.control_client import mount_name
from offliniofs.app.layout import StoreLayout
from offliniofs.app.library import create_library, find_titles
from offliniofs.blobs.filesystem import open_store
from offliniofs.blobs.protocol import Source
from offliniofs.catalog.reader import Reader, open_reader
from offliniofs.catalog.writer import Writer
from offliniofs.domain.arrival import Arrival, Filed, SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole, PlacementMode
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification, MediaFacts
from offliniofs.domain.ids import Digest
from offliniofs.fuse.mount_table import mounted_at
from offliniofs.tree.names import LibraryNaming

READY_SECONDS = 20.0
END_SECONDS = 20.0
MARKS = frozenset({".ignore", ".plexignore", ".nomedia"})
"""What stands in every view."""


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Asks again and again until ``holds``; returns the seconds it took. Fails the test after ``seconds``."""
    begun = time.monotonic()
    while not holds():
        taken = time.monotonic() - begun
        if taken > seconds:
            raise AssertionError(f"{what}: not within {seconds} seconds")
        select.select([], [], [], 0.002)
    return time.monotonic() - begun


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file for the library."""

    title: str
    content: bytes
    kind: ContentKind = ContentKind.MOVIE
    year: int | None = 1999
    genres: tuple[str, ...] = ()
    resolution: str | None = "1080p"
    extension: str = ".mkv"
    season: int | None = None
    episodes: tuple[int, ...] = ()
    episode_title: str | None = None
    artist: str | None = None
    album: str | None = None
    track: int | None = None
    role: FileRole = FileRole.MEDIA
    sidecar_of: bytes | None = None
    name_suffix: str | None = None
    media: MediaFacts | None = None


@dataclass(slots=True)
class Library:
    """A store on disk. Everything here happens in the test's own process, so to a daemon it is another's doing."""

    root: Path
    sources: Path
    made: int = 0
    contents: dict[str, bytes] = field(default_factory=dict)
    """What each path below the mount must hold."""

    @property
    def log(self) -> Path:
        """What its daemons wrote down."""
        return StoreLayout(self.root).log

    @property
    def catalogue(self) -> Path:
        """The database."""
        return StoreLayout(self.root).catalogue

    def create(self) -> None:
        """Makes the store."""
        create_library(StoreLayout(self.root))
        self.sources.mkdir()

    def add(self, *wanted: Wanted) -> list[Filed]:
        """Stores and files a batch, as an import does."""
        with open_store(self.root, reserve=0) as store:
            arrivals = []
            for item in wanted:
                self.made += 1
                source = self.sources / f"{self.made:06}{item.extension}"
                source.write_bytes(item.content)
                arrivals.append(self._arrival(item, source, store.add(Source.at(source)).digest))
        writer = Writer(self.catalogue, LibraryNaming())
        try:
            filed = writer.file_arrivals(arrivals)
        finally:
            writer.close()
        for item, where in zip(wanted, filed, strict=True):
            self.contents[where.path] = item.content
        return filed

    def _arrival(self, item: Wanted, source: Path, digest: Digest) -> Arrival:
        status = source.stat()
        identification = Identification(
            name=item.title,
            kind=item.kind,
            title=item.title,
            year=item.year,
            season=item.season,
            episodes=item.episodes,
            episode_title=item.episode_title,
            genres=tuple(Genre(name) for name in item.genres),
            resolution=item.resolution,
            quality=f"WEBDL-{item.resolution}" if item.resolution else "Unknown",
            artist=item.artist,
            album=item.album,
            track=item.track,
            why={"title": Evidence(EvidenceSource.NAME, item.title)},
        )
        return Arrival(
            source=SourceFile(os.fsencode(source), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns),
            blob=StoredBlob(digest, len(item.content), PlacementMode.COPY, existed=False),
            identification=identification,
            role=item.role,
            extension=item.extension,
            media=item.media,
            sidecar_of=item.sidecar_of,
            name_suffix=item.name_suffix,
        )

    def undo(self) -> None:
        """Takes the last step back, as the command does."""
        with closing(self.reader()) as reader, closing(self.writer()) as writer:
            (last,) = reader.undoable_steps(1)
            writer.undo_step(last.step)

    def writer(self) -> Writer:
        """A writer of its own; close it."""
        return Writer(self.catalogue, LibraryNaming())

    def reader(self) -> Reader:
        """A reader of its own; close it."""
        return open_reader(self.catalogue, find_titles)


@dataclass(slots=True)
class Daemon:
    """A mount: the supervisor in a process of its own, and the daemon that it started."""

    process: subprocess.Popen[bytes]
    """The supervisor that the command line became."""
    mountpoint: Path
    log: Path
    """What its processes wrote to standard error."""
    run: Path
    """Where the state file lies."""

    def state(self) -> dict[str, object]:
        """What the supervisor says of itself; nothing when the mount has ended."""
        try:
            told: dict[str, object] = json.loads((self.run / f"{mount_name(self.mountpoint)}.state").read_bytes())
        except FileNotFoundError:
            return {}
        return told

    def daemon_pid(self) -> int:
        """The process that serves, or is about to."""
        return _pid(self.state()["daemon"])

    def supervisor_pid(self) -> int:
        """The process that supervises: not ``process`` any more once that was killed."""
        return _pid(self.state()["supervisor"])

    @property
    def restarts(self) -> int:
        """How often a daemon was started again."""
        told = self.state()["restarts"]
        assert isinstance(told, int)
        return told

    def kill_daemon(self) -> int:
        """``kill -9`` to the daemon; returns its pid."""
        pid = self.daemon_pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_both(self) -> None:
        """``kill -9`` to daemon and supervisor, so that neither can start the other again."""
        daemon, supervisor = self.daemon_pid(), self.supervisor_pid()
        os.kill(daemon, signal.SIGSTOP)
        os.kill(supervisor, signal.SIGKILL)
        os.kill(daemon, signal.SIGKILL)
        self.process.wait(END_SECONDS)
        wait_until(lambda: not processes_of(self.run.parents[1]), END_SECONDS, "all processes have ended")

    def wait_for_another(self, before: int) -> int:
        """Waits until a daemon other than ``before`` serves; returns its pid."""

        def serves() -> bool:
            told = self.state()
            return told.get("state") == "serving" and told["daemon"] not in {None, before}

        wait_until(serves, READY_SECONDS, f"another daemon than {before} serves")
        return self.daemon_pid()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends the supervisor a signal and returns its exit status (0 for one that is not our child)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            return self.process.wait(END_SECONDS)
        supervisor = self.supervisor_pid()
        os.kill(supervisor, number)
        wait_until(lambda: supervisor not in processes_of(self.run.parents[1]), END_SECONDS, "the supervisor has ended")
        return 0

    @property
    def mounted(self) -> bool:
        """Whether something is mounted there."""
        return mounted_at(self.mountpoint) is not None


def _pid(told: object) -> int:
    assert isinstance(told, int), told
    return told


def processes_of(folder: Path) -> dict[int, str]:
    """Supervisors, daemons and spare ones of any mount below ``folder``, with their command lines."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            line = Path("/proc", name, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if " -m offliniofs" in line and f"{folder}/" in line:
                found[int(name)] = line
    return found


def start_daemon(
    library: Library,
    mountpoint: Path,
    output: Path,
    options: Sequence[str] = (),
    *,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Daemon:
    """Starts the command line's own daemon and returns when the root lists.

    Fails the test with what it said when it does not come up. It inherits COVERAGE_PROCESS_START, so that what it runs
    is measured like everything else.
    """
    reading, writing = os.pipe()
    arguments = ["--store", str(library.root), "mount", "--foreground", "--ready-fd", str(writing), *options]
    with output.open("ab") as said, open(reading, "rb", buffering=0) as ready:
        process = subprocess.Popen(
            [python, "-P", "-m", "offliniofs", *arguments, "--", str(mountpoint)],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],
        )
        os.close(writing)
        answered, _, _ = select.select([ready], [], [], READY_SECONDS)
        answer = ready.read(4096) if answered else b""
    if answer != READY:
        process.kill()
        process.wait()
        raise AssertionError(f"the daemon did not come up: {answer!r}\n{output.read_text(errors='replace')}")
    return Daemon(process, mountpoint, output, StoreLayout(library.root).run)


def show_control_files() -> None:
    """Mounts the kernel's control files of FUSE, as systemd does on every machine it boots."""
    place = Path("/sys/fs/fuse/connections")
    if not any(place.iterdir()):
        subprocess.run(["mount", "-t", "fusectl", "fusectl", str(place)], check=False)


def track(title: str, content: bytes, *, by: str, album: str, number: int, year: int) -> Wanted:
    """A track of an album."""
    return Wanted(
        title,
        content,
        kind=ContentKind.TRACK,
        year=year,
        artist=by,
        album=album,
        track=number,
        resolution=None,
        extension=".flac",
    )


def small_library(library: Library) -> None:
    """Three films, one in two qualities with subtitles, a series, an album: each kind of folder has something in it."""
    library.add(
        Wanted("Blade Runner", b"replicant" * 5000, year=1982, genres=("Science Fiction", "Drama")),
        Wanted("Blade Runner", b"replicant, sharper" * 9000, year=1982, resolution="2160p"),
        Wanted("Heat", b"coffee" * 40_000, year=1995, genres=("Crime", "Drama")),
        Wanted("Amélie", b"garden gnome" * 100, year=2001, genres=("Comedy",), resolution="720p"),
        Wanted(
            "The Wire",
            b"listen carefully" * 700,
            kind=ContentKind.EPISODE,
            year=2002,
            season=1,
            episodes=(1,),
            episode_title="The Target",
            genres=("Crime",),
        ),
        track("Blue Train", b"trumpet" * 300, by="John Coltrane", album="Blue Train", number=1, year=1957),
    )


def walk(top: Path) -> dict[str, os.stat_result]:
    """Every path below ``top`` with its attributes; links are not followed."""
    found: dict[str, os.stat_result] = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            found[str(path.relative_to(top))] = path.lstat()
    return found
